package archive

import (
	"context"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestReserveOfASize(t *testing.T) {
	for total, want := range map[int64]int64{
		0: 0, 1 << 30: 1 << 30 / 10, 4 << 30: 256 << 20, 500 << 30: 5 << 30, 8 << 40: 10 << 30,
	} {
		if got := Reserve(total); got != want {
			t.Errorf("of %d bytes %d stay free, want %d", total, got, want)
		}
	}
}

// What a disk keeps free is told with it, as it was set or as its size asks for, and is not promised to footage.
func TestReserveIsToldAndNotPromised(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		y.layer.Size = 40 << 30
		y.footage("gate", Main, 1, epoch, 10, time.Minute, 10_000)
		space := mustSpace(t, y)
		y.SetSpace(y.disk, space)
		for _, c := range []struct{ set, want int64 }{{0, 40 << 30 / 100}, {7 << 30, 7 << 30}, {100 << 30, 100 << 30}} {
			y.cfg.Reserve = c.set
			if _, err := y.AttachDisk(ctx, y.cfg); err != nil {
				t.Fatal(err)
			}
			y.SetSpace(y.disk, space)
			var page struct {
				Disks []struct{ Used, Free, Total, Reserve int64 }
			}
			newAsker(t, y, nil).ask("guard", "GET", "/api/disks", "", 200, &page)
			if len(page.Disks) != 1 || page.Disks[0].Reserve != c.want || page.Disks[0].Free != space.Free {
				t.Fatalf("set to %d: %+v", c.set, page)
			}
			e, err := y.EstimateRetention(ctx, Promises{}, nil)
			if d := page.Disks[0]; err != nil || e.Capacity != d.Used+max(0, d.Free-c.want) {
				t.Errorf("set to %d: room for %d, %v", c.set, e.Capacity, err)
			}
		}
	})
}
