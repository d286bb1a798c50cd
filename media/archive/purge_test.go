package archive

import (
	"context"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func (y *yard) purger(days map[Which]int) *Purger {
	y.t.Helper()
	p, err := NewPurger(context.Background(), PurgerOptions{
		Archive: y.Archive, Settle: -1,
		Retention: func(_ context.Context, _ string, w Which) (int, error) { return days[w], nil },
	})
	if err != nil {
		y.t.Fatal(err)
	}
	return p
}

// live lets the clock run and the purger with it, once a quarter of an hour.
func (y *yard) live(p *Purger, d time.Duration) {
	y.t.Helper()
	y.liveBy(p, d, 15*time.Minute)
}

func (y *yard) liveBy(p *Purger, d, step time.Duration) {
	y.t.Helper()
	for end := y.clock.Mono() + d; y.clock.Mono() < end; {
		y.clock.run(step)
		if err := p.Step(context.Background()); err != nil {
			y.t.Fatal(err)
		}
	}
}

// Weeks go by: the main stream keeps its seven days, the sub stream its thirty, and what a guard holds stays until the
// hold ends, to the hour.
func TestWeeks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		p := y.purger(map[Which]int{Main: 7, Sub: 30})
		record := func(day int) { // two hours of each day are enough to count
			at := epoch.AddDate(0, 0, day)
			y.hours("gate", Main, at, 2)
			y.hours("gate", Sub, at, 2)
		}
		var hold Hold
		for day := range 36 {
			record(day)
			y.liveBy(p, 24*time.Hour, 6*time.Hour)
			if day == 3 {
				var err error
				if hold, err = y.AddHold(ctx, Hold{
					Camera: "gate", Stream: Main, From: epoch.AddDate(0, 0, 2).Add(30 * time.Minute), To: epoch.AddDate(0, 0, 2).Add(50 * time.Minute),
					Reason: "bicycle", Owner: "li", Until: epoch.AddDate(0, 0, 20),
				}); err != nil {
					t.Fatal(err)
				}
			}
			wantMain := min(day+1, 7) * 12
			if day >= 9 && day < 19 {
				wantMain += 2 // the two segments that the hold touches
			}
			if day == 19 { // it ends at midnight, and what it held goes with it
				wantMain = 7 * 12
			}
			if got := y.count("gate", Main); got != wantMain {
				t.Fatalf("day %d: %d main segments, want %d", day, got, wantMain)
			}
			if got, want := y.count("gate", Sub), min(day+1, 30)*12; got != want {
				t.Fatalf("day %d: %d sub segments, want %d", day, got, want)
			}
		}
		if list, err := y.ListHolds(ctx, HoldFilter{}); err != nil || len(list) != 0 {
			t.Errorf("holds %v %v", list, err)
		}
		ended := y.events(db, "hold.ended")
		if len(ended) != 1 || !strings.Contains(ended[0], "expired") || !strings.Contains(y.events(db, "hold.made")[0], hold.ID) {
			t.Errorf("events %v", ended)
		}
		for _, e := range y.events(db, "footage.purged") {
			if !strings.Contains(e, `"root":"`) || !strings.Contains(e, `"why":"retention"`) {
				t.Errorf("event %s", e)
			}
		}
		if len(y.events(db, "footage.rooted")) != 36*2 {
			t.Errorf("%d hours have roots, want 72", len(y.events(db, "footage.rooted")))
		}
		r, err := y.Fsck(ctx, FsckOptions{Report: func(d Difference) { t.Errorf("%+v", d) }})
		if err != nil || r.Segments != 37*12 {
			t.Errorf("%+v %v", r, err)
		}
	})
}

