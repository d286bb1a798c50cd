package sheet

import (
	"context"
	"errors"
	"slices"

	"linli.dev/linli/fault"
)

// Cells is a page of the cells of a list that a report counts.
type Cells struct {
	Cells []Problem `json:"cells" doc:"In the order of the rows"`
	Total int       `json:"total" doc:"Of this kind, by the report"`
	Next  int       `json:"next,omitempty" doc:"Ask with offset=… for more; left out: there are none"`
}

// Cells lists the bad cells of an upload, or with a kind the cells of that one, bad or to look at: every one of them, where the
// report has the first. The list is read anew for it, and compared with what holds now.
func (s *Service) Cells(ctx context.Context, by, id string, kind Kind, offset, limit int) (Cells, error) {
	const op = "sheet.Cells"
	d, err := s.mine(by, id)
	if err != nil {
		return Cells{}, err
	}
	again, report, done, err := s.reread(ctx, d, op)
	if err != nil {
		return Cells{}, err
	}
	defer done()
	out := Cells{Cells: []Problem{}}
	for k, n := range report.Kinds {
		if k == kind || kind == "" && !k.look() {
			out.Total += n
		}
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return Cells{}, err
	}
	at := 0
	take := func(list []Problem) error {
		for _, p := range list {
			switch {
			case kind != "" && p.Kind != kind:
				continue
			case at >= offset+limit:
				out.Next = at
				return errStop
			case at >= offset:
				out.Cells = append(out.Cells, p)
			}
			at++
		}
		return nil
	}
	q := s.today()
	err = s.run(ctx, again, pass{
		c: newChecker(newIndex(tree, q), q.Day, d.from, d.lang), known: q.Known, report: newReport(),
		each: func(l *line) error {
			if len(l.problems) == 0 && kind.look() { // of a bad row nothing else is looked at
				return take(l.warnings)
			}
			return take(l.problems)
		},
	})
	if err != nil && !errors.Is(err, errStop) {
		return Cells{}, err
	}
	return out, nil
}

// reread takes a slot for another reading of a checked list: its draft has no state of its own, and columns that nobody gives
// another meaning meanwhile. done gives the slot back.
func (s *Service) reread(ctx context.Context, d *draft, op string) (again *draft, report *Report, done func(), err error) {
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, nil, ctx.Err()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.working() || d.report == nil {
		<-s.slots
		return nil, nil, nil, fault.New(fault.Conflict, op, "sheet.busy")
	}
	again = &draft{path: d.path, by: d.by, lang: d.lang, of: d.of, create: d.create, take: d.take, who: d.who}
	for _, t := range d.tables {
		c := *t
		c.Columns, c.at = slices.Clone(t.Columns), slices.Clone(t.at)
		again.tables = append(again.tables, &c)
	}
	return again, d.report, func() { <-s.slots }, nil
}

// look reports whether cells of a kind are good, and only to be looked at.
func (k Kind) look() bool {
	switch k {
	case kindSimilar, kindChanged, kindSkipped:
		return true
	}
	return false
}
