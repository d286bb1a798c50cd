package archive

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/store"
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

// Difference is one finding.
type Difference struct {
	Kind    Kind      `json:"kind"`
	Disk    DiskID    `json:"disk"`
	Path    string    `json:"path"`
	Segment SegmentID `json:"segment"`
	Detail  string    `json:"detail"`
	Mended  bool      `json:"mended"`
	How     string    `json:"how"` // what mending did
}

// FsckOptions of Fsck.
type FsckOptions struct {
	Mend   bool             // else differences are only reported. Only while nothing records
	Rate   int64            // bytes read per second and disk at most; 0 = as fast as it goes
	Quick  bool             // do not read the footage: no hashes are compared
	Report func(Difference) // called for each; may be nil
	Log    func(done, total int64)
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
// segments that are open, or that close or go meanwhile, are left alone.
func (a *Archive) Fsck(ctx context.Context, o FsckOptions) (Report, error) {
	c := &checker{a: a, o: o, r: Report{Differences: map[Kind]int{}}, meter: meter{rate: o.Rate}}
	for _, info := range a.Disks() {
		d, root, err := a.disk(info.ID)
		if err != nil || d.dead.Load() {
			c.r.Skipped = append(c.r.Skipped, info.Path)
			continue
		}
		if o.Mend { // what a crash left goes first, by the rules of a start
			if _, err := a.Recover(ctx, info.ID); err != nil {
				return c.r, err
			}
		}
		if err := c.disk(ctx, info.ID, d, root); err != nil {
			return c.r, err
		}
	}
	return c.r, c.overlaps(ctx)
}

type checker struct {
	a     *Archive
	o     FsckOptions
	r     Report
	meter meter
}

func (c *checker) found(d Difference, mend func() (string, error)) error {
	c.r.Differences[d.Kind]++
	if c.o.Mend && mend != nil {
		how, err := mend()
		if err != nil {
			return fault.Wrap(err, fault.KindOf(err), "archive.fsck", "archive.not-stored")
		}
		d.Mended, d.How = true, how
		c.r.Mended++
	}
	c.a.log.Warn("fsck", "kind", d.Kind, "path", d.Path, "segment", d.Segment, "detail", d.Detail, "mended", d.Mended, "how", d.How)
	if c.o.Report != nil {
		c.o.Report(d)
	}
	return nil
}

// disk compares all rows of a disk with their files, then looks for files without a row.
func (c *checker) disk(ctx context.Context, id DiskID, d mounted, root string) error {
	after := SegmentID("")
	for {
		rows, err := c.a.db.QueryContext(ctx, "SELECT "+segmentColumns+" FROM segments s WHERE s.disk = ? AND s.id > ? ORDER BY s.id LIMIT 500", id, after)
		if err != nil {
			return unreadable(err, "archive.fsck")
		}
		list, err := c.a.scanSegments(ctx, rows)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		after = list[len(list)-1].ID
		for i := range list {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := d.admit(ctx, Check); err != nil {
				return err
			}
			if err := c.segment(ctx, &list[i], d, root); err != nil {
				return err
			}
		}
	}
	if err := c.extras(ctx, id, d, root, path.Join(root, footage)); err != nil {
		return err
	}
	return c.counts(ctx, id, root)
}

// still says whether a row is there yet: a purge may have taken it while we looked.
func (c *checker) still(ctx context.Context, id SegmentID) bool {
	_, err := c.a.Segment(ctx, id)
	return fault.KindOf(err) != fault.NotFound
}

func (c *checker) segment(ctx context.Context, s *SegmentInfo, d mounted, root string) error {
	c.r.Segments++
	name := path.Join(root, s.Path)
	diff := func(k Kind, format string, args ...any) Difference {
		return Difference{Kind: k, Disk: s.Disk, Path: s.Path, Segment: s.ID, Detail: fmt.Sprintf(format, args...)}
	}
	f, err := d.layer.Open(name)
	if file.FaultOf(err) == file.Missing {
		if !c.still(ctx, s.ID) {
			return nil
		}
		return c.found(diff(MissingFile, "%d fragments from %s", s.Fragments, s.Start.Format(time.RFC3339)), func() (string, error) {
			_, err := c.a.dropRow(ctx, s, byLoss)
			return "row removed", err
		})
	}
	if err != nil {
		return c.found(diff(Unreadable, "%v", err), nil)
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return c.found(diff(Unreadable, "%v", err), nil)
	}
	entries, ierr := c.a.loadIndex(ctx, s, true)
	if ierr != nil {
		if !c.still(ctx, s.ID) {
			return nil
		}
		return c.found(diff(IndexMismatch, "%v", ierr), c.rebuild(ctx, s, d, name))
	}
	if detail := s.disagrees(entries); detail != "" {
		return c.found(diff(IndexMismatch, "%s", detail), c.rebuild(ctx, s, d, name))
	}
	c.r.Fragments += int64(len(entries))
	switch {
	case size > s.Bytes:
		kind := SizeMismatch
		if _, err := scanFile(f, s.Bytes, size, false, nil, func(scanned) error { return nil }); errors.Is(err, errTorn) {
			kind = TornTail
		}
		return c.found(diff(kind, "%d bytes, the index knows %d", size, s.Bytes), c.rebuild(ctx, s, d, name))
	case size < s.Bytes:
		return c.found(diff(SizeMismatch, "%d bytes, the index knows %d", size, s.Bytes), c.rebuild(ctx, s, d, name))
	}
	if c.o.Quick {
		return nil
	}
	return c.bytes(ctx, s, d, f, entries, diff)
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
func (c *checker) bytes(ctx context.Context, s *SegmentInfo, d mounted, f file.File, entries []Entry, diff func(Kind, string, ...any) Difference) error {
	var bad []int
	n := 0
	c.r.Files++
	wait := func(k int) error {
		c.r.Bytes += int64(k)
		if err := d.admit(ctx, Check); err != nil {
			return err
		}
		return c.meter.wait(ctx, k)
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
		return c.found(diff(Unreadable, "%v", err), nil)
	}
	if err != nil { // the walk broke off: the boxes themselves are damaged
		for i := n; i < len(entries); i++ {
			ok, err := c.sound(f, entries[i])
			if err != nil {
				return c.found(diff(Unreadable, "%v", err), nil)
			}
			if !ok {
				bad = append(bad, i)
			}
		}
	}
	if len(bad) == 0 {
		return nil
	}
	if !c.still(ctx, s.ID) {
		return nil
	}
	return c.found(diff(HashMismatch, "%d of %d fragments, the first at %s", len(bad), len(entries), entries[bad[0]].Start.Format(time.RFC3339)), func() (string, error) {
		return "taken out of the index", c.a.takeOut(ctx, s, entries, bad)
	})
}

// sound compares one fragment with its hash.
func (c *checker) sound(f file.File, e Entry) (bool, error) {
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

// rebuild makes a segment's index anew from its file.
func (c *checker) rebuild(ctx context.Context, s *SegmentInfo, d mounted, name string) func() (string, error) {
	return func() (string, error) {
		f, err := d.layer.Edit(name)
		if err != nil {
			return "", err
		}
		defer f.Close()
		r, err := c.readFile(ctx, f, s.InitSize)
		if err != nil {
			return "", err
		}
		if len(r.entries) == 0 {
			if _, err := c.a.dropRow(ctx, s, byLoss); err != nil {
				return "", err
			}
			dirs := inFolders(d.layer)
			return "row and file removed: it holds no whole fragment", errors.Join(dirs.remove(name), dirs.sync())
		}
		if off := s.Start.Sub(r.entries[0].Start); off > time.Hour || off < -time.Hour { // it had been re-dated
			for i := range r.entries {
				r.entries[i].Start = r.entries[i].Start.Add(off)
			}
		}
		if err := f.Truncate(r.bytes); err != nil {
			return "", err
		}
		if err := f.Sync(); err != nil {
			return "", err
		}
		return "index made anew from the file", c.a.replaceRow(ctx, s, r.entries, r.bytes)
	}
}

// readFile reads what a file holds, by its own account.
func (c *checker) readFile(ctx context.Context, f file.File, init int64) (row, error) {
	var r row
	size, err := f.Size()
	if err != nil {
		return r, err
	}
	wait := func(k int) error { return c.meter.wait(ctx, k) }
	r.bytes, err = scanFile(f, init, size, false, wait, func(x scanned) error {
		r.entries = append(r.entries, x.Entry)
		r.Run, r.Unconfirmed = x.seal.Run, x.seal.Unconfirmed
		return nil
	})
	if errors.Is(err, errTorn) {
		err = nil
	}
	return r, err
}

// extras looks for files without a row.
func (c *checker) extras(ctx context.Context, id DiskID, d mounted, root, dir string) error {
	list, err := d.layer.List(dir)
	if err != nil {
		if file.FaultOf(err) == file.Missing {
			return nil
		}
		return c.found(Difference{Kind: Unreadable, Disk: id, Path: dir, Detail: err.Error()}, nil)
	}
	rel := strings.TrimPrefix(dir, root+"/")
	for _, e := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch {
		case e.Dir && rel == footage && e.Name == lostFolder:
		case e.Dir:
			if err := c.extras(ctx, id, d, root, path.Join(dir, e.Name)); err != nil {
				return err
			}
		case rel == footage: // the marker, a probe
		default:
			if err := c.extra(ctx, id, d, root, path.Join(rel, e.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

const lostFolder = "lost"

// extra looks at one file. Its name ends in the id of its segment, so one row answers.
func (c *checker) extra(ctx context.Context, id DiskID, d mounted, root, rel string) error {
	base := strings.TrimSuffix(path.Base(rel), ".mp4")
	_, name, _ := strings.Cut(base, "-")
	seg := SegmentID(name)
	for _, table := range []string{"open_segments", "segments"} { // in this order: one that closes now moves from the one to the other
		var n int
		if err := c.a.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table+" WHERE id = ? AND path = ?", seg, rel).Scan(&n); err != nil {
			return unreadable(err, "archive.fsck")
		}
		if n > 0 {
			return nil
		}
	}
	var n int
	if err := c.a.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM purge_list WHERE segment = ?", seg).Scan(&n); err != nil {
		return unreadable(err, "archive.fsck")
	}
	if n > 0 {
		return nil
	}
	if _, err := d.layer.Stat(path.Join(root, rel)); file.FaultOf(err) == file.Missing {
		return nil // purged while we looked
	}
	return c.found(Difference{Kind: ExtraFile, Disk: id, Path: rel, Segment: seg}, func() (string, error) {
		ok, err := c.adopt(ctx, id, d, root, rel, seg)
		if err != nil || ok {
			return "row made from the file", err
		}
		to := path.Join(root, footage, lostFolder, path.Base(rel))
		if err := d.layer.MakeDir(path.Dir(to)); err != nil {
			return "", err
		}
		return "moved to " + path.Join(footage, lostFolder), d.layer.Rename(path.Join(root, rel), to)
	})
}

// adopt makes a row of a file that says itself what it is.
func (c *checker) adopt(ctx context.Context, id DiskID, d mounted, root, rel string, seg SegmentID) (bool, error) {
	parts := strings.Split(rel, "/") // footage/<camera>/<which>/<day>/<file>
	if len(parts) != 5 || len(seg) != 26 || !Which(parts[2]).Valid() {
		return false, nil
	}
	f, err := d.layer.Edit(path.Join(root, rel))
	if err != nil {
		return false, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return false, err
	}
	init, err := readInit(f, size)
	if err != nil {
		return false, nil //nolint:nilerr // not one of ours
	}
	tracks, _, err := cmaf.ParseInit(init)
	if err != nil {
		return false, nil //nolint:nilerr // not one of ours
	}
	r, err := c.readFile(ctx, f, int64(len(init)))
	if err != nil || len(r.entries) == 0 {
		return false, err
	}
	if err := f.Truncate(r.bytes); err != nil {
		return false, err
	}
	if err := f.Sync(); err != nil {
		return false, err
	}
	camera, err := url.PathUnescape(parts[1])
	if err != nil {
		return false, nil //nolint:nilerr // not one of ours
	}
	r.Segment = Segment{
		ID: seg, Camera: camera, Which: Which(parts[2]), Disk: id, Path: rel, Run: r.Run, Start: r.entries[0].Start,
		Init: init, Tracks: tracks, Unconfirmed: r.Unconfirmed,
	}
	return true, c.a.insertFound(ctx, r)
}

// readInit reads ftyp and moov.
func readInit(r io.ReaderAt, size int64) ([]byte, error) {
	var at int64
	var head [8]byte
	for _, kind := range []string{"ftyp", "moov"} {
		if _, err := r.ReadAt(head[:], at); err != nil {
			return nil, err
		}
		n := int64(binary.BigEndian.Uint32(head[:]))
		if string(head[4:]) != kind || n < 8 || n > 1<<20 || at+n > size {
			return nil, fmt.Errorf("no %s", kind)
		}
		at += n
	}
	init := make([]byte, at)
	if _, err := r.ReadAt(init, 0); err != nil {
		return nil, err
	}
	if !bytes.Contains(init, []byte("mvex")) {
		return nil, errors.New("not a fragmented file")
	}
	return init, nil
}

// counts compares the sums that a disk's row keeps with its rows.
func (c *checker) counts(ctx context.Context, id DiskID, root string) error {
	var used, n, kept, keptN int64
	if err := c.a.db.QueryRowContext(ctx, `SELECT CAST(COALESCE(SUM(s.bytes), 0) AS BIGINT), COUNT(s.id), MAX(d.used), MAX(d.segments)
		FROM disks d LEFT JOIN segments s ON s.disk = d.id WHERE d.id = ?`, id).Scan(&used, &n, &kept, &keptN); err != nil {
		return unreadable(err, "archive.fsck")
	}
	if used == kept && n == keptN {
		return nil
	}
	return c.found(Difference{Kind: WrongCount, Disk: id, Path: root, Detail: fmt.Sprintf("%d segments, %d bytes; kept as %d, %d", n, used, keptN, kept)}, func() (string, error) {
		err := c.a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE disks SET used = ?, segments = ? WHERE id = ?", used, n, id)
			return err
		})
		if err == nil {
			c.a.countGone(id, kept-used, keptN-n)
		}
		return "summed up anew", err
	})
}

// overlaps looks for segments of a stream that claim the same time. Nothing is deleted for it: which of them is right
// takes a person, and both play.
func (c *checker) overlaps(ctx context.Context) error {
	streams, err := c.a.streams(ctx)
	if err != nil {
		return err
	}
	for _, k := range streams {
		if err := c.overlapsOf(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) overlapsOf(ctx context.Context, k streamKey) error {
	rows, err := c.a.db.QueryContext(ctx, "SELECT id, disk, path, start_us, end_us FROM segments WHERE camera = ? AND which = ? ORDER BY start_us", k.camera, k.which)
	if err != nil {
		return unreadable(err, "archive.fsck")
	}
	defer rows.Close()
	end := int64(-1 << 62)
	for rows.Next() {
		var d Difference
		var from, to int64
		if err := rows.Scan(&d.Segment, &d.Disk, &d.Path, &from, &to); err != nil {
			return unreadable(err, "archive.fsck")
		}
		if lap := time.Duration(end-from) * time.Microsecond; lap > holeTolerance {
			d.Kind, d.Detail = Overlapping, fmt.Sprintf("%v", lap)
			if err := c.found(d, nil); err != nil {
				return err
			}
		}
		end = max(end, to)
	}
	return rows.Err()
}

// meter lets so many bytes through per second.
type meter struct {
	rate int64
	owed time.Duration
	last time.Time
}

func (m *meter) wait(ctx context.Context, n int) error {
	if m.rate <= 0 {
		return ctx.Err()
	}
	now := time.Now()
	m.owed = max(0, m.owed-now.Sub(m.last)) + time.Duration(float64(n)/float64(m.rate)*float64(time.Second))
	m.last = now
	if m.owed < 20*time.Millisecond {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(m.owed):
		return nil
	}
}
