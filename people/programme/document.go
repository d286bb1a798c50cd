package programme

import (
	"strconv"
	"strings"

	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/place"
)

// Speaker says the sentences of the message files; *api.Voice is one.
type Speaker interface {
	Language() string
	Say(code string, args ...any) string
}

// writer puts a bulletin into words.
type writer struct {
	Speaker
	b   *Bulletin
	doc paper.Document
}

// Document puts the bulletin into words.
func (b *Bulletin) Document(say Speaker) paper.Document {
	w := &writer{Speaker: say, b: b}
	w.doc.Lang = say.Language()
	// The sentence has a mark where a title that is too long for a line turns over.
	turn, rest, _ := strings.Cut(say.Say("programme.bulletin.title", "city", w.called(b.Name()), "programme", w.programme()), "\u200b")
	w.doc.Turn, w.doc.Title = turn, turn+rest
	w.doc.Under = say.Say("programme.bulletin.under", "date", w.day(b.Date))
	w.doc.Date = w.day(b.Date)
	w.doc.Annexes = say.Say("programme.bulletin.annexes")
	w.doc.Asked = "at=" + b.Date.String()
	if b.Edition == Office {
		w.note("programme.bulletin.office")
	}
	if b.County != nil {
		w.county()
	} else {
		w.overview()
		w.help()
		w.counties()
		w.deadlines()
		w.late()
	}
	w.behind()
	w.doc.Complete()
	switch {
	case b.Invented && (b.InventedCity || b.County != nil):
		w.note("programme.bulletin.invented-all", "published", w.day(b.Published))
	case b.Invented:
		w.note("programme.bulletin.invented")
	}
	return w.doc
}

// Name is what the bulletin is about: the city, or one county.
func (b *Bulletin) Name() string {
	if b.County != nil {
		return b.County.Name
	}
	return b.City
}

// called is the name of a place in the language of the document. Compounds keep
// theirs: it stands on their gate.
func (w *writer) called(name string) string {
	if w.Language() != "en" {
		return name
	}
	if said := w.b.Names[name]; said != "" {
		return said
	}
	return place.English(name)
}

// programme is what the city calls it in the paper's language.
func (w *writer) programme() string {
	return (&Programme{Name: w.b.Programme, NameEN: w.b.English}).Called(w.Language())
}

func (w *writer) add(b paper.Block) { w.doc.Blocks = append(w.doc.Blocks, b) }

// heading begins a section; its name is the last word of the code.
func (w *writer) heading(code string) {
	w.add(paper.Block{Section: code[strings.LastIndexByte(code, '.')+1:], Heading: w.Say(code)})
}
func (w *writer) note(code string, args ...any) { w.add(paper.Block{Note: w.Say(code, args...)}) }

func (w *writer) table(t paper.Grid, code string) {
	t.Name = w.Say(code) + w.made()
	w.add(paper.Block{Table: &t})
}

func (w *writer) head(codes ...string) (h []string) {
	for _, c := range codes {
		h = append(h, w.Say("programme.column."+c))
	}
	return h
}

// made marks a table of invented figures.
func (w *writer) made() string {
	if w.b.Invented {
		return w.Say("programme.bulletin.made-up")
	}
	return ""
}

func (w *writer) overview() {
	n := w.b.Numbers
	w.heading("programme.bulletin.overview")
	w.para("programme.bulletin.figures",
		"date", w.day(w.b.Date), "compounds", w.figure("compounds", n.Compounds), "built", w.figure("built", n.Built), "built_rate", w.share("built", n.Built, n.Compounds),
		"networked", w.figure("networked", n.Networked), "networked_rate", w.share("networked", n.Networked, n.Compounds), "channels", w.figure("channels_networked", n.Channels))
	w.basis()
	w.protection()
}

// protection says what guards the compounds, where anybody has counted that.
func (w *writer) protection() {
	n, was := w.b.Numbers, w.b.Before
	if n.People+n.Physical+n.Technical == 0 {
		return
	}
	w.para("programme.bulletin.protection", "people", w.figure("protection_people", n.People), "physical", w.figure("protection_physical", n.Physical),
		"technical", w.figure("protection_technical", n.Technical), "access", w.figure("access_buildings", n.Access), "since", w.day(w.b.Since),
		"people_more", w.moved("protection_people", n.People-was.People), "physical_more", w.moved("protection_physical", n.Physical-was.Physical), "technical_more", w.moved("protection_technical", n.Technical-was.Technical))
}

