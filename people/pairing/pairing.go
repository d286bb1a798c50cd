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
	By         string     `json:"by"`
}

// Stands reports whether the pairing is there for a question.
func (p *Pairing) Stands(q place.AsOf) bool {
	return q.Sees(p.Moment) && (p.Until == 0 || !q.Sees(place.Moment{About: p.Until, Known: *p.UntilKnown}))
}

// EntryID names an entry of money.
type EntryID string

// EntryKind is what money did.
type EntryKind string

// A pledge is promised, a receipt is in place.
const (
	Pledge  EntryKind = "pledge"
	Receipt EntryKind = "receipt"
)

// Entry is an amount that was pledged or received, or taken back.
type Entry struct {
	ID       EntryID   `json:"id"`
	Pairing  ID        `json:"pairing"`
	Compound place.ID  `json:"compound"`
	Kind     EntryKind `json:"kind" enum:"pledge,receipt"`
	Fen      int64     `json:"fen" doc:"Above 0; below 0 only where it takes back another entry, whole"`
	place.Moment
	Reverses EntryID `json:"reverses,omitempty" doc:"The entry that it takes back"`
	Voucher  string  `json:"voucher,omitempty" doc:"Number of the voucher"`
	Note     string  `json:"note,omitempty"`
	By       string  `json:"by"`
}

// mostFen is a hundred million yuan: more is a slip of the pen.
const mostFen = 100_000_000 * 100

func (e *Entry) check() (p place.Problems) {
	p.Text("voucher", e.Voucher, 40, false)
	p.Text("note", e.Note, 200, false)
	if e.Kind != Pledge && e.Kind != Receipt {
		p.Add("kind", "pairing.field.kind")
	}
	if e.Fen <= 0 || e.Fen > mostFen {
		p.Add("fen", "pairing.field.fen")
	}
	if e.About == 0 {
		p.Add("from", "place.field.required")
	}
	return p
}

// Reversal is the entry that takes e back. It is about a day no earlier than
// e's own, so that no question sees it without seeing e.
func (e *Entry) Reversal(about place.Day, note string) (Entry, place.Problems) {
	var p place.Problems
	p.Text("note", note, 200, true)
	if e.Fen < 0 {
		p.Add("id", "pairing.reverse.reversal")
	}
	if about < e.About {
		p.Add("from", "pairing.reverse.earlier")
	}
	return Entry{
		Pairing: e.Pairing, Compound: e.Compound, Kind: e.Kind, Fen: -e.Fen, Moment: place.Moment{About: about}, Reverses: e.ID, Note: note,
	}, p
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
		c := Change{Compound: e.Compound, Moment: e.Moment}
		if e.Kind == Pledge {
			c.Pledged = e.Fen
		} else {
			c.Received = e.Fen
		}
		out = append(out, c)
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
