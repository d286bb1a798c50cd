package programme_test

import (
	"strconv"
	"strings"
	"testing"

	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// Nobody gets out of a deadline by a stroke of the own pen: to leave, and to lower a plan, takes a reason and the level above.
func TestWhatMakesDutiesLess(t *testing.T) {
	each(t, func(w *office) {
		w.on("2017-06-01")
		id := w.ids["安泰小区"]
		w.refused("programme.relief.reason", w.Programme.Enrol(w.ctx, "li", []programme.Enrolment{{Compound: id, From: w.today()}}))
		w.refused("programme.relief.reason", w.Programme.Enrol(w.ctx, "li", []programme.Enrolment{{Compound: id, From: w.today(), Part: true, Plan: 1}}))
		w.must(w.Programme.Enrol(w.ctx, "li", []programme.Enrolment{{Compound: id, From: w.today(), Part: true, Plan: 3}})) // more is free
		list := []programme.Enrolment{{Compound: id, From: w.today(), Part: true, Plan: 2}, {Compound: id, From: w.today(), Part: true, Plan: 3}, {Compound: id, From: w.today()}, {Compound: id, From: day("2017-04-01")}}
		is, err := w.Programme.Relieves(w.ctx, list)
		w.must(err)
		if !is[0] || is[1] || !is[2] || is[3] {
			t.Error(is)
		}

		ask := programme.Request{Compound: id, Kind: programme.AskPlan, Plan: 1, From: w.today(), Reason: "东门已封闭"}
		for code, bad := range map[string]programme.Request{
			"place.field.required":      {Compound: id, Kind: programme.AskPlan, Plan: 1, From: w.today()},
			"programme.request.nothing": {Compound: id, Kind: programme.AskPlan, Plan: 4, From: w.today(), Reason: "更多"},
			"place.class.is-not-in":     {Compound: id, Kind: programme.AskClass, Mark: place.MarkHelped, From: w.today(), Reason: "已改善"},
			"programme.request.mark":    {Compound: id, Kind: programme.AskClass, Mark: place.MarkWeak, From: w.today(), Reason: "已改善"},
			"programme.extend.later":    {Compound: id, Kind: programme.AskExtension, Milestone: "built", Due: day("2017-11-01"), Reason: "雨季"},
			"programme.extend.most":     {Compound: id, Kind: programme.AskExtension, Milestone: "built", Due: day("2020-01-01"), Reason: "雨季"},
			"programme.request.kind":    {Compound: id, Kind: "party", Reason: "节日"},
		} {
			_, err := w.Programme.AskFor(w.ctx, "li", bad)
			w.refused(code, err)
		}
		r, err := w.Programme.AskFor(w.ctx, "li", ask)
		w.must(err)
		if s := w.state("2017-06-01", "安泰小区"); s.Plan != 3 {
			t.Error("what is asked for counts before it is granted", s.Plan)
		}
		_, err = w.Programme.AskFor(w.ctx, "li", ask)
		w.refused("programme.request.open", err)
		_, err = w.Programme.Answer(w.ctx, "chen", r.Version+1, r.ID, true, "")
		w.refused("place.changed-meanwhile", err)
		_, err = w.Programme.Answer(w.ctx, "chen", r.Version, r.ID, false, "")
		w.refused("place.field.required", err)
		_, err = w.Programme.Answer(w.ctx, "chen", r.Version, r.ID, false, "请补充照片")
		w.must(err)
		if s := w.state("2017-06-01", "安泰小区"); s.Plan != 3 {
			t.Error("refused, and done all the same")
		}
		_, err = w.Programme.Answer(w.ctx, "chen", r.Version+1, r.ID, true, "")
		w.refused("programme.request.decided", err)
		r, err = w.Programme.AskFor(w.ctx, "li", ask)
		w.must(err)
		w.on("2017-06-02")
		r, err = w.Programme.Answer(w.ctx, "chen", r.Version, r.ID, true, "")
		w.must(err)
		if s := w.state("2017-06-02", "安泰小区"); s.Plan != 1 || r.State != programme.Granted || r.DecidedBy != "chen" {
			t.Errorf("%d %+v", s.Plan, r)
		}
		if s := w.state("2017-06-01", "安泰小区"); s.Plan != 3 {
			t.Error("yesterday has changed")
		}
		history, err := w.Programme.History(w.ctx, w.clock().AtClose(w.today()), id)
		w.must(err)
		if h := history[0]; h.Reason != "东门已封闭" || h.By != "chen" {
			t.Errorf("%+v", h)
		}

		// A class is left by the same way, in the same transaction.
		w.must(w.Places.Enter(w.ctx, "li", []place.Entry{{Compound: id, Mark: place.MarkDemonstration, In: true, Moment: place.Moment{About: w.today()}, Criteria: "标准", Evidence: "文件"}}))
		w.refused("place.field.required", w.Places.Enter(w.ctx, "li", []place.Entry{{Compound: id, Mark: place.MarkDemonstration, Moment: place.Moment{About: w.today()}}}))
		r, err = w.Programme.AskFor(w.ctx, "li", programme.Request{Compound: id, Kind: programme.AskClass, Mark: place.MarkDemonstration, From: w.today(), Reason: "物业更换"})
		w.must(err)
		_, err = w.Programme.Answer(w.ctx, "chen", r.Version, r.ID, true, "")
		w.must(err)
		if s := w.state("2017-06-02", "安泰小区"); s.Class != place.Other {
			t.Error(s.Class)
		}
		// So is an entry taken back that was a mistake.
		w.must(w.Places.Enter(w.ctx, "li", []place.Entry{{Compound: id, Mark: place.MarkWeak, In: true, Moment: place.Moment{About: w.today()}, Criteria: "无围墙", Evidence: "摸底表"}}))
		void := programme.Request{Compound: id, Kind: programme.AskVoid, Mark: place.MarkWeak, From: w.today() - 1, Reason: "另一个小区"}
		_, err = w.Programme.AskFor(w.ctx, "li", void)
		w.refused("place.class.no-entry", err)
		void.From = w.today()
		r, err = w.Programme.AskFor(w.ctx, "li", void)
		w.must(err)
		if s := w.state("2017-06-02", "安泰小区"); !s.Weak {
			t.Error("it is taken back before anybody granted it")
		}
		_, err = w.Programme.Answer(w.ctx, "chen", r.Version, r.ID, true, "")
		w.must(err)
		if s := w.state("2017-06-02", "安泰小区"); s.Weak {
			t.Error("it is still weak")
		}
		// Who asked may take it back; it is over then.
		r, err = w.Programme.AskFor(w.ctx, "li", programme.Request{Compound: id, Kind: programme.AskLeave, From: w.today(), Reason: "拆迁"})
		w.must(err)
		r, err = w.Programme.Unask(w.ctx, "li", r.Version, r.ID)
		w.must(err)
		_, err = w.Programme.Answer(w.ctx, "chen", r.Version, r.ID, true, "")
		w.refused("programme.request.decided", err)
		if s := w.state("2017-06-02", "安泰小区"); !s.Part {
			t.Error("it left by a request that was taken back")
		}
	})
}

// An extension is for what is owed and open, within a bound, and can be taken back.
func TestAnExtensionIsTakenBack(t *testing.T) {
	each(t, func(w *office) {
		w.on("2017-06-01")
		id := w.ids["安泰小区"]
		_, err := w.Programme.SetMilestone(w.ctx, "chen", 0, programme.Milestone{ID: "funds", What: programme.Funds, Classes: []place.Class{place.Helped}, Due: day("2017-10-31"), Near: 20, Lead: 40})
		w.must(err)
		extend := func(m programme.MilestoneID, due string) error {
			return w.Programme.Extend(w.ctx, "chen", place.Whatever, id, m, day(due), "外墙施工")
		}
		w.refused("programme.extend.not-owed", extend("funds", "2017-12-31"))
		w.refused("programme.extend.most", extend("built", "2018-12-02"))
		w.refused("programme.extend.none", w.Programme.WithdrawExtension(w.ctx, "chen", place.Whatever, id, "built", "已完工"))
		w.must(extend("built", "2018-12-01"))
		seen, err := w.Programme.Sayings(w.ctx, id)
		w.must(err)
		w.on("2017-06-02")
		w.refused("place.field.required", w.Programme.WithdrawExtension(w.ctx, "chen", seen, id, "built", ""))
		w.refused("place.changed-meanwhile", w.Programme.WithdrawExtension(w.ctx, "chen", seen-1, id, "built", "已完工"))
		w.must(w.Programme.WithdrawExtension(w.ctx, "chen", seen, id, "built", "已完工"))
		due := func(on string) (out place.Day) {
			for _, d := range w.state(on, "安泰小区").Duties {
				if d.Milestone == "built" {
					out = d.Due
				}
			}
			return out
		}
		if due("2017-06-01") != day("2018-12-01") || due("2017-06-02") != day("2017-11-30") {
			t.Error(due("2017-06-01"), due("2017-06-02"))
		}
		w.register("安泰小区", 2)
		w.refused("programme.extend.done", extend("built", "2018-02-01"))
	})
}

// A past day has the programme of then: its name, and for how long a connection counted.
func TestAPastDayHasTheProgrammeOfThen(t *testing.T) {
	each(t, func(w *office) {
		id := w.ids["金阳花园"]
		w.on("2017-05-01")
		w.must(w.Programme.Saw(w.ctx, []place.ID{id}))
		w.on("2017-05-20")
		p, err := w.Programme.Programme(w.ctx)
		w.must(err)
		p.Name, p.NameEN, p.Span, p.Start = "平安家园", "Safe Homes", 7, day("2017-05-01")
		_, err = w.Programme.Set(w.ctx, "chen", p.Version, p)
		w.must(err)
		networked := func(on string) bool { return w.state(on, "金阳花园").Networked.Done }
		if !networked("2017-05-19") || networked("2017-05-20") {
			t.Error("nineteen days without a connection, of thirty, then of seven:", networked("2017-05-19"), networked("2017-05-20"))
		}
		for on, want := range map[string]int64{"2017-05-07": 1, "2017-05-19": 1, "2017-05-20": 0} {
			c, err := w.Programme.City(w.ctx, w.clock().AtClose(day(on)), 0)
			w.must(err)
			if c.Numbers.Networked != want {
				t.Errorf("%s: %d networked in the city's sum, want %d", on, c.Numbers.Networked, want)
			}
		}
		then, err := w.Programme.City(w.ctx, w.clock().AtClose(day("2017-05-19")), 0)
		w.must(err)
		if first := then.Trend[0].Date; first > day("2017-04-18") {
			t.Error("the trend of before begins on the day that was set later:", first)
		}
		for on, name := range map[string]string{"2017-05-19": "“平安小区”创建", "2017-05-20": "平安家园"} {
			b, err := w.Programme.Bulletin(w.ctx, programme.BulletinAsk{Of: w.clock().AtClose(day(on))})
			w.must(err)
			if b.Programme != name {
				t.Errorf("%s: %s", on, b.Programme)
			}
		}
		// Setting it back does not bring the seven days back.
		w.on("2017-05-25")
		p, err = w.Programme.Programme(w.ctx)
		w.must(err)
		p.Span = 0
		_, err = w.Programme.Set(w.ctx, "chen", p.Version, p)
		w.must(err)
		if networked("2017-05-20") || !networked("2017-05-25") {
			t.Error(networked("2017-05-20"), networked("2017-05-25"))
		}
	})
}

func TestRoutesOfRelief(t *testing.T) {
	p := newPage(t)
	id, path := string(p.ids["安泰小区"]), "/api/programme/compounds/"+string(p.ids["安泰小区"])
	p.Do(403, "county", "POST", "/api/programme/enrolments", `{"compounds":[{"compound":"`+id+`","from":"2017-04-12","takes_part":false,"reason":"拆迁","seen_version":`+p.seen("安泰小区")+`}]}`, nil)
	p.Do(422, "city", "POST", "/api/programme/enrolments", `{"compounds":[{"compound":"`+id+`","from":"2017-04-12","takes_part":false,"seen_version":`+p.seen("安泰小区")+`}]}`, nil)
	// Two who read the same: the second is told, and of which row.
	seen := p.seen("安泰小区")
	plan := func(n, seen string) string {
		return `{"compounds":[{"compound":"` + string(p.ids["金阳花园"]) + `","from":"2017-04-12","takes_part":true,"plan":4,"seen_version":` + p.seen("金阳花园") + `},` +
			`{"compound":"` + id + `","from":"2017-04-12","takes_part":true,"plan":` + n + seen + `}]}`
	}
	p.Do(204, "county", "POST", "/api/programme/enrolments", plan("5", `,"seen_version":`+seen), nil)
	var refused string
	p.Do(412, "county", "POST", "/api/programme/enrolments", plan("6", `,"seen_version":`+seen), &refused)
	if !strings.Contains(refused, `"rows[1].compound"`) || !strings.Contains(refused, "他人已另有登记") || strings.Contains(refused, "rows[0]") {
		t.Error(refused)
	}
	p.Do(422, "county", "POST", "/api/programme/enrolments", plan("6", ""), &refused)
	if !strings.Contains(refused, `"rows[1].compound"`) {
		t.Error(refused)
	}
	var standings struct{ Compounds []programme.CompoundState }
	p.Do(200, "county", "GET", "/api/programme/compounds", "", &standings)
	for _, c := range standings.Compounds {
		if strconv.FormatInt(c.Said, 10) != p.seen(c.Name) || c.Name == "安泰小区" && c.Plan != 5 {
			t.Errorf("%s: %d, plan %d", c.Name, c.Said, c.Plan)
		}
	}
	p.Do(403, "reader", "POST", path+"/requests", `{"kind":"leave","from":"2017-04-12","reason":"拆迁"}`, nil)
	other := "/api/programme/compounds/" + string(p.ids["百合花园"])
	p.Do(403, "county", "POST", other+"/requests", `{"kind":"leave","from":"2017-04-12","reason":"拆迁"}`, nil)
	var r programme.Request
	p.Do(201, "county", "POST", path+"/requests", `{"kind":"extend","milestone":"built","due":"2018-03-31","reason":"外墙施工"}`, &r)
	decide := "/api/programme/requests/" + string(r.ID) + "/decision"
	p.Do(403, "county", "POST", decide, `{"grant":true}`, nil, "If-Match", `"1"`)
	p.Do(422, "city", "POST", decide, `{"grant":true}`, nil)
	var said string
	p.Do(200, "county", "GET", "/api/programme/requests?state=asked", "", &said)
	if !strings.Contains(said, "外墙施工") || !strings.Contains(said, `"what":"built"`) || !strings.Contains(said, "安泰小区") {
		t.Error(said)
	}
	p.Do(200, "city", "POST", decide, `{"grant":true}`, &r, "If-Match", `"1"`)
	h := p.Do(200, "reader", "GET", path, "", &said)
	if !strings.Contains(said, `"due":"2018-03-31"`) || h.Get("ETag") == "" {
		t.Error(h, said)
	}
	p.Do(200, "reader", "GET", "/api/programme/requests/"+string(r.ID)+"/changes", "", &said)
	if !strings.Contains(said, "granted") {
		t.Error(said)
	}
	back := path + "/extensions/withdrawal"
	p.Do(422, "city", "POST", back, `{"milestone":"built","reason":"已完工"}`, nil)
	p.Do(403, "county", "POST", back, `{"milestone":"built","reason":"已完工"}`, nil, "If-Match", h.Get("ETag"))
	p.Do(201, "city", "POST", back, `{"milestone":"built","reason":"已完工"}`, &said, "If-Match", h.Get("ETag"))
	if !strings.Contains(said, `"due":"2017-11-30"`) {
		t.Error(said)
	}
	p.Do(412, "city", "POST", path+"/extensions", `{"milestone":"built","due":"2018-02-28","reason":"雨季"}`, nil, "If-Match", h.Get("ETag"))

	// A class: the county may enter it, only the level above may let it go.
	classes := "/api/compounds/" + id + "/classes"
	p.Do(403, "county", "POST", classes, `{"mark":"demonstration","in":false,"from":"2017-04-12","criteria":"物业更换"}`, nil)
	p.Do(200, "reader", "GET", "/api/milestones/built/versions", "", &said)
	if !strings.Contains(said, `"version":1`) {
		t.Error(said)
	}
	p.Do(404, "reader", "GET", "/api/milestones/none/versions", "", nil)
	p.Do(200, "reader", "GET", "/api/programme/versions", "", &said)
	if !strings.Contains(said, `"added"`) {
		t.Error(said)
	}
}

// Money was there on the last day, and booked five days after it: it is done, and not in time. The level above decides, with the
// reason and from that day on, whether it counts; it is not asked about anything else that is done.
func TestWhatWasEnteredLateIsMadeGoodByTheLevelAbove(t *testing.T) {
	each(t, func(w *office) {
		_, err := w.Programme.SetMilestone(w.ctx, "chen", 0, programme.Milestone{ID: "funds", What: programme.Funds, Classes: place.Classes, Due: day("2017-10-31"), Near: 20, Lead: 40})
		w.must(err)
		id := w.ids["安泰小区"]
		w.must(w.Places.Enter(w.ctx, "li", []place.Entry{{Compound: id, Mark: place.MarkWeak, In: true, Moment: place.Moment{About: w.today()}, Criteria: "无围墙", Evidence: "摸底表"}}))
		units, err := w.Pairing.AddUnits(w.ctx, "li", []pairing.Unit{{Name: "市总工会", Level: "city"}})
		w.must(err)
		pairs, err := w.Pairing.Pair(w.ctx, "li", []pairing.Pairing{{Compound: id, Unit: units[0].ID, Moment: place.Moment{About: w.today()}}})
		w.must(err)
		book := func(kind pairing.EntryKind, about string) {
			t.Helper()
			_, err := w.Pairing.Enter(w.ctx, "li", []pairing.Entry{{Pairing: pairs[0].ID, Kind: kind, Fen: 500, Moment: place.Moment{About: day(about)}}})
			w.must(err)
		}
		book(pairing.Pledge, "2017-04-12")
		w.on("2017-11-05")
		book(pairing.Receipt, "2017-10-31")
		funds := func(on string) programme.Duty {
			t.Helper()
			for _, d := range w.state(on, "安泰小区").Duties {
				if d.What == programme.Funds {
					return d
				}
			}
			t.Fatal("nothing is owed")
			return programme.Duty{}
		}
		if d := funds("2017-11-05"); !d.Done || d.InTime || d.Entered != day("2017-11-05") {
			t.Errorf("%+v", d)
		}
		w.on("2017-11-08")
		ask := programme.Request{Compound: id, Kind: programme.AskExtension, Milestone: "funds", Due: day("2017-11-04"), Reason: "凭证第12号，10月31日到账"}
		_, err = w.Programme.AskFor(w.ctx, "li", ask)
		w.refused("programme.extend.entered", err) // it would still not be in time
		ask.Due = day("2017-11-05")
		r, err := w.Programme.AskFor(w.ctx, "li", ask)
		w.must(err)
		if d := funds("2017-11-08"); d.InTime {
			t.Errorf("asked for, and in time already: %+v", d)
		}
		w.on("2017-11-09")
		_, err = w.Programme.Answer(w.ctx, "chen", r.Version, r.ID, true, "")
		w.must(err)
		if d := funds("2017-11-09"); !d.InTime || !d.Extended || d.Entered != 0 || d.Due != day("2017-11-05") {
			t.Errorf("%+v", d)
		}
		if d := funds("2017-11-08"); d.InTime || d.Entered != day("2017-11-05") {
			t.Errorf("yesterday has changed: %+v", d)
		}
		ask.Due = day("2017-12-01")
		_, err = w.Programme.AskFor(w.ctx, "li", ask)
		w.refused("programme.extend.done", err) // and that is that
	})
}
