package archive

import (
	"context"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestSpansAndGaps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		y.clock.run(24 * time.Hour)
		// One run of an hour, ten minutes missing, another run; the first with a hole where a segment went.
		for i := range 6 {
			if i != 3 {
				y.footage("gate", Main, 1, epoch.Add(time.Duration(i)*10*time.Minute), 10, time.Minute, 600)
			}
		}
		y.footage("gate", Main, 2, epoch.Add(70*time.Minute), 10, time.Minute, 600)
		y.footage("gate", Sub, 9, epoch, 10, time.Minute, 60)
		spans, err := y.Spans(ctx, "gate", Main, epoch.Add(5*time.Minute), epoch.Add(2*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		want := [][2]int{{5, 30}, {40, 60}, {70, 80}}
		if len(spans) != len(want) {
			t.Fatalf("%+v", spans)
		}
		for i, w := range want {
			if m := func(x time.Time) int { return int(x.Sub(epoch) / time.Minute) }; m(spans[i].From) != w[0] || m(spans[i].To) != w[1] {
				t.Errorf("span %d is %v–%v, want %v", i, spans[i].From, spans[i].To, w)
			}
		}
		if len(spans[0].Codecs) != 1 || spans[0].Codecs[0] != "avc1.64001e" {
			t.Errorf("codecs %v", spans[0].Codecs)
		}
		gaps, err := y.Gaps(ctx, "gate", Main, epoch.Add(5*time.Minute), epoch.Add(2*time.Hour))
		if err != nil || len(gaps) != 3 || !gaps[2].To.Equal(epoch.Add(2*time.Hour)) {
			t.Errorf("gaps %+v, %v", gaps, err)
		}
		days, err := y.Days(ctx, "gate", Main, time.FixedZone("", 8*3600))
		if err != nil || len(days) != 1 || days[0].Date != "2026-11-01" || days[0].Seconds != 3600 {
			t.Errorf("days %+v, %v", days, err)
		}
		s, i, err := y.At(ctx, "gate", Main, epoch.Add(52*time.Minute+30*time.Second))
		if err != nil || !s.Start.Equal(epoch.Add(50*time.Minute)) || i != 2 {
			t.Errorf("at 52:30: %v fragment %d, %v", s.Start, i, err)
		}
		if s, i, err = y.At(ctx, "gate", Main, epoch.Add(65*time.Minute)); err != nil || !s.Start.Equal(epoch.Add(70*time.Minute)) || i != 0 {
			t.Errorf("at 65: %v fragment %d, %v", s.Start, i, err)
		}
		if _, _, err = y.At(ctx, "gate", Main, epoch.Add(3*time.Hour)); err == nil {
			t.Error("footage after the end")
		}
		for _, step := range []time.Duration{time.Minute, 20 * time.Minute} {
			strip, err := y.Activity(ctx, "gate", Main, epoch, epoch.Add(2*time.Hour), step)
			if err != nil {
				t.Fatal(err)
			}
			var sum int64
			for _, x := range strip {
				sum += x.Bytes
			}
			if sum < 60*600 || sum > 60*900 || strip[len(strip)-1].Bytes != 0 {
				t.Errorf("step %v: %d bytes in all", step, sum)
			}
		}
	})
}

// What was open when the process ended is taken up again.
func TestRecover(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		s, entries, b := draft("gate", Main, y.disk, 5, epoch, 10, time.Second, 1000)
		none, _, _ := draft("yard", Main, y.disk, 5, epoch, 1, time.Second, 1000)
		headOnly, _, hb := draft("road", Main, y.disk, 5, epoch, 1, time.Second, 1000)
		if err := y.Begin(ctx, s, none, headOnly); err != nil {
			t.Fatal(err)
		}
		y.Append(s.ID, entries[:4]...)
		if err := y.Checkpoint(ctx, Synced{s.ID, 4}); err != nil {
			t.Fatal(err)
		}
		y.write(s.Path, b[:len(b)-300]) // the last one is torn
		y.write(headOnly.Path, hb[:len(headOnly.Init)+20])
		y.open(db)
		sum, err := y.Recover(ctx, y.disk)
		if err != nil {
			t.Fatal(err)
		}
		if sum.Segments != 1 || sum.Empty != 2 || sum.Read > int64(len(b)-int(entries[4].Offset)) {
			t.Errorf("%+v", sum)
		}
		info, err := y.Segment(ctx, s.ID)
		if err != nil || info.Fragments != 9 || info.Open {
			t.Errorf("%+v, %v", info, err)
		}
		r, err := y.Fsck(ctx, FsckOptions{Report: func(d Difference) { t.Errorf("%+v", d) }})
		if err != nil || r.Fragments != 9 {
			t.Errorf("%+v %v", r, err)
		}
	})
}

