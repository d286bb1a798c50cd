package programme

import (
	"strconv"

	"linli.dev/linli/people/paper"
)

// behind adds what stands behind the figures: the weeks, and in the office's
// edition the compounds, whose columns add up to the figures.
func (w *writer) behind() {
	if len(w.b.Trend) > 0 {
		w.doc.Behind = append(w.doc.Behind, w.trend())
	}
	if w.b.Edition == Office && w.b.Rows != nil {
		w.doc.Behind = append(w.doc.Behind, w.rows())
	}
}

func (w *writer) trend() *paper.Grid {
	g := &paper.Grid{
		Key: "trend", Name: w.Say("programme.bulletin.sheet-trend") + w.made(), Right: []bool{false, true, true, true, true, true, true},
		Head: w.head("date", "compounds", "built", "networked", "channels", "paired", "received"),
	}
	for _, t := range w.b.Trend {
		g.Rows = append(g.Rows, []string{t.Date.String(), w.count(t.Compounds), w.count(t.Built), w.count(t.Networked), w.count(t.Channels), w.count(t.Paired), w.amount(t.Received)})
	}
	return g
}

// rowFigures are the columns of the rows, by their figures. Of guards and
// volunteers there is none (see apart).
var rowFigures = []struct {
	column string
	figure Figure
}{
	{"compounds", Compounds},
	{"built", BuiltCompounds},
	{"built-return", BuiltByReturn},
	{"listed", ListedCompounds},
	{"networked", NetworkedCompound},
	{"networked-return", NetworkedByReturn},
	{"channels", Channels},
	{"channels-seen", ChannelsSeen},
	{"physical", PhysicalAssets},
	{"technical", TechnicalAssets},
	{"access-buildings", AccessBuildings},
	{"paired", Paired},
	{"pledged", FundsPledged},
	{"received", FundsReceived},
	{"duties", Duties},
	{"done", Done},
	{"done-in-time", DoneInTime},
	{"overdue", Overdue},
	{"behind", Behind},
	{"near", Near},
}

func (w *writer) rows() *paper.Grid {
	g := &paper.Grid{Key: "rows", Name: w.Say("programme.bulletin.sheet-rows") + w.made(), Head: w.head("county", "street", "compound", "class"), Right: make([]bool, 4), Figures: make([]string, 4)}
	for _, f := range rowFigures {
		g.Head = append(g.Head, w.Say("programme.column."+f.column))
		g.Right, g.Figures = append(g.Right, true), append(g.Figures, figureNames[f.figure])
	}
	for i := range w.b.Rows {
		c := &w.b.Rows[i]
		t := c.Count()
		name := c.Name
		if c.Ended {
			name = w.Say("programme.bulletin.ended", "name", name)
		}
		row := []string{w.called(c.CountyName), w.called(c.Street), name, w.Say("programme.class." + string(c.Class))}
		for _, f := range rowFigures {
			cell := strconv.FormatInt(t[f.figure], 10)
			if f.figure == FundsPledged || f.figure == FundsReceived {
				cell = w.amount(t[f.figure])
			}
			row = append(row, cell)
		}
		g.Rows, g.Keys = append(g.Rows, row), append(g.Keys, string(c.books))
	}
	return g
}
