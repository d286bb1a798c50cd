package supervision

import (
	"cmp"
	"context"
	"embed"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

const room = "supervision"

// The kinds of the room's journal events.
const (
	evRaised  = "supervision.raised"
	evStepped = "supervision.stepped"
	evRule    = "supervision.rule-set"
)

// Places is what the room asks of places.
type Places interface {
	Tree(ctx context.Context) (*place.Tree, error)
	Rights() *place.Rights
	Traces(ctx context.Context, known time.Time, record string) ([]place.Trace, error)
	CalledAll(ctx context.Context, accounts ...string) map[string]string
	Invented(ctx context.Context) (bool, error)
	EnglishNames(ctx context.Context, q place.AsOf) (map[string]string, error)
}

// Units tells what member units there are, by id. role plugs in pairings.
type Units interface {
	UnitNames(ctx context.Context, q place.AsOf) (map[string]string, error)
}

// Options of the room.
type Options struct {
	Clock     place.Clock
	Places    Places
	Standings Standings
	Units     Units // nil: there are none
}

// levels are those of places that a task may be raised for.
var levels = []place.Level{place.County, place.Street, place.Community, place.Compound}

// Service is what callers may do with supervision tasks.
type Service struct {
	db *store.DB
	o  Options
}

// New brings the tables up to date.
func New(ctx context.Context, db *store.DB, o Options) (*Service, error) {
	if err := db.Migrate(ctx, room, migrations); err != nil {
		return nil, err
	}
	return &Service{db: db, o: o}, nil
}

// writing is one transaction of the room.
type writing struct {
	s     *Service
	tx    *store.Tx
	known time.Time
	by    string
	op    string
}

func (s *Service) change(ctx context.Context, op, by string, f func(ctx context.Context, w *writing) error) error {
	return dbError(op, s.o.Clock.Change(ctx, s.db, func(ctx context.Context, tx *store.Tx, known time.Time) error {
		return f(ctx, &writing{s, tx, known, by, op})
	}))
}

// Raising is one request for one or many places.
type Raising struct {
	Places []place.ID `json:"places,omitempty" maxItems:"5000" doc:"Counties, streets and towns, communities, compounds"`
	Units  []string   `json:"units,omitempty" maxItems:"500" doc:"Member units"`
	Title  string     `json:"title"`
	Ask    string     `json:"ask,omitempty"`
	Due    place.Day  `json:"due"`
	Near   int        `json:"near_days,omitempty" minimum:"0" maximum:"60" doc:"So many days before the last day a reminder is given; 3 when left out"`
	Origin string     `json:"-"`
	Rule   RuleID     `json:"-"`
	City   bool       `json:"-"` // for the city's office
	causes []cause
}

// RaiseFor is Raise for a caller: what somebody raises who may do so for the whole city is the city's.
func (s *Service) RaiseFor(ctx context.Context, by string, r Raising) ([]Task, error) {
	var err error
	if r.City, err = s.o.Places.Rights().ForCity(ctx, MayRaise, r.Places...); err != nil {
		return nil, err
	}
	r.City = r.City || len(r.Units) > 0 // they are asked by the city's office alone
	return s.Raise(ctx, by, r)
}

// Raise makes a task for each of the places: all or none.
func (s *Service) Raise(ctx context.Context, by string, r Raising) ([]Task, error) {
	var out []Task
	err := s.change(ctx, "supervision.Raise", by, func(ctx context.Context, w *writing) (err error) {
		out, err = w.raise(ctx, r)
		return err
	})
	return out, err
}

func (w *writing) raise(ctx context.Context, r Raising) ([]Task, error) {
	today := w.s.o.Clock.Today()
	one := Task{Title: place.Tidy(r.Title), Ask: place.Tidy(r.Ask), Due: r.Due, Origin: r.Origin, Rule: r.Rule, City: r.City, NearDays: cmp.Or(r.Near, nearDays)}
	p := one.check(today)
	if r.causes != nil {
		p = slices.DeleteFunc(p, func(f fault.Field) bool { return f.Path == "title" || f.Path == "ask" }) // the rule was checked as it was written
	}
	if len(r.Places)+len(r.Units) == 0 {
		p.Add("places", "place.field.required")
	}
	tree, err := w.s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	seen := map[place.ID]bool{}
	for i, id := range r.Places {
		v, ok := tree.At(place.AsOf{Day: today, Known: w.known}, id)
		switch {
		case !ok || !slices.Contains(levels, v.Level):
			p.Add(place.Item("places", i, "id"), "supervision.place")
		case seen[id] && r.causes == nil:
			p.Add(place.Item("places", i, "id"), "supervision.twice", "name", v.Name)
		}
		seen[id] = true
	}
	asked, err := w.units(ctx, &p, tree, r.Units)
	if err != nil {
		return nil, err
	}
	for _, id := range r.Places {
		asked = append(asked, whom{place: id})
	}
	if err := p.Fault(w.op, "supervision.invalid"); err != nil {
		return nil, err
	}
	if len(asked) > 1 {
		one.Batch = store.NewID()
	}
	out := make([]Task, len(asked))
	rows := make([]taskRow, len(asked))
	steps := make([]stepRow, len(asked))
	for i, a := range asked {
		t := one
		t.ID, t.Version, t.Place, t.Unit = ID(store.NewID()), 1, a.place, a.unit
		t.Steps = []Step{{Number: 1, Act: Raise, Known: w.known, By: w.by, Due: r.Due}}
		t.replay()
		rows[i] = taskRow{
			ID: t.ID, Version: 1, Place: t.Place, Unit: t.Unit, Near: t.NearDays, Title: t.Title, Ask: t.Ask, Batch: t.Batch, Rule: t.Rule, Origin: t.Origin, State: Raised, City: t.City,
		}
		if r.causes != nil {
			rows[i].Cause, rows[i].CauseDue = &r.causes[i].key, r.causes[i].due
		}
		steps[i] = stepRow{Task: t.ID, Number: 1, Act: Raise, KnownUS: store.Micros(w.known), By: w.by, Due: r.Due}
		out[i] = t
	}
	if err := insert(ctx, w.tx, rows); err != nil {
		return nil, err
	}
	if err := insert(ctx, w.tx, steps); err != nil {
		return nil, err
	}
	subject := one.Batch
	if subject == "" {
		subject = string(out[0].ID)
	}
	return out, w.tx.Emit(room, evRaised, subject, map[string]any{"number": len(out), "title": one.Title, "due": one.Due, "by": w.by})
}

// whom is who is asked: a place, or a member unit, whose place is the city.
type whom struct {
	place place.ID
	unit  string
}

// units checks the member units of a request.
func (w *writing) units(ctx context.Context, p *place.Problems, tree *place.Tree, list []string) ([]whom, error) {
	if len(list) == 0 {
		return nil, nil
	}
	names := map[string]string{}
	q := place.AsOf{Day: w.s.o.Clock.Today(), Known: w.known}
	if w.s.o.Units != nil {
		var err error
		if names, err = w.s.o.Units.UnitNames(ctx, q); err != nil {
			return nil, err
		}
	}
	city := tree.TheCity(q)
	out := make([]whom, len(list))
	for i, id := range list {
		switch {
		case names[id] == "" || city == "":
			p.Add(place.Item("units", i, "id"), "supervision.unit")
		case slices.Contains(list[:i], id):
			p.Add(place.Item("units", i, "id"), "supervision.twice", "name", names[id])
		}
		out[i] = whom{city, id}
	}
	return out, nil
}

// Taken is a task and the version of it that the caller saw.
type Taken struct {
	ID      ID    `json:"id"`
	Version int64 `json:"version" minimum:"1"`
}

// Take takes the same step with one or many tasks: all or none. due is another
// last day, for Return only; 0 leaves it.
func (s *Service) Take(ctx context.Context, by string, act Act, list []Taken, note string, due place.Day) ([]Task, error) {
	var out []Task
	err := s.change(ctx, "supervision.Take", by, func(ctx context.Context, w *writing) error {
		m, ok := moves[act]
		if !ok {
			return fault.New(fault.Invalid, w.op, "supervision.no-act")
		}
		note = place.Tidy(note)
		var p place.Problems
		p.Text("note", note, 200, m.says)
		if due != 0 && act != Return {
			p.Add("due", "supervision.due-only-returned")
		} else if due != 0 {
			checkDue(&p, due, s.o.Clock.Today())
		}
		if err := p.Fault(w.op, "supervision.invalid"); err != nil {
			return err
		}
		tasks, err := w.taken(ctx, list)
		if err != nil {
			return err
		}
		for i := range tasks {
			if err := tasks[i].take(w, act, note, due); err != nil {
				return err
			}
		}
		out = tasks
		if err := w.write(ctx, tasks); err != nil {
			return err
		}
		for _, t := range tasks {
			if err := w.tx.Emit(room, evStepped, string(t.ID), map[string]any{"act": act, "state": t.State, "title": t.Title, "by": by}); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// take adds a step to the task, if it can be taken by this person now.
func (t *Task) take(w *writing, act Act, note string, due place.Day) error {
	m := moves[act]
	if act != Remind && !slices.Contains(m.from, t.State) {
		return fault.New(fault.Conflict, w.op, "supervision.not-now", "title", t.Title)
	}
	if act == Strike || act == Return {
		for i := len(t.Steps) - 1; i >= 0; i-- {
			if t.Steps[i].Act == Report {
				if t.Steps[i].By == w.by {
					return fault.New(fault.Denied, w.op, "supervision.own", "title", t.Title)
				}
				break
			}
		}
	}
	t.Steps = append(t.Steps, Step{Number: len(t.Steps) + 1, Act: act, Known: w.known, By: w.by, Note: note, Due: due})
	t.Version++
	t.replay()
	return nil
}

// taken reads tasks for a change, in the order of their ids, and checks the
// versions.
func (w *writing) taken(ctx context.Context, list []Taken) ([]Task, error) {
	ids := make([]ID, len(list))
	seen := map[ID]int64{}
	for i, t := range list {
		ids[i] = t.ID
		seen[t.ID] = t.Version
	}
	tasks, err := w.s.read(ctx, w.tx.ForUpdate(w.tx.NewSelect().Model((*taskRow)(nil)).Where("id IN (?)", bun.List(ids))))
	if err != nil {
		return nil, err
	}
	if len(tasks) != len(seen) || len(tasks) == 0 {
		return nil, fault.New(fault.NotFound, w.op, "supervision.none")
	}
	for _, t := range tasks {
		if err := place.SameVersion(w.op, seen[t.ID], t.Version); err != nil {
			return nil, err
		}
	}
	return tasks, nil
}

// write stores the newest step of each task.
func (w *writing) write(ctx context.Context, tasks []Task) error {
	rows := make([]stepRow, len(tasks))
	for i := range tasks {
		t := &tasks[i]
		s := t.Steps[len(t.Steps)-1]
		rows[i] = stepRow{Task: t.ID, Number: s.Number, Act: s.Act, KnownUS: store.Micros(s.Known), By: s.By, Note: s.Note, Due: s.Due}
		_, err := w.tx.NewUpdate().Model((*taskRow)(nil)).Set("version = ?, state = ?", t.Version, t.State).Where("id = ?", t.ID).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return insert(ctx, w.tx, rows)
}

func dbError(op string, err error) error {
	return fault.Ensure(err, fault.Unavailable, op, "supervision.store")
}
