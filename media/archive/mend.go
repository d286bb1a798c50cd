package archive

import (
	"context"
	"path"

	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/store"
)

// dropRow takes away a row whose footage is not there. The journal says what is lost, and its root.
func (a *Archive) dropRow(ctx context.Context, s *SegmentInfo, why string) ([]Purge, error) {
	v := victim{id: s.ID, key: streamKey{s.Camera, s.Which}, disk: s.Disk, path: s.Path, from: s.Start, to: s.End, bytes: s.Bytes}
	a.holding.Lock()
	defer a.holding.Unlock()
	return a.delete(ctx, why, []victim{v})
}

// replaceRow gives a segment another index.
func (a *Archive) replaceRow(ctx context.Context, s *SegmentInfo, entries []Entry, bytes int64) error {
	start, end := entries[0].Start, entries[len(entries)-1].End()
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE segments SET start_us = ?, end_us = ?, bytes = ?, fragments = ? WHERE id = ?",
			store.Micros(start), store.Micros(end), bytes, len(entries), s.ID); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO segment_indexes (segment, fragments, hashes) VALUES (?, ?, ?)
			ON CONFLICT (segment) DO UPDATE SET fragments = excluded.fragments, hashes = excluded.hashes`,
			s.ID, appendIndex(nil, start, entries), appendHashes(nil, entries)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE disks SET used = used + ? WHERE id = ?", bytes-s.Bytes, s.Disk); err != nil {
			return err
		}
		return tx.Emit("archive", "footage.mended", string(s.ID), map[string]any{
			"camera": s.Camera, "stream": s.Which, "from": start, "to": end, "fragments": len(entries), "fragments_before": s.Fragments,
		})
	})
	if err == nil {
		a.cache.remove(s.ID)
		a.extents.drop(streamKey{s.Camera, s.Which})
		a.countGone(s.Disk, s.Bytes-bytes, 0)
	}
	return err
}

// takeOut leaves damaged fragments out of an index, so that nobody is shown them, or given them as what was recorded. The
// bytes stay in the file.
func (a *Archive) takeOut(ctx context.Context, s *SegmentInfo, entries []Entry, bad []int) error {
	good := make([]Entry, 0, len(entries))
	for i, e := range entries {
		if len(bad) > 0 && bad[0] == i {
			bad = bad[1:]
			continue
		}
		good = append(good, e)
	}
	if len(good) == 0 {
		_, err := a.dropRow(ctx, s, byLoss)
		return err
	}
	return a.replaceRow(ctx, s, good, s.Bytes)
}

// insertFound makes a row of a file that was found without one.
func (a *Archive) insertFound(ctx context.Context, r row) error {
	set, raw, err := setID(r.Tracks)
	if err != nil {
		return err
	}
	r.set = set
	rows := []row{r}
	err = a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO track_sets (id, tracks) VALUES (?, ?) ON CONFLICT DO NOTHING", set, raw); err != nil {
			return err
		}
		if err := a.insertRows(ctx, tx, rows); err != nil {
			return err
		}
		return tx.Emit("archive", "footage.found", string(r.ID), map[string]any{
			"camera": r.Camera, "stream": r.Which, "from": r.Start, "to": r.end(), "fragments": len(r.entries),
		})
	})
	if err == nil {
		a.rowAdded(rows[0])
		a.heed(rows)
	}
	return err
}

// rebuild makes a segment's index anew from its file. Nothing that the row knows of is cut off, and no file goes: what is rotten
// stays where it is, outside the index.
func (w *walk) rebuild(ctx context.Context, s *SegmentInfo, name string) func() (Remark, error) {
	return func() (Remark, error) {
		f, err := w.d.layer.Edit(name)
		if err != nil {
			return Remark{}, notWritten(err)
		}
		defer f.Close()
		found, err := w.salvage(ctx, f, s.InitSize)
		if err != nil {
			return Remark{}, err
		}
		if len(found.good) == 0 {
			if err := w.lose(s.Path); err != nil { // first: a row without its file is found again, and so is a disk that refuses
				return Remark{}, err
			}
			_, err := w.a.dropRow(ctx, s, byLoss)
			return remark("mended.no-fragment", "folder", lostPath), err
		}
		keep := max(found.whole, min(found.size, s.Bytes))
		if err := cutAt(f, keep); err != nil {
			return Remark{}, err
		}
		return remark("mended.index-made"), w.a.replaceRow(ctx, s, found.entries(w.movedSince(ctx, s, &found)), keep)
	}
}

// lose puts a file where nothing is looked for any more, for a person to look at until its days are over.
func (w *walk) lose(rel string) error {
	to := path.Join(w.root, asideName(rel))
	if err := w.d.layer.MakeDir(path.Dir(to)); err != nil {
		return notWritten(err)
	}
	return notWritten(w.d.layer.Rename(path.Join(w.root, rel), to))
}

// cutAt gives a file its end, for good.
func cutAt(f file.File, size int64) error {
	if err := f.Truncate(size); err != nil {
		return notWritten(err)
	}
	return notWritten(f.Sync())
}
