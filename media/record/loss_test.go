package record

import (
	"context"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// The only disk hangs, and the server is stopped before it answers again. Why footage ends is on record from the first loss on; at the
// end how much was lost is, too, with what waited in memory.
func TestLossIsToldWhileItLasts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g, _, _, _ := onlyDiskHangs(t, db, 2)
		told := func(camera string) (lost int, why string) {
			gaps, err := g.a.Gaps(context.Background(), camera, archive.Main, epoch, epoch.Add(time.Hour))
			if err != nil || len(gaps) != 1 {
				t.Fatalf("%+v, %v", gaps, err)
			}
			return gaps[0].Lost, gaps[0].Reason
		}
		for _, camera := range []string{"c0", "c1"} {
			until(t, "it is on record", func() bool { _, why := told(camera); return strings.HasPrefix(why, "gap.disk") })
		}
		began := time.Now()
		g.stop()
		if d := time.Since(began); d > drainTime+500*time.Millisecond {
			t.Errorf("it took %v to stop", d)
		}
		for _, camera := range []string{"c0", "c1"} {
			if lost, why := told(camera); lost != 31 || why != "gap.disk-dead" {
				t.Errorf("%s: %d lost, %s", camera, lost, why)
			}
		}
		if g.Lost() != 62 {
			t.Errorf("%d lost", g.Lost())
		}
	})
}

// One disk hangs while the server is stopped: the other's footage is closed in order all the same.
func TestOneDiskHangsAtTheEnd(t *testing.T) {
	g, a, _, db := twoDisks(t, Options{SyncEvery: time.Hour})
	f := newFeed(g, 6)
	f.send(10)
	until(t, "all is written", func() bool { return f.there(t) == f.sent })
	release := a.Hang()
	t.Cleanup(release)
	g.stop()
	var open, closed int
	for table, n := range map[string]*int{"open_segments": &open, "segments": &closed} {
		if err := db.QueryRowContext(context.Background(), "SELECT COUNT(*) FROM "+table).Scan(n); err != nil {
			t.Fatal(err)
		}
	}
	if closed == 0 || open+closed != 6 {
		t.Errorf("%d segments are closed, %d still open", closed, open)
	}
}

// The database is away for longer than a note may take. Then it is noted.
func TestGapsOutliveTheDatabase(t *testing.T) {
	db := sqlite(t)
	g := begin(t, db, Options{})
	f := newFeed(g, 2)
	f.send(5)
	until(t, "all is written", func() bool { return f.there(t) == f.sent })
	held, release := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- db.Change(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			if _, err := tx.ExecContext(ctx, "UPDATE disks SET quota = quota"); err != nil {
				return err
			}
			close(held)
			<-release
			return nil
		})
	}()
	<-held
	for _, r := range f.reels {
		g.Sink(r.id).Gap("stream.stopped")
	}
	time.Sleep(patience + 500*time.Millisecond)
	close(release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, r := range f.reels {
		until(t, "why "+r.id.Camera+" ends is on record", func() bool {
			gaps, err := g.a.Gaps(context.Background(), r.id.Camera, archive.Main, epoch, epoch.Add(time.Hour))
			return err == nil && len(gaps) == 1 && gaps[0].Reason == "stream.stopped"
		})
	}
}

// Notes that wait are summed up, and their number is bounded.
func TestSumUp(t *testing.T) {
	id := stream.ID{Camera: "gate", Which: stream.Main}
	note := func(s int, lost int) archive.GapNote {
		return archive.GapNote{Camera: id.Camera, Which: archive.Main, From: epoch.Add(time.Duration(s) * time.Second), Reason: "gap.disk-slow", Lost: lost}
	}
	list := sumUp([]archive.GapNote{note(1, 2), note(2, 1), note(1, 5)})
	if len(list) != 2 || list[0].Lost != 7 || list[1].Lost != 1 {
		t.Errorf("%+v", list)
	}
	list = nil
	for i := range mostUntold + 10 {
		list = append(list, note(i, 1))
	}
	if list = sumUp(list); len(list) != mostUntold || !list[0].From.Equal(epoch.Add(10*time.Second)) {
		t.Errorf("%d, from %v", len(list), list[0].From)
	}
}
