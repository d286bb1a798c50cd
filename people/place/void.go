package place

import (
	"context"
	"slices"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// evVoid tells that an entry into a class, or out of it, was taken back as a mistake.
const evVoid = "class.withdrawn"

// Voiding says which entry of a compound was a mistake: that of a mark from a day, which became known at an instant. Without
// the instant it is the last one that stands.
type Voiding struct {
	Mark  Mark
	From  Day
	Known time.Time
	Why   string
}

// of finds the entry; -1: there is none that stands.
func (v *Voiding) of(entries []Entry) int {
	best := -1
	for i := range entries {
		e := &entries[i]
		if e.Mark != v.Mark || e.About != v.From || e.Void != nil || !v.Known.IsZero() && !e.Known.Equal(v.Known) {
			continue
		}
		if best < 0 || e.Known.After(entries[best].Known) {
			best = i
		}
	}
	return best
}

// Entry is the entry that a voiding speaks of.
func (s *Service) Entry(ctx context.Context, compound ID, v Voiding) (Entry, error) {
	entries, err := s.Entries(ctx, compound)
	if err != nil {
		return Entry{}, err
	}
	i := v.of(entries)
	if i < 0 {
		return Entry{}, fault.New(fault.NotFound, "place.Entry", "place.class.no-entry")
	}
	return entries[i], nil
}

// Void takes an entry back that was a mistake, with a reason: from now on it was never entered, while what was answered until
// now stays answered. Whoever calls has asked whether by may decide it.
func (s *Service) Void(ctx context.Context, by string, compound ID, v Voiding) error {
	return s.change(ctx, "place.Void", func(ctx context.Context, w *writing) error {
		var p Problems
		v.Why = Tidy(v.Why)
		p.Text("why", v.Why, maxNote, true)
		if err := p.Fault(w.op, "place.invalid"); err != nil {
			return err
		}
		entries, err := s.Entries(ctx, compound)
		if err != nil {
			return err
		}
		i := v.of(entries)
		if i < 0 {
			return fault.New(fault.NotFound, w.op, "place.class.no-entry")
		}
		e := entries[i]
		after := slices.Clone(entries)
		after[i].Void = &w.known
		if err := sound(w.known, after).Fault(w.op, "place.invalid"); err != nil {
			return err
		}
		res, err := w.tx.NewUpdate().Model((*classRow)(nil)).Set("void_us = ?, void_by = ?, void_why = ?", store.Micros(w.known), by, v.Why).
			Where("compound = ?", compound).Where("mark = ?", e.Mark).Where("about = ?", e.About).Where("known_us = ?", store.Micros(e.Known)).Where("void_us = 0").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err == nil && n == 0 {
			return fault.New(fault.Conflict, w.op, "place.changed-meanwhile")
		}
		return w.tx.Emit(room, evVoid, string(compound), map[string]any{"mark": e.Mark, "from": e.About, "by": by})
	})
}

func (s *Service) httpVoid(ctx context.Context, in *struct {
	PlaceInput
	Body struct {
		Mark  Mark      `json:"mark" enum:"demonstration,helped,weak"`
		From  Day       `json:"from" doc:"The day that the entry is about"`
		Known time.Time `json:"known" doc:"When it became known: which of several entries of a day is meant"`
		Why   string    `json:"why"`
	}
},
) (*compoundOutput, error) {
	b := in.Body
	v := Voiding{Mark: b.Mark, From: b.From, Known: b.Known, Why: b.Why}
	if err := s.rights.MayChange(ctx, MayWrite, ID(in.ID), b.From); err != nil {
		return nil, err
	}
	e, err := s.Entry(ctx, ID(in.ID), v)
	if err != nil {
		return nil, err
	}
	if err := s.rights.MayMend(ctx, e.Compound, e.By, e.Known); err != nil {
		return nil, err
	}
	if err := s.Void(ctx, by(ctx), ID(in.ID), v); err != nil {
		return nil, err
	}
	return s.now(ctx, in.ID)
}
