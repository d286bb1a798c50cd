package supervision_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/supervision"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// office is two counties with two compounds each, and what they owe.
type office struct {
	t      *testing.T
	ctx    context.Context
	s      *supervision.Service
	now    time.Time
	places map[string]place.ID
	owed   []supervision.Owed
}

func (o *office) Owed(context.Context, place.AsOf) ([]supervision.Owed, error) { return o.owed, nil }

func (o *office) UnitNames(context.Context, place.AsOf) (map[string]string, error) {
	return map[string]string{"unions": "市总工会"}, nil
}

func (o *office) clock() place.Clock { return place.Clock{Now: func() time.Time { return o.now }} }

func (o *office) on(month time.Month, day int) {
	o.now = o.clock().Begin(place.Date(2017, month, day)).Add(10 * time.Hour)
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) refused(code string, err error) {
	o.t.Helper()
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
	o.t.Errorf("want %s, got %v", code, err)
}

func open(t *testing.T, db *store.DB) *office {
	t.Helper()
	o := &office{t: t, ctx: t.Context(), places: map[string]place.ID{}}
	o.on(time.October, 9)
	places, err := place.New(o.ctx, db, place.Options{Clock: o.clock()})
	o.must(err)
	found := func(l place.Level, name, parent string) {
		list, err := places.Found(o.ctx, "li", []place.NewPlace{{Level: l, Parent: o.places[parent], Name: name, From: o.clock().Today()}})
		o.must(err)
		o.places[name] = list[0].Place
	}
	found(place.City, "临沂市", "")
	for _, c := range []string{"兰山区", "罗庄区"} {
		found(place.County, c, "临沂市")
		found(place.Street, c+"一街道", c)
		found(place.Community, c+"一社区", c+"一街道")
		found(place.Compound, c+"甲小区", c+"一社区")
		found(place.Compound, c+"乙小区", c+"一社区")
	}
	o.s, err = supervision.New(o.ctx, db, supervision.Options{Clock: o.clock(), Places: places, Standings: o, Units: o})
	o.must(err)
	return o
}

func (o *office) today() place.AsOf { return o.clock().AtClose(o.clock().Today()) }

func (o *office) list(q place.AsOf, f supervision.Filter) []supervision.Entry {
	o.t.Helper()
	list, _, err := o.s.List(o.ctx, q, f)
	o.must(err)
	return list
}

func (o *office) take(who string, act supervision.Act, note string, tasks ...supervision.Entry) error {
	o.t.Helper()
	list := make([]supervision.Taken, len(tasks))
	for i, t := range tasks {
		list[i] = supervision.Taken{ID: t.ID, Version: t.Version}
	}
	_, err := o.s.Take(o.ctx, who, act, list, note, 0)
	return err
}

