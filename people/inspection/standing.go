package inspection

import (
	"cmp"
	"math"
	"slices"
	"time"

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
	City       bool // the inspection was planned for the city's office
}

// holds reports whether what the city's team has found wrong still stands: until the city's team has found it mended, or has
// inspected again, no other inspection says how the compound stands.
func (t *Turn) holds() bool { return t.City && t.Inspection != "" && !t.Status.Good() }

// word is something that an inspection says of its compound: what it came to, or that all is mended.
type word struct {
	Turn
	of *Inspection
}

// Turns lists how the standing of one compound changed. all are its inspections
// with what they asked to be mended, as known now.
func Turns(c place.Clock, all []Inspection, asked map[ID][]Mending) []Turn {
	var words []word
	for i := range all {
		x := &all[i]
		if at := x.finished(); !at.IsZero() && x.Outcome != nil {
			words = append(words, x.word(place.Moment{About: x.about(c), Known: at}, said(x.Outcome.Result)))
		}
	}
	for i := range all {
		x := &all[i]
		if last := mended(asked[x.ID]); x.Outcome != nil && x.Outcome.Result == ToBeMended && !last.IsZero() {
			words = append(words, x.word(place.Moment{About: max(x.about(c), c.DayOf(last)), Known: last}, Mended))
		}
	}
	// Each is judged by what was known before it, so that what stood on a day that has closed goes on standing there.
	slices.SortStableFunc(words, func(a, b word) int { return a.Known.Compare(b.Known) })
	var out []Turn
	for _, w := range words {
		stands := StandsAt(place.AsOf{Day: math.MaxInt32, Known: w.Known}, out)
		switch {
		case w.Status == Mended:
			// It is good from then on, unless another inspection has come since.
			if slices.ContainsFunc(out, func(t Turn) bool {
				return t.Inspection != w.Inspection && (t.About > w.of.about(c) || t.About == w.of.about(c) && t.Known.After(w.of.finished()))
			}) {
				continue
			}
		case !w.City && stands.holds():
			continue
		}
		out = append(out, w.Turn)
	}
	slices.SortStableFunc(out, func(a, b Turn) int { return cmp.Or(cmp.Compare(a.About, b.About), a.Known.Compare(b.Known)) })
	return out
}

func (x *Inspection) word(m place.Moment, s Status) word {
	return word{Turn{Moment: m, Compound: x.Compound, Status: s, Inspection: x.ID, Score: x.Outcome.Score, City: x.City}, x}
}

func said(r Result) Status {
	switch r {
	case Passed:
		return Passing
	case ToBeMended:
		return ToMend
	}
	return NotPass
}

// mended is when the last thing was found mended; zero while one is not, or where nothing was asked for.
func mended(list []Mending) (last time.Time) {
	for _, m := range list {
		at := m.accepted()
		if at.IsZero() {
			return at
		}
		if at.After(last) {
			last = at
		}
	}
	return last
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
