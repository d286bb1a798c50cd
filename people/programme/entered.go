package programme

import (
	"slices"
	"time"

	"linli.dev/linli/people/place"
)

// Money in place, help tasks and inspections are believed by the day that who enters them types, and no second person looks: so what
// counts as in time is what was known by the last day. Whoever enters later does what they should, and is done; a last day is put off
// by the level above alone (an extension). What a machine has seen, and what an approved return says, counts by its day.

// speaks reports whether a kind of fact says that something typed is reached.
func speaks(w What, k Kind) bool {
	switch w {
	case Funds:
		return k == Pledged || k == Received
	case Tasks:
		return k == TasksSet || k == TasksEnd
	case Accepted:
		return k == Inspected
	}
	return false
}

// entered is the day on which it became known that something was reached by its last day, where that was later; 0 where it was known
// by then.
func entered(q place.AsOf, facts []Fact, clock place.Clock, w What, due place.Day) place.Day {
	last := clock.Close(due)
	var late []time.Time // when more became known of the days in time
	for i := range facts {
		if f := &facts[i]; f.About <= due && f.Known.After(last) && q.Sees(f.Moment) && speaks(w, f.Kind) {
			late = append(late, f.Known)
		}
	}
	if len(late) == 0 || holds(facts, w, place.AsOf{Day: min(q.Day, due), Known: last}) {
		return 0
	}
	slices.SortFunc(late, time.Time.Compare)
	for _, known := range late {
		if holds(facts, w, place.AsOf{Day: min(q.Day, due), Known: known}) {
			return clock.DayOf(known)
		}
	}
	return clock.DayOf(late[len(late)-1])
}

// holds reports whether something typed is reached for a question; facts are in order.
func holds(facts []Fact, w What, q place.AsOf) bool {
	var owed, done int64
	for i := range facts {
		f := &facts[i]
		if !speaks(w, f.Kind) || !q.Sees(f.Moment) {
			continue
		}
		switch f.Kind {
		case Pledged, TasksSet:
			owed += f.Value
		case Inspected:
			owed, done = 1, f.Value
		default:
			done += f.Value
		}
	}
	return owed > 0 && done >= owed
}
