package programme

import (
	"cmp"
	"slices"

	"linli.dev/linli/people/place"
)

// Numbers are a tally with names.
type Numbers struct {
	Compounds         int64 `json:"compounds" doc:"Taking part"`
	Built             int64 `json:"built"`
	BuiltByReturn     int64 `json:"built_by_return" doc:"Of the built: because an approved county return says so"`
	Listed            int64 `json:"listed" doc:"Not built: the compound has listed all its channels, and nobody has seen or approved that"`
	Networked         int64 `json:"networked"`
	NetworkedByReturn int64 `json:"networked_by_return"`
	Installed         int64 `json:"channels_installed"`
	Channels          int64 `json:"channels_networked" doc:"Of compounds that are networked, and what else their machines have seen"`
	ChannelsSeen      int64 `json:"channels_networked_seen" doc:"Of the networked channels: seen by the compounds' own machines; the others were typed"`
	People            int64 `json:"protection_people" doc:"Guards and volunteers of the compounds; -1: not told, as it is the sum of one compound or of a community"`
	Physical          int64 `json:"protection_physical" doc:"Fences, gates, doors, lights, fire lanes"`
	Technical         int64 `json:"protection_technical" doc:"Cameras, alarms, intercoms, access control"`
	BuildingsWith
	Paired     int64 `json:"paired" doc:"Weak compounds with a helper"`
	Pledged    int64 `json:"pledged_fen"`
	Received   int64 `json:"received_fen" doc:"Help money in place"`
	Duties     int64 `json:"duties" doc:"Milestones owed"`
	Done       int64 `json:"done"`
	DoneInTime int64 `json:"done_in_time"`
	Overdue    int64 `json:"overdue"`
	Behind     int64 `json:"behind"`
	Near       int64 `json:"near"`
	Green      int64 `json:"green" doc:"Compounds by light"`
	Blue       int64 `json:"blue"`
	Yellow     int64 `json:"yellow"`
	Red        int64 `json:"red"`
}

// Numbers names the figures. How many compounds are weak is not among them: it
// is for staff, on the compounds' own pages.
func (t *Tally) Numbers() Numbers {
	return Numbers{
		t[Compounds], t[BuiltCompounds], t[BuiltByReturn], t[ListedCompounds], t[NetworkedCompound], t[NetworkedByReturn], t[Installed], t[Channels], t[ChannelsSeen],
		t[PeopleProtecting], t[PhysicalAssets], t[TechnicalAssets], t.buildings(), t[Paired],
		t[FundsPledged], t[FundsReceived], t[Duties], t[Done], t[DoneInTime], t[Overdue], t[Behind], t[Near],
		t[GreenCompounds], t[BlueCompounds], t[YellowCompounds], t[RedCompounds],
	}
}

// Share is part of a whole in thousandths, rounded half up; -1 of nothing.
func Share(part, whole int64) int64 {
	if whole <= 0 {
		return -1
	}
	return (part*2000 + whole) / (2 * whole)
}

// CountyRow is a county in the table: duties done, in time, its place, and what
// changed against an earlier day.
type CountyRow struct {
	County place.ID `json:"county"`
	Name   string   `json:"name"`
	Code   string   `json:"code,omitempty" doc:"Statistical code"`
	Numbers
	Rate        int64  `json:"rate" doc:"Duties done of duties owed, in thousandths; -1: nothing is owed"`
	InTimeRate  int64  `json:"in_time_rate" doc:"Done in time of what is done or overdue, in thousandths; -1: neither"`
	Rank        int    `json:"rank" doc:"By rate, then by in-time rate; equals share a place"`
	RankBefore  int    `json:"rank_before" doc:"On the earlier day; 0: not in the table then"`
	DoneMore    int64  `json:"done_more" doc:"Duties done since the earlier day"`
	BuiltMore   int64  `json:"built_more"`
	NetworkMore int64  `json:"networked_more"`
	Light       Light  `json:"light"`
	Why         string `json:"why" doc:"The code of the reason in words"`
}

