package supervision

import (
	"slices"
	"time"

	"linli.dev/linli/people/place"
)

// ID names a task.
type ID string

// State is how far a task has come.
type State string

// The states in the order of a board.
const (
	Raised    State = "raised"
	Signed    State = "signed"
	Underway  State = "underway"
	Reported  State = "reported"
	Returned  State = "returned"
	Struck    State = "struck-off"
	Withdrawn State = "withdrawn"
)

// States in the order of a board.
var States = []State{Raised, Signed, Underway, Returned, Reported, Struck, Withdrawn}

// Open reports whether anything is still to be done.
func (s State) Open() bool { return s != Struck && s != Withdrawn }

// Act is what somebody does with a task.
type Act string

// The acts. Raise and Remind are not asked for: raising makes the task, and the
// room itself reminds.
const (
	Raise    Act = "raise"
	Sign     Act = "sign"
	Begin    Act = "begin"
	Report   Act = "report"
	Strike   Act = "strike-off"
	Return   Act = "return"
	Withdraw Act = "withdraw"
	Remind   Act = "remind"
)

// move is where an act leads.
type move struct {
	from []State
	to   State
	says bool // a note is required
}

var moves = map[Act]move{
	Sign:     {[]State{Raised}, Signed, false},
	Begin:    {[]State{Signed, Returned}, Underway, false},
	Report:   {[]State{Underway}, Reported, true},
	Strike:   {[]State{Reported}, Struck, false},
	Return:   {[]State{Reported}, Returned, true},
	Withdraw: {[]State{Raised, Signed, Underway, Returned}, Withdrawn, true},
}

// Next lists what can be done with a task in a state.
func Next(s State) []Act {
	var out []Act
	for _, a := range []Act{Sign, Begin, Report, Strike, Return, Withdraw} {
		if slices.Contains(moves[a].from, s) {
			out = append(out, a)
		}
	}
	return out
}

// Step is one act, with its time.
type Step struct {
	Number int       `json:"number" doc:"From 1"`
	Act    Act       `json:"act" enum:"raise,sign,begin,report,strike-off,return,withdraw,remind"`
	Known  time.Time `json:"known" doc:"By the programme's clock"`
	By     string    `json:"by,omitempty" doc:"The account; empty: the system"`
	Name   string    `json:"by_name,omitempty" doc:"What people call it"`
	Note   string    `json:"note,omitempty"`
	Due    place.Day `json:"due,omitempty" doc:"The last day in time that it sets"`
}

// Task is something that an office is asked to do by a day.
type Task struct {
	ID      ID       `json:"id"`
	Version int64    `json:"version"`
	Place   place.ID `json:"place" doc:"A county, a street or town, a community, a compound; of a member unit's task the city"`
	Unit    string   `json:"unit,omitempty" doc:"The member unit that is asked"`
	Title   string   `json:"title"`
	Ask     string   `json:"ask,omitempty" doc:"What is to be done"`
	Batch   string   `json:"batch,omitempty" doc:"Common to those raised together"`
	Rule    RuleID   `json:"rule,omitempty" doc:"The rule that raised it"`
	Origin  string   `json:"origin,omitempty" doc:"What it follows up, such as an activity"`
	City    bool     `json:"by_city,omitempty" doc:"Raised for the city's office, by hand or by a rule: that office alone withdraws it or gives it another last day"`
	// OwnerOpen is of what was raised before the note of whom for, by somebody whose office nobody can tell any more.
	OwnerOpen bool   `json:"owner_open,omitempty" doc:"It is not known whether it was raised for the city's office or for a county's: it is older than the note of that. Whoever could have raised it acts on it"`
	Steps     []Step `json:"steps"`

	State State     `json:"state" enum:"raised,signed,underway,reported,returned,struck-off,withdrawn"`
	Since time.Time `json:"since" doc:"When it came into this state"`
	Due   place.Day `json:"due" doc:"The last day in time"`

	NearDays int `json:"near_days" doc:"So many days before the last day it is near due, and a reminder is given"`
}

// nearDays is how many days before the last day a reminder is due, where nobody says otherwise.
const nearDays = 3

// mostNear is the most that may be said.
const mostNear = 60

// replay computes where the steps have led.
func (t *Task) replay() {
	for _, s := range t.Steps {
		if s.Due != 0 {
			t.Due = s.Due
		}
		switch s.Act {
		case Raise:
			t.State, t.Since = Raised, s.Known
		case Remind:
		default:
			t.State, t.Since = moves[s.Act].to, s.Known
		}
	}
}

// At is the task as it stood for a question; ok is false when it was not there.
func (t Task) At(q place.AsOf) (_ Task, ok bool) {
	n := 0
	for n < len(t.Steps) && !t.Steps[n].Known.After(q.Known) {
		n++
	}
	t.Steps = t.Steps[:n:n]
	t.replay()
	return t, n > 0
}

// reported is when it was last reported done; zero while it is not.
func (t *Task) reported() (at time.Time) {
	for _, s := range t.Steps {
		switch s.Act {
		case Report:
			at = s.Known
		case Return:
			at = time.Time{}
		}
	}
	return at
}

// Standing is how a task stands against its last day. What was reported in time
// and waits for its check is not late.
type Standing struct {
	Days int  `json:"days" doc:"From the day asked about to the last day in time; below 0: late by"`
	Near bool `json:"near"`
	Late bool `json:"late" doc:"Not reported done by the last day in time"`
}

func (t *Task) standing(c place.Clock, day place.Day) Standing {
	s := Standing{Days: int(t.Due - day)}
	done := t.reported()
	switch {
	case t.State == Withdrawn:
	case !done.IsZero():
		s.Late = c.DayOf(done) > t.Due
	default:
		s.Late, s.Near = day > t.Due, day <= t.Due && s.Days <= t.NearDays
	}
	return s
}

// reminded reports whether a reminder of the present last day was given.
func (t *Task) reminded() bool {
	said := false
	for _, s := range t.Steps {
		if s.Due != 0 {
			said = false
		}
		if s.Act == Remind {
			said = true
		}
	}
	return said
}

// check says what is wrong with a new task. today is the day of raising.
func (t *Task) check(today place.Day) (p place.Problems) {
	p.Ask("title", t.Title, 60, true)
	p.Ask("ask", t.Ask, 500, false)
	checkDue(&p, t.Due, today)
	checkNear(&p, t.NearDays)
	return p
}

func checkNear(p *place.Problems, days int) {
	if days < 1 || days > mostNear {
		p.Add("near_days", "supervision.near", "most", mostNear)
	}
}

func checkDue(p *place.Problems, due, today place.Day) {
	if due < today || due > today.AddMonths(24) {
		p.Add("due", "supervision.due", "today", today.String())
	}
}
