package archive

import (
	"context"
	"errors"
	"maps"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Recovered counts what Recover found on a disk.
type Recovered struct {
	Segments  int   // made rows of
	Empty     int   // without a whole fragment: removed
	Missing   int   // promised by a checkpoint, and not all there
	Hurt      int   // not as they were written: what is whole in them was kept
	Aside     int   // nothing in them is whole: put aside, for a person to look at
	Unread    int   // the disk does not give them: they stay on the list, and are tried again
	Truncated int64 // bytes cut off behind the last whole fragment
	Read      int64 // bytes read again
	Purged    int   // files whose deletion was completed
}

// Recover looks at the segments of a disk that were open when the last process ended, and at no others: it takes the same
// time for ten segments as for a million. Of each, what a checkpoint vouches for is taken as it stands; the rest, some
// seconds, is read again and compared with its hashes, and what is torn is cut off. Files that the disk does not give keep nobody
// else's from their rows: see unread.
func (a *Archive) Recover(ctx context.Context, id DiskID) (Recovered, error) {
	return a.recoverDisk(ctx, id, func(s *Segment, err error) error { return a.leaveUnread(ctx, s, err) })
}

// recoverDisk tells unread of each file that cannot be looked at; where it takes that, the file stays on the list, and the others go on.
func (a *Archive) recoverDisk(ctx context.Context, id DiskID, unread func(*Segment, error) error) (Recovered, error) {
	d, root, err := a.disk(id)
	if err != nil {
		return Recovered{}, err
	}
	v := &recovery{
		walk: walk{a: a, d: d, root: root, id: id, meter: meter{rate: salvageRate}, r: &Report{}, eager: true},
		dirs: inFolders(d.layer), skip: unread, vouched: map[SegmentID]int{}, partly: map[SegmentID]bool{},
	}
	purged, unpurged := a.finishPurge(ctx, id) // what it cannot do keeps no footage from its row
	v.sum.Purged = purged
	list, err := a.listed(ctx, id)
	if err != nil {
		return v.sum, err
	}
	list, v.sum.Unread = a.dueAgain(list)
	if err := v.run(ctx, list, v.look); err != nil {
		return v.sum, err
	}
	v.eager = false // these are read as a whole
	if err := v.run(ctx, v.hurt, v.save); err != nil {
		return v.sum, err
	}
	if sum := v.sum; sum != (Recovered{Unread: sum.Unread}) {
		a.log.Info("recovered", "disk", id, "segments", sum.Segments, "empty", sum.Empty, "missing", sum.Missing, "hurt", sum.Hurt,
			"aside", sum.Aside, "unread", sum.Unread, "cut", sum.Truncated, "read", sum.Read, "purged", sum.Purged)
	}
	return v.sum, unpurged
}

// run looks at each segment of a list, and makes rows of them as it goes.
func (v *recovery) run(ctx context.Context, list []row, look func(context.Context, *row) error) error {
	const batch = 50
	for len(list) > 0 {
		var rows []row
		var drop []SegmentID
		for stuck := false; len(list) > 0 && !stuck && len(rows)+len(drop) < batch; list = list[1:] {
			r := &list[0]
			if err := ctx.Err(); err != nil {
				return err
			}
			err := look(ctx, r)
			switch {
			case errors.Is(err, errHurt):
				v.hurt = append(v.hurt, *r)
			case err != nil && ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				if err := v.skip(&r.Segment, err); err != nil {
					return err
				}
				v.sum.Unread++
				stuck = true // disks take their time to say so: what is known by now gets its rows before the next
			case len(r.entries) == 0:
				drop = append(drop, r.ID)
			default:
				v.sum.Segments++
				rows = append(rows, *r)
			}
		}
		if err := v.settle(ctx, rows, drop); err != nil {
			return err
		}
	}
	return nil
}

// settle makes the rows, and takes from the list what has no footage.
func (v *recovery) settle(ctx context.Context, rows []row, drop []SegmentID) error {
	a := v.a
	if err := v.dirs.sync(); err != nil { // before anything leaves the list
		return fault.Wrap(err, fault.Unavailable, "archive.recover", "disk.unwritable", "path", v.root)
	}
	if len(rows)+len(drop) == 0 {
		return nil
	}
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, id := range drop {
			if err := unlist(ctx, tx, id); err != nil {
				return err
			}
			if err := readAtLast(ctx, tx, id); err != nil {
				return err
			}
		}
		if err := a.insertRows(ctx, tx, rows); err != nil {
			return err
		}
		for _, r := range rows {
			if before, ok := v.vouched[r.ID]; ok {
				if err := tx.Emit("archive", "footage.mended", string(r.ID), map[string]any{
					"camera": r.Camera, "stream": r.Which, "from": r.entries[0].Start, "to": r.end(), "fragments": len(r.entries), "fragments_before": before,
				}); err != nil {
					return err
				}
			}
			if !v.partly[r.ID] {
				if err := readAtLast(ctx, tx, r.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fault.Wrap(err, fault.KindOf(err), "archive.recover", "archive.not-stored")
	}
	for _, r := range rows {
		a.countRow(r.Disk, r.bytes, len(r.entries))
		a.extents.drop(streamKey{r.Camera, r.Which})
		drop = append(drop, r.ID)
	}
	a.heed(rows)
	a.forgetTrials(drop...)
	return nil
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
