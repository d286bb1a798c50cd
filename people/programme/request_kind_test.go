package programme_test

import (
	"slices"
	"testing"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// What is granted is what was asked for, and only while it still means something.
func TestAGrantDoesWhatWasAskedFor(t *testing.T) {
	each(t, func(w *office) {
		w.on("2017-06-01")
		id := w.ids["安泰小区"]
		ask := func(r programme.Request) programme.Request {
			t.Helper()
			r.Compound, r.Reason = id, "东门已封闭"
			out, err := w.Programme.AskFor(w.ctx, "li", r)
			w.must(err)
			return out
		}
		grant := func(r programme.Request) error {
			_, err := w.Programme.Answer(w.ctx, "chen", r.Version, r.ID, true, "")
			return err
		}
		// What does not belong to a request is not kept with it, and hides no second one of its kind.
		leave := ask(programme.Request{Kind: programme.AskLeave, From: day("2017-06-01"), Plan: 1, Milestone: "built", Mark: "helped", Due: day("2018-01-01")})
		if leave.Plan != 0 || leave.Milestone != "" || leave.Mark != "" || leave.Due != 0 {
			t.Errorf("%+v", leave)
		}
		_, err := w.Programme.AskFor(w.ctx, "li", programme.Request{Compound: id, Kind: programme.AskLeave, From: day("2017-06-01"), Mark: "demonstration", Reason: "再次申请"})
		w.refused("programme.request.open", err)
		// It leaves; the lower plan that was asked for as well is no way back in.
		plan := ask(programme.Request{Kind: programme.AskPlan, From: day("2017-07-01"), Plan: 1})
		w.must(grant(leave))
		if s := w.state("2017-06-01", "安泰小区"); s.Part || s.Plan != 2 {
			t.Errorf("it has left: %+v", s)
		}
		w.refused("programme.request.outdated", grant(plan))
		w.on("2017-07-01")
		if s := w.state("2017-07-01", "安泰小区"); s.Part || s.Plan != 2 {
			t.Errorf("it takes part again, which nobody asked for: %+v", s)
		}
		_, err = w.Programme.Answer(w.ctx, "chen", plan.Version, plan.ID, false, "小区已退出")
		w.must(err)
		// Joined again without a word of its plan, it has the one of before.
		w.must(w.Programme.Enrol(w.ctx, "li", []programme.Enrolment{{Compound: id, From: w.today(), Part: true}}))
		if s := w.state("2017-07-01", "安泰小区"); !s.Part || s.Plan != 2 {
			t.Errorf("%+v", s)
		}
		// A plan that was lowered further meanwhile is not raised by a grant.
		w.must(w.Programme.Enrol(w.ctx, "li", []programme.Enrolment{{Compound: id, From: w.today(), Part: true, Plan: 60}}))
		plan = ask(programme.Request{Kind: programme.AskPlan, From: w.today(), Plan: 40})
		w.must(w.Programme.Enrol(w.ctx, "chen", []programme.Enrolment{{Compound: id, From: w.today(), Part: true, Plan: 20, Reason: "西区拆除"}}))
		w.refused("programme.request.outdated", grant(plan))
		if s := w.state("2017-07-01", "安泰小区"); s.Plan != 20 {
			t.Errorf("%+v", s)
		}
		_, err = w.Programme.Answer(w.ctx, "chen", plan.Version, plan.ID, false, "已另行调整")
		w.must(err)
		// A lower plan, and nothing beside it.
		plan = ask(programme.Request{Kind: programme.AskPlan, From: w.today(), Plan: 10})
		w.must(grant(plan))
		if s := w.state("2017-07-01", "安泰小区"); s.Plan != 10 || !s.Part {
			t.Errorf("%+v", s)
		}
	})
}

// What was said of a later day holds on it. So what is asked for of a day before it would be granted, and change nothing: it is
// refused when it is asked for, and when it has become so.
func TestNothingIsGrantedThatChangesNothing(t *testing.T) {
	each(t, func(w *office) {
		w.on("2017-06-01")
		id := w.ids["安泰小区"]
		enrol := func(part bool, plan int, reason string) {
			t.Helper()
			w.must(w.Programme.Enrol(w.ctx, "chen", []programme.Enrolment{{Compound: id, From: w.today(), Part: part, Plan: plan, Reason: reason}}))
		}
		ask := func(r programme.Request) (programme.Request, error) {
			r.Compound, r.Reason = id, "东门已封闭"
			return w.Programme.AskFor(w.ctx, "li", r)
		}
		grant := func(r programme.Request) error {
			_, err := w.Programme.Answer(w.ctx, "chen", r.Version, r.ID, true, "")
			return err
		}
		enrol(true, 60, "")
		w.on("2017-06-10")
		plan, err := ask(programme.Request{Kind: programme.AskPlan, From: day("2017-06-05"), Plan: 40})
		w.must(err)
		leave, err := ask(programme.Request{Kind: programme.AskLeave, From: day("2017-06-05")})
		w.must(err)
		end, err := ask(programme.Request{Kind: programme.AskEnd, From: day("2017-06-05")})
		w.must(err)
		w.on("2017-06-20")
		enrol(true, 80, "")
		name := "安泰新村"
		_, err = w.Places.Change(w.ctx, "li", id, place.Whatever, place.Edit{From: w.today(), Name: &name})
		w.must(err)
		w.refused("programme.request.overruled", grant(plan))
		w.refused("programme.request.overruled", grant(leave))
		w.refused("place.stands-later", grant(end))
		for kind, code := range map[programme.Ask]string{programme.AskPlan: "programme.request.overruled", programme.AskLeave: "programme.request.overruled", programme.AskEnd: "place.stands-later"} {
			for _, r := range []programme.Request{plan, leave, end} {
				if r.Kind == kind {
					_, err := w.Programme.Unask(w.ctx, "li", r.Version, r.ID)
					w.must(err)
				}
			}
			_, err := ask(programme.Request{Kind: kind, From: day("2017-06-05"), Plan: 40})
			w.refused(code, err)
		}
		_, err = ask(programme.Request{Kind: programme.AskMerge, From: day("2017-06-05"), Into: w.ids["金阳花园"]})
		w.refused("place.stands-later", err)
		if s := w.state("2017-06-20", "安泰小区"); !s.Part || s.Plan != 80 {
			t.Errorf("%+v", s)
		}
		// From the later day on it can be had.
		end, err = ask(programme.Request{Kind: programme.AskEnd, From: w.today()})
		w.must(err)
		plan, err = ask(programme.Request{Kind: programme.AskPlan, From: w.today() + 1, Plan: 40})
		w.must(err)
		w.must(grant(plan))
		w.must(grant(end))

		// A class that was entered again since.
		other := w.ids["金阳花园"]
		enter := func(mark place.Mark, in bool) {
			t.Helper()
			w.must(w.Places.Enter(w.ctx, "chen", []place.Entry{{Compound: other, Mark: mark, In: in, Moment: place.Moment{About: w.today()}, Criteria: "标准三", Evidence: "验收单"}}))
		}
		class := func() (programme.Request, error) {
			return w.Programme.AskFor(w.ctx, "li", programme.Request{Compound: other, Kind: programme.AskClass, Mark: place.MarkDemonstration, From: day("2017-07-05"), Reason: "验收不合格"})
		}
		w.on("2017-07-01")
		enter(place.MarkDemonstration, true)
		w.on("2017-07-10")
		out, err := class()
		w.must(err)
		w.on("2017-07-20")
		enter(place.MarkDemonstration, false)
		w.on("2017-07-30")
		enter(place.MarkDemonstration, true)
		w.refused("programme.request.overruled", grant(out))
	})
}

// Whoever is to take a compound in reads on its own page that this is asked for, another county's too; what else that county asks
// for is nobody else's.
func TestAMergeIsReadOnBothSides(t *testing.T) {
	p := newPage(t)
	p.on("2017-06-01")
	from, into := p.ids["百合花园"], p.ids["金阳花园"]
	ask := func(r programme.Request) programme.Request {
		t.Helper()
		r.Compound, r.From, r.Reason = from, p.today(), "片区合并"
		r, err := p.Programme.AskFor(p.ctx, "li", r)
		p.must(err)
		return r
	}
	merge := ask(programme.Request{Kind: programme.AskMerge, Into: into})
	plan := ask(programme.Request{Kind: programme.AskPlan, Plan: 1})
	for query, want := range map[string][]programme.RequestID{
		"?compound=" + string(into):          {merge.ID},
		"?compound=" + string(from):          {merge.ID},
		"?compound=" + string(p.ids["安泰小区"]): {},
	} {
		var said struct{ Requests []programme.RequestView }
		p.Do(200, "county", "GET", "/api/programme/requests"+query, "", &said)
		got := []programme.RequestID{}
		for _, r := range said.Requests {
			got = append(got, r.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	p.Do(200, "county", "GET", "/api/programme/requests/"+string(merge.ID)+"/changes", "", nil)
	p.Do(403, "county", "GET", "/api/programme/requests/"+string(plan.ID)+"/changes", "", nil)
}

// A withdrawal is of the entry that was asked about, whatever was entered about its day until it is decided.
func TestAWithdrawalIsOfOneEntry(t *testing.T) {
	each(t, func(w *office) {
		w.on("2017-06-01")
		id := w.ids["安泰小区"]
		enter := func(in bool) {
			t.Helper()
			w.must(w.Places.Enter(w.ctx, "li", []place.Entry{{Compound: id, Mark: place.MarkDemonstration, In: in, Moment: place.Moment{About: day("2017-06-01")}, Criteria: "标准三", Evidence: "验收单"}}))
		}
		ask := func(entry *time.Time) programme.Request {
			t.Helper()
			r, err := w.Programme.AskFor(w.ctx, "li", programme.Request{Compound: id, Kind: programme.AskVoid, Mark: place.MarkDemonstration, From: day("2017-06-01"), Entry: entry, Reason: "误登"})
			w.must(err)
			return r
		}
		grant := func(r programme.Request) error {
			_, err := w.Programme.Answer(w.ctx, "chen", r.Version, r.ID, true, "")
			return err
		}
		entries := func() []place.Entry {
			t.Helper()
			list, err := w.Places.Entries(w.ctx, id)
			w.must(err)
			return list
		}
		enter(true)
		first := ask(nil)
		if first.Entry == nil || !first.Entry.Equal(entries()[0].Known) {
			t.Errorf("%+v", first)
		}
		enter(false) // left, and entered again, about the same day
		enter(true)
		w.must(grant(first))
		list := entries()
		if len(list) != 3 || list[0].Void == nil || list[1].Void != nil || list[2].Void != nil {
			t.Errorf("%+v", list)
		}
		kept, err := w.Programme.Request(w.ctx, first.ID)
		w.must(err)
		if kept.Entry == nil || !kept.Entry.Equal(list[0].Known) {
			t.Errorf("%+v", kept)
		}
		second := ask(&list[2].Known)
		w.must(w.Places.Void(w.ctx, "chen", id, place.Voiding{Mark: place.MarkDemonstration, From: day("2017-06-01"), Known: list[2].Known, Why: "误登"}))
		w.refused("programme.request.outdated", grant(second)) // another one stands; it was not asked about
	})
}
