package paper

import (
	"math"
	"net/url"
	"strconv"
	"strings"
)

// Document is something to be published, in words: the same for every format, so
// that no two of them say different things.
type Document struct {
	Lang    string  `json:"lang"`
	Number  string  `json:"number,omitempty" doc:"Under which it was issued"`
	Title   string  `json:"title"`
	Under   string  `json:"under" doc:"The line under the title"`
	Blocks  []Block `json:"blocks"`
	Signer  string  `json:"signer,omitempty" doc:"The office that speaks"`
	Date    string  `json:"date" doc:"The line at the end"`
	Compact bool    `json:"compact,omitempty" doc:"It is to fit one page"`

	Behind  []*Grid `json:"-"` // sheets of the workbook only: the rows that figures are made of
	Turn    string  `json:"-"` // the part of the title that may stand on a line of its own
	Annexes string  `json:"-"` // the word for the list of tables at the end
	Root    string  `json:"-"` // where links lead, https://host; "" makes none in files
	Asked   string  `json:"-"` // the question of the links: "at=2017-09-27"
}

// Block is one of a heading, a paragraph, a note, a table and a chart.
type Block struct {
	Section   string  `json:"section,omitempty" doc:"Of headings: a name that stays"`
	Heading   string  `json:"heading,omitempty"`
	Paragraph string  `json:"paragraph,omitempty"`
	Pieces    []Piece `json:"pieces,omitempty" doc:"The paragraph in pieces, when some of them are figures"`
	Added     bool    `json:"added,omitempty" doc:"Written by the office, not computed"`
	Note      string  `json:"note,omitempty"`
	Table     *Grid   `json:"table,omitempty"`
	Chart     *Chart  `json:"chart,omitempty"`
}

// Piece is a part of a paragraph. A figure is never torn over two lines, and
// leads to the rows that it is made of.
type Piece struct {
	Text   string `json:"text"`
	Figure bool   `json:"figure,omitempty"`
	Ref    *Ref   `json:"ref,omitempty"`
}

// Ref names the rows behind a figure.
type Ref struct {
	Figure string `json:"figure"`
	County string `json:"county,omitempty" doc:"Left out: of all counties"`

	Known     string `json:"known,omitempty" doc:"The instant, RFC 3339, up to which the document knows; left out: the close of its day"`
	Since     string `json:"since,omitempty" doc:"Of a change: the day that it is counted from; behind it are the compounds that changed"`
	Milestone string `json:"milestone,omitempty" doc:"Of duties: only those of this milestone"`
}

// Grid has a heading row, rows, and after them a row of sums when Sum is set.
type Grid struct {
	Key    string     `json:"key,omitempty" doc:"A name that stays"`
	Name   string     `json:"name"`
	Head   []string   `json:"head"`
	Right  []bool     `json:"right" doc:"Columns of numbers"`
	Rows   [][]string `json:"rows"`
	Sum    []string   `json:"sum,omitempty"`
	Refs   [][]*Ref   `json:"refs,omitempty" doc:"What is behind each cell, the row of sums last"`
	Inline bool       `json:"inline,omitempty" doc:"It stays in the text and is no annex"`

	Figures []string `json:"-"` // of a grid of rows: which figure each column is
	Keys    []string `json:"-"` // of a grid of rows: which county each row belongs to
}

// Chart is drawn from a table of the document, by its key.
type Chart struct {
	Name    string `json:"name"`
	Alt     string `json:"alt" doc:"What it shows, in words"`
	Of      string `json:"of"`
	Lines   bool   `json:"lines,omitempty" doc:"Lines over time; else bars"`
	Label   int    `json:"label" doc:"The column of names"`
	Columns []int  `json:"columns"`
	Data    *Grid  `json:"data,omitempty" doc:"Its table, when the document shows it nowhere else"`
}

// Path is where on the pages the rows behind a figure are; "" for none.
func (d *Document) Path(r *Ref) string {
	if r == nil {
		return ""
	}
	q := url.Values{"figure": {r.Figure}}
	if r.County != "" {
		q.Set("county", r.County)
	}
	if r.Since != "" {
		q.Set("since", r.Since)
	}
	if r.Milestone != "" {
		q.Set("milestone", r.Milestone)
	}
	if r.Known != "" {
		q.Set("known", r.Known)
	}
	path := "/rows?" + q.Encode()
	if d.Asked != "" {
		path += "&" + d.Asked
	}
	return path
}

// link is a link of a file: nothing when it is not known where the pages are.
func (d *Document) link(r *Ref) string {
	if r == nil || d.Root == "" {
		return ""
	}
	return strings.TrimRight(d.Root, "/") + d.Path(r)
}

// grid finds a table by its key.
func (d *Document) grid(key string) *Grid {
	for _, b := range d.Blocks {
		if b.Table != nil && b.Table.Key == key {
			return b.Table
		}
	}
	for _, g := range d.Behind {
		if g.Key == key {
			return g
		}
	}
	for _, b := range d.Blocks {
		if b.Chart != nil && b.Chart.Of == key {
			return b.Chart.Data
		}
	}
	return nil
}

// Complete gives each chart whose table is behind the document a copy of what it
// draws, so that a page that has the document alone can draw it too.
func (d *Document) Complete() {
	for _, b := range d.Blocks {
		if b.Chart == nil {
			continue
		}
		for _, g := range d.Behind {
			if g.Key == b.Chart.Of {
				b.Chart.Data = g.only(b.Chart)
			}
		}
	}
}

// only are the columns of a chart.
func (g *Grid) only(c *Chart) *Grid {
	out := &Grid{Key: g.Key, Name: g.Name, Head: make([]string, len(g.Head)), Right: g.Right, Rows: make([][]string, len(g.Rows))}
	keep := func(to, from []string) {
		to[c.Label] = from[c.Label]
		for _, i := range c.Columns {
			to[i] = from[i]
		}
	}
	keep(out.Head, g.Head)
	for i, row := range g.Rows {
		out.Rows[i] = make([]string, len(row))
		keep(out.Rows[i], row)
	}
	return out
}

// all are the rows with that of the sums.
func (g *Grid) all() [][]string {
	if g.Sum == nil {
		return g.Rows
	}
	return append(g.Rows[:len(g.Rows):len(g.Rows)], g.Sum)
}

// ref is what is behind a cell.
func (g *Grid) ref(row, column int) *Ref {
	if row >= 0 && row < len(g.Refs) && column < len(g.Refs[row]) {
		return g.Refs[row][column]
	}
	return nil
}

// number reads a cell back as what it is. A text stays a text.
func number(cell string, right bool) (value any, share bool) {
	if !right {
		return cell, false
	}
	plain := strings.ReplaceAll(strings.TrimPrefix(cell, "+"), ",", "")
	if s, ok := strings.CutSuffix(plain, "%"); ok {
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return math.Round(f*1000) / 100_000, true // 68.2 / 100 is 0.682, and no 0.68200001
		}
	}
	if n, err := strconv.ParseInt(plain, 10, 64); err == nil {
		return n, false
	}
	if f, err := strconv.ParseFloat(plain, 64); err == nil {
		return f, false
	}
	return cell, false
}

// float is number for a chart; 0 for what is none.
func float(cell string) (f float64, share bool) {
	v, share := number(cell, true)
	switch n := v.(type) {
	case int64:
		return float64(n), share
	case float64:
		return n, share
	}
	return 0, share
}
