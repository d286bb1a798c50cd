package pairing

import (
	"context"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// SetTasks sets help tasks.
func (s *Service) SetTasks(ctx context.Context, by string, list []Task) ([]Task, error) {
	out := slices.Clone(list)
	err := s.change(ctx, "pairing.SetTasks", by, func(ctx context.Context, w *writing) error {
		ids := make([]ID, len(out))
		for i := range out {
			ids[i] = out[i].Pairing
		}
		pairings, err := w.of(ctx, ids)
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
			*t = Task{ID: t.ID, Number: 1, Pairing: t.Pairing, Title: place.Tidy(t.Title), Due: t.Due, Moment: place.Moment{About: t.About, Known: w.known}, By: by}
			p := t.check()
			if of, ok := pairings[t.Pairing]; !ok {
				p.Add("pairing", "pairing.no-pairing")
			} else {
				t.Compound = of.Compound
				p = append(p, of.refuse("from", t.About, s.o.Clock.Today(), false)...)
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

// FinishTask says that a task is done since a day; seen is the version that the
// caller saw.
func (s *Service) FinishTask(ctx context.Context, by string, id TaskID, seen int64, day place.Day) error {
	return s.finish(ctx, by, map[TaskID]place.Day{id: day}, seen)
}

// FinishTasks says that tasks are done since a day, whatever was said of them
// meanwhile.
func (s *Service) FinishTasks(ctx context.Context, by string, done map[TaskID]place.Day) error {
	return s.finish(ctx, by, done, place.Whatever)
}

func (s *Service) finish(ctx context.Context, by string, done map[TaskID]place.Day, seen int64) error {
	return s.change(ctx, "pairing.FinishTasks", by, func(ctx context.Context, w *writing) error {
		var touched []place.ID
		today := s.o.Clock.Today()
		for id, day := range done {
			t, err := w.task(ctx, id)
			switch {
			case err != nil:
				return err
			case t.Withdrawn != nil && (seen == place.Whatever || seen == t.Version()):
				return fault.New(fault.Conflict, w.op, "pairing.task-withdrawn")
			case t.Done != 0 && (seen == place.Whatever || seen == t.Version()):
				return fault.New(fault.Conflict, w.op, "pairing.task-done")
			case day < t.About:
				return fault.New(fault.Invalid, w.op, "place.field.order")
			}
			if err := place.SameVersion(w.op, seen, t.Version()); err != nil {
				return err
			}
			pairings, err := w.of(ctx, []ID{t.Pairing})
			if err != nil {
				return err
			}
			of := pairings[t.Pairing]
			if err := of.refuse("done", day, today, false).Fault(w.op, "pairing.invalid"); err != nil {
				return err
			}
			_, err = w.tx.NewUpdate().Model((*taskRow)(nil)).Set("done_day = ?, done_known_us = ?, done_by = ?", day, store.Micros(w.known), by).
				Where("id = ?", id).Where("done_day = 0").Exec(ctx)
			if err != nil {
				return err
			}
			touched = append(touched, t.Compound)
		}
		return w.tell("task.done", touched, map[string]any{})
	})
}

// task reads a task as the transaction sees it.
func (w *writing) task(ctx context.Context, id TaskID) (Task, error) {
	list, err := tasks(ctx, w.tx.NewSelect().Model((*taskRow)(nil)).Where("id = ?", id), w.tx.NewSelect().Where("task = ?", id), nil)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, w.op, "pairing.no-task")
	}
	if err != nil {
		return Task{}, err
	}
	return list[0], nil
}

// back reads a task of which something is taken back, with a reason, at the version seen.
func (w *writing) back(ctx context.Context, id TaskID, seen int64, why string) (Task, error) {
	var p place.Problems
	p.Text("why", why, 200, true)
	if err := p.Fault(w.op, "pairing.invalid"); err != nil {
		return Task{}, err
	}
	t, err := w.task(ctx, id)
	if err != nil {
		return t, err
	}
	if err := place.SameVersion(w.op, seen, t.Version()); err != nil {
		return t, err
	}
	if t.Withdrawn != nil {
		return t, fault.New(fault.Conflict, w.op, "pairing.task-withdrawn")
	}
	return t, nil
}

// WithdrawTask takes a task back that was set by mistake, with a reason: from now on it was never set. What is reported done is
// reopened first. Whoever calls has asked whether by may decide it.
func (s *Service) WithdrawTask(ctx context.Context, by string, id TaskID, seen int64, why string) error {
	return s.change(ctx, "pairing.WithdrawTask", by, func(ctx context.Context, w *writing) error {
		why := place.Tidy(why)
		t, err := w.back(ctx, id, seen, why)
		if err != nil {
			return err
		}
		if t.Done != 0 {
			return fault.New(fault.Conflict, w.op, "pairing.task-done")
		}
		_, err = w.tx.NewUpdate().Model((*taskRow)(nil)).Set("withdrawn_known_us = ?, withdrawn_by = ?, withdrawn_why = ?", store.Micros(w.known), by, why).
			Where("id = ?", id).Where("withdrawn_known_us = 0").Exec(ctx)
		if err != nil {
			return err
		}
		return w.tell("task.withdrawn", []place.ID{t.Compound}, map[string]any{"task": id})
	})
}

// ReopenTask takes back that a task is done, with a reason: it is open again, and was not done on that day.
func (s *Service) ReopenTask(ctx context.Context, by string, id TaskID, seen int64, why string) error {
	return s.change(ctx, "pairing.ReopenTask", by, func(ctx context.Context, w *writing) error {
		why := place.Tidy(why)
		t, err := w.back(ctx, id, seen, why)
		if err != nil {
			return err
		}
		if t.Done == 0 {
			return fault.New(fault.Conflict, w.op, "pairing.task-open")
		}
		row := reopenedRow{
			ID: store.NewID(), Task: id, Compound: t.Compound, Done: t.Done, DoneKnownUS: store.Micros(*t.DoneKnown), DoneBy: t.DoneBy,
			KnownUS: store.Micros(w.known), By: by, Why: why,
		}
		if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		_, err = w.tx.NewUpdate().Model((*taskRow)(nil)).Set("done_day = 0, done_known_us = 0, done_by = ''").Where("id = ?", id).Exec(ctx)
		if err != nil {
			return err
		}
		return w.tell("task.reopened", []place.ID{t.Compound}, map[string]any{"task": id})
	})
}
