package supervision

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// SetRule adds a rule or changes it; seen is the version that the caller saw, 0
// where there is none yet.
func (s *Service) SetRule(ctx context.Context, by string, seen int64, r Rule) (Rule, error) {
	err := s.change(ctx, "supervision.SetRule", by, func(ctx context.Context, w *writing) error {
		rules, err := s.Rules(ctx)
		if err != nil {
			return err
		}
		last := Rule{}
		if i := slices.IndexFunc(rules, func(x Rule) bool { return x.ID == r.ID }); i >= 0 {
			last = rules[i]
		}
		if seen != 0 || last.Version != 0 {
			if err := place.SameVersion(w.op, seen, last.Version); err != nil {
				return err
			}
		}
		r.Version, r.By, r.Title, r.Ask, r.Applied = last.Version+1, by, place.Tidy(r.Title), place.Tidy(r.Ask), last.Applied
		r.Near = cmp.Or(r.Near, nearDays)
		if err := r.check().Fault(w.op, "supervision.invalid"); err != nil {
			return err
		}
		row := r.row()
		if last.Version == 0 {
			_, err = w.tx.NewInsert().Model(&row).Exec(ctx)
		} else {
			_, err = w.tx.NewUpdate().Model(&row).WherePK().Exec(ctx)
		}
		if err != nil {
			return err
		}
		kept := place.Kept{Record: "supervision-rule:" + string(r.ID), Act: "added", Known: w.known, By: by, After: r}
		if last.Version != 0 {
			kept.Act, kept.Before = "changed", last
		}
		if err := place.Keep(ctx, w.tx, kept); err != nil {
			return err
		}
		return w.tx.Emit(room, evRule, string(r.ID), map[string]any{"title": r.Title, "light": r.Light, "active": r.Active, "by": by})
	})
	return r, err
}

// Would lists the compounds for which a rule would raise tasks today.
func (s *Service) Would(ctx context.Context, r Rule) ([]place.ID, error) {
	fresh, err := s.fresh(ctx, &r)
	out := make([]place.ID, 0, len(fresh))
	for _, c := range fresh {
		out = append(out, c.compound)
	}
	slices.Sort(out)
	return out, err
}

// fresh are the causes that a rule sees today and that no task answers.
func (s *Service) fresh(ctx context.Context, r *Rule) (map[string]cause, error) {
	today := s.o.Clock.Today()
	owed, err := s.o.Standings.Owed(ctx, s.o.Clock.AtClose(today))
	if err != nil {
		return nil, err
	}
	causes := r.causes(owed)
	for part := range slices.Chunk(slices.Collect(maps.Keys(causes)), batch) {
		var there []earlier
		err := s.db.NewSelect().TableExpr("supervision_tasks AS t").ColumnExpr("t.cause, t.state, t.cause_due, MAX(s.known_us) AS known_us").
			Join("JOIN supervision_steps AS s ON s.task = t.id").Where("t.cause IN (?)", bun.List(part)).Group("t.id", "t.cause", "t.state", "t.cause_due").Scan(ctx, &there)
		if err != nil {
			return nil, dbError("supervision.fresh", err)
		}
		for i := range there {
			t := &there[i]
			if c, ok := causes[t.Cause]; ok && r.answers(t, c, s.o.Clock.DayOf(store.Time(t.KnownUS)), today) {
				delete(causes, t.Cause)
			}
		}
	}
	return causes, nil
}

// Daily lets the active rules look, each once a day of the programme's clock,
// and reminds of what is near due. It tells how many tasks were raised and how
// many reminders given.
func (s *Service) Daily(ctx context.Context) (raised, reminded int, err error) {
	rules, err := s.Rules(ctx)
	if err != nil {
		return 0, 0, err
	}
	today := s.o.Clock.Today()
	for i := range rules {
		if r := &rules[i]; r.Active && r.Applied < today {
			n, err := s.apply(ctx, r, today)
			if err != nil {
				return raised, 0, err
			}
			raised += n
		}
	}
	reminded, err = s.remind(ctx, today)
	return raised, reminded, err
}

// apply raises what a rule sees. The standings are read before the transaction:
// the book that they come from knows nothing of what is being written.
func (s *Service) apply(ctx context.Context, r *Rule, today place.Day) (n int, err error) {
	fresh, err := s.fresh(ctx, r)
	if err != nil {
		return 0, err
	}
	err = s.change(ctx, "supervision.Daily", r.By, func(ctx context.Context, w *writing) error {
		n = 0
		res, err := w.tx.NewUpdate().Model((*ruleRow)(nil)).Set("applied = ?", today).Where("id = ?", r.ID).Where("applied < ?", today).Exec(ctx)
		if err != nil {
			return err
		}
		if there, err := res.RowsAffected(); err != nil || there == 0 || len(fresh) == 0 {
			return err // another process was first, or there is nothing to raise
		}
		causes := make([]cause, 0, len(fresh))
		places := make([]place.ID, 0, len(fresh))
		for _, key := range slices.Sorted(maps.Keys(fresh)) {
			causes, places = append(causes, fresh[key]), append(places, fresh[key].compound)
		}
		n = len(causes)
		_, err = w.raise(ctx, Raising{Places: places, Title: r.Title, Ask: r.Ask, Due: today + place.Day(r.Days), Near: r.Near, Rule: r.ID, City: true, causes: causes})
		return err
	})
	return n, err
}

// remind notes on each open task that is near due that it was reminded of.
func (s *Service) remind(ctx context.Context, today place.Day) (n int, err error) {
	open, err := s.read(ctx, s.db.NewSelect().Model((*taskRow)(nil)).Where("state IN (?)", bun.List([]State{Raised, Signed, Underway, Returned})))
	if err != nil {
		return 0, dbError("supervision.remind", err)
	}
	near := func(t Task) bool { return t.standing(s.o.Clock, today).Near && !t.reminded() }
	open = slices.DeleteFunc(open, func(t Task) bool { return !near(t) })
	if len(open) == 0 {
		return 0, nil
	}
	list := make([]Taken, len(open))
	for i, t := range open {
		list[i] = Taken{t.ID, place.Whatever}
	}
	err = s.change(ctx, "supervision.Remind", "", func(ctx context.Context, w *writing) error {
		tasks, err := w.taken(ctx, list)
		if err != nil {
			return err
		}
		tasks = slices.DeleteFunc(tasks, func(t Task) bool { return !t.State.Open() || !near(t) })
		n = len(tasks)
		for i := range tasks {
			if err := tasks[i].take(w, Remind, "", 0); err != nil {
				return err
			}
			if err := w.tx.Emit(room, evStepped, string(tasks[i].ID), map[string]any{"act": Remind, "state": tasks[i].State, "title": tasks[i].Title}); err != nil {
				return err
			}
		}
		return w.write(ctx, tasks)
	})
	return n, err
}

// Run does what is due each day, soon after the programme's clock has turned.
func (s *Service) Run(ctx context.Context) error {
	var done place.Day
	for {
		if today := s.o.Clock.Today(); today != done {
			if _, _, err := s.Daily(ctx); err == nil {
				done = today
			}
		}
		select { // a database that is away now is asked again
		case <-time.After(time.Minute):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
