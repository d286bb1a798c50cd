package pairing

import (
	"context"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Enter books pledges and receipts, all or none.
func (s *Service) Enter(ctx context.Context, by string, list []Entry) ([]Entry, error) {
	out := slices.Clone(list)
	err := s.change(ctx, "pairing.Enter", by, func(ctx context.Context, w *writing) error {
		ids := make([]ID, len(out))
		for i := range out {
			ids[i] = out[i].Pairing
		}
		compounds, err := w.of(ctx, ids)
		if err != nil {
			return err
		}
		rows := make([]entryRow, len(out))
		touched := make([]place.ID, len(out))
		for i := range out {
			e := &out[i]
			if err := newID(&e.ID, w.op); err != nil {
				return err
			}
			e.Known, e.By, e.Reverses = w.known, by, ""
			e.Voucher, e.Note = place.Tidy(e.Voucher), place.Tidy(e.Note)
			p := e.check()
			if e.Compound = compounds[e.Pairing]; e.Compound == "" {
				p.Add("pairing", "pairing.no-pairing")
			}
			if err := p.Fault(w.op, "pairing.invalid"); err != nil {
				return inRow(err, i, len(out))
			}
			rows[i], touched[i] = e.row(), e.Compound
		}
		if err := insert(ctx, w.tx, rows); err != nil {
			return err
		}
		return w.tell("money.entered", touched, map[string]any{})
	})
	return out, err
}

// Reverse takes an entry back, whole and once.
func (s *Service) Reverse(ctx context.Context, by string, id EntryID, about place.Day, note string) (Entry, error) {
	var e Entry
	err := s.change(ctx, "pairing.Reverse", by, func(ctx context.Context, w *writing) error {
		list, err := read(ctx, w.tx.NewSelect().Model((*entryRow)(nil)).Where("id = ?", id), nil, (*entryRow).entry)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.New(fault.NotFound, w.op, "pairing.no-entry")
		}
		var p place.Problems
		e, p = list[0].Reversal(about, place.Tidy(note))
		if err := p.Fault(w.op, "pairing.invalid"); err != nil {
			return err
		}
		e.ID, e.Known, e.By = EntryID(store.NewID()), w.known, by
		row := e.row()
		if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); store.IsUnique(err) {
			return fault.Wrap(err, fault.Conflict, w.op, "pairing.reverse.twice")
		} else if err != nil {
			return err
		}
		return w.tell("money.reversed", []place.ID{e.Compound}, map[string]any{"entry": id})
	})
	return e, err
}

// SetTasks sets help tasks.
func (s *Service) SetTasks(ctx context.Context, by string, list []Task) ([]Task, error) {
	out := slices.Clone(list)
	err := s.change(ctx, "pairing.SetTasks", by, func(ctx context.Context, w *writing) error {
		ids := make([]ID, len(out))
		for i := range out {
			ids[i] = out[i].Pairing
		}
		compounds, err := w.of(ctx, ids)
		if err != nil {
			return err
		}
		rows := make([]taskRow, len(out))
		touched := make([]place.ID, len(out))
		for i := range out {
			t := &out[i]
			if err := newID(&t.ID, w.op); err != nil {
				return err
			}
			t.Known, t.By, t.Title, t.Done, t.DoneKnown = w.known, by, place.Tidy(t.Title), 0, nil
			p := t.check()
			if t.Compound = compounds[t.Pairing]; t.Compound == "" {
				p.Add("pairing", "pairing.no-pairing")
			}
			if err := p.Fault(w.op, "pairing.invalid"); err != nil {
				return inRow(err, i, len(out))
			}
			rows[i] = taskRow{ID: t.ID, Pairing: t.Pairing, Compound: t.Compound, Title: t.Title, Due: t.Due, About: t.About, KnownUS: store.Micros(w.known), By: by}
			touched[i] = t.Compound
		}
		if err := insert(ctx, w.tx, rows); err != nil {
			return err
		}
		return w.tell("task.set", touched, map[string]any{})
	})
	return out, err
}

// FinishTasks says that tasks are done since a day.
func (s *Service) FinishTasks(ctx context.Context, by string, done map[TaskID]place.Day) error {
	return s.change(ctx, "pairing.FinishTasks", by, func(ctx context.Context, w *writing) error {
		var touched []place.ID
		for id, day := range done {
			list, err := read(ctx, w.tx.NewSelect().Model((*taskRow)(nil)).Where("id = ?", id), nil, (*taskRow).task)
			switch {
			case err != nil:
				return err
			case len(list) == 0:
				return fault.New(fault.NotFound, w.op, "pairing.no-task")
			case list[0].Done != 0:
				return fault.New(fault.Conflict, w.op, "pairing.task-done")
			case day < list[0].About:
				return fault.New(fault.Invalid, w.op, "place.field.order")
			}
			_, err = w.tx.NewUpdate().Model((*taskRow)(nil)).Set("done_day = ?, done_known_us = ?", day, store.Micros(w.known)).
				Where("id = ?", id).Where("done_day = 0").Exec(ctx)
			if err != nil {
				return err
			}
			touched = append(touched, list[0].Compound)
		}
		return w.tell("task.done", touched, map[string]any{})
	})
}
