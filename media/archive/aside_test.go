package archive

import (
	"context"
	"path"
	"slices"
	"testing"
	"time"

	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// What lies aside is footage, too, though nobody can play it: it goes when its camera's days are over, with a proof, and not while a hold
// may be about it.
func TestWhatLiesAsideGoesInTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		lay := func(camera string, which Which, at time.Time) string {
			t.Helper()
			s, _, b := draft(camera, which, y.disk, 1, at, 1, time.Second, 1000)
			name := asideName(s.Path)
			y.write(name, b)
			return path.Join(y.cfg.Path, name)
		}
		day := epoch.Truncate(24 * time.Hour)
		long, held, other, short := lay("gate", Main, day), lay("yard", Main, day.Add(time.Hour)), lay("yard", Sub, day), lay("shed", Main, day)
		early := lay("gate", Sub, time.Unix(60, 0).UTC()) // before somebody set the clock
		foreign := path.Join(y.cfg.Path, asideName("footage/notes.txt"))
		y.write(asideName("footage/notes.txt"), []byte("a note"))
		if _, err := y.AddHold(ctx, Hold{Camera: "yard", Stream: Main, From: day.Add(2 * time.Hour), To: day.Add(3 * time.Hour), Reason: "bicycle", Owner: "li", OwnerName: "Li", Until: epoch.AddDate(0, 0, 60)}); err != nil {
			t.Fatal(err)
		}
		keep := func(_ context.Context, camera string, _ Which) (int, error) {
			return map[string]int{"gate": 30, "yard": 30, "shed": 7}[camera], nil
		}
		look := func(when string, gone ...string) {
			t.Helper()
			if err := y.purgeAsideOn(ctx, y.disk, keep); err != nil {
				t.Fatal(when, err)
			}
			y.sweep(ctx, y.disk)
			y.swept(y.disk)
			for _, name := range []string{long, held, other, short, foreign} {
				_, err := y.layer.Stat(name)
				if left := file.FaultOf(err) != file.Missing; left == slices.Contains(gone, name) {
					t.Errorf("%s: %s: %v", when, name, err)
				}
			}
		}
		y.clock.run(2 * 24 * time.Hour)
		look("after two days")
		if _, err := y.layer.Stat(early); file.FaultOf(err) != file.Missing {
			t.Error("it keeps a day that cannot be right", err)
		}
		early = path.Join(y.cfg.Path, lostPath, "gate", "sub", y.now().UTC().Format(time.DateOnly), path.Base(early))
		if _, err := y.layer.Stat(early); err != nil {
			t.Error("its days do not begin anew:", err)
		}
		y.clock.run(6 * 24 * time.Hour)
		look("after eight days")
		y.clock.run(24 * time.Hour)
		look("after nine days", short)
		y.clock.run(23 * 24 * time.Hour)
		look("after 32 days", short, long, other)
		if _, err := y.layer.Stat(early); err != nil {
			t.Error("its days are not over:", err)
		}
		look("again", short, long, other)
		purged := y.events(db, "footage.purged")
		var n, bytes int64
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*), SUM(bytes) FROM purges WHERE why = 'retention' AND fragments = 0").Scan(&n, &bytes); err != nil || n != 3 || bytes == 0 || len(purged) != 2 {
			t.Errorf("%d proofs of %d bytes, %d events, %v", n, bytes, len(purged), err)
		}
		y.clock.run(40 * 24 * time.Hour)
		look("the hold is over", short, long, other, held)
	})
}

// The purger sees to it by itself, and a disk that hangs keeps nobody waiting.
func TestThePurgerLooksAside(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		s, _, b := draft("gate", Main, y.disk, 1, epoch, 1, time.Second, 1000)
		y.write(asideName(s.Path), b)
		p := y.purger(map[Which]int{Main: 7})
		y.clock.run(10 * 24 * time.Hour)
		if err := p.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
		name := path.Join(y.cfg.Path, asideName(s.Path))
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			if _, err := y.layer.Stat(name); file.FaultOf(err) == file.Missing {
				return
			}
			if time.Now().After(end) {
				t.Fatal("it is still there")
			}
		}
	})
}
