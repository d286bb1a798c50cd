package pairing

import (
	"time"

	"linli.dev/linli/people/place"
)

// TaskID names a help task.
type TaskID string

// Task is something that a helper has promised to do, besides money.
type Task struct {
	ID       TaskID    `json:"id"`
	Number   int64     `json:"version" doc:"To be sent as If-Match"`
	Pairing  ID        `json:"pairing"`
	Compound place.ID  `json:"compound"`
	Title    string    `json:"title"`
	Due      place.Day `json:"due"`
	place.Moment
	Done      place.Day  `json:"done,omitempty"`
	DoneKnown *time.Time `json:"done_known,omitempty"`
	DoneBy    string     `json:"done_by,omitempty"`
	By        string     `json:"by"`
	// Withdrawn is when it was taken back as a mistake: from then on it was never set, while what was answered stays answered.
	Withdrawn *time.Time `json:"withdrawn,omitempty"`
	EndedBy   string     `json:"withdrawn_by,omitempty"`
	Why       string     `json:"withdrawn_why,omitempty"`
	Reopened  []Reopened `json:"reopened,omitempty" doc:"Reports of it as done that were taken back"`
}

// Reopened is a report of a task as done that was taken back: it was not done on that day.
type Reopened struct {
	Done      place.Day `json:"done"`
	DoneKnown time.Time `json:"done_known"`
	DoneBy    string    `json:"done_by"`
	Known     time.Time `json:"known"`
	By        string    `json:"by"`
	Why       string    `json:"why"`
}

// Version is how often something was said of the task: set, done, taken back, withdrawn.
func (t *Task) Version() int64 {
	n := int64(1 + 2*len(t.Reopened))
	if t.Done != 0 {
		n++
	}
	if t.Withdrawn != nil {
		n++
	}
	return n
}

func (t *Task) check() (p place.Problems) {
	p.Ask("title", t.Title, 100, true)
	if t.About == 0 {
		p.Add("from", "place.field.required")
	}
	if t.Due < t.About {
		p.Add("due", "place.field.order")
	}
	return p
}

// changes are what the task adds to its compound's help, and takes out again where it was a mistake.
func (t *Task) changes() []Change {
	at := func(about place.Day, known time.Time, set, done int64) Change {
		return Change{Compound: t.Compound, Moment: place.Moment{About: about, Known: known}, TasksSet: set, TasksDone: done}
	}
	out := []Change{at(t.About, t.Known, 1, 0)}
	for _, r := range t.Reopened {
		out = append(out, at(r.Done, r.DoneKnown, 0, 1), at(r.Done, r.Known, 0, -1))
	}
	if t.Done != 0 {
		out = append(out, at(t.Done, *t.DoneKnown, 0, 1))
	}
	if t.Withdrawn != nil {
		out = append(out, at(t.About, *t.Withdrawn, -1, 0))
	}
	return out
}

// asOf is the task as a question knows it.
func (t Task) asOf(q place.AsOf) Task {
	if t.Withdrawn != nil && t.Withdrawn.After(q.Known) {
		t.Withdrawn, t.EndedBy, t.Why = nil, "", ""
	}
	if t.Done != 0 && !q.Sees(place.Moment{About: t.Done, Known: *t.DoneKnown}) {
		t.Done, t.DoneKnown, t.DoneBy = 0, nil, ""
	}
	var back []Reopened
	for i := range t.Reopened {
		r := &t.Reopened[i]
		switch {
		case !r.Known.After(q.Known):
			back = append(back, *r)
		case q.Sees(place.Moment{About: r.Done, Known: r.DoneKnown}): // nobody had taken it back yet
			t.Done, t.DoneKnown, t.DoneBy = r.Done, &r.DoneKnown, r.DoneBy
		}
	}
	t.Reopened = back
	return t
}
