package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file/filetest"
	"linli.dev/linli/media/record"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/rtsp"
	"linli.dev/linli/store/storetest"
)

// The power goes while a camera sends, and the disk keeps what was synced and any part of the rest. As linli is set by default, what is lost is what the camera sent
// within 10 s before: counted from its packets, not from when a fragment was made.
func TestPowerCutFromTheCamerasPacket(t *testing.T) {
	cuts := []time.Duration{8600 * time.Millisecond, 9900 * time.Millisecond} // after the first group sync, and just before the second
	if os.Getenv("LINLI_SOAK") != "" {
		for range 60 {
			cuts = append(cuts, 6*time.Second+time.Duration(rand.IntN(20_000))*time.Millisecond)
		}
	}
	w := newWitness(t, false)
	for i, after := range cuts {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			rnd := rand.New(rand.NewPCG(uint64(i), 11))
			db, disk := storetest.SQLite(t), filetest.NewPower()
			a, err := archive.New(ctx, archive.Options{DB: db, Layer: disk})
			if err != nil {
				t.Fatal(err)
			}
			loop, err := rtsp.NewLoop(rtsp.LoopOptions{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer loop.Close()
			r, err := record.New(record.Options{Archive: a, Disks: []record.Disk{{Path: "/disk"}}, FS: disk, Reserve: 1})
			if err != nil {
				t.Fatal(err)
			}
			hub := stream.New(stream.Options{Loop: loop, Sink: r.Sink})
			running, stop := context.WithCancel(ctx)
			ended := make(chan error, 2)
			go func() { ended <- r.Run(running) }()
			go func() { ended <- hub.Run(running) }()
			hub.Apply([]stream.Source{{ID: stream.ID{Camera: "gate", Which: stream.Main}, URL: w.address(), Transport: "tcp"}})

			time.Sleep(after)
			disk.Cut()
			cut := time.Now()
			stop()
			for range 2 {
				if err := <-ended; err != nil {
					t.Logf("it ends without a disk: %v", err)
				}
			}
			disk.Restore(rnd)

			if a, err = archive.New(ctx, archive.Options{DB: db, Layer: disk}); err != nil {
				t.Fatal(err)
			}
			id, err := a.AttachDisk(ctx, archive.DiskConfig{Path: "/disk", Reserve: 1})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.Recover(ctx, id); err != nil {
				t.Fatal(err)
			}
			list, err := a.Segments(ctx, "gate", archive.Main, cut.Add(-time.Hour), cut.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			var pictures []int
			for _, s := range list {
				entries, err := s.Entries(ctx)
				if err != nil {
					t.Fatal(err)
				}
				f, err := a.Open(ctx, &s)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range entries {
					b := make([]byte, e.Size)
					if _, err := f.ReadAt(b, e.Offset); err != nil || sha256.Sum256(b) != e.Hash {
						t.Errorf("the fragment at %d is not what its hash says: %v", e.Offset, err)
					}
					some, err := w.pictures(b)
					if err != nil {
						t.Error(err)
					}
					pictures = append(pictures, some...)
				}
				f.Close()
			}
			if len(pictures) == 0 {
				t.Fatalf("nothing is there of %v", after)
			}
			for i := 1; i < len(pictures); i++ {
				if pictures[i] != pictures[i-1]+1 {
					t.Errorf("after picture %d comes %d", pictures[i-1], pictures[i])
				}
			}
			lost := cut.Sub(w.sentAt(pictures[len(pictures)-1]))
			if lost > 10*time.Second {
				t.Errorf("lost is what the camera sent within %v before the cut", lost)
			}
			report, err := a.Fsck(ctx, archive.FsckOptions{Report: func(d archive.Difference) { t.Errorf("%+v", d) }})
			if err != nil || !report.Clean() {
				t.Errorf("fsck: %+v %v", report, err)
			}
			t.Logf("cut after %v: %d pictures in a row, the last sent %v before", after, len(pictures), lost.Round(time.Millisecond))
		})
	}
}
