package place

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store/storetest"
)

// as is a request of somebody who holds a role at a place.
func (w *town) as(account, role, at string) context.Context {
	return api.WithCaller(w.ctx, api.Caller{Account: account, Kind: "account", Offices: []api.Office{{Role: role, Place: string(w.ids[at])}}})
}

// Jinyang Garden moves from Lanshan to Luozhuang on the first of May.
func TestACompoundThatMovedIsSeenByTheCountyOfTheDate(t *testing.T) {
	w := newTown(t, storetest.SQLite(t))
	w.found("花埠圈社区", Community, "傅庄街道")
	id, to := w.ids["金阳花园"], w.ids["花埠圈社区"]
	lanshan, luozhuang := w.as("li", "county-office", "兰山区"), w.as("wang", "county-office", "罗庄区")
	r := w.s.Rights()
	w.now = time.Date(2017, 5, 10, 9, 0, 0, 0, shanghai)
	move := Date(2017, 5, 1)
	before, after := w.s.clock.AtClose(move-1), w.s.clock.AtClose(w.s.clock.Today())

	w.must(r.MayChange(lanshan, MayWrite, id, move))
	w.refused("place.not-permitted", r.MayChange(lanshan, MayWrite, to, move)) // it cannot push it over the border
	_, err := w.s.Change(w.ctx, "chen", id, Whatever, Edit{From: move, Parent: &to})
	w.must(err)

	w.must(r.May(lanshan, MayRead, before, id))
	w.refused("place.not-permitted", r.May(lanshan, MayRead, after, id))
	w.refused("place.not-permitted", r.May(luozhuang, MayRead, before, id))
	w.must(r.May(luozhuang, MayRead, after, id))
	// What is written about April would change Lanshan's April: neither county does that alone.
	w.must(r.MayChange(luozhuang, MayKeep, id, move+2))
	w.refused("place.not-permitted", r.MayChange(luozhuang, MayKeep, id, move-5))
	w.refused("place.not-permitted", r.MayChange(lanshan, MayKeep, id, move-5))
	w.must(r.MayChange(w.as("chen", "city-office", "临沂市"), MayWrite, id, move-5))
	if err := r.May(lanshan, MayRead, after, "none"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
}

func TestAManagerKeepsTheOwnCompoundOnly(t *testing.T) {
	w := newTown(t, storetest.SQLite(t))
	w.found("三孔桥小区", Compound, "煤山社区")
	zhou := w.as("zhou", "manager", "金阳花园")
	r := w.s.Rights()
	w.must(r.MayChange(zhou, MayKeep, w.ids["金阳花园"], w.s.clock.Today()))
	w.must(r.MayChange(zhou, MayKeep, w.ids["1号楼"]))
	w.refused("place.not-permitted", r.MayChange(zhou, MayWrite, w.ids["金阳花园"]))
	w.refused("place.not-permitted", r.MayChange(zhou, MayKeep, w.ids["三孔桥小区"]))
	w.refused("place.not-permitted", r.MayCity(zhou, MayWrite))
	w.refused("place.not-permitted", r.MayChange(zhou, MayWrite, "")) // nobody but who sets up founds a city
}

// Whoever is asked, whatever the tree did: a list never holds a row that lies outside of the caller's own county on the day
// asked about, it holds every row that lies in it, and the lists and single questions agree.
func TestNoCountyIsGivenARowOfAnother(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newTown(t, storetest.SQLite(t))
		counties := []ID{w.ids["兰山区"], w.ids["罗庄区"]}
		communities := []ID{w.ids["东苗庄社区"], w.ids["煤山社区"]}
		streets := []ID{w.ids["银雀山街道"], w.ids["傅庄街道"]}
		add := func(level Level, parent ID) ID {
			list, err := w.s.Found(w.ctx, "op", []NewPlace{{Level: level, Name: fmt.Sprint("地点", rapid.IntRange(1, 999).Draw(rt, "name")), Parent: parent, From: w.s.clock.Today()}})
			w.must(err)
			return list[0].Place
		}
		compounds := []ID{w.ids["金阳花园"]}
		first := w.s.clock.Today()
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			w.now = w.now.Add(time.Duration(rapid.IntRange(1, 72).Draw(rt, "hours")) * time.Hour)
			from := w.s.clock.Today() - Day(rapid.IntRange(0, 2).Draw(rt, "late"))
			switch rapid.IntRange(0, 4).Draw(rt, "step") {
			case 0:
				streets = append(streets, add(Street, rapid.SampledFrom(counties).Draw(rt, "county")))
			case 1:
				communities = append(communities, add(Community, rapid.SampledFrom(streets).Draw(rt, "street")))
			case 2:
				compounds = append(compounds, add(Compound, rapid.SampledFrom(communities).Draw(rt, "community")))
			case 3: // a place may not yet have been there on the day: then nothing moves
				to := rapid.SampledFrom(communities).Draw(rt, "to")
				_, _ = w.s.Change(w.ctx, "op", rapid.SampledFrom(compounds).Draw(rt, "compound"), Whatever, Edit{From: from, Parent: &to})
			case 4:
				to := rapid.SampledFrom(counties).Draw(rt, "to")
				_, _ = w.s.Change(w.ctx, "op", rapid.SampledFrom(streets).Draw(rt, "street"), Whatever, Edit{From: from, Parent: &to})
			}
		}
		own := rapid.SampledFrom(counties).Draw(rt, "own")
		who := api.Caller{
			Account: "li", Kind: "account", Permissions: map[string]bool{MayRead: true},
			Offices: []api.Office{{Role: "county-office", Place: string(own)}},
		}
		tree, err := w.s.Tree(w.ctx)
		w.must(err)
		server := api.New(api.Options{Auth: anybody{who}})
		w.must(server.Add(w.s))
		day := first + Day(rapid.IntRange(0, int(w.s.clock.Today()-first)).Draw(rt, "day"))
		q := w.s.clock.AtClose(day)
		for _, level := range []Level{County, Street, Community, Compound, Building} {
			rec := httptest.NewRecorder()
			server.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, fmt.Sprintf("/api/places?level=%s&at=%s&limit=5000", level, day), nil))
			var got struct {
				Places []Version
				Total  int
			}
			w.must(json.Unmarshal(rec.Body.Bytes(), &got))
			var want []Version
			for _, v := range tree.Of(q, level) {
				county, ok := tree.Above(q, v.Place, County)
				if ok && county.Place == own {
					want = append(want, v)
				}
				err := w.s.Rights().May(api.WithCaller(w.ctx, who), MayRead, q, v.Place)
				if (err == nil) != (ok && county.Place == own) {
					rt.Fatalf("%s of %s: %v", v.Name, county.Name, err)
				}
			}
			same := slices.EqualFunc(got.Places, want, func(a, b Version) bool { return a.Place == b.Place })
			if !same || got.Total != len(want) {
				rt.Fatalf("%s on %s: %v, want %v", level, day, got.Places, want)
			}
		}
	})
}

// anybody lets everybody in as one.
type anybody struct{ who api.Caller }

func (a anybody) Authenticate(*http.Request) (api.Caller, error) { return a.who, nil }
