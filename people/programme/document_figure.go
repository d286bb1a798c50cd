package programme

import (
	"strings"
	"time"

	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/place"
)

// fig is a figure in a sentence: never torn over two lines, and with the rows
// that it is made of.
type fig struct {
	text, figure string
	since        place.Day // of a change: the day that it is counted from
}

// changeOf stands before the name of a figure whose change is meant.
const changeOf = "±"

// figure is a number of things.
func (w *writer) figure(name string, n int64) fig { return fig{text: w.count(n), figure: name} }

// moved is how a figure has changed since the earlier day.
func (w *writer) moved(name string, n int64) fig {
	return fig{text: w.change(n), figure: name, since: w.b.Since}
}

// share is a part of a whole; behind it is the part.
func (w *writer) share(name string, part, whole int64) fig {
	return fig{text: percent(Share(part, whole)), figure: name}
}

// The marks around a figure while its sentence is put together; no message and no
// name holds one.
const (
	markBegin = "\ue000"
	markEnd   = "\ue001"
	markFirst = '\ue100' // the number of the figure
)

// para adds a sentence, and remembers where its figures are.
func (w *writer) para(code string, args ...any) {
	var figs []fig
	for i, a := range args {
		if f, ok := a.(fig); ok {
			args[i] = markBegin + string(markFirst+rune(len(figs))) + f.text + markEnd
			figs = append(figs, f)
		}
	}
	said := w.Say(code, args...)
	var b paper.Block
	for said != "" {
		before, rest, ok := strings.Cut(said, markBegin)
		if before != "" {
			b.Pieces = append(b.Pieces, paper.Piece{Text: before})
		}
		if !ok {
			break
		}
		number := []rune(rest)[0]
		text, after, _ := strings.Cut(strings.TrimPrefix(rest, string(number)), markEnd)
		b.Pieces = append(b.Pieces, paper.Piece{Text: text, Figure: true, Ref: w.behindFig(figs[number-markFirst])})
		said = after
	}
	for _, p := range b.Pieces {
		b.Paragraph += p.Text
	}
	if len(figs) == 0 {
		b.Pieces = nil
	}
	w.add(b)
}

// behindFig is what is behind a figure of a sentence.
func (w *writer) behindFig(f fig) *paper.Ref {
	if f.since != 0 {
		return w.ref(changeOf+f.figure, w.b.of())
	}
	return w.ref(f.figure, w.b.of())
}

// ref is what is behind a figure, or behind its change: nothing in the public
// edition, as rows name compounds.
func (w *writer) ref(figure, county string) *paper.Ref {
	if figure == "" || w.b.Edition != Office {
		return nil
	}
	r := &paper.Ref{Figure: figure, County: county}
	if name, ok := strings.CutPrefix(figure, changeOf); ok {
		r.Figure, r.Since = name, w.b.Since.String()
	}
	if w.b.beside { // the rows of the day at its close may be others
		r.Known = w.b.Known.UTC().Format(time.RFC3339Nano)
	}
	return r
}

// of is the county that a bulletin is of; "" for the city's.
func (b *Bulletin) of() string {
	if b.County != nil {
		return string(b.County.County)
	}
	return ""
}

// refer says what is behind the columns of a table of counties.
func (w *writer) refer(g *paper.Grid, figures ...string) {
	if w.b.Edition != Office {
		return
	}
	line := func(cells []string, county string) (out []*paper.Ref) {
		for i, f := range figures {
			if cells[i] == "" || cells[i] == none {
				f = ""
			}
			out = append(out, w.ref(f, county))
		}
		return out
	}
	for i, c := range w.b.Counties {
		g.Refs = append(g.Refs, line(g.Rows[i], string(c.County)))
	}
	g.Refs = append(g.Refs, line(g.Sum, ""))
}

// chart draws a table; its name says what it shows, and its alternative the
// largest and the smallest.
func (w *writer) chart(code string, c paper.Chart) {
	name := w.Say(code)
	c.Name, c.Alt = name+w.made(), w.Say("programme.bulletin.chart-alt", "name", name)
	if c.Of == "progress" {
		c.Label = 0
	}
	w.add(paper.Block{Chart: &c})
}
