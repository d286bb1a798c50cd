package place

import (
	"context"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// town is a small city at work, with a clock that the test moves.
type town struct {
	t   *testing.T
	ctx context.Context
	s   *Service
	now time.Time
	ids map[string]ID
}

func each(t *testing.T, f func(w *town)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(newTown(t, db)) })
}

func newTown(t *testing.T, db *store.DB) *town {
	t.Helper()
	w := &town{t: t, ctx: t.Context(), now: time.Date(2017, 4, 10, 9, 0, 0, 0, shanghai), ids: map[string]ID{}}
	s, err := New(w.ctx, db, Options{Clock: Clock{Now: func() time.Time { return w.now }}})
	if err != nil {
		t.Fatal(err)
	}
	w.s = s
	w.found("临沂市", City, "")
	w.found("兰山区", County, "临沂市")
	w.found("罗庄区", County, "临沂市")
	w.found("银雀山街道", Street, "兰山区")
	w.found("傅庄街道", Street, "罗庄区")
	w.found("东苗庄社区", Community, "银雀山街道")
	w.found("煤山社区", Community, "银雀山街道")
	w.found("金阳花园", Compound, "东苗庄社区")
	w.found("1号楼", Building, "金阳花园")
	return w
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) refused(code string, err error) {
	w.t.Helper()
	var f *fault.Error
	if fault.CodeOf(err) == code {
		return
	}
	if err, ok := err.(*fault.Error); ok {
		f = err
		for _, x := range f.Fields {
			if x.Code == code {
				return
			}
		}
	}
	w.t.Errorf("want %s, got %v", code, err)
}

func (w *town) found(name string, level Level, parent string) ID {
	w.t.Helper()
	list, err := w.s.Found(w.ctx, "li", []NewPlace{{Level: level, Parent: w.ids[parent], Name: name, From: w.s.clock.Today()}})
	w.must(err)
	w.ids[name] = list[0].Place
	return list[0].Place
}

func (w *town) on(day string) *town {
	d, err := ParseDay(day)
	w.must(err)
	w.now = w.s.clock.Begin(d).Add(10 * time.Hour)
	return w
}

// path is the names above a place at the close of a day.
func (w *town) path(day, name string) (out string) {
	w.t.Helper()
	d, err := ParseDay(day)
	w.must(err)
	return w.pathKnown(w.s.clock.AtClose(d), name)
}

func (w *town) pathKnown(q AsOf, name string) (out string) {
	w.t.Helper()
	tree, err := w.s.Tree(w.ctx)
	w.must(err)
	for _, v := range tree.Path(q, w.ids[name]) {
		out += "/" + v.Name
	}
	return out
}

func TestTheTreeRemembers(t *testing.T) {
	each(t, func(w *town) {
		before := "/临沂市/兰山区/银雀山街道/东苗庄社区/金阳花园"
		if got := w.path("2017-04-10", "金阳花园"); got != before {
			t.Fatal(got)
		}
		if got := w.path("2017-04-09", "金阳花园"); got != "" {
			t.Error("it was there before it was founded:", got)
		}

		// A street moves to another county.
		w.on("2017-06-01")
		luo := w.ids["罗庄区"]
		v, err := w.s.Change(w.ctx, "li", w.ids["银雀山街道"], 1, Edit{From: w.s.clock.Today(), Parent: &luo})
		w.must(err)
		if v.Why != Moved || v.Number != 2 {
			t.Errorf("%+v", v)
		}
		// Two communities become one.
		w.on("2017-07-01")
		w.must(w.s.Merge(w.ctx, "li", Whatever, []ID{w.ids["东苗庄社区"]}, w.ids["煤山社区"], w.s.clock.Today(), "合并"))
		// And a part of it becomes a new one.
		w.on("2017-08-01")
		part, err := w.s.Split(w.ctx, "li", Whatever, w.ids["煤山社区"], NewPlace{Name: "金阳社区", From: w.s.clock.Today()}, []ID{w.ids["金阳花园"]}, "")
		w.must(err)
		if part.Why != Split || part.Other != w.ids["煤山社区"] || part.Level != Community {
			t.Errorf("%+v", part)
		}
		// The compound gets another name, entered ten days late.
		w.on("2017-08-20")
		d, _ := ParseDay("2017-08-10")
		name := "金阳花园小区"
		_, err = w.s.Change(w.ctx, "li", w.ids["金阳花园"], Whatever, Edit{From: d, Name: &name})
		w.must(err)

		for day, want := range map[string]string{
			"2017-04-10": before,
			"2017-05-31": before,
			"2017-06-01": "/临沂市/罗庄区/银雀山街道/东苗庄社区/金阳花园",
			"2017-06-30": "/临沂市/罗庄区/银雀山街道/东苗庄社区/金阳花园",
			"2017-07-01": "/临沂市/罗庄区/银雀山街道/煤山社区/金阳花园",
			"2017-08-01": "/临沂市/罗庄区/银雀山街道/金阳社区/金阳花园",
			"2017-08-19": "/临沂市/罗庄区/银雀山街道/金阳社区/金阳花园", // the new name was not known yet
			"2017-08-20": "/临沂市/罗庄区/银雀山街道/金阳社区/金阳花园小区",
		} {
			if got := w.path(day, "金阳花园"); got != want {
				t.Errorf("%s: %s, want %s", day, got, want)
			}
		}
		// Asked again with what is known now, the correction stands beside the old answer.
		if got := w.pathKnown(AsOf{d, w.now}, "金阳花园"); got != "/临沂市/罗庄区/银雀山街道/金阳社区/金阳花园小区" {
			t.Error(got)
		}
		if got := w.path("2017-08-01", "东苗庄社区"); got != "" {
			t.Error("a merged place is still there:", got)
		}
		tree, err := w.s.Tree(w.ctx)
		w.must(err)
		h := tree.History(w.ids["东苗庄社区"])
		if last := h[len(h)-1]; last.Why != Merged || last.Other != w.ids["煤山社区"] || last.By != "li" {
			t.Errorf("%+v", last)
		}
	})
}

