package place

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The points in memory are those of the tables: after each entry, of this process or of another one, and for each compound in the order
// in which they became known.
func TestPointsAreKept(t *testing.T) {
	each(t, func(w *town) {
		w.found("安泰小区", Compound, "煤山社区")
		other, err := New(w.ctx, w.s.db, Options{Clock: w.s.clock})
		w.must(err)
		same := func(n int) {
			t.Helper()
			want, err := w.s.Points(w.ctx)
			w.must(err)
			for range 2 { // read, and read again
				got, err := w.s.everyPoint(w.ctx)
				w.must(err)
				if len(got) != n || n > 0 && cmp.Diff(want, got) != "" {
					t.Fatalf("%d points: %s", len(got), cmp.Diff(want, got))
				}
			}
		}
		at := func(s *Service, name string, lon float64, from Day) {
			t.Helper()
			w.must(s.Locate(w.ctx, "li", []Point{{Compound: w.ids[name], LonLat: LonLat{lon, 35.1}, Moment: Moment{About: from}}}))
		}
		same(0)
		today := w.s.clock.Today()
		at(w.s, "金阳花园", 118.3, today)
		same(1)
		before, err := w.s.everyPoint(w.ctx)
		w.must(err)
		before = slices.Clone(before)
		at(other, "安泰小区", 118.4, today)
		at(other, "金阳花园", 118.35, today-20)
		same(3)
		at(w.s, "安泰小区", 0, today)
		w.found("百合花园", Compound, "煤山社区") // something else became known
		same(4)
		if PointAt(AsOf{today, before[0].Known}, before).Lon != 118.3 {
			t.Error("an answer was changed after it was given")
		}
	})
}
