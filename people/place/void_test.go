package place

import (
	"slices"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/store/storetest"
)

// A wrong entry is taken back, and not left: from then on it was never entered, while the day before is answered as before.
func TestAWrongClassIsTakenBack(t *testing.T) {
	each(t, func(w *town) {
		id := w.ids["金阳花园"]
		enter := func(m Mark, in bool) {
			t.Helper()
			w.must(w.s.Enter(w.ctx, "li", []Entry{{Compound: id, Mark: m, In: in, Moment: Moment{About: w.s.clock.Today()}, Criteria: "无围墙", Evidence: "摸底表"}}))
		}
		record := func(on string) Record {
			t.Helper()
			d, err := ParseDay(on)
			w.must(err)
			q := w.s.clock.AtClose(d)
			tree, err := w.s.Tree(w.ctx)
			w.must(err)
			entries, err := w.s.Entries(w.ctx, id)
			w.must(err)
			return RecordAt(q, tree.History(id), entries, nil, nil)
		}
		w.on("2017-05-02")
		enter(MarkWeak, true)
		enter(MarkHelped, true)
		seen := func() RecordTag {
			t.Helper()
			tree, err := w.s.Tree(w.ctx)
			w.must(err)
			entries, err := w.s.Entries(w.ctx, id)
			w.must(err)
			return recordTag(tree.History(id), entries, nil, nil)
		}
		before := seen()
		w.on("2017-06-01")
		from := w.s.clock.Today() - 30
		w.refused("place.field.required", w.s.Void(w.ctx, "chen", id, Voiding{Mark: MarkHelped, From: from}))
		w.refused("place.class.no-entry", w.s.Void(w.ctx, "chen", id, Voiding{Mark: MarkDemonstration, From: from, Why: "误登"}))
		w.refused("place.class.helped-is-weak", w.s.Void(w.ctx, "chen", id, Voiding{Mark: MarkWeak, From: from, Why: "误登"}))
		w.must(w.s.Void(w.ctx, "chen", id, Voiding{Mark: MarkHelped, From: from, Why: "另一个小区"}))
		w.refused("place.class.no-entry", w.s.Void(w.ctx, "chen", id, Voiding{Mark: MarkHelped, From: from, Why: "误登"}))
		if was, is := record("2017-05-31"), record("2017-06-01"); was.Class != Helped || is.Class != Other || !is.Weak {
			t.Errorf("the day before %s, then %s, weak %v", was.Class, is.Class, is.Weak)
		}
		if is := seen(); is.Known == before.Known {
			t.Error("who read it before is not told that it changed")
		}
		// It may be entered anew, and left as ever.
		enter(MarkHelped, true)
		w.must(w.s.Void(w.ctx, "chen", id, Voiding{Mark: MarkHelped, From: w.s.clock.Today(), Why: "误登"}))
		w.must(w.s.Void(w.ctx, "chen", id, Voiding{Mark: MarkWeak, From: from, Why: "误登"}))
		if is := record("2017-06-01"); is.Class != Other || is.Weak {
			t.Errorf("%+v", is)
		}
		traces, err := w.s.compoundTraces(w.ctx, w.s.clock.AtClose(w.s.clock.Today()), id)
		w.must(err)
		if n := len(slices.DeleteFunc(traces, func(x Trace) bool { return x.Act != "class-withdrawn" || x.By != "chen" || x.Note == "" })); n != 3 {
			t.Errorf("the history tells of %d, want 3", n)
		}
	})
}

// Who made a slip mends it on the same day; later, or another person, only the level above.
func TestWhoTakesAClassBack(t *testing.T) {
	w := newTown(t, storetest.SQLite(t))
	held := []string{MayRead, MayWrite, mayRelieve}
	server := api.New(api.Options{Auth: apitest.Doorman{
		"county": append(slices.Clip(held), apitest.At("county-office", w.ids["兰山区"])),
		"second": append(slices.Clip(held), apitest.At("county-office", w.ids["兰山区"])),
		"city":   append(slices.Clip(held), apitest.At("city-office", w.ids["临沂市"])),
	}})
	w.must(server.Add(w.s))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	path := "/api/compounds/" + string(w.ids["金阳花园"])
	enter := `{"mark":"weak","in":true,"from":"2017-04-10","criteria":"无围墙","evidence":"摸底表"}`
	var back string
	read := func() { // which entry is meant is read first
		t.Helper()
		var v CompoundView
		p.Do(200, "county", "GET", path, "", &v)
		e := v.Entries[len(v.Entries)-1]
		back = `{"mark":"weak","from":"2017-04-10","known":"` + e.Known.Format(time.RFC3339Nano) + `","why":"另一个小区"}`
	}
	p.Do(201, "county", "POST", path+"/classes", enter, nil, "If-Match", p.Do(200, "county", "GET", path, "", nil).Get("ETag"))
	read()
	p.Do(422, "county", "POST", path+"/classes/withdrawal", `{"mark":"weak","from":"2017-04-10","why":"另一个小区"}`, nil)
	p.Do(403, "second", "POST", path+"/classes/withdrawal", back, nil)
	var v CompoundView
	p.Do(201, "county", "POST", path+"/classes/withdrawal", back, &v)
	if v.Weak || len(v.Entries) != 1 || v.Entries[0].Void == nil || v.Entries[0].VoidWhy != "另一个小区" || v.Entries[0].VoidBy != "county" {
		t.Errorf("%+v", v)
	}
	p.Do(404, "county", "POST", path+"/classes/withdrawal", back, nil) // a second click takes nothing else back
	p.Do(201, "county", "POST", path+"/classes", enter, nil, "If-Match", p.Do(200, "county", "GET", path, "", nil).Get("ETag"))
	p.Do(404, "county", "POST", path+"/classes/withdrawal", back, nil)
	read()
	w.on("2017-04-11")
	p.Do(403, "county", "POST", path+"/classes/withdrawal", back, nil)
	p.Do(201, "city", "POST", path+"/classes/withdrawal", back, nil)
	p.Do(404, "city", "POST", path+"/classes/withdrawal", back, nil)
	var said string
	p.Do(200, "county", "GET", path+"?at=2017-04-10", "", &said)
	if !strings.Contains(said, `"weak":true`) || strings.Count(said, `"withdrawn"`) != 1 {
		t.Error("the day before has changed:", said)
	}
}
