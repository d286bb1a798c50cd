package archive

import (
	"bytes"
	"context"
	"io/fs"
	"path"
	"slices"
	"syscall"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/archive/file/filetest"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// watched counts how often a file is opened to be written.
type watched struct {
	*filetest.Broken
	edits map[string]int
}

func (w *watched) Edit(name string) (file.File, error) {
	w.edits[name]++
	return w.Broken.Edit(name)
}

// left leaves an open segment behind, of whose fragments a checkpoint knows some.
func (y *yard) left(camera string, n, known int) (Segment, []Entry, []byte) {
	y.t.Helper()
	ctx := context.Background()
	s, entries, b := draft(camera, Main, y.disk, 5, epoch, n, time.Second, 1000)
	if err := y.Begin(ctx, s); err != nil {
		y.t.Fatal(err)
	}
	y.write(s.Path, b)
	y.Append(s.ID, entries...)
	if known > 0 {
		if err := y.Checkpoint(ctx, Synced{s.ID, known}); err != nil {
			y.t.Fatal(err)
		}
	}
	return s, entries, b
}

// A sector has gone bad under one of the files that were open. The others get their rows; this one is named, and kept, and tried again ever
// more seldom; when it can be read after all, it is there as if nothing had been.
func TestABadFileKeepsNoOtherBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		w := &watched{&filetest.Broken{Layer: y.layer}, map[string]int{}}
		y.cfg.Layer = w
		bad, entries, b := y.left("bad", 8, 0)
		y.left("gate", 8, 3)
		y.left("road", 8, 0)
		y.open(db)
		name := path.Join(y.cfg.Path, bad.Path)
		w.Rot(name)
		recovered := func(rows, unread, tries int) {
			t.Helper()
			sum, err := y.Recover(ctx, y.disk)
			if err != nil || sum.Segments != rows || sum.Unread != unread || w.edits[name] != tries || y.Unread(y.disk) != unread {
				t.Fatalf("%+v, %v, %d tries; want %d rows, %d unread, %d tries", sum, err, w.edits[name], rows, unread, tries)
			}
		}
		recovered(2, 1, 1)
		if y.count("gate", Main)+y.count("road", Main) != 2 {
			t.Error("the others have no rows")
		}
		told, err := y.Differences(ctx, 10)
		if err != nil || len(told) != 1 || told[0].Kind != Unreadable || told[0].Path != bad.Path {
			t.Errorf("%+v, %v", told, err)
		}
		for range 5 {
			recovered(0, 1, 1)
		}
		y.clock.run(61 * time.Second)
		recovered(0, 1, 2)
		y.clock.run(61 * time.Second)
		recovered(0, 1, 2)
		y.clock.run(5 * time.Minute)
		recovered(0, 1, 3)
		if n := len(y.events(db, "footage.differs")); n != 1 {
			t.Errorf("%d events", n)
		}
		if there, err := y.layer.Stat(name); err != nil || there.Size != int64(len(b)) {
			t.Errorf("%+v, %v", there, err)
		}
		y.clock.run(time.Second)
		// A check that goes over the disk meanwhile does not take it for mended.
		y.check(CheckerOptions{}, "a walk", complete)
		if told, err := y.Differences(ctx, 10); err != nil || len(told) != 1 {
			t.Errorf("%+v, %v", told, err)
		}
		w.Heal()
		y.clock.run(31 * time.Minute)
		recovered(1, 0, 4)
		if s, err := y.Segment(ctx, bad.ID); err != nil || s.Fragments != len(entries) {
			t.Errorf("%+v, %v", s, err)
		}
		if told, err := y.Differences(ctx, 10); err != nil || len(told) != 0 {
			t.Errorf("%+v, %v", told, err)
		}
	})
}

// It will never be read again: what a checkpoint has vouched for is taken in, no byte of the file goes, and what cannot be read stays named.
func TestWhatIsKnownOfABadFileIsTakenIn(t *testing.T) {
	ctx := context.Background()
	db := storetest.SQLite(t)
	y := newYard(t, db)
	w := &watched{&filetest.Broken{Layer: y.layer}, map[string]int{}}
	y.cfg.Layer = w
	bad, _, b := y.left("bad", 8, 5)
	nothing, _, _ := y.left("nothing", 8, 0)
	y.open(db)
	name := path.Join(y.cfg.Path, bad.Path)
	w.Rot(name)
	w.Rot(path.Join(y.cfg.Path, nothing.Path))
	for _, later := range []time.Duration{0, time.Minute, 5 * time.Minute} {
		y.clock.run(later + time.Second)
		if sum, err := y.Recover(ctx, y.disk); err != nil || sum.Segments != 0 || sum.Unread != 2 {
			t.Fatalf("%+v, %v", sum, err)
		}
	}
	y.clock.run(31 * time.Minute)
	if sum, err := y.Recover(ctx, y.disk); err != nil || sum.Segments != 1 || sum.Unread != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	if s, err := y.Segment(ctx, bad.ID); err != nil || s.Fragments != 5 || s.Bytes != int64(len(b)) {
		t.Errorf("%+v, %v", s, err)
	}
	if there, err := y.layer.Stat(name); err != nil || there.Size != int64(len(b)) {
		t.Errorf("%+v, %v", there, err)
	}
	if told, err := y.Differences(ctx, 10); err != nil || len(told) != 2 {
		t.Errorf("%+v, %v", told, err)
	}
	w.Heal()
	if r, err := y.Fsck(ctx, FsckOptions{}); err != nil || !r.Clean() {
		t.Errorf("%+v, %v", r, err)
	}
}

