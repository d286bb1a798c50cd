package programme_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

func TestPredict(t *testing.T) {
	for _, c := range []struct {
		left  int64
		pace  []int64
		weeks [3]int
	}{
		{0, []int64{0, 0, 0, 0}, [3]int{0, 0, 0}},
		{10, []int64{0, 0, 0, 0}, [3]int{-1, -1, -1}},      // nothing moves: no end in sight
		{10, []int64{-3, 0, -1, 0}, [3]int{-1, -1, -1}},    // it goes backwards
		{100, []int64{10, 10, 10, 10}, [3]int{10, 10, 10}}, // no uncertainty
		{1, []int64{5, 5, 5, 5}, [3]int{1, 1, 1}},
		{10_000, []int64{1, 1, 1, 1}, [3]int{-1, -1, -1}}, // beyond ten years
	} {
		early, middle, late := programme.Predict(c.left, c.pace)
		if got := [3]int{early, middle, late}; got != c.weeks {
			t.Errorf("%d at %v: %v, want %v", c.left, c.pace, got, c.weeks)
		}
	}
	// Uneven weeks: the middle is near the mean, and the span shows.
	early, middle, late := programme.Predict(200, []int64{0, 0, 0, 40})
	if middle < 15 || middle > 22 || early >= middle || late <= middle {
		t.Error(early, middle, late)
	}
}

func TestPredictIsOrderedAndSaysTheSameTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		left := rapid.Int64Range(0, 3000).Draw(t, "left")
		pace := rapid.SliceOfN(rapid.Int64Range(-20, 60), 4, 4).Draw(t, "pace")
		early, middle, late := programme.Predict(left, pace)
		order := func(a, b int) bool { return b < 0 || a >= 0 && a <= b }
		if !order(early, middle) || !order(middle, late) {
			t.Fatal(early, middle, late)
		}
		if e, m, l := programme.Predict(left, pace); e != early || m != middle || l != late {
			t.Fatal("asked twice, it says something else")
		}
	})
}

