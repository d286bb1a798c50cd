package pairing

import (
	"time"

	"linli.dev/linli/people/place"
)

// UnitID names a member unit.
type UnitID string

// Unit is an organisation that helps.
type Unit struct {
	ID    UnitID `json:"id"`
	Name  string `json:"name"`
	Level string `json:"level" enum:"city,county" doc:"Of which committee it is a member"`
	By    string `json:"by"`
}

func (u *Unit) check() (p place.Problems) {
	p.Text("name", u.Name, 60, true)
	if u.Level != "city" && u.Level != "county" {
		p.Add("level", "pairing.field.level")
	}
	return p
}

// ID names a pairing.
type ID string

// Pairing is a unit and the weak compound it helps. A compound may have
// several.
type Pairing struct {
	ID       ID       `json:"id"`
	Compound place.ID `json:"compound"`
	Unit     UnitID   `json:"unit"`
	place.Moment
	Until      place.Day  `json:"until,omitempty" doc:"The first day without it"`
	UntilKnown *time.Time `json:"until_known,omitempty"`
	UntilBy    string     `json:"until_by,omitempty"`
	By         string     `json:"by"`
}

// Stands reports whether the pairing is there for a question.
func (p *Pairing) Stands(q place.AsOf) bool {
	return q.Sees(p.Moment) && (p.Until == 0 || !q.Sees(place.Moment{About: p.Until, Known: *p.UntilKnown}))
}

// TaskID names a help task.
type TaskID string

// Task is something that a helper has promised to do, besides money.
type Task struct {
	ID       TaskID    `json:"id"`
	Pairing  ID        `json:"pairing"`
	Compound place.ID  `json:"compound"`
	Title    string    `json:"title"`
	Due      place.Day `json:"due"`
	place.Moment
	Done      place.Day  `json:"done,omitempty"`
	DoneKnown *time.Time `json:"done_known,omitempty"`
	DoneBy    string     `json:"done_by,omitempty"`
	By        string     `json:"by"`
}

func (t *Task) check() (p place.Problems) {
	p.Text("title", t.Title, 100, true)
	if t.About == 0 {
		p.Add("from", "place.field.required")
	}
	if t.Due < t.About {
		p.Add("due", "place.field.order")
	}
	return p
}

// Change is by how much the help of a compound changes from a day on.
type Change struct {
	Compound place.ID
	place.Moment
	Pairings, Pledged, Received, TasksSet, TasksDone int64
}

// Changes turns rows into changes that add up: the sum of those that a question
// sees is the help of a compound then.
func Changes(pairings []Pairing, entries []Entry, tasks []Task) []Change {
	var out []Change
	for i := range pairings {
		p := &pairings[i]
		out = append(out, Change{Compound: p.Compound, Moment: p.Moment, Pairings: 1})
		if p.Until != 0 {
			out = append(out, Change{Compound: p.Compound, Moment: place.Moment{About: p.Until, Known: *p.UntilKnown}, Pairings: -1})
		}
	}
	for i := range entries {
		e := &entries[i]
		switch e.Kind {
		case Pledge:
			out = append(out, Change{Compound: e.Compound, Moment: e.Moment, Pledged: e.Fen})
		case Receipt:
			out = append(out, Change{Compound: e.Compound, Moment: e.Moment, Received: e.Fen})
		}
	}
	for i := range tasks {
		t := &tasks[i]
		out = append(out, Change{Compound: t.Compound, Moment: t.Moment, TasksSet: 1})
		if t.Done != 0 {
			out = append(out, Change{Compound: t.Compound, Moment: place.Moment{About: t.Done, Known: *t.DoneKnown}, TasksDone: 1})
		}
	}
	return out
}
