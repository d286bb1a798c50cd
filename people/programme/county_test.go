package programme_test

import (
	"slices"
	"testing"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

func TestACountyIsItsStreets(t *testing.T) {
	each(t, func(w *office) {
		w.on("2017-09-01")
		w.must(w.Programme.Extend(w.ctx, "chen", place.Whatever, w.ids["百合花园"], "built", day("2018-03-31"), "围墙改建"))
		q := w.clock().AtClose(w.today())
		c, err := w.Programme.County(w.ctx, q, 0, w.ids["兰山区"])
		w.must(err)
		if c.Row.Name != "兰山区" || c.Row.Compounds != 2 || c.Of != 2 || len(c.Trend) == 0 || c.Trend[len(c.Trend)-1].Compounds != 2 {
			t.Errorf("%+v", c)
		}
		if len(c.Streets) != 1 || c.Streets[0].Name != "银雀山街道" || c.Streets[0].Numbers != c.Row.Numbers || c.Streets[0].Light != c.Row.Light {
			t.Errorf("%+v", c.Streets)
		}
		_, err = w.Programme.County(w.ctx, q, 0, w.ids["金阳花园"])
		w.refused("programme.return.county", err)

		names := func(want programme.Filter) (out []string) {
			list, err := w.Programme.Compounds(w.ctx, q, want)
			w.must(err)
			for _, x := range list {
				out = append(out, x.Name)
			}
			slices.Sort(out)
			return out
		}
		for _, x := range []struct {
			want programme.Filter
			get  []string
		}{
			{programme.Filter{County: w.ids["兰山区"]}, []string{"安泰小区", "金阳花园"}},
			{programme.Filter{Street: w.ids["盛庄街道"]}, []string{"百合花园"}},
			{programme.Filter{Named: place.NewNeedle("hy")}, []string{"百合花园", "金阳花园"}},
			{programme.Filter{Lights: []programme.Light{programme.Red}}, nil},
		} {
			if got := names(x.want); !slices.Equal(got, x.get) {
				t.Errorf("%v, want %v", got, x.get)
			}
		}

		// What was said of a compound, by whom and why; of a day before it, nothing yet.
		list, err := w.Programme.History(w.ctx, q, w.ids["百合花园"])
		w.must(err)
		if e := list[0]; e.Kind != programme.Extended || e.By != "chen" || e.Reason != "围墙改建" || e.Until != "2018-03-31" {
			t.Errorf("%+v", e)
		}
		if !slices.ContainsFunc(list, func(s programme.Saying) bool { return s.Kind == programme.InCounty && s.Text == "罗庄区" }) {
			t.Errorf("%+v", list)
		}
		list, err = w.Programme.History(w.ctx, w.clock().AtClose(w.today()-1), w.ids["百合花园"])
		w.must(err)
		if slices.ContainsFunc(list, func(s programme.Saying) bool { return s.Kind == programme.Extended }) {
			t.Errorf("%+v", list)
		}

		// And why a number changed, with names.
		w.on("2017-09-04")
		w.must(w.Programme.Saw(w.ctx, []place.ID{w.ids["金阳花园"]}))
		moved, sum, err := w.Programme.Moves(w.ctx, day("2017-09-01"), w.clock().AtClose(w.today()), "", "networked")
		w.must(err)
		if len(moved) != 1 || moved[0].Name != "金阳花园" || moved[0].County != "兰山区" || moved[0].Evidence[0].Kind != programme.Seen {
			t.Errorf("%+v", moved)
		}
		if !slices.Contains(sum, programme.FigureMove{Figure: "networked", Before: 0, After: 1}) {
			t.Error(sum)
		}
		_, _, err = w.Programme.Moves(w.ctx, w.today(), w.clock().AtClose(w.today()), "", "")
		w.refused("programme.since-later", err)
	})
}
