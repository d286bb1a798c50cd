package archive

import (
	"bytes"
	"context"
	"errors"
	"path"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/protocol/cmaf"
)

// recovery is a look at the open segments of a disk.
type recovery struct {
	walk // where the disk is, and how its files are read to their end

	dirs    folders
	skip    func(*Segment, error) error // told of a file that cannot be looked at
	hurt    []row                       // to be read as a whole, when all others have their rows
	vouched map[SegmentID]int           // of those that are not as they were written: fragments that checkpoints know
	partly  map[SegmentID]bool          // taken in although a part cannot be read
	sum     Recovered
}

// errHurt says that more is wrong with a segment than its end.
var errHurt = errors.New("not what was synced")

// salvageRate is how fast a damaged segment is read, bytes per second: beside it all cameras are recorded.
const salvageRate = 16 << 20

func (v *recovery) bad(err error) error {
	return fault.Wrap(err, fault.Unavailable, "archive.recover", "disk.unreadable", "path", v.root)
}

// open opens a segment's file; none and no error: it is not there.
func (v *recovery) open(ctx context.Context, r *row) (file.File, int64, error) {
	name := path.Join(v.root, r.Path)
	f, err := v.d.layer.Edit(name)
	if file.FaultOf(err) == file.Missing {
		if err := v.a.Stands(r.Disk, v.root, v.d.layer); err != nil { // everything is missing where a disk was pulled
			return nil, 0, v.bad(err)
		}
		v.dirs.touch(name)
		return nil, 0, v.missing(ctx, r)
	}
	if err != nil {
		return nil, 0, v.bad(err)
	}
	size, err := f.Size()
	if err != nil {
		f.Close()
		return nil, 0, v.bad(err)
	}
	return f, size, nil
}

// missing has nothing to make a row of.
func (v *recovery) missing(ctx context.Context, r *row) error {
	n := len(r.entries)
	r.entries = nil
	if n == 0 {
		v.sum.Empty++
		return nil
	}
	v.a.log.Error("a file with synced footage is missing", "segment", r.ID, "path", r.Path, "fragments", n)
	v.sum.Missing++
	return v.a.tellMissing(ctx, r, n)
}

// look looks at one file. It leaves in r what the file holds; one that holds no whole fragment, and of which none was promised, goes.
func (v *recovery) look(ctx context.Context, r *row) error {
	f, size, err := v.open(ctx, r)
	if err != nil || f == nil {
		return err
	}
	defer f.Close()
	end, err := v.read(ctx, f, size, r)
	switch {
	case errors.Is(err, errHurt) || ctx.Err() != nil:
		return err
	case err != nil && len(r.entries) > 0 && v.a.trials(r.ID) >= len(readAgain):
		// It will not be read any more. What is known to be there is taken in, and the file stays as it is.
		v.a.log.Error("a part of a segment cannot be read; the rest is taken in", "segment", r.ID, "path", r.Path, "fragments", len(r.entries), "err", err)
		v.sum.Hurt++
		v.partly[r.ID], end = true, size
	case err != nil:
		return v.bad(err)
	}
	if len(r.entries) == 0 {
		return v.remove(f, size, r)
	}
	return v.keep(f, size, end, r)
}

// remove takes away a file in which there is nothing.
func (v *recovery) remove(f file.File, size int64, r *row) error {
	f.Close()
	if err := v.dirs.remove(path.Join(v.root, r.Path)); err != nil {
		return v.bad(err)
	}
	v.sum.Empty++
	v.sum.Truncated += size
	return nil
}

// keep gives a file its end. Also where nothing is torn: space that was reserved behind it goes back.
func (v *recovery) keep(f file.File, size, end int64, r *row) error {
	if err := f.Truncate(end); err != nil {
		return v.bad(err)
	}
	if err := f.Sync(); err != nil {
		return v.bad(err)
	}
	v.dirs.touch(path.Join(v.root, r.Path)) // the process may have ended between making the file and syncing its folder
	v.sum.Truncated += size - end
	r.bytes = end
	return nil
}

// read reads what no checkpoint vouches for, and tells where the footage ends.
func (v *recovery) read(ctx context.Context, f file.File, size int64, r *row) (end int64, err error) {
	head := make([]byte, min(size, int64(len(r.Init))))
	if _, err := f.ReadAt(head, 0); err != nil {
		return 0, err
	}
	from := int64(len(r.Init))
	if n := len(r.entries); n > 0 {
		from = after(r.entries[n-1])
	} else if size < from { // it was just being begun
		return 0, nil
	}
	if !bytes.Equal(head, r.Init) || from > size {
		return 0, errHurt
	}
	v.sum.Read += size - from
	moved, known := movedBy(f, r)
	end, err = scanFile(f, from, size, false, nil, func(s scanned) error {
		if !known {
			moved, known = r.Start.Sub(s.Start), true
		}
		s.Start = s.Start.Add(moved)
		r.entries = append(r.entries, s.Entry)
		return nil
	})
	if !errors.Is(err, errTorn) {
		return end, err
	}
	// A cut of the power tears what was not synced, in any order; rot tears what was. What is whole behind it is kept all the same.
	found, err := v.salvage(ctx, f, end)
	if err != nil {
		return end, err
	}
	if found.keepRun(r.Run); len(found.good) == 0 {
		return end, nil
	}
	if !known {
		moved = found.movedSinceBegun(r)
	}
	r.entries = append(r.entries, found.entries(moved)...)
	return after(r.entries[len(r.entries)-1]), nil
}

