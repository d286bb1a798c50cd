package programme_test

import (
	"testing"

	"pgregory.net/rapid"

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
		w.install("金阳花园", 2)
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
		_, err = w.Programme.Forecast(w.ctx, place.AsOf{}, "", "painted")
		w.refused("programme.milestone.what", err)
	})
}