// Table ranks the counties by duties done, and by what was done in time. Nothing
// else ranks them: not reports, not incidents, not who took part.
func Table(now, before map[place.ID]Tally, called func(place.ID) place.Version) []CountyRow {
	rows := make([]CountyRow, 0, len(now))
	for id, t := range now {
		was, v := before[id], called(id)
		row := CountyRow{
			County: id, Name: v.Name, Code: v.Code, Numbers: t.Numbers(),
			DoneMore: t[Done] - was[Done], BuiltMore: t[BuiltCompounds] - was[BuiltCompounds], NetworkMore: t[NetworkedCompound] - was[NetworkedCompound],
		}
		row.Rate, row.InTimeRate = rates(t)
		row.Light, row.Why = CountyLight(t)
		rows = append(rows, row)
	}
	places := ranks(now)
	were := ranks(before)
	for i := range rows {
		rows[i].Rank, rows[i].RankBefore = places[rows[i].County], were[rows[i].County]
	}
	slices.SortFunc(rows, func(a, b CountyRow) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Name, b.Name), cmp.Compare(a.County, b.County))
	})
	return rows
}

func rates(t Tally) (rate, inTime int64) {
	return Share(t[Done], t[Duties]), Share(t[DoneInTime], t[Done]+t[Overdue])
}

// ranks gives places from 1. Rates are compared as printed, so that nobody
// stands behind another with the same numbers.
func ranks(all map[place.ID]Tally) map[place.ID]int {
	type standing struct {
		id           place.ID
		rate, inTime int64
	}
	list := make([]standing, 0, len(all))
	for id, t := range all {
		rate, inTime := rates(t)
		list = append(list, standing{id, rate, inTime})
	}
	better := func(a, b standing) int { return cmp.Or(cmp.Compare(b.rate, a.rate), cmp.Compare(b.inTime, a.inTime)) }
	slices.SortFunc(list, better)
	out := make(map[place.ID]int, len(list))
	for i, s := range list {
		if out[s.id] = i + 1; i > 0 && better(list[i-1], s) == 0 {
			out[s.id] = out[list[i-1].id]
		}
	}
	return out
}

// Late is a compound with duties that are overdue or behind. It is for staff
// only: it says where there is no camera.
type Late struct {
	Compound place.ID `json:"compound"`
	Name     string   `json:"name"`
	County   string   `json:"county"`
	Street   string   `json:"street"`
	Light    Light    `json:"light"`
	Duties   []Duty   `json:"duties"`
	in       place.ID // the county
	codes    string   // of county and street, which order the list as offices do
}

// seat is where compounds of a community lie: in which county and street, with the codes of both.
type seat struct{ county, street, codes string }

// seats looks up where compounds lie, each community once.
type seats struct {
	tree *place.Tree
	q    place.AsOf
	at   map[place.ID]seat
}

func (w *seats) of(compound place.ID) (place.Version, seat) {
	v, ok := w.tree.At(w.q, compound)
	if !ok {
		return place.Version{}, seat{}
	}
	in, known := w.at[v.Parent]
	if !known {
		for _, u := range w.tree.Path(w.q, v.Parent) {
			switch u.Level {
			case place.County:
				in.county, in.codes = u.Name, u.Code
			case place.Street:
				in.street, in.codes = u.Name, in.codes+" "+u.Code
			}
		}
		w.at[v.Parent] = in
	}
	return v, in
}

// LateList lists the compounds that are red, then those that are yellow, by the
// codes of county and street.
func LateList(b *Book, tree *place.Tree, q place.AsOf) []Late {
	out := []Late{}
	seats := seats{tree: tree, q: q, at: map[place.ID]seat{}}
	b.EachLate(q, func(s *State) {
		l := Late{Compound: s.Compound, Light: s.Light(), in: s.County}
		for _, d := range s.Duties {
			if d.Light.late() {
				l.Duties = append(l.Duties, d)
			}
		}
		v, in := seats.of(s.Compound)
		l.Name, l.County, l.Street, l.codes = v.Name, in.county, in.street, in.codes
		out = append(out, l)
	})
	slices.SortFunc(out, func(a, b Late) int {
		return cmp.Or(cmp.Compare(b.Light.rank(), a.Light.rank()), cmp.Compare(a.codes, b.codes), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Compound, b.Compound))
	})
	return out
}