// The life of a batch: one county works and is struck off, the other is late.
func TestTheLifeOfATask(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db)
		ask := supervision.Raising{Places: []place.ID{o.places["兰山区"], o.places["罗庄区甲小区"]}, Title: "加快视频联网", Ask: "十月底前完成", Due: place.Date(2017, 10, 20)}
		_, err := o.s.Raise(o.ctx, "city", supervision.Raising{Places: []place.ID{o.places["临沂市"]}, Title: "x", Due: ask.Due})
		o.refused("supervision.place", err)
		_, err = o.s.Raise(o.ctx, "city", supervision.Raising{Places: ask.Places, Title: "找张三 13812345678", Due: ask.Due})
		o.refused("place.field.phone-number", err)
		for title, code := range map[string]string{"发展平安员100名": "place.field.taking-part", "每周上报重点人员名单": "place.field.asks-residents"} {
			_, err = o.s.Raise(o.ctx, "city", supervision.Raising{Places: ask.Places, Title: title, Due: ask.Due})
			o.refused(code, err)
			_, err = o.s.Raise(o.ctx, "city", supervision.Raising{Places: ask.Places, Title: "督办", Ask: title, Due: ask.Due})
			o.refused(code, err)
			_, err = o.s.SetRule(o.ctx, "city", 0, supervision.Rule{ID: "people", Light: "red", Title: title, Days: 9})
			o.refused(code, err)
		}
		_, err = o.s.Raise(o.ctx, "city", supervision.Raising{Places: ask.Places, Title: "x", Due: place.Date(2017, 10, 8)})
		o.refused("supervision.due", err)
		_, err = o.s.Raise(o.ctx, "city", supervision.Raising{Places: append(ask.Places, ask.Places[0]), Title: "x", Due: ask.Due})
		o.refused("supervision.twice", err)
		if n := len(o.list(o.today(), supervision.Filter{})); n != 0 {
			t.Fatalf("%d tasks are left of refused ones", n)
		}
		raised, err := o.s.Raise(o.ctx, "city", ask)
		o.must(err)
		all := o.list(o.today(), supervision.Filter{Batch: raised[0].Batch})
		if len(all) != 2 || all[0].CountyName != "兰山区" || all[1].Street != "罗庄区一街道" || all[0].Days != 11 {
			t.Fatalf("%+v", all)
		}
		mine := all[0]
		o.refused("supervision.not-now", o.take("lanshan", supervision.Report, "已完成", mine))
		// All or none: the second version is not the one that is.
		o.refused("place.changed-meanwhile", func() error {
			_, err := o.s.Take(o.ctx, "lanshan", supervision.Sign, []supervision.Taken{{mine.ID, mine.Version}, {all[1].ID, 9}}, "", 0)
			return err
		}())
		o.on(time.October, 10)
		o.must(o.take("lanshan", supervision.Sign, "", mine))
		o.refused("place.changed-meanwhile", o.take("lanshan", supervision.Begin, "", mine)) // an older page
		mine = o.list(o.today(), supervision.Filter{County: o.places["兰山区"]})[0]
		o.must(o.take("lanshan", supervision.Begin, "", mine))
		o.on(time.October, 18)
		mine = o.list(o.today(), supervision.Filter{State: supervision.Underway})[0]
		if !mine.Near {
			t.Error("two days before its last day a task is near due")
		}
		o.refused("place.field.required", o.take("lanshan", supervision.Report, "", mine))
		o.must(o.take("lanshan", supervision.Report, "40个小区已联网", mine))
		o.on(time.October, 23)
		mine = o.list(o.today(), supervision.Filter{State: supervision.Reported})[0]
		o.refused("supervision.own", o.take("lanshan", supervision.Strike, "", mine))
		if mine.Late {
			t.Error("what was reported in time is not late while it waits for its check")
		}
		_, err = o.s.Take(o.ctx, "city", supervision.Return, []supervision.Taken{{mine.ID, mine.Version}}, "两个小区仍无画面", place.Date(2017, 10, 31))
		o.must(err)
		mine = o.list(o.today(), supervision.Filter{State: supervision.Returned})[0]
		if mine.Due != place.Date(2017, 10, 31) || mine.Late {
			t.Errorf("returned with another last day: %s, late %v", mine.Due, mine.Late)
		}
		o.must(o.take("lanshan", supervision.Begin, "", mine))
		mine = o.list(o.today(), supervision.Filter{State: supervision.Underway})[0]
		o.must(o.take("lanshan", supervision.Report, "已修复", mine))
		mine = o.list(o.today(), supervision.Filter{State: supervision.Reported})[0]
		o.must(o.take("city", supervision.Strike, "", mine))
		got, err := o.s.Task(o.ctx, o.today(), mine.ID)
		o.must(err)
		if got.State != supervision.Struck || len(got.Steps) != 8 || len(got.Next) != 0 || got.Steps[4].Note != "两个小区仍无画面" {
			t.Errorf("%+v", got)
		}

		voice, err := api.NewVoice("zh", o.s.Messages())
		o.must(err)
		text, n, err := o.s.LateText(o.ctx, voice, o.today(), "")
		o.must(err)
		if n != 1 || !strings.Contains(text, "【罗庄区】1件\n1. 罗庄区一街道罗庄区甲小区：加快视频联网，时限2017-10-20，逾期3天，尚未签收\n") {
			t.Errorf("%q", text)
		}
		english, err := api.NewVoice("en", o.s.Messages())
		o.must(err)
		if text, _, err = o.s.LateText(o.ctx, english, o.today(), ""); err != nil || !strings.Contains(text, "Luozhuang") || strings.Contains(text, "罗庄区】") || strings.Contains(text, "罗庄区一街道 ") {
			t.Errorf("divisions in Chinese: %v %q", err, text)
		}
		// A past day is answered as it was.
		was, err := o.s.Task(o.ctx, o.clock().AtClose(place.Date(2017, 10, 10)), mine.ID)
		o.must(err)
		if was.State != supervision.Underway || was.Due != place.Date(2017, 10, 20) || was.Days != 10 {
			t.Errorf("%+v", was)
		}
		if _, err := o.s.Task(o.ctx, o.clock().AtClose(place.Date(2017, 10, 8)), mine.ID); fault.KindOf(err) != fault.NotFound {
			t.Error("a task is there before it was raised", err)
		}
		late := o.list(o.today(), supervision.Filter{Late: true})[0]
		o.refused("place.field.required", o.take("city", supervision.Withdraw, "", late))
		o.must(o.take("city", supervision.Withdraw, "重复下发", late))
		if text, _, err = o.s.LateText(o.ctx, voice, o.today(), ""); err != nil || text != "截至2017-10-23，没有逾期未办结的督办单。" {
			t.Errorf("%q %v", text, err)
		}
	})
}

