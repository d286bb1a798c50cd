package record

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// What is written can be read at once, and after the segment has closed, and is byte for byte what came.
func TestWhatComesIsThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := begin(t, db, Options{SegmentLength: time.Minute})
		id := stream.ID{Camera: "gate", Which: stream.Main}
		reel := newReel(id, epoch, 2*time.Second, 20_000)
		sink := g.Sink(id)
		var want [][]byte
		for range 90 { // three minutes
			f := reel.next()
			want = append(want, bytes.Join(f.Buffers(nil), nil))
			sink.Fragment(f)
		}
		ctx := context.Background()
		var list []archive.SegmentInfo
		count := func() (n int) {
			var err error
			if list, err = g.a.Segments(ctx, "gate", archive.Main, epoch, epoch.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			for _, s := range list {
				n += s.Fragments
			}
			return n
		}
		until(t, "all fragments are seen while the last segment is open", func() bool { return count() == 90 })
		if last := list[len(list)-1]; !last.Open {
			t.Error("the last segment is not open")
		}
		compare(t, g.a, list, want)
		g.stop()
		if count() != 90 {
			t.Fatalf("%d fragments after the end, want 90", count())
		}
		for _, s := range list {
			if s.Open {
				t.Error("a segment is open after the end")
			}
			if got := s.End.Sub(s.Start); got > 76*time.Second || got < 10*time.Second {
				t.Errorf("a segment of %v", got)
			}
		}
		compare(t, g.a, list, want)

		spans, err := g.a.Spans(ctx, "gate", archive.Main, epoch.Add(-time.Hour), epoch.Add(time.Hour))
		if err != nil || len(spans) != 1 || !spans[0].From.Equal(epoch) || !spans[0].To.Equal(epoch.Add(3*time.Minute)) {
			t.Errorf("spans %v, %v", spans, err)
		}
		// Closed and started again, all is as it was.
		a := newArchive(t, db, nil)
		if _, err := a.AttachDisk(ctx, archive.DiskConfig{Path: g.o.Disks[0].Path}); err != nil {
			t.Fatal(err)
		}
		again, err := a.Segments(ctx, "gate", archive.Main, epoch, epoch.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		compare(t, a, again, want)
	})
}

// compare reads all fragments of the segments and holds them against what was sent.
func compare(t *testing.T, a *archive.Archive, list []archive.SegmentInfo, want [][]byte) {
	t.Helper()
	ctx := context.Background()
	n := 0
	for _, s := range list {
		entries, err := s.Entries(ctx)
		if err != nil {
			t.Fatal(err)
		}
		r, err := a.Open(ctx, &s)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			b := make([]byte, e.Size)
			if _, err := r.ReadAt(b, e.Offset); err != nil {
				t.Fatal(err)
			}
			if n >= len(want) || !bytes.Equal(b, want[n]) {
				t.Fatalf("fragment %d is not what was sent", n)
			}
			if sha256.Sum256(b) != e.Hash {
				t.Fatalf("fragment %d has a wrong hash", n)
			}
			n++
		}
		r.Close()
		init, err := s.Init(ctx)
		if err != nil || !bytes.Contains(init, []byte("moov")) {
			t.Fatalf("init: %v", err)
		}
	}
	if n != len(want) {
		t.Fatalf("%d fragments, want %d", n, len(want))
	}
}

func TestGapMakesANewRun(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := begin(t, db, Options{})
		id := stream.ID{Camera: "yard", Which: stream.Sub}
		reel, sink := newReel(id, epoch, time.Second, 1000), g.Sink(id)
		for range 20 {
			sink.Fragment(reel.next())
		}
		sink.Gap("stream.stopped")
		reel.skip(time.Minute)
		for range 20 {
			sink.Fragment(reel.next())
		}
		ctx := context.Background()
		var spans []archive.Span
		until(t, "two spans", func() bool {
			spans, _ = g.a.Spans(ctx, "yard", archive.Sub, epoch, epoch.Add(time.Hour))
			return len(spans) == 2 && spans[1].To.Equal(epoch.Add(100*time.Second))
		})
		g.stop()
		gaps, err := g.a.Gaps(ctx, "yard", archive.Sub, epoch, epoch.Add(100*time.Second))
		if err != nil || len(gaps) != 1 || gaps[0].Reason != "stream.stopped" || !gaps[0].From.Equal(epoch.Add(20*time.Second)) || !gaps[0].To.Equal(epoch.Add(80*time.Second)) {
			t.Errorf("gaps %+v, %v", gaps, err)
		}
	})
}

