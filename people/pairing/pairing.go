package pairing

import (
	"time"

	"linli.dev/linli/people/place"
)

// UnitID names a member unit.
type UnitID string

// Unit is an organisation that helps.
type Unit struct {
	ID      UnitID `json:"id"`
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Level   string `json:"level" enum:"city,county" doc:"Of which committee it is a member"`
	By      string `json:"by"`
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

// Version is how often something was said of the pairing: begun, ended.
func (p *Pairing) Version() int64 {
	if p.Until != 0 {
		return 2
	}
	return 1
}

// On reports whether the pairing is there on a day, as far as is known now.
func (p *Pairing) On(d place.Day) bool { return p.About <= d && (p.Until == 0 || d < p.Until) }

// refuse says why nothing can be entered about a day: what has not come yet has
// not happened, and nobody helps before a pairing begins or after it has ended.
// What only speaks of an earlier entry, a disclosure or a correction, may come
// later than the end.
func (p *Pairing) refuse(path string, day, today place.Day, later bool) (out place.Problems) {
	switch {
	case day > today:
		out.Add(path, "pairing.day-to-come", "today", today.String())
	case day < p.About:
		out.Add(path, "pairing.day-before", "day", p.About.String())
	case !later && !p.On(day):
		out.Add(path, "pairing.day-after", "day", p.Until.String())
	}
	return out
}

// Stands reports whether the pairing is there for a question.
func (p *Pairing) Stands(q place.AsOf) bool {
	return q.Sees(p.Moment) && (p.Until == 0 || !q.Sees(place.Moment{About: p.Until, Known: *p.UntilKnown}))
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
		out = append(out, tasks[i].changes()...)
	}
	return out
}
