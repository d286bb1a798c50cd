package place

import (
	"context"
	"slices"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Who founded a compound by mistake ends it alone on the same day; not, though, with what somebody else has said of it, or merged
// into it, since.
func TestASlipIsMendedWhileNothingElseHangsOnIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newTown(t, db)
		held := []string{MayRead, MayKeep, MayWrite, mayRelieve}
		server := api.New(api.Options{Auth: apitest.Doorman{
			"county": append(slices.Clip(held), apitest.At("county-office", w.ids["兰山区"])),
			"second": append(slices.Clip(held), apitest.At("county-office", w.ids["兰山区"])),
			"city":   append(slices.Clip(held), apitest.At("city-office", w.ids["临沂市"])),
		}})
		w.must(server.Add(w.s))
		p := apitest.Page{T: t, HTTP: server.Handler()}
		today := w.s.clock.Today().String()
		found := func(name string) (id ID, path string) {
			t.Helper()
			var v PlaceView
			p.Do(201, "county", "POST", "/api/places", `{"level":"compound","parent":"`+string(w.ids["东苗庄社区"])+`","name":"`+name+`","from":"`+today+`"}`, &v)
			return v.Place, "/api/places/" + string(v.Place)
		}
		end := func(status int, who, path string) {
			t.Helper()
			tag := p.Do(200, who, "GET", path, "", nil).Get("ETag")
			p.Do(status, who, "POST", path+"/end", `{"from":"`+today+`","note":"误登"}`, nil, "If-Match", tag)
		}

		_, path := found("甲小区")
		end(403, "second", path)
		end(200, "county", path)

		// What the founder said of it ends with it; what another one said does not.
		id, path := found("乙小区")
		count := func(by string) {
			t.Helper()
			w.must(w.s.Count(w.ctx, by, []Count{{Compound: id, Sort: "guard", Moment: Moment{About: w.s.clock.Today()}, Number: 4}}))
		}
		count("county")
		end(200, "county", path)
		id, path = found("丙小区")
		count("second")
		end(403, "county", path)
		end(200, "city", path)

		// Merged into it, by somebody who may.
		id, path = found("丁小区")
		old := w.found("戊小区", Compound, "东苗庄社区")
		w.must(w.s.Merge(w.ctx, "chen", Whatever, []ID{old}, id, w.s.clock.Today(), "合并"))
		end(403, "county", path)
		end(200, "city", path)
	})
}

// What other rooms keep under subjects of their own, tasks and notices and returns, hangs on a compound too.
func TestASlipIsNoSlipWhenAnotherRoomKeepsSomethingOfIt(t *testing.T) {
	w := newTown(t, storetest.SQLite(t))
	var asked []ID
	kept := map[ID]string{}
	w.s.SetSince(func(_ context.Context, at time.Time, places []ID) (map[ID]string, error) {
		if at.After(w.now.Add(time.Second)) || at.Before(w.s.clock.Begin(w.s.clock.Today())) {
			t.Errorf("asked since %s", at)
		}
		asked = append(asked, places...)
		return kept, nil
	})
	li := w.as("li", "county-office", "兰山区")
	id := w.found("甲小区", Compound, "东苗庄社区")
	w.must(w.s.mayEnd(li, "place.End", id, w.s.clock.Today(), "误登"))
	kept[id] = "sheet.on-task"
	w.refused("place.not-permitted", w.s.mayEnd(li, "place.End", id, w.s.clock.Today(), "误登"))
	w.must(w.s.mayEnd(w.as("chen", "city-office", "临沂市"), "place.End", id, w.s.clock.Today(), "误登"))
	if len(asked) != 2 || asked[0] != id {
		t.Error(asked)
	}
}

// A county is not cut in two by its own office: the part would hang beside it, outside every county's role. What lies in the county
// is its own.
func TestACountyIsSplitByTheCity(t *testing.T) {
	w := newTown(t, storetest.SQLite(t))
	held := []string{MayRead, MayWrite}
	server := api.New(api.Options{Auth: apitest.Doorman{
		"county": append(slices.Clip(held), apitest.At("county-office", w.ids["兰山区"])),
		"city":   append(slices.Clip(held), apitest.At("city-office", w.ids["临沂市"])),
	}})
	w.must(server.Add(w.s))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	split := func(status int, who, name, child string) {
		t.Helper()
		path := "/api/places/" + string(w.ids[name])
		tag := p.Do(200, who, "GET", path, "", nil).Get("ETag")
		p.Do(status, who, "POST", path+"/split", `{"name":"`+name+`新","from":"`+w.s.clock.Today().String()+`","children":["`+string(w.ids[child])+`"]}`, nil, "If-Match", tag)
	}
	split(403, "county", "兰山区", "银雀山街道")
	split(201, "county", "银雀山街道", "煤山社区")
	split(201, "city", "兰山区", "银雀山街道")
}
