package archive

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"path"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive/file"
)

// Use says what somebody reads for. When a disk cannot keep up, they wait in this order: checks first, then exports, then
// playback. Recording never waits, and live pictures do not come from a disk.
type Use int32

const (
	Playback Use = iota
	Export
	Check
)

// Load says who has to wait.
type Load int32

const (
	Light    Load = iota
	Busy          // checks wait
	Strained      // exports too
	Drowning      // playback too
)

type useKey struct{}

// For marks what a context's reads are for; without it they are playback.
func For(ctx context.Context, u Use) context.Context { return context.WithValue(ctx, useKey{}, u) }

func useOf(ctx context.Context) Use { u, _ := ctx.Value(useKey{}).(Use); return u }

// SetLoad says how hard the recorder finds it to keep up on a disk.
func (a *Archive) SetLoad(id DiskID, l Load) {
	a.mu.RLock()
	d := a.disks[id]
	a.mu.RUnlock()
	if d != nil {
		d.load.Store(int32(l))
	}
}

// gateWait is how long a read waits for its turn before it is refused.
const gateWait = 5 * time.Second

// aside is how long a check stands back after somebody has read to see or to export something, standBack how long at most
// before it reads a little all the same: a wall that plays all day must not keep rot from being found.
const (
	aside     = 250 * time.Millisecond
	standBack = 2 * time.Second
)

// admit lets a read through or makes it wait.
func (d *disk) admit(ctx context.Context, u Use) error {
	if err := d.keepUp(ctx, u); err != nil || u != Check {
		return err
	}
	for end := time.Now().Add(standBack); time.Since(time.Unix(0, d.looked.Load())) < aside && time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(aside / 5):
		}
	}
	return d.keepUp(ctx, u)
}

// keepUp waits while the recorder needs the disk.
func (d *disk) keepUp(ctx context.Context, u Use) error {
	limit := int32(Drowning) - int32(u) // playback waits from 3 on, exports from 2, checks from 1
	if d.load.Load() < limit && !d.dead.Load() {
		return nil
	}
	deadline := time.Now().Add(gateWait)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for d.load.Load() >= limit || d.dead.Load() {
		if d.dead.Load() {
			return fault.New(fault.Unavailable, "archive.read", "disk.dead")
		}
		if u != Check && time.Now().After(deadline) { // a check has time
			f := fault.New(fault.Unavailable, "archive.read", "disk.busy")
			f.RetryAfter = gateWait
			return f
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// Reader is an open segment file.
type Reader interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

type reader struct {
	ctx  context.Context
	use  Use
	disk *disk
	f    file.File
	size int64
}

// OpenSegment opens a segment's file for reading. A read waits, and in the end fails with fault.Unavailable, while the disk
// cannot keep up with recording: see For.
func (a *Archive) OpenSegment(ctx context.Context, id SegmentID) (Reader, error) {
	s, err := a.Segment(ctx, id)
	if err != nil {
		return nil, err
	}
	return a.Open(ctx, &s)
}

// Open is OpenSegment for somebody who has the segment already.
func (a *Archive) Open(ctx context.Context, s *SegmentInfo) (Reader, error) {
	d, root, err := a.disk(s.Disk)
	if err != nil {
		return nil, err
	}
	use := useOf(ctx)
	if err := d.admit(ctx, use); err != nil {
		return nil, err
	}
	f, err := d.layer.Open(path.Join(root, s.Path))
	if err != nil {
		if file.FaultOf(err) == file.Missing {
			return nil, fault.Wrap(err, fault.Gone, "archive.open", "archive.file-missing")
		}
		return nil, fault.Wrap(err, fault.Unavailable, "archive.open", "disk.unreadable", "path", root)
	}
	return &reader{ctx: ctx, use: use, disk: d.disk, f: f, size: s.Bytes}, nil
}

func (r *reader) ReadAt(b []byte, off int64) (int, error) {
	if err := r.turn(); err != nil {
		return 0, err
	}
	return r.f.ReadAt(b, off)
}

// turn waits for the reader's turn, and has checks stand back.
func (r *reader) turn() error {
	if err := r.disk.admit(r.ctx, r.use); err != nil {
		return err
	}
	if r.use != Check {
		r.disk.looked.Store(time.Now().UnixNano())
	}
	return nil
}

// carried is how much is sent between two looks at whether the disk keeps up.
const carried = 1 << 20

// Carry writes the n bytes at off to w, by the system alone where file and w allow. It is for one goroutine at a time.
// Fewer bytes without an error: the file ends there.
func (r *reader) Carry(w io.Writer, off, n int64) (int64, error) {
	var done int64
	for done < n {
		if err := r.turn(); err != nil {
			return done, err
		}
		want := min(n-done, carried)
		got, err := file.Carry(w, r.f, off+done, want)
		done += got
		if err != nil || got < want {
			return done, err
		}
	}
	return done, nil
}

func (r *reader) Size() int64  { return r.size }
func (r *reader) Close() error { return r.f.Close() }

// Segment finds one by its id.
func (a *Archive) Segment(ctx context.Context, id SegmentID) (SegmentInfo, error) {
	a.mu.RLock()
	o := a.open[id]
	var s SegmentInfo
	if o != nil {
		s = a.openInfo(o)
	}
	a.mu.RUnlock()
	if o != nil {
		return s, nil
	}
	rows, err := a.db.QueryContext(ctx, "SELECT "+segmentColumns+" FROM segments s WHERE s.id = ?", id)
	if err != nil {
		return s, fault.Wrap(err, fault.Internal, "archive.segment", "archive.index-unreadable")
	}
	list, err := a.scanSegments(ctx, rows)
	if err != nil {
		return s, err
	}
	if len(list) == 0 {
		return s, fault.New(fault.NotFound, "archive.segment", "archive.segment-unknown")
	}
	return list[0], nil
}

// entries gives a segment's fragments.
func (a *Archive) entries(ctx context.Context, s *SegmentInfo) ([]Entry, error) {
	if s.Open {
		return s.live, nil
	}
	if e, ok := a.cache.get(s.ID); ok {
		return e, nil
	}
	e, err := a.loadIndex(ctx, s, true)
	if err == nil {
		a.cache.put(s.ID, e)
	}
	return e, err
}

func (a *Archive) loadIndex(ctx context.Context, s *SegmentInfo, hashes bool) ([]Entry, error) {
	const op = "archive.index"
	var frags, sums []byte
	var err error
	if hashes {
		err = a.db.QueryRowContext(ctx, "SELECT fragments, hashes FROM segment_indexes WHERE segment = ?", s.ID).Scan(&frags, &sums)
	} else {
		err = a.db.QueryRowContext(ctx, "SELECT fragments FROM segment_indexes WHERE segment = ?", s.ID).Scan(&frags)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.Wrap(err, fault.Gone, op, "archive.segment-unknown")
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, op, "archive.index-unreadable")
	}
	e, err := parseIndex(frags, sums, s.Start, nil)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, op, "archive.index-unreadable")
	}
	return e, nil
}

// init reads the first bytes of a segment's file.
func (a *Archive) init(ctx context.Context, s *SegmentInfo) ([]byte, error) {
	if s.Open {
		return s.head, nil
	}
	r, err := a.Open(ctx, s)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b := make([]byte, s.InitSize)
	if _, err := r.ReadAt(b, 0); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "archive.init", "archive.file-missing")
	}
	return b, nil
}
