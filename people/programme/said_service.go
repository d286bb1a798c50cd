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

// Saw says that the connections of compounds were seen today. It is for the
// link, which sees them.
func (s *Service) Saw(ctx context.Context, compounds []place.ID) error {
	return s.change(ctx, "programme.Saw", "", func(ctx context.Context, w *writing) error {
		today := s.o.Clock.Today()
		spans := map[place.ID]sightingRow{}
		for part := range slices.Chunk(compounds, batch) {
			list, err := read(ctx, w.tx.NewSelect().Model((*sightingRow)(nil)).Order("from_day"), part, func(r *sightingRow) sightingRow { return *r })
			if err != nil {
				return err
			}
			for _, r := range list {
				spans[r.Compound] = r // the newest
			}
		}
		versions, err := s.Programmes(ctx)
		if err != nil {
			return err
		}
		span := NewRules(s.o.Clock, s.o.Span, nil).SpansOf(versions).span(w.known)
		var rows []sightingRow
		var on []place.ID
		for _, c := range compounds {
			r, ok := spans[c]
			switch {
			case ok && today-r.Last <= span:
				on = append(on, c)
			default:
				rows = append(rows, sightingRow{Compound: c, From: today, Last: today, KnownUS: store.Micros(w.known)})
			}
		}
		if err := insert(ctx, w.tx, rows); err != nil {
			return err
		}
		for part := range slices.Chunk(on, batch) {
			_, err := w.tx.NewUpdate().Model((*sightingRow)(nil)).Set("last_day = ?", today).Where("compound IN (?)", in(part)).
				Where("last_day >= ?", today-span).Where("last_day < ?", today).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return w.tx.Emit(room, evSeen, "", map[string]any{"compounds": compounds})
	})
}
