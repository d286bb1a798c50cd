package programme_test

import (
	"fmt"
	"slices"
	"testing"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// A machine is silent for longer than counts, so it is not networked, and the days say so for ever: also when more days count
// later, and it comes back within them.
func TestASilenceIsNotFilledByALongerSpan(t *testing.T) {
	each(t, func(w *office) {
		span := func(days int, reason string) {
			t.Helper()
			p, err := w.Programme.Programme(w.ctx)
			w.must(err)
			p.Span = days
			prop, err := w.Programme.Put(w.ctx, "chen", p.Version, p, reason)
			w.must(err)
			if prop != nil {
				_, err = w.Programme.Publish(w.ctx, "zhao", prop.Version, prop.ID, true, "")
				w.must(err)
			}
		}
		saw := func(on string) {
			t.Helper()
			w.on(on)
			w.must(w.Programme.Saw(w.ctx, []place.ID{w.ids["金阳花园"]}))
		}
		answers := func() (out []string) {
			t.Helper()
			for d := day("2017-06-01"); d <= day("2017-06-11"); d++ {
				s := w.state(d.String(), "金阳花园")
				city, err := w.Programme.City(w.ctx, w.clock().AtClose(d), 0)
				w.must(err)
				out = append(out, fmt.Sprint(d, s.Networked, s.Light, city.Numbers.Networked))
			}
			return out
		}
		w.on("2017-06-01")
		span(5, "")
		saw("2017-06-02")
		w.on("2017-06-12")
		before := answers()
		if s := w.state("2017-06-07", "金阳花园"); !s.Networked.Done {
			t.Errorf("within the days that count: %+v", s.Networked)
		}
		if s := w.state("2017-06-08", "金阳花园"); s.Networked.Done {
			t.Errorf("silent for longer: %+v", s.Networked)
		}
		span(30, "设备检修")
		for _, on := range []string{"2017-06-20", "2017-06-21", "2017-06-25"} {
			saw(on)
			if s := w.state(on, "金阳花园"); s.Networked != (programme.Reached{Done: true, Since: day("2017-06-02"), Basis: programme.ByEvidence}) {
				t.Errorf("%s: %+v", on, s.Networked)
			}
			if after := answers(); !slices.Equal(before, after) {
				t.Errorf("seen on %s, past days are answered otherwise:\n%q\n%q", on, before, after)
			}
		}
		history, err := w.Programme.History(w.ctx, w.clock().AtClose(w.today()), w.ids["金阳花园"])
		w.must(err)
		var spans []string
		for _, s := range history {
			if s.Kind == programme.Seen {
				spans = append(spans, s.About.String()+" "+s.Until)
			}
		}
		if want := []string{"2017-06-20 2017-06-25", "2017-06-02 2017-06-02"}; !slices.Equal(spans, want) {
			t.Errorf("seen %q, want %q", spans, want)
		}
	})
}

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
