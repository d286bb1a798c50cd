package programme

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli.dev/linli/people/place"
)

var clock place.Clock

func day(s string) place.Day {
	d, err := place.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// at is ten in the morning of a day.
func at(s string) time.Time { return clock.Begin(day(s)).Add(10 * time.Hour) }

var first = day("2017-09-01")

// drawFact is a fact of the first twenty days, known at once or up to six days late.
func drawFact(t *rapid.T, known time.Time) Fact {
	f := Fact{
		Compound: place.ID(rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "compound")),
		Moment:   place.Moment{About: clock.DayOf(known) - place.Day(rapid.IntRange(-2, 6).Draw(t, "late")), Known: known},
		Kind: rapid.SampledFrom([]Kind{
			InCounty, InCounty, TakesPart, TakesPart, InClass, Weak, Plan, ChannelsInstalled, ChannelsNetworked, Seen,
			Pairings, Pledged, Received, TasksSet, TasksEnd, ClaimsBuilt, ClaimsNetworked, Extended, Released,
		}).Draw(t, "kind"),
		Value: int64(rapid.IntRange(0, 3).Draw(t, "value")),
	}
	switch f.Kind {
	case InCounty:
		f.Text = rapid.SampledFrom([]string{"lanshan", "luozhuang", ""}).Draw(t, "county")
	case InClass:
		f.Text = string(rapid.SampledFrom(place.Classes).Draw(t, "class"))
	case TakesPart:
		f.Value = int64(rapid.SampledFrom([]int{1, 1, 0}).Draw(t, "part"))
	case Seen:
		f.Value += int64(f.About)
	case Extended:
		f.Text, f.Value = "networked", int64(first)+15+f.Value
	}
	return f
}

func drawFacts(t *rapid.T) (facts []Fact) {
	for i := range rapid.IntRange(0, 25).Draw(t, "facts") {
		known := clock.Begin(first).Add(time.Duration(i) * 19 * time.Hour)
		facts = append(facts, drawFact(t, known))
	}
	return facts
}

func drawRules(t *rapid.T) *Rules {
	all := []Milestone{
		{ID: "built", What: Built, Classes: place.Classes, Due: first + 12, Near: 3, Lead: 5, Known: clock.Begin(first)},
		{ID: "networked", What: Networked, Classes: []place.Class{place.Demonstration, place.Helped}, Due: first + 15, Near: 2, Lead: 6, Known: clock.Begin(first + 2)},
		{ID: "funds", What: Funds, Classes: []place.Class{place.Helped}, Due: first + 8, Near: 1, Lead: 1, Known: clock.Begin(first + 2)},
	}
	if rapid.Bool().Draw(t, "rule changes") {
		all = append(all, Milestone{ID: "built", What: Built, Classes: place.Classes, Due: first + 17, Near: 4, Lead: 9, Known: clock.Begin(first + 10).Add(time.Hour)})
	}
	if rapid.Bool().Draw(t, "a rule asks for something else") {
		all = append(all, Milestone{ID: "funds", What: Tasks, Classes: []place.Class{place.Helped, place.Other}, Due: first + 9, Near: 2, Lead: 2, Known: clock.Begin(first + 11).Add(time.Hour)})
	}
	return NewRules(clock, 4, all)
}

// The ledgers say what evaluating every compound says: for every figure, county and day.
func TestCityIsCountiesIsCompounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts, rules := drawFacts(t), drawRules(t)
		b := NewBook(clock, rules, facts)
		// And after some compounds were said anew, once and again.
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			var anew []Fact
			for _, f := range facts {
				if f.Compound == "x" && rapid.Bool().Draw(t, "kept") || f.Compound == "y" {
					anew = append(anew, f)
				}
			}
			b.Replace([]place.ID{"x", "y"}, anew)
			var kept []Fact
			for _, f := range facts {
				if f.Compound == "z" {
					kept = append(kept, f)
				}
			}
			facts = append(kept, anew...)
		}
		days := make([]place.Day, 0, 40)
		for d := first - 3; d < first+37; d++ {
			days = append(days, d)
		}
		trend := b.Trend(days)
		for i, d := range days {
			q := clock.AtClose(d)
			want := map[place.ID]Tally{}
			var city Tally
			for _, id := range []place.ID{"x", "y", "z"} {
				s, _ := b.Compound(q, id)
				one := s.Count()
				if one == (Tally{}) {
					continue
				}
				sum := want[s.books]
				sum.Add(&one)
				want[s.books] = sum
				city.Add(&one)
			}
			got := b.Counties(q)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%s: counties %v, compounds %v", d, got, want)
			}
			if b.City(q) != city || trend[i] != city {
				t.Fatalf("%s: city %v, trend %v, compounds %v", d, b.City(q), trend[i], city)
			}
			if city[Done]+city[Overdue]+city[Behind]+city[Near] > city[Duties] || city[DoneInTime] > city[Done] {
				t.Fatalf("%s: %v", d, city)
			}
			lights := city[GreenCompounds] + city[BlueCompounds] + city[YellowCompounds] + city[RedCompounds]
			if lights != city[Compounds] {
				t.Fatalf("%s: %d lights for %d compounds", d, lights, city[Compounds])
			}
		}
	})
}

// Whatever becomes known later, a day that has closed is answered as before; and asked with the instant of then, so is
// any question.
func TestThePastDoesNotChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts, rules := drawFacts(t), drawRules(t)
		cut := rapid.IntRange(0, len(facts)).Draw(t, "asked after")
		then := clock.Begin(first)
		if cut > 0 {
			then = facts[cut-1].Known
		}
		before, after := NewBook(clock, rules, facts[:cut]), NewBook(clock, rules, facts)
		for d := first - 3; d < clock.DayOf(then); d++ {
			q := clock.AtClose(d)
			if a, b := before.Counties(q), after.Counties(q); fmt.Sprint(a) != fmt.Sprint(b) {
				t.Fatalf("%s was %v, is %v", d, a, b)
			}
		}
		for d := first - 3; d < first+30; d++ {
			q := place.AsOf{Day: d, Known: then}
			if a, b := before.Counties(q), after.Counties(q); fmt.Sprint(a) != fmt.Sprint(b) {
				t.Fatalf("%s known at %s was %v, is %v", d, then, a, b)
			}
		}
	})
}

// What is taken out leaves nothing behind.
func TestAnEmptyBookIsEmpty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := NewBook(clock, drawRules(t), drawFacts(t))
		b.Replace([]place.ID{"x", "y", "z"}, nil)
		for id, l := range b.counties {
			for i := range l.days {
				if l.values[i] != (Tally{}) {
					t.Fatalf("%s has %v on %s", id, l.values[i], l.days[i])
				}
			}
		}
		for key, l := range b.duties {
			for i := range l.days {
				if l.values[i] != (dutyTally{}) {
					t.Fatalf("%v has %v on %s", key, l.values[i], l.days[i])
				}
			}
		}
		for key, r := range b.reached {
			if len(*r) > 0 {
				t.Fatalf("%v has %v", key, *r)
			}
		}
		if len(b.facts) != 0 || len(b.shone) != 0 || len(b.turned) != 0 {
			t.Fatal(b.facts, b.shone, b.turned)
		}
	})
}
