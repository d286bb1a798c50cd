package programme

import (
	"slices"

	"linli.dev/linli/people/place"
)

// ledger is one county's figures: by how much they change at the close of each
// day. Days on which nothing changes have no entry.
type ledger struct {
	days    []place.Day
	changes []Tally
}

// add books a change, or with sign -1 takes it out again.
func (l *ledger) add(day place.Day, t *Tally, sign int64) {
	i, ok := slices.BinarySearch(l.days, day)
	if !ok {
		l.days = slices.Insert(l.days, i, day)
		l.changes = slices.Insert(l.changes, i, Tally{})
	}
	for f := range t {
		l.changes[i][f] += sign * t[f]
	}
}

// at is the sum of the changes until a day.
func (l *ledger) at(day place.Day) (t Tally) {
	for i := range l.days {
		if l.days[i] > day {
			break
		}
		t.Add(&l.changes[i])
	}
	return t
}

// walk calls f with the figures at the close of each of the days, which are in
// order.
func (l *ledger) walk(days []place.Day, f func(i int, t *Tally)) {
	var sum Tally
	at := 0
	for i, day := range days {
		for at < len(l.days) && l.days[at] <= day {
			sum.Add(&l.changes[at])
			at++
		}
		f(i, &sum)
	}
}
