package archive

import (
	"context"
	"fmt"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// standing are the holds that stand, and what they cover must be there.
func (b *bare) standing(want int) []Hold {
	b.t.Helper()
	list, err := b.ListHolds(context.Background(), HoldFilter{})
	if err != nil || len(list) != want {
		b.t.Fatalf("%d holds stand, want %d: %+v, %v", len(list), want, list, err)
	}
	return list
}

func (b *bare) holds(from, to time.Time, days int) Hold {
	b.t.Helper()
	h, err := b.AddHold(context.Background(), Hold{
		Camera: "gate", From: from, To: to, Reason: "bicycle", Owner: "li", Until: b.clock.Wall().AddDate(0, 0, days),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return h
}

func (b *bare) confirms(want int) {
	b.t.Helper()
	b.clock.run(2 * time.Second)
	if n, err := b.ConfirmDates(context.Background()); err != nil || n != want {
		b.t.Fatalf("%d segments were dated anew, want %d: %v", n, want, err)
	}
}

// ids lists the segments of the gate's main stream, wherever they lie.
func (b *bare) ids() map[SegmentID]SegmentInfo {
	b.t.Helper()
	list, err := b.Segments(context.Background(), "gate", Main, time.Unix(0, 0), epoch.AddDate(100, 0, 0))
	if err != nil {
		b.t.Fatal(err)
	}
	all := map[SegmentID]SegmentInfo{}
	for _, s := range list {
		all[s.ID] = s
	}
	return all
}

// A box without a battery, whose clock nobody has ever set: its first footage lies in 1970 when the power goes. That is no time at which
// it can lie: it is not taken for old when the next boot has a clock.
func TestFirstBootEver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := &bare{yard: newYard(t, db), db: db, truth: epoch}
		b.box = &box{hands: b.clock}
		b.yard.time = b.box
		b.boots(0, "first")
		list := b.records(20, false)
		b.boots(time.Hour, "second")
		b.clock.run(time.Minute)
		on := b.truth.Add(b.on)
		b.setTo(b.really())
		b.synced = true
		b.clock.run(2 * time.Second)
		p := b.purger(map[Which]int{Main: 7})
		b.liveBy(p, time.Minute, 10*time.Second)
		b.expect("ends where the second boot began", list, on.Sub(list[3].really.Add(5*time.Minute)), true)
		b.liveBy(p, 6*24*time.Hour, 6*time.Hour)
		if n := b.count("gate", Main); n != 4 {
			t.Errorf("%d are left of 4", n)
		}
		b.liveBy(p, 2*24*time.Hour, 6*time.Hour)
		if n := b.count("gate", Main); n != 0 {
			t.Errorf("%d are left when their days are over", n)
		}
	})
}

// What can be said of an earlier boot by its settings, in minutes after the latest known time; the next boot begins at 1000.
func TestPlace(t *testing.T) {
	const passed = 1_767_225_600_000_000 // 2026
	at := func(minutes int64) int64 { return passed + minutes*60_000_000 }
	dated := func(made, zero, from, to int64) doubt {
		return doubt{setting: setting{boot: "b", zero: zero, after: passed, made: made}, known: true, any: true, from: from, to: to}
	}
	none := doubt{setting: setting{boot: "b", zero: at(7)}, known: true}
	for name, c := range map[string]struct {
		boot []doubt
		zero int64
	}{
		"it fits":                               {[]doubt{dated(1, at(100), at(110), at(200))}, at(100)},
		"1970":                                  {[]doubt{dated(1, 0, at(10)-passed, at(90)-passed)}, at(910)},
		"too late":                              {[]doubt{dated(1, at(2000), at(2010), at(2090))}, at(910)},
		"the latest setting fits":               {[]doubt{dated(1, at(100), at(110), at(200)), dated(2, at(300), at(410), at(500))}, at(300)},
		"the one before it fits":                {[]doubt{dated(1, at(100), at(110), at(200)), dated(2, 0, at(200)-passed, at(300)-passed)}, at(100)},
		"an old setting has come back":          {[]doubt{dated(1, 0, at(10)-passed, at(800)-passed), dated(2, 1, at(20)-passed, at(30)-passed)}, at(200)},
		"the other's footage would be too late": {[]doubt{dated(1, 0, at(10)-passed, at(950)-passed), dated(2, at(100), at(110), at(120))}, at(50)},
		"nothing was dated":                     {[]doubt{none}, at(7)},
		"one has dated nothing":                 {[]doubt{none, dated(1, 0, at(10)-passed, at(90)-passed)}, at(910)},
	} {
		if got := place(c.boot, at(1000)); got != c.zero {
			t.Errorf("%s: the machine's start is placed %v off", name, time.Duration(got-c.zero)*time.Microsecond)
		}
	}
}

