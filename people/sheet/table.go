package sheet

import (
	"context"
	"slices"
	"strings"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Table is a sheet of a file: where its headings are, and what its columns mean.
type Table struct {
	Sheet   string        `json:"sheet" doc:"Its name; empty for a text"`
	Heading int           `json:"heading" doc:"The row of the headings, from 1; 0: none were found, the sheet is not read"`
	Columns []TableColumn `json:"columns"`

	index  int   // in the book
	top    int   // first row of the headings, from 0; two rows when they are grouped
	bottom int   // last row of the headings
	at     []int // column of each column of its kind of list, -1: none
	of     *listing
}

// TableColumn is a column of an uploaded sheet.
type TableColumn struct {
	Column  string   `json:"column" doc:"As the spreadsheet calls it, C"`
	Heading string   `json:"heading"`
	Key     Key      `json:"key" doc:"What it means; empty: it is not taken"`
	How     string   `json:"how" enum:"exact,remembered,similar,chosen,none" doc:"How its meaning was found"`
	Person  bool     `json:"person,omitempty" doc:"It asks about residents; the list is refused"`
	Samples []string `json:"samples" doc:"The first values"`

	col int
}

const (
	headRows   = 30
	maxSamples = 3
)

// tables finds the headings of every sheet of a book.
func tables(ctx context.Context, b book, of *listing, remembered map[string]Key) ([]*Table, error) {
	var out []*Table
	for i, name := range b.Sheets() {
		var rows [][]string
		err := b.Rows(ctx, i, func(row int, cells []string) error {
			c := make([]string, len(cells))
			for j := range cells {
				c[j] = clip(cells[j])
			}
			if rows = append(rows, c); len(rows) == headRows+maxSamples {
				return errStop
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, s := range b.Merged(i) { // a group's heading stands over all its columns
			if s.bottom >= len(rows) {
				continue
			}
			v := cellAt(rows[s.top], s.left)
			for r := s.top; r <= s.bottom && s.right-s.left < maxColumns; r++ {
				for c := s.left; c <= s.right; c++ {
					for len(rows[r]) <= c {
						rows[r] = append(rows[r], "")
					}
					rows[r][c] = v
				}
			}
		}
		t := &Table{Sheet: name, of: of, index: i, Columns: []TableColumn{}}
		t.find(rows, remembered)
		out = append(out, t)
	}
	if !anyFound(out) {
		return nil, fault.New(fault.Invalid, "sheet.read", "sheet.no-headings")
	}
	// Beside a sheet that has all that is needed, one that has not is something else: notes, a summary.
	if slices.ContainsFunc(out, (*Table).whole) {
		for _, t := range out {
			if t.Heading > 0 && !t.whole() {
				t.Heading, t.Columns = 0, []TableColumn{}
			}
		}
	}
	return out, nil
}

func (t *Table) whole() bool { return t.Heading > 0 && len(t.missing()) == 0 }

func anyFound(list []*Table) bool {
	for _, t := range list {
		if t.Heading > 0 {
			return true
		}
	}
	return false
}

func cellAt(cells []string, col int) string {
	if col < 0 || col >= len(cells) {
		return ""
	}
	return cells[col]
}

// find takes the row, or two rows one above the other, in which most columns
// are known by name. Titles may stand above.
func (t *Table) find(rows [][]string, remembered map[string]Key) {
	score := func(heads []string) int {
		seen := map[Key]bool{}
		for _, h := range heads {
			if k, how := t.of.meaning(h, remembered); k != "" && (how != byLikeness || len(seen) > 0) {
				seen[k] = true
			}
		}
		return len(seen)
	}
	best, heads := 0, []string(nil)
	for i := range rows[:min(headRows, len(rows))] {
		if n := score(rows[i]); n > best {
			best, heads, t.top, t.bottom = n, rows[i], i, i
		}
		if i == 0 {
			continue
		}
		if both := t.under(rows[i-1], rows[i], remembered); score(both) > max(best, score(rows[i-1])) {
			best, heads, t.top, t.bottom = score(both), both, i-1, i
		}
	}
	if best < 2 {
		return
	}
	t.Heading = t.bottom + 1
	for c, h := range heads {
		k, how := t.of.meaning(h, remembered)
		col := TableColumn{Column: columnName(c), Heading: h, Key: k, How: how, Person: place.HeadingAboutPeople(h), Samples: []string{}, col: c}
		for _, r := range rows[t.bottom+1:] {
			if v := strings.TrimSpace(cellAt(r, c)); v != "" && len(col.Samples) < maxSamples {
				col.Samples = append(col.Samples, v)
			}
		}
		if col.Person {
			col.Key, col.How = "", byNothing
		}
		if strings.TrimSpace(h) != "" || len(col.Samples) > 0 {
			t.Columns = append(t.Columns, col)
		}
	}
	t.settle()
}

// under joins two rows of headings: the lower one says it, where it is empty or
// unknown the upper.
func (t *Table) under(upper, lower []string, remembered map[string]Key) []string {
	out := make([]string, max(len(upper), len(lower)))
	for i := range out {
		u, l := cellAt(upper, i), cellAt(lower, i)
		out[i] = l
		if k, _ := t.of.meaning(l, remembered); strings.TrimSpace(l) == "" || k == "" && u != "" && !place.HeadingAboutPeople(l) {
			if k, _ := t.of.meaning(u, remembered); k != "" || l == "" {
				out[i] = u
			}
		}
	}
	return out
}

// settle gives each meaning to one column: the one that is surest of it.
func (t *Table) settle() {
	sure := map[string]int{byChoice: 4, byMemory: 3, byName: 2, byLikeness: 1}
	t.at = make([]int, len(t.of.columns))
	holder := map[Key]int{}
	for i := range t.at {
		t.at[i] = -1
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Key == "" {
			continue
		}
		if j, taken := holder[c.Key]; taken {
			loser := c
			if sure[c.How] > sure[t.Columns[j].How] {
				loser = &t.Columns[j]
				holder[c.Key] = i
			}
			loser.Key, loser.How = "", byNothing
			continue
		}
		holder[c.Key] = i
	}
	for k, i := range holder {
		t.at[t.of.at[k]] = t.Columns[i].col
	}
}

// col is where the column of a meaning stands, from 0; -1: there is none.
func (t *Table) col(k Key) int {
	if i, ok := t.of.at[k]; ok && i < len(t.at) {
		return t.at[i]
	}
	return -1
}

// missing lists the columns without which no row can be understood.
func (t *Table) missing() (out []*column) {
	if t.col(ID) >= 0 {
		return nil
	}
	for i := range t.of.columns {
		if t.of.columns[i].need && t.at[i] < 0 {
			out = append(out, &t.of.columns[i])
		}
	}
	return out
}

// Meaning is what a sender says a column means.
type Meaning struct {
	Sheet  string `json:"sheet"`
	Column string `json:"column" doc:"C"`
	Key    Key    `json:"key" doc:"Empty: not to be taken"`
}

// apply takes the sender's word for some columns.
func apply(list []*Table, meanings []Meaning) error {
	const op = "sheet.Map"
	for _, m := range meanings {
		if m.Key != "" && !list[0].of.knows(m.Key) {
			return fault.New(fault.Invalid, op, "sheet.no-such-meaning", "is", clip(string(m.Key)))
		}
		found := false
		for _, t := range list {
			for i := range t.Columns {
				c := &t.Columns[i]
				if t.Sheet != m.Sheet || c.Column != m.Column {
					continue
				}
				found = true
				if c.Person && m.Key != "" {
					return fault.New(fault.Invalid, op, "sheet.person-column", "column", c.Heading)
				}
				c.Key, c.How = m.Key, byChoice
			}
		}
		if !found {
			return fault.New(fault.Invalid, op, "sheet.no-such-column", "column", clip(m.Column))
		}
	}
	for _, t := range list {
		if t.Heading > 0 {
			t.settle()
		}
	}
	return nil
}
