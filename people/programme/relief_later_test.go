package programme_test

import (
	"strings"
	"testing"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/store/storetest"
)

// What is said about a day holds on later days too, on which nothing else was said of it: a plan is not lowered, and nobody
// leaves, by a word about a day on which nothing was owed yet.
func TestAnEarlierDayIsNoWayAround(t *testing.T) {
	each(t, func(w *office) {
		list, err := w.Places.Found(w.ctx, "li", []place.NewPlace{{Level: place.Compound, Name: "北园小区", Parent: w.ids["东苗庄社区"], From: w.today()}})
		w.must(err)
		id := list[0].Place
		w.ids["北园小区"] = id
		say := func(from string, part bool, plan int) programme.Enrolment {
			return programme.Enrolment{Compound: id, From: day(from), Part: part, Plan: plan}
		}
		// A list says a plan and not yet that it takes part; a later one only that it does.
		w.must(w.Programme.Take(w.ctx, "li", []programme.Enrolment{say("2017-04-12", false, 40)}))
		w.on("2017-06-01")
		w.must(w.Programme.Take(w.ctx, "li", []programme.Enrolment{say("2017-06-01", true, 40)}))

		for _, e := range []programme.Enrolment{say("2017-05-01", true, 1), say("2017-05-01", false, 1), say("2017-06-01", false, 0)} {
			is, err := w.Programme.Relieves(w.ctx, []programme.Enrolment{e})
			w.must(err)
			if !is[0] {
				t.Errorf("%+v leaves as much to do", e)
			}
			w.refused("programme.relief.reason", w.Programme.Enrol(w.ctx, "li", []programme.Enrolment{e}))
		}
		// Two words that are one together.
		w.refused("programme.relief.reason", w.Programme.Enrol(w.ctx, "li", []programme.Enrolment{say("2017-05-01", true, 50), say("2017-05-02", true, 30)}))
		for _, e := range []programme.Enrolment{say("2017-05-01", true, 0), say("2017-05-01", true, 41), say("2017-05-01", false, 0)} {
			is, err := w.Programme.Relieves(w.ctx, []programme.Enrolment{e})
			w.must(err)
			if is[0] {
				t.Errorf("%+v leaves less to do", e)
			}
		}
		if is, err := w.Programme.RestoringRelieves(w.ctx, []programme.Enrolment{say("2017-05-01", false, 0)}); err != nil || !is[0] {
			t.Error("to take a plan back that later days rest on", is, err)
		}
		if s := w.state("2017-06-01", "北园小区"); s.Plan != 40 || !s.Part {
			t.Errorf("%+v", s)
		}

		// It left, which was decided, and joined again without a word of its plan.
		e := say("2017-06-10", false, 0)
		e.Reason = "拆迁"
		w.on("2017-06-10")
		w.must(w.Programme.Enrol(w.ctx, "chen", []programme.Enrolment{e}))
		w.on("2017-06-20")
		w.must(w.Programme.Enrol(w.ctx, "li", []programme.Enrolment{say("2017-06-20", true, 0)}))
		w.refused("programme.relief.reason", w.Programme.Enrol(w.ctx, "li", []programme.Enrolment{say("2017-06-15", false, 1)}))
	})
}

func TestRoutesAskOfLaterDays(t *testing.T) {
	p := newPage(t)
	list, err := p.Places.Found(p.ctx, "li", []place.NewPlace{{Level: place.Compound, Name: "北园小区", Parent: p.ids["东苗庄社区"], From: p.today()}})
	p.must(err)
	id := list[0].Place
	p.ids["北园小区"] = id
	p.must(p.Programme.Take(p.ctx, "li", []programme.Enrolment{{Compound: id, From: p.today(), Plan: 40}}))
	p.on("2017-06-01")
	p.must(p.Programme.Take(p.ctx, "li", []programme.Enrolment{{Compound: id, From: p.today(), Part: true, Plan: 40}}))
	body := `{"compounds":[{"compound":"` + string(id) + `","from":"2017-05-01","takes_part":true,"plan":1,"reason":"东门已封闭","seen_version":` + p.seen("北园小区") + `}]}`
	p.Do(403, "county", "POST", "/api/programme/enrolments", body, nil)
	p.Do(204, "city", "POST", "/api/programme/enrolments", body, nil)
}

// A county does not take a compound out of helped by entering it as a demonstration one before that.
func TestRoutesOfAClassAskOfLaterDays(t *testing.T) {
	w := newOffice(t, storetest.SQLite(t))
	may := []string{place.MayRead, place.MayKeep, place.MayWrite, programme.MayApprove}
	server := api.New(api.Options{Auth: apitest.Doorman{
		"county": append([]string{apitest.At("county-office", w.ids["兰山区"])}, may...),
		"city":   append([]string{apitest.At("city-office", w.ids["临沂市"])}, may...),
	}})
	w.must(server.Add(w.Places, w.Programme))
	p := &page{w, apitest.Page{T: t, HTTP: server.Handler()}}
	p.on("2017-06-01")
	path := "/api/compounds/" + string(p.ids["安泰小区"])
	enter := func(mark, from string) string {
		return `{"mark":"` + mark + `","in":true,"from":"` + from + `","criteria":"标准三","evidence":"验收单"}`
	}
	seen := func(path string) string { return p.Do(200, "county", "GET", path, "", nil).Get("ETag") }
	p.Do(201, "county", "POST", path+"/classes", enter("weak", "2017-06-01"), nil, "If-Match", seen(path))
	p.Do(201, "county", "POST", path+"/classes", enter("helped", "2017-06-01"), nil, "If-Match", seen(path))
	p.Do(403, "county", "POST", path+"/classes", enter("demonstration", "2017-05-01"), nil, "If-Match", seen(path))
	var said string
	p.Do(422, "city", "POST", path+"/classes", enter("demonstration", "2017-05-01"), &said, "If-Match", seen(path))
	if !strings.Contains(said, "自2017-06-01起将同时属于两类") {
		t.Error(said)
	}
	edit := `{"from":"2017-05-01","class":"demonstration","criteria":"标准三","evidence":"验收单"}`
	p.Do(403, "county", "PATCH", path, edit, nil, "If-Match", seen(path))
	p.Do(422, "city", "PATCH", path, edit, nil, "If-Match", seen(path))
	other := "/api/compounds/" + string(p.ids["金阳花园"])
	p.Do(201, "county", "POST", other+"/classes", enter("demonstration", "2017-05-01"), nil, "If-Match", seen(other))
}