// Somebody holds what is listed under 1970, at different times on the way to a right clock: the hold goes where its footage goes.
func TestHoldsFollow(t *testing.T) {
	for name, c := range map[string]struct{ byHand, trusted, reboot bool }{
		"in 1970":                             {},
		"after the clock was set by hand":     {byHand: true},
		"before the dates are confirmed":      {byHand: true, trusted: true},
		"of an earlier boot, in 1970":         {reboot: true},
		"of an earlier boot, set by hand":     {reboot: true, byHand: true},
		"of an earlier boot, with right time": {reboot: true, trusted: true},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				b := newBare(t, db)
				b.boots(time.Hour, "second")
				list := b.records(20, false)
				if c.reboot {
					b.boots(time.Hour, "third")
					b.clock.run(30 * time.Minute) // its 1970 is over the other's
				}
				if c.byHand {
					b.setTo(b.really().Add(-40 * time.Second))
				}
				if c.trusted {
					b.setTo(b.really())
					b.synced = true
					b.clock.run(2 * time.Second)
				}
				b.holds(list[1].Start.Add(time.Minute), list[2].Start.Add(time.Minute), 30)
				until := b.really().AddDate(0, 0, 30)
				b.setTo(b.really())
				b.synced = true
				b.confirms(4)
				h := b.standing(1)[0]
				all := b.ids()
				if from, to := all[list[1].ID].Start.Add(time.Minute), all[list[2].ID].Start.Add(time.Minute); !h.From.Equal(from) || !h.To.Equal(to) {
					t.Errorf("it holds %v to %v, its footage lies from %v to %v", h.From, h.To, from, to)
				}
				if late := h.Until.Sub(until); late < -time.Minute || late > 2*time.Hour {
					t.Errorf("it ends %v late", late)
				}
				p := b.purger(map[Which]int{Main: 7})
				b.liveBy(p, 8*24*time.Hour, 6*time.Hour)
				all = b.ids()
				if _, ok := all[list[1].ID]; !ok || len(all) != 2 {
					t.Errorf("%d are left of the two that are held", len(all))
				}
				b.liveBy(p, 24*24*time.Hour, 24*time.Hour)
				if n := len(b.ids()); n != 0 {
					t.Errorf("%d are left when the hold is over", n)
				}
				if n := len(b.events(db, "hold.moved")); n != 1 {
					t.Errorf("%d events tell of it", n)
				}
			})
		})
	}
}

// Footage of two boots lies at the same hour of 1970, and somebody holds that hour: both are kept, each where it goes.
func TestHoldOverTwoBoots(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBare(t, db)
		b.boots(time.Hour, "second")
		one := b.records(10, false)
		b.boots(time.Hour, "third")
		two := b.records(10, false)
		b.holds(one[0].Start.Add(time.Minute), one[0].Start.Add(3*time.Minute), 30)
		b.setTo(b.really())
		b.synced = true
		b.confirms(4)
		b.standing(2)
		p := b.purger(map[Which]int{Main: 7})
		b.liveBy(p, 8*24*time.Hour, 6*time.Hour)
		all := b.ids()
		if _, first := all[one[0].ID]; !first || len(all) != 2 {
			t.Errorf("%d are left of the two that are held", len(all))
		}
		if _, second := all[two[0].ID]; !second {
			t.Error("the second boot's is gone")
		}
	})
}

