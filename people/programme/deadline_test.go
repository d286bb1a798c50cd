package programme

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// What the ledgers say of deadlines is what going through the compounds says, on every day, and after compounds were said anew.
func TestDeadlinesOfADay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := NewBook(clock, drawRules(t), drawFacts(t))
		if rapid.Bool().Draw(t, "said anew") {
			anew := slices.DeleteFunc(drawFacts(t), func(f Fact) bool { return f.Compound == "z" })
			b.Replace([]place.ID{"x", "y"}, anew)
		}
		for d := first - 3; d < first+37; d++ {
			q := clock.AtClose(d)
			for _, county := range []place.ID{"", "lanshan", "luozhuang"} {
				want := deadlinesOf(b, q, func(s *State) bool { return county == "" || s.County == county })
				if diff := cmp.Diff(want, Deadlines(b, q, county)); diff != "" {
					t.Fatalf("%s, %q: %s", d, county, diff)
				}
			}
		}
	})
}
