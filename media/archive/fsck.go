package archive

import (
	"context"
	"errors"
	"math"
	"path"
	"strings"

	"linli.dev/linli/fault"
)

// Kind of a difference between what the index says and what is on disk.
type Kind string

const (
	MissingFile   Kind = "missing-file"   // a row without its file
	ExtraFile     Kind = "extra-file"     // a file without a row
	SizeMismatch  Kind = "size-mismatch"  // the file is longer or shorter than its index
	TornTail      Kind = "torn-tail"      // its last bytes are no whole fragment
	HashMismatch  Kind = "hash-mismatch"  // a fragment's bytes are not those that were written
	IndexMismatch Kind = "index-mismatch" // the index is damaged, or tells another story than the file
	Overlapping   Kind = "overlapping"    // two segments of a stream claim the same time
	WrongCount    Kind = "wrong-count"    // a disk's sums are not those of its rows
	Unreadable    Kind = "unreadable"     // the disk does not give the bytes
)

var kinds = []Kind{
	MissingFile, ExtraFile, SizeMismatch, TornTail, HashMismatch, IndexMismatch, Overlapping, WrongCount, Unreadable,
}

// Difference is one finding.
type Difference struct {
	Kind    Kind      `json:"kind"`
	Disk    DiskID    `json:"disk"`
	Path    string    `json:"path"`
	Segment SegmentID `json:"segment"`
	Found   Remark    `json:"found"`
	Mended  bool      `json:"mended"`
	Did     Remark    `json:"did"` // what mending did, or why it could not
}

// FsckOptions of Fsck.
type FsckOptions struct {
	Mend   bool             // else differences are only reported. Only while nothing records
	Rate   int64            // bytes read per second and disk at most; 0 = as fast as it goes
	Quick  bool             // do not read the footage: no hashes are compared
	Report func(Difference) // called for each; may be nil
}

// Report sums a check up.
type Report struct {
	Segments    int64
	Fragments   int64
	Bytes       int64 // read
	Files       int64
	Differences map[Kind]int
	Mended      int
	Skipped     []string // paths of disks that are not there
}

// Clean says that nothing differs.
func (r Report) Clean() bool { return len(r.Differences) == 0 }

// Fsck walks every row and every file of all connected disks. It may run beside a server as long as it does not mend:
// segments that are open, or that close or go meanwhile, are left alone. See Checker for the walk that a server makes.
func (a *Archive) Fsck(ctx context.Context, o FsckOptions) (Report, error) {
	r := Report{Differences: map[Kind]int{}}
	var away []error
	for _, info := range a.Disks() {
		d, root, err := a.disk(info.ID)
		if err != nil || d.dead.Load() {
			r.Skipped = append(r.Skipped, info.Path)
			continue
		}
		w := &walk{a: a, o: o, r: &r, meter: meter{rate: o.Rate}, id: info.ID, d: d, root: root, at: firstRow}
		if err := w.whole(ctx); ctx.Err() == nil && strings.HasPrefix(fault.CodeOf(err), "disk.") {
			away = append(away, err) // this disk went while it was looked at; the others are there
		} else if err != nil {
			return r, err
		}
	}
	return r, errors.Join(away...)
}

// whole is the check of one disk from the beginning. Where it may mend, what a crash left goes first, by the rules of a start.
func (w *walk) whole(ctx context.Context) error {
	if w.o.Mend {
		if _, err := w.a.recoverDisk(ctx, w.id, func(s *Segment, err error) error {
			return w.unread(ctx, Difference{Kind: Unreadable, Disk: s.Disk, Path: s.Path, Segment: s.ID}, err)
		}); err != nil {
			return err
		}
	}
	return w.run(ctx)
}

// walk is the check of one disk.
type walk struct {
	a     *Archive
	o     FsckOptions
	r     *Report
	meter meter
	id    DiskID
	d     mounted
	root  string
	at    mark                            // rows up to this one are done
	pause func(ctx context.Context) error // called between rows; nil = none
	eager bool                            // it waits for nobody: what it reads is awaited
}

