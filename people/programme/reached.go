package programme

import (
	"cmp"
	"slices"

	"linli.dev/linli/people/place"
)

// reached is how many of a county's duties of one milestone are done since which
// day, and from the close of which day on that counts: a duty that is done
// otherwise later on is taken out from then.
type reached []reach

type reach struct {
	since, day place.Day
	n          int64
}

// add books that one more duty, or with sign -1 one fewer, is done since a day.
func (r *reached) add(day, since place.Day, sign int64) {
	i, ok := slices.BinarySearchFunc(*r, reach{since: since, day: day}, func(a, b reach) int {
		return cmp.Or(cmp.Compare(a.since, b.since), cmp.Compare(a.day, b.day))
	})
	switch {
	case !ok:
		*r = slices.Insert(*r, i, reach{since, day, sign})
	case (*r)[i].n+sign == 0:
		*r = slices.Delete(*r, i, i+1)
	default:
		(*r)[i].n += sign
	}
}

// since calls f with what counts at the close of a day of all that is done since from or later.
func (r *reached) since(day, from place.Day, f func(since place.Day, n int64)) {
	i, _ := slices.BinarySearchFunc(*r, from, func(a reach, from place.Day) int { return cmp.Compare(a.since, from) })
	for _, x := range (*r)[i:] {
		if x.day <= day {
			f(x.since, x.n)
		}
	}
}
