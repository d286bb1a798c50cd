package record

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/archive/file/filetest"
	"linli.dev/linli/media/stream"
)

// watched counts how often a file is opened to be written.
type watched struct {
	*filetest.Broken
	mu    sync.Mutex
	edits map[string]int
}

func (w *watched) Edit(name string) (file.File, error) {
	w.mu.Lock()
	w.edits[name]++
	w.mu.Unlock()
	return w.Broken.Edit(name)
}

func (w *watched) tries(name string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.edits[name]
}

// The power goes, and when it is back the disk does not give one of the files that were open. The others are there at once, and the disk is
// not asked for that one every second for ever.
func TestStartOnADiskWithABadFile(t *testing.T) {
	db, power := sqlite(t), filetest.NewPower()
	disks := []Disk{{Path: "/disk"}}
	g := begin(t, db, Options{Disks: disks, FS: power, SyncEvery: time.Millisecond})
	for i := range 3 {
		r := newReel(stream.ID{Camera: fmt.Sprint("c", i), Which: stream.Main}, epoch, time.Second, 4000)
		for range 6 {
			g.Sink(r.id).Fragment(r.next())
		}
	}
	var names []string
	until(t, "all is synced", func() bool {
		names = names[:0]
		for name, n := range power.Durable() {
			if strings.HasSuffix(name, ".mp4") && n > 6*4000 {
				names = append(names, name)
			}
		}
		return len(names) == 3
	})
	power.Cut()
	g.stop()
	power.Restore(rand.New(rand.NewPCG(1, 1)))
	slices.Sort(names)
	bad := names[0] // of c0, and the first on the list
	w := &watched{Broken: &filetest.Broken{Layer: power}, edits: map[string]int{}}
	w.Rot(bad)
	g = begin(t, db, Options{Disks: disks, FS: w})
	there := func(camera string) int {
		list, err := g.a.Segments(context.Background(), camera, archive.Main, epoch, epoch.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	until(t, "the others are there", func() bool { return there("c1") == 1 && there("c2") == 1 })
	time.Sleep(20 * g.o.Retry)
	if n := w.tries(bad); n != 1 || there("c0") != 0 {
		t.Errorf("it was tried %d times", n)
	}
	if n := g.figure(t, "unread_segments", "/disk", ""); n != 1 {
		t.Errorf("/metrics tells of %v", n)
	}
}
