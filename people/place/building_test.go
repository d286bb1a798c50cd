package place

import (
	"slices"
	"testing"
)

// have is what some compounds have in sum at the close of a day, as known now.
func (w *town) have(day string, compounds ...string) (sum Coverage) {
	w.t.Helper()
	d, err := ParseDay(day)
	w.must(err)
	for _, name := range compounds {
		counts, err := w.s.Counts(w.ctx, w.ids[name])
		w.must(err)
		q := AsOf{d, w.s.clock.Close(max(d, w.s.clock.Today()))}
		for _, c := range Cover(counts) {
			if q.Sees(c.Moment) {
				sum = sum.plus(c.Coverage)
			}
		}
	}
	return sum
}

// A building has its door where it hangs: once, whoever says where that is, and nowhere after its end. Days of before stay.
func TestABuildingIsCountedWhereItHangs(t *testing.T) {
	each(t, func(w *town) {
		two := w.found("三孔桥小区", Compound, "煤山社区")
		one, b := w.ids["金阳花园"], w.ids["1号楼"]
		count := func(compound ID, sort Sort, n int) {
			t.Helper()
			w.must(w.s.Count(w.ctx, "li", []Count{{Compound: compound, Building: b, Sort: sort, Moment: Moment{About: w.s.clock.Today()}, Number: n}}))
		}
		count(one, "door", 1)
		count(one, "light", 6)
		w.on("2017-05-10")
		count(one, "light", 8)

		w.on("2017-06-01")
		seq, err := w.s.db.LastSeq(w.ctx)
		w.must(err)
		_, err = w.s.Change(w.ctx, "li", b, Whatever, Edit{From: Date(2017, 5, 1), Parent: &two})
		w.must(err)
		if ids, all := w.since(seq); !all && (!slices.Contains(ids, one) || !slices.Contains(ids, two)) {
			t.Error("who keeps figures is not told of both", ids)
		}
		door, light := slices.Index(ByBuilding[:], "door"), slices.Index(ByBuilding[:], "light")
		for _, c := range []struct {
			day, at              string
			doors, lit, physical int
		}{
			{"2017-04-30", "金阳花园", 1, 1, 7},
			{"2017-04-30", "三孔桥小区", 0, 0, 0},
			{"2017-05-01", "金阳花园", 0, 0, 0},
			{"2017-05-01", "三孔桥小区", 1, 1, 7},
			{"2017-05-10", "金阳花园", 0, 0, 0},
			{"2017-05-10", "三孔桥小区", 1, 1, 9},
		} {
			if got := w.have(c.day, c.at); got.Buildings[door] != c.doors || got.Buildings[light] != c.lit || got.Physical != c.physical {
				t.Errorf("%s %s: %+v", c.day, c.at, got)
			}
		}
		count(two, "door", 2) // said again where it hangs
		// The two are one: what the building has goes with it.
		w.on("2017-06-10")
		w.must(w.s.Merge(w.ctx, "li", Whatever, []ID{two}, one, w.s.clock.Today(), "合并"))
		for day, want := range map[string]int{"2017-06-09": 10, "2017-06-10": 10} {
			if got := w.have(day, "金阳花园", "三孔桥小区"); got.Buildings[door] != 1 || got.Physical != want {
				t.Errorf("%s: %+v", day, got)
			}
		}
		if got := w.have("2017-06-10", "三孔桥小区"); got != (Coverage{}) {
			t.Errorf("%+v", got)
		}
		w.on("2017-06-20")
		_, err = w.s.End(w.ctx, "li", b, Whatever, w.s.clock.Today(), "拆除")
		w.must(err)
		if got := w.have("2017-06-20", "金阳花园", "三孔桥小区"); got != (Coverage{}) {
			t.Errorf("%+v", got)
		}
		if got := w.have("2017-06-19", "金阳花园"); got.Buildings[door] != 1 {
			t.Errorf("%+v", got)
		}
	})
}

// A move that something else is said of later holds until then: the doors come back with the building.
func TestABuildingComesBackWithWhatItHas(t *testing.T) {
	each(t, func(w *town) {
		two := w.found("三孔桥小区", Compound, "煤山社区")
		one, b := w.ids["金阳花园"], w.ids["1号楼"]
		w.must(w.s.Count(w.ctx, "li", []Count{{Compound: one, Building: b, Sort: "door", Moment: Moment{About: w.s.clock.Today()}, Number: 1}}))
		w.on("2017-06-01")
		name := "一号楼"
		_, err := w.s.Change(w.ctx, "li", b, Whatever, Edit{From: w.s.clock.Today(), Name: &name})
		w.must(err)
		_, err = w.s.Change(w.ctx, "li", b, Whatever, Edit{From: Date(2017, 5, 1), Parent: &two})
		w.must(err)
		door := slices.Index(ByBuilding[:], "door")
		for day, want := range map[string][2]int{"2017-04-20": {1, 0}, "2017-05-01": {0, 1}, "2017-05-31": {0, 1}, "2017-06-01": {1, 0}} {
			if got := [2]int{w.have(day, "金阳花园").Buildings[door], w.have(day, "三孔桥小区").Buildings[door]}; got != want {
				t.Errorf("%s: %v", day, got)
			}
		}
	})
}

// What was counted by mistake and taken back ends where the building went, as it had where it hung.
func TestWhatWasTakenBackDoesNotComeToLifeElsewhere(t *testing.T) {
	each(t, func(w *town) {
		two := w.found("三孔桥小区", Compound, "煤山社区")
		one, b := w.ids["金阳花园"], w.ids["1号楼"]
		count := func(n int) {
			t.Helper()
			w.must(w.s.Count(w.ctx, "li", []Count{{Compound: one, Building: b, Sort: "light", Moment: Moment{About: w.s.clock.Today()}, Number: n}}))
		}
		count(10)
		w.on("2017-05-10")
		count(Unsaid)
		w.on("2017-05-20")
		count(4)
		w.on("2017-06-01")
		_, err := w.s.Change(w.ctx, "li", b, Whatever, Edit{From: Date(2017, 5, 1), Parent: &two})
		w.must(err)
		for day, want := range map[string][2]int{"2017-04-30": {10, 0}, "2017-05-01": {0, 10}, "2017-05-09": {0, 10}, "2017-05-10": {0, 0}, "2017-05-19": {0, 0}, "2017-05-20": {0, 4}, "2017-06-01": {0, 4}} {
			if got := [2]int{w.have(day, "金阳花园").Physical, w.have(day, "三孔桥小区").Physical}; got != want {
				t.Errorf("%s: %v, want %v", day, got, want)
			}
		}
	})
}