// The clock jumps to 2031 and comes back by itself. Meanwhile somebody has pressed the wall's key, and a segment is open when it comes
// back: all of it goes to where it belongs, whether the jump was seen at once or only when all that was dated.
func TestClockComesBackWhileRecording(t *testing.T) {
	for name, late := range map[string]bool{"seen at once": false, "seen late": true} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				ctx := context.Background()
				b := newBare(t, db)
				p := b.purger(map[Which]int{Main: 7})
				b.liveBy(p, time.Minute, 10*time.Second)
				b.setTo(time.Date(2031, 5, 5, 5, 5, 0, 0, time.UTC))
				if !late {
					b.liveBy(p, 10*time.Second, 10*time.Second)
				}
				list := b.records(20, true)
				if list[0].Unconfirmed == late {
					t.Errorf("unconfirmed %v, %+v", list[0].Unconfirmed, b.Clock())
				}
				gap := GapNote{Camera: "gate", Which: Main, From: list[2].entries[4].End(), Reason: "gap.disk-slow", Lost: 2}
				if list[2].Unconfirmed {
					gap.Boot = list[2].Boot
				}
				if err := b.AddGap(ctx, gap); err != nil {
					t.Fatal(err)
				}
				if _, err := b.MarkMoment(ctx, Hold{Camera: "gate", Reason: "fire lane", Owner: "li"}, list[1].Start.Add(time.Minute)); err != nil {
					t.Fatal(err)
				}
				until := b.really().Add(usualHold)
				b.liveBy(p, 10*time.Second, 10*time.Second)
				b.setTo(b.really())
				b.liveBy(p, time.Minute, 10*time.Second)
				b.expect("closed by then", list[:3], 0, false)
				if err := b.Finish(ctx, list[3].ID); err != nil {
					t.Fatal(err)
				}
				b.liveBy(p, 20*time.Second, 10*time.Second)
				b.expect("open then", list, 0, false)
				h := b.standing(1)[0]
				if want := list[1].really.Add(time.Minute - markSpan); h.From.Sub(want).Abs() > time.Millisecond {
					t.Errorf("it holds from %v, want %v", h.From, want)
				}
				if off := h.Until.Sub(until).Abs(); off > 2*time.Minute || h.Made.After(b.really()) {
					t.Errorf("made %v, it ends %v off", h.Made, off)
				}
				var us int64
				if err := db.QueryRowContext(ctx, "SELECT from_us FROM footage_gaps WHERE reason = 'gap.disk-slow'").Scan(&us); err != nil {
					t.Fatal(err)
				}
				if want := list[2].really.Add(5 * time.Minute); store.Time(us).Sub(want).Abs() > time.Millisecond {
					t.Errorf("footage ends at %v for a reason, it was at %v", store.Time(us), want)
				}
			})
		})
	}
}

// The clock jumps back by some hours, and after these hours shows again what has not been yet: it is not believed for that.
func TestClockCatchesUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBare(t, db)
		p := b.purger(map[Which]int{Main: 7})
		b.liveBy(p, time.Minute, 10*time.Second)
		b.setTo(b.really().Add(-150 * time.Minute))
		b.liveBy(p, 3*time.Hour, 5*time.Minute)
		list := b.records(20, false)
		if s := b.Clock(); s.Trusted || s.Reason != "clock.jumped" || !list[0].Unconfirmed {
			t.Errorf("%+v, unconfirmed %v", s, list[0].Unconfirmed)
		}
		b.open(db) // that outlives the process
		if s := b.Clock(); s.Trusted || s.Reason != "clock.jumped" {
			t.Errorf("%+v", s)
		}
		p = b.purger(map[Which]int{Main: 7})
		b.setTo(b.really())
		b.liveBy(p, 20*time.Second, 10*time.Second)
		if err := p.Resume(context.Background(), "operator"); err != nil {
			t.Fatal(err)
		}
		b.liveBy(p, time.Minute, 10*time.Second)
		b.expect("dated hours too early", list, 0, false)
	})
}

