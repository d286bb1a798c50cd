package sheet

import (
	"cmp"
	"context"
	"slices"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Report is what a pass over a list found.
type Report struct {
	Rows     int          `json:"rows" doc:"Rows with something in them, below the headings"`
	New      int          `json:"new" doc:"Good rows with a new compound"`
	Changed  int          `json:"changed" doc:"Good rows that change a compound"`
	Same     int          `json:"same" doc:"Good rows that change nothing"`
	Bad      int          `json:"bad" doc:"Rows with a bad cell"`
	BadEach  int          `json:"bad_each" doc:"How many of them one workbook of bad rows takes"`
	Apart    int          `json:"apart" doc:"Good rows whose compound takes no part in the programme afterwards: it is counted nowhere"`
	Skipped  int          `json:"skipped" doc:"Sums, signatures, notes, repeated headings"`
	Kinds    map[Kind]int `json:"kinds" doc:"How many cells of each kind"`
	Problems []Problem    `json:"problems" doc:"The bad cells; of each kind the first 500, all of them by listSheetCells"`
	Warnings []Problem    `json:"warnings" doc:"Cells to look at; of each kind the first 200, all of them by listSheetCells"`
	Changes  []Change     `json:"changes" doc:"What would change; the first 500"`

	listed map[Kind]int
}

const (
	mostProblems = 500
	mostWarnings = 200
	mostChanges  = 500
)

func newReport() *Report {
	return &Report{BadEach: badRowsEach, Kinds: map[Kind]int{}, Problems: []Problem{}, Warnings: []Problem{}, Changes: []Change{}, listed: map[Kind]int{}}
}

func (r *Report) add(l *line) {
	r.Rows++
	if l.skipped {
		r.Skipped++
	}
	if len(l.problems) > 0 {
		r.Bad++
	}
	slices.SortStableFunc(l.problems, func(a, b Problem) int { return cmp.Compare(a.col, b.col) })
	for _, p := range l.problems {
		r.Kinds[p.Kind]++
		if r.listed[p.Kind] < mostProblems {
			r.listed[p.Kind]++
			r.Problems = append(r.Problems, p)
		}
	}
	if len(l.problems) > 0 {
		return
	}
	for _, p := range l.warnings {
		r.Kinds[p.Kind]++
		if r.listed[p.Kind] < mostWarnings {
			r.listed[p.Kind]++
			r.Warnings = append(r.Warnings, p)
		}
	}
}

func (r *Report) did(d *deed) {
	if d.apart {
		r.Apart++
	}
	switch {
	case d.fresh():
		r.New++
	case d.same():
		r.Same++
	default:
		r.Changed++
	}
	if n := mostChanges - len(r.Changes); n > 0 {
		r.Changes = append(r.Changes, d.changes[:min(n, len(d.changes))]...)
	}
}

// rowsAtOnce is how many rows are compared with the database, and written,
// together.
const rowsAtOnce = 400

// pass is one reading of a list.
type pass struct {
	c      *checker
	from   book // nil: the file of the draft
	known  time.Time
	report *Report
	// do is told the good rows; each all rows with something in them. Both may be nil.
	do   func(ctx context.Context, deeds []*deed) error
	each func(l *line) error
}

// run reads a list from beginning to end.
func (s *Service) run(ctx context.Context, d *draft, p pass) error {
	b := p.from
	if b == nil {
		var err error
		if b, err = open(d.path); err != nil {
			return err
		}
		defer b.Close()
	}
	last := func(ctx context.Context, ids []place.ID) (map[ref]map[Key]string, error) {
		return s.lastSaid(ctx, d.by, d.of.key, ids)
	}
	d.mu.Lock()
	who := d.who
	d.mu.Unlock()
	lines := make([]*line, 0, rowsAtOnce)
	flush := func() error {
		deeds, err := p.c.deeds(ctx, s.o.Places, s.o.Programme, p.known, lines, last)
		if err != nil {
			return err
		}
		for _, l := range lines {
			p.report.add(l)
			if p.each != nil {
				if err := p.each(l); err != nil {
					return err
				}
			}
		}
		for _, x := range deeds {
			p.report.did(x)
		}
		if p.do != nil && len(deeds) > 0 {
			if err := p.do(ctx, deeds); err != nil {
				return err
			}
		}
		d.read.Store(int64(p.report.Rows))
		lines = lines[:0]
		return nil
	}
	var sheets []string
	for _, t := range d.tables {
		if t.Heading == 0 {
			continue
		}
		if t.Sheet != "" {
			sheets = append(sheets, t.Sheet)
		}
		if m := t.missing(); len(m) > 0 {
			return missing(t, m, d.lang)
		}
		p.c.who, p.c.make, p.c.take = who, d.create, d.take
		p.c.spans[t] = between(b.Merged(t.index), t.bottom+1)
		err := b.Rows(ctx, t.index, func(row int, cells []string) error {
			if row <= t.bottom {
				return nil
			}
			l := p.c.row(t, row, slices.Clone(cells))
			if l == nil {
				return nil
			}
			if lines = append(lines, l); len(lines) == rowsAtOnce {
				return flush()
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := flush(); err != nil {
			return err
		}
		if p.report.Rows > MaxRows {
			return fault.New(fault.TooLarge, "sheet.read", "sheet.too-many-rows", "most", MaxRows)
		}
	}
	if p.report.Rows == 0 {
		return nothing(sheets, d.lang)
	}
	return nil
}

// nothing says of which sheets, each in quotes of its own; a text has none.
func nothing(sheets []string, lang string) error {
	if len(sheets) == 0 {
		return fault.New(fault.Invalid, "sheet.read", "sheet.no-rows")
	}
	return fault.New(fault.Invalid, "sheet.read", "sheet.no-rows-in", "sheet", quoted(sheets, lang))
}

func missing(t *Table, m []*column, lang string) error {
	var names []string
	for _, c := range m {
		names = append(names, c.heading(lang))
	}
	return fault.New(fault.Invalid, "sheet.read", "sheet.missing-columns", "columns", listed(names, lang), "sheet", t.Sheet)
}

// between are the merged cells that begin in or below a row.
func between(spans []span, top int) []span {
	return slices.DeleteFunc(slices.Clone(spans), func(s span) bool { return s.top < top })
}

// check is the dry run: nothing is stored.
func (s *Service) check(ctx context.Context, d *draft) error {
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return err
	}
	q := s.today()
	r := newReport()
	if err := s.run(ctx, d, pass{c: newChecker(newIndex(tree, q), q.Day, d.from, d.lang), known: q.Known, report: r}); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.report, d.total, d.state = r, r.Rows, Checked
	return nil
}
