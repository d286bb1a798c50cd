package programme

import (
	"testing"

	"pgregory.net/rapid"

	"linli.dev/linli/people/place"
)

// What is owed by deadline adds up to what is owed in all, for the city and for each county.
func TestDeadlinesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := NewBook(clock, drawRules(t), drawFacts(t))
		q := clock.AtClose(first + place.Day(rapid.IntRange(0, 25).Draw(t, "day")))
		sum := func(county place.ID) (n [6]int64) {
			last := place.Day(0)
			for _, d := range Deadlines(b, q, county) {
				if d.Due < last || d.Days != int(d.Due-q.Day) {
					t.Errorf("%s: due %s, %d days, after %s", d.ID, d.Due, d.Days, last)
				}
				last = d.Due
				for i, v := range []int64{d.Owed, d.Reached, d.InTime, d.Overdue, d.Behind, d.Near} {
					n[i] += v
				}
			}
			return n
		}
		want := func(c Tally) [6]int64 {
			return [6]int64{c[Duties], c[Done], c[DoneInTime], c[Overdue], c[Behind], c[Near]}
		}
		if got := sum(""); got != want(b.City(q)) {
			t.Errorf("city: %v, want %v", got, want(b.City(q)))
		}
		for id, c := range b.Counties(q) {
			if got := sum(id); got != want(c) {
				t.Errorf("%s: %v, want %v", id, got, want(c))
			}
		}
	})
}
