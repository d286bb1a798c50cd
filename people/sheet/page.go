package sheet

import (
	"context"
	"errors"

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
	d.mu.Lock()
	working, report := d.working(), d.report
	d.mu.Unlock()
	if working || report == nil {
		return Cells{}, fault.New(fault.Conflict, op, "sheet.busy")
	}
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
	err = s.run(ctx, d.again(), pass{
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

// again is a draft for another reading of the same list; it has no state of its own.
func (d *draft) again() *draft {
	return &draft{path: d.path, by: d.by, lang: d.lang, of: d.of, create: d.create, take: d.take, tables: d.tables, who: d.who}
}

// look reports whether cells of a kind are good, and only to be looked at.
func (k Kind) look() bool {
	switch k {
	case kindSimilar, kindChanged, kindSkipped:
		return true
	}
	return false
}