func TestForecast(t *testing.T) {
	each(t, func(w *office) {
		w.on("2017-06-01")
		w.register("金阳花园", 2)
		w.on("2017-06-26")
		f, err := w.Programme.Forecast(w.ctx, w.clock().AtClose(w.today()), "", programme.Built)
		w.must(err)
		if f.Total != 3 || f.Done != 1 || f.Pace[0] != 1 || f.Pace[1]+f.Pace[2]+f.Pace[3] != 0 || f.NoEnd || f.Early < w.today() || f.Late < f.Middle || f.Certain {
			t.Errorf("%+v", f)
		}
		f, err = w.Programme.Forecast(w.ctx, w.clock().AtClose(w.today()), w.ids["罗庄区"], programme.Built)
		w.must(err)
		if f.Total != 1 || !f.NoEnd || f.Early != 0 || f.Middle != 0 {
			t.Errorf("%+v", f)
		}
		// Nobody owes money yet; then one compound does, and the milestone counts it.
		f, err = w.Programme.Forecast(w.ctx, w.clock().AtClose(w.today()), "", programme.Funds)
		w.must(err)
		if f.Total != 0 || f.Done != 0 {
			t.Errorf("%+v", f)
		}
		_, err = w.Programme.SetMilestone(w.ctx, "chen", 0, programme.Milestone{ID: "funds", What: programme.Funds, Classes: []place.Class{place.Other}, Due: day("2017-10-31"), Near: 20, Lead: 40})
		w.must(err)
		f, err = w.Programme.Forecast(w.ctx, w.clock().AtClose(w.today()), "", programme.Funds)
		w.must(err)
		if f.Total != 3 || f.Done != 0 || !f.NoEnd {
			t.Errorf("%+v", f)
		}
		// Help tasks and inspections, with the same four weeks: one compound of three has done its task, and passed.
		for _, what := range []programme.What{programme.Tasks, programme.Accepted} {
			_, err = w.Programme.SetMilestone(w.ctx, "chen", 0, programme.Milestone{ID: programme.MilestoneID(what), What: what, Classes: []place.Class{place.Other}, Due: day("2017-11-15"), Near: 20, Lead: 40})
			w.must(err)
			f, err = w.Programme.Forecast(w.ctx, w.clock().AtClose(w.today()), "", what)
			w.must(err)
			if f.Total != 3 || f.Done != 0 || !f.NoEnd {
				t.Errorf("%s, nobody has begun: %+v", what, f)
			}
		}
		id := w.ids["安泰小区"]
		w.must(w.Places.Enter(w.ctx, "li", []place.Entry{{Compound: id, Mark: place.MarkWeak, In: true, Moment: place.Moment{About: w.today()}, Criteria: "无围墙", Evidence: "摸底表"}}))
		units, err := w.Pairing.AddUnits(w.ctx, "chen", []pairing.Unit{{Name: "市总工会", Level: "city"}})
		w.must(err)
		pairs, err := w.Pairing.Pair(w.ctx, "chen", []pairing.Pairing{{Compound: id, Unit: units[0].ID, Moment: place.Moment{About: w.today()}}})
		w.must(err)
		set, err := w.Pairing.SetTasks(w.ctx, "chen", []pairing.Task{{Pairing: pairs[0].ID, Title: "修大门", Due: w.today() + 30, Moment: place.Moment{About: w.today()}}})
		w.must(err)
		w.on("2017-06-28")
		w.must(w.Pairing.FinishTask(w.ctx, "chen", set[0].ID, 1, w.today()))
		w.on("2017-07-05")
		f, err = w.Programme.Forecast(w.ctx, w.clock().AtClose(w.today()), "", programme.Tasks)
		w.must(err)
		if f.Total != 3 || f.Done != 1 || f.Pace[3]+f.Pace[2] != 1 || f.NoEnd || f.Early <= w.today() || f.Late < f.Middle {
			t.Errorf("tasks: %+v", f)
		}
		w.accept("安泰小区")
		w.on("2017-07-06")
		f, err = w.Programme.Forecast(w.ctx, w.clock().AtClose(w.today()), "", programme.Accepted)
		w.must(err)
		if f.Total != 3 || f.Done != 1 || f.Pace[3] != 1 || f.NoEnd || f.Early <= w.today() || f.Late < f.Middle {
			t.Errorf("accepted: %+v", f)
		}
		_, err = w.Programme.Forecast(w.ctx, place.AsOf{}, "", "painted")
		w.refused("programme.milestone.what", err)
	})
}

// accept lets a compound pass an inspection today, by a form with one item.
func (w *office) accept(name string) {
	w.t.Helper()
	const form = inspection.FormID("gate-check")
	var words inspection.FormWords
	w.must(json.Unmarshal([]byte(`{"title":{"zh":"大门检查"},"pass":90,"mend":70,"judged":70,"mend_days":30,"sections":[{"name":"a","title":{"zh":"物防"},"weight":100,
		"items":[{"name":"gate","title":{"zh":"大门完好"},"kind":"yes-no","weight":100}]}]}`), &words))
	_, err := w.Inspection.SetDraft(w.ctx, "chen", form, 0, words)
	w.must(err)
	_, err = w.Inspection.Publish(w.ctx, "li", form, 1)
	w.must(err)
	w.Inspection.SetAccounts(nil)
	x, err := w.Inspection.Plan(w.ctx, "chen", inspection.NewInspection{Compound: w.ids[name], Form: form, Day: w.today(), Team: []string{"wang", "zhao"}})
	w.must(err)
	for _, who := range x.Team {
		_, err := w.Inspection.Send(w.ctx, who, x.ID, []inspection.Answer{{ID: who + "-gate", Item: "gate", Value: "yes", At: w.now}})
		w.must(err)
	}
	digest, err := w.Inspection.Digest(w.ctx, x.ID)
	w.must(err)
	for _, who := range x.Team {
		_, err := w.Inspection.Sign(w.ctx, who, x.ID, digest)
		w.must(err)
	}
}
