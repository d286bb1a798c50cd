package sheet

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"linli.dev/linli/people/place"
)

// line is a row of a sheet with what it says.
type line struct {
	t     *Table
	row   int // from 0
	cells []string
	tidy  []string // of each column of its kind of list

	id        place.ID // of the place that is meant; made up for a new one
	found     bool     // the place is new
	level     place.Level
	nameKey   Key      // the column with its name
	parentKey Key      // the column that names what is above it
	parent    place.ID // "" of a place that stays where it is
	compound  place.ID // whose numbers the row counts; "" of a division
	name      string
	code      *string
	nameEN    *string
	class     *place.Class
	weak      *bool
	criteria  string
	evidence  string
	point     *place.LonLat
	numbers   map[place.Sort]int
	from      place.Day
	part      *bool // it takes part in the programme
	plan      int   // channels that it is to have; 0: the row does not say it
	thing     thing // in a list of what compounds have

	problems []Problem
	warnings []Problem
	skipped  bool
}

// checker checks rows one after the other.
type checker struct {
	x     *index
	today place.Day
	from  place.Day // of rows that do not say it
	new   *fresh    // divisions and buildings that rows of the list made
	make  bool      // buildings that are missing are made
	take  bool      // compounds of which no row says otherwise take part
	twins *twins
	who   Sender
	lang  string
	// Merged cells that a table's rows meet, by table.
	spans map[*Table][]span
	carry map[*Table]map[int]string // of a merged cell's column: what its first row said
}

func newChecker(x *index, today, from place.Day, lang string) *checker {
	return &checker{x: x, today: today, from: from, twins: newTwins(), new: newFresh(), lang: lang, spans: map[*Table][]span{}, carry: map[*Table]map[int]string{}}
}

// value is what a row says in a column; nothing where its kind of list has no such column.
func (l *line) value(k Key) string {
	if i, ok := l.t.of.at[k]; ok {
		return l.tidy[i]
	}
	return ""
}

func (l *line) problem(lang string, k Key, kind Kind, code string, r right, args ...any) Problem {
	c := l.t.of.column(k)
	p := Problem{Sheet: l.t.Sheet, Row: l.row + 1, Name: l.called(), Column: c.heading(lang), Kind: kind, Code: code, args: pairsOf(args), right: r, col: l.t.col(k)}
	if p.col >= 0 {
		p.Cell, p.Is = cellName(p.col, l.row), clip(cellAt(l.cells, p.col))
		for _, tc := range l.t.Columns {
			if tc.col == p.col && tc.Heading != "" {
				p.Column = tc.Heading
			}
		}
	}
	return p
}

// called is the place that a row names; a number of a person is not repeated.
func (l *line) called() string {
	if n := l.t.of.called(l); place.Personal(n) == "" {
		return clip(n)
	}
	return ""
}

func pairsOf(args []any) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return m
}

func (c *checker) bad(l *line, k Key, kind Kind, code string, r right, args ...any) {
	l.problems = append(l.problems, l.problem(c.lang, k, kind, code, r, args...))
}

func (c *checker) warn(l *line, k Key, kind Kind, code string, args ...any) {
	l.warnings = append(l.warnings, l.problem(c.lang, k, kind, code, right{}, args...))
}

// row says what a row means and everything that is wrong with it by itself;
// nil for a row that says nothing.
func (c *checker) row(t *Table, row int, cells []string) *line {
	l := &line{t: t, row: row, cells: c.unmerge(t, row, cells), numbers: map[place.Sort]int{}, level: place.Compound, nameKey: Name, parentKey: Community}
	columns := t.of.columns
	if isBlank(cells) {
		return nil
	}
	l.tidy = make([]string, len(columns))
	for i := range columns {
		l.tidy[i] = tidy(cellAt(l.cells, t.at[i]))
	}
	if c.isNoRow(l) {
		l.skipped = true
		c.warn(l, l.t.of.name, kindSkipped, "sheet.no-compound-row")
		return l
	}
	c.personal(l)
	for i := range columns {
		if v := l.value(columns[i].key); isFormulaError(v) {
			c.bad(l, columns[i].key, kindFormula, "sheet.formula-error", right{}, "is", v)
			return l
		}
	}
	c.words(l)
	c.choices(l)
	c.share(l)
	c.degrees(l)
	c.texts(l)
	c.day(l)
	c.place(l)
	return l
}