// A rule raises once for each cause, and each near task is reminded of once.
func TestEachDay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db)
		o.owed = []supervision.Owed{
			{Compound: o.places["兰山区甲小区"], Milestone: "networked-in-november", What: "networked", Light: "yellow"},
			{Compound: o.places["罗庄区甲小区"], Milestone: "networked-in-november", What: "networked", Light: "red"},
			{Compound: o.places["罗庄区乙小区"], Milestone: "built-in-november", What: "built", Light: "red"},
		}
		_, err := o.s.SetRule(o.ctx, "city", 0, supervision.Rule{ID: "x", Light: "green", Days: 0})
		for _, code := range []string{"supervision.rule.id", "supervision.rule.light", "supervision.rule.days", "place.field.required"} {
			o.refused(code, err)
		}
		rule := supervision.Rule{ID: "networking-red", Light: "red", What: "networked", Title: "视频联网逾期督办", Days: 10, Active: true}
		would, err := o.s.Would(o.ctx, rule)
		o.must(err)
		if len(would) != 1 || would[0] != o.places["罗庄区甲小区"] {
			t.Fatal(would)
		}
		_, err = o.s.SetRule(o.ctx, "city", 0, rule)
		o.must(err)
		_, err = o.s.SetRule(o.ctx, "city", 0, rule)
		o.refused("place.version-needed", err)
		daily := func(raised, reminded int) {
			t.Helper()
			r, m, err := o.s.Daily(o.ctx)
			o.must(err)
			if r != raised || m != reminded {
				t.Errorf("%s: raised %d, reminded %d; want %d, %d", o.clock().Today(), r, m, raised, reminded)
			}
		}
		daily(1, 0)
		o.owed[0].Light = "red"
		daily(0, 0) // it has looked today
		o.on(time.October, 10)
		daily(1, 0) // the other one has turned red
		o.on(time.October, 11)
		daily(0, 0)
		o.on(time.October, 16)
		daily(0, 1)
		daily(0, 0)
		o.on(time.October, 17)
		daily(0, 1)
		o.on(time.October, 25)
		daily(0, 0) // late by now: a reminder comes before the last day
		for _, e := range o.list(o.today(), supervision.Filter{Rule: "networking-red"}) {
			if !e.Late || len(e.Steps) != 2 || e.Steps[1].Act != supervision.Remind || e.State != supervision.Raised {
				t.Errorf("%+v", e)
			}
		}
		// Returned with another last day, it is reminded of anew.
		e := o.list(o.today(), supervision.Filter{Late: true})[0]
		for _, act := range []supervision.Act{supervision.Sign, supervision.Begin, supervision.Report} {
			e, err = o.s.Task(o.ctx, o.today(), e.ID)
			o.must(err)
			o.must(o.take("luozhuang", act, "已办", e))
		}
		e, err = o.s.Task(o.ctx, o.today(), e.ID)
		o.must(err)
		_, err = o.s.Take(o.ctx, "city", supervision.Return, []supervision.Taken{{e.ID, e.Version}}, "未见效果", place.Date(2017, 10, 27))
		o.must(err)
		daily(0, 1)
	})
}

