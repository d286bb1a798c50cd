package archive

import (
	"context"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// bare is a box without a battery. It knows that time servers have set it before; what time it really is only the test knows.
type bare struct {
	*yard
	*box
	db    *store.DB
	truth time.Time // when hands.mono was 0
}

// newBare has recorded for two hours from epoch on, and was then switched off.
func newBare(t *testing.T, db *store.DB) *bare {
	t.Helper()
	b := &bare{yard: newYard(t, db), db: db, truth: epoch}
	b.clock.run(2 * time.Hour)
	b.hours("gate", Main, epoch, 2)
	b.box = &box{hands: b.clock, boot: "first", synced: true}
	b.yard.time = b.box
	b.open(db)
	p := b.purger(map[Which]int{Main: 30})
	if err := p.Step(context.Background()); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bare) really() time.Time { return b.truth.Add(b.clock.Mono()) }

// boots switches it on after some time without power. Its clock begins in 1970.
func (b *bare) boots(off time.Duration, name string) {
	b.t.Helper()
	b.clock.run(off)
	b.boot, b.on, b.synced = name, b.clock.Mono(), false
	b.clock.set(time.Unix(40, 0).Sub(b.clock.Wall()))
	b.clock.run(40 * time.Second)
	b.open(b.db)
}

func (b *bare) setTo(t time.Time) { b.clock.set(t.Sub(b.clock.Wall())) }

// records for some minutes: segments of five, each with when it really was. The last one stays open where that is wanted.
func (b *bare) records(minutes int, leaveOpen bool) (list []recorded) {
	b.t.Helper()
	ctx := context.Background()
	doubt := !b.ClockTrusted()
	for minutes > 0 {
		n := min(minutes, 5)
		minutes -= n
		start, really := b.clock.Wall(), b.really()
		s, entries, bytes := draft("gate", Main, b.disk, start.UnixMicro(), start, n, time.Minute, 100)
		if doubt {
			doubtful(bytes, entries)
		}
		b.clock.run(time.Duration(n) * time.Minute)
		s.Unconfirmed, s.Boot = doubt, b.Dating(start.Add(time.Minute))
		if len(list) > 0 {
			s.Boot = list[0].Boot
		}
		if err := b.Begin(ctx, s); err != nil {
			b.t.Fatal(err)
		}
		b.write(s.Path, bytes)
		b.Append(s.ID, entries...)
		if minutes > 0 || !leaveOpen {
			if err := b.Finish(ctx, s.ID); err != nil {
				b.t.Fatal(err)
			}
		}
		list = append(list, recorded{s, entries, really})
	}
	return list
}

// doubtful writes into the seals that nobody had set the clock.
func doubtful(b []byte, entries []Entry) {
	for _, e := range entries {
		box := b[e.Offset+int64(e.Size):][:SealSize]
		if seal, ok := parseSeal(box); ok {
			seal.Unconfirmed = true
			copy(box, AppendSeal(nil, seal))
		}
	}
}

type recorded struct {
	Segment
	entries []Entry
	really  time.Time
}

// expect looks at what the index says of segments now.
func (b *bare) expect(what string, list []recorded, off time.Duration, unconfirmed bool) {
	b.t.Helper()
	ctx := context.Background()
	for _, r := range list {
		all, err := b.Segments(ctx, r.Camera, r.Which, time.Unix(0, 0), epoch.AddDate(10, 0, 0))
		if err != nil {
			b.t.Fatal(err)
		}
		found := false
		for _, s := range all {
			if s.ID != r.ID {
				continue
			}
			found = true
			entries, err := s.Entries(ctx)
			if err != nil {
				b.t.Fatal(err)
			}
			want := r.really.Add(off)
			if d := s.Start.Sub(want).Abs(); d > time.Millisecond || s.Unconfirmed != unconfirmed || !entries[0].Start.Equal(s.Start) || !entries[len(entries)-1].End().Equal(s.End) {
				b.t.Errorf("%s: begins at %v, it was at %v; unconfirmed %v; entries from %v", what, s.Start, want, s.Unconfirmed, entries[0].Start)
			}
			for i := 1; i < len(entries); i++ {
				if !entries[i].Start.Equal(entries[i-1].End()) {
					b.t.Errorf("%s: fragment %d begins at %v, the one before ends at %v", what, i, entries[i].Start, entries[i-1].End())
				}
			}
		}
		if !found {
			b.t.Errorf("%s: a segment of %v is gone", what, r.really)
		}
	}
}

// The clock is set twice while the box records: by hand to a wrong day, then by a time server. Each part goes to where it belongs, with
// its gaps and holds and with what its writer has in hand, and nothing of it is deleted: it looked fifty years old.
func TestClockIsSetWhileRecording(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBare(t, db)
		b.boots(time.Hour, "second")
		p, err := NewPurger(ctx, PurgerOptions{Archive: b.Archive, Retention: func(context.Context, string, Which) (int, error) { return 7, nil }})
		if err != nil {
			t.Fatal(err)
		}
		first := b.records(20, false)
		if err := b.AddGap(ctx, GapNote{Camera: "gate", Which: Main, From: b.clock.Wall(), Reason: "gap.disk-slow", Lost: 3, Boot: first[0].Boot}); err != nil {
			t.Fatal(err)
		}
		hold, err := b.MarkMoment(ctx, Hold{Camera: "gate", Reason: "bicycle", Owner: "li", OwnerName: "Li"}, b.clock.Wall().Add(-10*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		marked := b.really().Add(-10 * time.Minute)
		b.live(p, 15*time.Minute)
		b.setTo(time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC))
		second := b.records(13, true)
		b.clock.run(time.Minute)
		b.setTo(b.really())
		b.synced = true
		b.clock.run(2 * time.Second)
		if !b.ClockTrusted() {
			t.Fatalf("%+v", b.Clock())
		}
		b.cfg.Quota = b.Disks()[0].Used - 1 // one segment too many: the oldest goes, which is not what was dated in 1970
		if _, err := b.AttachDisk(ctx, b.cfg); err != nil {
			t.Fatal(err)
		}
		b.liveBy(p, 15*time.Second, 5*time.Second)
		if n := b.count("gate", Main); n != 11+3 { // count does not go back to 1970
			t.Errorf("%d segments", n)
		}
		b.cfg.Quota = 0
		if _, err := b.AttachDisk(ctx, b.cfg); err != nil {
			t.Fatal(err)
		}
		// Its dates are looked into while the database is away; that is made up for.
		gone, cancel := context.WithCancel(ctx)
		cancel()
		b.clock.run(10 * time.Second)
		if _, err := b.ConfirmDates(gone); err == nil || !b.InDoubt() {
			t.Errorf("%v, in doubt %v", err, b.InDoubt())
		}
		b.liveBy(p, 10*time.Second, 10*time.Second)
		b.expect("dated in 1970", first, 0, false)
		b.expect("dated in March", second, 0, false)
		// The writer of the open segment has not heard of it.
		last := &second[len(second)-1]
		more := last.entries[2]
		more.Start, more.Offset = more.End(), after(more)
		b.Append(last.ID, more)
		if err := b.Finish(ctx, last.ID); err != nil {
			t.Fatal(err)
		}
		b.expect("written after that", second, 0, false)

		gaps, err := b.Gaps(ctx, "gate", Main, first[0].really, second[0].really)
		if err != nil || len(gaps) != 1 || gaps[0].Reason != "gap.disk-slow" || gaps[0].Lost != 3 {
			t.Errorf("gaps %+v, %v", gaps, err)
		}
		holds, err := b.ListHolds(ctx, HoldFilter{})
		if err != nil || len(holds) != 1 || holds[0].From.Sub(marked.Add(-markSpan)).Abs() > time.Millisecond || holds[0].Until.Sub(holds[0].From) != hold.Until.Sub(hold.From) {
			t.Errorf("hold %+v, %v", holds, err)
		}
		if n := len(b.events(db, "footage.redated")); n != 2 {
			t.Errorf("%d events tell of it", n)
		}
		b.liveBy(p, 24*time.Hour, 15*time.Minute)
		if n := b.count("gate", Main); n != 11+4+3 {
			t.Errorf("%d segments are left of 18", n)
		}
		if n := len(b.events(db, "footage.purged")); n != 1 {
			t.Errorf("%d purges, one made room", n)
		}
		b.liveBy(p, 8*24*time.Hour, 6*time.Hour) // its days are over, and the hold's
		if n := b.count("gate", Main); n != 0 {
			t.Errorf("%d are left", n)
		}
		for _, hour := range []time.Time{first[0].really, second[0].really} {
			var n int
			if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM footage_roots WHERE hour_us = ?", store.Micros(hour.Truncate(time.Hour))).Scan(&n); err != nil || n != 1 {
				t.Errorf("%d roots of %v, %v", n, hour, err)
			}
		}
	})
}

