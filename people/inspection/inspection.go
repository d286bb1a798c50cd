package inspection

import (
	"slices"
	"time"

	"linli.dev/linli/people/place"
)

// ID names an inspection.
type ID string

// State is how far an inspection has come.
type State string

// The states. What is finished or cancelled never changes.
const (
	Planned   State = "planned"
	Finished  State = "finished"
	Cancelled State = "cancelled"
)

// Act is what somebody does with an inspection as a whole.
type Act string

// The acts. Finish is nobody's: it follows the last signature.
const (
	Plan   Act = "plan"
	Replan Act = "replan"
	Sign   Act = "sign"
	Finish Act = "finish"
	Cancel Act = "cancel"
)

// Step is one act, with its time by the programme's clock.
type Step struct {
	Number int       `json:"number"`
	Act    Act       `json:"act" enum:"plan,replan,sign,finish,cancel"`
	Known  time.Time `json:"known"`
	By     string    `json:"by,omitempty"`
	Name   string    `json:"name,omitempty" doc:"What people call the account"`
	Note   string    `json:"note,omitempty"`
	Day    place.Day `json:"day,omitempty" doc:"Set by plan and replan"`
	Team   []string  `json:"team,omitempty" doc:"Set by plan and replan"`
	Digest string    `json:"digest,omitempty" doc:"Of the answers that were signed"`

	Turns []place.Turn `json:"turns,omitempty" doc:"Of replan: what is another day or team than before, by names"`
}

// Inspection is a visit of a team to a compound with a form.
type Inspection struct {
	ID       ID       `json:"id"`
	Version  int64    `json:"version"`
	Compound place.ID `json:"compound"`
	Form     FormID   `json:"form"`
	Number   int      `json:"form_number" doc:"The version of the form; it stays the inspection's for ever"`
	Of       ID       `json:"of,omitempty" doc:"The inspection that this one is a re-check of"`
	City     bool     `json:"by_city,omitempty" doc:"Planned for the city's office: that office alone plans it anew, cancels it, puts its mendings off"`
	// OwnerOpen is of what was planned before the note of whom for, by somebody whose office nobody can tell any more.
	OwnerOpen bool   `json:"owner_open,omitempty"`
	Steps     []Step `json:"steps"`

	State   State     `json:"state" enum:"planned,finished,cancelled"`
	Day     place.Day `json:"day" doc:"The day of the visit"`
	Team    []string  `json:"team" doc:"Accounts, two at least"`
	Outcome *Outcome  `json:"outcome,omitempty"`
}

// smallestTeam is how many inspectors there are at least.
const smallestTeam, largestTeam = 2, 12

// replay computes where the steps have led.
func (x *Inspection) replay() {
	x.State, x.Day, x.Team = "", 0, nil
	for _, s := range x.Steps {
		switch s.Act {
		case Plan, Replan:
			x.State, x.Day, x.Team = Planned, s.Day, s.Team
		case Finish:
			x.State = Finished
		case Cancel:
			x.State = Cancelled
		}
	}
	x.Version = int64(len(x.Steps))
	if x.State != Finished {
		x.Outcome = nil
	}
}

// At is the inspection as it stood for a question; false when there was none.
func (x Inspection) At(q place.AsOf) (Inspection, bool) {
	n := 0
	for n < len(x.Steps) && !x.Steps[n].Known.After(q.Known) {
		n++
	}
	x.Steps = x.Steps[:n:n]
	x.replay()
	return x, n > 0
}

// signed lists who has signed the answers as they are now.
func (x *Inspection) signed(digest string) []string {
	var out []string
	for _, s := range x.Steps {
		switch {
		case s.Act == Sign && s.Digest == digest && slices.Contains(x.Team, s.By) && !slices.Contains(out, s.By):
			out = append(out, s.By)
		case s.Act == Replan:
			out = nil // another team or day is another inspection to sign for
		}
	}
	return out
}

// finished is when it was; zero when it was not.
func (x *Inspection) finished() time.Time {
	for _, s := range x.Steps {
		if s.Act == Finish {
			return s.Known
		}
	}
	return time.Time{}
}

// checkPlan says what is wrong with a day and a team.
func checkPlan(p *place.Problems, today, day place.Day, team []string) {
	if day == 0 || day > today.AddMonths(12) || day < today.AddMonths(-3) {
		p.Add("day", "inspection.day")
	}
	if len(team) < smallestTeam || len(team) > largestTeam {
		p.Add("team", "inspection.team", "least", smallestTeam, "most", largestTeam)
	}
	for i, a := range team {
		if a == "" || slices.Contains(team[:i], a) {
			p.Add("team", "inspection.team-twice")
		}
	}
}
