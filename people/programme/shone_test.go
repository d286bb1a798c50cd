package programme

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"linli.dev/linli/people/place"
)

// anew says some compounds anew, of which one may then say nothing any more.
func anew(t *rapid.T, b *Book) {
	for range rapid.IntRange(0, 2).Draw(t, "changes") {
		b.Replace([]place.ID{"x", "y"}, slices.DeleteFunc(drawFacts(t), func(f Fact) bool { return f.Compound == "z" }))
	}
}

// The lights and who is late, as the book keeps them, are what going through the compounds says: on every day, as known at its
// close and as known on others, and after compounds were said anew.
func TestLightsOfADay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := NewBook(clock, drawRules(t), drawFacts(t))
		anew(t, b)
		for d := first - 3; d < first+37; d++ {
			for _, q := range []place.AsOf{clock.AtClose(d), {Day: d, Known: clock.Close(first + 20)}} {
				want, got := map[place.ID]Light{}, map[place.ID]Light{}
				var late, listed []State
				b.Each(q, func(s *State) {
					want[s.Compound] = s.Light()
					if s.Light() == Red || s.Light() == Yellow {
						late = append(late, *s)
					}
				})
				b.EachLight(q, func(id place.ID, l Light) { got[id] = l })
				b.EachLate(q, func(s *State) { listed = append(listed, *s) })
				if diff := gocmp.Diff(want, got); diff != "" {
					t.Fatalf("lights of %s known at %s: %s", d, q.Known, diff)
				}
				byID := func(a, b State) int { return cmp.Compare(a.Compound, b.Compound) }
				slices.SortFunc(late, byID)
				slices.SortFunc(listed, byID)
				if diff := gocmp.Diff(late, listed, gocmp.AllowUnexported(State{})); diff != "" {
					t.Fatalf("late on %s known at %s: %s", d, q.Known, diff)
				}
			}
		}
	})
}

// What a forecast starts from, read from the ledgers, is what going through the compounds says.
func TestForecastOfADay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := NewBook(clock, drawRules(t), drawFacts(t))
		anew(t, b)
		for d := first - 3; d < first+40; d++ {
			q := clock.AtClose(d)
			for _, county := range []place.ID{"", "lanshan", "luozhuang"} {
				for _, what := range Whats {
					got, want := Forecast{What: what, Pace: make([]int64, paceWeeks)}, Forecast{What: what, Pace: make([]int64, paceWeeks)}
					got.owed(b, q, county)
					want.each(b, q, county)
					if diff := gocmp.Diff(want, got); diff != "" {
						t.Fatalf("%s, %q, %s: %s", d, county, what, diff)
					}
				}
				var sum Tally
				count := func(s *State) {
					if one := s.Count(); county == "" || s.books == county {
						sum.Add(&one)
					}
				}
				b.Each(q, count)
				b.EachEnded(q, count)
				if got := b.total(q, county); got != sum {
					t.Fatalf("%s, %q: %v, the compounds %v", d, county, got, sum)
				}
			}
		}
	})
}

// Money that turns out to have come earlier moves the day on which the duty was done, and nothing else: from the day on which that
// became known.
func TestForecastKnowsOfAnEarlierDay(t *testing.T) {
	said := func(kind Kind, about, known string, value int64, text string) Fact {
		return Fact{Compound: "x", Moment: place.Moment{About: day(about), Known: at(known)}, Kind: kind, Value: value, Text: text}
	}
	rules := NewRules(clock, 4, []Milestone{{ID: "funds", What: Funds, Classes: place.Classes, Due: day("2017-10-31"), Near: 1, Lead: 1, Known: at("2017-08-01")}})
	b := NewBook(clock, rules, []Fact{
		said(InCounty, "2017-08-01", "2017-08-01", 0, "lanshan"), said(TakesPart, "2017-08-01", "2017-08-01", 1, ""),
		said(Pledged, "2017-08-01", "2017-08-01", 3, ""), said(Received, "2017-09-20", "2017-09-20", 3, ""),
		said(Received, "2017-09-05", "2017-09-22", 3, ""),
	})
	for on, pace := range map[string][]int64{"2017-09-19": {0, 0, 0, 0}, "2017-09-21": {0, 0, 0, 1}, "2017-09-22": {0, 1, 0, 0}, "2017-10-10": {0, 0, 0, 0}} {
		f := Forecast{What: Funds, Pace: make([]int64, paceWeeks)}
		f.owed(b, clock.AtClose(day(on)), "lanshan")
		if !slices.Equal(f.Pace, pace) {
			t.Errorf("%s: %v, want %v", on, f.Pace, pace)
		}
	}
}
