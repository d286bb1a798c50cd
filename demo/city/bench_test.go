package city

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/store/storetest"
)

// province is the demo city many times over.
func province(b *testing.B, times int) *programme.Book {
	b.Helper()
	begin := time.Now()
	book, err := Many(times)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("booked in %s", time.Since(begin).Round(time.Millisecond))
	return book
}

// What the city's page asks of the book: two days, the trend of fifteen months. The goal is 50 ms, 100 ms for a province.
func BenchmarkCityPage(b *testing.B) {
	var clock place.Clock
	for _, times := range []int{1, 20} {
		b.Run(fmt.Sprint(2400*times), func(b *testing.B) {
			book := province(b, times)
			var days []place.Day
			for d := start; d <= Last; d += 7 {
				days = append(days, d)
			}
			for b.Loop() {
				now, was := book.Counties(clock.AtClose(published)), book.Counties(clock.AtClose(published-31))
				programme.Table(now, was, func(id place.ID) place.Version { return place.Version{Name: string(id)} })
				book.Trend(days)
			}
		})
	}
}

// What lies below the map asks of the book: lights, who is late, forecasts. It has no names of places here.
func BenchmarkCityDetail(b *testing.B) {
	var clock place.Clock
	for _, times := range []int{1, 20} {
		book, tree := province(b, times), place.NewTree(nil)
		for _, day := range []place.Day{published, place.Date(2017, 11, 10), Last} {
			q := clock.AtClose(day)
			b.Run(fmt.Sprintf("%d/lights/%s", 2400*times, day), func(b *testing.B) {
				for b.Loop() {
					book.EachLight(q, func(place.ID, programme.Light) {})
				}
			})
			b.Run(fmt.Sprintf("%d/late/%s", 2400*times, day), func(b *testing.B) {
				n := 0
				for b.Loop() {
					rows, _ := programme.LateRows(book, tree, q, func(*programme.Late) bool { return true })
					n = len(rows)
				}
				b.ReportMetric(float64(n), "late")
			})
		}
	}
}

// A past day as it is known by now goes through every compound. The goal is 200 ms.
func BenchmarkPastDayAsKnownNow(b *testing.B) {
	var clock place.Clock
	for _, times := range []int{1, 20} {
		b.Run(fmt.Sprint(2400*times), func(b *testing.B) {
			book := province(b, times)
			for b.Loop() {
				book.Counties(place.AsOf{Day: published, Known: clock.Close(Last)})
			}
		})
	}
}

// One compound is said anew.
func BenchmarkChange(b *testing.B) {
	book := province(b, 20)
	facts, _ := script(b).tell(Last).facts()
	id := facts[len(facts)/2].Compound
	var mine []programme.Fact
	for _, f := range facts {
		if f.Compound == id {
			mine = append(mine, f)
		}
	}
	for b.Loop() {
		book.Replace([]place.ID{id}, mine)
	}
}

// The whole story until the published day goes into an empty database: what the first start of a demo waits for.
func BenchmarkFill(b *testing.B) {
	for b.Loop() {
		if err := Fill(b.Context(), storetest.SQLite(b), published, slog.New(slog.DiscardHandler)); err != nil {
			b.Fatal(err)
		}
	}
}
