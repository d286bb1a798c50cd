package inspection

import (
	"cmp"
	"slices"

	"linli.dev/linli/people/place"
)

// Status is how a compound stands.
type Status string

// The statuses. Mended: it was to be mended, and the team has found it so.
const (
	NotYet  Status = "none"
	Passing Status = "pass"
	Mended  Status = "mended"
	ToMend  Status = "mend"
	NotPass Status = "fail"
)

// Good reports whether the compound is accepted.
func (s Status) Good() bool { return s == Passing || s == Mended }

// Turn is a change of how a compound stands: about a day, known from an instant on.
type Turn struct {
	place.Moment
	Compound   place.ID
	Status     Status
	Inspection ID
	Score      Points
}

// Turns lists how the standing of one compound changed. all are its inspections
// with what they asked to be mended, as known now.
func Turns(c place.Clock, all []Inspection, asked map[ID][]Mending) []Turn {
	var out []Turn
	for i := range all {
		x := &all[i]
		at := x.finished()
		if at.IsZero() || x.Outcome == nil {
			continue
		}
		t := Turn{Moment: place.Moment{About: x.about(c), Known: at}, Compound: x.Compound, Inspection: x.ID, Score: x.Outcome.Score}
		switch x.Outcome.Result {
		case Passed:
			t.Status = Passing
		case ToBeMended:
			t.Status = ToMend
		default:
			t.Status = NotPass
		}
		out = append(out, t)
	}
	// A mend is good from the day on which the last thing was found mended, unless another inspection has come since.
	for i := range all {
		x := &all[i]
		list := asked[x.ID]
		if x.Outcome == nil || x.Outcome.Result != ToBeMended || len(list) == 0 {
			continue
		}
		last := list[0].accepted()
		for _, m := range list {
			at := m.accepted()
			if at.IsZero() {
				last = at
				break
			}
			if at.After(last) {
				last = at
			}
		}
		if last.IsZero() {
			continue
		}
		m := place.Moment{About: max(x.about(c), c.DayOf(last)), Known: last}
		if later := slices.ContainsFunc(out, func(t Turn) bool {
			after := t.About > x.about(c) || t.About == x.about(c) && t.Known.After(x.finished())
			return t.Inspection != x.ID && after && !t.Known.After(last)
		}); !later {
			out = append(out, Turn{Moment: m, Compound: x.Compound, Status: Mended, Inspection: x.ID, Score: x.Outcome.Score})
		}
	}
	slices.SortStableFunc(out, func(a, b Turn) int { return cmp.Or(cmp.Compare(a.About, b.About), a.Known.Compare(b.Known)) })
	return out
}

// about is the day from which on an inspection that is over says how a compound stands: of the visit, or of the last signature where
// that came later. The day of a plan is somebody's word, and may lie months back.
func (x *Inspection) about(c place.Clock) place.Day { return max(x.Day, c.DayOf(x.finished())) }

// StandsAt is how a compound stands for a question.
func StandsAt(q place.AsOf, turns []Turn) Turn {
	if i := place.Picks(q, turns, func(t *Turn) place.Moment { return t.Moment }); i >= 0 {
		return turns[i]
	}
	return Turn{Status: NotYet}
}
