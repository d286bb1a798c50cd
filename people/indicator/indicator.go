package indicator

import (
	"errors"
	"slices"
	"strings"
	"time"

	"linli.dev/linli/people/indicator/formula"
	"linli.dev/linli/people/place"
)

// ID names an indicator; a person chooses it: "built-rate".
type ID string

// Period is what the names of a formula stand for.
type Period string

// State: the figure as of the day. Week, Month: by how much it has grown in the
// seven days, or since the same day of the month before.
const (
	State Period = "state"
	Week  Period = "week"
	Month Period = "month"
)

// Indicator is a computed number and what is better.
type Indicator struct {
	ID        ID        `json:"id"`
	Version   int64     `json:"version"`
	Known     time.Time `json:"known"`
	Name      string    `json:"name"`
	Formula   string    `json:"formula" example:"built / compounds * 100"`
	Period    Period    `json:"period" enum:"state,week,month"`
	Direction string    `json:"direction" enum:"up,down" doc:"Whether more or less is better"`
	Unit      string    `json:"unit,omitempty" doc:"Shown behind the number"`
	Ended     bool      `json:"ended"`
	By        string    `json:"by"`
	Retired   string    `json:"retired,omitempty" enum:"reports,residents" doc:"It was defined before this was refused, and is computed no longer: it counts who takes part or what is reported, or is about residents"`
}

// Target is what an indicator should be at a place by a day.
type Target struct {
	Place place.ID  `json:"place"`
	Date  place.Day `json:"date" doc:"The last day in time"`
	Value float64   `json:"value"`
	Known time.Time `json:"known"`
	Ended bool      `json:"ended,omitempty" doc:"It is no target any longer"`
	By    string    `json:"by"`
}

// lineCrossed tells which red line a word crosses, in the names of a formula and
// in the indicator's own; "" for none.
func lineCrossed(word string) string {
	switch {
	case place.AsksAboutPeople(word):
		return "indicator.residents"
	case place.NamesTakingPart(word), strings.Contains(strings.ToLower(word), "protection_people"): // guards, and volunteers with them
		return "indicator.reports"
	}
	return ""
}

// retired tells why an indicator that was defined once is computed no longer: a red line that was drawn later, or tighter. Empty: it
// is computed.
func (x *Indicator) retired() string {
	words := []string{x.Name}
	if f, err := formula.Parse(x.Formula, func(string) bool { return true }); err == nil {
		words = append(words, f.Names()...)
	}
	for _, w := range words {
		if line := lineCrossed(w); line != "" {
			return strings.TrimPrefix(line, "indicator.")
		}
	}
	return ""
}

// read checks a formula; what is wrong goes to the field.
func read(p *place.Problems, text string, names []string) *formula.Formula {
	f, err := formula.Parse(text, func(n string) bool { return slices.Contains(names, n) })
	var bad *formula.Error
	if errors.As(err, &bad) {
		code := codes[bad.Code]
		if line := lineCrossed(bad.Word); line != "" && bad.Code == "formula.name" {
			code = line
		}
		p.Add("formula", code, "at", bad.At, "word", bad.Word)
	}
	return f
}

// codes are the sentences of what can be wrong with a formula.
var codes = map[string]string{
	"formula.long":       "indicator.formula.long",
	"formula.deep":       "indicator.formula.deep",
	"formula.unexpected": "indicator.formula.unexpected",
	"formula.end":        "indicator.formula.end",
	"formula.bracket":    "indicator.formula.bracket",
	"formula.number":     "indicator.formula.number",
	"formula.name":       "indicator.formula.name",
}

func (x *Indicator) check(names []string) (p place.Problems) {
	if len(x.ID) < 2 || len(x.ID) > 40 {
		p.Add("id", "indicator.id")
	}
	p.Text("name", x.Name, 40, true)
	if line := lineCrossed(x.Name); line != "" {
		p.Add("name", line)
	}
	p.Text("unit", x.Unit, 10, false)
	if line := lineCrossed(x.Unit); line != "" {
		p.Add("unit", line)
	}
	if x.Period != State && x.Period != Week && x.Period != Month {
		p.Add("period", "indicator.period")
	}
	if x.Direction != "up" && x.Direction != "down" {
		p.Add("direction", "indicator.direction")
	}
	read(&p, x.Formula, names)
	return p
}

// before is the day with which a period compares; 0: with none.
func (per Period) before(day place.Day) place.Day {
	switch per {
	case Week:
		return day - 7
	case Month:
		return day.AddMonths(-1)
	}
	return 0
}

// aim picks the target that counts on a day: the next one to come, or the last
// one that has passed.
func aim(targets []Target, q place.AsOf, at place.ID) (best Target, ok bool) {
	newest := map[place.Day]Target{}
	for _, t := range targets {
		if t.Place == at && !t.Known.After(q.Known) && !newest[t.Date].Known.After(t.Known) {
			newest[t.Date] = t
		}
	}
	for _, t := range newest {
		switch {
		case t.Ended:
		case !ok:
			best, ok = t, true
		case (t.Date >= q.Day) != (best.Date >= q.Day):
			if t.Date >= q.Day {
				best = t
			}
		case t.Date >= q.Day && t.Date < best.Date, t.Date < q.Day && t.Date > best.Date:
			best = t
		}
	}
	return best, ok
}
