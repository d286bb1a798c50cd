package inspection

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli.dev/linli/people/place"
)

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
				x := Inspection{ID: ID(rune('a' + len(all))), Compound: "c", Day: day - place.Day(rapid.IntRange(0, 3).Draw(t, "ago"))}
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