// While the light is still red nobody is rid of it by a withdrawal or a strike-off: it is raised again, once what was done has had the
// time to come to be known; and at once where an extension has run out.
func TestACauseThatStaysIsRaisedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db)
		o.owed = []supervision.Owed{{Compound: o.places["罗庄区甲小区"], Milestone: "networked-in-november", What: "networked", Light: "red", Due: place.Date(2017, 10, 8)}}
		_, err := o.s.SetRule(o.ctx, "city", 0, supervision.Rule{ID: "networking-red", Light: "red", What: "networked", Title: "视频联网逾期督办", Days: 10, Active: true})
		o.must(err)
		daily := func(month time.Month, day, want int) {
			t.Helper()
			o.on(month, day)
			would, err := o.s.Would(o.ctx, supervision.Rule{Light: "red", What: "networked", Days: 10})
			o.must(err)
			raised, _, err := o.s.Daily(o.ctx)
			o.must(err)
			if raised != want || len(would) != want {
				t.Errorf("%s: raised %d, would have %d, want %d", o.clock().Today(), raised, len(would), want)
			}
		}
		open := func() supervision.Entry {
			t.Helper()
			list := o.list(o.today(), supervision.Filter{Open: true})
			if len(list) != 1 || !list[0].City {
				t.Fatalf("%+v", list)
			}
			return list[0]
		}
		struck := func() {
			t.Helper()
			for _, act := range []supervision.Act{supervision.Sign, supervision.Begin, supervision.Report} {
				o.must(o.take("luozhuang", act, "已联网", open()))
			}
			o.must(o.take("another", supervision.Strike, "", open()))
		}
		daily(time.October, 9, 1)
		o.on(time.October, 12)
		o.must(o.take("city", supervision.Withdraw, "正在施工", open()))
		daily(time.October, 13, 0)
		daily(time.October, 21, 0)
		daily(time.October, 22, 1)
		daily(time.October, 25, 0)
		struck()
		daily(time.October, 26, 0)
		daily(time.November, 3, 0)
		daily(time.November, 4, 1)
		// Put off, and the day has passed again: the task that is open answers that, and one that was struck off does not.
		o.owed[0].Due = place.Date(2017, 11, 10)
		daily(time.November, 11, 0)
		struck()
		daily(time.November, 12, 1)
		o.must(o.take("city", supervision.Withdraw, "重复", open()))
		daily(time.November, 13, 0)
		o.owed = nil
		daily(time.November, 30, 0)
		if all := o.list(o.today(), supervision.Filter{Rule: "networking-red"}); len(all) != 4 {
			t.Errorf("%d tasks, want 4", len(all))
		}
	})
}