// The process ends while the clock is in doubt, one of its segments open; the next one of the same boot knows by how much to move it.
func TestClockIsSetWhileStopped(t *testing.T) {
	for name, behind := range map[string]time.Duration{"by years": 0, "by minutes": 20 * time.Minute} {
		for part, checkpointed := range map[string]int{"from the start": 0, "from a checkpoint": 2} {
			t.Run(name+", "+part, func(t *testing.T) {
				storetest.Each(t, func(t *testing.T, db *store.DB) {
					ctx := context.Background()
					b := newBare(t, db)
					b.boots(time.Hour, "second")
					if behind > 0 { // its battery is only weak
						b.setTo(b.really().Add(-behind))
					}
					list := b.records(20, true)
					if err := b.Checkpoint(ctx, Synced{list[3].ID, checkpointed}); err != nil {
						t.Fatal(err)
					}
					b.setTo(b.really())
					b.synced = true
					b.open(db) // what was open is taken up later
					b.clock.run(2 * time.Second)
					if n, err := b.ConfirmDates(ctx); err != nil || n != 4 {
						t.Fatal(n, err)
					}
					if sum, err := b.Recover(ctx, b.disk); err != nil || sum.Segments != 1 {
						t.Fatalf("%+v, %v", sum, err)
					}
					b.expect(name, list, 0, false)
					if n, err := b.ConfirmDates(ctx); err != nil || n != 0 {
						t.Errorf("moved again: %d, %v", n, err)
					}
				})
			})
		}
	}
}

