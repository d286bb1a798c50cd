package role

import (
	"context"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/bulletin"
	"linli.dev/linli/people/campaign"
	"linli.dev/linli/people/indicator"
	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/outline"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/people/supervision"
	"linli.dev/linli/store"
)

// placeEvidence tells the programme what places know of compounds.
type placeEvidence struct{ *place.Service }

func (e placeEvidence) Touched(ev store.Event) ([]place.ID, bool) { return place.CompoundsOf(ev) }

func (e placeEvidence) Facts(ctx context.Context, compounds []place.ID) ([]programme.Fact, error) {
	tree, err := e.Tree(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := e.Entries(ctx, compounds...)
	if err != nil {
		return nil, err
	}
	steps, err := e.Steps(ctx, compounds...)
	if err != nil {
		return nil, err
	}
	counted, err := e.Counts(ctx, compounds...)
	if err != nil {
		return nil, err
	}
	if len(compounds) == 0 {
		compounds = tree.Ever(place.Compound)
	}
	marks, channels, counts := map[place.ID][]place.Entry{}, map[place.ID][]place.ChannelStep{}, map[place.ID][]place.Count{}
	for _, x := range entries {
		marks[x.Compound] = append(marks[x.Compound], x)
	}
	for _, x := range steps {
		channels[x.Compound] = append(channels[x.Compound], x)
	}
	for _, x := range counted {
		counts[x.Compound] = append(counts[x.Compound], x)
	}
	var out []programme.Fact
	for _, id := range compounds {
		out = append(out, programme.PlaceFacts(tree, id, marks[id], channels[id], counts[id])...)
	}
	return out, nil
}

// pairingEvidence tells the programme of helpers, their money and their tasks.
type pairingEvidence struct{ *pairing.Service }

func (e pairingEvidence) Touched(ev store.Event) ([]place.ID, bool) {
	return pairing.CompoundsOf(ev), false
}

func (e pairingEvidence) Facts(ctx context.Context, compounds []place.ID) ([]programme.Fact, error) {
	changes, err := e.Changes(ctx, compounds...)
	if err != nil {
		return nil, err
	}
	return HelpFacts(changes), nil
}

// HelpFacts puts the changes of compounds' help into facts.
func HelpFacts(changes []pairing.Change) []programme.Fact {
	var out []programme.Fact
	for _, c := range changes {
		for _, x := range []struct {
			kind  programme.Kind
			value int64
		}{
			{programme.Pairings, c.Pairings},
			{programme.Pledged, c.Pledged},
			{programme.Received, c.Received},
			{programme.TasksSet, c.TasksSet},
			{programme.TasksEnd, c.TasksDone},
		} {
			if x.value != 0 {
				out = append(out, programme.Fact{Compound: c.Compound, Moment: c.Moment, Kind: x.kind, Value: x.value})
			}
		}
	}
	return out
}

// inspectionEvidence tells the programme which compounds passed their inspection.
type inspectionEvidence struct{ *inspection.Service }

func (e inspectionEvidence) Touched(ev store.Event) ([]place.ID, bool) {
	return inspection.CompoundsOf(ev), false
}

func (e inspectionEvidence) Facts(ctx context.Context, compounds []place.ID) ([]programme.Fact, error) {
	turns, err := e.TurnsOf(ctx, compounds...)
	return InspectionFacts(turns), err
}

// InspectionFacts puts how compounds' inspections turned out into facts.
func InspectionFacts(turns []inspection.Turn) []programme.Fact {
	out := make([]programme.Fact, 0, len(turns))
	for _, t := range turns {
		f := programme.Fact{Compound: t.Compound, Moment: t.Moment, Kind: programme.Inspected, Text: string(t.Status)}
		if t.Status.Good() {
			f.Value = 1
		}
		out = append(out, f)
	}
	return out
}

// City is the rooms of the city's programme on one database, joined.
type City struct {
	Places     *place.Service
	Pairing    *pairing.Service
	Inspection *inspection.Service
	Programme  *programme.Service
	Tasks      *supervision.Service
	Indicator  *indicator.Service
	Campaign   *campaign.Service
	Bulletin   *bulletin.Service
	Outlines   *outline.Service
}

// Today is the day on which the programme stands. Of an invented one that is the day of the last thing that became known: its story
// is told in a year of its own, whatever the machine's clock says.
func (c City) Today(ctx context.Context, clock place.Clock) (place.Day, error) {
	invented, err := c.Places.Invented(ctx)
	if err != nil || !invented {
		return clock.Today(), err
	}
	known, err := c.Places.LastKnown(ctx)
	if err != nil || known.IsZero() {
		return clock.Today(), err
	}
	return min(clock.DayOf(known), clock.Today()), nil
}

// OpenCity opens the rooms of the city's programme; short commands use it beside a running server.
func OpenCity(ctx context.Context, db *store.DB, clock place.Clock) (c City, err error) {
	if c.Places, err = place.New(ctx, db, place.Options{Clock: clock}); err != nil {
		return c, err
	}
	if c.Pairing, err = pairing.New(ctx, db, pairing.Options{Clock: clock, Places: c.Places}); err != nil {
		return c, err
	}
	c.Places.SetHelpers(c.Pairing)
	c.Places.SetHolds(func(role, permission string) bool { return identity.Of(identity.Role(role))[permission] })
	if c.Inspection, err = inspection.New(ctx, db, inspection.Options{Clock: clock, Places: c.Places}); err != nil {
		return c, err
	}
	c.Programme, err = programme.New(ctx, db, programme.Options{
		Clock: clock, Places: c.Places, Evidence: []programme.Evidence{placeEvidence{c.Places}, pairingEvidence{c.Pairing}, inspectionEvidence{c.Inspection}},
	})
	if err != nil {
		return c, err
	}
	invented := func(ctx context.Context) (bool, error) {
		p, err := c.Programme.Programme(ctx)
		if fault.KindOf(err) == fault.NotFound { // there is none yet
			return false, nil
		}
		return p.Invented != "", err
	}
	c.Pairing.SetInvented(invented)
	c.Places.SetInvented(invented)
	c.Tasks, err = supervision.New(ctx, db, supervision.Options{Clock: clock, Places: c.Places, Standings: lights{c.Programme}, Units: unitNames{c.Pairing}})
	if err != nil {
		return c, err
	}
	c.Indicator, err = indicator.New(ctx, db, indicator.Options{Clock: clock, Places: c.Places, Figures: figures{c.Programme}})
	if err != nil {
		return c, err
	}
	made, err := newComposer(c.Programme)
	if err != nil {
		return c, err
	}
	if c.Bulletin, err = bulletin.New(ctx, db, bulletin.Options{Clock: clock, Places: c.Places, Composer: made}); err != nil {
		return c, err
	}
	c.Campaign, err = campaign.New(ctx, db, campaign.Options{Clock: clock, Places: c.Places, FollowUps: followUps{c.Tasks}})
	c.Places.SetFolders(c.folders()...)
	if err != nil {
		return c, err
	}
	c.Places.SetSince(since{c}.Since)
	c.Outlines, err = outline.New(ctx, db, outline.Options{Clock: clock, Places: c.Places})
	return c, err
}

// unitNames tells supervision which member units there are.
type unitNames struct{ *pairing.Service }

func (n unitNames) UnitNames(ctx context.Context, q place.AsOf) (map[string]string, error) {
	units, err := n.UnitsAt(ctx, q)
	out := make(map[string]string, len(units))
	for _, u := range units {
		out[string(u.ID)] = u.Name
	}
	return out, err
}

// lights tells supervision what compounds owe and how it stands.
type lights struct{ *programme.Service }

func (l lights) Owed(ctx context.Context, q place.AsOf) ([]supervision.Owed, error) {
	book, err := l.Book(ctx)
	if err != nil {
		return nil, err
	}
	var out []supervision.Owed
	book.Each(q, func(s *programme.State) {
		for _, d := range s.Duties {
			if d.Light == programme.Yellow || d.Light == programme.Red {
				out = append(out, supervision.Owed{Compound: s.Compound, Milestone: string(d.Milestone), What: string(d.What), Light: string(d.Light), Due: d.Due})
			}
		}
	})
	return out, nil
}

// followUps turns what an activity asks for into supervision tasks.
type followUps struct{ *supervision.Service }

func (f followUps) FollowUp(ctx context.Context, by, origin string, places []place.ID, title, ask string, due place.Day) (int, error) {
	tasks, err := f.RaiseFor(ctx, by, supervision.Raising{Places: places, Title: title, Ask: ask, Due: due, Origin: origin})
	return len(tasks), err
}
