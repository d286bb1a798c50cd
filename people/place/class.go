package place

import (
	"math"
	"slices"
	"time"
)

// Class of a compound: which deadlines it has.
type Class string

// The classes. Other is what no mark says.
const (
	Demonstration Class = "demonstration"
	Helped        Class = "helped"
	Other         Class = "other"
)

// Classes in the order of reports.
var Classes = []Class{Demonstration, Helped, Other}

// Mark is what a compound is entered for and leaves again.
type Mark string

// The marks. Weak is no class: a helped compound is weak, a weak one may still
// wait for its helper. Who is weak is for staff only.
const (
	MarkDemonstration Mark = "demonstration"
	MarkHelped        Mark = "helped"
	MarkWeak          Mark = "weak"
)

// Marks in the order of forms.
var Marks = []Mark{MarkDemonstration, MarkHelped, MarkWeak}

// Entry says that a compound enters or leaves a mark.
type Entry struct {
	Compound ID   `json:"compound"`
	Mark     Mark `json:"mark" enum:"demonstration,helped,weak"`
	In       bool `json:"in" doc:"true: enters; false: leaves"`
	Moment
	Criteria string `json:"criteria,omitempty" doc:"Which criteria are met, or no longer: needed to enter, and to leave a class"`
	Evidence string `json:"evidence,omitempty" doc:"Document or inspection on which it rests"`
	By       string `json:"by"`
	// Void is when the entry was taken back as a mistake; nil: it stands. What was answered until then stays answered.
	Void    *time.Time `json:"withdrawn,omitempty" doc:"When the entry was taken back as a mistake; days asked about as known before still have it"`
	VoidBy  string     `json:"withdrawn_by,omitempty"`
	VoidWhy string     `json:"withdrawn_why,omitempty"`
}

// Stands reports whether the entry holds for a question: it is seen, and was not taken back by then.
func (e *Entry) Stands(q AsOf) bool {
	return q.Sees(e.Moment) && (e.Void == nil || q.Known.Before(*e.Void))
}

// asOf is the entry as a question knows it.
func (e Entry) asOf(q AsOf) Entry {
	if e.Void != nil && q.Known.Before(*e.Void) {
		e.Void, e.VoidBy, e.VoidWhy = nil, "", ""
	}
	return e
}

// leaves reports whether the compound leaves a class, and with it the class's deadlines.
func (e *Entry) leaves() bool { return !e.In && e.Mark != MarkWeak }

// Lightens reports whether a compound gets out of a class, and with it of the class's deadlines, by entries that come to those
// that there are: because it leaves one, or because its class becomes another one on the day that they are about or on any
// later one, as what is said about a day holds until something is said about a later day. That needs a reason, and a person of
// the level above. A compound of no class is taken to owe least: by the rules of a city that asks more of others than of a class,
// entering it is lighter, and is not seen here.
func Lightens(known time.Time, before, list []Entry) bool {
	after := slices.Clone(before)
	first := Day(math.MaxInt32)
	for _, e := range list {
		if e.leaves() {
			return true
		}
		e.Known = known
		after, first = append(after, e), min(first, e.About)
	}
	for i := range after {
		q := AsOf{after[i].About, known}
		if was := ClassOf(q, before); q.Day >= first && was != Other && ClassOf(q, after) != was {
			return true
		}
	}
	return false
}

// Marked reports whether a mark holds.
func Marked(q AsOf, entries []Entry, m Mark) bool {
	best := -1
	for i, e := range entries {
		if e.Mark == m && e.Stands(q) && (best < 0 || !entries[best].Later(e.Moment)) {
			best = i
		}
	}
	return best >= 0 && entries[best].In
}

// ClassOf is the class that the entries of a compound give it.
func ClassOf(q AsOf, entries []Entry) Class {
	switch {
	case Marked(q, entries, MarkDemonstration):
		return Demonstration
	case Marked(q, entries, MarkHelped):
		return Helped
	}
	return Other
}

