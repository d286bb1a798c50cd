package programme

import (
	"slices"

	"linli.dev/linli/people/place"
)

// sums are figures that add up.
type sums interface{ Tally | dutyTally }

// ledger is one county's figures: by how much they change at the close of each
// day. Days on which nothing changes have no entry. Before it is read it is
// settled: what a day adds up to is then looked up, and not added up.
type ledger[T sums] struct {
	days    []place.Day
	values  []T // the sums at the close of the day for the settled days, the changes for those after them
	settled int // how many days
}

// add books a change, or with sign -1 takes it out again.
func (l *ledger[T]) add(day place.Day, t *T, sign int64) {
	i, ok := slices.BinarySearch(l.days, day)
	l.unsettle(i)
	if !ok {
		var none T
		l.days = slices.Insert(l.days, i, day)
		l.values = slices.Insert(l.values, i, none)
	}
	for f := range len(*t) {
		l.values[i][f] += sign * (*t)[f]
	}
}

// settle adds up what is not added up yet.
func (l *ledger[T]) settle() {
	for ; l.settled < len(l.days); l.settled++ {
		if l.settled > 0 {
			plus(&l.values[l.settled], &l.values[l.settled-1], 1)
		}
	}
}

// unsettle makes changes of the sums from an entry on.
func (l *ledger[T]) unsettle(from int) {
	for ; l.settled > from; l.settled-- {
		if l.settled > 1 {
			plus(&l.values[l.settled-1], &l.values[l.settled-2], -1)
		}
	}
}

func plus[T sums](to, o *T, sign int64) {
	for f := range len(*to) {
		(*to)[f] += sign * (*o)[f]
	}
}

// at is the sum of the changes until a day.
func (l *ledger[T]) at(day place.Day) (t T) {
	i, ok := slices.BinarySearch(l.days, day)
	if ok {
		i++
	}
	if i > 0 {
		t = l.values[i-1]
	}
	return t
}

// walk calls f with the figures at the close of each of the days, which are in
// order.
func (l *ledger[T]) walk(days []place.Day, f func(i int, t *T)) {
	var none T
	at := 0
	for i, day := range days {
		for at < len(l.days) && l.days[at] <= day {
			at++
		}
		if at == 0 {
			f(i, &none)
			continue
		}
		f(i, &l.values[at-1])
	}
}
