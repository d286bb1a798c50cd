package archive

import (
	"context"
	"errors"
	"path"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive/file"
)

// segment compares a row with its file.
func (w *walk) segment(ctx context.Context, s *SegmentInfo) error {
	w.r.Segments++
	name := path.Join(w.root, s.Path)
	diff := func(k Kind, code string, args ...any) Difference {
		return Difference{Kind: k, Disk: s.Disk, Path: s.Path, Segment: s.ID, Found: remark("differs."+code, args...)}
	}
	unread := func(err error) error {
		return w.unread(ctx, Difference{Kind: Unreadable, Disk: s.Disk, Path: s.Path, Segment: s.ID}, err)
	}
	f, err := w.d.layer.Open(name)
	if file.FaultOf(err) == file.Missing {
		if !w.still(ctx, s.ID) {
			return nil
		}
		if err := w.present(); err != nil {
			return err
		}
		return w.found(ctx, diff(MissingFile, "missing", "n", s.Fragments, "at", s.Start), func() (Remark, error) {
			_, err := w.a.dropRow(ctx, s, byLoss)
			return remark("mended.row-removed"), err
		})
	}
	if err != nil {
		return unread(err)
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return unread(err)
	}
	entries, ierr := w.a.loadIndex(ctx, s, true)
	if ierr != nil {
		if !w.still(ctx, s.ID) {
			return nil
		}
		if !errors.Is(ierr, errIndex) && fault.KindOf(ierr) != fault.Gone {
			return ierr // the database is away: that says nothing of the index
		}
		code := "index-broken"
		if !errors.Is(ierr, errIndex) {
			code = "index-missing"
		}
		return w.found(ctx, diff(IndexMismatch, code), w.rebuild(ctx, s, name))
	}
	if code, args := s.disagrees(entries); code != "" {
		return w.found(ctx, diff(IndexMismatch, code, args...), w.rebuild(ctx, s, name))
	}
	w.r.Fragments += int64(len(entries))
	switch {
	case size > s.Bytes:
		kind := SizeMismatch
		_, err := scanFile(f, s.Bytes, size, false, w.gently(ctx), func(scanned) error { return nil })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, errTorn) {
			kind = TornTail
		}
		return w.found(ctx, diff(kind, "size", "size", size, "known", s.Bytes), w.rebuild(ctx, s, name))
	case size < s.Bytes:
		return w.found(ctx, diff(SizeMismatch, "size", "size", size, "known", s.Bytes), w.rebuild(ctx, s, name))
	}
	if w.o.Quick {
		return nil
	}
	bad, err := w.bytes(ctx, s, f, entries)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return unread(err)
	case len(bad) == 0 || !w.still(ctx, s.ID):
		return nil
	}
	return w.found(ctx, diff(HashMismatch, "hash", "n", len(bad), "all", len(entries), "at", entries[bad[0]].Start), func() (Remark, error) {
		return remark("mended.taken-out"), w.a.takeOut(ctx, s, entries, bad)
	})
}

// unread reports bytes that the disk does not give, unless it gives nothing at all any more.
func (w *walk) unread(ctx context.Context, d Difference, err error) error {
	if err := w.present(); err != nil {
		return err
	}
	d.Found = unreadableFor(err)
	return w.found(ctx, d, nil)
}

// disagrees holds a row against its own index: the code of what differs, "" where nothing does.
func (s *SegmentInfo) disagrees(entries []Entry) (code string, args []any) {
	switch n := len(entries); {
	case n == 0:
		return "index-empty", nil
	case n != s.Fragments:
		return "index-count", []any{"n", n, "known", s.Fragments}
	case entries[0].Offset < s.InitSize || after(entries[n-1]) > s.Bytes:
		return "index-outside", nil
	case !entries[0].Start.Equal(s.Start) || !entries[n-1].End().Equal(s.End):
		return "index-times", nil
	}
	return "", nil
}

// bytes reads a segment and compares it with its index, fragment by fragment: which of them are not what was written.
func (w *walk) bytes(ctx context.Context, s *SegmentInfo, f file.File, entries []Entry) (bad []int, err error) {
	n := 0
	w.r.Files++
	at := s.InitSize
	_, err = scanFile(f, at, s.Bytes, true, w.gently(ctx), func(x scanned) error {
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
	if !errors.Is(err, errTorn) {
		return bad, err
	}
	for i := n; i < len(entries); i++ { // the walk broke off: the boxes themselves are damaged
		ok, err := w.sound(ctx, f, entries[i])
		if err != nil {
			return nil, err
		}
		if !ok {
			bad = append(bad, i)
		}
	}
	return bad, nil
}

// sound compares one fragment with its hash.
func (w *walk) sound(ctx context.Context, f file.File, e Entry) (bool, error) {
	good := false
	_, err := scanFile(f, e.Offset, after(e), true, w.gently(ctx), func(x scanned) error {
		good = x.good && x.seal.Hash == e.Hash
		return nil
	})
	if errors.Is(err, errTorn) {
		return false, nil
	}
	return good, err
}