// Not all cameras begin their files at once, and a file takes no more room than its bytes.
func TestStaggeredAndTrimmed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := begin(t, db, Options{SegmentLength: 30 * time.Second})
		starts := map[int64]int{}
		for _, camera := range []string{"a", "b", "c", "d", "e", "f"} {
			id := stream.ID{Camera: camera, Which: stream.Main}
			reel, sink := newReel(id, epoch, time.Second, 2000), g.Sink(id)
			for range 65 {
				sink.Fragment(reel.next())
			}
		}
		until(t, "all written", func() bool { return g.disks[0].writes.Load() == 6*65 })
		g.stop()
		for _, camera := range []string{"a", "b", "c", "d", "e", "f"} {
			list, err := g.a.Segments(context.Background(), camera, archive.Main, epoch, epoch.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			starts[list[1].Start.Unix()]++
			for _, s := range list {
				st, err := os.Stat(filepath.Join(g.o.Disks[0].Path, s.Path))
				if err != nil || st.Size() != s.Bytes {
					t.Errorf("%s: %v, %v; want %d bytes", s.Path, st, err, s.Bytes)
				}
			}
		}
		if len(starts) < 3 {
			t.Errorf("segments begin together: %v", starts)
		}
	})
}

// battery is a machine whose clock nobody has set, until somebody does.
type battery struct {
	archive.Kernel
	set atomic.Bool
}

func (b *battery) Timekeeping() archive.Timekeeping {
	t := b.Kernel.Timekeeping()
	t.Known, t.Synced = true, b.set.Load()
	return t
}

// wrong is the system's clock, by hours behind until somebody sets it.
type wrong struct {
	archive.Clock
	behind atomic.Int64
}

func (w *wrong) Wall() time.Time { return w.Clock.Wall().Add(-time.Duration(w.behind.Load())) }

// What was recorded before anybody had set the clock says so, and is dated anew once the time is known: also the segment that is
// being written then, and why footage before it ended.
func TestDatedLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		machine, clock := &battery{}, &wrong{Clock: archive.SystemClock()}
		if _, err := archive.New(ctx, archive.Options{DB: db}); err != nil { // for its tables
			t.Fatal(err)
		}
		if _, err := db.ExecContext(ctx, "INSERT INTO archive_marks (name, value) VALUES ('synced', 1)"); err != nil { // it is waited for
			t.Fatal(err)
		}
		clock.behind.Store(int64(3 * time.Hour))
		g := begin(t, db, Options{Archive: archiveWith(t, archive.Options{DB: db, Time: machine, Clock: clock})})
		id := stream.ID{Camera: "gate", Which: stream.Main}
		from := clock.Wall().Add(-time.Minute).Truncate(time.Microsecond)
		reel, sink := newReel(id, from, time.Second, 1000), g.Sink(id)
		reel.doubt = true
		send := func(n int) {
			for range n {
				sink.Fragment(reel.next())
			}
		}
		spans := func() []archive.Span {
			list, err := g.a.Spans(ctx, "gate", archive.Main, from.Add(-time.Hour), from.Add(9*time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		send(10)
		sink.Gap("stream.stopped")
		reel.skip(10 * time.Second)
		send(10)
		until(t, "the footage says that its date is not sure", func() bool {
			list := spans()
			return len(list) == 2 && list[0].Unconfirmed && list[1].Unconfirmed && list[1].To.Equal(from.Add(30*time.Second))
		})
		clock.behind.Store(0)
		machine.set.Store(true)
		time.Sleep(1100 * time.Millisecond) // it is asked once a second
		p, err := archive.NewPurger(ctx, archive.PurgerOptions{
			Archive: g.a, Confirm: -1, Retention: func(context.Context, string, archive.Which) (int, error) { return 30, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Step(ctx); err != nil {
			t.Fatal(err)
		}
		send(10) // of the same run: the stream waits for a key frame before it believes the clock
		moved := from.Add(3 * time.Hour)
		near := func(a, b time.Time) bool { return a.Sub(b).Abs() < 100*time.Millisecond }
		until(t, "it lies where it belongs", func() bool {
			list := spans()
			return len(list) == 2 && !list[0].Unconfirmed && !list[1].Unconfirmed && near(list[0].From, moved) && near(list[1].To, moved.Add(40*time.Second))
		})
		g.stop()
		if list := spans(); len(list) != 2 || list[1].Unconfirmed || !near(list[1].From, moved.Add(20*time.Second)) || !near(list[1].To, moved.Add(40*time.Second)) {
			t.Errorf("after the end: %+v", list)
		}
		gaps, err := g.a.Gaps(ctx, "gate", archive.Main, moved, moved.Add(40*time.Second))
		if err != nil || len(gaps) != 1 || gaps[0].Reason != "stream.stopped" || !near(gaps[0].From, moved.Add(10*time.Second)) {
			t.Errorf("gaps %+v, %v", gaps, err)
		}
		wantEvents(t, db, "footage.redated", `"segments":2`, `"confirmed":true`)
	})
}
