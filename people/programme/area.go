package programme

import (
	"context"
	"slices"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Area is what the page of a street or a community shows of a day: its
// compounds summed up, as a county's page does.
type Area struct {
	Date       place.Day   `json:"date"`
	Since      place.Day   `json:"since" doc:"The day that changes are counted from"`
	Place      place.ID    `json:"place"`
	Name       string      `json:"name"`
	Level      place.Level `json:"level" enum:"city,county,street,community,compound"`
	Above      []AreaAbove `json:"above" doc:"The places above it, the city first"`
	Numbers    Numbers     `json:"figures"`
	Before     Numbers     `json:"figures_since"`
	Rate       int64       `json:"rate" doc:"Duties done of duties owed, in thousandths; -1: nothing is owed"`
	InTimeRate int64       `json:"in_time_rate" doc:"Done in time of what is done or overdue, in thousandths; -1: neither"`
	Light      Light       `json:"light"`
	Why        string      `json:"why"`
	Deadlines  []Deadline  `json:"deadlines" doc:"The milestones with how far the area has come, the earliest last day first"`
	Trend      []TrendDay  `json:"trend" doc:"Each week since the programme's start, each day as it was reported then"`
	Invented   place.Level `json:"invented,omitempty" doc:"A demo's: figures of this level and below are made up"`
}

// AreaAbove is a place above an area.
type AreaAbove struct {
	Place place.ID    `json:"place"`
	Name  string      `json:"name"`
	Level place.Level `json:"level"`
}

// liesIn reports whether a compound counts under a place.
func liesIn(tree *place.Tree, q place.AsOf, compound, id place.ID) bool {
	return slices.ContainsFunc(tree.Lineage(q, compound), func(v place.Version) bool { return v.Place == id })
}

// SumUnder sums the compounds that are under a place and take part, and the help money of
// those that have ended there.
func SumUnder(b *Book, tree *place.Tree, q place.AsOf, id place.ID) (t Tally) {
	for _, c := range tree.Below(q, id, place.Compound) {
		if s, ok := b.Compound(q, c); ok {
			one := s.Count()
			t.Add(&one)
		}
	}
	b.EachEnded(q, func(s *State) {
		if liesIn(tree, q, s.Compound, id) {
			one := s.Count()
			t.Add(&one)
		}
	})
	return t
}

// Area gathers the page of a place above compounds. since is the day that
// changes are counted from, 0: a month before.
func (s *Service) Area(ctx context.Context, q place.AsOf, since place.Day, id place.ID) (Area, error) {
	p, err := s.ProgrammeAt(ctx, q.Known)
	if err != nil {
		return Area{}, err
	}
	b, tree, since, err := s.ask(ctx, q, since)
	if err != nil {
		return Area{}, err
	}
	path := tree.Path(q, id)
	if len(path) == 0 || path[len(path)-1].Level == place.Building {
		return Area{}, fault.New(fault.NotFound, "programme.Area", "place.no-place")
	}
	v := path[len(path)-1]
	a := Area{Date: q.Day, Since: since, Place: id, Name: v.Name, Level: v.Level, Above: []AreaAbove{}, Invented: p.Invented}
	for _, u := range path[:len(path)-1] {
		a.Above = append(a.Above, AreaAbove{u.Place, u.Name, u.Level})
	}
	now, was := SumUnder(b, tree, q, id), SumUnder(b, tree, b.clock.AtClose(since), id)
	a.Numbers, a.Before = now.Numbers(), was.Numbers()
	hidePeople(&a.Numbers, b, tree, q, v)
	hidePeople(&a.Before, b, tree, b.clock.AtClose(since), v)
	a.Rate, a.InTimeRate = rates(now)
	a.Light, a.Why = CountyLight(now)
	under := setBelow(tree, q, id)
	a.Deadlines = deadlinesOf(b, q, func(st *State) bool { return under[st.Compound] })
	days := weeks(q.Day, p.Start)
	a.Trend = make([]TrendDay, len(days))
	for i, t := range trendUnder(b, tree, q, v, days) {
		a.Trend[i] = trendDay(days[i], &t)
	}
	return a, nil
}

// trendUnder is what is under a place at the close of each of the days, which are in order. A county's, and that of the only
// city, are in the ledgers; of another place the compounds are gone through, day by day.
func trendUnder(b *Book, tree *place.Tree, q place.AsOf, v place.Version, days []place.Day) []Tally {
	switch {
	case v.Level == place.County:
		return b.TrendOf(v.Place, days)
	case v.Level == place.City && len(tree.Ever(place.City)) == 1:
		return b.Trend(days)
	}
	out := make([]Tally, len(days))
	for i, d := range days {
		out[i] = SumUnder(b, tree, b.clock.AtClose(d), v.Place)
	}
	return out
}

// setBelow are the compounds below a place, to be asked for one by one.
func setBelow(tree *place.Tree, q place.AsOf, id place.ID) map[place.ID]bool {
	out := map[place.ID]bool{}
	for _, c := range tree.Below(q, id, place.Compound) {
		out[c] = true
	}
	return out
}

func (s *Service) areaRoutes(r *api.Router) {
	api.Get(r, "/api/programme/areas/{id}", api.Op{
		ID: "getArea", Permission: MayRead, Summary: "A street or community on a day: its compounds summed up, with lights, deadlines and trend",
		Description: "Any place above compounds may be asked for; streets and communities are not ranked.",
	}, s.httpArea)
}

type areaOutput struct{ Body Area }

func (s *Service) httpArea(ctx context.Context, in *struct {
	place.PlaceInput
	place.AsOfInput
	SinceInput
},
) (*areaOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	since, err := in.day()
	if err != nil {
		return nil, err
	}
	if err := s.rights().May(ctx, MayRead, q, place.ID(in.ID)); err != nil {
		return nil, err
	}
	a, err := s.Area(ctx, q, since, place.ID(in.ID))
	if err != nil {
		return nil, err
	}
	a.Why = api.Say(ctx, a.Why)
	return &areaOutput{a}, nil
}