// basis says what changed, and what the numbers rest on.
func (w *writer) basis() {
	n, was := w.b.Numbers, w.b.Before
	w.para("programme.bulletin.changes", "since", w.day(w.b.Since), "built", w.moved("built", n.Built-was.Built),
		"networked", w.moved("networked", n.Networked-was.Networked), "channels", w.moved("channels_networked", n.Channels-was.Channels))
	w.para("programme.bulletin.basis",
		"built_seen", w.figure("built_seen", n.Built-n.BuiltByReturn), "built_said", w.figure("built_by_return", n.BuiltByReturn), "listed", w.figure("listed", n.Listed),
		"networked_seen", w.figure("networked_seen", n.Networked-n.NetworkedByReturn), "networked_said", w.figure("networked_by_return", n.NetworkedByReturn),
		"channels_seen", w.figure("channels_networked_seen", n.ChannelsSeen), "channels_typed", w.figure("channels_networked_typed", n.Channels-n.ChannelsSeen))
}

func (w *writer) help() {
	w.heading("programme.bulletin.help")
	w.money3("programme.bulletin.money")
}

func (w *writer) money3(code string) {
	h := w.b.Help
	w.para(code, "paired", w.figure("paired", h.Paired), "pledged", fig{text: w.money(h.Pledged), figure: "pledged_fen"}, "received", fig{text: w.money(h.Received), figure: "received_fen"},
		"rate", fig{text: percent(h.Rate), figure: "received_fen"}, "since", w.day(w.b.Since), "more", fig{text: w.money(h.More), figure: "received_fen", since: w.b.Since})
}

func (w *writer) counties() {
	n := w.b.Numbers
	w.heading("programme.bulletin.counties")
	w.para("programme.bulletin.duties", "duties", w.figure("duties", n.Duties), "done", w.figure("done", n.Done), "rate", w.share("done", n.Done, n.Duties),
		"overdue", w.figure("overdue", n.Overdue), "behind", w.figure("behind", n.Behind), "near", w.figure("near", n.Near))
	progress := paper.Grid{
		Key:   "progress",
		Head:  w.head("county", "compounds", "built", "built-rate", "networked", "networked-rate", "channels", "paired", "received"),
		Right: []bool{false, true, true, true, true, true, true, true, true},
	}
	line := func(name string, n Numbers) []string {
		return []string{
			name, w.count(n.Compounds), w.count(n.Built), percent(Share(n.Built, n.Compounds)), w.count(n.Networked),
			percent(Share(n.Networked, n.Compounds)), w.count(n.Channels), w.count(n.Paired), w.amount(n.Received),
		}
	}
	ranking := paper.Grid{
		Key:   "ranking",
		Head:  w.head("rank", "county", "duties", "done", "rate", "in-time", "done-more", "rank-change", "overdue", "light"),
		Right: []bool{true, false, true, true, true, true, true, true, true, false},
	}
	var more int64
	for _, c := range w.b.Counties {
		progress.Rows = append(progress.Rows, line(w.called(c.Name), c.Numbers))
		more += c.DoneMore
		ranking.Rows = append(ranking.Rows, []string{
			strconv.Itoa(c.Rank), w.called(c.Name), w.count(c.Duties), w.count(c.Done), percent(c.Rate), percent(c.InTimeRate), signed(c.DoneMore),
			w.rankChange(c), w.count(c.Overdue), w.Say("programme.light." + string(c.Light)),
		})
	}
	total := w.Say("programme.column.total")
	progress.Sum = line(total, n)
	ranking.Sum = []string{
		"", total, w.count(n.Duties), w.count(n.Done), percent(Share(n.Done, n.Duties)), percent(Share(n.DoneInTime, n.Done+n.Overdue)), signed(more),
		"", w.count(n.Overdue), "",
	}
	w.refer(&progress, "", "compounds", "built", "built", "networked", "networked", "channels_networked", "paired", "received_fen")
	w.refer(&ranking, "done", "", "duties", "done", "done", "done_in_time", changeOf+"done", changeOf+"done", "overdue", "")
	w.table(progress, "programme.bulletin.table-progress")
	w.chart("programme.bulletin.chart-rates", paper.Chart{Of: "progress", Columns: []int{3, 5}})
	w.table(ranking, "programme.bulletin.table-ranking")
	w.chart("programme.bulletin.chart-trend", paper.Chart{Of: "trend", Lines: true, Columns: []int{1, 2, 3}})
}

// rankChange says how many places a county has gone up or down.
func (w *writer) rankChange(c CountyRow) string {
	switch up := c.RankBefore - c.Rank; {
	case c.RankBefore == 0:
		return none
	case up > 0:
		return "↑" + strconv.Itoa(up)
	case up < 0:
		return "↓" + strconv.Itoa(-up)
	}
	return none
}

