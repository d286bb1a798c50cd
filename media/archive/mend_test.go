package archive

import (
	"context"
	"path"
	"slices"
	"testing"
	"time"

	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// twice is a segment to which two things happen at once, as on a disk that is dying.
type twice struct {
	name string
	hurt func(h *hurt)
	lost []int // fragments that are past saving
}

// hurt is what hurts it.
type hurt struct {
	t       *testing.T
	f       file.File
	db      *store.DB
	s       Segment
	entries []Entry
	size    int64
}

func (h *hurt) put(at int64, b ...byte) {
	h.t.Helper()
	if _, err := h.f.WriteBuffers([][]byte{b}, at); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hurt) rot(i int)  { h.put(h.entries[i].Offset+500, 1, 2, 3) }
func (h *hurt) tail()      { h.put(h.size, 0, 0, 0, 9, 'm', 'o', 'o', 'f', 1) }
func (h *hurt) box(i int)  { h.put(h.entries[i].Offset, 0xff, 0xff, 0xff, 0xff, 'x') }
func (h *hurt) seal(i int) { h.put(h.entries[i].Offset+int64(h.entries[i].Size)+30, 0xff, 0xff) }

func (h *hurt) sql(q string, args ...any) {
	h.t.Helper()
	if _, err := h.db.ExecContext(context.Background(), q, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hurt) index() {
	h.sql("UPDATE segment_indexes SET fragments = ? WHERE segment = ?", []byte{9, 9}, h.s.ID)
}

func (h *hurt) row() {
	h.sql("DELETE FROM segments WHERE id = ?", h.s.ID)
	h.sql("DELETE FROM segment_indexes WHERE segment = ?", h.s.ID)
}

// Mending keeps every fragment that is good, and every byte of the others: it cut a file off at the first rotten one, and removed it where
// that was the first of all.
func TestMendKeepsWhatIsGood(t *testing.T) {
	cases := []twice{
		{"rot and bytes behind the end", func(h *hurt) { h.rot(1); h.tail() }, []int{1}},
		{"rot and a damaged index", func(h *hurt) { h.rot(1); h.index() }, []int{1}},
		{"rot and no row", func(h *hurt) { h.rot(1); h.tail(); h.row() }, []int{1}},
		{"rot at the beginning", func(h *hurt) { h.rot(0); h.tail() }, []int{0}},
		{"rot at the beginning, no row", func(h *hurt) { h.rot(0); h.row() }, []int{0}},
		{"a rotten box and a damaged index", func(h *hurt) { h.box(2); h.index() }, []int{2}},
		{"a rotten seal and a damaged index", func(h *hurt) { h.seal(2); h.index() }, []int{2}},
		{"the first seal and a damaged index", func(h *hurt) { h.seal(0); h.index() }, []int{0}},
		{"the first box, its seal and a damaged index", func(h *hurt) { h.box(0); h.seal(0); h.index() }, []int{0}},
		{"the last seal and bytes behind the end", func(h *hurt) { h.seal(5); h.tail() }, []int{5}},
		{"all boxes and no row", func(h *hurt) { h.box(0); h.seal(1); h.box(3); h.row() }, []int{0, 1, 3}},
		{"all rotten", func(h *hurt) {
			for i := range h.entries {
				h.rot(i)
			}
			h.tail()
		}, []int{0, 1, 2, 3, 4, 5}},
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		var all []*hurt
		for i, c := range cases {
			s, entries, b := draft("gate", Main, y.disk, 1, epoch.Add(time.Duration(i)*time.Minute), 6, 10*time.Second, 3000)
			y.write(s.Path, b)
			if err := y.Begin(ctx, s); err != nil {
				t.Fatal(err)
			}
			y.Append(s.ID, entries...)
			if err := y.Finish(ctx, s.ID); err != nil {
				t.Fatal(err)
			}
			f, err := y.layer.Edit(path.Join(y.cfg.Path, s.Path))
			if err != nil {
				t.Fatal(err)
			}
			h := &hurt{t: t, f: f, db: db, s: s, entries: entries, size: int64(len(b))}
			c.hurt(h)
			all = append(all, h)
		}
		for round := range 2 { // the second has nothing more to mend
			r, err := y.Fsck(ctx, FsckOptions{Mend: true})
			if err != nil || round == 1 && !r.Clean() {
				t.Fatalf("%+v, %v", r, err)
			}
		}
		for i, c := range cases {
			h := all[i]
			name := path.Join(y.cfg.Path, h.s.Path)
			if len(c.lost) == len(h.entries) {
				name = path.Join(y.cfg.Path, asideName(h.s.Path))
			}
			if there, err := y.layer.Stat(name); err != nil || there.Size < h.size {
				t.Errorf("%s: %d bytes of %d are left, %v", c.name, there.Size, h.size, err)
			}
			s, err := y.Segment(ctx, h.s.ID)
			if len(c.lost) == len(h.entries) {
				if err == nil {
					t.Errorf("%s: it still has a row", c.name)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			got, err := s.Entries(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var want []Entry
			for i, e := range h.entries {
				if !slices.Contains(c.lost, i) {
					want = append(want, e)
				}
			}
			if !slices.EqualFunc(got, want, func(a, b Entry) bool {
				return a.Hash == b.Hash && a.Offset == b.Offset && a.Size == b.Size && a.Start.Equal(b.Start) && a.Duration == b.Duration && a.Decode == b.Decode
			}) {
				t.Errorf("%s: %d fragments are left, %d are good", c.name, len(got), len(want))
			}
		}
	})
}

// What was dated anew stays where it is when it is mended, however little it was moved: it went back to what its seals say, onto its
// neighbour.
func TestMendKeepsDates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBare(t, db)
		b.boots(time.Hour, "second")
		b.setTo(b.really().Add(-20 * time.Minute))
		list := b.records(20, false)
		b.setTo(b.really())
		b.synced = true
		b.clock.run(2 * time.Second)
		if n, err := b.ConfirmDates(ctx); err != nil || n != 4 {
			t.Fatal(n, err)
		}
		b.expect("dated anew", list, 0, false)
		for i, r := range list {
			f, err := b.layer.Edit(path.Join(b.cfg.Path, r.Path))
			if err != nil {
				t.Fatal(err)
			}
			size, err := f.Size()
			if err != nil {
				t.Fatal(err)
			}
			h := &hurt{t: t, f: f, db: db, s: r.Segment, entries: r.entries, size: size}
			switch i {
			case 0:
				h.tail()
			case 1:
				h.index()
			case 2:
				h.index()
				h.tail()
			}
		}
		r, err := b.Fsck(ctx, FsckOptions{Mend: true})
		if err != nil || r.Mended != 3 || r.Differences[Overlapping] != 0 {
			t.Fatalf("%+v, %v", r, err)
		}
		b.expect("mended", list, 0, false)
	})
}
