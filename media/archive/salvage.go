package archive

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"linli.dev/linli/media/archive/file"
)

// salvaged is what a file holds by its own account, whatever has become of parts of it.
type salvaged struct {
	good  []scanned // whole fragments, in order
	seals []Seal    // of all fragments whose seal can be read, those that are rotten included
	whole int64     // behind its last fragment: what comes after belongs to none
	size  int64
}

// entries are those of the whole fragments, moved by so much.
func (s *salvaged) entries(by time.Duration) []Entry {
	list := make([]Entry, len(s.good))
	for i, x := range s.good {
		list[i] = x.Entry
		list[i].Start = x.Start.Add(by)
	}
	return list
}

// salvage reads a file to its end. A fragment that is not what its hash says is left out; where the boxes themselves cannot be
// followed, the next seal tells where to go on.
func (w *walk) salvage(ctx context.Context, f file.File, init int64) (salvaged, error) {
	s := salvaged{whole: init}
	var err error
	if s.size, err = f.Size(); err != nil {
		return s, notRead(err)
	}
	wait := w.gently(ctx)
	for at := init; at < s.size; {
		good, err := scanFile(f, at, s.size, true, wait, func(x scanned) error {
			s.seals = append(s.seals, x.seal)
			if x.good {
				s.good = append(s.good, x)
			}
			return nil
		})
		s.whole = max(s.whole, good)
		if !errors.Is(err, errTorn) {
			return s, unlessOver(ctx, err)
		}
		seal, p, err := nextSeal(f, good, s.size, wait)
		if err != nil || p < 0 {
			return s, unlessOver(ctx, err)
		}
		if begin := p - int64(seal.Size); begin > good {
			at = begin // what lies before it is past reading
			continue
		}
		s.seals = append(s.seals, seal)
		at = p + SealSize
		s.whole = at
	}
	return s, nil
}

// unlessOver marks an error of reading as the disk's, unless somebody has ended the reading.
func unlessOver(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return notRead(err)
}

// nextSeal looks for the first seal between off and end; -1 where there is none.
func nextSeal(r io.ReaderAt, off, end int64, wait func(n int) error) (Seal, int64, error) {
	mark := append([]byte("uuid"), sealType[:]...)
	buf := make([]byte, 256<<10)
	for end-off >= SealSize {
		b := buf[:min(int64(len(buf)), end-off)]
		if err := wait(len(b)); err != nil {
			return Seal{}, -1, err
		}
		if _, err := r.ReadAt(b, off); err != nil && !errors.Is(err, io.EOF) {
			return Seal{}, -1, err
		}
		for at := 0; ; {
			i := bytes.Index(b[at:], mark)
			if i < 0 {
				break
			}
			at += i + 1
			if p := at - 1 - 4; p >= 0 && p+SealSize <= len(b) {
				if seal, ok := parseSeal(b[p : p+SealSize]); ok {
					return seal, off + int64(p), nil
				}
			}
		}
		if int64(len(b)) == end-off {
			break
		}
		off += int64(len(b)) - SealSize // one may lie across
	}
	return Seal{}, -1, nil
}

// movedSince tells by how much a segment was dated anew since it was written: its seals still tell the old time. Its index knows, or,
// where that is damaged, its row.
func (w *walk) movedSince(ctx context.Context, s *SegmentInfo, f *salvaged) time.Duration {
	if old, err := w.a.loadIndex(ctx, s, false); err == nil {
		if by, ok := f.movedFrom(old); ok {
			return by
		}
	}
	ends := func(by time.Duration) bool {
		return slices.ContainsFunc(f.seals, func(x Seal) bool { return x.Start.Add(x.Duration + by).Equal(s.End) })
	}
	if ends(0) || slices.ContainsFunc(f.seals, func(x Seal) bool { return x.Start.Equal(s.Start) }) {
		return 0
	}
	first, last := f.seals[0], f.seals[len(f.seals)-1]
	end := s.End.Sub(last.Start.Add(last.Duration))
	if last.Start.Add(last.Duration).Sub(first.Start) == s.End.Sub(s.Start) {
		return end
	}
	by := s.Start.Sub(f.good[0].Start) // what is rotten at its beginning was left out before
	if good := f.good[len(f.good)-1]; !ends(by) && good.Start.Equal(last.Start) {
		return end // nobody can read how it began, and its end is whole
	}
	return by
}

// movedFrom compares with an index; false where it does not say the same of all fragments.
func (s *salvaged) movedFrom(old []Entry) (by time.Duration, ok bool) {
	for _, x := range s.good {
		for len(old) > 0 && old[0].Offset < x.Offset {
			old = old[1:]
		}
		if len(old) == 0 || old[0].Offset != x.Offset {
			continue
		}
		d := old[0].Start.Sub(x.Start)
		if ok && d != by {
			return 0, false
		}
		by, ok = d, true
	}
	return by, ok
}