func (w *writer) deadlines() {
	w.heading("programme.bulletin.deadlines")
	for _, m := range w.b.Milestones {
		classes := make([]string, len(m.Classes))
		for i, c := range m.Classes {
			classes[i] = w.Say("programme.class." + string(c))
		}
		w.para("programme.bulletin.deadline", "classes", classes, "what", w.Say("programme.what."+string(m.What)), "due", w.day(m.Due))
	}
}

func (w *writer) late() {
	if w.b.Edition != Office {
		return
	}
	w.heading("programme.bulletin.late")
	if len(w.b.Late) == 0 {
		w.para("programme.bulletin.nobody-late")
		return
	}
	w.para("programme.bulletin.late-many", "n", w.figure("late", int64(len(w.b.Late))))
	w.table(w.lateTable(len(w.b.Late)), "programme.bulletin.table-late")
}

// lateTable lists the first of the late compounds with what they owe.
func (w *writer) lateTable(most int) paper.Grid {
	t := paper.Grid{Key: "late", Head: w.head("county", "street", "compound", "what", "due", "state"), Right: make([]bool, 6)}
	for _, l := range w.b.Late[:min(most, len(w.b.Late))] {
		for _, d := range l.Duties {
			t.Rows = append(t.Rows, []string{w.called(l.County), w.called(l.Street), l.Name, w.Say("programme.what." + string(d.What)), w.day(d.Due), w.why(d)})
		}
	}
	return t
}

// why is the reason of a duty's light in words.
func (w *writer) why(d Duty) string { return SayWhy(w, d) }

// SayWhy is the reason of a duty's light in words.
func SayWhy(say Speaker, d Duty) string {
	days := d.Days
	if days < 0 {
		days = -days
	}
	return say.Say(d.Why, "what", say.Say("programme.what."+string(d.What)), "due", sayDay(say, d.Due), "entered", sayDay(say, d.Entered), "days", days)
}

// day is a date as the language writes it.
func (w *writer) day(d place.Day) string { return sayDay(w, d) }

func sayDay(say Speaker, d place.Day) string {
	y, m, day := d.Date()
	month := strconv.Itoa(int(m))
	if say.Language() == "en" {
		month = m.String()
	}
	return say.Say("programme.day", "year", y, "month", month, "day", day)
}

// count is a number of things; English groups its digits, official Chinese does
// not.
func (w *writer) count(n int64) string {
	if w.Language() != "en" {
		return strconv.FormatInt(n, 10)
	}
	return grouped(n)
}

func (w *writer) change(n int64) string {
	switch {
	case n > 0:
		return w.Say("programme.more", "n", w.count(n))
	case n < 0:
		return w.Say("programme.fewer", "n", w.count(-n))
	}
	return w.Say("programme.same")
}

// money is an amount with its unit: 374.5万元, 3.745 million yuan. It is exact.
func (w *writer) money(fen int64) string {
	if w.Language() == "en" {
		if fen >= 100_000_000 {
			return w.Say("programme.million", "n", decimal(fen, 8))
		}
		return w.Say("programme.yuan", "n", yuan(fen))
	}
	return w.Say("programme.wan", "n", decimal(fen, 6))
}

// amount is money in a column whose heading has the unit: ten thousand yuan in
// Chinese, yuan in English.
func (w *writer) amount(fen int64) string {
	if w.Language() == "en" {
		return yuan(fen)
	}
	return decimal(fen, 6)
}

// yuan writes an amount in yuan, exactly.
func yuan(fen int64) string {
	whole, part, _ := strings.Cut(decimal(fen, 2), ".")
	n, _ := strconv.ParseInt(whole, 10, 64)
	if part == "" {
		return grouped(n)
	}
	return grouped(n) + "." + part
}

// decimal writes n / 10^places exactly, without zeros at the end.
func decimal(n int64, places int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := strconv.FormatInt(n, 10)
	if len(s) <= places {
		s = strings.Repeat("0", places-len(s)+1) + s
	}
	whole, part := s[:len(s)-places], strings.TrimRight(s[len(s)-places:], "0")
	if part != "" {
		part = "." + part
	}
	return sign + whole + part
}

func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// none stands where there is no number.
const none = "—"

// percent writes thousandths: 64.4%. "—" for a share of nothing.
func percent(thousandths int64) string {
	if thousandths < 0 {
		return none
	}
	return strconv.FormatInt(thousandths/10, 10) + "." + strconv.FormatInt(thousandths%10, 10) + "%"
}

func signed(n int64) string {
	if n > 0 {
		return "+" + strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10)
}
