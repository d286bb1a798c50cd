package programme_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// office is a small city at work, joined as role joins it, with a clock that the test moves.
type office struct {
	t   *testing.T
	ctx context.Context
	db  *store.DB
	role.City
	now time.Time
	ids map[string]place.ID
}

func each(t *testing.T, f func(w *office)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(newOffice(t, db)) })
}

func newOffice(t *testing.T, db *store.DB) *office {
	t.Helper()
	w := &office{t: t, ctx: t.Context(), db: db, ids: map[string]place.ID{}}
	rooms, err := role.OpenCity(w.ctx, db, place.Clock{Now: func() time.Time { return w.now }})
	w.must(err)
	w.City = rooms
	w.on("2017-04-12")
	for _, p := range []struct {
		level        place.Level
		name, parent string
	}{
		{place.City, "临沂市", ""},
		{place.County, "兰山区", "临沂市"},
		{place.County, "罗庄区", "临沂市"},
		{place.Street, "银雀山街道", "兰山区"},
		{place.Street, "盛庄街道", "罗庄区"},
		{place.Community, "东苗庄社区", "银雀山街道"},
		{place.Community, "花埠圈社区", "盛庄街道"},
		{place.Compound, "金阳花园", "东苗庄社区"},
		{place.Compound, "安泰小区", "东苗庄社区"},
		{place.Compound, "百合花园", "花埠圈社区"},
	} {
		list, err := w.Places.Found(w.ctx, "li", []place.NewPlace{{Level: p.level, Name: p.name, Parent: w.ids[p.parent], From: w.today()}})
		w.must(err)
		w.ids[p.name] = list[0].Place
	}
	_, err = w.Programme.Set(w.ctx, "chen", 0, programme.Programme{Name: "“平安小区”创建", City: w.ids["临沂市"], Start: w.today()})
	w.must(err)
	all := place.Classes
	for _, m := range []programme.Milestone{
		{ID: "built", What: programme.Built, Classes: all, Due: day("2017-11-30"), Near: 30, Lead: 60},
		{ID: "networked", What: programme.Networked, Classes: all, Due: day("2017-11-30"), Near: 30, Lead: 60},
	} {
		_, err := w.Programme.SetMilestone(w.ctx, "chen", 0, m)
		w.must(err)
	}
	var list []programme.Enrolment
	for _, c := range []string{"金阳花园", "安泰小区", "百合花园"} {
		list = append(list, programme.Enrolment{Compound: w.ids[c], From: w.today(), Part: true, Plan: 2})
	}
	w.must(w.Programme.Enrol(w.ctx, "li", list))
	return w
}

func day(s string) place.Day {
	d, err := place.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func (w *office) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *office) refused(code string, err error) {
	w.t.Helper()
	if fault.CodeOf(err) == code {
		return
	}
	var f *fault.Error
	if errors.As(err, &f) {
		for _, x := range f.Fields {
			if x.Code == code {
				return
			}
		}
	}
	w.t.Errorf("want %s, got %v", code, err)
}

func (w *office) today() place.Day { return w.clock().Today() }

func (w *office) clock() place.Clock { return place.Clock{Now: func() time.Time { return w.now }} }

func (w *office) on(s string) { w.now = w.clock().Begin(day(s)).Add(10 * time.Hour) }

// state is what is known of a compound at the close of a day.
func (w *office) state(s, name string) programme.CompoundState {
	w.t.Helper()
	c, err := w.Programme.Compound(w.ctx, w.clock().AtClose(day(s)), w.ids[name])
	w.must(err)
	return c
}

// looked is a return of which everything odd was looked at.
func (w *office) looked(r programme.Return) programme.Return {
	w.t.Helper()
	var err error
	r.Confirmed, err = w.Programme.CheckReturn(w.ctx, r)
	w.must(err)
	return r
}

// install has a compound list its channels.
func (w *office) install(name string, n int) {
	w.t.Helper()
	list, steps := w.channels(name, n)
	w.must(w.Places.AddChannels(w.ctx, "li", list, steps))
}

// register has a compound's own machine say which channels are in its register.
func (w *office) register(name string, n int) {
	w.t.Helper()
	list, steps := w.channels(name, n)
	w.must(w.Places.AddChannels(w.ctx, "li", list, nil))
	w.must(w.Places.StepChannels(w.ctx, place.Register, steps))
}

