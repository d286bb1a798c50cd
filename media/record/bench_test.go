package record

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"linli.dev/linli/media/stream"
)

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// What recording costs from the sink to the kernel: one op is a second of one camera at 2 Mbit/s, in fragments of two
// seconds whose bytes lie in blocks of 64 KiB. cpu-ms/op is what the process used, the garbage collector included.
func BenchmarkWrite(b *testing.B) {
	for _, c := range []struct {
		name   string
		noHash bool
		sync   time.Duration
	}{
		{"plain", true, -1}, {"hash", false, -1}, {"sync", true, 500 * time.Millisecond}, {"hash and sync", false, 500 * time.Millisecond},
	} {
		b.Run(c.name, func(b *testing.B) {
			dir := os.Getenv("LINLI_BENCH_DISK")
			if dir == "" {
				dir = b.TempDir()
			} else if err := os.RemoveAll(dir + "/footage"); err != nil {
				b.Fatal(err)
			}
			g := begin(b, sqlite(b), Options{NoHash: c.noHash, SyncEvery: c.sync, Disks: []Disk{{Path: dir}}})
			until(b, "the disk is there", func() bool { return g.disks[0].usable() })
			const cameras, size = 50, 500_000
			var parts [][]byte
			for range size / 65536 {
				parts = append(parts, make([]byte, 65536))
			}
			parts = append(parts, make([]byte, size%65536))
			var reels []*reel
			for i := range cameras {
				reels = append(reels, newReel(stream.ID{Camera: fmt.Sprint("c", i), Which: stream.Main}, epoch, 2*time.Second, 16))
			}
			frag := func(r *reel) *stream.Fragment {
				f := r.next()
				f.Chunks[0].Body = parts
				f.Size = f.Chunks[0].Size()
				return f
			}
			for _, r := range reels { // segments are open, folders made
				g.Sink(r.id).Fragment(frag(r))
			}
			until(b, "written", func() bool { return g.disks[0].writes.Load() == cameras })
			done := uint64(cameras)
			b.ReportAllocs()
			began := cpu()
			b.ResetTimer()
			for i := 0; i < b.N; i += 2 {
				g.Sink(reels[i/2%cameras].id).Fragment(frag(reels[i/2%cameras]))
				if done++; done%16 == 0 {
					for g.disks[0].writes.Load()+32 < done {
						time.Sleep(time.Millisecond)
					}
				}
			}
			for g.disks[0].writes.Load() < done {
				time.Sleep(time.Millisecond)
			}
			b.ReportMetric(float64((cpu()-began).Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
	}
}
