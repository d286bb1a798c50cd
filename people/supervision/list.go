package supervision

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Entry is a task in a list: how it stands, and where it is.
type Entry struct {
	Task
	Standing
	Name       string      `json:"name" doc:"Of the place, or of the member unit"`
	Level      place.Level `json:"level" enum:"county,street,community,compound,unit"`
	County     place.ID    `json:"county"`
	CountyName string      `json:"county_name"`
	Street     string      `json:"street,omitempty"`
	Community  string      `json:"community,omitempty"`
	Next       []Act       `json:"next" doc:"What can be done with it now"`
}

// Filter is which tasks are asked for. The zero value: all.
type Filter struct {
	State  State
	Open   bool // only what is still to be done
	County place.ID
	Place  place.ID
	Under  place.ID // a place, or one above it
	Batch  string
	Rule   RuleID
	Origin string
	Late   bool
	Near   bool
	Show   func(t *Task) bool // which tasks may be shown; nil: all
}

// Counts are how many tasks fit a filter, whatever their state.
type Counts struct {
	States map[State]int `json:"states"`
	Near   int           `json:"near"`
	Late   int           `json:"late"`
}

// List gives the tasks as they stood for a question, the most urgent first, and
// counts those that fit but for their state.
func (s *Service) List(ctx context.Context, q place.AsOf, f Filter) ([]Entry, Counts, error) {
	const op = "supervision.List"
	sel := s.db.NewSelect().Model((*taskRow)(nil))
	where := func(column, value string) {
		if value != "" {
			sel = sel.Where("? = ?", bun.Ident(column), value)
		}
	}
	where("place", string(f.Place))
	where("batch", f.Batch)
	where("rule", string(f.Rule))
	where("origin", f.Origin)
	tasks, err := s.read(ctx, sel)
	if err != nil {
		return nil, Counts{}, dbError(op, err)
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, Counts{}, err
	}
	units, err := s.unitNames(ctx, q)
	if err != nil {
		return nil, Counts{}, err
	}
	counts := Counts{States: map[State]int{}}
	out := []Entry{}
	for _, t := range tasks {
		t, ok := t.At(q)
		if !ok || f.Show != nil && !f.Show(&t) {
			continue
		}
		e := s.entry(tree, units, q, t)
		if f.County != "" && e.County != f.County || f.Under != "" && !within(s.path(tree, q, &t), f.Under) {
			continue
		}
		counts.States[e.State]++
		if e.Near {
			counts.Near++
		}
		if e.Late && e.State.Open() {
			counts.Late++
		}
		switch {
		case f.State != "" && e.State != f.State, f.Open && !e.State.Open(), f.Late && !(e.Late && e.State.Open()), f.Near && !e.Near:
		default:
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b Entry) int {
		if x, y := a.State.Open(), b.State.Open(); x != y {
			if x {
				return -1
			}
			return 1
		} else if !x { // what is done: the newest first
			return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(a.ID, b.ID))
		}
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.CountyName, b.CountyName), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return out, counts, nil
}

// Task is one task as it stood for a question.
func (s *Service) Task(ctx context.Context, q place.AsOf, id ID) (Entry, error) {
	const op = "supervision.Task"
	list, err := s.read(ctx, s.db.NewSelect().Model((*taskRow)(nil)).Where("id = ?", id))
	if err != nil {
		return Entry{}, dbError(op, err)
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return Entry{}, err
	}
	units, err := s.unitNames(ctx, q)
	if err != nil {
		return Entry{}, err
	}
	if len(list) == 1 {
		if t, ok := list[0].At(q); ok {
			return s.entry(tree, units, q, t), nil
		}
	}
	return Entry{}, fault.New(fault.NotFound, op, "supervision.none")
}

// OfUnit is the level of a task that a member unit is asked.
const OfUnit place.Level = "unit"

func (s *Service) unitNames(ctx context.Context, q place.AsOf) (map[string]string, error) {
	if s.o.Units == nil {
		return nil, nil
	}
	return s.o.Units.UnitNames(ctx, q)
}

func (s *Service) entry(tree *place.Tree, units map[string]string, q place.AsOf, t Task) Entry {
	e := Entry{Task: t, Standing: t.standing(s.o.Clock, q.Day), Next: append([]Act{}, Next(t.State)...)}
	for _, v := range s.path(tree, q, &t) {
		switch v.Level {
		case place.County:
			e.County, e.CountyName = v.Place, v.Name
		case place.Street:
			e.Street = v.Name
		}
		if v.Level == place.Community {
			e.Community = v.Name
		}
		e.Name, e.Level = v.Name, v.Level
	}
	if t.Unit != "" {
		e.Name, e.Level = units[t.Unit], OfUnit
	}
	return e
}

// path is where a task's place lies, from the top down to itself: as it was when the task was raised, if it has ended since.
func (s *Service) path(tree *place.Tree, q place.AsOf, t *Task) []place.Version {
	if path := tree.Path(q, t.Place); path != nil {
		return path
	}
	return tree.Path(s.o.Clock.AtClose(s.o.Clock.DayOf(t.Steps[0].Known)), t.Place)
}

func within(path []place.Version, at place.ID) bool {
	return slices.ContainsFunc(path, func(v place.Version) bool { return v.Place == at })
}
