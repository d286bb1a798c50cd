package pairing_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// help is a weak compound and a unit that would help it.
type help struct {
	t        *testing.T
	ctx      context.Context
	s        *pairing.Service
	places   *place.Service
	now      time.Time
	weak     place.ID
	strong   place.ID
	unit     pairing.UnitID
	standing pairing.ID
}

func (w *help) clock() place.Clock { return place.Clock{Now: func() time.Time { return w.now }} }

func (w *help) today() place.Day { return w.clock().Today() }

func (w *help) on(day place.Day) { w.now = w.clock().Begin(day).Add(10 * time.Hour) }

func (w *help) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *help) refused(code string, err error) {
	w.t.Helper()
	var f *fault.Error
	if errors.As(err, &f) {
		if f.Code == code {
			return
		}
		for _, x := range f.Fields {
			if x.Code == code {
				return
			}
		}
	}
	w.t.Errorf("want %s, got %v", code, err)
}

func newHelp(t *testing.T, db *store.DB) *help {
	t.Helper()
	w := &help{t: t, ctx: t.Context()}
	w.on(place.Date(2017, 5, 2))
	var err error
	w.places, err = place.New(w.ctx, db, place.Options{Clock: w.clock()})
	w.must(err)
	w.s, err = pairing.New(w.ctx, db, pairing.Options{Clock: w.clock(), Places: w.places})
	w.must(err)
	parent := place.ID("")
	for _, l := range place.Levels[:5] {
		list, err := w.places.Found(w.ctx, "li", []place.NewPlace{{Level: l, Parent: parent, Name: string(l), From: w.today()}})
		w.must(err)
		if l != place.Compound {
			parent = list[0].Place
		}
		w.weak = list[0].Place
	}
	list, err := w.places.Found(w.ctx, "li", []place.NewPlace{{Level: place.Compound, Parent: parent, Name: "强", From: w.today()}})
	w.must(err)
	w.strong = list[0].Place
	w.must(w.places.Enter(w.ctx, "li", []place.Entry{{Compound: w.weak, Mark: place.MarkWeak, In: true, Moment: place.Moment{About: w.today()}, Criteria: "无围墙", Evidence: "摸底表"}}))
	units, err := w.s.AddUnits(w.ctx, "li", []pairing.Unit{{Name: "市总工会", Level: "city"}})
	w.must(err)
	w.unit = units[0].ID
	pairs, err := w.s.Pair(w.ctx, "li", []pairing.Pairing{{Compound: w.weak, Unit: w.unit, Moment: place.Moment{About: w.today()}}})
	w.must(err)
	w.standing = pairs[0].ID
	return w
}

// enter books money about today.
func (w *help) enter(kind pairing.EntryKind, fen int64) (pairing.Entry, error) {
	list, err := w.s.Enter(w.ctx, "li", []pairing.Entry{{Pairing: w.standing, Kind: kind, Fen: fen, Moment: place.Moment{About: w.today()}}})
	if err != nil {
		return pairing.Entry{}, err
	}
	return list[0], nil
}

func TestHelp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newHelp(t, db)
		pair := func(c place.ID, u pairing.UnitID) error {
			_, err := w.s.Pair(w.ctx, "li", []pairing.Pairing{{Compound: c, Unit: u, Moment: place.Moment{About: w.today()}}})
			return err
		}
		w.refused("pairing.not-weak", pair(w.strong, w.unit))
		w.refused("place.no-compound", pair("none", w.unit))
		w.refused("pairing.no-unit", pair(w.weak, "none"))
		_, err := w.s.AddUnits(w.ctx, "li", []pairing.Unit{{Name: "市总工会", Level: "city"}})
		w.refused("pairing.unit-there", err)
		_, err = w.s.AddUnits(w.ctx, "li", []pairing.Unit{{Name: "x", Level: "province"}})
		w.refused("pairing.field.level", err)

		_, err = w.enter(pairing.Pledge, 1_000_000)
		w.must(err)
		_, err = w.enter(pairing.Receipt, 0)
		w.refused("pairing.field.fen", err)
		_, err = w.enter(pairing.Receipt, -5)
		w.refused("pairing.field.fen", err)
		_, err = w.enter("gift", 5)
		w.refused("pairing.field.kind", err)

		w.on(place.Date(2017, 9, 20))
		slip, err := w.enter(pairing.Receipt, 4_000_000) // a nought too many
		w.must(err)
		w.on(place.Date(2017, 9, 22))
		_, err = w.s.Reverse(w.ctx, "li", slip.ID, place.Date(2017, 9, 19), "多写一位")
		w.refused("pairing.reverse.earlier", err)
		_, err = w.s.Reverse(w.ctx, "li", slip.ID, w.today(), "")
		w.refused("place.field.required", err)
		back, err := w.s.Reverse(w.ctx, "li", slip.ID, place.Date(2017, 9, 20), "多写一位")
		w.must(err)
		_, err = w.s.Reverse(w.ctx, "li", slip.ID, w.today(), "多写一位")
		w.refused("pairing.reverse.twice", err)
		_, err = w.s.Reverse(w.ctx, "li", back.ID, w.today(), "多写一位")
		w.refused("pairing.reverse.reversal", err)
		_, err = w.s.Reverse(w.ctx, "li", "none", w.today(), "x")
		w.refused("pairing.no-entry", err)
		_, err = w.enter(pairing.Receipt, 400_000)
		w.must(err)

		tasks, err := w.s.SetTasks(w.ctx, "li", []pairing.Task{{Pairing: w.standing, Title: "修缮大门", Due: place.Date(2017, 11, 15), Moment: place.Moment{About: w.today()}}})
		w.must(err)
		w.refused("place.field.order", w.s.FinishTasks(w.ctx, "li", map[pairing.TaskID]place.Day{tasks[0].ID: place.Date(2017, 9, 1)}))
		w.on(place.Date(2017, 11, 20))
		w.must(w.s.FinishTasks(w.ctx, "li", map[pairing.TaskID]place.Day{tasks[0].ID: place.Date(2017, 11, 14)}))
		w.refused("pairing.task-done", w.s.FinishTasks(w.ctx, "li", map[pairing.TaskID]place.Day{tasks[0].ID: w.today()}))
		w.refused("pairing.no-task", w.s.FinishTasks(w.ctx, "li", map[pairing.TaskID]place.Day{"none": w.today()}))
		_, err = w.s.Unpair(w.ctx, "li", w.standing, place.Whatever, w.today())
		w.must(err)
		_, err = w.s.Unpair(w.ctx, "li", w.standing, place.Whatever, w.today())
		w.refused("pairing.has-ended", err)

		for _, c := range []struct {
			day      place.Day
			received int64
			stands   bool
			done     bool
		}{
			{place.Date(2017, 9, 19), 0, true, false},
			{place.Date(2017, 9, 20), 4_000_000, true, false}, // as it was reported that evening
			{place.Date(2017, 9, 22), 400_000, true, false},
			{place.Date(2017, 11, 19), 400_000, true, false}, // done, but nobody knew
			{place.Date(2017, 11, 20), 400_000, false, true}, // it has ended, and its money still counts
		} {
			views, err := w.s.Views(w.ctx, w.clock().AtClose(c.day), w.unit, w.weak)
			w.must(err)
			if len(views) != 1 || (views[0].Until == 0) != c.stands {
				t.Fatalf("%s: stands %v: %+v", c.day, !c.stands, views)
			}
			if views[0].Received != c.received || views[0].UnitName != "市总工会" || len(views[0].Tasks) > 0 && (views[0].Tasks[0].Done != 0) != c.done {
				t.Errorf("%s: %+v", c.day, views[0])
			}
		}
	})
}

