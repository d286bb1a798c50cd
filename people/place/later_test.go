package place

import (
	"slices"
	"testing"
)

// since are the compounds that events since a number of the journal concern.
func (w *town) since(seq int64) (ids []ID, all bool) {
	w.t.Helper()
	events, err := w.s.db.Events(w.ctx, seq, 500)
	w.must(err)
	for _, e := range events {
		some, any := CompoundsOf(e)
		ids, all = append(ids, some...), all || any
	}
	return ids, all
}

// A community is merged into another one from a day on after which other things were said of what hangs there: nobody is left
// under what is there no longer, and whoever follows the journal is told of each.
func TestAMergeOfBeforeTakesEverybodyAlong(t *testing.T) {
	each(t, func(w *town) {
		w.on("2017-05-01")
		late := w.found("北园小区", Compound, "东苗庄社区") // founded there after the day of the merge
		w.on("2017-05-10")
		name := "金阳花园小区"
		_, err := w.s.Change(w.ctx, "li", w.ids["金阳花园"], Whatever, Edit{From: w.s.clock.Today(), Name: &name})
		w.must(err)
		from := w.ids["东苗庄社区"]
		moved := w.found("三孔桥小区", Compound, "煤山社区")
		w.on("2017-05-20")
		_, err = w.s.Change(w.ctx, "li", moved, Whatever, Edit{From: w.s.clock.Today(), Parent: &from})
		w.must(err)

		w.on("2017-06-01")
		seq, err := w.s.db.LastSeq(w.ctx)
		w.must(err)
		w.must(w.s.Merge(w.ctx, "li", Whatever, []ID{from}, w.ids["煤山社区"], Date(2017, 4, 20), "合并"))
		w.on("2017-06-02")
		for name, want := range map[string]string{
			"金阳花园":  "/临沂市/兰山区/银雀山街道/煤山社区/金阳花园小区",
			"北园小区":  "/临沂市/兰山区/银雀山街道/煤山社区/北园小区",
			"三孔桥小区": "/临沂市/兰山区/银雀山街道/煤山社区/三孔桥小区",
		} {
			if got := w.path("2017-06-02", name); got != want {
				t.Errorf("%s lies in %q", name, got)
			}
		}
		ids, all := w.since(seq)
		for _, id := range []ID{w.ids["金阳花园"], late, moved} {
			if !all && !slices.Contains(ids, id) {
				t.Error("who keeps figures is not told of", id)
			}
		}
		// The days of then are answered as they were.
		if got := w.path("2017-05-31", "北园小区"); got != "/临沂市/兰山区/银雀山街道/东苗庄社区/北园小区" {
			t.Error(got)
		}
	})
}

// A part that is cut off from a day on takes along what was renamed since; who came back later stays.
func TestASplitOfBeforeTakesItsPartAlong(t *testing.T) {
	each(t, func(w *town) {
		from, other := w.ids["东苗庄社区"], w.ids["煤山社区"]
		away := w.found("三孔桥小区", Compound, "东苗庄社区")
		w.on("2017-05-01")
		name := "金阳花园小区"
		_, err := w.s.Change(w.ctx, "li", w.ids["金阳花园"], Whatever, Edit{From: w.s.clock.Today(), Name: &name})
		w.must(err)
		_, err = w.s.Change(w.ctx, "li", away, Whatever, Edit{From: w.s.clock.Today(), Parent: &other})
		w.must(err)
		w.on("2017-05-10")
		_, err = w.s.Change(w.ctx, "li", away, Whatever, Edit{From: w.s.clock.Today(), Parent: &from})
		w.must(err)
		w.on("2017-06-01")
		_, err = w.s.Split(w.ctx, "li", Whatever, from, NewPlace{Name: "金阳社区", From: Date(2017, 4, 20)}, []ID{w.ids["金阳花园"], away}, "")
		w.must(err)
		w.on("2017-06-02")
		if got := w.path("2017-06-02", "金阳花园"); got != "/临沂市/兰山区/银雀山街道/金阳社区/金阳花园小区" {
			t.Error(got)
		}
		if got := w.path("2017-06-02", "三孔桥小区"); got != "/临沂市/兰山区/银雀山街道/东苗庄社区/三孔桥小区" {
			t.Error("it left, and came back:", got)
		}
	})
}

// Nothing ends from a day on after which something hangs there, or it is there itself: what owes would owe nothing, or the end
// would do nothing.
func TestNothingEndsBeforeWhatIsSaidLater(t *testing.T) {
	each(t, func(w *town) {
		old, today := w.found("新社区", Community, "银雀山街道"), w.s.clock.Today()
		end := func(id ID, day Day) error {
			_, err := w.s.End(w.ctx, "li", id, Whatever, day, "误登")
			return err
		}
		w.on("2017-05-01")
		_, err := w.s.Change(w.ctx, "li", w.ids["金阳花园"], Whatever, Edit{From: w.s.clock.Today(), Parent: &old})
		w.must(err)
		w.refused("place.hangs-later", end(old, today+1))
		if got := w.path("2017-05-01", "金阳花园"); got != "/临沂市/兰山区/银雀山街道/新社区/金阳花园" {
			t.Error(got)
		}

		w.must(end(w.ids["1号楼"], today))
		w.refused("place.stands-later", end(w.ids["金阳花园"], today+1)) // it moved on the first of May
		w.must(end(w.ids["金阳花园"], w.s.clock.Today()))
		w.must(end(old, w.s.clock.Today()))

		// An end that was said too late is said again for an earlier day.
		only := w.found("三孔桥小区", Compound, "煤山社区")
		w.must(end(only, w.s.clock.Today()+5))
		w.must(end(only, w.s.clock.Today()+2))
		w.on("2017-05-03")
		if got := w.path("2017-05-03", "三孔桥小区"); got != "" {
			t.Error(got)
		}
	})
}

// The same from the other side: nothing is put, for days of before, under what has ended since.
func TestNothingHangsUnderWhatHasEnded(t *testing.T) {
	each(t, func(w *town) {
		gone := w.found("新社区", Community, "银雀山街道")
		start := w.s.clock.Today()
		w.on("2017-05-01")
		ended := w.s.clock.Today()
		_, err := w.s.End(w.ctx, "li", gone, Whatever, ended, "误登")
		w.must(err)
		w.on("2017-06-01")
		_, err = w.s.Found(w.ctx, "li", []NewPlace{{Level: Compound, Parent: gone, Name: "北园小区", From: start + 1}})
		w.refused("place.parent.ends", err)
		_, err = w.s.Change(w.ctx, "li", w.ids["金阳花园"], Whatever, Edit{From: start + 1, Parent: &gone})
		w.refused("place.parent.ends", err)
		// Until then it may have been there.
		other := w.ids["煤山社区"]
		_, err = w.s.Change(w.ctx, "li", w.ids["金阳花园"], Whatever, Edit{From: ended, Parent: &other})
		w.must(err)
		_, err = w.s.Change(w.ctx, "li", w.ids["金阳花园"], Whatever, Edit{From: start + 1, Parent: &gone})
		w.must(err)
		w.on("2017-06-02")
		if got := w.path("2017-06-02", "金阳花园"); got != "/临沂市/兰山区/银雀山街道/煤山社区/金阳花园" {
			t.Error(got)
		}
	})
}