// The power is cut while the clock is in doubt, twice. What the next boot cannot know it does not claim: the footage stays
// unconfirmed, lies as late as it can have been, and goes when its days are over. What can be right stays where it is.
func TestClockIsSetByTheNextBoot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBare(t, db)
		b.boots(3*time.Hour, "second")
		long := b.records(20, false)
		b.clock.run(time.Hour) // dark
		b.boots(30*time.Minute, "third")
		short := b.records(10, false)
		b.boots(2*time.Hour, "fourth")
		b.setTo(b.really().Add(-40 * time.Second)) // somebody sets it by hand; the time server does not come
		fair := b.records(10, false)
		b.boots(10*time.Minute, "fifth")
		b.clock.run(5 * time.Minute)
		b.setTo(b.really())
		b.synced = true
		b.clock.run(2 * time.Second)
		p := b.purger(map[Which]int{Main: 7})
		b.liveBy(p, time.Minute, 10*time.Second)
		b.expect("can be right", fair, -40*time.Second, true)
		end := fair[0].really.Add(-40 * time.Second)
		b.expect("ends where the next begins", short, end.Sub(short[len(short)-1].really.Add(5*time.Minute)), true)
		end = end.Add(-10 * time.Minute)
		b.expect("and the one before it", long, end.Sub(long[len(long)-1].really.Add(5*time.Minute)), true)
		if n, err := b.ConfirmDates(ctx); err != nil || n != 0 || b.InDoubt() {
			t.Errorf("it goes on: %d, %v", n, err)
		}
		b.liveBy(p, 6*24*time.Hour, 6*time.Hour)
		if n := b.count("gate", Main); n != 12+4+2+2 {
			t.Errorf("%d are left of 20", n)
		}
		b.liveBy(p, 2*24*time.Hour, 6*time.Hour)
		if n := b.count("gate", Main); n != 0 {
			t.Errorf("%d are left when their days are over", n)
		}
	})
}

