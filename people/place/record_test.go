package place

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Two offices have the same record open. The second to save is told what the first changed, and loses nothing of it.
func TestTwoOfficesEditTheSameRecord(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := newPage(t, db)
		p.s.SetNames(func(_ context.Context, accounts ...string) map[string]string {
			names := map[string]string{}
			for _, a := range accounts {
				names[a] = "综治办 " + a
			}
			return names
		})
		path := "/api/compounds/" + string(p.ids["金阳花园"])
		var v CompoundView
		first := p.Do(200, "office", "GET", path, "", &v).Get("ETag")
		second := p.Do(200, "office", "GET", path, "", nil).Get("ETag")
		if first != second {
			t.Fatalf("two readers see %s and %s", first, second)
		}
		p.now = p.now.Add(time.Hour)
		h := p.Do(200, "office", "PATCH", path, `{"from":"2017-04-10","name":"金阳花园小区","class":"helped","criteria":"无围墙","evidence":"摸底表","numbers":{"light":12,"guard":3}}`, &v, "If-Match", first)
		if v.Compound.Name != "金阳花园小区" || v.Class != Helped || !v.Weak || len(v.Assets) != 2 || h.Get("ETag") == first {
			t.Fatalf("%+v", v)
		}
		var said string
		p.Do(412, "office", "PATCH", path, `{"from":"2017-04-10","numbers":{"light":9}}`, &said, "If-Match", second)
		var problem api.Problem
		if err := json.Unmarshal([]byte(said), &problem); err != nil {
			t.Fatal(err)
		}
		differs := map[string]string{}
		for _, f := range problem.Fields {
			differs[f.Path] = f.Detail
		}
		for field, want := range map[string]string{
			"name": "“金阳花园”，现为“金阳花园小区”", "class": "“其他”，现为“帮扶”", "weak": "“否”，现为“是”", "numbers.light": "“未填”，现为“12”", "numbers.guard": "“未填”，现为“3”",
		} {
			if !strings.Contains(differs[field], want) {
				t.Errorf("%s: %q", field, differs[field])
			}
		}
		if len(differs) != 5 || !strings.Contains(problem.Detail, "“综治办 office”已于 2017-04-10 10:00:00 修改了") {
			t.Errorf("%s", said)
		}
		p.Do(412, "office", "PATCH", path, `{"from":"2017-04-10","numbers":{"light":9}}`, &said, "If-Match", second, "Accept-Language", "en")
		if !strings.Contains(said, "was “not said” when you read it and is “12” now") {
			t.Error(said)
		}
		third := p.Do(200, "office", "GET", path, "", &v).Get("ETag")
		if v.Assets[1].Number != 12 {
			t.Errorf("the refused change was written: %+v", v.Assets)
		}
		p.Do(200, "office", "PATCH", path, `{"from":"2017-04-10","numbers":{"light":9}}`, &v, "If-Match", third)
		p.Do(422, "office", "PATCH", path, `{"from":"2017-04-10"}`, nil)
		p.Do(422, "office", "PATCH", path, `{"from":"2017-04-10"}`, nil, "If-Match", `"x"`)
		p.Do(403, "reader", "PATCH", path, `{"from":"2017-04-10"}`, nil, "If-Match", third)
		p.Do(404, "office", "PATCH", "/api/compounds/"+string(p.ids["煤山社区"]), `{"from":"2017-04-10"}`, nil, "If-Match", third)
	})
}

// However many save at once, one of them wins and all others are told.
func TestNoUpdateIsLost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newTown(t, db)
		id := w.ids["金阳花园"]
		entries, err := w.s.Entries(w.ctx, id)
		w.must(err)
		tree, err := w.s.Tree(w.ctx)
		w.must(err)
		seen := recordTag(tree.History(id), entries, nil, nil)
		var all sync.WaitGroup
		var mu sync.Mutex
		won, told := 0, 0
		for n := range 8 {
			all.Go(func() {
				err := w.s.EditRecord(w.ctx, "li", id, seen, RecordEdit{From: w.s.clock.Today(), Numbers: map[Sort]int{"light": n + 1}})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case fault.KindOf(err) == fault.Stale:
					told++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if won != 1 || told != 7 {
			t.Errorf("%d saved, %d were told", won, told)
		}
	})
}