// A street, a community and a member unit are asked like a county is; each request says how early it reminds.
func TestAStreetACommunityAndAUnitAreAsked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db)
		ask := supervision.Raising{
			Places: []place.ID{o.places["兰山区一街道"], o.places["罗庄区一社区"]}, Units: []string{"unions"},
			Title: "上门宣传", Due: place.Date(2017, 10, 24), Near: 10,
		}
		for _, bad := range []struct {
			change func(*supervision.Raising)
			code   string
		}{
			{func(r *supervision.Raising) { r.Units = []string{"nobody"} }, "supervision.unit"},
			{func(r *supervision.Raising) { r.Units = []string{"unions", "unions"} }, "supervision.twice"},
			{func(r *supervision.Raising) { r.Near = 61 }, "supervision.near"},
			{func(r *supervision.Raising) { r.Places, r.Units = nil, nil }, "place.field.required"},
		} {
			r := ask
			bad.change(&r)
			_, err := o.s.Raise(o.ctx, "city", r)
			o.refused(bad.code, err)
		}
		raised, err := o.s.Raise(o.ctx, "city", ask)
		o.must(err)
		if len(raised) != 3 || raised[0].Batch == "" {
			t.Fatalf("%+v", raised)
		}
		got := map[string]supervision.Entry{}
		for _, e := range o.list(o.today(), supervision.Filter{}) {
			got[e.Name] = e
		}
		if e := got["市总工会"]; e.Level != supervision.OfUnit || e.Unit != "unions" || e.County != "" {
			t.Errorf("%+v", e)
		}
		if e := got["兰山区一街道"]; e.Level != place.Street || e.CountyName != "兰山区" {
			t.Errorf("%+v", e)
		}
		if e := got["罗庄区一社区"]; e.Level != place.Community || e.Street != "罗庄区一街道" {
			t.Errorf("%+v", e)
		}
		// Under a place are its own tasks and those below it; of a city all but the units'.
		for at, want := range map[string]int{"兰山区": 1, "兰山区一街道": 1, "罗庄区一街道": 1, "罗庄区一社区": 1, "兰山区一社区": 0, "临沂市": 3} {
			if list := o.list(o.today(), supervision.Filter{Under: o.places[at]}); len(list) != want {
				t.Errorf("under %s: %d, want %d", at, len(list), want)
			}
		}
		// 15 days before it is not near yet, ten days before it is; what says nothing reminds three days before.
		other, err := o.s.Raise(o.ctx, "city", supervision.Raising{Places: []place.ID{o.places["兰山区"]}, Title: "报送台账", Due: ask.Due})
		o.must(err)
		if other[0].NearDays != 3 {
			t.Errorf("%+v", other[0])
		}
		near := func() (n int) {
			for _, e := range o.list(o.today(), supervision.Filter{Near: true}) {
				if e.NearDays == 10 {
					n++
				} else {
					n += 100
				}
			}
			return n
		}
		if n := near(); n != 0 {
			t.Errorf("%d near", n)
		}
		o.on(time.October, 14)
		if n := near(); n != 3 {
			t.Errorf("%d near", n)
		}
		if _, reminded, err := o.s.Daily(o.ctx); err != nil || reminded != 3 {
			t.Errorf("%d reminded, %v", reminded, err)
		}
		o.on(time.October, 21)
		if n := near(); n != 103 {
			t.Errorf("%d near", n)
		}
		units := []string{}
		for _, e := range o.list(o.today(), supervision.Filter{}) {
			if e.Unit != "" {
				units = append(units, e.Unit)
			}
		}
		for _, x := range []struct {
			at    []place.ID
			units []string
			want  int
		}{{[]place.ID{o.places["临沂市"]}, nil, 4}, {[]place.ID{o.places["罗庄区"]}, nil, 1}, {[]place.ID{o.places["兰山区甲小区"]}, nil, 0}, {nil, units, 1}, {nil, nil, 0}} {
			if pending, err := o.s.Pending(o.ctx, x.at, x.units); err != nil || len(pending) != x.want {
				t.Errorf("of %v %v: %v %d, want %d", x.at, x.units, err, len(pending), x.want)
			}
		}
		// The list for a chat groups the units apart.
		o.on(time.October, 26)
		v, err := api.NewVoice("zh", o.s.Messages())
		o.must(err)
		text, n, err := o.s.LateText(o.ctx, v, o.today(), "")
		if err != nil || n != 4 || !strings.Contains(text, "【成员单位】1件") || !strings.Contains(text, "罗庄区一街道罗庄区一社区：上门宣传") {
			t.Errorf("%v %d %s", err, n, text)
		}
		// A rule reminds as early as it says.
		o.owed = []supervision.Owed{{Compound: o.places["兰山区甲小区"], Milestone: "m", What: "built", Light: "red"}}
		rule, err := o.s.SetRule(o.ctx, "chen", 0, supervision.Rule{ID: "built-red", Light: "red", What: "built", Title: "尽快安装", Days: 20, Near: 7, Active: true})
		o.must(err)
		if _, _, err := o.s.Daily(o.ctx); err != nil {
			t.Fatal(err)
		}
		if list := o.list(o.today(), supervision.Filter{Rule: rule.ID}); len(list) != 1 || list[0].NearDays != 7 {
			t.Errorf("%+v", list)
		}
	})
}