// A time server sets 2031 first, and the right time half an hour later: what was dated in 1970 is moved twice, by the difference each time.
func TestDatedAnewTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBare(t, db)
		b.boots(time.Hour, "second")
		list := b.records(20, true)
		b.setTo(time.Date(2031, 5, 5, 5, 5, 0, 0, time.UTC))
		b.synced = true
		b.clock.run(2 * time.Second)
		p := b.purger(map[Which]int{Main: 7})
		b.liveBy(p, time.Minute, 10*time.Second)
		if err := b.Finish(ctx, list[3].ID); err != nil {
			t.Fatal(err)
		}
		b.setTo(b.really())
		b.liveBy(p, time.Minute, 10*time.Second)
		if err := p.Resume(ctx, "operator"); err != nil {
			t.Fatal(err)
		}
		b.liveBy(p, time.Minute, 10*time.Second)
		b.expect("dated in 1970", list, 0, false)
	})
}

// A box keeps its last time in a file. Two weeks without power make its clock two weeks wrong, its line is down, and after six hours the
// date is believed. When the line is back the clock jumps, a person says that it is right now, and the footage goes to where it belongs
// instead of away.
func TestDateWasBelieved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBare(t, db)
		saved := b.clock.Wall()
		b.boots(14*24*time.Hour, "second")
		b.setTo(saved)
		b.clock.run(laterWait)
		p := b.purger(map[Which]int{Main: 7})
		b.liveBy(p, time.Minute, 10*time.Second)
		list := b.records(20, false)
		if list[0].Unconfirmed {
			t.Fatalf("%+v", b.Clock())
		}
		b.setTo(b.really())
		b.synced = true
		b.liveBy(p, time.Minute, 10*time.Second)
		if err := p.Resume(ctx, "operator"); err != nil {
			t.Fatal(err)
		}
		b.liveBy(p, 2*time.Hour, 15*time.Minute)
		b.expect("dated two weeks too early", list, 0, false)
	})
}

// Such a box loses its power again before the line is back, perhaps twice. Where its footage lies nobody can say that it is wrong, so there
// it stays; but it may be as young as the next boot that is known, and its days count from there.
func TestSavedTime(t *testing.T) {
	for name, boots := range map[string]int{"once": 1, "twice": 2} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				b := newBare(t, db)
				shown := b.clock.Wall()
				off := 14 * 24 * time.Hour
				var all [][]recorded
				var behind []time.Duration
				for i := range boots {
					b.boots(off, fmt.Sprint("saved", i))
					b.setTo(shown)
					behind = append(behind, b.really().Sub(shown))
					all = append(all, b.records(20, false))
					shown, off = b.clock.Wall(), time.Hour
				}
				b.boots(time.Hour, "right")
				b.setTo(b.really())
				b.synced = true
				b.clock.run(2 * time.Second)
				p := b.purger(map[Which]int{Main: 7})
				b.liveBy(p, time.Minute, 10*time.Second)
				for i, list := range all {
					b.expect("stays", list, -behind[i], true)
				}
				b.liveBy(p, 6*24*time.Hour, 6*time.Hour)
				if n := b.count("gate", Main); n != 4*boots {
					t.Errorf("%d are left of %d", n, 4*boots)
				}
				b.liveBy(p, 2*24*time.Hour, 6*time.Hour)
				if n := b.count("gate", Main); n != 0 {
					t.Errorf("%d are left when their days are over", n)
				}
			})
		})
	}
}

