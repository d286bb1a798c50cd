package programme_test

import (
	"slices"
	"testing"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// The machine of one compound is told to be another's by mistake. It is let go; from then on county returns speak for that compound
// again, of the days since, and what was answered stays answered.
func TestTheWrongCompoundIsNotBarredForEver(t *testing.T) {
	each(t, func(w *office) {
		wrong := w.ids["安泰小区"]
		claim := func(on string) programme.Return {
			return programme.Return{County: w.ids["兰山区"], Month: day("2017-07-01"), Claims: []programme.Claim{
				{Compound: wrong, What: programme.Built, From: day(on), Holds: true}, {Compound: wrong, What: programme.Networked, From: day(on), Holds: true},
			}}
		}
		saw := func(on string, ids ...place.ID) {
			t.Helper()
			w.on(on)
			w.must(w.Programme.Saw(w.ctx, ids))
		}
		w.must(w.Programme.Released(w.ctx, "op", wrong)) // it has none: nothing happens
		saw("2017-07-03", wrong)
		saw("2017-07-05", wrong)
		before := w.state("2017-07-05", "安泰小区")
		w.on("2017-07-06")
		if before.Networked.Basis != programme.ByEvidence || before.Machine != day("2017-07-03") {
			t.Fatalf("%+v", before)
		}
		_, err := w.Programme.Submit(w.ctx, "lanshan", w.looked(claim("2017-07-06")))
		w.refused("programme.return.has-machine", err)

		w.must(w.Programme.Released(w.ctx, "op", wrong))
		if s := w.state("2017-07-06", "安泰小区"); s.Networked.Done || s.Machine != 0 {
			t.Errorf("%+v", s.Networked)
		}
		_, err = w.Programme.Submit(w.ctx, "lanshan", w.looked(claim("2017-07-05"))) // that day the machine was there
		w.refused("programme.return.has-machine", err)
		r, err := w.Programme.Submit(w.ctx, "lanshan", w.looked(claim("2017-07-06")))
		w.must(err)
		_, err = w.Programme.Decide(w.ctx, "chen", r.ID, true, "")
		w.must(err)
		if s := w.state("2017-07-06", "安泰小区"); s.Networked != (programme.Reached{Done: true, Since: day("2017-07-06"), Basis: programme.ByReturn}) || s.Built.Basis != programme.ByReturn {
			t.Errorf("%+v %+v", s.Built, s.Networked)
		}
		if again := w.state("2017-07-05", "安泰小区"); again.Networked != before.Networked || again.Machine != before.Machine {
			t.Errorf("%+v, was %+v", again.Networked, before.Networked)
		}
		history, err := w.Programme.History(w.ctx, w.clock().AtClose(w.today()), wrong)
		w.must(err)
		if !slices.ContainsFunc(history, func(s programme.Saying) bool { return s.Kind == programme.Released && s.By == "op" && s.Value == 1 }) {
			t.Errorf("%+v", history)
		}

		// One of its own comes on another day, is let go, and is there again on that day; what the first one saw has nothing of it.
		saw("2017-07-10", wrong)
		saw("2017-07-12", wrong)
		w.on("2017-07-14")
		w.must(w.Programme.Released(w.ctx, "op", wrong))
		saw("2017-07-14", wrong)
		w.must(w.Programme.Released(w.ctx, "op", wrong))
		if s := w.state("2017-07-14", "安泰小区"); s.Machine != 0 {
			t.Errorf("%s", s.Machine)
		}
		saw("2017-07-14", wrong)
		saw("2017-07-15", wrong)
		if s := w.state("2017-07-15", "安泰小区"); s.Machine != day("2017-07-14") || s.Networked.Since != day("2017-07-14") || s.Networked.Basis != programme.ByEvidence {
			t.Errorf("%s %+v", s.Machine, s.Networked)
		}
		w.on("2017-09-20")
		if s := w.state("2017-09-20", "安泰小区"); s.Networked.Done {
			t.Errorf("its machine is silent: %+v", s.Networked)
		}
		if again := w.state("2017-07-05", "安泰小区"); again.Networked != before.Networked {
			t.Errorf("%+v, was %+v", again.Networked, before.Networked)
		}
	})
}
