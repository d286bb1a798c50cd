package record

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/archive/file/filetest"
	"linli.dev/linli/media/stream"
)

// A real compound on one hard disk that takes 10 ms to get anywhere: n cameras with a main stream at 4 and a sub stream at
// 0.5 Mbit/s, in real time, with four playbacks and an export. Nothing may be lost. One op is the whole scene.
func BenchmarkCompound(b *testing.B) {
	for _, cameras := range []int{18, 64} {
		b.Run(fmt.Sprint(cameras, " cameras"), func(b *testing.B) {
			for b.Loop() {
				compound(b, cameras, 20*time.Second)
			}
		})
	}
}

func compound(b *testing.B, cameras int, length time.Duration) {
	disk := &filetest.Seek{Layer: file.OS{}, Each: 10 * time.Millisecond, Rate: 150 << 20}
	g := begin(b, sqlite(b), Options{FS: disk, SyncEvery: 5 * time.Second, Memory: 30 * time.Second})
	until(b, "the disk is there", func() bool { return g.disks[0].usable() })
	ctx, stop := context.WithTimeout(context.Background(), length)
	defer stop()
	var all sync.WaitGroup
	var received atomic.Int64
	begin := time.Now()
	for i := range cameras {
		for _, s := range []struct {
			which stream.Which
			size  int
		}{{stream.Main, 1_000_000}, {stream.Sub, 125_000}} {
			all.Go(func() {
				id := stream.ID{Camera: fmt.Sprintf("c%02d", i), Which: s.which}
				time.Sleep(time.Duration(i) * 2 * time.Second / time.Duration(cameras))
				reel := newReel(id, time.Now(), 2*time.Second, s.size)
				tick := time.NewTicker(2 * time.Second)
				defer tick.Stop()
				for ctx.Err() == nil {
					f := reel.next()
					received.Add(int64(f.Size))
					g.Sink(id).Fragment(f)
					<-tick.C
				}
			})
		}
	}
	var late atomic.Int64
	for k := range 5 { // four play in real time, one takes out as fast as it may
		all.Go(func() {
			use, pause := archive.Playback, time.Second
			if k == 4 {
				use, pause = archive.Export, 0
			}
			watch(archive.For(ctx, use), g, fmt.Sprintf("c%02d", k), begin, pause, &late)
		})
	}
	var worst float64
	for ctx.Err() == nil {
		time.Sleep(250 * time.Millisecond)
		worst = max(worst, g.a.Disks()[0].Writer.Waiting)
	}
	all.Wait()
	d := g.a.Disks()[0]
	minutes := time.Since(begin).Minutes() * float64(cameras)
	b.ReportMetric(float64(g.Lost()), "lost")
	b.ReportMetric(worst, "s-waiting")
	b.ReportMetric(float64(d.Writer.Bytes)/float64(received.Load()), "written/received")
	b.ReportMetric(float64(d.Writer.Writes)/minutes, "writes/camera-min")
	b.ReportMetric(float64(d.Writer.Syncs)/minutes, "syncs/camera-min")
	b.ReportMetric(float64(d.Writer.Creates)/minutes, "creates/camera-min")
	b.ReportMetric(float64(disk.Count.Load())/time.Since(begin).Seconds(), "seeks/s")
	b.ReportMetric(float64(late.Load()), "late-reads")
	if g.Lost() > 0 {
		b.Errorf("%d fragments lost", g.Lost())
	}
	g.stop()
}

// watch reads a camera's footage from the beginning, as a player does.
func watch(ctx context.Context, g *rig, camera string, from time.Time, pause time.Duration, late *atomic.Int64) {
	buf := make([]byte, 2<<20)
	at := from
	for ctx.Err() == nil {
		s, i, err := g.a.At(ctx, camera, archive.Main, at)
		if err != nil {
			time.Sleep(200 * time.Millisecond)
			continue
		}
		r, err := g.a.Open(ctx, &s)
		if err != nil {
			continue
		}
		entries, err := s.Entries(ctx)
		for ; err == nil && i < len(entries) && ctx.Err() == nil; i++ {
			began := time.Now()
			if _, err = r.ReadAt(buf[:entries[i].Size], entries[i].Offset); err == nil && time.Since(began) > 2*time.Second {
				late.Add(1)
			}
			at = entries[i].End().Add(time.Millisecond)
			time.Sleep(pause)
		}
		r.Close()
		if pause == 0 {
			time.Sleep(20 * time.Millisecond)
		}
	}
}
