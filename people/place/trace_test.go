package place

import "testing"

// An area is renamed and closed: who did what can be looked up, and a past day knows the name of then.
func TestTheHistoryOfAnArea(t *testing.T) {
	each(t, func(w *town) {
		compound := w.ids["金阳花园"]
		w.on("2017-05-02")
		a, err := w.s.AddArea(w.ctx, "li", Area{Compound: compound, Kind: Gate, Name: "东门", From: Date(2017, 5, 1)})
		w.must(err)
		w.on("2017-06-10")
		name := "正门"
		a, err = w.s.ChangeArea(w.ctx, "wang", a.ID, a.Version, &name, nil)
		w.must(err)
		w.on("2017-07-01")
		until := Date(2017, 7, 1)
		_, err = w.s.ChangeArea(w.ctx, "zhao", a.ID, a.Version, nil, &until)
		w.must(err)
		w.must(w.s.Count(w.ctx, "zhao", []Count{{Compound: compound, Sort: "light", Moment: Moment{About: w.s.clock.Today()}, Number: 4}}))
		w.on("2017-07-02")
		w.must(w.s.Count(w.ctx, "li", []Count{{Compound: compound, Sort: "light", Moment: Moment{About: w.s.clock.Today()}, Number: 9}}))
		clock := w.s.clock
		list, err := w.s.Traces(w.ctx, clock.Close(w.s.clock.Today()), "area:"+string(a.ID))
		w.must(err)
		if len(list) != 3 || list[1].By != "wang" || list[1].Act != "changed" || len(list[1].Turns) != 1 || list[1].Turns[0] != (Turn{Field: "name", Was: "东门", Is: "正门"}) || list[2].Act != "added" {
			w.t.Errorf("%+v", list)
		}
		if then, err := w.s.Traces(w.ctx, clock.Close(Date(2017, 5, 31)), "area:"+string(a.ID)); err != nil || len(then) != 1 {
			w.t.Error(then, err)
		}
		for day, want := range map[Day]string{Date(2017, 5, 1): "", Date(2017, 5, 2): "东门", Date(2017, 6, 9): "东门", Date(2017, 6, 10): "正门", Date(2017, 7, 1): ""} {
			got := ""
			view, err := w.s.compoundView(w.ctx, w.s.clock.AtClose(day), day, compound)
			w.must(err)
			for _, x := range view.Body.Areas {
				got = x.Name
			}
			if got != want {
				w.t.Errorf("%s: %q, want %q", day, got, want)
			}
		}
		all, err := w.s.compoundTraces(w.ctx, w.s.clock.AtClose(w.s.clock.Today()), compound)
		w.must(err)
		seen := map[string]Turn{}
		for _, x := range all {
			for _, f := range x.Turns {
				if _, ok := seen[x.Act+" "+f.Field]; !ok {
					seen[x.Act+" "+f.Field] = f
				}
			}
		}
		if f := seen["counted sort.light"]; f.Was != "4" || f.Is != "9" {
			w.t.Errorf("%+v of %+v", f, all)
		}
		if f := seen["area-changed until"]; f.Is != "2017-07-01" {
			w.t.Errorf("%+v of %+v", f, all)
		}
		if f := seen["place-founded name"]; f.Is == "" {
			w.t.Errorf("%+v", all)
		}
	})
}
