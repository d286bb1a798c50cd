package pairing

import (
	"context"
	"encoding/json"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// unitRecord names a unit among the records whose changes are kept.
const unitRecord = "unit:"

// AddUnits adds member units.
func (s *Service) AddUnits(ctx context.Context, by string, list []Unit) ([]Unit, error) {
	out := slices.Clone(list)
	err := s.change(ctx, "pairing.AddUnits", by, func(ctx context.Context, w *writing) error {
		rows := make([]unitRow, len(out))
		for i := range out {
			u := &out[i]
			u.Name, u.By, u.Version = place.Tidy(u.Name), by, 1
			if err := newID(&u.ID, w.op); err != nil {
				return err
			}
			if err := u.check().Fault(w.op, "pairing.invalid"); err != nil {
				return err
			}
			rows[i] = unitRow{ID: u.ID, Version: u.Version, Name: u.Name, Level: u.Level, By: by}
			if err := w.keepUnit(ctx, "added", nil, *u); err != nil {
				return err
			}
			if err := w.tx.Emit(room, evUnit, string(u.ID), map[string]any{"name": u.Name, "by": by}); err != nil {
				return err
			}
		}
		if err := insert(ctx, w.tx, rows); store.IsUnique(err) {
			return fault.Wrap(err, fault.Conflict, w.op, "pairing.unit-there")
		} else if err != nil {
			return err
		}
		return nil
	})
	return out, err
}

// ChangeUnit calls a member unit otherwise, or says that it is one of another
// committee. Its pairings and their money stay its own.
func (s *Service) ChangeUnit(ctx context.Context, by string, id UnitID, seen int64, name, level string) (Unit, error) {
	var u Unit
	err := s.change(ctx, "pairing.ChangeUnit", by, func(ctx context.Context, w *writing) error {
		list, err := read(ctx, w.tx.NewSelect().Model((*unitRow)(nil)).Where("id = ?", id), nil, (*unitRow).unit)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.New(fault.NotFound, w.op, "pairing.no-unit")
		}
		was := list[0]
		if err := place.SameVersion(w.op, seen, was.Version); err != nil {
			return err
		}
		u = Unit{ID: id, Version: was.Version + 1, Name: place.Tidy(name), Level: level, By: by}
		if err := u.check().Fault(w.op, "pairing.invalid"); err != nil {
			return err
		}
		res, err := w.tx.NewUpdate().Model((*unitRow)(nil)).Set("name = ?, level = ?, version = ?, by_account = ?", u.Name, u.Level, u.Version, by).
			Where("id = ?", id).Where("version = ?", was.Version).Exec(ctx)
		if store.IsUnique(err) {
			return fault.Wrap(err, fault.Conflict, w.op, "pairing.unit-there")
		} else if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err == nil && n == 0 {
			return fault.New(fault.Conflict, w.op, "place.changed-meanwhile")
		}
		if err := w.keepUnit(ctx, "changed", was, u); err != nil {
			return err
		}
		return w.tx.Emit(room, evUnitNow, string(id), map[string]any{"name": u.Name, "version": u.Version, "by": by})
	})
	return u, err
}

// UnitsAt are the member units by the names that they had as of a day: what a unit is called otherwise since does not rewrite what
// was published of it.
func (s *Service) UnitsAt(ctx context.Context, q place.AsOf) ([]Unit, error) {
	list, err := s.Units(ctx)
	if err != nil {
		return nil, err
	}
	var records []string
	for _, u := range list {
		if u.Version > 1 {
			records = append(records, unitRecord+string(u.ID))
		}
	}
	kept, err := s.o.Places.KeptOf(ctx, records...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Name = s.nameThen(q, list[i].Name, kept[unitRecord+string(list[i].ID)])
	}
	return list, nil
}

// nameThen is what a unit was called for a question; changes are what was kept of it, the oldest first. A change is about the day
// on which it was made.
func (s *Service) nameThen(q place.AsOf, name string, changes []place.Kept) string {
	named := func(said any) {
		var then Unit
		if raw, ok := said.(json.RawMessage); ok && json.Unmarshal(raw, &then) == nil && then.Name != "" {
			name = then.Name
		}
	}
	for i, k := range changes {
		seen := q.Sees(place.Moment{About: s.o.Clock.DayOf(k.Known), Known: k.Known})
		switch {
		case seen:
			named(k.After)
		case i > 0:
			return name
		case k.Before != nil: // it was added before changes were kept
			named(k.Before)
		default: // it was not there yet
			named(k.After)
		}
		if !seen {
			return name
		}
	}
	return name
}

func (w *writing) keepUnit(ctx context.Context, act string, before any, after Unit) error {
	return place.Keep(ctx, w.tx, place.Kept{Record: unitRecord + string(after.ID), Act: act, Known: w.known, By: w.by, Before: before, After: after})
}
