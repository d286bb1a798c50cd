package place

import (
	"cmp"
	"maps"
	"slices"
)

// addable is a number, or several, that add up.
type addable[V any] interface {
	comparable
	plus(V) V
	minus(V) V
}

// grow adds to sum by how much the value of one thing changes: sayings about it
// of which the latest holds (Picks), turned into changes of which all count.
func grow[T any, V addable[V]](said []T, at func(*T) Moment, value func(*T) V, sum map[micros]V) {
	var none V
	slices.SortFunc(said, func(a, b T) int { return at(&a).Known.Compare(at(&b).Known) })
	days := make([]Day, 0, len(said))
	for i := range said {
		days = append(days, at(&said[i]).About)
	}
	slices.Sort(days)
	days = slices.Compact(days)
	until := make([]V, len(days)) // the sum of the changes so far, day by day
	for n := range said {
		known := at(&said[n]).Known
		if n+1 < len(said) && at(&said[n+1]).Known.Equal(known) {
			continue // said together: they count together
		}
		var before V
		for i, d := range days {
			var now V
			if j := Picks(AsOf{d, known}, said, at); j >= 0 {
				now = value(&said[j])
			}
			if change := now.minus(until[i]).minus(before); change != none {
				m := Moment{d, known}.micros()
				sum[m] = sum[m].plus(change)
				before = before.plus(change)
			}
			until[i] = until[i].plus(before)
		}
	}
}

// inTime are the moments of changes that change something, in order.
func inTime[V addable[V]](sum map[micros]V) []micros {
	var none V
	out := slices.Collect(maps.Keys(sum))
	out = slices.DeleteFunc(out, func(m micros) bool { return sum[m] == none })
	slices.SortFunc(out, func(a, b micros) int { return cmp.Or(cmp.Compare(a.about, b.about), cmp.Compare(a.known, b.known)) })
	return out
}