// An older version has left footage in doubt, without saying how the clock stood.
func TestDoubtOfAnOlderVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBare(t, db)
		b.boots(3*time.Hour, "second")
		list := b.records(20, false)
		for _, q := range []string{"DELETE FROM clock_settings", "UPDATE segments SET boot = 'second' WHERE unconfirmed"} {
			if _, err := db.ExecContext(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
		b.open(db) // this version
		began := b.really()
		b.setTo(b.really())
		b.synced = true
		b.clock.run(time.Minute)
		if n, err := b.ConfirmDates(ctx); err != nil || n != 4 {
			t.Fatal(n, err)
		}
		b.expect("ends where this process began", list, began.Sub(list[3].really.Add(5*time.Minute)), true)
	})
}

// The server was once started in 2031. When the clock is right again, it believes a person who says so; what it dated in the
// meantime goes to where it belongs, as far as that is known, and is not kept until then.
func TestOnceInTheFuture(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBare(t, db)
		b.boots(time.Hour, "second")
		b.setTo(time.Date(2031, 5, 5, 5, 5, 0, 0, time.UTC))
		b.synced = true
		b.clock.run(2 * time.Second)
		b.open(db)
		p := b.purger(map[Which]int{Main: 365 * 20})
		if err := p.Step(ctx); err != nil {
			t.Fatal(err)
		}
		list := b.records(10, false)
		if err := p.Step(ctx); err != nil {
			t.Fatal(err)
		}
		b.setTo(b.really())
		b.open(db)
		p = b.purger(map[Which]int{Main: 7})
		b.liveBy(p, time.Minute, 10*time.Second)
		if s := b.Clock(); s.Trusted || s.Reason != "clock.past" {
			t.Fatalf("%+v", s)
		}
		if err := p.Resume(ctx, "operator"); err != nil {
			t.Fatal(err)
		}
		b.open(db) // that outlives the process
		p = b.purger(map[Which]int{Main: 7})
		if s := b.Clock(); !s.Trusted || s.Reason != "" {
			t.Fatalf("%+v", s)
		}
		b.liveBy(p, time.Minute, 10*time.Second)
		b.expect("dated in 2031", list, 0, false)
		b.liveBy(p, 8*24*time.Hour, 6*time.Hour)
		if n := b.count("gate", Main); n != 0 {
			t.Errorf("%d are left when their days are over", n)
		}
		// 1970 is nobody's right time.
		b.boots(time.Hour, "third")
		p = b.purger(map[Which]int{Main: 7})
		if err := p.Resume(ctx, "operator"); fault.CodeOf(err) != "archive.clock-too-early" {
			t.Error(err)
		}
	})
}

// Others than footage are dated by the same clock: a setting's name is enough to put them right.
func TestCorrectionOfASetting(t *testing.T) {
	b := newBare(t, storetest.SQLite(t))
	b.boots(8*24*time.Hour, "second")
	unset := b.Dating(b.clock.Wall())
	b.clock.run(10 * time.Minute)
	b.setTo(b.really().Add(-3 * time.Minute)) // by hand
	byHand := b.Dating(b.clock.Wall())
	b.clock.run(time.Minute)
	was := b.clock.Wall()
	b.setTo(b.really())
	b.synced = true
	start := b.really().Add(-11*time.Minute - 40*time.Second)
	if c := b.Correction(unset); !c.Exact || c.By != start.Sub(time.Unix(40, 0)) || !c.Zero.Equal(time.Unix(40, 0)) || !c.Start.Equal(start) {
		t.Errorf("in 1970: %+v", c)
	}
	if c := b.Correction(byHand); !c.Exact || c.By != 3*time.Minute || !was.Add(c.By).Equal(b.really()) {
		t.Errorf("set by hand: %+v", c)
	}
	b.clock.run(time.Hour)
	if c := b.Correction(b.Dating(b.clock.Wall())); !c.Exact || c.By != 0 {
		t.Errorf("set right: %+v", c)
	}
	b.boots(time.Hour, "third")
	b.setTo(b.really())
	if c := b.Correction(unset); c.Exact || c.By != 0 || !c.Start.Equal(b.really().Add(-40*time.Second)) {
		t.Errorf("of a boot before: %+v", c)
	}
	if c := b.Correction("unknown"); c.Exact || c.By != 0 {
		t.Errorf("of nobody knows what: %+v", c)
	}
}