// unmerge gives a merged cell's value to all its rows where it names a place or
// a day; a number that stands for several compounds is nobody's.
func (c *checker) unmerge(t *Table, row int, cells []string) []string {
	spans := c.spans[t]
	if len(spans) == 0 {
		return cells
	}
	if c.carry[t] == nil {
		c.carry[t] = map[int]string{}
	}
	cells = slices.Clone(cells)
	for i, s := range spans {
		if row < s.top || row > s.bottom || s.bottom == s.top {
			continue
		}
		if row == s.top {
			c.carry[t][i] = cellAt(cells, s.left)
			continue
		}
		for k := range t.of.columns {
			if t.at[k] == s.left && t.of.columns[k].spreads {
				for len(cells) <= s.left {
					cells = append(cells, "")
				}
				cells[s.left] = c.carry[t][i]
			}
		}
	}
	return cells
}

var noRows = []string{"合计", "总计", "小计", "共计", "total", "填表人", "填报人", "填报单位", "审核人", "负责人", "制表", "注:", "注：", "备注", "说明", "联系人", "联系电话"}

// isNoRow: a sum, a signature, a note below the list.
func (c *checker) isNoRow(l *line) bool {
	first, filled := "", 0
	for _, cell := range l.cells {
		if v := strings.TrimSpace(cell); v != "" {
			if first == "" {
				first = v
			}
			filled++
		}
	}
	v := strings.ToLower(strings.ReplaceAll(first, " ", ""))
	for _, n := range noRows {
		if strings.HasPrefix(v, n) && !l.t.of.bare(l) {
			return false
		}
		if strings.HasPrefix(v, n) {
			return true
		}
	}
	// A sentence over the whole width, or headings that are repeated on every printed page.
	return filled == 1 && len([]rune(first)) > 30 || l.value(l.t.of.name) != "" && plain(l.value(l.t.of.name)) == plain(headingOf(l.t, l.t.of.name))
}

func headingOf(t *Table, k Key) string {
	for _, c := range t.Columns {
		if c.Key == k {
			return c.Heading
		}
	}
	return ""
}

// personal refuses numbers of persons wherever they stand, in columns that are
// not taken too.
func (c *checker) personal(l *line) {
	taken, columns := map[int]Key{}, l.t.of.columns
	for i := range columns {
		if l.t.at[i] >= 0 {
			taken[l.t.at[i]] = columns[i].key
		}
	}
	for col, cell := range l.cells {
		code := place.Personal(cell)
		k, ok := taken[col]
		if code == "" || !ok && code == "place.field.phone-number" {
			continue // an office's telephone in a column that is not taken is its own affair
		}
		if ok {
			c.bad(l, k, kindPerson, code, right{code: "sheet.right.empty"})
			l.problems[len(l.problems)-1].Is = ""
			continue
		}
		p := Problem{Sheet: l.t.Sheet, Row: l.row + 1, Name: l.called(), Cell: cellName(col, l.row), Kind: kindPerson, Code: code, right: right{code: "sheet.right.empty"}, col: col}
		for _, tc := range l.t.Columns {
			if tc.col == col {
				p.Column = tc.Heading
			}
		}
		l.problems = append(l.problems, p)
	}
}

// said reports whether something is wrong with a cell already.
func (l *line) said(k Key) bool {
	col := l.t.col(k)
	return col >= 0 && slices.ContainsFunc(l.problems, func(p Problem) bool { return p.col == col })
}

// clears reports whether a cell says by a word of its own that nothing is known
// any more. An empty cell never does: it leaves alone what is there.
func clears(v string) bool {
	return slices.Contains([]string{"清空", "–", "—", "clear"}, strings.ToLower(v))
}

// words reads choices and numbers.
func (c *checker) words(l *line) {
	if v := l.value(Class); v != "" && !l.said(Class) {
		if w, ok := choose(classWords, v); ok {
			class := place.Class(w)
			l.class = &class
		} else {
			c.bad(l, Class, kindChoice, "sheet.not-a-choice", right{words: labels(classWords, c.lang)})
		}
	}
	if v := l.value(Weak); v != "" && !l.said(Weak) {
		if w, ok := choose(yesWords, v); ok {
			yes := w == "yes"
			l.weak = &yes
		} else {
			c.bad(l, Weak, kindChoice, "sheet.not-a-choice", right{words: labels(yesWords, c.lang)})
		}
	}
	for i := range l.t.of.columns {
		k := l.t.of.columns[i].key
		v := l.value(k)
		if l.t.of.columns[i].form != aNumber || v == "" || l.said(k) {
			continue
		}
		n, whole, ok := number(v)
		switch {
		case clears(v):
			l.numbers[place.Sort(k)] = place.Unsaid
		case isFew(v) && l.countsVolunteers(k):
			// An export came back: what is not told is left alone.
		case c.sharesNumber(l, i):
			c.bad(l, k, kindMerged, "sheet.merged-number", right{code: "sheet.right.split"})
		case !ok:
			c.bad(l, k, kindNumber, "sheet.not-a-number", right{code: "sheet.right.number"})
		case n < 0:
			c.bad(l, k, kindNumber, "sheet.negative", right{code: "sheet.right.number"})
		case !whole:
			c.bad(l, k, kindNumber, "sheet.fraction", right{code: "sheet.right.number"})
		case n > maxNumber:
			c.bad(l, k, kindNumber, "sheet.too-many", right{code: "sheet.right.number"})
		default:
			l.numbers[place.Sort(k)] = n
		}
	}
}