// Two recordings lie in each other, as after the clock was set back: what lies in the longer one hides none of it, wherever one looks.
func TestSpansInEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		y.hours("gate", Main, epoch, 30)
		y.footage("gate", Main, 7, epoch.Add(2*time.Hour+time.Second), 10, time.Minute, 100)
		for _, from := range []time.Duration{0, 150 * time.Minute, 5 * time.Hour, 29 * time.Hour} {
			spans, err := y.Spans(ctx, "gate", Main, epoch.Add(from), epoch.Add(40*time.Hour))
			if err != nil || len(spans) == 0 || !spans[0].From.Equal(epoch.Add(from)) || !spans[0].To.Equal(epoch.Add(30*time.Hour)) {
				t.Errorf("from %v: %+v, %v", from, spans, err)
			}
			gaps, err := y.Gaps(ctx, "gate", Main, epoch.Add(from), epoch.Add(30*time.Hour))
			if err != nil || len(gaps) != 0 {
				t.Errorf("from %v: gaps %+v, %v", from, gaps, err)
			}
		}
		days, err := y.Days(ctx, "gate", Main, time.UTC)
		if err != nil || len(days) != 2 || days[0].Seconds != 86400 || days[1].Seconds != 6*3600 {
			t.Errorf("days %+v, %v", days, err)
		}
	})
}

// The database does as it was told, and the answer is lost on the way. Told again, it has each segment once, in its sums too, and
// those that were told of for the first time beside it.
func TestToldTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		var segs []Segment
		for i := range 3 {
			s, entries, b := draft("gate", Main, y.disk, 5, epoch.Add(time.Duration(i)*time.Minute), 6, 10*time.Second, 1000)
			if err := y.Begin(ctx, s); err != nil {
				t.Fatal(err)
			}
			y.write(s.Path, b)
			y.Append(s.ID, entries...)
			segs = append(segs, s)
		}
		// A checkpoint, too.
		if err := y.Checkpoint(ctx, Synced{segs[2].ID, 2}); err != nil {
			t.Fatal(err)
		}
		y.mu.Lock()
		o := y.Archive.open[segs[2].ID]
		o.kept, o.part = 0, 0
		y.mu.Unlock()
		if err := y.Checkpoint(ctx, Synced{segs[2].ID, 4}); err != nil {
			t.Errorf("a checkpoint that stands already: %v", err)
		}
		y.mu.Lock()
		o = y.Archive.open[segs[0].ID]
		told := row{Segment: o.Segment, set: o.set, entries: o.entries, bytes: o.end()}
		y.mu.Unlock()
		if err := db.Change(ctx, func(ctx context.Context, tx *store.Tx) error { return y.insertRows(ctx, tx, []row{told}) }); err != nil {
			t.Fatal(err)
		}
		if err := y.Finish(ctx, segs[0].ID, segs[1].ID); err != nil {
			t.Fatalf("a segment whose row stands already keeps others back: %v", err)
		}
		y.open(db)
		if _, err := y.Recover(ctx, y.disk); err != nil {
			t.Fatal(err)
		}
		r, err := y.Fsck(ctx, FsckOptions{Report: func(d Difference) { t.Errorf("%+v", d) }})
		if err != nil || !r.Clean() || r.Segments != 3 || r.Fragments != 18 || y.Disks()[0].Segments != 3 {
			t.Errorf("%+v, %v; %+v", r, err, y.Disks()[0])
		}
	})
}

// The database was away for two hours, and no other segment could be begun: this one is found from end to end, by the next process too.
func TestLongSegment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		y.hours("gate", Main, epoch, 2)
		y.footage("gate", Main, 7, epoch.Add(2*time.Hour), 140, time.Minute, 100)
		y.footage("gate", Main, 8, epoch.Add(5*time.Hour), 10, time.Minute, 100)
		look := func() {
			t.Helper()
			for _, at := range []time.Duration{121, 200, 259} {
				moment := epoch.Add(at*time.Minute + 30*time.Second)
				list, err := y.Segments(ctx, "gate", Main, moment, moment.Add(time.Second))
				if err != nil || len(list) != 1 || list[0].Run != 7 {
					t.Errorf("minute %d: %+v, %v", at, list, err)
				}
				s, i, err := y.At(ctx, "gate", Main, moment)
				if err != nil || s.Run != 7 || i != int(at)-120 {
					t.Errorf("minute %d: fragment %d of %+v, %v", at, i, s, err)
				}
			}
			strip, err := y.Activity(ctx, "gate", Main, epoch.Add(4*time.Hour), epoch.Add(4*time.Hour+10*time.Minute), time.Minute)
			if err != nil || len(strip) != 10 || strip[5].Bytes == 0 {
				t.Errorf("strip %+v, %v", strip, err)
			}
		}
		look()
		y.open(db)
		look()
		// One that an older version has left is known since the migration.
		if _, err := db.ExecContext(ctx, "DELETE FROM archive_marks WHERE name = 'longest'"); err != nil {
			t.Fatal(err)
		}
		raw, err := migrations.ReadFile("migrations/00004_longest.sql")
		if err != nil {
			t.Fatal(err)
		}
		up, _, _ := strings.Cut(string(raw), "-- +goose Down")
		if _, err := db.ExecContext(ctx, up); err != nil {
			t.Fatal(err)
		}
		y.open(db)
		look()
	})
}
