package programme

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// A compound's own machine speaks for it from the day on which it was first seen, and no county return does. One that is let go, as
// it was said to be this compound's by mistake or was taken away for good, speaks from that day on no longer.

type turnRow struct {
	bun.BaseModel `bun:"table:machine_turns"`

	Compound place.ID  `bun:"compound,pk"`
	KnownUS  int64     `bun:"known_us,pk"`
	Day      place.Day `bun:"day"`
	Gone     int       `bun:"gone"`
	By       string    `bun:"by_account"`
}

func (r *turnRow) fact() Fact {
	return Fact{Compound: r.Compound, Moment: place.Moment{About: r.Day, Known: store.Time(r.KnownUS)}, Kind: Released, Value: int64(r.Gone)}
}

// machine is the day from which on a compound's own machine speaks for it on a day; 0: there was none yet, or it was let go. facts
// are in order.
func machine(q place.AsOf, facts []Fact, day place.Day) (since place.Day) {
	for i := range facts {
		f := &facts[i]
		switch {
		case f.About > day:
			return since
		case !q.Sees(f.Moment):
		case f.Kind == Seen && since == 0:
			since = f.About
		case f.Kind == Released && f.Value > 0:
			since = 0
		case f.Kind == Released:
			since = f.About
		}
	}
	return since
}

// machines tells of the compounds of some claims from which day on their own machines speak for them, on any day and as known now.
func (s *Service) machines(ctx context.Context, claims []Claim) (func(compound place.ID, day place.Day) place.Day, error) {
	of := map[place.ID][]Fact{}
	q := s.o.Clock.AtClose(s.o.Clock.Today())
	for part := range slices.Chunk(claims, batch) {
		ids := make([]place.ID, len(part))
		for i, c := range part {
			ids[i] = c.Compound
		}
		slices.Sort(ids)
		facts, err := s.sightings(ctx, s.db, slices.Compact(ids))
		if err != nil {
			return nil, err
		}
		seen := map[place.ID][]Fact{}
		for _, f := range facts {
			seen[f.Compound] = append(seen[f.Compound], f)
		}
		for id, list := range seen {
			inOrder(list)
			of[id] = list
		}
	}
	return func(compound place.ID, day place.Day) place.Day { return machine(q, of[compound], day) }, nil
}

// selector is a database, or a transaction.
type selector interface {
	NewSelect() *bun.SelectQuery
}

// sightings reads what is known of the machines of compounds: of all where none are named.
func (s *Service) sightings(ctx context.Context, db selector, compounds []place.ID) ([]Fact, error) {
	seen, err := read(ctx, db.NewSelect().Model((*sightingRow)(nil)), compounds, (*sightingRow).fact)
	if err != nil {
		return nil, err
	}
	turns, err := read(ctx, db.NewSelect().Model((*turnRow)(nil)), compounds, (*turnRow).fact)
	return append(seen, turns...), err
}

// Saw says that the connections of compounds were seen today. It is for the
// link, which sees them.
func (s *Service) Saw(ctx context.Context, compounds []place.ID) error {
	return s.change(ctx, "programme.Saw", "", func(ctx context.Context, w *writing) error {
		today := s.o.Clock.Today()
		spans, gone := map[place.ID]sightingRow{}, map[place.ID]turnRow{}
		for part := range slices.Chunk(compounds, batch) {
			list, err := read(ctx, w.tx.NewSelect().Model((*sightingRow)(nil)).Order("from_day"), part, func(r *sightingRow) sightingRow { return *r })
			if err != nil {
				return err
			}
			for _, r := range list {
				spans[r.Compound] = r // the newest
			}
			turns, err := read(ctx, w.tx.NewSelect().Model((*turnRow)(nil)).Order("known_us"), part, func(r *turnRow) turnRow { return *r })
			if err != nil {
				return err
			}
			for _, r := range turns {
				gone[r.Compound] = r
			}
		}
		versions, err := s.Programmes(ctx)
		if err != nil {
			return err
		}
		rules := NewRules(s.o.Clock, s.o.Span, nil).SpansOf(versions)
		// A sighting goes on where every day between was within the days that counted then; after a longer silence another one begins,
		// as those days were answered without it, however many days count by now.
		goesOn := func(r sightingRow) bool { return today-r.Last <= rules.leastSpan(s.o.Clock.Close(r.Last), w.known) }
		var rows, again []sightingRow
		var back []turnRow
		var on []place.ID
		for _, c := range compounds {
			r, ok := spans[c]
			let := gone[c].Gone > 0 && gone[c].Day >= r.From
			switch {
			case ok && let && r.From == today: // let go and there again, in a day
				back = append(back, turnRow{Compound: c, KnownUS: store.Micros(w.known), Day: today})
			case ok && !let && goesOn(r) && gone[c].Compound == "":
				on = append(on, c)
			case ok && !let && goesOn(r):
				again = append(again, r)
			default:
				rows = append(rows, sightingRow{Compound: c, From: today, Last: today, KnownUS: store.Micros(w.known)})
			}
		}
		if err := insert(ctx, w.tx, rows); err != nil {
			return err
		}
		if err := insert(ctx, w.tx, back); err != nil {
			return err
		}
		for part := range slices.Chunk(on, batch) {
			_, err := w.tx.NewUpdate().Model((*sightingRow)(nil)).Set("last_day = ?", today).Where("compound IN (?)", in(part)).Where("last_day < ?", today).
				Where("from_day = (SELECT MAX(newest.from_day) FROM sightings AS newest WHERE newest.compound = ?TableAlias.compound)").Exec(ctx)
			if err != nil {
				return err
			}
		}
		for i := range again { // what was seen before it was let go stays as it was
			if _, err := w.tx.NewUpdate().Model(&again[i]).Set("last_day = ?", today).WherePK().Where("last_day < ?", today).Exec(ctx); err != nil {
				return err
			}
		}
		return w.tx.Emit(room, evSeen, "", map[string]any{"compounds": compounds})
	})
}

// Released says that the machine of a compound is its machine no longer, from today on: the days of before are answered as they
// were. Of a compound without one nothing is written.
func (s *Service) Released(ctx context.Context, by string, compound place.ID) error {
	return s.change(ctx, "programme.Released", by, func(ctx context.Context, w *writing) error {
		facts, err := s.sightings(ctx, w.tx, []place.ID{compound})
		if err != nil {
			return err
		}
		inOrder(facts)
		today := s.o.Clock.Today()
		if machine(place.AsOf{Day: today, Known: w.known}, facts, today) == 0 {
			return nil
		}
		if err := insert(ctx, w.tx, []turnRow{{Compound: compound, KnownUS: store.Micros(w.known), Day: today, Gone: 1, By: by}}); err != nil {
			return err
		}
		return w.tx.Emit(room, evSeen, "", map[string]any{"compounds": []place.ID{compound}, "by": by})
	})
}
