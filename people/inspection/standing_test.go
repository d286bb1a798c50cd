package inspection

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli.dev/linli/people/place"
)

// Whoever plans an inspection names its day, also one that has passed; it says how the compound stands from the day of the last
// signature on. One that was signed on the day counts from there.
func TestAnInspectionCountsFromItsLastSignature(t *testing.T) {
	var clock place.Clock
	on := func(month time.Month, day int) place.Day { return place.Date(2017, month, day) }
	for _, c := range []struct {
		planned, signed, mended, since place.Day
		result                         Result
		status                         Status
	}{
		{on(11, 29), on(12, 5), 0, on(12, 5), Passed, Passing},
		{on(11, 29), on(11, 29), 0, on(11, 29), Passed, Passing},
		{on(11, 29), on(12, 5), 0, on(12, 5), ToBeMended, ToMend},
		{on(11, 1), on(11, 20), on(11, 25), on(11, 25), ToBeMended, Mended},
	} {
		x := Inspection{ID: "a", Compound: "c", Day: c.planned, Outcome: &Outcome{Result: c.result}, Steps: []Step{
			{Number: 1, Act: Plan, Known: clock.Begin(c.signed), Day: c.planned}, {Number: 2, Act: Finish, Known: clock.Begin(c.signed).Add(time.Hour)},
		}}
		asked := map[ID][]Mending{}
		if c.result == ToBeMended {
			m := Mending{Inspection: "a", Item: "gate", Steps: []MendStep{{Number: 1, Act: Ask, Known: clock.Begin(c.signed).Add(time.Hour)}}}
			if c.mended != 0 {
				m.Steps = append(m.Steps, MendStep{Number: 2, Act: Report, Known: clock.Begin(c.mended)}, MendStep{Number: 3, Act: Accept, Known: clock.Begin(c.mended)})
			}
			asked["a"] = []Mending{m}
		}
		turns := Turns(clock, []Inspection{x}, asked)
		if got := StandsAt(clock.AtClose(on(12, 31)), turns); got.Status != c.status || got.About != c.since {
			t.Errorf("planned for %s, signed on %s: %s since %s, want %s since %s", c.planned, c.signed, got.Status, got.About, c.status, c.since)
		}
		if got := StandsAt(place.AsOf{Day: c.since - 1, Known: clock.Close(on(12, 31))}, turns); got.Status.Good() {
			t.Errorf("planned for %s, signed on %s: good on %s", c.planned, c.signed, c.since-1)
		}
	}
}

// Whatever is entered later: a day that has closed is answered as before, and how a compound stands follows its last inspection.
func TestAPastDayStaysAsItWas(t *testing.T) {
	var clock place.Clock
	first := place.Date(2017, 11, 1)
	rapid.Check(t, func(t *rapid.T) {
		var all []Inspection
		asked := map[ID][]Mending{}
		var answers []Status // of each day, at its close
		day := first
		ask := func() []Turn { return Turns(clock, all, asked) }
		for day < first+20 {
			at := clock.Begin(day).Add(10 * time.Hour)
			switch rapid.IntRange(0, 3).Draw(t, "act") {
			case 0: // an inspection of today, or of some days ago, is finished
				x := Inspection{ID: ID(rune('a' + len(all))), Compound: "c", Day: day - place.Day(rapid.IntRange(0, 3).Draw(t, "ago")), City: rapid.Bool().Draw(t, "city")}
				x.Outcome = &Outcome{Result: rapid.SampledFrom([]Result{Passed, ToBeMended, Failed}).Draw(t, "result")}
				x.Steps = []Step{{Number: 1, Act: Plan, Known: at, Day: x.Day}, {Number: 2, Act: Finish, Known: at}}
				if x.Outcome.Result == ToBeMended {
					for _, item := range []string{"gate", "lamp"} {
						asked[x.ID] = append(asked[x.ID], Mending{Inspection: x.ID, Item: item, Steps: []MendStep{{Number: 1, Act: Ask, Known: at, Due: day + 5}}})
					}
				}
				all = append(all, x)
			case 1: // something is found mended
				for i := range all {
					list := asked[all[i].ID]
					if k := slices.IndexFunc(list, func(m Mending) bool { return len(m.Steps) == 1 }); k >= 0 {
						list[k].Steps = append(list[k].Steps, MendStep{Number: 2, Act: Report, Known: at}, MendStep{Number: 3, Act: Accept, Known: at.Add(time.Second)})
						break
					}
				}
			}
			answers = append(answers, StandsAt(clock.AtClose(day), ask()).Status)
			day++
		}
		turns := ask()
		for i, want := range answers {
			if got := StandsAt(clock.AtClose(first+place.Day(i)), turns).Status; got != want {
				t.Fatalf("%s was %s at its close, and is %s now", first+place.Day(i), want, got)
			}
		}
		if len(all) == 0 {
			return
		}
		now := StandsAt(clock.AtClose(day), turns)
		of := all[slices.IndexFunc(all, func(x Inspection) bool { return x.ID == now.Inspection })]
		open := slices.ContainsFunc(asked[of.ID], func(m Mending) bool { return m.accepted().IsZero() })
		want := map[Result]Status{Passed: Passing, Failed: NotPass, ToBeMended: ToMend}[of.Outcome.Result]
		if of.Outcome.Result == ToBeMended && !open {
			want = Mended
		}
		if now.Status != want {
			t.Fatalf("it stands %s; the inspection that says so came to %s, open: %v", now.Status, of.Outcome.Result, open)
		}
	})
}

