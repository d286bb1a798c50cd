package archive

import (
	"context"
	"errors"
	"testing"
	"time"

	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// counted tells of each read of a file.
type counted struct {
	file.Layer
	read func(n int)
}

func (c *counted) Open(name string) (file.File, error) {
	f, err := c.Layer.Open(name)
	return countedFile{f, c}, err
}

type countedFile struct {
	file.File
	c *counted
}

func (f countedFile) ReadAt(p []byte, off int64) (int, error) {
	f.c.read(len(p))
	return f.File.ReadAt(p, off)
}

// A check is as gentle with what is damaged, where it has to look at each fragment for itself and behind the end: what it reads counts, goes
// no faster than it may, waits for the recorder, and ends when it is told to.
func TestFsckIsGentleWithWhatIsDamaged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		const fragments, size = 30, 60_000
		s := y.footage("gate", Main, 1, epoch, fragments, time.Minute, size)
		long := y.footage("road", Main, 1, epoch, 2, time.Minute, size)
		y.spoil(s.Path, int64(len(s.Init))) // the first box
		f, err := y.layer.Edit(y.cfg.Path + "/" + long.Path)
		if err != nil {
			t.Fatal(err)
		}
		end, err := f.Size()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteBuffers([][]byte{make([]byte, size)}, end); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		r, err := y.Fsck(t.Context(), FsckOptions{Rate: 8_000_000})
		if err != nil || r.Differences[HashMismatch] != 1 || r.Differences[TornTail] != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		if took := time.Since(begin); took < 200*time.Millisecond {
			t.Errorf("1.8 MB at 8 MB/s took %v", took)
		}
		if r.Bytes < fragments*size {
			t.Errorf("%d bytes were read, it says", r.Bytes)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		reads := 0
		y.cfg.Layer = &counted{y.layer, func(n int) {
			if n > 4096 { // not the disk's marker
				if reads++; reads == 2 { // the first ends at the damage, from then on each fragment is looked at
					cancel()
				}
			}
		}}
		y.open(db)
		if _, err := y.Fsck(ctx, FsckOptions{}); !errors.Is(err, context.Canceled) || reads != 2 {
			t.Errorf("%d reads, %v", reads, err)
		}
	})
}
