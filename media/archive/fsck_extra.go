package archive

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/url"
	"path"
	"strings"

	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/protocol/cmaf"
)

// extras looks for files without a row.
func (w *walk) extras(ctx context.Context, dir string) error {
	rel := strings.TrimPrefix(dir, w.root+"/")
	list, err := w.d.layer.List(dir)
	if err != nil {
		if file.FaultOf(err) == file.Missing { // a day's folder that went with its last file, or the disk itself
			return w.present()
		}
		return w.unread(ctx, Difference{Kind: Unreadable, Disk: w.id, Path: rel}, err)
	}
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
	lostPath   = footage + "/" + lostFolder
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
	if err != nil {
		return w.unread(ctx, Difference{Kind: Unreadable, Disk: w.id, Path: rel, Segment: seg}, err)
	}
	return w.found(ctx, Difference{Kind: ExtraFile, Disk: w.id, Path: rel, Segment: seg, Found: remark("differs.extra", "size", there.Size)}, func() (Remark, error) {
		did, err := w.adopt(ctx, rel, seg)
		if !errors.Is(err, errForeign) {
			return did, err
		}
		return remark("mended.set-aside", "folder", lostPath), w.lose(rel)
	})
}

// errForeign is a file that is none of ours, or holds nothing that could be shown.
var errForeign = errors.New("not a segment")

// adopt makes a row of a file that says itself what it is; errForeign of one that does not. A torn end, which no row vouches for, is
// cut off as at a start.
func (w *walk) adopt(ctx context.Context, rel string, seg SegmentID) (Remark, error) {
	parts := strings.Split(rel, "/") // footage/<camera>/<which>/<day>/<file>
	if len(parts) != 5 || len(seg) != 26 || !Which(parts[2]).Valid() {
		return Remark{}, errForeign
	}
	camera, err := url.PathUnescape(parts[1])
	if err != nil {
		return Remark{}, errForeign
	}
	f, err := w.d.layer.Edit(path.Join(w.root, rel))
	if err != nil {
		return Remark{}, notWritten(err)
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return Remark{}, notRead(err)
	}
	init, err := readInit(f, size)
	if err != nil {
		return Remark{}, err
	}
	tracks, _, err := cmaf.ParseInit(init)
	if err != nil {
		return Remark{}, errForeign
	}
	found, err := w.salvage(ctx, f, int64(len(init)))
	if err != nil {
		return Remark{}, err
	}
	if len(found.good) == 0 {
		return Remark{}, errForeign
	}
	end, err := endOf(f, found.whole, found.size)
	if err != nil {
		return Remark{}, err
	}
	if err := cutAt(f, end); err != nil { // what was reserved behind its end goes back, too
		return Remark{}, err
	}
	last := found.good[len(found.good)-1].seal
	r := row{bytes: end, entries: found.entries(0)}
	r.Segment = Segment{
		ID: seg, Camera: camera, Which: Which(parts[2]), Disk: w.id, Path: rel, Run: last.Run, Start: r.entries[0].Start,
		Init: init, Tracks: tracks, Unconfirmed: last.Unconfirmed,
	}
	if r.Unconfirmed {
		r.Boot = foundBoot + string(seg) // which clock has dated it nobody knows any more
	}
	did := remark("mended.row-made")
	if cut := found.size - end; cut > 0 {
		did = remark("mended.row-made-cut", "cut", cut)
	}
	return did, w.a.insertFound(ctx, r)
}

// endOf tells how far a file consists of whole chunks and what stands in the place of their seals: a last fragment whose seal has
// rotted stays for a person to look at, the beginning of one that was never written to its end does not.
func endOf(r io.ReaderAt, off, size int64) (int64, error) {
	end, at := off, off
	for kind := "mdat"; ; {
		var head [16]byte
		n := min(int64(len(head)), size-at)
		if n < 8 {
			return end, nil
		}
		if _, err := r.ReadAt(head[:n], at); err != nil && !errors.Is(err, io.EOF) {
			return 0, notRead(err)
		}
		length, least, is := int64(binary.BigEndian.Uint32(head[:])), int64(8), string(head[4:8])
		if length == 1 && n == 16 {
			length, least = int64(binary.BigEndian.Uint64(head[8:])), 16
		}
		switch {
		case (kind == "mdat" && is == "moof" || kind == "moof" && is == "mdat") && length >= least && length <= size-at:
			kind, at = is, at+length
		case kind == "mdat" && at > end && is != "moof" && size-at >= SealSize:
			at += SealSize
			end = at
		default:
			return end, nil
		}
	}
}

// readInit reads ftyp and moov; errForeign where they are not there.
func readInit(r io.ReaderAt, size int64) ([]byte, error) {
	var at int64
	var head [8]byte
	for _, kind := range []string{"ftyp", "moov"} {
		if size-at < int64(len(head)) {
			return nil, errForeign
		}
		if _, err := r.ReadAt(head[:], at); err != nil {
			return nil, notRead(err)
		}
		n := int64(binary.BigEndian.Uint32(head[:]))
		if string(head[4:]) != kind || n < 8 || n > 1<<20 || at+n > size {
			return nil, errForeign
		}
		at += n
	}
	init := make([]byte, at)
	if _, err := r.ReadAt(init, 0); err != nil {
		return nil, notRead(err)
	}
	if !bytes.Contains(init, []byte("mvex")) {
		return nil, errForeign
	}
	return init, nil
}
