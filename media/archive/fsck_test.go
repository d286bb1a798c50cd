package archive

import (
	"context"
	"path"
	"testing"
	"time"

	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Every kind of damage is found, mended, and then not found any more.
func TestFsck(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		var segs []Segment
		for i := range 9 {
			segs = append(segs, y.footage("gate", Main, 1, epoch.Add(time.Duration(i)*time.Minute), 6, 10*time.Second, 3000))
		}
		edit := func(i int, f func(file.File)) {
			h, err := y.layer.Edit(path.Join(y.cfg.Path, segs[i].Path))
			if err != nil {
				t.Fatal(err)
			}
			f(h)
		}
		sql := func(q string, args ...any) {
			if err := db.Change(ctx, func(ctx context.Context, tx *store.Tx) error { _, err := tx.ExecContext(ctx, q, args...); return err }); err != nil {
				t.Fatal(err)
			}
		}
		clean := func() Report {
			r, err := y.Fsck(ctx, FsckOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if r := clean(); !r.Clean() || r.Fragments != 54 {
			t.Fatalf("%+v", r)
		}
		must := func(_ int64, err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := y.layer.Remove(path.Join(y.cfg.Path, segs[0].Path)); err != nil { // missing file
			t.Fatal(err)
		}
		edit(1, func(f file.File) { // torn tail
			n, _ := f.Size() //nolint:errcheck // in memory
			must(f.WriteBuffers([][]byte{{0, 0, 0, 9, 'm', 'o', 'o', 'f', 1}}, n))
		})
		edit(2, func(f file.File) { // shorter than the index
			n, _ := f.Size() //nolint:errcheck // in memory
			if err := f.Truncate(n - 100); err != nil {
				t.Fatal(err)
			}
		})
		edit(3, func(f file.File) { must(f.WriteBuffers([][]byte{{1, 2, 3}}, 5000)) }) // rot within a fragment
		edit(4, func(f file.File) {
			must(f.WriteBuffers([][]byte{{0xff, 0xff, 0xff, 0xff, 'x'}}, int64(len(segs[4].Init))))
		}) // rot in its first box
		sql("DELETE FROM segments WHERE id = ?", segs[5].ID)                                                           // a file without a row
		sql("DELETE FROM segment_indexes WHERE segment = ?", segs[5].ID)                                               //
		sql("UPDATE segment_indexes SET fragments = ? WHERE segment = ?", []byte{9, 9}, segs[6].ID)                    // damaged index
		sql("UPDATE segments SET start_us = start_us - 30000000, end_us = end_us - 30000000 WHERE id = ?", segs[8].ID) // overlapping
		y.write("footage/gate/main/2026-11-01/stranger.mp4", []byte("not ours"))                                       // a file that nobody knows
		want := map[Kind]int{MissingFile: 1, TornTail: 1, SizeMismatch: 1, HashMismatch: 2, ExtraFile: 2, IndexMismatch: 1, Overlapping: 1, WrongCount: 1}
		r := clean()
		for k, n := range want {
			if r.Differences[k] != n {
				t.Errorf("%s: %d, want %d", k, r.Differences[k], n)
			}
		}
		if r.Mended != 0 {
			t.Error("a report mends")
		}
		if _, err := y.Fsck(ctx, FsckOptions{Mend: true, Report: func(d Difference) {
			if !d.Mended && d.Kind != Overlapping {
				t.Errorf("not mended: %+v", d)
			}
		}}); err != nil {
			t.Fatal(err)
		}
		r = clean()
		delete(r.Differences, Overlapping) // takes a person
		// What rot has damaged stays in the file, but out of the index: whoever reads the bytes finds it, nobody is shown it.
		if len(r.Differences) != 0 {
			t.Errorf("after mending: %+v", r)
		}
		if r.Fragments != 54-6-1-1-1 {
			t.Errorf("%d fragments are left", r.Fragments)
		}
		if d := y.Disks()[0]; d.Segments != 8 {
			t.Errorf("%d segments are counted", d.Segments)
		}
		s, err := y.Segment(ctx, segs[5].ID)
		if err != nil || s.Fragments != 6 || !s.Start.Equal(segs[5].Start) || len(s.Tracks) != 1 || s.Tracks[0].Width != 640 {
			t.Errorf("%+v, %v", s, err)
		}
	})
}

// A check beside a server does not read faster than it may.
func TestFsckIsGentle(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		y.footage("gate", Main, 1, epoch, 10, time.Minute, 30_000)
		begin := time.Now()
		if _, err := y.Fsck(context.Background(), FsckOptions{Rate: 2_000_000}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < 120*time.Millisecond {
			t.Errorf("300 kB at 2 MB/s took %v", took)
		}
	})
}