// The clock jumps a year ahead. Nothing is deleted; when it comes back, all goes on.
func TestClockJumps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		y.hours("gate", Main, epoch, 5)
		p := y.purger(map[Which]int{Main: 7})
		y.live(p, 2*time.Hour)
		y.clock.set(365 * 24 * time.Hour)
		y.live(p, 5*time.Hour)
		if stopped, jump := p.Stopped(); !stopped || jump < 300*24*time.Hour {
			t.Fatalf("stopped %v, %v", stopped, jump)
		}
		if n := y.count("gate", Main); n != 30 {
			t.Fatalf("%d segments are left of 30", n)
		}
		// A restart does not forget that it is stopped.
		p = y.purger(map[Which]int{Main: 7})
		y.live(p, time.Hour)
		if n := y.count("gate", Main); n != 30 {
			t.Fatalf("%d segments are left of 30", n)
		}
		if err := p.Resume(ctx, "operator"); err != nil {
			t.Fatal(err)
		}
		if err := p.Resume(ctx, "operator"); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		y.live(p, time.Hour)
		if n := y.count("gate", Main); n != 0 {
			t.Errorf("%d segments are left after a person confirmed the time", n)
		}
		if len(y.events(db, "purge.stopped")) != 1 || len(y.events(db, "purge.resumed")) != 1 {
			t.Error("the journal does not tell")
		}
	})
}

func TestClockComesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		y.hours("gate", Main, epoch, 2)
		p := y.purger(map[Which]int{Main: 7})
		y.live(p, time.Hour)
		y.clock.set(30 * 24 * time.Hour)
		y.live(p, time.Hour)
		y.clock.set(-30*24*time.Hour + time.Second)
		y.live(p, time.Hour)
		if stopped, _ := p.Stopped(); stopped || y.count("gate", Main) != 12 {
			t.Errorf("stopped %v, %d left", stopped, y.count("gate", Main))
		}
		y.liveBy(p, 8*24*time.Hour, 6*time.Hour)
		if n := y.count("gate", Main); n != 0 {
			t.Errorf("%d are left", n)
		}
	})
}

// A box without a clock battery wakes up in 1970: nothing is deleted, not even where the disk's share is used up, and the clock being
// set is no accident. Then what is due goes.
func TestNoClockAtBoot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		y.hours("gate", Main, epoch, 2)
		p := y.purger(map[Which]int{Main: 7})
		y.live(p, time.Hour)
		off := 50 * 365 * 24 * time.Hour
		y.clock.set(-off)
		y.cfg.Quota = y.Disks()[0].Used / 2
		y.open(db)
		if y.ClockTrusted() {
			t.Error("1976 is trusted")
		}
		p = y.purger(map[Which]int{Main: 7})
		y.live(p, time.Hour)
		if n := y.count("gate", Main); n != 12 {
			t.Errorf("%d segments are left of 12 by a clock that nobody has set", n)
		}
		y.clock.set(off)
		y.live(p, time.Hour)
		if stopped, _ := p.Stopped(); stopped || !y.ClockTrusted() {
			t.Error("stopped by the clock being set")
		}
		if n := y.count("gate", Main); n != 6 {
			t.Errorf("%d segments are left, six fit", n)
		}
	})
}

// Somebody sets the retention from 30 days to 1: it goes by two days' worth an hour, not at once.
func TestNotTooMuchAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		for d := range 9 {
			y.hours("gate", Main, epoch.AddDate(0, 0, d), 24)
		}
		y.clock.run(9 * 24 * time.Hour)
		p := y.purger(map[Which]int{Main: 1})
		if err := p.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
		if n := y.count("gate", Main); n != 7*144 {
			t.Errorf("%d segments left, want %d", n, 7*144)
		}
		y.live(p, 45*time.Minute)
		p = y.purger(map[Which]int{Main: 1}) // a restart does not give a new allowance
		y.live(p, 10*time.Minute)
		if n := y.count("gate", Main); n != 7*144 {
			t.Errorf("%d segments left within the hour, want %d", n, 7*144)
		}
		y.live(p, time.Hour)
		if n := y.count("gate", Main); n != 5*144 {
			t.Errorf("%d segments left after an hour, want %d", n, 5*144)
		}
	})
}

