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

	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/protocol/cmaf"
)

// extras looks for files without a row.
func (w *walk) extras(ctx context.Context, dir string) error {
	list, err := w.d.layer.List(dir)
	if err != nil {
		if file.FaultOf(err) == file.Missing { // a day's folder that went with its last file, or the disk itself
			return w.present()
		}
		return w.unread(ctx, Difference{Kind: Unreadable, Disk: w.id, Path: dir, Detail: err.Error()})
	}
	rel := strings.TrimPrefix(dir, w.root+"/")
	for _, e := range list {
		if err := w.d.admit(ctx, Check); err != nil {
			return err
		}
		switch {
		case e.Dir && rel == footage && e.Name == lostFolder:
		case e.Dir:
			if err := w.extras(ctx, path.Join(dir, e.Name)); err != nil {
				return err
			}
		case rel == footage: // the marker, a probe
		default:
			if err := w.extra(ctx, path.Join(rel, e.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

const (
	lostFolder = "lost"
	lookCost   = 4 << 10 // bytes that looking at one name counts for
)

// extra looks at one file. Its name ends in the id of its segment, so one row answers.
func (w *walk) extra(ctx context.Context, rel string) error {
	if err := w.meter.wait(ctx, lookCost); err != nil {
		return err
	}
	base := strings.TrimSuffix(path.Base(rel), ".mp4")
	_, name, _ := strings.Cut(base, "-")
	seg := SegmentID(name)
	for _, table := range []string{"open_segments", "segments"} { // in this order: one that closes now moves from the one to the other
		var n int
		if err := w.a.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table+" WHERE id = ? AND path = ?", seg, rel).Scan(&n); err != nil {
			return unreadable(err, "archive.fsck")
		}
		if n > 0 {
			return nil
		}
	}
	var n int
	if err := w.a.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM purge_list WHERE segment = ?", seg).Scan(&n); err != nil {
		return unreadable(err, "archive.fsck")
	}
	if n > 0 {
		return nil
	}
	there, err := w.d.layer.Stat(path.Join(w.root, rel))
	if file.FaultOf(err) == file.Missing {
		return nil // purged while we looked
	}
	return w.found(ctx, Difference{Kind: ExtraFile, Disk: w.id, Path: rel, Segment: seg, Detail: fmt.Sprintf("%d bytes", there.Size)}, func() (string, error) {
		ok, err := w.adopt(ctx, rel, seg)
		if err != nil || ok {
			return "row made from the file", err
		}
		return w.lose(rel)
	})
}

// adopt makes a row of a file that says itself what it is.
func (w *walk) adopt(ctx context.Context, rel string, seg SegmentID) (bool, error) {
	parts := strings.Split(rel, "/") // footage/<camera>/<which>/<day>/<file>
	if len(parts) != 5 || len(seg) != 26 || !Which(parts[2]).Valid() {
		return false, nil
	}
	f, err := w.d.layer.Edit(path.Join(w.root, rel))
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
	found, err := w.salvage(ctx, f, int64(len(init)))
	if err != nil || len(found.good) == 0 {
		return false, err
	}
	if err := f.Truncate(found.size); err != nil { // what was reserved behind its end goes back; no byte that is in it
		return false, err
	}
	if err := f.Sync(); err != nil {
		return false, err
	}
	camera, err := url.PathUnescape(parts[1])
	if err != nil {
		return false, nil //nolint:nilerr // not one of ours
	}
	last := found.good[len(found.good)-1].seal
	r := row{bytes: found.size, entries: found.entries(0)}
	r.Segment = Segment{
		ID: seg, Camera: camera, Which: Which(parts[2]), Disk: w.id, Path: rel, Run: last.Run, Start: r.entries[0].Start,
		Init: init, Tracks: tracks, Unconfirmed: last.Unconfirmed,
	}
	if r.Unconfirmed {
		r.Boot = foundBoot + string(seg) // which clock has dated it nobody knows any more
	}
	return true, w.a.insertFound(ctx, r)
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