// save keeps what is whole in a segment that is not what was synced: its first bytes are others, or what was promised is not there. The disk
// has lied, or lost them since, so nothing but the bytes is believed. What a checkpoint has vouched for is not cut off, and a file goes
// only where none has, and nothing in it is whole.
func (v *recovery) save(ctx context.Context, r *row) error {
	f, size, err := v.open(ctx, r)
	if err != nil || f == nil {
		return err
	}
	defer f.Close()
	promised := r.entries
	found, err := v.salvage(ctx, f, int64(len(r.Init)))
	if err != nil {
		return v.bad(err)
	}
	v.sum.Read += size
	found.keepRun(r.Run)
	if len(found.good) == 0 {
		r.entries = nil
		if len(promised) == 0 {
			return v.remove(f, size, r)
		}
		return v.aside(ctx, r, len(promised))
	}
	moved, ok := found.movedFrom(promised)
	if !ok {
		moved = found.movedSinceBegun(r)
	}
	r.entries = found.entries(moved)
	if len(promised) > 0 && !covers(r.entries, promised) {
		v.sum.Missing++
	}
	v.sum.Hurt++
	v.vouched[r.ID] = len(promised)
	v.a.log.Error("an open segment is not what was synced; what is whole in it was kept", "segment", r.ID, "path", r.Path, "fragments", len(r.entries), "promised", len(promised))
	end := found.whole
	if n := len(promised); n > 0 {
		end = max(end, min(size, after(promised[n-1])))
	}
	if _, err := f.WriteBuffers([][]byte{r.Init}, 0); err != nil {
		return v.bad(err)
	}
	return v.keep(f, size, end, r)
}

// aside puts a file where nothing is looked for any more, for a person to look at until its days are over.
func (v *recovery) aside(ctx context.Context, r *row, promised int) error {
	to := path.Join(v.root, asideName(r.Path))
	if err := v.d.layer.MakeDir(path.Dir(to)); err != nil {
		return v.bad(err)
	}
	if err := v.d.layer.Rename(path.Join(v.root, r.Path), to); err != nil {
		return v.bad(err)
	}
	v.a.log.Error("an open segment is not what was synced; nothing is whole in it, and it was put aside", "segment", r.ID, "path", r.Path, "to", to, "promised", promised)
	v.sum.Aside++
	v.sum.Missing++
	return v.a.tellAside(ctx, r, promised)
}

// covers says whether all of old are there yet.
func covers(list, old []Entry) bool {
	for _, e := range old {
		for len(list) > 0 && list[0].Offset < e.Offset {
			list = list[1:]
		}
		if len(list) == 0 || list[0].Offset != e.Offset || list[0].Hash != e.Hash {
			return false
		}
	}
	return true
}

// keepRun leaves out fragments of other segments: a disk that has lied may give what stood in its place before.
func (s *salvaged) keepRun(run int64) {
	kept := s.good[:0]
	for _, x := range s.good {
		if x.seal.Run == run {
			kept = append(kept, x)
		}
	}
	s.good = kept
}

// movedSinceBegun tells by how much a segment was dated anew while it was open, where no checkpoint knows its fragments. Its row knows
// when its first one began. Where that is lost, the decode times tell how much later this one is, but for the clock's drift. What was dated by
// a clock that could be believed is not dated anew while it is open.
func (s *salvaged) movedSinceBegun(r *row) time.Duration {
	const drift = 4 * time.Second
	first := s.good[0]
	if first.Offset == int64(len(r.Init)) {
		return r.Start.Sub(first.Start)
	}
	if !first.seal.Unconfirmed {
		return 0
	}
	tracks, starts, err := cmaf.ParseInit(r.Init)
	if err != nil || len(starts) == 0 || len(tracks) == 0 || tracks[0].Timescale == 0 || first.Decode < starts[0] {
		return 0
	}
	later := time.Duration(float64(first.Decode-starts[0]) / float64(tracks[0].Timescale) * float64(time.Second))
	if by := r.Start.Add(later).Sub(first.Start); by > drift || by < -drift {
		return by
	}
	return 0
}

// movedBy tells by how much a segment was dated anew while it was open: its seals still tell the old time. What no checkpoint has
// seen is known by its first fragment.
func movedBy(f file.File, r *row) (time.Duration, bool) {
	if len(r.entries) == 0 {
		return 0, false
	}
	box := make([]byte, SealSize)
	first := r.entries[0]
	if _, err := f.ReadAt(box, first.Offset+int64(first.Size)); err != nil {
		return 0, true
	}
	seal, ok := parseSeal(box)
	if !ok {
		return 0, true
	}
	return first.Start.Sub(seal.Start), true
}