func (w *office) channels(name string, n int) ([]place.Channel, []place.ChannelStep) {
	var list []place.Channel
	var steps []place.ChannelStep
	for i := range n {
		id := place.ChannelID(store.NewID())
		list = append(list, place.Channel{ID: id, Compound: w.ids[name], Name: fmt.Sprintf("大门 %d", i), Area: place.Gate})
		steps = append(steps, place.ChannelStep{Channel: id, Compound: w.ids[name], State: place.Installed, Moment: place.Moment{About: w.today()}})
	}
	return list, steps
}

// Listed, then built by the register of the compound's own machine; networked from a county's return, then from the connection itself.
func TestFromEvidenceAndFromReturns(t *testing.T) {
	each(t, func(w *office) {
		w.on("2017-06-01")
		w.install("金阳花园", 2)
		w.install("安泰小区", 1)
		if s := w.state("2017-06-01", "金阳花园"); s.Built != (programme.Reached{Since: day("2017-06-01"), Basis: programme.Typed}) {
			t.Errorf("%+v", s.Built)
		}
		if s := w.state("2017-06-01", "安泰小区"); s.Built.Done {
			t.Error("one of two channels is no system")
		}
		if s := w.state("2017-05-31", "金阳花园"); s.Built.Done {
			t.Error("it was built the day before")
		}

		w.on("2017-06-24")
		r := programme.Return{County: w.ids["兰山区"], Month: day("2017-06-10"), Claims: []programme.Claim{
			{Compound: w.ids["安泰小区"], What: programme.Built, From: day("2017-06-20"), Holds: true},
			{Compound: w.ids["金阳花园"], What: programme.Networked, From: day("2017-06-18"), Holds: true},
		}}
		bad := r
		bad.Claims = []programme.Claim{
			{Compound: w.ids["百合花园"], What: programme.Built, From: day("2017-06-20"), Holds: true},
			{Compound: w.ids["金阳花园"], What: programme.Built, From: day("2017-06-26"), Holds: true},
			{Compound: w.ids["金阳花园"], What: programme.Funds, From: day("2017-06-20"), Holds: true},
		}
		_, err := w.Programme.Submit(w.ctx, "lanshan", bad)
		w.refused("programme.return.other-county", err)
		w.refused("programme.return.later", err)
		w.refused("programme.return.what", err)
		sent, err := w.Programme.Submit(w.ctx, "lanshan", w.looked(r))
		w.must(err)
		if s := w.state("2017-06-24", "安泰小区"); s.Built.Done {
			t.Error("a return counts before it is approved")
		}
		_, err = w.Programme.Submit(w.ctx, "lanshan", r)
		w.refused("programme.return.there", err)
		_, err = w.Programme.Decide(w.ctx, "lanshan", sent.ID, true, "")
		w.refused("programme.return.own", err)
		_, err = w.Programme.Decide(w.ctx, "chen", sent.ID, false, "")
		w.refused("place.field.required", err)
		_, err = w.Programme.Decide(w.ctx, "chen", sent.ID, false, "请核对百合花园")
		w.must(err)
		sent, err = w.Programme.Submit(w.ctx, "lanshan", w.looked(r))
		w.must(err)
		w.on("2017-06-27")
		_, err = w.Programme.Decide(w.ctx, "chen", sent.ID, true, "")
		w.must(err)
		_, err = w.Programme.Decide(w.ctx, "chen", sent.ID, true, "")
		w.refused("programme.return.decided", err)
		_, err = w.Programme.Submit(w.ctx, "lanshan", r)
		w.refused("programme.return.there", err) // locked
		if s := w.state("2017-06-26", "安泰小区"); s.Built.Done {
			t.Error("the report of the day before has changed")
		}
		if s := w.state("2017-06-27", "安泰小区"); s.Built != (programme.Reached{Done: true, Since: day("2017-06-20"), Basis: programme.ByReturn}) {
			t.Errorf("%+v", s.Built)
		}
		if s := w.state("2017-06-27", "金阳花园"); s.Networked.Basis != programme.ByReturn {
			t.Errorf("%+v", s.Networked)
		}
		list, err := w.Programme.Returns(w.ctx, w.ids["兰山区"])
		w.must(err)
		if len(list) != 2 || list[0].State != programme.Approved || len(list[0].Claims) != 2 || list[0].DecidedBy != "chen" || list[1].State != programme.SentBack {
			t.Errorf("%+v", list)
		}

		// A node is plugged in, seen for some days, and then not.
		for _, on := range []string{"2017-07-03", "2017-07-04", "2017-07-20"} {
			w.on(on)
			w.must(w.Programme.Saw(w.ctx, []place.ID{w.ids["金阳花园"], w.ids["百合花园"]}))
		}
		list2, err := w.Places.Channels(w.ctx, w.ids["金阳花园"])
		w.must(err)
		var steps []place.ChannelStep
		for _, c := range list2 {
			steps = append(steps, place.ChannelStep{Channel: c.ID, Compound: c.Compound, State: place.Networked, Moment: place.Moment{About: w.today()}})
		}
		w.must(w.Places.StepChannels(w.ctx, place.Register, steps))
		if s := w.state("2017-07-20", "金阳花园"); s.Built != (programme.Reached{Done: true, Since: day("2017-07-20"), Basis: programme.ByEvidence}) || s.InSight != 2 {
			t.Errorf("%+v, %d in sight", s.Built, s.InSight)
		}
		if s := w.state("2017-07-20", "金阳花园"); s.Networked != (programme.Reached{Done: true, Since: day("2017-06-18"), Basis: programme.ByEvidence}) {
			t.Errorf("%+v", s.Networked)
		}
		w.on("2017-10-01")
		if s := w.state("2017-10-01", "金阳花园"); s.Networked.Done || s.Machine != day("2017-07-03") {
			t.Errorf("its machine is silent: %+v, seen first on %s", s.Networked, s.Machine)
		}
		silent := programme.Return{County: w.ids["兰山区"], Month: day("2017-09-01"), Claims: []programme.Claim{
			{Compound: w.ids["金阳花园"], What: programme.Networked, From: day("2017-09-25"), Holds: true},
			{Compound: w.ids["安泰小区"], What: programme.Networked, From: day("2017-09-25"), Holds: true},
		}}
		findings, err := w.Programme.CheckReturn(w.ctx, silent)
		w.must(err)
		if i := slices.IndexFunc(findings, func(f programme.Finding) bool { return f.Hard }); i < 0 || findings[i].Code != "programme.return.has-machine" || findings[i].Path != "claims[0].compound" {
			t.Errorf("%+v", findings)
		}
		_, err = w.Programme.Submit(w.ctx, "lanshan", silent)
		w.refused("programme.return.has-machine", err)
		for on, want := range map[string]bool{"2017-07-02": false, "2017-07-03": true, "2017-08-19": true, "2017-08-20": false} {
			if s := w.state(on, "百合花园"); s.Networked.Done != want {
				t.Errorf("%s: networked %v", on, s.Networked.Done)
			}
		}
		w.must(w.Programme.Saw(w.ctx, []place.ID{w.ids["百合花园"]}))
		if s := w.state("2017-10-01", "百合花园"); s.Networked.Since != day("2017-10-01") {
			t.Errorf("%+v", s.Networked)
		}
	})
}