// gently is asked before so many bytes are read: it counts them, lets those go first that come before a check, and keeps to the rate.
func (w *walk) gently(ctx context.Context) func(n int) error {
	return func(n int) error {
		w.r.Bytes += int64(n)
		if !w.eager {
			if err := w.d.admit(ctx, Check); err != nil {
				return err
			}
		}
		return w.meter.wait(ctx, n)
	}
}

// mark is a place among a disk's rows: they are walked from the oldest on.
type mark struct {
	start int64 // µs
	id    SegmentID
}

var firstRow = mark{start: math.MinInt64}

// run compares all rows of a disk with their files, then looks for files without a row, then adds up.
func (w *walk) run(ctx context.Context) error {
	for {
		list, err := w.rows(ctx)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		for i := range list {
			s := &list[i]
			if err := w.d.admit(ctx, Check); err != nil {
				return err
			}
			if err := w.segment(ctx, s); err != nil {
				return err
			}
			w.at = mark{s.Start.UnixMicro(), s.ID}
			if w.pause != nil {
				if err := w.pause(ctx); err != nil {
					return err
				}
			}
		}
	}
	if err := w.extras(ctx, path.Join(w.root, footage)); err != nil {
		return err
	}
	if err := w.counts(ctx); err != nil {
		return err
	}
	return w.overlaps(ctx)
}

// rows lists those that come next, answered by the index segments_disk.
func (w *walk) rows(ctx context.Context) ([]SegmentInfo, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, err := w.a.db.QueryContext(ctx, "SELECT "+segmentColumns+` FROM segments s
		WHERE s.disk = ? AND s.start_us >= ? AND (s.start_us > ? OR s.id > ?) ORDER BY s.start_us, s.id LIMIT 200`,
		w.id, w.at.start, w.at.start, w.at.id)
	if err != nil {
		return nil, unreadable(err, "archive.fsck")
	}
	return w.a.scanSegments(ctx, rows)
}

// found reports a difference, and mends it where it may. A disk that does not give or take one file's bytes keeps that file from
// being mended, and no other.
func (w *walk) found(ctx context.Context, d Difference, mend func() (Remark, error)) error {
	w.r.Differences[d.Kind]++
	var stuck *diskError
	if w.o.Mend && mend != nil {
		did, err := mend()
		switch {
		case err == nil:
			d.Mended, d.Did = true, did
			w.r.Mended++
			if err := w.a.mendedDifference(ctx, d); err != nil {
				return err
			}
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &stuck):
			if err := w.present(); err != nil {
				return err
			}
			d.Did = unmendedFor(err)
		default:
			return fault.Wrap(err, fault.KindOf(err), "archive.fsck", "archive.not-stored")
		}
	}
	w.a.log.Warn("fsck", "kind", d.Kind, "path", d.Path, "segment", d.Segment, "found", d.Found, "mended", d.Mended, "did", d.Did)
	if w.o.Report != nil {
		w.o.Report(d)
	}
	if stuck != nil && stuck.reading && d.Kind != Unreadable {
		d.Kind, d.Found, d.Did = Unreadable, unreadableFor(stuck), Remark{}
		return w.found(ctx, d, nil)
	}
	return nil
}

// present makes sure that the disk is still the one that it was. Where one was pulled, or its mount is gone, every file
// looks missing: that is a matter of the disk, not of its rows, and nothing may be mended for it.
func (w *walk) present() error {
	if w.d.dead.Load() { // it is given up already, though its marker may still be in the system's memory
		return fault.New(fault.Unavailable, "archive.fsck", "disk.dead")
	}
	m, err := readMarker(w.d.layer, path.Join(w.root, markerName))
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "archive.fsck", "disk.unreadable", "path", w.root)
	}
	if m.Disk != w.id {
		return fault.New(fault.Unavailable, "archive.fsck", "disk.not-mounted", "path", w.root)
	}
	return nil
}

// still says whether a row is there yet: a purge may have taken it while we looked.
func (w *walk) still(ctx context.Context, id SegmentID) bool {
	_, err := w.a.Segment(ctx, id)
	return fault.KindOf(err) != fault.NotFound
}
