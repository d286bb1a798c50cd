package programme_test

import (
	"testing"

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
