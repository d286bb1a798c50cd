package record

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file/filetest"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func soak(short, long int) int {
	if os.Getenv("LINLI_SOAK") != "" {
		return long
	}
	return short
}

// The power goes at any moment, and the disk keeps any part of what was not synced, in any order. What was synced is there
// afterwards, every fragment that the index names is what was sent, and rows and files agree.
func TestPowerCuts(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { cutPower(t, soak(100, 10_000), func() *store.DB { return sqlite(t) }) })
	// The footage is the same and the rows are: fewer will do.
	t.Run("postgres", func(t *testing.T) { cutPower(t, soak(20, 2000), func() *store.DB { return storetest.Postgres(t) }) })
}

func cutPower(t *testing.T, cuts int, open func() *store.DB) {
	const perDisk = 50
	for first := 0; first < cuts; first += perDisk {
		w := &cutWorld{t: t, db: open(), disk: filetest.NewPower(), sent: map[string][32]byte{}, at: epoch}
		for i := range min(perDisk, cuts-first) {
			w.seed = uint64(first + i)
			w.cycle(i == perDisk-1)
		}
		w.db.Close() //nolint:errcheck // many databases; the helper closes it again
	}
}

type cutWorld struct {
	t    *testing.T
	db   *store.DB
	disk *filetest.Power
	seed uint64
	sent map[string][32]byte // by stream and start
	at   time.Time
}

func (w *cutWorld) key(camera string, at time.Time) string {
	return fmt.Sprintf("%s %d", camera, at.UnixMicro())
}

func (w *cutWorld) cycle(last bool) {
	t := w.t
	rnd := rand.New(rand.NewPCG(w.seed, 7))
	g := begin(t, w.db, Options{
		Disks: []Disk{{Path: "/disk"}}, FS: w.disk, SyncEvery: time.Duration(1+rnd.IntN(6)) * time.Millisecond,
		SegmentLength: time.Duration(5+rnd.IntN(20)) * time.Second,
	})
	w.at = w.at.Add(time.Hour)
	var reels []*reel
	for i := range 3 {
		reels = append(reels, newReel(stream.ID{Camera: fmt.Sprint("c", i), Which: stream.Main}, w.at, 2*time.Second, 500+rnd.IntN(3000)))
	}
	steps := 2 + rnd.IntN(25)
	for range steps {
		for _, r := range reels {
			f := r.next()
			h := sha256.New()
			for _, b := range f.Buffers(nil) {
				h.Write(b)
			}
			w.sent[w.key(r.id.Camera, f.Start)] = [32]byte(h.Sum(nil))
			g.Sink(r.id).Fragment(f)
		}
		time.Sleep(time.Duration(rnd.IntN(900)) * time.Microsecond)
	}
	w.disk.Cut()
	promised := w.disk.Durable()
	g.stop()
	w.disk.Restore(rnd)
	w.check(promised, last)
}

func (w *cutWorld) check(promised map[string]int64, all bool) {
	t := w.t
	ctx := context.Background()
	a := newArchive(t, w.db, w.disk)
	id, err := a.AttachDisk(ctx, archive.DiskConfig{Path: "/disk"})
	if err != nil {
		if len(promised) == 0 || strings.Contains(err.Error(), "not-mounted") {
			return // the marker itself was lost: nothing had been written yet
		}
		t.Fatalf("seed %d: %v", w.seed, err)
	}
	if _, err := a.Recover(ctx, id); err != nil {
		t.Fatalf("seed %d: %v", w.seed, err)
	}
	from := w.at
	if all {
		from = epoch
	}
	held := map[string]archive.SegmentInfo{}
	for i := range 3 {
		camera := fmt.Sprint("c", i)
		list, err := a.Segments(ctx, camera, archive.Main, from, w.at.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			held["/disk/"+s.Path] = s
			entries, err := s.Entries(ctx)
			if err != nil {
				t.Fatal(err)
			}
			r, err := a.Open(ctx, &s)
			if err != nil {
				t.Fatalf("seed %d: %v", w.seed, err)
			}
			for _, e := range entries {
				b := make([]byte, e.Size)
				if _, err := r.ReadAt(b, e.Offset); err != nil {
					t.Fatalf("seed %d: %v", w.seed, err)
				}
				if sum := sha256.Sum256(b); sum != e.Hash || sum != w.sent[w.key(camera, e.Start)] {
					t.Fatalf("seed %d: %s: a fragment is not what was sent", w.seed, s.Path)
				}
			}
			r.Close()
		}
	}
	for name, n := range promised {
		if !strings.HasSuffix(name, ".mp4") {
			continue
		}
		s, ok := held[name]
		if ok && s.Bytes >= n {
			continue
		}
		f, err := w.disk.Open(name)
		if err != nil && !ok && n < 2000 {
			continue // only its head was synced, not one fragment
		}
		if err == nil && !ok {
			if size, _ := f.Size(); size > 0 && all {
				t.Fatalf("seed %d: %s was synced up to %d and is not known", w.seed, name, n)
			}
			continue // of an earlier cycle
		}
		if ok {
			t.Fatalf("seed %d: %s was synced up to %d, %d are there", w.seed, name, n, s.Bytes)
		}
	}
	if r, err := a.Fsck(ctx, archive.FsckOptions{Report: func(d archive.Difference) { t.Errorf("seed %d: %+v", w.seed, d) }}); err != nil || !r.Clean() {
		t.Fatalf("seed %d: fsck %+v, %v", w.seed, r, err)
	}
}
