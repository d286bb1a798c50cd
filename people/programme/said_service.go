package programme

import (
	"context"
	"slices"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// The kinds of the room's journal events.
const (
	evProgramme = "programme.changed"
	evMilestone = "milestone.set"
	evSaid      = "compound.said"
	evSeen      = "compound.seen"
	evReturn    = "return.changed"
)

// say writes facts with one reason and tells of their compounds in one event.
func (w *writing) say(ctx context.Context, kind, subject, reason string, from ReturnID, facts []Fact) error {
	reasons := make([]string, len(facts))
	for i := range reasons {
		reasons[i] = reason
	}
	return w.sayEach(ctx, kind, subject, reasons, from, facts)
}

// sayEach is say with a reason for each fact.
func (w *writing) sayEach(ctx context.Context, kind, subject string, reasons []string, from ReturnID, facts []Fact) error {
	rows := make([]factRow, len(facts))
	compounds := make([]place.ID, len(facts))
	for i, f := range facts {
		rows[i] = factRow{
			ID: store.NewID(), Compound: f.Compound, Kind: f.Kind, About: f.About, KnownUS: store.Micros(w.known), Value: f.Value, Text: f.Text,
			Reason: reasons[i], Return: from, By: w.by,
		}
		compounds[i] = f.Compound
	}
	if err := insert(ctx, w.tx, rows); err != nil {
		return err
	}
	slices.Sort(compounds)
	return w.tx.Emit(room, kind, subject, map[string]any{"compounds": slices.Compact(compounds), "by": w.by})
}
