package record

import (
	"context"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/archive/file/filetest"
)

// breaksAt is a disk that fails for good right after so many files of footage were made: their names may be there, or not.
type breaksAt struct {
	*filetest.Broken
	left int
}

func (b *breaksAt) Create(name string) (file.File, error) {
	f, err := b.Broken.Create(name)
	if err == nil && len(name) > 40 { // not a marker, not a probe
		if b.left--; b.left == 0 {
			b.Break(syscall.EIO, true)
		}
	}
	return f, err
}

// A disk that fails between making a file and writing to it, then loses its power, comes back without a file that nobody
// knows of, and with every name that the index tells of.
func TestDiskFailsAsAFileIsMade(t *testing.T) {
	for made := 1; made <= 4; made++ {
		for seed := range uint64(4) {
			power := filetest.NewPower()
			disk := &breaksAt{Broken: &filetest.Broken{Layer: power}, left: made}
			g := begin(t, sqlite(t), Options{Disks: []Disk{{Path: "/disk"}}, FS: disk, SegmentLength: 4 * time.Second})
			g.untilState(t, "/disk", archive.OK)
			f := newFeed(g, 2)
			f.send(12)
			g.untilState(t, "/disk", archive.Dead)
			g.stop()
			power.Cut()
			power.Restore(rand.New(rand.NewPCG(seed, 1)))

			ctx := context.Background()
			a := newArchive(t, g.db, power)
			id, err := a.AttachDisk(ctx, archive.DiskConfig{Path: "/disk"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.Recover(ctx, id); err != nil {
				t.Fatal(err)
			}
			power.Cut() // again: what recovery has removed must not come back either
			power.Restore(rand.New(rand.NewPCG(seed, 2)))
			r, err := a.Fsck(ctx, archive.FsckOptions{Report: func(d archive.Difference) { t.Errorf("%d made, seed %d: %+v", made, seed, d) }})
			if err != nil || !r.Clean() {
				t.Fatalf("fsck %+v %v", r, err)
			}
		}
	}
}
