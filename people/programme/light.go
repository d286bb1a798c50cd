package programme

import (
	"slices"

	"linli.dev/linli/people/place"
)

// Light is how something stands against its deadline.
type Light string

// Green on time, blue near due, yellow behind, red overdue.
const (
	Green  Light = "green"
	Blue   Light = "blue"
	Yellow Light = "yellow"
	Red    Light = "red"
)

// Lights from the best to the worst.
var Lights = []Light{Green, Blue, Yellow, Red}

func (l Light) rank() int { return slices.Index(Lights, l) }

// late reports whether a light says that something is behind or overdue.
func (l Light) late() bool { return l == Yellow || l == Red }

// Duty is a milestone that one compound owes.
type Duty struct {
	Milestone MilestoneID `json:"milestone"`
	What      What        `json:"what"`
	Due       place.Day   `json:"due"`
	Extended  bool        `json:"extended"`
	Reached
	InTime bool   `json:"in_time" doc:"Done, and known to be, by the last day in time"`
	Light  Light  `json:"light"`
	Why    string `json:"why" doc:"The code of the reason in words"`
	// Entered is for what is believed by the day that somebody typed.
	Entered place.Day `json:"entered,omitempty" doc:"Of what was done by a day in time, and entered on this day only, after the last day: it does not count as in time"`
	Days    int       `json:"days" doc:"From the day asked about to the last day in time; below 0: overdue by"`
}

// The reasons, each the code of a sentence with {what}, {due} and {days}.
const (
	whyDone    = "programme.why.done"
	whyLate    = "programme.why.done-late"
	whyEntered = "programme.why.done-entered"
	whyTime    = "programme.why.time"
	whyNear    = "programme.why.near"
	whyBehind  = "programme.why.behind"
	whyOverdue = "programme.why.overdue"
)

// shine computes the light of a day. What was done late is green again, and
// counts as late for ever.
func (d *Duty) shine(day place.Day, m *Milestone, begun bool) {
	d.Days = int(d.Due - day)
	switch {
	case d.Done && d.Since <= d.Due && d.Entered != 0:
		d.Light, d.Why = Green, whyEntered
	case d.Done && d.Since <= d.Due:
		d.Light, d.Why, d.InTime = Green, whyDone, true
	case d.Done:
		d.Light, d.Why = Green, whyLate
	case d.Days < 0:
		d.Light, d.Why = Red, whyOverdue
	case !begun && d.Days < m.Lead:
		d.Light, d.Why = Yellow, whyBehind
	case d.Days <= m.Near:
		d.Light, d.Why = Blue, whyNear
	default:
		d.Light, d.Why = Green, whyTime
	}
}

// countyBehind is the share of open duties that may be behind, in percent,
// before the whole county is.
const countyBehind = 10

// CountyLight is how a county, or the city, stands: red with a single overdue
// duty, yellow when a tenth of what is open is behind, blue while something is
// near due.
func CountyLight(t Tally) (l Light, why string) {
	open := t[Duties] - t[Done]
	switch {
	case t[Overdue] > 0:
		return Red, "programme.why.county-overdue"
	case t[Behind] > 0 && t[Behind]*100 >= open*countyBehind:
		return Yellow, "programme.why.county-behind"
	case t[Near] > 0:
		return Blue, "programme.why.county-near"
	}
	return Green, "programme.why.county-time"
}
