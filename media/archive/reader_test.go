package archive

import (
	"context"
	"errors"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// When a disk cannot keep up, checks wait first, then exports, then playback. Nobody is refused before he has waited.
func TestWhoWaitsForTheRecorder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		y.footage("gate", Main, 1, epoch, 2, 30*time.Second, 3000)
		list, err := y.Segments(context.Background(), "gate", Main, epoch, epoch.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		waits := func(u Use) bool {
			ctx, stop := context.WithTimeout(For(context.Background(), u), 100*time.Millisecond)
			defer stop()
			y.disks[y.disk].looked.Store(0) // nobody has looked lately: a check stands back for the recorder only
			r, err := y.Open(ctx, &list[0])
			if err == nil {
				defer r.Close()
				_, err = r.ReadAt(make([]byte, 100), 0)
			}
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			return err != nil
		}
		for _, c := range []struct {
			load                    Load
			check, export, playback bool
		}{
			{Light, false, false, false},
			{Busy, true, false, false},
			{Strained, true, true, false},
			{Drowning, true, true, true},
			{Light, false, false, false},
		} {
			y.SetLoad(y.disk, c.load)
			if a, b, p := waits(Check), waits(Export), waits(Playback); a != c.check || b != c.export || p != c.playback {
				t.Errorf("load %d: checks wait %t, exports %t, playback %t", c.load, a, b, p)
			}
		}
	})
}