// degrees reads where a compound lies: both, or neither.
func (c *checker) degrees(l *line) {
	lon, lat := l.value(Lon), l.value(Lat)
	if lon == "" && lat == "" || l.said(Lon) || l.said(Lat) {
		return
	}
	var p place.LonLat
	if clears(lon) && clears(lat) {
		l.point = &p
		return
	}
	for _, x := range []struct {
		k    Key
		v    string
		most float64
		into *float64
	}{{Lon, lon, 180, &p.Lon}, {Lat, lat, 90, &p.Lat}} {
		f, err := strconv.ParseFloat(strings.TrimSuffix(x.v, "°"), 64)
		switch {
		case x.v == "":
			c.bad(l, x.k, kindNumber, "sheet.half-a-point", right{code: "sheet.right.degrees"})
		case err != nil || math.IsNaN(f) || math.Abs(f) > x.most:
			c.bad(l, x.k, kindNumber, "sheet.not-degrees", right{code: "sheet.right.degrees"})
		default:
			*x.into = place.DegreesOf(f).Float()
		}
	}
	if !l.said(Lon) && !l.said(Lat) {
		l.point = &p
	}
}

const maxNumber = 100_000

func (c *checker) sharesNumber(l *line, i int) bool {
	return slices.ContainsFunc(c.spans[l.t], func(s span) bool {
		return s.left <= l.t.at[i] && l.t.at[i] <= s.right && l.row == s.top && (s.bottom > s.top || s.right > s.left)
	})
}

// texts checks what is kept as it is written.
func (c *checker) texts(l *line) {
	for i := range l.t.of.columns {
		col := &l.t.of.columns[i]
		v := l.value(col.key)
		switch {
		case col.form != aText || v == "" || l.said(col.key):
		case isFormula(v) && !c.isCalled(l, col.key, v):
			c.bad(l, col.key, kindFormula, "sheet.formula", right{code: "sheet.right.plain-text"})
		case col.most > 0 && len([]rune(v)) > col.most:
			c.bad(l, col.key, kindText, "sheet.too-long", right{code: "sheet.right.shorter", args: pairsOf([]any{"most", col.most})}, "is", len([]rune(v)))
		}
	}
	l.name, l.criteria, l.evidence = l.value(Name), l.value(Criteria), l.value(Evidence)
	if v := l.value(Code); v != "" {
		if clears(v) {
			v = ""
		}
		l.code = &v
	}
	if v := l.value(NameEN); v != "" && !l.said(NameEN) {
		if clears(v) {
			v = ""
		}
		if !place.Latin(v) {
			c.bad(l, NameEN, kindText, "sheet.latin", right{code: "sheet.right.latin"})
		}
		l.nameEN = &v
	}
}

// isCalled reports whether a place of this id bears the name already: an
// export must come back as it went.
func (c *checker) isCalled(l *line, k Key, name string) bool {
	v, ok := c.x.tree.At(c.x.q, place.ID(l.value(ID)))
	return k == l.t.of.nameOf(v.Level) && ok && v.Name == name
}

func (c *checker) day(l *line) {
	l.from = c.from
	v := l.value(From)
	if v == "" || l.said(From) {
		return
	}
	d, ok := day(v)
	switch {
	case !ok:
		c.bad(l, From, kindDay, "sheet.not-a-day", right{code: "sheet.right.day", args: pairsOf([]any{"day", c.today.String()})})
	case d > c.today:
		c.bad(l, From, kindDay, "sheet.day-to-come", right{code: "sheet.right.no-later", args: pairsOf([]any{"day", c.today.String()})})
	default:
		l.from = d
	}
}