func TestMilestonesAndExtensions(t *testing.T) {
	each(t, func(w *office) {
		w.on("2017-10-10")
		_, err := w.Programme.SetMilestone(w.ctx, "chen", 0, programme.Milestone{ID: "built", What: programme.Built, Classes: place.Classes, Due: day("2017-12-31")})
		w.refused("place.version-needed", err)
		_, err = w.Programme.SetMilestone(w.ctx, "chen", 7, programme.Milestone{ID: "built", What: programme.Built, Classes: place.Classes, Due: day("2017-12-31")})
		w.refused("place.changed-meanwhile", err)
		_, err = w.Programme.SetMilestone(w.ctx, "chen", 1, programme.Milestone{ID: "built", What: "painted", Due: day("2017-12-31")})
		w.refused("programme.milestone.what", err)
		due := func(on, name string) place.Day {
			for _, d := range w.state(on, name).Duties {
				if d.Milestone == "built" {
					return d.Due
				}
			}
			return 0
		}
		_, err = w.Programme.SetMilestone(w.ctx, "chen", 1, programme.Milestone{ID: "built", What: programme.Built, Classes: place.Classes, Due: day("2017-12-31"), Near: 30, Lead: 60})
		w.must(err)
		if a, b := due("2017-10-09", "安泰小区"), due("2017-10-10", "安泰小区"); a != day("2017-11-30") || b != day("2017-12-31") {
			t.Errorf("due %s before the rule was changed, %s after", a, b)
		}
		w.on("2017-12-20")
		w.refused("programme.extend.later", w.Programme.Extend(w.ctx, "chen", place.Whatever, w.ids["安泰小区"], "built", day("2017-12-01"), "外墙施工"))
		w.refused("place.field.required", w.Programme.Extend(w.ctx, "chen", place.Whatever, w.ids["安泰小区"], "built", day("2018-01-31"), ""))
		w.refused("programme.milestone.none", w.Programme.Extend(w.ctx, "chen", place.Whatever, w.ids["安泰小区"], "painted", day("2018-01-31"), "外墙施工"))
		w.refused("place.no-compound", w.Programme.Extend(w.ctx, "chen", place.Whatever, w.ids["兰山区"], "built", day("2018-01-31"), "外墙施工"))
		w.must(w.Programme.Extend(w.ctx, "chen", place.Whatever, w.ids["安泰小区"], "built", day("2018-01-31"), "外墙施工"))
		if a, b := due("2017-12-19", "安泰小区"), due("2017-12-20", "安泰小区"); a != day("2017-12-31") || b != day("2018-01-31") {
			t.Errorf("due %s the day before, %s after", a, b)
		}
		w.on("2018-01-10")
		c, err := w.Programme.City(w.ctx, w.clock().AtClose(w.today()), 0)
		w.must(err)
		// Networked is overdue for all three, built for two.
		if c.Numbers.Overdue != 5 || c.Numbers.Duties != 6 || c.Light != programme.Red || len(c.Counties) != 2 {
			t.Errorf("%+v", c)
		}
	})
}

