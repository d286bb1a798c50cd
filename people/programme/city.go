package programme

import (
	"cmp"
	"context"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// City is what the city's page shows of a day.
type City struct {
	Date     place.Day   `json:"date"`
	Since    place.Day   `json:"since" doc:"The day that changes are counted from"`
	Numbers  Numbers     `json:"figures"`
	Before   Numbers     `json:"figures_since"`
	Light    Light       `json:"light"`
	Why      string      `json:"why"`
	Counties []CountyRow `json:"counties"`
	Trend    []TrendDay  `json:"trend" doc:"Each week since the programme's start, each day as it was reported then"`
	Invented place.Level `json:"invented,omitempty" doc:"A demo's: figures of this level and below are made up"`
	SetUp    bool        `json:"set_up" doc:"false: there is no programme yet"`
}

// TrendDay is the city at the close of a day.
type TrendDay struct {
	Date      place.Day `json:"date"`
	Compounds int64     `json:"compounds"`
	Built     int64     `json:"built"`
	Networked int64     `json:"networked"`
	Channels  int64     `json:"channels_networked"`
	Paired    int64     `json:"paired"`
	Received  int64     `json:"received_fen"`
}

// City gathers the city's page of a day. since is the day that changes are
// counted from, 0: a month before.
func (s *Service) City(ctx context.Context, q place.AsOf, since place.Day) (City, error) {
	p, err := s.ProgrammeAt(ctx, q.Known)
	if err != nil {
		return City{}, err
	}
	b, tree, since, err := s.ask(ctx, q, since)
	if err != nil {
		return City{}, err
	}
	return cityOf(b, tree, p, q, since), nil
}

func cityOf(b *Book, tree *place.Tree, p Programme, q place.AsOf, since place.Day) City {
	now, was := b.Counties(q), b.Counties(b.clock.AtClose(since))
	c := City{Date: q.Day, Since: since, Invented: p.Invented, SetUp: p.Version > 0, Counties: Table(now, was, func(id place.ID) place.Version {
		v, _ := tree.At(q, id)
		return v
	})}
	var sum, before Tally
	for _, t := range now {
		sum.Add(&t)
	}
	for _, t := range was {
		before.Add(&t)
	}
	c.Numbers, c.Before = sum.Numbers(), before.Numbers()
	c.Light, c.Why = CountyLight(sum)
	days := weeks(q.Day, p.Start)
	c.Trend = make([]TrendDay, len(days))
	for i, t := range b.Trend(days) {
		c.Trend[i] = trendDay(days[i], &t)
	}
	return c
}

// ask gathers what an answer needs.
func (s *Service) ask(ctx context.Context, q place.AsOf, since place.Day) (*Book, *place.Tree, place.Day, error) {
	if since == 0 {
		since = q.Day.AddMonths(-1)
	}
	if since >= q.Day {
		return nil, nil, 0, fault.New(fault.Invalid, "programme.ask", "programme.since-later")
	}
	b, err := s.Book(ctx)
	if err != nil {
		return nil, nil, 0, err
	}
	tree, err := s.o.Places.Tree(ctx)
	return b, tree, since, err
}

// Bulletin composes the bulletin of a day. since is the day that changes are
// counted from, 0: a month before.
func (s *Service) Bulletin(ctx context.Context, ask BulletinAsk) (Bulletin, error) {
	p, err := s.ProgrammeAt(ctx, ask.Of.Known)
	if err != nil {
		return Bulletin{}, err
	}
	if p.Version == 0 {
		return Bulletin{}, fault.New(fault.NotFound, "programme.Bulletin", "programme.none")
	}
	b, err := s.Book(ctx)
	if err != nil {
		return Bulletin{}, err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return Bulletin{}, err
	}
	return Compose(b, tree, p, ask)
}

// CompoundState is a compound in a list: what holds of it, and where it is.
type CompoundState struct {
	State
	Name       string   `json:"name"`
	CountyName string   `json:"county_name"`
	StreetID   place.ID `json:"street_id"`
	Street     string   `json:"street"`
	Light      Light    `json:"light"`
	Adds       int64    `json:"adds,omitempty" doc:"Asked for by a figure: what the compound adds to it; left out of guards and volunteers, whose sum is not told of one compound"`
	Said       int64    `json:"said_version,omitempty" doc:"The ETag of what the programme has said of it; left out where it never said anything"`
	codes      string   // of county and street, which order rows as offices do
}

// Filter says which compounds are wanted; its zero value is all.
type Filter struct {
	County, Street place.ID
	Under          place.ID            // a place above them, at any level; "": any
	Lights         []Light             // none: any
	Figure         string              // only those that count in it; "": any
	Milestone      MilestoneID         // of a figure of duties: only those of this one; "": any
	Named          *place.Needle       // nil: any
	Show           func(place.ID) bool // which may be shown; nil: all
	Outside        bool                // those that take no part
}

// Compounds lists the compounds that take part, the worst light first; or those that do not.
func (s *Service) Compounds(ctx context.Context, q place.AsOf, want Filter) ([]CompoundState, error) {
	b, err := s.Book(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	under := setBelow(tree, q, want.Under)
	out := []CompoundState{}
	each := b.Each
	if want.Outside {
		each = b.EachOutside
	}
	take := func(st *State) {
		if want.Under != "" && !under[st.Compound] && (!st.Ended || !liesIn(tree, q, st.Compound, want.Under)) {
			return
		}
		if want.Show != nil && !want.Show(st.Compound) || want.County != "" && st.books != want.County || want.Figure != "" && st.Adds(want.Figure, want.Milestone) == 0 || len(want.Lights) > 0 && !slices.Contains(want.Lights, st.Light()) {
			return
		}
		c := stateOf(tree, q, *st)
		if want.Figure != "" && want.Figure != figureNames[PeopleProtecting] {
			c.Adds = st.Adds(want.Figure, want.Milestone)
		}
		if (want.Street == "" || c.StreetID == want.Street) && (want.Named == nil || want.Named.In(c.Name)) {
			out = append(out, c)
		}
	}
	each(q, take)
	if want.Figure != "" && !want.Outside { // a figure's rows are all that it is made of
		b.EachEnded(q, take)
	}
	slices.SortFunc(out, func(a, b CompoundState) int {
		return cmp.Or(cmp.Compare(b.Light.rank(), a.Light.rank()), cmp.Compare(a.CountyName, b.CountyName), cmp.Compare(a.Street, b.Street),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Compound, b.Compound))
	})
	return out, nil
}

// Compound is one compound, whether it takes part or not.
func (s *Service) Compound(ctx context.Context, q place.AsOf, id place.ID) (CompoundState, error) {
	b, err := s.Book(ctx)
	if err != nil {
		return CompoundState{}, err
	}
	st, ok := b.Compound(q, id)
	if !ok {
		return CompoundState{}, fault.New(fault.NotFound, "programme.Compound", "place.no-compound")
	}
	tree, err := s.o.Places.Tree(ctx)
	return stateOf(tree, q, st), err
}

func stateOf(tree *place.Tree, q place.AsOf, st State) CompoundState {
	c := CompoundState{State: st, Light: st.Light()}
	for _, v := range tree.Lineage(q, st.Compound) {
		switch v.Level {
		case place.County:
			c.CountyName, c.codes = v.Name, v.Code
		case place.Street:
			c.StreetID, c.Street, c.codes = v.Place, v.Name, c.codes+" "+v.Code
		case place.Compound:
			c.Name = v.Name
		}
	}
	if st.Ended {
		if own := tree.Ancestry(q, st.Compound); len(own) > 0 { // not what its survivor is called
			c.Name = own[0].Name
		}
	}
	if c.Duties == nil {
		c.Duties = []Duty{}
	}
	return c
}
