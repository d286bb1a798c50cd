package archive

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive/file"
)

// segment compares a row with its file.
func (w *walk) segment(ctx context.Context, s *SegmentInfo) error {
	w.r.Segments++
	name := path.Join(w.root, s.Path)
	diff := func(k Kind, format string, args ...any) Difference {
		return Difference{Kind: k, Disk: s.Disk, Path: s.Path, Segment: s.ID, Detail: fmt.Sprintf(format, args...)}
	}
	f, err := w.d.layer.Open(name)
	if file.FaultOf(err) == file.Missing {
		if !w.still(ctx, s.ID) {
			return nil
		}
		if err := w.present(); err != nil {
			return err
		}
		return w.found(ctx, diff(MissingFile, "%d fragments from %s", s.Fragments, s.Start.Format(time.RFC3339)), func() (string, error) {
			_, err := w.a.dropRow(ctx, s, byLoss)
			return "row removed", err
		})
	}
	if err != nil {
		return w.unread(ctx, diff(Unreadable, "%v", err))
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return w.unread(ctx, diff(Unreadable, "%v", err))
	}
	entries, ierr := w.a.loadIndex(ctx, s, true)
	if ierr != nil {
		if !w.still(ctx, s.ID) {
			return nil
		}
		if !errors.Is(ierr, errIndex) && fault.KindOf(ierr) != fault.Gone {
			return ierr // the database is away: that says nothing of the index
		}
		return w.found(ctx, diff(IndexMismatch, "%v", ierr), w.rebuild(ctx, s, name))
	}
	if detail := s.disagrees(entries); detail != "" {
		return w.found(ctx, diff(IndexMismatch, "%s", detail), w.rebuild(ctx, s, name))
	}
	w.r.Fragments += int64(len(entries))
	switch {
	case size > s.Bytes:
		kind := SizeMismatch
		if _, err := scanFile(f, s.Bytes, size, false, nil, func(scanned) error { return nil }); errors.Is(err, errTorn) {
			kind = TornTail
		}
		return w.found(ctx, diff(kind, "%d bytes, the index knows %d", size, s.Bytes), w.rebuild(ctx, s, name))
	case size < s.Bytes:
		return w.found(ctx, diff(SizeMismatch, "%d bytes, the index knows %d", size, s.Bytes), w.rebuild(ctx, s, name))
	}
	if w.o.Quick {
		return nil
	}
	return w.bytes(ctx, s, f, entries, diff)
}

// unread reports bytes that the disk does not give, unless it gives nothing at all any more.
func (w *walk) unread(ctx context.Context, d Difference) error {
	if err := w.present(); err != nil {
		return err
	}
	return w.found(ctx, d, nil)
}

// disagrees holds a row against its own index.
func (s *SegmentInfo) disagrees(entries []Entry) string {
	switch n := len(entries); {
	case n == 0:
		return "no fragment"
	case n != s.Fragments:
		return fmt.Sprintf("%d fragments, the row says %d", n, s.Fragments)
	case entries[0].Offset < s.InitSize || after(entries[n-1]) > s.Bytes:
		return "offsets outside the file"
	case !entries[0].Start.Equal(s.Start) || !entries[n-1].End().Equal(s.End):
		return "times other than the row's"
	}
	return ""
}

// bytes reads a segment and compares it with its index, fragment by fragment.
func (w *walk) bytes(ctx context.Context, s *SegmentInfo, f file.File, entries []Entry, diff func(Kind, string, ...any) Difference) error {
	var bad []int
	n := 0
	w.r.Files++
	wait := func(k int) error {
		w.r.Bytes += int64(k)
		if err := w.d.admit(ctx, Check); err != nil {
			return err
		}
		return w.meter.wait(ctx, k)
	}
	at := s.InitSize
	_, err := scanFile(f, at, s.Bytes, true, wait, func(x scanned) error {
		for n < len(entries) && entries[n].Offset < x.Offset { // taken out of the index earlier
			n++
		}
		if n < len(entries) && entries[n].Offset == x.Offset {
			if e := entries[n]; !x.good || x.seal.Hashed && x.seal.Hash != e.Hash || x.seal.Size != e.Size {
				bad = append(bad, n)
			}
			n++
		}
		return nil
	})
	if err != nil && !errors.Is(err, errTorn) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return w.unread(ctx, diff(Unreadable, "%v", err))
	}
	if err != nil { // the walk broke off: the boxes themselves are damaged
		for i := n; i < len(entries); i++ {
			ok, err := w.sound(f, entries[i])
			if err != nil {
				return w.unread(ctx, diff(Unreadable, "%v", err))
			}
			if !ok {
				bad = append(bad, i)
			}
		}
	}
	if len(bad) == 0 {
		return nil
	}
	if !w.still(ctx, s.ID) {
		return nil
	}
	return w.found(ctx, diff(HashMismatch, "%d of %d fragments, the first at %s", len(bad), len(entries), entries[bad[0]].Start.Format(time.RFC3339)), func() (string, error) {
		return "taken out of the index", w.a.takeOut(ctx, s, entries, bad)
	})
}

// sound compares one fragment with its hash.
func (w *walk) sound(f file.File, e Entry) (bool, error) {
	good := false
	_, err := scanFile(f, e.Offset, after(e), true, nil, func(x scanned) error {
		good = x.good && x.seal.Hash == e.Hash
		return nil
	})
	if errors.Is(err, errTorn) {
		return false, nil
	}
	return good, err
}
