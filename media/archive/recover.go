package archive

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"path"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/store"
)

// Recovered counts what Recover found on a disk.
type Recovered struct {
	Segments  int   // made rows of
	Empty     int   // without a whole fragment: removed
	Missing   int   // promised by a checkpoint, and not there
	Truncated int64 // bytes cut off behind the last whole fragment
	Read      int64 // bytes read again
	Purged    int   // files whose deletion was completed
}

// Recover looks at the segments of a disk that were open when the last process ended, and at no others: it takes the same
// time for ten segments as for a million. Of each, what a checkpoint vouches for is taken as it stands; the rest, some
// seconds, is read again and compared with its hashes, and what is torn is cut off.
func (a *Archive) Recover(ctx context.Context, id DiskID) (Recovered, error) {
	var sum Recovered
	d, root, err := a.disk(id)
	if err != nil {
		return sum, err
	}
	if sum.Purged, err = a.finishPurge(ctx, id); err != nil {
		return sum, err
	}
	list, err := a.listed(ctx, id)
	if err != nil {
		return sum, err
	}
	const batch = 50
	for len(list) > 0 {
		n := min(batch, len(list))
		var rows []row
		var drop []SegmentID
		dirs := inFolders(d.layer)
		for _, r := range list[:n] {
			if err := ctx.Err(); err != nil {
				return sum, err
			}
			if err := a.inspect(d.layer, root, &r, dirs, &sum); err != nil {
				return sum, err
			}
			if len(r.entries) == 0 {
				drop = append(drop, r.ID)
				continue
			}
			sum.Segments++
			rows = append(rows, r)
		}
		if err := dirs.sync(); err != nil { // before anything leaves the list
			return sum, fault.Wrap(err, fault.Unavailable, "archive.recover", "disk.unwritable", "path", root)
		}
		err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
			for _, id := range drop {
				if err := unlist(ctx, tx, id); err != nil {
					return err
				}
			}
			return a.insertRows(ctx, tx, rows)
		})
		if err != nil {
			return sum, fault.Wrap(err, fault.KindOf(err), "archive.recover", "archive.not-stored")
		}
		for _, r := range rows {
			a.countRow(r.Disk, r.bytes, len(r.entries))
			a.extents.drop(streamKey{r.Camera, r.Which})
		}
		a.heed(rows)
		list = list[n:]
	}
	if sum != (Recovered{}) {
		a.log.Info("recovered", "disk", id, "segments", sum.Segments, "empty", sum.Empty, "missing", sum.Missing,
			"cut", sum.Truncated, "read", sum.Read, "purged", sum.Purged)
	}
	return sum, nil
}

// listed loads the open segments of a disk that no writer of this process holds.
func (a *Archive) listed(ctx context.Context, id DiskID) ([]row, error) {
	const op = "archive.recover"
	a.mu.RLock()
	ours := maps.Clone(a.open) // also those that will be finished while we look
	a.mu.RUnlock()
	rows, err := a.db.QueryContext(ctx, `SELECT id, camera, which, disk, path, run, start_us, init, tracks, unconfirmed, boot, slack_us
		FROM open_segments WHERE disk = ? ORDER BY id`, id)
	if err != nil {
		return nil, unreadable(err, op)
	}
	defer rows.Close()
	var list []row
	for rows.Next() {
		var r row
		var start, slack int64
		if err := rows.Scan(&r.ID, &r.Camera, &r.Which, &r.Disk, &r.Path, &r.Run, &start, &r.Init, &r.set, &r.Unconfirmed, &r.Boot, &slack); err != nil {
			return nil, unreadable(err, op)
		}
		r.Start, r.Slack = store.Time(start), time.Duration(slack)*time.Microsecond
		a.mu.RLock()
		_, fresh := a.open[r.ID]
		a.mu.RUnlock()
		if ours[r.ID] == nil && !fresh {
			list = append(list, r)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, unreadable(err, op)
	}
	rows.Close()
	for i := range list {
		if err := a.loadParts(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// loadParts reads what checkpoints stored.
func (a *Archive) loadParts(ctx context.Context, r *row) error {
	const op = "archive.recover"
	rows, err := a.db.QueryContext(ctx, "SELECT fragments, hashes FROM open_indexes WHERE segment = ? ORDER BY part", r.ID)
	if err != nil {
		return unreadable(err, op)
	}
	defer rows.Close()
	for rows.Next() {
		var frags, hashes []byte
		if err := rows.Scan(&frags, &hashes); err != nil {
			return unreadable(err, op)
		}
		if r.entries, err = parseIndex(frags, hashes, r.Start, r.entries); err != nil {
			return unreadable(err, op)
		}
	}
	return rows.Err()
}

// inspect looks at one file. It leaves in r what the file holds; one that holds no whole fragment goes.
func (a *Archive) inspect(l file.Layer, root string, r *row, dirs folders, sum *Recovered) error {
	const op = "archive.recover"
	name := path.Join(root, r.Path)
	bad := func(err error) error {
		return fault.Wrap(err, fault.Unavailable, op, "disk.unreadable", "path", root)
	}
	f, err := l.Edit(name)
	if file.FaultOf(err) == file.Missing {
		if len(r.entries) > 0 {
			a.log.Error("a file with synced footage is missing", "segment", r.ID, "path", r.Path, "fragments", len(r.entries))
			sum.Missing++
			r.entries = nil
		} else {
			sum.Empty++
		}
		dirs.touch(name)
		return nil
	}
	if err != nil {
		return bad(err)
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return bad(err)
	}
	good, err := a.inspectBytes(f, size, r, sum)
	if err != nil {
		return bad(err)
	}
	if len(r.entries) == 0 {
		f.Close()
		if err := dirs.remove(name); err != nil {
			return bad(err)
		}
		sum.Empty++
		sum.Truncated += size
		return nil
	}
	// Also where nothing is torn: space that was reserved behind the end goes back.
	if err := f.Truncate(good); err != nil {
		return bad(err)
	}
	if err := f.Sync(); err != nil {
		return bad(err)
	}
	dirs.touch(name) // the process may have ended between making the file and syncing its folder
	sum.Truncated += size - good
	r.bytes = good
	return nil
}

func (a *Archive) inspectBytes(f file.File, size int64, r *row, sum *Recovered) (good int64, err error) {
	if size < int64(len(r.Init)) {
		r.entries = nil
		return 0, nil
	}
	head := make([]byte, len(r.Init))
	if _, err := f.ReadAt(head, 0); err != nil {
		return 0, err
	}
	if !bytes.Equal(head, r.Init) {
		r.entries = nil
		return 0, nil
	}
	from := int64(len(r.Init))
	if n := len(r.entries); n > 0 {
		from = after(r.entries[n-1])
	}
	if from > size { // the disk has lost what it had said was synced: believe nothing but the bytes
		a.log.Error("a disk has lost synced bytes", "segment", r.ID, "path", r.Path, "promised", from, "size", size)
		r.entries, from = nil, int64(len(r.Init))
		sum.Missing++
	}
	sum.Read += size - from
	moved, known := movedBy(f, r)
	good, err = scanFile(f, from, size, false, nil, func(s scanned) error {
		if !known {
			moved, known = r.Start.Sub(s.Start), true
		}
		s.Start = s.Start.Add(moved)
		r.entries = append(r.entries, s.Entry)
		return nil
	})
	if errors.Is(err, errTorn) {
		err = nil
	}
	return good, err
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