// Files that a check finds without their rows, dated in doubt, are placed each by itself: they tell nothing of one another.
func TestFoundInDoubt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBare(t, db)
		b.boots(time.Hour, "second")
		old := b.records(20, false)
		b.setTo(b.really().Add(-10 * time.Minute))
		fair := b.records(20, false)
		for _, q := range []string{"DELETE FROM segments WHERE unconfirmed", "DELETE FROM segment_indexes WHERE segment NOT IN (SELECT id FROM segments)", "DELETE FROM clock_settings"} {
			if _, err := db.ExecContext(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
		b.boots(time.Hour, "third")
		r, err := b.Fsck(ctx, FsckOptions{Mend: true})
		if err != nil || r.Differences[ExtraFile] != 8 {
			t.Fatalf("%+v, %v", r, err)
		}
		began := b.really()
		b.setTo(b.really())
		b.synced = true
		b.confirms(8)
		for _, x := range old {
			b.expect("ends where this process began", []recorded{x}, began.Sub(x.really.Add(5*time.Minute)), true)
		}
		b.expect("can be right", fair, -10*time.Minute, true)
		p := b.purger(map[Which]int{Main: 7})
		b.liveBy(p, 6*24*time.Hour, 6*time.Hour)
		if n := b.count("gate", Main); n != 12+8 {
			t.Errorf("%d are left of 20", n)
		}
	})
}

// A hold made in 1970 is given another end when the clock was set by hand: it ends then.
func TestHoldIsRenewedInDoubt(t *testing.T) {
	for name, trusted := range map[string]bool{"in doubt": false, "trusted": true} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				ctx := context.Background()
				b := newBare(t, db)
				b.boots(time.Hour, "second")
				list := b.records(20, false)
				made := b.really()
				h := b.holds(list[1].Start, list[2].Start, 3)
				b.setTo(b.really().Add(-40 * time.Second))
				if trusted {
					b.setTo(b.really())
					b.synced = true
				}
				b.clock.run(2 * time.Second)
				until := b.clock.Wall().AddDate(0, 0, 30)
				really := b.really().AddDate(0, 0, 30)
				h, err := b.ChangeHold(ctx, h.ID, nil, &until, "wang")
				if err != nil || !h.Until.Equal(until) {
					t.Fatalf("%+v, %v", h, err)
				}
				b.setTo(b.really())
				b.synced = true
				b.confirms(4)
				h = b.standing(1)[0]
				if off := h.Until.Sub(really).Abs(); off > time.Millisecond {
					t.Errorf("it ends %v off", off)
				}
				if off := h.Made.Sub(made).Abs(); off > time.Millisecond {
					t.Errorf("it was made %v off", off)
				}
			})
		})
	}
}

// No disk is there since a start without a clock: nothing is recorded, and the reason is on record. It goes to where it belongs, too.
func TestGapWithoutFootage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBare(t, db)
		b.boots(time.Hour, "second")
		at := b.clock.Wall()
		really := b.really()
		if err := b.AddGap(ctx, GapNote{Camera: "gate", Which: Main, From: at, Reason: "gap.no-disk", Boot: b.Dating(at)}); err != nil {
			t.Fatal(err)
		}
		b.clock.run(time.Minute)
		b.open(db) // another process
		b.setTo(b.really())
		b.synced = true
		b.confirms(0)
		gaps, err := b.Gaps(ctx, "gate", Main, epoch.Add(2*time.Hour), b.really())
		if err != nil || len(gaps) != 1 || gaps[0].Reason != "gap.no-disk" {
			t.Fatalf("%+v, %v", gaps, err)
		}
		var us int64
		if err := db.QueryRowContext(ctx, "SELECT from_us FROM footage_gaps").Scan(&us); err != nil || store.Time(us).Sub(really).Abs() > time.Millisecond {
			t.Errorf("%v, it was at %v; %v", store.Time(us), really, err)
		}
	})
}