// A quota takes the oldest of all streams first.
func TestQuota(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		ctx := context.Background()
		for i := range 20 {
			at := epoch.Add(time.Duration(i) * 10 * time.Minute)
			y.footage("gate", Main, 1, at, 10, time.Minute, 10_000)
			y.footage("yard", Main, 1, at.Add(time.Second), 10, time.Minute, 10_000)
		}
		y.clock.run(4 * time.Hour)
		size := y.Disks()[0].Used / 40
		y.cfg.Quota = size*30 + size/2
		if _, err := y.AttachDisk(ctx, y.cfg); err != nil {
			t.Fatal(err)
		}
		if _, err := y.AddHold(ctx, Hold{Camera: "gate", From: epoch, To: epoch.Add(time.Minute), Reason: "x", Owner: "li", Until: epoch.Add(48 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
		p := y.purger(map[Which]int{Main: 30})
		if err := p.Step(ctx); err != nil {
			t.Fatal(err)
		}
		if g, h := y.count("gate", Main), y.count("yard", Main); g != 15+1-1 && g != 16 || g+h != 30 {
			t.Errorf("%d of gate and %d of yard are left, want 30 in all", g, h)
		}
		list, err := y.Segments(ctx, "gate", Main, epoch, epoch.Add(24*time.Hour))
		if err != nil || !list[0].Start.Equal(epoch) || list[1].Start.Before(epoch.Add(40*time.Minute)) {
			t.Errorf("the held one is not there, or not the oldest went: %v", list[1].Start)
		}
		if d := y.Disks()[0]; d.Used > y.cfg.Quota || d.Segments != 30 {
			t.Errorf("%+v", d)
		}
	})
}

func TestHoldLimits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		ctx := context.Background()
		good := Hold{Camera: "gate", From: epoch.Add(-time.Hour), To: epoch, Reason: "fire lane", Owner: "li", Until: epoch.Add(72 * time.Hour)}
		for name, c := range map[string]struct {
			field string
			f     func(*Hold)
		}{
			"no camera":   {"camera", func(h *Hold) { h.Camera = "" }},
			"backwards":   {"to", func(h *Hold) { h.To = h.From.Add(-time.Second) }},
			"a fortnight": {"to", func(h *Hold) { h.From = h.To.AddDate(0, 0, -14) }},
			"future":      {"from", func(h *Hold) { h.From, h.To = epoch.AddDate(0, 0, 2), epoch.AddDate(0, 0, 3) }},
			"no reason":   {"reason", func(h *Hold) { h.Reason = "  " }},
			"a novel":     {"reason", func(h *Hold) { h.Reason = strings.Repeat("长", 201) }},
			"nobody":      {"owner", func(h *Hold) { h.Owner = "" }},
			"for ever":    {"until", func(h *Hold) { h.Until = epoch.AddDate(1, 0, 0) }},
			"over":        {"until", func(h *Hold) { h.Until = epoch }},
		} {
			h := good
			c.f(&h)
			_, err := y.AddHold(ctx, h)
			f, ok := err.(*fault.Error)
			if !ok || f.Kind != fault.Invalid || f.Fields[0].Path != c.field {
				t.Errorf("%s: %v", name, err)
			}
		}
		h, err := y.AddHold(ctx, good)
		if err != nil {
			t.Fatal(err)
		}
		later := epoch.AddDate(0, 0, 100)
		if h, err = y.ChangeHold(ctx, h.ID, nil, &later, "wang"); err != nil || !h.Until.Equal(later) {
			t.Errorf("%+v, %v", h, err)
		}
		if err := y.EndHold(ctx, h.ID, "wang"); err != nil {
			t.Fatal(err)
		}
		if err := y.EndHold(ctx, h.ID, "wang"); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		marked := Hold{Camera: "gate", Reason: "key", Owner: "li", OwnerName: "Li"}
		m, err := y.MarkMoment(ctx, marked, epoch.Add(-time.Hour))
		if err != nil || !m.From.Equal(epoch.Add(-65*time.Minute)) || !m.To.Equal(epoch.Add(-55*time.Minute)) || !m.Until.Equal(epoch.Add(72*time.Hour)) {
			t.Errorf("%+v, %v", m, err)
		}
		y.clock.run(time.Minute)
		now := epoch.Add(time.Minute)
		m, err = y.MarkMoment(ctx, marked, time.Time{})
		if err != nil || !m.From.Equal(now.Add(-5*time.Minute)) || !m.To.Equal(now.Add(5*time.Minute)) || !m.Until.Equal(now.Add(72*time.Hour)) {
			t.Errorf("%+v, %v", m, err)
		}
	})
}

