package pairing_test

import (
	"slices"
	"testing"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// helpOf is what the tasks of the weak compound add up to for a question: set and done.
func (w *help) helpOf(q place.AsOf) (set, done int64) {
	w.t.Helper()
	list, err := w.s.Changes(w.ctx, w.weak)
	w.must(err)
	for _, c := range list {
		if q.Sees(c.Moment) {
			set, done = set+c.TasksSet, done+c.TasksDone
		}
	}
	return set, done
}

// A task that was set by mistake is withdrawn, and one that is not done after all is open again: each with a reason, and without
// rewriting what was answered before.
func TestATaskIsTakenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newHelp(t, db)
		for title, code := range map[string]string{"招募志愿者30名": "place.field.taking-part", "摸排独居老人名单": "place.field.asks-residents"} {
			_, err := w.s.SetTasks(w.ctx, "li", []pairing.Task{{Pairing: w.standing, Title: title, Due: w.today() + 60, Moment: place.Moment{About: w.today()}}})
			w.refused(code, err)
		}
		list, err := w.s.SetTasks(w.ctx, "li", []pairing.Task{
			{Pairing: w.standing, Title: "修缮大门", Due: w.today() + 60, Moment: place.Moment{About: w.today()}},
			{Pairing: w.standing, Title: "装路灯", Due: w.today() + 60, Moment: place.Moment{About: w.today()}},
		})
		w.must(err)
		gate, lamp := list[0].ID, list[1].ID
		begun := w.today()
		w.on(begun + 10)
		w.must(w.s.FinishTask(w.ctx, "wang", gate, 1, begun+9))
		w.on(begun + 20)
		w.refused("place.field.required", w.s.ReopenTask(w.ctx, "li", gate, 2, " "))
		w.refused("place.changed-meanwhile", w.s.ReopenTask(w.ctx, "li", gate, 1, "门未修好"))
		w.refused("pairing.task-open", w.s.ReopenTask(w.ctx, "li", lamp, 1, "门未修好"))
		w.must(w.s.ReopenTask(w.ctx, "li", gate, 2, "门未修好"))
		w.refused("pairing.task-open", w.s.ReopenTask(w.ctx, "li", gate, 3, "门未修好"))
		w.refused("place.field.required", w.s.WithdrawTask(w.ctx, "li", lamp, 1, ""))
		w.must(w.s.WithdrawTask(w.ctx, "li", lamp, 1, "另一个小区的任务"))
		w.refused("pairing.task-withdrawn", w.s.WithdrawTask(w.ctx, "li", lamp, 2, "再撤"))
		w.refused("pairing.task-withdrawn", w.s.FinishTask(w.ctx, "wang", lamp, 2, w.today()))
		w.on(begun + 30)
		w.must(w.s.FinishTask(w.ctx, "wang", gate, 3, w.today()))
		w.refused("pairing.task-done", w.s.WithdrawTask(w.ctx, "li", gate, 4, "误设"))

		for day, want := range map[place.Day][2]int64{begun: {2, 0}, begun + 10: {2, 1}, begun + 19: {2, 1}, begun + 20: {1, 0}, begun + 29: {1, 0}, begun + 30: {1, 1}} {
			q := w.clock().AtClose(day)
			if set, done := w.helpOf(q); [2]int64{set, done} != want {
				t.Errorf("on day %d: %d set, %d done, want %v", day-begun, set, done, want)
			}
			views, err := w.s.Views(w.ctx, q, w.unit, w.weak)
			w.must(err)
			if v := views[0]; [2]int64{int64(v.TasksSet), int64(v.TasksDone)} != want || len(v.Tasks) != 2 {
				t.Errorf("on day %d the page has %d of %d, want %v", day-begun, v.TasksDone, v.TasksSet, want)
			}
		}
		// With what is known now, the gate was never done before the thirtieth day, and the lamp never set.
		if set, done := w.helpOf(place.AsOf{Day: begun + 15, Known: w.clock().Close(w.today())}); set != 1 || done != 0 {
			t.Errorf("%d set, %d done", set, done)
		}
		whole, err := w.s.Whole(w.ctx, w.clock().AtClose(w.today()), w.standing)
		w.must(err)
		var acts []string
		for _, x := range pairing.Traces(w.clock().AtClose(w.today()), whole.Pairing, nil, whole.Tasks, nil) {
			acts = append(acts, x.Act)
		}
		slices.Sort(acts)
		if want := []string{"paired", "task-done", "task-done", "task-reopened", "task-set", "task-set", "task-withdrawn"}; !slices.Equal(acts, want) {
			t.Errorf("%v, want %v", acts, want)
		}
	})
}

// Less is owed without a task: who set it withdraws it on the same day, later only the level above. A report is taken back by who
// made it, or by an office.
func TestWhoTakesATaskBack(t *testing.T) {
	w := newHelp(t, storetest.SQLite(t))
	tree, err := w.places.Tree(w.ctx)
	w.must(err)
	at := map[place.Level]place.ID{}
	for _, v := range tree.Path(w.clock().AtClose(w.today()), w.weak) {
		at[v.Level] = v.Place
	}
	held := []string{pairing.MayRead, pairing.MayWrite, pairing.MayEnter, "programme.approve"}
	server := api.New(api.Options{Auth: apitest.Doorman{
		"county": append(slices.Clip(held), apitest.At("county-office", at[place.County])),
		"second": append(slices.Clip(held), apitest.At("county-office", at[place.County])),
		"city":   append(slices.Clip(held), apitest.At("city-office", at[place.City])),
	}})
	w.must(server.Add(w.s))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	set := func() string {
		t.Helper()
		var made pairing.Task
		p.Do(201, "county", "POST", "/api/pairings/"+string(w.standing)+"/tasks", `{"title":"修缮大门","from":"`+w.today().String()+`","due":"2017-11-15"}`, &made)
		return "/api/help-tasks/" + string(made.ID)
	}
	why := `{"why":"误设"}`
	slip := set()
	p.Do(422, "county", "POST", slip+"/withdrawal", why, nil)
	p.Do(403, "second", "POST", slip+"/withdrawal", why, nil, "If-Match", `"1"`)
	p.Do(204, "county", "POST", slip+"/withdrawal", why, nil, "If-Match", `"1"`)
	later := set()
	p.Do(204, "second", "POST", later+"/done", `{"done":"`+w.today().String()+`"}`, nil, "If-Match", `"1"`)
	p.Do(409, "county", "POST", later+"/withdrawal", why, nil, "If-Match", `"2"`)
	p.Do(204, "county", "POST", later+"/reopening", why, nil, "If-Match", `"2"`)
	w.on(w.today() + 1)
	p.Do(403, "county", "POST", later+"/withdrawal", why, nil, "If-Match", `"3"`)
	p.Do(204, "city", "POST", later+"/withdrawal", why, nil, "If-Match", `"3"`)
}
