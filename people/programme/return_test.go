package programme_test

import (
	"slices"
	"strings"
	"testing"

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
			sent, err := w.Programme.Submit(w.ctx, "lanshan", r)
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
		_, err = w.Programme.Decide(w.ctx, "chen", second.ID, true, "")
		w.must(err)
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
