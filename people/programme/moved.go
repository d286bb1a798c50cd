package programme

import (
	"cmp"
	"context"
	"slices"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// figureNames are the figures as Numbers names them, in the order of a report.
var figureNames = [figures]string{
	Compounds: "compounds", BuiltCompounds: "built", BuiltByReturn: "built_by_return", ListedCompounds: "listed", NetworkedCompound: "networked",
	NetworkedByReturn: "networked_by_return", Installed: "channels_installed", Channels: "channels_networked", ChannelsSeen: "channels_networked_seen", Paired: "paired",
	PeopleProtecting: "protection_people", PhysicalAssets: "protection_physical", TechnicalAssets: "protection_technical", AccessBuildings: "access_buildings",
	DoorBuildings: "door_buildings", LightBuildings: "light_buildings", CameraBuildings: "camera_buildings", IntercomBuildings: "intercom_buildings", AlarmBuildings: "alarm_buildings",
	FundsPledged: "pledged_fen", FundsReceived: "received_fen", Duties: "duties", Done: "done", DoneInTime: "done_in_time",
	Overdue: "overdue", Behind: "behind", Near: "near", GreenCompounds: "green", BlueCompounds: "blue", YellowCompounds: "yellow", RedCompounds: "red",
}

// parts are figures that a report says beside those that it names: what is left
// of one of them.
var parts = map[string]func(*Tally) int64{
	"built_seen":               func(t *Tally) int64 { return t[BuiltCompounds] - t[BuiltByReturn] },
	"networked_seen":           func(t *Tally) int64 { return t[NetworkedCompound] - t[NetworkedByReturn] },
	"channels_networked_typed": func(t *Tally) int64 { return t[Channels] - t[ChannelsSeen] },
	"late":                     func(t *Tally) int64 { return t[YellowCompounds] + t[RedCompounds] },
}

// IsFigure reports whether rows can be asked for by a name.
func IsFigure(name string) bool {
	return name != "" && (parts[name] != nil || slices.Contains(figureNames[:], name))
}

// Adds is what a compound adds to a figure; with a milestone, of its duties only
// that one counts.
func (s *State) Adds(figure string, m MilestoneID) int64 {
	one := *s
	if m != "" {
		one.Duties = slices.DeleteFunc(slices.Clone(s.Duties), func(d Duty) bool { return d.Milestone != m })
	}
	t := one.Count()
	if part := parts[figure]; part != nil {
		return part(&t)
	}
	if i := slices.Index(figureNames[:], figure); i >= 0 && figure != "" { // how many are weak has no name
		return t[i]
	}
	return 0
}

// FigureMove is a figure that a compound changes.
type FigureMove struct {
	Figure string `json:"figure" doc:"As getCity names it"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
	Apart  bool   `json:"apart,omitempty" doc:"Guards and volunteers of one compound: their sum is not told, and stands as 0; its own page tells them apart"`
}

// LightMove is a duty whose light is another one: something was done, or time
// went by.
type LightMove struct {
	Milestone MilestoneID `json:"milestone"`
	What      What        `json:"what"`
	Before    Light       `json:"before,omitempty" doc:"Left out: it was not owed"`
	After     Light       `json:"after,omitempty" doc:"Left out: it is owed no longer"`
	Why       string      `json:"why,omitempty"`
}

// Moved is a compound that counts otherwise than on an earlier day, with what
// became known of it since.
type Moved struct {
	Compound place.ID     `json:"compound"`
	Name     string       `json:"name"`
	County   string       `json:"county_name"`
	Street   string       `json:"street"`
	Figures  []FigureMove `json:"figures"`
	Lights   []LightMove  `json:"lights"`
	Evidence []Saying     `json:"evidence" doc:"What the later day knows and the earlier did not; none: only time went by"`

	was, now []Duty
	duties   map[MilestoneID]Duty
}

// Move lists the compounds whose figures differ between the closes of two days.
// What they change adds up to what the county, or the city when county is "",
// changed.
func (b *Book) Move(from, to place.AsOf, county place.ID) (list []Moved, sum []FigureMove) {
	list, sum = b.move(from, to, county)
	b.explain(from, to, list)
	return list, sum
}

// move does without the reasons, which a page needs of the compounds that it
// shows only. Of days at their close, compounds that count on no day of the span
// otherwise than the day before are not looked at, and the sums stand in the
// ledgers.
func (b *Book) move(from, to place.AsOf, county place.ID) (list []Moved, sum []FigureMove) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var before, after Tally
	closed := b.closed(from) && b.closed(to)
	if closed {
		before, after = b.sum(from.Day, county), b.sum(to.Day, county)
	}
	for id := range b.facts {
		if closed && !b.turnsWithin(id, from.Day, to.Day) {
			continue
		}
		was, now := Evaluate(from, b.facts[id], b.rules), Evaluate(to, b.facts[id], b.rules)
		var one, two Tally
		if county == "" || was.books == county {
			one = was.Count()
		}
		if county == "" || now.books == county {
			two = now.Count()
		}
		if !closed {
			before.Add(&one)
			after.Add(&two)
		}
		if one == two {
			continue
		}
		if m := (Moved{Compound: id, Figures: differ(&one, &two), was: was.Duties, now: now.Duties}); len(m.Figures) > 0 {
			list = append(list, m)
		}
	}
	return list, differ(&before, &after)
}

// explain says of compounds whose lights turned, and what became known of them.
func (b *Book) explain(from, to place.AsOf, list []Moved) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for i := range list {
		m := &list[i]
		m.Lights, m.Evidence, m.duties = []LightMove{}, []Saying{}, map[MilestoneID]Duty{}
		m.turned(m.was, m.now)
		facts := b.facts[m.Compound]
		for i := range facts {
			if f := &facts[i]; to.Sees(f.Moment) && !from.Sees(f.Moment) && f.Kind != Weak && f.Kind != People {
				m.Evidence = append(m.Evidence, saying(f, func(id place.ID) string { return string(id) }))
			}
		}
	}
}

// differ names the figures that are not the same. How many compounds are weak
// is not among them.
func differ(a, b *Tally) []FigureMove {
	out := []FigureMove{}
	for f, name := range figureNames {
		if name != "" && a[f] != b[f] {
			out = append(out, FigureMove{Figure: name, Before: a[f], After: b[f]})
		}
	}
	return out
}

func (m *Moved) turned(was, now []Duty) {
	for _, d := range now {
		m.duties[d.Milestone] = d
		l := LightMove{Milestone: d.Milestone, What: d.What, After: d.Light, Why: d.Why}
		i := slices.IndexFunc(was, func(o Duty) bool { return o.Milestone == d.Milestone })
		if i >= 0 {
			l.Before = was[i].Light
		}
		if i < 0 || was[i].Light != d.Light || was[i].Done != d.Done {
			m.Lights = append(m.Lights, l)
		}
	}
	for _, d := range was {
		if _, ok := m.duties[d.Milestone]; !ok {
			m.Lights = append(m.Lights, LightMove{Milestone: d.Milestone, What: d.What, Before: d.Light})
		}
	}
}

// Moves lists the compounds that count otherwise on a day than at the close of
// an earlier one; with a figure, only those that change it.
func (s *Service) Moves(ctx context.Context, from place.Day, to place.AsOf, county place.ID, figure string) ([]Moved, []FigureMove, error) {
	list, sum, err := s.moves(ctx, from, to, county, figure)
	if err == nil {
		err = s.explain(ctx, from, to, list)
	}
	return list, sum, err
}

func (s *Service) moves(ctx context.Context, from place.Day, q place.AsOf, county place.ID, figure string) ([]Moved, []FigureMove, error) {
	const op = "programme.Moves"
	if from >= q.Day {
		return nil, nil, fault.New(fault.Invalid, op, "programme.since-later")
	}
	b, err := s.Book(ctx)
	if err != nil {
		return nil, nil, err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, nil, err
	}
	list, sum := b.move(s.o.Clock.AtClose(from), q, county)
	if figure != "" {
		list = slices.DeleteFunc(list, func(m Moved) bool {
			return !slices.ContainsFunc(m.Figures, func(f FigureMove) bool { return f.Figure == figure })
		})
	}
	for i := range list {
		m := &list[i]
		for j := range m.Figures {
			m.Figures[j].apart()
		}
		path := tree.Path(q, m.Compound)
		if path == nil { // it has ended: as it was called
			path = tree.Path(s.o.Clock.AtClose(from), m.Compound)
		}
		for _, v := range path {
			switch v.Level {
			case place.County:
				m.County = v.Name
			case place.Street:
				m.Street = v.Name
			case place.Compound:
				m.Name = v.Name
			}
		}
	}
	slices.SortFunc(list, func(a, b Moved) int {
		return cmp.Or(cmp.Compare(a.County, b.County), cmp.Compare(a.Street, b.Street), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Compound, b.Compound))
	})
	return list, sum, nil
}

// explain adds the reasons to compounds that moved.
func (s *Service) explain(ctx context.Context, from place.Day, q place.AsOf, list []Moved) error {
	b, err := s.Book(ctx)
	if err != nil {
		return err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return err
	}
	b.explain(s.o.Clock.AtClose(from), q, list)
	for i := range list {
		for j, e := range list[i].Evidence {
			if e.Kind == InCounty {
				v, _ := tree.At(q, place.ID(e.Text))
				list[i].Evidence[j].Text = v.Name
			}
		}
	}
	return nil
}

type movesOutput struct {
	Body struct {
		From    place.Day    `json:"from"`
		To      place.Day    `json:"to"`
		Figures []FigureMove `json:"figures" doc:"What changed in all"`
		Moved   []Moved      `json:"compounds"`
		Total   int          `json:"total"`
		Next    place.ID     `json:"next,omitempty" doc:"Ask with after=… for more"`
	}
}

func (s *Service) httpMoves(ctx context.Context, in *struct {
	From   string `query:"from" required:"true" doc:"The earlier day, at its close"`
	To     string `query:"to" doc:"The later day, at its close; today when left out"`
	Known  string `query:"known" doc:"Of the later day: RFC 3339, or now; as far as it was known then, in place of the close"`
	County string `query:"county"`
	Figure string `query:"figure" doc:"Only compounds that change this figure"`
	After  string `query:"after" doc:"The last compound of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
},
) (*movesOutput, error) {
	to, err := place.AsOfInput{At: in.To, Known: in.Known}.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	from, err := place.ParseDay(in.From)
	if err != nil {
		return nil, err
	}
	if in.County == "" {
		err = s.rights().MayCity(ctx, MayRead)
	} else {
		err = s.rights().May(ctx, MayRead, to, place.ID(in.County))
	}
	if err != nil {
		return nil, err
	}
	list, sum, err := s.moves(ctx, from, to, place.ID(in.County), in.Figure)
	if err != nil {
		return nil, err
	}
	out := &movesOutput{}
	b := &out.Body
	b.From, b.To, b.Figures, b.Total = from, to.Day, sum, len(list)
	if in.After != "" {
		list = list[slices.IndexFunc(list, func(m Moved) bool { return m.Compound == place.ID(in.After) })+1:]
	}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		b.Next = list[in.Limit-1].Compound
	}
	if err := s.explain(ctx, from, to, list); err != nil {
		return nil, err
	}
	v := api.VoiceOf(ctx)
	for i := range list {
		for j := range list[i].Lights {
			if l := &list[i].Lights[j]; l.After != "" {
				l.Why = SayWhy(v, list[i].duties[l.Milestone])
			}
		}
	}
	b.Moved = append([]Moved{}, list...)
	return out, nil
}