// 30 days promised, 18 fit.
func TestEstimate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		ctx := context.Background()
		const rate = 4_000_000.0
		y.layer.Size = 30 << 40
		y.cfg.Quota = int64(rate / 8 * 86400 * 18)
		if _, err := y.AttachDisk(ctx, y.cfg); err != nil {
			t.Fatal(err)
		}
		y.SetSpace(y.disk, mustSpace(t, y))
		thirty := Promises{Retention: func(context.Context, string, Which) (int, error) { return 30, nil }}
		e, err := y.EstimateRetention(ctx, thirty, []Plan{{Camera: "gate", Stream: Main, Days: 30, BitRate: rate}})
		if err != nil || e.Fits || len(e.Streams) != 1 || e.Streams[0].Fit != 18 {
			t.Errorf("%+v %v", e, err)
		}
		// With a sub stream of an eighth the rate for 30 days: 7 days of main and 30 of sub fit.
		e, err = y.EstimateRetention(ctx, thirty, []Plan{
			{Camera: "gate", Stream: Main, Days: 7, BitRate: rate}, {Camera: "gate", Stream: Sub, Days: 30, BitRate: rate / 8},
		})
		if err != nil || !e.Fits || e.Streams[0].Fit != 7 || e.Streams[1].Fit != 30 {
			t.Errorf("%+v %v", e, err)
		}
		// Measured, not promised: what was written counts.
		y.footage("yard", Main, 1, epoch, 10, time.Second, 100_000)
		if e, err = y.EstimateRetention(ctx, thirty, nil); err != nil || len(e.Streams) != 1 || e.Streams[0].BitRate < 790_000 || e.Streams[0].BitRate > 810_000 {
			t.Errorf("%+v %v", e, err)
		}
		// A camera that was replaced needs what it has left, not its rate for 30 days more: 31 days of one fit, 15 of two.
		y.footage("old", Main, 1, epoch, 10, time.Second, 100_000)
		if _, err := y.AddHold(ctx, Hold{Camera: "old", From: epoch, To: epoch.Add(time.Minute), Reason: "bicycle", Owner: "li", OwnerName: "Li"}); err != nil {
			t.Fatal(err)
		}
		y.cfg.Quota = int64(800_000.0 / 8 * 86400 * 31)
		if _, err := y.AttachDisk(ctx, y.cfg); err != nil {
			t.Fatal(err)
		}
		if e, err = y.EstimateRetention(ctx, thirty, nil); err != nil || e.Fits || len(e.Streams) != 2 || e.Left != 0 || e.Held == 0 {
			t.Errorf("both record: %+v %v", e, err)
		}
		thirty.Recorded = func(_ context.Context, camera string, _ Which) (bool, error) { return camera != "old", nil }
		if e, err = y.EstimateRetention(ctx, thirty, nil); err != nil || !e.Fits || len(e.Streams) != 1 || e.Streams[0].Fit != 30 || e.Left < 1_000_000 || e.Left > 1_100_000 || e.Held != 0 {
			t.Errorf("one records no more: %+v %v", e, err)
		}
		// Whoever is about to switch it on again is told of both.
		if e, err = y.EstimateRetention(ctx, thirty, []Plan{{Camera: "old", Stream: Main, Days: 30}}); err != nil || e.Fits || e.Left != 0 || len(e.Streams) != 2 {
			t.Errorf("switched on again: %+v %v", e, err)
		}
		// What lies on a disk that is gone takes no room of the others.
		y.SetDisk(ctx, y.disk, Dead, "disk.stalled", "")
		if e, err = y.EstimateRetention(ctx, thirty, nil); err != nil || e.Capacity != 0 || e.Left != 0 || e.Held != 0 {
			t.Errorf("its disk is gone: %+v %v", e, err)
		}
		thirty.Recorded = nil
		if e, err = y.EstimateRetention(ctx, thirty, nil); err != nil || e.Held != 0 {
			t.Errorf("held on a disk that is gone: %+v %v", e, err)
		}
	})
}

