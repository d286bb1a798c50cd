package inspection

import (
	"time"

	"linli.dev/linli/people/place"
)

// MendAct is what somebody does about what is lacking.
type MendAct string

// The acts. Ask is the finished inspection's own.
const (
	Ask    MendAct = "ask"
	Extend MendAct = "extend" // another last day or unit, with a reason
	Report MendAct = "report" // mended, says who had to
	Accept MendAct = "accept" // the team has looked again
	Return MendAct = "return" // it is not mended
)

// MendState is how far a mending has come.
type MendState string

// The states.
const (
	Open     MendState = "open"
	Reported MendState = "reported"
	Accepted MendState = "accepted"
)

// MendStep is one act, with its time.
type MendStep struct {
	Number int       `json:"number"`
	Act    MendAct   `json:"act" enum:"ask,extend,report,accept,return"`
	Known  time.Time `json:"known"`
	By     string    `json:"by,omitempty"`
	Name   string    `json:"name,omitempty" doc:"What people call the account"`
	Note   string    `json:"note,omitempty"`
	Unit   string    `json:"unit,omitempty"`
	Due    place.Day `json:"due,omitempty"`
	Photos []string  `json:"photos,omitempty" doc:"Ids of photos of the inspection"`
}

// Mending is one item of a finished inspection that is to be mended.
type Mending struct {
	Inspection ID         `json:"inspection"`
	Item       string     `json:"item"`
	Steps      []MendStep `json:"steps"`

	What  string    `json:"what,omitempty"`
	Unit  string    `json:"unit,omitempty" doc:"Empty: who manages the compound"`
	Due   place.Day `json:"due"`
	State MendState `json:"state" enum:"open,reported,accepted"`
	Late  bool      `json:"late" doc:"Not reported by the last day in time"`
	// Version is the number of its steps.
	Version int64 `json:"version"`
}

var mendMoves = map[MendAct]struct {
	from MendState
	to   MendState
	says bool // a note is required
}{
	Extend: {Open, Open, true},
	Report: {Open, Reported, true},
	Accept: {Reported, Accepted, false},
	Return: {Reported, Open, true},
}

// replay computes where the steps have led, as of a day.
func (m *Mending) replay(c place.Clock, day place.Day) {
	m.Version = int64(len(m.Steps))
	var reported time.Time
	for _, s := range m.Steps {
		if s.Act == Ask {
			m.What, m.State = s.Note, Open
		} else {
			m.State = mendMoves[s.Act].to
		}
		if s.Due != 0 {
			m.Due = s.Due
		}
		if s.Unit != "" {
			m.Unit = s.Unit
		}
		switch s.Act {
		case Report:
			reported = s.Known
		case Return:
			reported = time.Time{}
		}
	}
	if reported.IsZero() {
		m.Late = day > m.Due
	} else {
		m.Late = c.DayOf(reported) > m.Due
	}
}

// At is the mending as it stood for a question; false when it was not there.
func (m Mending) At(c place.Clock, q place.AsOf) (Mending, bool) {
	n := 0
	for n < len(m.Steps) && !m.Steps[n].Known.After(q.Known) {
		n++
	}
	m.Steps = m.Steps[:n:n]
	m.replay(c, q.Day)
	return m, n > 0
}

// reporter is who reported it mended last.
func (m *Mending) reporter() string {
	for i := len(m.Steps) - 1; i >= 0; i-- {
		if m.Steps[i].Act == Report {
			return m.Steps[i].By
		}
	}
	return ""
}

// accepted is when the team found it mended; zero while it has not.
func (m *Mending) accepted() time.Time {
	if n := len(m.Steps); n > 0 && m.Steps[n-1].Act == Accept {
		return m.Steps[n-1].Known
	}
	return time.Time{}
}

// mendings lists what a finished inspection asks to be mended: what lost points
// in a mend, or in a fail, with what the inspectors asked for.
func mendings(x *Inspection, f *FormWords, o *Outcome, settled map[string]Settled, known time.Time) []Mending {
	if o.Result == Passed {
		return nil
	}
	var out []Mending
	for _, item := range o.Lost() {
		s := MendStep{Number: 1, Act: Ask, Known: known, Due: x.Day + place.Day(f.MendDays)}
		a := settled[item].Answer
		if s.Note = a.Note; a.Mend != nil {
			if a.Mend.What != "" {
				s.Note = a.Mend.What
			}
			if s.Unit = a.Mend.Unit; a.Mend.Due != 0 {
				s.Due = max(a.Mend.Due, x.Day)
			}
		}
		out = append(out, Mending{Inspection: x.ID, Item: item, Steps: []MendStep{s}})
	}
	return out
}
