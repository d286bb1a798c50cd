package programme_test

import (
	"slices"
	"testing"

	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// A milestone that is new asks for what many reached long ago: that is no pace of the week in which it became known. One that
// ends takes nothing away.
func TestANewMilestoneIsNoPace(t *testing.T) {
	each(t, func(w *office) {
		pay := func(name string) {
			t.Helper()
			w.must(w.Places.Enter(w.ctx, "li", []place.Entry{{Compound: w.ids[name], Mark: place.MarkWeak, In: true, Moment: place.Moment{About: w.today()}, Criteria: "无围墙", Evidence: "摸底表"}}))
			units, err := w.Pairing.AddUnits(w.ctx, "li", []pairing.Unit{{Name: "单位" + name, Level: "city"}})
			w.must(err)
			pairs, err := w.Pairing.Pair(w.ctx, "li", []pairing.Pairing{{Compound: w.ids[name], Unit: units[0].ID, Moment: place.Moment{About: w.today()}}})
			w.must(err)
			for _, kind := range []pairing.EntryKind{pairing.Pledge, pairing.Receipt} {
				_, err = w.Pairing.Enter(w.ctx, "li", []pairing.Entry{{Pairing: pairs[0].ID, Kind: kind, Fen: 700_000, Moment: place.Moment{About: w.today()}}})
				w.must(err)
			}
		}
		forecast := func(total, done int64, pace ...int64) {
			t.Helper()
			f, err := w.Programme.Forecast(w.ctx, w.clock().AtClose(w.today()), "", programme.Funds)
			w.must(err)
			if f.Total != total || f.Done != done || !slices.Equal(f.Pace, pace) {
				t.Errorf("%s: %+v", w.today(), f)
			}
		}
		w.on("2017-05-02")
		pay("金阳花园")
		pay("安泰小区")
		w.on("2017-09-25")
		m, err := w.Programme.SetMilestone(w.ctx, "chen", 0, programme.Milestone{ID: "funds", What: programme.Funds, Classes: place.Classes, Due: day("2017-10-31"), Near: 20, Lead: 40})
		w.must(err)
		second := m
		second.ID = "funds-again"
		second, err = w.Programme.SetMilestone(w.ctx, "chen", 0, second)
		w.must(err)
		w.on("2017-09-27")
		forecast(6, 4, 0, 0, 0, 0)
		pay("百合花园")
		forecast(6, 6, 0, 0, 0, 2)
		w.on("2017-10-05")
		second.Ended = true
		_, err = w.Programme.SetMilestone(w.ctx, "chen", second.Version, second)
		w.must(err)
		forecast(3, 3, 0, 0, 1, 0)
	})
}