// The book follows what other rooms and other processes say, and a street that moves takes its compounds along.
func TestTheBookFollows(t *testing.T) {
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
		w := newOffice(t, dbs[0])
		other, err := role.OpenCity(w.ctx, dbs[1], w.clock())
		w.must(err)
		counties := func() (out string) {
			t.Helper()
			c, err := other.Programme.City(w.ctx, w.clock().AtClose(w.today()), 0)
			w.must(err)
			for _, row := range c.Counties {
				out += fmt.Sprintf("%s %d built %d paired %d %d fen; ", row.Name, row.Compounds, row.Built, row.Paired, row.Received)
			}
			return out
		}
		w.on("2017-05-02")
		if got := counties(); got != "兰山区 2 built 0 paired 0 0 fen; 罗庄区 1 built 0 paired 0 0 fen; " {
			t.Error(got)
		}
		w.register("百合花园", 2)
		id := w.ids["百合花园"]
		w.must(w.Places.Enter(w.ctx, "li", []place.Entry{{Compound: id, Mark: place.MarkWeak, In: true, Moment: place.Moment{About: w.today()}, Criteria: "无围墙", Evidence: "摸底表"}}))
		units, err := w.Pairing.AddUnits(w.ctx, "li", []pairing.Unit{{Name: "市总工会", Level: "city"}})
		w.must(err)
		pairs, err := w.Pairing.Pair(w.ctx, "li", []pairing.Pairing{{Compound: id, Unit: units[0].ID, Moment: place.Moment{About: w.today()}}})
		w.must(err)
		_, err = w.Pairing.Enter(w.ctx, "li", []pairing.Entry{{Pairing: pairs[0].ID, Kind: pairing.Receipt, Fen: 700_000, Moment: place.Moment{About: w.today()}}})
		w.must(err)
		if got := counties(); got != "罗庄区 1 built 1 paired 1 700000 fen; 兰山区 2 built 0 paired 0 0 fen; " {
			t.Error(got)
		}
		w.on("2017-05-03")
		lan := w.ids["兰山区"]
		_, err = w.Places.Change(w.ctx, "li", w.ids["盛庄街道"], place.Whatever, place.Edit{From: w.today(), Parent: &lan})
		w.must(err)
		if got := counties(); got != "兰山区 3 built 1 paired 1 700000 fen; " {
			t.Error(got)
		}
		// The journal is trimmed while nobody looked: the book is read anew.
		w.register("安泰小区", 2)
		if _, err := dbs[0].TrimJournal(w.ctx, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.must(w.Programme.Enrol(w.ctx, "li", []programme.Enrolment{{Compound: w.ids["金阳花园"], From: w.today(), Part: false, Reason: "拆迁"}}))
		if got := counties(); got != "兰山区 2 built 2 paired 1 700000 fen; " {
			t.Error(got)
		}
	})
}

