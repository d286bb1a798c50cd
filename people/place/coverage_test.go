package place

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What Cover says adds up to what the counts that hold say, for every day and instant, however late they became known.
func TestCoverageSumsToTheCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var counts []Count
		seen := map[any]bool{}
		for i := range rapid.IntRange(0, 14).Draw(t, "counts") {
			c := Count{
				Compound: "x",
				Building: ID(rapid.SampledFrom([]string{"", "b1", "b2"}).Draw(t, "building")),
				Sort:     rapid.SampledFrom([]Sort{"guard", "fence", "light", "camera", "access-control", "door", "intercom", "alarm"}).Draw(t, "sort"),
				Moment:   Moment{Day(rapid.IntRange(100, 108).Draw(t, "about")), time.UnixMicro(int64(1000 + i/2)).UTC()},
				Number:   rapid.IntRange(Unsaid, 5).Draw(t, "number"),
			}
			// Two of one transaction about the same are refused by the table's key.
			if k := [4]any{c.Building, c.Sort, c.About, c.Known}; !seen[k] {
				seen[k] = true
				counts = append(counts, c)
			}
		}
		changes := Cover(counts)
		for day := Day(99); day <= 109; day++ {
			for k := int64(999); k <= 1008; k++ {
				q := AsOf{day, time.UnixMicro(k)}
				var sum, want Coverage
				for _, c := range changes {
					if q.Sees(c.Moment) {
						sum = sum.plus(c.Coverage)
					}
				}
				for _, a := range Assets(q, day, counts) {
					switch {
					case a.Kind == People:
						want.People += a.Number
					case a.Kind == Physical:
						want.Physical += a.Number
					default:
						want.Technical += a.Number
					}
					for i, s := range []Sort{"access-control", "door", "light", "camera", "intercom", "alarm"} {
						if a.Sort == s && a.Building != "" && a.Number > 0 {
							want.Buildings[i]++
						}
					}
				}
				if sum != want {
					t.Fatalf("on %d known at %d: %+v by sums, %+v by counting; %+v", day, k, sum, want, changes)
				}
			}
		}
	})
}