// stuck lets no change of a folder become durable.
type stuck struct {
	file.Layer
	dir string
}

func (l *stuck) SyncGroup(files []file.File, dirs []string) error {
	if slices.Contains(dirs, l.dir) {
		return &fs.PathError{Op: "sync", Path: l.dir, Err: syscall.EIO}
	}
	return l.Layer.SyncGroup(files, dirs)
}

// A purge that cannot be completed, because the folder of a day is bad, keeps no footage from its row.
func TestABadPurgeKeepsNoFootageBack(t *testing.T) {
	ctx := context.Background()
	db := storetest.SQLite(t)
	y := newYard(t, db)
	y.left("gate", 8, 0)
	old, _, b := draft("yard", Main, y.disk, 1, epoch.AddDate(0, 0, -40), 1, time.Second, 100)
	y.write(old.Path, b)
	if _, err := db.ExecContext(ctx, "INSERT INTO purge_list (segment, disk, path) VALUES (?, ?, ?)", old.ID, y.disk, old.Path); err != nil {
		t.Fatal(err)
	}
	y.cfg.Layer = &stuck{y.layer, path.Join(y.cfg.Path, path.Dir(path.Dir(old.Path)))} // the day's goes with its last file
	y.open(db)
	if sum, err := y.Recover(ctx, y.disk); fault.KindOf(err) != fault.Unavailable || sum.Segments != 1 || y.count("gate", Main) != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// Where the disk itself is gone, nothing is taken for missing, and nothing leaves the list.
func TestRecoverWithoutTheDisk(t *testing.T) {
	ctx := context.Background()
	db := storetest.SQLite(t)
	y := newYard(t, db)
	s, _, _ := y.left("gate", 8, 5)
	name, marker := path.Join(y.cfg.Path, s.Path), path.Join(y.cfg.Path, markerName)
	y.open(db)
	for _, n := range []string{name, marker} { // an empty mount point
		if err := y.layer.Rename(n, n+".away"); err != nil {
			t.Fatal(err)
		}
	}
	if sum, err := y.Recover(ctx, y.disk); fault.KindOf(err) != fault.Unavailable || sum.Missing+sum.Unread > 0 {
		t.Errorf("%+v, %v", sum, err)
	}
	for _, n := range []string{name, marker} {
		if err := y.layer.Rename(n+".away", n); err != nil {
			t.Fatal(err)
		}
	}
	if sum, err := y.Recover(ctx, y.disk); err != nil || sum.Segments != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// Segments that were open are not what was synced: a disk has lied, or lost it since. What is whole is kept, whatever else has happened, and
// nothing that a checkpoint has vouched for is removed.
func TestRecoverKeepsWhatIsGood(t *testing.T) {
	cut := func(h *hurt, at int64) {
		if err := h.f.Truncate(at); err != nil {
			h.t.Fatal(err)
		}
	}
	cases := []struct {
		name  string
		known int // fragments that a checkpoint knows
		hurt  func(h *hurt)
		lost  []int // fragments that are past saving
		sum   Recovered
	}{
		{"first bytes", 4, func(h *hurt) { h.put(10, 1, 2, 3) }, nil, Recovered{Segments: 1, Hurt: 1}},
		{"first bytes, no checkpoint", 0, func(h *hurt) { h.put(0, make([]byte, len(h.s.Init))...) }, nil, Recovered{Segments: 1, Hurt: 1}},
		{"first bytes and a rotten fragment that was vouched for", 4, func(h *hurt) { h.put(10, 1, 2, 3); h.rot(1) }, []int{1}, Recovered{Segments: 1, Hurt: 1, Missing: 1}},
		{"first bytes and the last fragment, vouched for", 6, func(h *hurt) { h.put(10, 1, 2, 3); h.seal(5) }, []int{5}, Recovered{Segments: 1, Hurt: 1, Missing: 1}},
		{"shorter than promised", 6, func(h *hurt) { cut(h, h.entries[4].Offset+100) }, []int{4, 5}, Recovered{Segments: 1, Hurt: 1, Missing: 1}},
		{"shorter than promised, and rotten", 6, func(h *hurt) { cut(h, h.entries[4].Offset+100); h.rot(1) }, []int{1, 4, 5}, Recovered{Segments: 1, Hurt: 1, Missing: 1}},
		{"rot behind the checkpoint", 2, func(h *hurt) { h.rot(3) }, []int{3}, Recovered{Segments: 1}},
		{"a damaged box behind the checkpoint", 2, func(h *hurt) { h.box(2) }, []int{2}, Recovered{Segments: 1}},
		{"rot at the beginning, no checkpoint", 0, func(h *hurt) { h.rot(0) }, []int{0}, Recovered{Segments: 1}},
		{"footage of another run behind the end", 6, func(h *hurt) {
			o, _, b := draft("gate", Main, h.s.Disk, 9, epoch, 3, 10*time.Second, 3000)
			h.put(h.size, append([]byte{1, 2, 3}, b[len(o.Init):]...)...)
		}, nil, Recovered{Segments: 1}},
		{"next to nothing is left", 6, func(h *hurt) { cut(h, 10) }, []int{0, 1, 2, 3, 4, 5}, Recovered{Aside: 1, Missing: 1}},
		{"all overwritten", 3, func(h *hurt) { h.put(0, make([]byte, h.size)...) }, []int{0, 1, 2, 3, 4, 5}, Recovered{Aside: 1, Missing: 1}},
		{"all overwritten, no checkpoint", 0, func(h *hurt) { h.put(0, make([]byte, h.size)...) }, []int{0, 1, 2, 3, 4, 5}, Recovered{Empty: 1}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				ctx := context.Background()
				y := newYard(t, db)
				s, entries, b := draft("gate", Main, y.disk, 1, epoch, 6, 10*time.Second, 3000)
				if err := y.Begin(ctx, s); err != nil {
					t.Fatal(err)
				}
				y.write(s.Path, b)
				y.Append(s.ID, entries...)
				if err := y.Checkpoint(ctx, Synced{s.ID, c.known}); err != nil {
					t.Fatal(err)
				}
				name := path.Join(y.cfg.Path, s.Path)
				f, err := y.layer.Edit(name)
				if err != nil {
					t.Fatal(err)
				}
				c.hurt(&hurt{t: t, f: f, db: db, s: s, entries: entries, size: int64(len(b))})
				y.open(db)
				sum, err := y.Recover(ctx, y.disk)
				sum.Read, sum.Truncated = 0, 0
				if err != nil || sum != c.sum {
					t.Fatalf("%+v, %v", sum, err)
				}
				var want []Entry
				for i, e := range entries {
					if !slices.Contains(c.lost, i) {
						want = append(want, e)
					}
				}
				told, err := y.Differences(ctx, 10)
				if err != nil || len(told) != c.sum.Aside {
					t.Errorf("%+v, %v", told, err)
				}
				if n := len(y.events(db, "footage.mended")); n != c.sum.Hurt {
					t.Errorf("%d events", n)
				}
				if len(want) == 0 {
					if _, err := y.Segment(ctx, s.ID); err == nil {
						t.Error("it has a row")
					}
					if _, err := y.layer.Stat(path.Join(y.cfg.Path, asideName(s.Path))); (err == nil) != (c.sum.Aside == 1) {
						t.Errorf("put aside: %v", err)
					}
					return
				}
				info, err := y.Segment(ctx, s.ID)
				if err != nil {
					t.Fatal(err)
				}
				got, err := info.Entries(ctx)
				if err != nil || !slices.EqualFunc(got, want, func(a, b Entry) bool { return a.Hash == b.Hash && a.Offset == b.Offset && a.Start.Equal(b.Start) }) {
					t.Errorf("%d fragments of %d, %v", len(got), len(want), err)
				}
				if head, err := info.Init(ctx); err != nil || !bytes.Equal(head, s.Init) {
					t.Errorf("its first bytes are not what they were, %v", err)
				}
				if c.known > 0 { // what was vouched for is all there, whatever has become of it
					size, err := f.Size()
					if promised := after(entries[c.known-1]); err != nil || size < promised && c.name != "shorter than promised" && c.name != "shorter than promised, and rotten" {
						t.Errorf("%d bytes, %d were promised, %v", size, promised, err)
					}
				}
				if r, err := y.Fsck(ctx, FsckOptions{Report: func(d Difference) { t.Errorf("%+v", d) }}); err != nil || r.Segments != 1 {
					t.Errorf("%+v, %v", r, err)
				}
			})
		})
	}
}