// Whatever the offices enter, asking twice about a day that has closed gives the same answer.
func TestAskingTwice(t *testing.T) {
	each(t, func(w *office) {
		said := map[place.Day]string{}
		ask := func(d place.Day) string {
			c, err := w.Programme.City(w.ctx, w.clock().AtClose(d), d-7)
			w.must(err)
			return fmt.Sprintf("%+v", c)
		}
		begin := w.today()
		names := []string{"金阳花园", "安泰小区", "百合花园"}
		for i := range 24 {
			w.now = w.now.Add(24 * time.Hour)
			name := names[i%3]
			back := place.Moment{About: w.today() - place.Day(i%5)}
			switch i % 4 {
			case 0:
				w.install(name, 1)
			case 1:
				steps, err := w.Places.Steps(w.ctx, w.ids[name])
				w.must(err)
				for _, s := range steps[:min(1, len(steps))] {
					s.State, s.Moment = place.Removed, back
					w.must(w.Places.StepChannels(w.ctx, "li", []place.ChannelStep{s}))
				}
			case 2:
				other := w.ids["花埠圈社区"]
				if i%8 == 2 {
					other = w.ids["东苗庄社区"]
				}
				_, err := w.Places.Change(w.ctx, "li", w.ids[name], place.Whatever, place.Edit{From: max(back.About, begin), Parent: &other})
				w.must(err)
			case 3:
				w.must(w.Programme.Enrol(w.ctx, "li", []programme.Enrolment{{Compound: w.ids[name], From: max(back.About, begin), Part: i%8 != 3, Reason: "拆迁"}}))
			}
			for d, was := range said {
				if now := ask(d); now != was {
					t.Fatalf("entry %d changed %s:\n%s\n%s", i, d, was, now)
				}
			}
			said[w.today()-1] = ask(w.today() - 1)
		}
	})
}

// Many enter at once while places are founded and pages are read: on PostgreSQL more of them than there are connections.
// Nobody waits for somebody who waits for them.
func TestARushIsAnswered(t *testing.T) {
	each(t, func(w *office) {
		ctx, stop := context.WithTimeout(w.ctx, time.Minute)
		defer stop()
		errs := make(chan error, 200)
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				errs <- w.Programme.Enrol(ctx, "li", []programme.Enrolment{{Compound: w.ids["安泰小区"], From: w.today(), Part: i%2 == 0, Reason: "拆迁"}})
			})
			all.Go(func() {
				_, err := w.Places.Found(ctx, "li", []place.NewPlace{{Level: place.Compound, Name: fmt.Sprint(i), Parent: w.ids["东苗庄社区"], From: w.today()}})
				errs <- err
			})
			all.Go(func() {
				_, err := w.Programme.City(ctx, w.clock().AtClose(w.today()), 0)
				errs <- err
			})
		}
		all.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
		tree, err := w.Places.Tree(w.ctx)
		w.must(err)
		if n := len(tree.Of(w.clock().AtClose(w.today()), place.Compound)); n != 43 {
			t.Errorf("%d compounds", n)
		}
	})
}

// Two offices change the programme at once: one of them is told.
func TestNoLostUpdateOfTheProgramme(t *testing.T) {
	each(t, func(w *office) {
		p := programme.Programme{Name: "甲", City: w.ids["临沂市"], Start: w.today()}
		_, err := w.Programme.Set(w.ctx, "a", 1, p)
		w.must(err)
		p.Name = "乙"
		_, err = w.Programme.Set(w.ctx, "b", 1, p)
		w.refused("place.changed-meanwhile", err)
	})
}
