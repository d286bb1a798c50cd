package programme_test

import (
	"slices"
	"strings"
	"testing"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// A county's months: in time, late, locked, unlocked for a correction; each day answered as it was.
func TestReturnsAreCheckedLockedAndCounted(t *testing.T) {
	each(t, func(w *office) {
		county := w.ids["兰山区"]
		claim := func(name string, what programme.What, on string, holds bool) programme.Claim {
			return programme.Claim{Compound: w.ids[name], What: what, From: day(on), Holds: holds}
		}
		check := func(r programme.Return, want ...string) {
			t.Helper()
			list, err := w.Programme.CheckReturn(w.ctx, r)
			w.must(err)
			var got []string
			for _, f := range list {
				hard := "?"
				if f.Hard {
					hard = "!"
				}
				got = append(got, hard+strings.TrimPrefix(f.Code, "programme.return."))
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", r.Month, got, want)
			}
		}
		hand := func(on string, r programme.Return) programme.Return {
			t.Helper()
			w.on(on)
			sent, err := w.Programme.Submit(w.ctx, "lanshan", w.looked(r))
			w.must(err)
			return sent
		}
		cell := func(on, month string) programme.ReturnCell {
			t.Helper()
			table, err := w.Programme.ReturnTable(w.ctx, w.clock().AtClose(day(on)))
			w.must(err)
			line := table[slices.IndexFunc(table, func(l programme.ReturnLine) bool { return l.County == county })]
			return line.Cells[slices.IndexFunc(line.Cells, func(c programme.ReturnCell) bool { return c.Month == day(month) })]
		}

		w.on("2017-05-03")
		april := programme.Return{County: county, Month: day("2017-04-20"), Claims: []programme.Claim{claim("安泰小区", programme.Networked, "2017-04-20", true)}}
		check(april, "?not-built")
		april.Claims = append(april.Claims, claim("安泰小区", programme.Built, "2017-04-18", true))
		check(april)
		first := hand("2017-05-03", april)
		w.on("2017-05-04")
		_, err := w.Programme.Unlock(w.ctx, "chen", first.ID, "数据有误")
		w.refused("programme.return.not-locked", err)
		_, err = w.Programme.Decide(w.ctx, "chen", first.ID, true, "")
		w.must(err)

		// June comes late, May not at all.
		w.on("2017-07-09")
		june := programme.Return{County: county, Month: day("2017-06-01"), Claims: []programme.Claim{}}
		check(june, "?empty", "?gap", "?too-late")
		june.Claims = []programme.Claim{claim("安泰小区", programme.Networked, "2017-06-30", false)}
		check(june, "!place.field.required", "?gap", "?too-late") // what is taken back is explained
		june.Note = "线路中断"
		_, err = w.Programme.Submit(w.ctx, "lanshan", june)
		w.refused("programme.return.unconfirmed", err)
		w.refused("programme.return.gap", err)
		w.refused("programme.return.too-late", err)
		hand("2017-07-09", june)

		for _, c := range []struct {
			on, month string
			state     programme.ReturnState
			inTime    bool
			late      int
		}{
			{"2017-05-02", "2017-04-01", programme.AwaitedReturn, false, 0},
			{"2017-05-03", "2017-04-01", programme.Submitted, true, 0},
			{"2017-05-04", "2017-04-01", programme.Approved, true, 0},
			{"2017-06-05", "2017-05-01", programme.AwaitedReturn, false, 0},
			{"2017-06-06", "2017-05-01", programme.MissingReturn, false, 0},
			{"2017-07-08", "2017-06-01", programme.MissingReturn, false, 0},
			{"2017-07-09", "2017-06-01", programme.Submitted, false, 4},
		} {
			if got := cell(c.on, c.month); got.State != c.state || got.InTime != c.inTime || got.Late != c.late {
				t.Errorf("%s on %s: %+v", c.month, c.on, got)
			}
		}
		table, err := w.Programme.ReturnTable(w.ctx, w.clock().AtClose(day("2017-07-09")))
		w.must(err)
		if table[0].Complete != 667 || table[0].InTime != 333 || table[1].Complete != 0 {
			t.Errorf("%+v", table)
		}

		// Unlocked by another person, with a reason; the figures stay until the correction is approved.
		w.on("2017-07-12")
		_, err = w.Programme.Unlock(w.ctx, "lanshan", first.ID, "数据有误")
		w.refused("programme.return.own", err)
		_, err = w.Programme.Unlock(w.ctx, "chen", first.ID, " ")
		w.refused("place.field.required", err)
		_, err = w.Programme.Unlock(w.ctx, "chen", first.ID, "安泰小区建成日期填报有误")
		w.must(err)
		if !w.state("2017-07-12", "安泰小区").Built.Done {
			t.Error("unlocking alone has changed a figure")
		}
		april.Claims, april.Note = []programme.Claim{claim("安泰小区", programme.Built, "2017-04-18", false)}, "重复填报"
		second := hand("2017-07-12", april)
		w.on("2017-07-13")
		decided, err := w.Programme.Decide(w.ctx, "chen", second.ID, true, "同意更正")
		w.must(err)
		kept, err := w.Programme.Return(w.ctx, second.ID)
		w.must(err)
		for _, r := range []programme.Return{decided, kept} {
			if r.Note != "重复填报" || r.Opinion != "同意更正" {
				t.Errorf("the county said %q, who decided %q", r.Note, r.Opinion)
			}
		}
		if w.state("2017-07-13", "安泰小区").Built.Done || !w.state("2017-07-12", "安泰小区").Built.Done {
			t.Error("a correction stands from the day on which it became known")
		}
		for on, want := range map[string]programme.ReturnState{"2017-07-11": programme.Approved, "2017-07-12": programme.Submitted, "2017-07-13": programme.Approved} {
			if got := cell(on, "2017-04-01"); got.State != want || !got.InTime {
				t.Errorf("on %s: %+v", on, got)
			}
		}
		draft, err := w.Programme.Draft(w.ctx, county, day("2017-04-09"))
		w.must(err)
		if len(draft.Compounds) != 2 || len(draft.Returns) != 2 || draft.Due != day("2017-05-05") || draft.Numbers.Compounds != 2 {
			t.Errorf("%+v", draft)
		}
		_, err = w.Programme.Draft(w.ctx, w.ids["临沂市"], day("2017-04-09"))
		w.refused("programme.return.county", err)
	})
}

// What a county hands in has its figures of that moment, computed and never typed, and what was odd about it: both stay for who
// decides, whatever comes later.
func TestAReturnKeepsItsFiguresAndWhatWasOdd(t *testing.T) {
	each(t, func(w *office) {
		county := w.ids["兰山区"]
		w.on("2017-05-03")
		w.register("金阳花园", 2)
		april := programme.Return{County: county, Month: day("2017-04-01"), Claims: []programme.Claim{{Compound: w.ids["金阳花园"], What: programme.Networked, From: day("2017-04-20"), Holds: true}}}
		odd, err := w.Programme.CheckReturn(w.ctx, april)
		w.must(err)
		for _, f := range odd {
			t.Errorf("built and networked is nothing odd: %s", f.Code)
		}
		first, err := w.Programme.Submit(w.ctx, "lanshan", w.looked(april))
		w.must(err)
		if n := first.Figures; n == nil || n.Compounds != 2 || n.Built != 1 || n.Networked != 0 || n.Installed != 2 {
			t.Fatalf("%+v", n)
		}
		w.on("2017-05-04")
		_, err = w.Programme.Decide(w.ctx, "chen", first.ID, true, "")
		w.must(err)

		// One of two channels is taken down: what was built no longer is, and the next return says so.
		w.on("2017-06-02")
		steps, err := w.Places.Steps(w.ctx, w.ids["金阳花园"])
		w.must(err)
		w.must(w.Places.StepChannels(w.ctx, "li", []place.ChannelStep{{Channel: steps[0].Channel, Compound: w.ids["金阳花园"], State: place.Removed, Moment: place.Moment{About: w.today()}}}))
		may := programme.Return{County: county, Month: day("2017-05-01"), Claims: []programme.Claim{}}
		odd, err = w.Programme.CheckReturn(w.ctx, may)
		w.must(err)
		var codes []string
		for _, f := range odd {
			codes = append(codes, f.Code)
		}
		slices.Sort(codes)
		if want := []string{"programme.return.empty", "programme.return.falls-built", "programme.return.more-networked"}; !slices.Equal(codes, want) {
			t.Errorf("%v, want %v", codes, want)
		}
		may.Confirmed = slices.DeleteFunc(slices.Clone(odd), func(f programme.Finding) bool { return f.Code == "programme.return.falls-built" })
		_, err = w.Programme.Submit(w.ctx, "lanshan", may)
		w.refused("programme.return.falls-built", err)
		second, err := w.Programme.Submit(w.ctx, "lanshan", w.looked(may))
		w.must(err)

		// Later everything is other: the returns say what they said.
		w.on("2017-06-20")
		w.register("安泰小区", 2)
		w.register("金阳花园", 2)
		for id, built := range map[programme.ReturnID]int64{first.ID: 1, second.ID: 0} {
			r, err := w.Programme.Return(w.ctx, id)
			w.must(err)
			if r.Figures == nil || r.Figures.Built != built {
				t.Errorf("%s: %+v", r.Month, r.Figures)
			}
		}
		r, err := w.Programme.Return(w.ctx, second.ID)
		w.must(err)
		if len(r.Confirmed) != 3 || r.Confirmed[0].Hard {
			t.Errorf("%+v", r.Confirmed)
		}
		draft, err := w.Programme.Draft(w.ctx, county, day("2017-05-09"))
		w.must(err)
		if draft.Numbers.Built != 2 || draft.Returns[0].Figures.Built != 0 {
			t.Errorf("%d now, %d as handed in", draft.Numbers.Built, draft.Returns[0].Figures.Built)
		}
	})
}

// A claim of a day before a last day that has long passed makes a red duty one in time: whoever hands it in confirms it, and who decides
// reads that it was dated back. The month's own return may say so some days later.
func TestWhatIsDatedBackIsLookedAt(t *testing.T) {
	each(t, func(w *office) {
		back := func(month, on string) (out []string) {
			t.Helper()
			r := programme.Return{County: w.ids["兰山区"], Month: day(month), Claims: []programme.Claim{
				{Compound: w.ids["安泰小区"], What: programme.Built, From: day(on), Holds: true}, {Compound: w.ids["安泰小区"], What: programme.Networked, From: day(on), Holds: true},
			}}
			list, err := w.Programme.CheckReturn(w.ctx, r)
			w.must(err)
			for _, f := range list {
				if f.Code == "programme.return.dated-back" {
					out = append(out, f.Path)
				}
			}
			return out
		}
		w.on("2017-12-03") // the last day was 2017-11-30
		if got := back("2017-11-01", "2017-11-30"); got != nil {
			t.Errorf("November's return is in time: %v", got)
		}
		w.on("2018-01-20")
		if got := back("2017-12-01", "2017-12-01"); got != nil {
			t.Errorf("reached late, and said so: %v", got)
		}
		if got := back("2017-12-01", "2017-11-30"); !slices.Equal(got, []string{"claims[0].from", "claims[1].from"}) {
			t.Error(got)
		}
		r := programme.Return{County: w.ids["兰山区"], Month: day("2017-12-01"), Claims: []programme.Claim{{Compound: w.ids["安泰小区"], What: programme.Built, From: day("2017-11-30"), Holds: true}}}
		looked := w.looked(r)
		r.Confirmed = slices.DeleteFunc(slices.Clone(looked.Confirmed), func(f programme.Finding) bool { return f.Code == "programme.return.dated-back" })
		_, err := w.Programme.Submit(w.ctx, "lanshan", r)
		w.refused("programme.return.dated-back", err)
		sent, err := w.Programme.Submit(w.ctx, "lanshan", looked)
		w.must(err)
		_, err = w.Programme.Decide(w.ctx, "chen", sent.ID, true, "")
		w.must(err)
		kept, err := w.Programme.Return(w.ctx, sent.ID)
		w.must(err)
		if !slices.ContainsFunc(kept.Confirmed, func(f programme.Finding) bool { return f.Code == "programme.return.dated-back" }) {
			t.Errorf("who decides does not read it: %+v", kept.Confirmed)
		}
	})
}
