package programme_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// Red line 7: the sum of guards and volunteers is told of no compound, no community, and no street where one compound makes it up:
// who knows the guards could subtract. Larger sums are exact.
func TestTheSumOfOneCompoundIsNotTold(t *testing.T) {
	each(t, func(w *office) {
		w.on("2017-09-01")
		count := func(name string, guards, volunteers int) {
			w.must(w.Places.Count(w.ctx, "li", []place.Count{
				{Compound: w.ids[name], Sort: "guard", Number: guards, Moment: place.Moment{About: w.today()}},
				{Compound: w.ids[name], Sort: "volunteer", Number: volunteers, Moment: place.Moment{About: w.today()}},
			}))
		}
		before := w.today() - 1
		area := func(name string) int64 {
			t.Helper()
			a, err := w.Programme.Area(w.ctx, w.clock().AtClose(w.today()), before, w.ids[name])
			w.must(err)
			return a.Numbers.People
		}
		street := func() int64 {
			t.Helper()
			c, err := w.Programme.County(w.ctx, w.clock().AtClose(w.today()), 0, w.ids["兰山区"])
			w.must(err)
			i := slices.IndexFunc(c.Streets, func(s programme.StreetRow) bool { return s.Name == "银雀山街道" })
			return c.Streets[i].People
		}
		if area("东苗庄社区") != 0 || area("银雀山街道") != 0 || street() != 0 {
			t.Error("of nobody nothing is to be hidden")
		}
		count("金阳花园", 4, 7)
		if area("金阳花园") != -1 || area("东苗庄社区") != -1 || area("银雀山街道") != -1 || street() != -1 {
			t.Error("the sum of one compound is told:", area("金阳花园"), area("东苗庄社区"), area("银雀山街道"), street())
		}
		count("安泰小区", 2, 3)
		if area("东苗庄社区") != -1 || area("银雀山街道") != 16 || street() != 16 || area("兰山区") != 16 || area("临沂市") != 16 {
			t.Error(area("东苗庄社区"), area("银雀山街道"), street(), area("兰山区"), area("临沂市"))
		}

		q := w.clock().AtClose(w.today())
		list, err := w.Programme.Compounds(w.ctx, q, programme.Filter{Figure: "protection_people"})
		w.must(err)
		if len(list) != 2 || list[0].Adds != 0 {
			t.Errorf("the rows behind the figure: %+v", list)
		}
		if raw, err := json.Marshal(list); err != nil || strings.Contains(string(raw), "protection_people") {
			t.Errorf("%v %s", err, raw)
		}
		moved, sum, err := w.Programme.Moves(w.ctx, before, q, "", "protection_people")
		w.must(err)
		if len(moved) != 2 || !slices.Contains(sum, programme.FigureMove{Figure: "protection_people", After: 16}) {
			t.Errorf("%+v %+v", moved, sum)
		}
		for _, m := range moved {
			if !slices.Contains(m.Figures, programme.FigureMove{Figure: "protection_people", Apart: true}) {
				t.Errorf("%+v", m)
			}
			if slices.ContainsFunc(m.Evidence, func(s programme.Saying) bool { return s.Kind == programme.People }) {
				t.Errorf("%+v", m.Evidence)
			}
		}
		said, err := w.Programme.History(w.ctx, q, w.ids["金阳花园"])
		w.must(err)
		if slices.ContainsFunc(said, func(s programme.Saying) bool { return s.Kind == programme.People }) {
			t.Errorf("%+v", said)
		}
		b, err := w.Programme.Bulletin(w.ctx, programme.BulletinAsk{Of: q})
		w.must(err)
		if b.Numbers.People != 16 {
			t.Error(b.Numbers.People)
		}
	})
}
