package programme

import (
	"cmp"
	"context"
	"slices"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// County is what a county's page shows of a day.
type County struct {
	Date     place.Day   `json:"date"`
	Since    place.Day   `json:"since" doc:"The day that changes are counted from"`
	Row      CountyRow   `json:"county" doc:"As it stands in the city's table"`
	Of       int         `json:"of" doc:"How many counties the table has"`
	Before   Numbers     `json:"figures_since"`
	Streets  []StreetRow `json:"streets" doc:"By code: streets are not ranked"`
	Trend    []TrendDay  `json:"trend" doc:"Each week since the programme's start, each day as it was reported then"`
	Invented place.Level `json:"invented,omitempty" doc:"A demo's: figures of this level and below are made up"`
}

// StreetRow is a street or town of a county. Streets add up to their county.
type StreetRow struct {
	Street place.ID `json:"street"`
	Name   string   `json:"name"`
	Code   string   `json:"code,omitempty"`
	Numbers
	Rate       int64  `json:"rate" doc:"Duties done of duties owed, in thousandths; -1: nothing is owed"`
	InTimeRate int64  `json:"in_time_rate" doc:"Done in time of what is done or overdue, in thousandths; -1: neither"`
	Light      Light  `json:"light"`
	Why        string `json:"why"`
}

// Streets sums the compounds of a county by street or town.
func Streets(b *Book, tree *place.Tree, q place.AsOf, county place.ID) []StreetRow {
	sums, guarded := map[place.ID]*Tally{}, map[place.ID]int{} // guarded: compounds that make up the sum of guards and volunteers
	add := func(s *State) {
		if s.books != county {
			return
		}
		var street place.ID
		for _, v := range tree.Lineage(q, s.Compound) {
			if v.Level == place.Street {
				street = v.Place
			}
		}
		t := sums[street]
		if t == nil {
			t = &Tally{}
			sums[street] = t
		}
		one := s.Count()
		t.Add(&one)
		if one[PeopleProtecting] > 0 {
			guarded[street]++
		}
	}
	b.Each(q, add)
	b.EachEnded(q, add)
	out := make([]StreetRow, 0, len(sums))
	for id, t := range sums {
		v, _ := tree.At(q, id)
		row := StreetRow{Street: id, Name: v.Name, Code: v.Code, Numbers: t.Numbers()}
		if !tellsPeople(place.Street, guarded[id]) {
			row.People = -1
		}
		row.Rate, row.InTimeRate = rates(*t)
		row.Light, row.Why = CountyLight(*t)
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b StreetRow) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Street, b.Street))
	})
	return out
}

// TrendOf is one county at the close of each of the days, which are in order.
func (b *Book) TrendOf(county place.ID, days []place.Day) []Tally {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := make([]Tally, len(days))
	if l := b.counties[county]; l != nil {
		l.walk(days, func(i int, t *Tally) { out[i] = *t })
	}
	return out
}

// mostYears is how far back a programme begins at most, and a trend is drawn.
const mostYears = 10

// weeks are a day and those a week apart before it, back to the start.
func weeks(day, start place.Day) (days []place.Day) {
	if start == 0 { // nothing is set up
		return []place.Day{}
	}
	for d := day; d >= max(start, day.AddMonths(-12*mostYears)); d -= 7 {
		days = append(days, d)
	}
	slices.Reverse(days)
	return days
}

func trendDay(day place.Day, t *Tally) TrendDay {
	return TrendDay{day, t[Compounds], t[BuiltCompounds], t[NetworkedCompound], t[Channels], t[Paired], t[FundsReceived]}
}

// County gathers a county's page of a day. since is the day that changes are
// counted from, 0: a month before.
func (s *Service) County(ctx context.Context, q place.AsOf, since place.Day, id place.ID) (County, error) {
	p, err := s.ProgrammeAt(ctx, q.Known)
	if err != nil {
		return County{}, err
	}
	b, tree, since, err := s.ask(ctx, q, since)
	if err != nil {
		return County{}, err
	}
	v, ok := tree.At(q, id)
	if !ok || v.Level != place.County {
		return County{}, fault.New(fault.NotFound, "programme.County", "programme.return.county")
	}
	city := cityOf(b, tree, p, q, since)
	c := County{Date: q.Day, Since: since, Of: len(city.Counties), Invented: p.Invented, Streets: Streets(b, tree, q, id)}
	if i := slices.IndexFunc(city.Counties, func(r CountyRow) bool { return r.County == id }); i >= 0 {
		c.Row = city.Counties[i]
	} else { // nobody takes part yet
		c.Row = CountyRow{County: id, Name: v.Name, Code: v.Code, Rate: -1, InTimeRate: -1}
		c.Row.Light, c.Row.Why = CountyLight(Tally{})
	}
	was := b.Counties(b.clock.AtClose(since))[id]
	c.Before = was.Numbers()
	days := weeks(q.Day, p.Start)
	c.Trend = make([]TrendDay, len(days))
	for i, t := range b.TrendOf(id, days) {
		c.Trend[i] = trendDay(days[i], &t)
	}
	return c, nil
}

type countyOutput struct{ Body County }

func (s *Service) httpCounty(ctx context.Context, in *struct {
	place.PlaceInput
	place.AsOfInput
	SinceInput
},
) (*countyOutput, error) {
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
	c, err := s.County(ctx, q, since, place.ID(in.ID))
	if err != nil {
		return nil, err
	}
	c.Row.Why = api.Say(ctx, c.Row.Why)
	for i := range c.Streets {
		c.Streets[i].Why = api.Say(ctx, c.Streets[i].Why)
	}
	return &countyOutput{c}, nil
}
