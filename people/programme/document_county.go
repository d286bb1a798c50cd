package programme

import (
	"strconv"

	"linli.dev/linli/people/paper"
)

// shortLate is how many lines of late compounds the one page of a county holds.
const shortLate = 8

// county is the one page for the leader of a county.
func (w *writer) county() {
	c, n := w.b.County, w.b.Numbers
	w.doc.Compact = true
	w.invented("programme.bulletin.overview")
	w.para("programme.bulletin.county-figures",
		"date", w.day(w.b.Date), "county", w.called(c.Name), "compounds", w.figure("compounds", n.Compounds), "built", w.figure("built", n.Built), "built_rate", w.share("built", n.Built, n.Compounds),
		"networked", w.figure("networked", n.Networked), "networked_rate", w.share("networked", n.Networked, n.Compounds), "channels", w.figure("channels_networked", n.Channels))
	was := ""
	if c.RankBefore > 0 {
		was = w.Say("programme.bulletin.county-rank-was", "since", w.day(w.b.Since), "rank", c.RankBefore)
	}
	w.para("programme.bulletin.county-rank", "of", c.Of, "duties", w.figure("duties", n.Duties), "done", w.figure("done", n.Done), "rate", fig{text: percent(c.Rate), figure: "done"},
		"in_time", fig{text: percent(c.InTimeRate), figure: "done_in_time"}, "rank", fig{text: strconv.Itoa(c.Rank), figure: "done"}, "was", was)
	w.table(w.compared(), "programme.bulletin.table-county")
	w.invented("programme.bulletin.county-deadlines")
	w.table(w.due(), "programme.bulletin.table-due")
	w.invented("programme.bulletin.county-help")
	w.money3("programme.bulletin.county-money")
	w.countyLate()
}

// invented is a heading that says so when what is under it is made up.
func (w *writer) invented(code string) {
	w.heading(code)
	w.doc.Blocks[len(w.doc.Blocks)-1].Heading += w.made()
}

// compared sets a county's figures beside those of the earlier day and of the
// city.
func (w *writer) compared() paper.Grid {
	now, was, city := w.b.Numbers, w.b.Before, w.b.County.City
	g := paper.Grid{Key: "county", Inline: true, Head: w.head("figure", "value", "more", "city"), Right: []bool{false, true, true, true}}
	line := func(column, figure, value, more, all string) {
		g.Rows = append(g.Rows, []string{w.Say("programme.column." + column), value, more, all})
		if w.b.Edition == Office {
			change := w.ref(changeOf+figure, w.b.of())
			if more == "" {
				change = nil
			}
			g.Refs = append(g.Refs, []*paper.Ref{nil, w.ref(figure, w.b.of()), change, nil}) // the rows of the whole city are not for its reader
		}
	}
	count := func(column, figure string, now, was, city int64) {
		line(column, figure, w.count(now), signed(now-was), w.count(city))
	}
	share := func(column, figure string, now, of, city, all int64) {
		line(column, figure, percent(Share(now, of)), "", percent(Share(city, all)))
	}
	count("compounds", "compounds", now.Compounds, was.Compounds, city.Compounds)
	count("built", "built", now.Built, was.Built, city.Built)
	share("built-rate", "built", now.Built, now.Compounds, city.Built, city.Compounds)
	count("networked", "networked", now.Networked, was.Networked, city.Networked)
	share("networked-rate", "networked", now.Networked, now.Compounds, city.Networked, city.Compounds)
	count("channels", "channels_networked", now.Channels, was.Channels, city.Channels)
	count("paired", "paired", now.Paired, was.Paired, city.Paired)
	line("received", "received_fen", w.amount(now.Received), w.signedAmount(now.Received-was.Received), w.amount(city.Received))
	share("rate", "done", now.Done, now.Duties, city.Done, city.Duties)
	return g
}

func (w *writer) signedAmount(fen int64) string {
	if fen > 0 {
		return "+" + w.amount(fen)
	}
	return w.amount(fen)
}

// due are the milestones with how far the county has come.
func (w *writer) due() paper.Grid {
	g := paper.Grid{Key: "due", Inline: true, Head: w.head("what", "class", "due", "duties", "done", "overdue", "behind", "near"), Right: []bool{false, false, false, true, true, true, true, true}}
	for _, d := range w.b.County.Deadlines {
		classes := make([]string, len(d.Classes))
		for i, c := range d.Classes {
			classes[i] = w.Say("programme.class." + string(c))
		}
		g.Rows = append(g.Rows, []string{
			w.Say("programme.what." + string(d.What)), w.Say("programme.bulletin.classes", "classes", classes), w.day(d.Due), w.count(d.Owed), w.count(d.Reached), w.count(d.Overdue), w.count(d.Behind), w.count(d.Near),
		})
		if w.b.Edition != Office {
			continue
		}
		refs := make([]*paper.Ref, 3, 8)
		for _, figure := range []string{"duties", "done", "overdue", "behind", "near"} {
			r := w.ref(figure, w.b.of())
			r.Milestone = string(d.ID)
			refs = append(refs, r)
		}
		g.Refs = append(g.Refs, refs)
	}
	return g
}

func (w *writer) countyLate() {
	if w.b.Edition != Office {
		return
	}
	w.invented("programme.bulletin.county-late")
	if len(w.b.Late) == 0 {
		w.para("programme.bulletin.nobody-late")
		return
	}
	named, lines := 0, 0
	for _, l := range w.b.Late {
		if lines += len(l.Duties); lines > shortLate && named > 0 {
			break
		}
		named++
	}
	g := w.lateTable(named)
	g.Inline = true
	for i := range g.Rows {
		g.Rows[i] = g.Rows[i][1:] // the county is said above
	}
	g.Head, g.Right = g.Head[1:], g.Right[1:]
	w.table(g, "programme.bulletin.table-county-late")
	if rest := len(w.b.Late) - named; rest > 0 {
		w.para("programme.bulletin.county-late-rest", "n", fig{text: strconv.Itoa(rest), figure: "late"})
		all := w.lateTable(len(w.b.Late))
		all.Key, all.Name = "late-all", w.Say("programme.bulletin.sheet-late")+w.made()
		w.doc.Behind = append(w.doc.Behind, &all)
	}
}
