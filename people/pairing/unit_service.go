package pairing

import (
	"context"
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

func (w *writing) keepUnit(ctx context.Context, act string, before any, after Unit) error {
	return place.Keep(ctx, w.tx, place.Kept{Record: unitRecord + string(after.ID), Act: act, Known: w.known, By: w.by, Before: before, After: after})
}