// What the city's team has found wrong no other team finds right: a county's inspection of it is kept and says nothing, until the city's
// team has passed the compound, or has found mended what it asked for.
func TestTheCountyDoesNotPassWhatTheCityFailed(t *testing.T) {
	var clock place.Clock
	on := func(day int) place.Day { return place.Date(2017, time.November, day) }
	inspected := func(id ID, day int, city bool, r Result) Inspection {
		at := clock.Begin(on(day)).Add(10 * time.Hour)
		return Inspection{ID: id, Compound: "c", Day: on(day), City: city, Outcome: &Outcome{Result: r}, Steps: []Step{{Number: 1, Act: Plan, Known: at, Day: on(day)}, {Number: 2, Act: Finish, Known: at}}}
	}
	mending := func(id ID, asked, accepted int) []Mending {
		m := Mending{Inspection: id, Item: "gate", Steps: []MendStep{{Number: 1, Act: Ask, Known: clock.Begin(on(asked)).Add(10 * time.Hour)}}}
		if accepted != 0 {
			m.Steps = append(m.Steps, MendStep{Number: 2, Act: Report, Known: clock.Begin(on(accepted))}, MendStep{Number: 3, Act: Accept, Known: clock.Begin(on(accepted)).Add(time.Hour)})
		}
		return []Mending{m}
	}
	for name, c := range map[string]struct {
		all   []Inspection
		asked map[ID][]Mending
		want  map[int]Status // by the day of November
	}{
		"failed by the city":            {[]Inspection{inspected("a", 1, true, Failed), inspected("b", 5, false, Passed)}, nil, map[int]Status{1: NotPass, 6: NotPass}},
		"passed by the city then":       {[]Inspection{inspected("a", 1, true, Failed), inspected("b", 5, false, Passed), inspected("c", 9, true, Passed)}, nil, map[int]Status{6: NotPass, 9: Passing}},
		"to be mended":                  {[]Inspection{inspected("a", 1, true, ToBeMended), inspected("b", 5, false, Passed)}, map[ID][]Mending{"a": mending("a", 1, 0)}, map[int]Status{6: ToMend}},
		"found mended by its team":      {[]Inspection{inspected("a", 1, true, ToBeMended), inspected("b", 5, false, Passed)}, map[ID][]Mending{"a": mending("a", 1, 8)}, map[int]Status{6: ToMend, 8: Mended}},
		"and failed by the county then": {[]Inspection{inspected("a", 1, true, ToBeMended), inspected("b", 9, false, Failed), inspected("c", 12, false, Passed)}, map[ID][]Mending{"a": mending("a", 1, 8)}, map[int]Status{8: Mended, 9: NotPass, 12: Passing}},
		"failed by the county":          {[]Inspection{inspected("a", 1, false, Failed), inspected("b", 5, false, Passed)}, nil, map[int]Status{1: NotPass, 5: Passing}},
		"mended after the city failed":  {[]Inspection{inspected("a", 1, false, ToBeMended), inspected("b", 5, true, Failed)}, map[ID][]Mending{"a": mending("a", 1, 8)}, map[int]Status{4: ToMend, 9: NotPass}},
		"passed before the city failed": {[]Inspection{inspected("a", 5, true, Failed), inspected("b", 4, false, Passed)}, nil, map[int]Status{4: Passing, 5: NotPass}},
	} {
		for day, want := range c.want {
			if got := StandsAt(clock.AtClose(on(day)), Turns(clock, c.all, c.asked)).Status; got != want {
				t.Errorf("%s, on the %d.: %s, want %s", name, day, got, want)
			}
		}
	}
}