func TestRoutes(t *testing.T) {
	w := newHelp(t, storetest.SQLite(t))
	server := api.New(api.Options{Auth: apitest.Doorman{"reader": {pairing.MayRead}, "office": {pairing.MayRead, pairing.MayWrite, pairing.MayEnter}}})
	w.must(server.Add(w.places, w.s))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	do := func(status int, who, method, path, body, has string) {
		t.Helper()
		var said string
		if p.Do(status, who, method, path, body, &said); !strings.Contains(said, has) {
			t.Fatalf("%s %s: %s", method, path, said)
		}
	}
	id := string(w.standing)
	do(401, "", "GET", "/api/pairings", "", "")
	do(403, "reader", "POST", "/api/member-units", `{"name":"市工商局","level":"city"}`, "")
	do(201, "office", "POST", "/api/member-units", `{"name":"市工商局","level":"city"}`, "市工商局")
	do(200, "reader", "GET", "/api/member-units", "", "市总工会")
	do(422, "office", "POST", "/api/pairings", `{"compound":"`+string(w.strong)+`","unit":"`+string(w.unit)+`","from":"2017-05-02"}`, "薄弱")
	do(201, "office", "POST", "/api/pairings/"+id+"/money", `{"kind":"pledge","fen":500000,"from":"2017-05-02"}`, `"fen":500000`)
	do(422, "office", "POST", "/api/pairings/"+id+"/money", `{"kind":"receipt","fen":-1,"from":"2017-05-02"}`, "")
	do(404, "office", "POST", "/api/help-money/x/reversal", `{"from":"2017-05-02","note":"错"}`, "没有这笔")
	do(201, "office", "POST", "/api/pairings/"+id+"/tasks", `{"title":"修缮大门","from":"2017-05-02","due":"2017-11-15"}`, "修缮大门")
	do(404, "office", "POST", "/api/help-tasks/x/done", `{"done":"2017-05-02"}`, "")
	var task pairing.Task
	p.Do(201, "office", "POST", "/api/pairings/"+id+"/tasks", `{"title":"更换路灯","from":"2017-05-02","due":"2017-11-15"}`, &task)
	done := "/api/help-tasks/" + string(task.ID) + "/done"
	do(422, "office", "POST", done, `{"done":"2017-05-02"}`, "请先读取最新内容")
	p.Do(204, "office", "POST", done, `{"done":"2017-05-02"}`, nil, "If-Match", `"1"`)
	p.Do(412, "office", "POST", done, `{"done":"2017-05-02"}`, nil, "If-Match", `"1"`)
	do(200, "reader", "GET", "/api/pairings?compound="+string(w.weak), "", `"pledged_fen":500000`)
	seen := p.Do(200, "reader", "GET", "/api/pairings/"+id, "", nil).Get("ETag")
	do(422, "office", "POST", "/api/pairings/"+id+"/end", `{"until":"2017-05-03"}`, "请先读取最新内容")
	var said string
	p.Do(200, "office", "POST", "/api/pairings/"+id+"/end", `{"until":"2017-05-03"}`, &said, "If-Match", seen)
	if !strings.Contains(said, `"until":"2017-05-03"`) {
		t.Error(said)
	}
	p.Do(412, "office", "POST", "/api/pairings/"+id+"/end", `{"until":"2017-05-04"}`, nil, "If-Match", seen)
}