// ClassesOf is everything that was ever said of the class of a compound: asked
// by Holds it answers like ClassOf, but for "" where that says Other and nothing
// was ever entered.
func ClassesOf(entries []Entry) []Said[Class] {
	return replay(turnsOf(entries, MarkDemonstration, MarkHelped), func(q AsOf) Class { return ClassOf(q, entries) })
}

// WeakOf is everything that was ever said of whether a compound is weak: asked by Holds it answers like Marked.
func WeakOf(entries []Entry) []Said[bool] {
	return replay(turnsOf(entries, MarkWeak), func(q AsOf) bool { return Marked(q, entries, MarkWeak) })
}

// turnsOf are the moments at which entries of some marks became known, or were taken back.
func turnsOf(entries []Entry, marks ...Mark) (out []Moment) {
	for i := range entries {
		e := &entries[i]
		if !slices.Contains(marks, e.Mark) {
			continue
		}
		out = append(out, e.Moment)
		if e.Void != nil {
			out = append(out, Moment{e.About, *e.Void})
		}
	}
	return out
}

// sound says what is wrong with the marks that entries leave behind: on no day is a compound helped and not weak, or both a
// demonstration and a helped one.
func sound(known time.Time, entries []Entry) (p Problems) {
	for i := range entries {
		q := AsOf{entries[i].About, known}
		switch helped := Marked(q, entries, MarkHelped); {
		case helped && !Marked(q, entries, MarkWeak):
			p.Add("mark", "place.class.helped-is-weak")
		case helped && Marked(q, entries, MarkDemonstration):
			p.Add("mark", "place.class.one-only")
		default:
			continue
		}
		return p
	}
	return p
}

// check says what is wrong with a new entry after those that there are.
func (e *Entry) check(q AsOf, before []Entry) (p Problems) {
	p.Ask("criteria", e.Criteria, maxNote, e.In || e.leaves())
	p.Text("evidence", e.Evidence, maxNote, e.In)
	if e.About == 0 {
		p.Add("from", "place.field.required")
	}
	if !slices.Contains(Marks, e.Mark) {
		p.Add("mark", "place.field.mark", "is", clip(string(e.Mark)))
		return p
	}
	in := func(m Mark) bool { return Marked(q, before, m) }
	switch {
	case in(e.Mark) == e.In && e.In:
		p.Add("mark", "place.class.is-in")
	case in(e.Mark) == e.In:
		p.Add("mark", "place.class.is-not-in")
	case e.In && e.Mark == MarkDemonstration && in(MarkHelped), e.In && e.Mark == MarkHelped && in(MarkDemonstration):
		p.Add("mark", "place.class.one-only")
	case e.In && e.Mark == MarkHelped && !in(MarkWeak):
		p.Add("mark", "place.class.helped-is-weak")
	case !e.In && e.Mark == MarkWeak && in(MarkHelped):
		p.Add("mark", "place.class.helped-is-weak")
	default:
		e.checkLater(q, before, &p)
	}
	return p
}

// checkLater says what would be wrong on later days, on which other entries than those of the entry's own day hold.
func (e *Entry) checkLater(q AsOf, before []Entry, p *Problems) {
	after := append(slices.Clone(before), *e)
	after[len(before)].Known = q.Known
	for i := range before {
		on := AsOf{before[i].About, q.Known}
		if on.Day <= e.About || !before[i].In {
			continue
		}
		in := func(m Mark) bool { return Marked(on, after, m) }
		switch {
		case e.In && e.Mark != MarkWeak && in(MarkDemonstration) && in(MarkHelped):
			p.Add("mark", "place.class.one-only-later", "day", on.Day.String())
			return
		case !e.In && e.Mark == MarkWeak && in(MarkHelped) && !in(MarkWeak):
			p.Add("mark", "place.class.helped-is-weak")
			return
		}
	}
}
