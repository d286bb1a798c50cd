package programme

import (
	"slices"

	"linli.dev/linli/people/place"
)

// sums are figures that add up.
type sums interface{ Tally | dutyTally }

// ledger is one county's figures: by how much they change at the close of each
// day. Days on which nothing changes have no entry.
type ledger[T sums] struct {
	days    []place.Day
	changes []T
}

// add books a change, or with sign -1 takes it out again.
func (l *ledger[T]) add(day place.Day, t *T, sign int64) {
	i, ok := slices.BinarySearch(l.days, day)
	if !ok {
		var none T
		l.days = slices.Insert(l.days, i, day)
		l.changes = slices.Insert(l.changes, i, none)
	}
	for f := range len(*t) {
		l.changes[i][f] += sign * (*t)[f]
	}
}

// at is the sum of the changes until a day.
func (l *ledger[T]) at(day place.Day) (t T) {
	l.walk([]place.Day{day}, func(_ int, sum *T) { t = *sum })
	return t
}

// walk calls f with the figures at the close of each of the days, which are in
// order.
func (l *ledger[T]) walk(days []place.Day, f func(i int, t *T)) {
	var sum T
	at := 0
	for i, day := range days {
		for at < len(l.days) && l.days[at] <= day {
			for n := range len(sum) {
				sum[n] += l.changes[at][n]
			}
			at++
		}
		f(i, &sum)
	}
}