// At a start the purger may look before the recorder has attached the disks: it looks again as soon as one is there, not at its next turn.
func TestDiskComesAfterThePurger(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		y.hours("gate", Main, epoch, 2)
		y.clock.run(2 * time.Hour)
		y.cfg.Quota = y.Disks()[0].Used / 2
		if _, err := y.AttachDisk(ctx, y.cfg); err != nil {
			t.Fatal(err)
		}
		var err error
		if y.Archive, err = New(ctx, Options{DB: db, Clock: y.clock, Layer: y.layer}); err != nil {
			t.Fatal(err)
		}
		p := y.purger(map[Which]int{Main: 7})
		if err := p.Step(ctx); err != nil || y.count("gate", Main) != 12 {
			t.Fatalf("%d segments are left without a disk, %v", y.count("gate", Main), err)
		}
		if _, err := y.AttachDisk(ctx, y.cfg); err != nil {
			t.Fatal(err)
		}
		select {
		case <-y.crowded:
		default:
			t.Fatal("nobody told the purger")
		}
		if err := p.Step(ctx); err != nil || y.count("gate", Main) != 6 {
			t.Errorf("%d segments are left, six fit: %v", y.count("gate", Main), err)
		}
	})
}

// The server was once started in 2031, and purged and summed up hours there. Its next start on the right day has all of its allowance,
// and the hours go on, those of the meantime too.
func TestAfterTheFuture(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		y.hours("gate", Main, epoch, 72)
		y.clock.run(72 * time.Hour)
		start := func() *Purger {
			t.Helper()
			y.open(db)
			return y.purger(map[Which]int{Main: 30})
		}
		p := start()
		y.hours("gate", Main, epoch.Add(72*time.Hour), 1)
		y.live(p, 3*time.Hour)
		ahead := 5 * 365 * 24 * time.Hour
		y.clock.set(ahead)
		p = start()
		y.live(p, 30*time.Minute)
		if n := y.count("gate", Main); n != 25*6 {
			t.Fatalf("%d segments are left of 73 hours, want 25 hours'", n)
		}
		y.clock.set(-ahead)
		hour := y.clock.Wall().Truncate(time.Hour)
		y.hours("gate", Main, hour, 1)
		y.clock.run(time.Hour)
		p = start()
		if err := p.Resume(ctx, "operator"); err != nil {
			t.Fatal(err)
		}
		y.cfg.Quota = y.Disks()[0].Used / 2
		p = start()
		y.liveBy(p, time.Minute, 10*time.Second)
		if n := y.count("gate", Main); n != 26*6/2 {
			t.Errorf("%d segments are left of 156, half of them fit", n)
		}
		y.live(p, 2*time.Hour)
		var n int
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM footage_roots WHERE hour_us = ?", store.Micros(hour)).Scan(&n); err != nil || n != 1 {
			t.Errorf("%d roots of the hour after 2031, %v", n, err)
		}
	})
}