func TestRulesOfTheTree(t *testing.T) {
	each(t, func(w *town) {
		today := w.s.clock.Today()
		found := func(n NewPlace) error {
			if n.From == 0 {
				n.From = today
			}
			_, err := w.s.Found(w.ctx, "li", []NewPlace{n})
			return err
		}
		w.refused("place.parent.level", found(NewPlace{Level: Compound, Parent: w.ids["兰山区"], Name: "x"}))
		w.refused("place.parent.city", found(NewPlace{Level: City, Parent: w.ids["兰山区"], Name: "x"}))
		w.refused("place.field.required", found(NewPlace{Level: Compound, Name: "x"}))
		w.refused("place.field.level", found(NewPlace{Level: "planet", Name: "x"}))
		w.refused("place.parent.not-there", found(NewPlace{Level: Compound, Parent: "none", Name: "x"}))
		w.refused("place.parent.not-there", found(NewPlace{Level: Compound, Parent: w.ids["煤山社区"], Name: "x", From: today - 1}))
		w.refused("place.field.identity-number", found(NewPlace{Level: Compound, Parent: w.ids["煤山社区"], Name: "11010519491231002X"}))
		w.refused("place.bad-id", found(NewPlace{ID: "x", Level: Compound, Parent: w.ids["煤山社区"], Name: "x"}))
		w.refused("place.changed-meanwhile", found(NewPlace{ID: w.ids["金阳花园"], Level: Compound, Parent: w.ids["煤山社区"], Name: "x"}))

		end := func(name string, seen int64) error {
			_, err := w.s.End(w.ctx, "li", w.ids[name], seen, today, "")
			return err
		}
		w.refused("place.has-children", end("金阳花园", 1))
		w.refused("place.version-needed", end("1号楼", 0))
		w.refused("place.changed-meanwhile", end("1号楼", 7))
		w.must(end("1号楼", 1))
		w.refused("place.not-there", end("1号楼", 2))
		w.must(end("金阳花园", 1))
		w.refused("place.merge.level", w.s.Merge(w.ctx, "li", Whatever, []ID{w.ids["罗庄区"]}, w.ids["煤山社区"], today, ""))

		// A list is taken whole or not at all, and the bad row is named.
		_, err := w.s.Found(w.ctx, "li", []NewPlace{
			{Level: Compound, Parent: w.ids["煤山社区"], Name: "好", From: today},
			{Level: Compound, Parent: w.ids["煤山社区"], From: today},
		})
		w.refused("place.field.required", err)
		if f, ok := err.(*fault.Error); !ok || f.Fields[0].Path != "rows[1].name" {
			t.Error(err)
		}
		tree, err := w.s.Tree(w.ctx)
		w.must(err)
		if got := tree.Under(AsOf{today, w.now.Add(time.Hour)}, w.ids["煤山社区"]); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// Two offices rename the same compound at once: one of them is told.
func TestNoLostUpdate(t *testing.T) {
	each(t, func(w *town) {
		names := []string{"甲", "乙", "丙", "丁"}
		errs := make([]error, len(names))
		var all sync.WaitGroup
		for i := range names {
			all.Go(func() {
				_, errs[i] = w.s.Change(w.ctx, names[i], w.ids["金阳花园"], 1, Edit{From: w.s.clock.Today() + 1, Name: &names[i]})
			})
		}
		all.Wait()
		ok := 0
		for _, err := range errs {
			switch {
			case err == nil:
				ok++
			case fault.CodeOf(err) != "place.changed-meanwhile":
				t.Error(err)
			}
		}
		if ok != 1 {
			t.Errorf("%d of them were told that theirs stands", ok)
		}
	})
}

func TestTheClockOnlyGoesForward(t *testing.T) {
	each(t, func(w *town) {
		w.on("2017-09-27").found("三孔桥小区", Compound, "煤山社区")
		seq, err := w.s.db.LastSeq(w.ctx)
		w.must(err)
		w.on("2017-09-20")
		_, err = w.s.Found(w.ctx, "li", []NewPlace{{Level: Compound, Parent: w.ids["煤山社区"], Name: "早", From: w.s.clock.Today()}})
		w.refused("place.clock-back", err)
		if now, _ := w.s.db.LastSeq(w.ctx); now != seq {
			t.Error("something was written")
		}
		w.on("2017-09-27").found("晚", Compound, "煤山社区") // the same instant again: it gets a later stamp
		tree, err := w.s.Tree(w.ctx)
		w.must(err)
		a, b := tree.History(w.ids["三孔桥小区"])[0], tree.History(w.ids["晚"])[0]
		if last, err := w.s.LastKnown(w.ctx); err != nil || !last.Equal(b.Known) {
			t.Error(last, err)
		}
		if !b.Known.After(a.Known) || b.Known.Sub(a.Known) > time.Second {
			t.Error(a.Known, b.Known)
		}
	})
}

func TestACompoundAndWhatIsInIt(t *testing.T) {
	each(t, func(w *town) {
		id, day := w.ids["金阳花园"], w.s.clock.Today()
		w.must(w.s.Enter(w.ctx, "li", []Entry{{Compound: id, Mark: MarkDemonstration, In: true, Moment: Moment{About: day}, Criteria: "标准", Evidence: "文件"}}))
		w.refused("place.no-compound", w.s.Enter(w.ctx, "li", []Entry{{Compound: w.ids["煤山社区"], Mark: MarkWeak, In: true}}))

		a, err := w.s.AddArea(w.ctx, "li", Area{Compound: id, Kind: Entrance, Building: w.ids["1号楼"], Name: "1号楼东单元", From: day})
		w.must(err)
		_, err = w.s.AddArea(w.ctx, "li", Area{Compound: id, Kind: Gate, Building: w.ids["1号楼"], Name: "门", From: day})
		w.refused("place.area.building", err)
		_, err = w.s.AddArea(w.ctx, "li", Area{Compound: id, Kind: Entrance, Building: id, Name: "门", From: day})
		w.refused("place.no-building", err)
		until := day + 10
		changed, err := w.s.ChangeArea(w.ctx, "li", a.ID, 1, nil, &until)
		w.must(err)
		if changed.Version != 2 || changed.On(until) || !changed.On(until-1) {
			t.Errorf("%+v", changed)
		}
		_, err = w.s.ChangeArea(w.ctx, "li", a.ID, 1, nil, &until)
		w.refused("place.changed-meanwhile", err)

		w.must(w.s.Count(w.ctx, "li", []Count{
			{Compound: id, Sort: "guard", Moment: Moment{About: day}, Number: 4},
			{Compound: id, Building: w.ids["1号楼"], Sort: "intercom", Moment: Moment{About: day}, Number: 1, Condition: Good, Checked: day},
		}))
		w.refused("place.asset.people-are-numbers", w.s.Count(w.ctx, "li", []Count{{Compound: id, Sort: "guard", Building: w.ids["1号楼"], Moment: Moment{About: day}}}))
		w.refused("place.field.sort", w.s.Count(w.ctx, "li", []Count{{Compound: id, Sort: "face-gate", Moment: Moment{About: day}}}))
		w.refused("place.no-building", w.s.Count(w.ctx, "li", []Count{{Compound: id, Sort: "door", Building: id, Moment: Moment{About: day}}}))

		list := []Channel{{Compound: id, Name: "大门", Area: Gate}, {Compound: id, Name: "停车场", Area: CarPark}}
		w.must(w.s.AddChannels(w.ctx, "li", list, nil))
		step := func(state ChannelState, i int, about Day) error {
			return w.s.StepChannels(w.ctx, "li", []ChannelStep{{Channel: list[i].ID, Compound: id, State: state, Moment: Moment{About: about}}})
		}
		w.must(step(Installed, 0, day))
		w.must(step(Installed, 1, day))
		w.on("2017-06-01")
		w.must(step(Networked, 0, day+5)) // known late
		w.refused("place.field.channel-state", step("blinking", 0, day))
		w.refused("place.channel.not-there", w.s.StepChannels(w.ctx, "li", []ChannelStep{{Channel: list[0].ID, Compound: w.found("别处", Compound, "煤山社区"), State: Removed, Moment: Moment{About: day}}}))
		steps, err := w.s.Steps(w.ctx, id)
		w.must(err)
		for q, want := range map[AsOf]Tally{
			w.s.clock.AtClose(day):               {2, 0, 0, 0},
			w.s.clock.AtClose(day + 20):          {2, 0, 0, 0}, // networked, but nobody knew
			w.s.clock.AtClose(Date(2017, 6, 1)):  {2, 1, 0, 0},
			{day + 20, w.now.Add(time.Minute)}:   {2, 1, 0, 0}, // asked later
			w.s.clock.AtClose(Date(2017, 4, 9)):  {0, 0, 0, 0},
			w.s.clock.AtClose(Date(2017, 12, 1)): {2, 1, 0, 0},
		} {
			if got := Channels(q, steps); got != want {
				t.Errorf("%s known %s: %+v, want %+v", q.Day, q.Known, got, want)
			}
		}
		// Whoever follows the journal can tell which compound each change was about.
		events, err := w.s.db.Events(w.ctx, 0, 500)
		w.must(err)
		about := map[ID]int{}
		for _, e := range events {
			if !IsTreeEvent(e) {
				ids, _ := CompoundsOf(e)
				about[ids[0]]++
			}
		}
		if about[id] != 8 || len(about) != 1 {
			t.Errorf("%v", about)
		}
	})
}

// Another process writes: this one's tree has it at the next question.
func TestTheTreeSeesOtherProcesses(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		var dbs [2]*store.DB
		for i := range dbs {
			db, err := store.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			dbs[i] = db
		}
		w := newTown(t, dbs[0])
		other, err := New(t.Context(), dbs[1], Options{Clock: w.s.clock})
		w.must(err)
		if _, err := other.Tree(t.Context()); err != nil {
			t.Fatal(err)
		}
		id := w.found("银河湾3号院", Compound, "东苗庄社区")
		tree, err := other.Tree(t.Context())
		w.must(err)
		if _, ok := tree.At(w.s.clock.AtClose(w.s.clock.Today()), id); !ok {
			t.Error("it is not seen")
		}
	})
}

// A follower of the journal reads anew only what may have changed.
func TestWhichCompoundsAnEventConcerns(t *testing.T) {
	w := newTown(t, storetest.SQLite(t))
	seq, err := w.s.db.LastSeq(w.ctx)
	w.must(err)
	concerns := func() (ids map[ID]bool, all bool) {
		t.Helper()
		events, err := w.s.db.Events(w.ctx, seq, 500)
		w.must(err)
		ids = map[ID]bool{}
		for _, e := range events {
			some, any := CompoundsOf(e)
			all = all || any
			for _, id := range some {
				ids[id] = true
			}
			seq = e.Seq
		}
		return ids, all
	}
	today := w.s.clock.Today() + 1
	name, luo := "银雀山", w.ids["罗庄区"]
	_, err = w.s.Change(w.ctx, "li", w.ids["银雀山街道"], Whatever, Edit{From: today, Name: &name})
	w.must(err)
	if ids, all := concerns(); len(ids) != 0 || all {
		t.Error("a street's new name:", ids, all)
	}
	_, err = w.s.Change(w.ctx, "li", w.ids["银雀山街道"], Whatever, Edit{From: today + 1, Parent: &luo})
	w.must(err)
	if _, all := concerns(); !all {
		t.Error("a street that moved")
	}
	w.must(w.s.Merge(w.ctx, "li", Whatever, []ID{w.ids["东苗庄社区"]}, w.ids["煤山社区"], today+2, ""))
	if ids, all := concerns(); all || len(ids) != 1 || !ids[w.ids["金阳花园"]] {
		t.Error("a merge of communities:", ids, all)
	}
	id := w.found("三孔桥小区", Compound, "煤山社区")
	if ids, all := concerns(); all || !ids[id] {
		t.Error("a new compound:", ids, all)
	}
}
