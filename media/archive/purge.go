package archive

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"slices"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/store"
)

// Why footage was deleted.
const (
	byRetention = "retention" // its days are over
	byQuota     = "quota"     // the disk's share is used up
	bySpace     = "space"     // the disk is full
	byLoss      = "lost"      // its disk is gone for good
)

// Purge is one deletion: what went of a stream, and the root of its fragments' hashes as a proof of what it was.
type Purge struct {
	Camera    string    `json:"camera"`
	Stream    Which     `json:"stream"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Seconds   int64     `json:"seconds"`
	Segments  int       `json:"segments"`
	Fragments int64     `json:"fragments"`
	Bytes     int64     `json:"bytes"`
	Root      string    `json:"root"`
}

// victim is a segment that may go.
type victim struct {
	id       SegmentID
	key      streamKey
	disk     DiskID
	path     string
	from, to time.Time
	bytes    int64
}

// notHeld leaves out what a standing hold covers.
const notHeld = ` AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.camera = s.camera AND h.ended_us = 0 AND (h.until_us > ? OR h.boot <> '')
	AND (h.which = '' OR h.which = s.which) AND h.from_us < s.end_us AND h.to_us > s.start_us)`

// datedRight leaves out what will be dated anew: how old it is nobody knows yet. See Archive.ConfirmDates.
const datedRight = ` AND (NOT s.unconfirmed OR s.boot = '')`

const victimColumns = "SELECT s.id, s.camera, s.which, s.disk, s.path, s.start_us, s.end_us, s.bytes FROM segments s WHERE "

func (a *Archive) victims(ctx context.Context, where string, args ...any) ([]victim, error) {
	rows, err := a.db.QueryContext(ctx, victimColumns+where, args...)
	if err != nil {
		return nil, unreadable(err, "archive.purge")
	}
	defer rows.Close()
	var list []victim
	for rows.Next() {
		var v victim
		var from, to int64
		if err := rows.Scan(&v.id, &v.key.camera, &v.key.which, &v.disk, &v.path, &from, &to, &v.bytes); err != nil {
			return nil, unreadable(err, "archive.purge")
		}
		v.from, v.to = store.Time(from), store.Time(to)
		list = append(list, v)
	}
	return list, rows.Err()
}

// expired lists the oldest segments of a stream that ended before a moment, at the latest, and that nobody holds.
func (a *Archive) expired(ctx context.Context, k streamKey, before time.Time, limit int) ([]victim, error) {
	us := store.Micros(before)
	return a.victims(ctx, "s.camera = ? AND s.which = ? AND s.start_us < ? AND s.end_us + s.slack_us <= ?"+datedRight+notHeld+" ORDER BY s.start_us LIMIT ?",
		k.camera, k.which, us, us, store.Micros(a.now()), limit)
}

// oldest lists the oldest segments of a disk that nobody holds.
func (a *Archive) oldest(ctx context.Context, id DiskID, after time.Time, limit int) ([]victim, error) {
	return a.victims(ctx, "s.disk = ? AND s.start_us > ?"+datedRight+notHeld+" ORDER BY s.start_us LIMIT ?", id, after.UnixMicro(), store.Micros(a.now()), limit)
}

// delete takes segments away: first the rows, with the journal's event and the proof, in one transaction that also lists
// the files; then (sweep) the files, for good; then the list. Whenever the power goes, nothing is left that nobody knows of. Call it with
// holding locked since the victims were picked: no hold comes between.
func (a *Archive) delete(ctx context.Context, why string, list []victim) ([]Purge, error) {
	const op = "archive.purge"
	if len(list) == 0 {
		return nil, nil
	}
	purges, err := a.describe(ctx, list)
	if err != nil {
		return nil, err
	}
	at := store.Micros(a.now())
	err = a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, v := range list {
			if why != byLoss {
				if _, err := tx.ExecContext(ctx, "INSERT INTO purge_list (segment, disk, path) VALUES (?, ?, ?)", v.id, v.disk, v.path); err != nil {
					return err
				}
			}
			for _, q := range []string{"DELETE FROM segments WHERE id = ?", "DELETE FROM segment_indexes WHERE segment = ?"} {
				if _, err := tx.ExecContext(ctx, q, v.id); err != nil {
					return err
				}
			}
			if _, err := tx.ExecContext(ctx, "UPDATE disks SET used = used - ?, segments = segments - 1 WHERE id = ?", v.bytes, v.disk); err != nil {
				return err
			}
		}
		return proof(ctx, tx, at, why, purges)
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.KindOf(err), op, "archive.not-stored")
	}
	for _, v := range list {
		a.cache.remove(v.id)
		a.extents.drop(v.key)
		a.countGone(v.disk, v.bytes, 1)
	}
	return purges, nil
}

// proof keeps what was deleted and its root, and has the journal tell of it.
func proof(ctx context.Context, tx *store.Tx, at int64, why string, purges []Purge) error {
	id := store.NewID()
	total, roots := Purge{}, make([][32]byte, len(purges))
	for i, p := range purges {
		root, err := hex.DecodeString(p.Root)
		if err != nil {
			return err
		}
		copy(roots[i][:], root)
		if _, err := tx.ExecContext(ctx, `INSERT INTO purges (id, camera, which, at_us, from_us, to_us, seconds, segments, fragments, bytes, why, root)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, id, p.Camera, p.Stream, at, store.Micros(p.From), store.Micros(p.To),
			p.Seconds, p.Segments, p.Fragments, p.Bytes, why, root); err != nil {
			return err
		}
		total.Segments += p.Segments
		total.Bytes += p.Bytes
		total.Fragments += p.Fragments
	}
	all := merkleRoot(roots)
	return tx.Emit("archive", "footage.purged", id, map[string]any{
		"why": why, "root": hex.EncodeToString(all[:]), "segments": total.Segments, "fragments": total.Fragments, "bytes": total.Bytes, "streams": purges,
	})
}

// sweep has the files of a disk deleted whose rows are gone. Nobody waits for it: a disk that hangs must not keep the others from
// being purged.
func (a *Archive) sweep(ctx context.Context, id DiskID) {
	a.mu.RLock()
	d := a.disks[id]
	a.mu.RUnlock()
	if d == nil || d.sweeps.Add(1) > 1 {
		return // whoever is at it looks once more
	}
	go func() {
		for {
			n := d.sweeps.Load()
			if _, err := a.finishPurge(ctx, id); err != nil && ctx.Err() == nil {
				a.log.Error("delete purged files", "disk", id, "err", err)
			}
			if d.sweeps.CompareAndSwap(n, 0) {
				return
			}
		}
	}()
}

// sweepAll takes up what an earlier attempt has left, as of a disk that was away.
func (a *Archive) sweepAll(ctx context.Context) error {
	rows, err := a.db.QueryContext(ctx, "SELECT DISTINCT disk FROM purge_list")
	if err != nil {
		return unreadable(err, "archive.purge")
	}
	defer rows.Close()
	var ids []DiskID
	for rows.Next() {
		var id DiskID
		if err := rows.Scan(&id); err != nil {
			return unreadable(err, "archive.purge")
		}
		ids = append(ids, id)
	}
	if err := finish(rows); err != nil {
		return unreadable(err, "archive.purge")
	}
	for _, id := range ids {
		a.sweep(ctx, id)
	}
	return nil
}

func disksOf(list []victim) []DiskID {
	var ids []DiskID
	for _, v := range list {
		if !slices.Contains(ids, v.disk) {
			ids = append(ids, v.disk)
		}
	}
	return ids
}

// describe sums the victims up per stream, with the root of their fragments.
func (a *Archive) describe(ctx context.Context, list []victim) ([]Purge, error) {
	var purges []Purge
	leaves := map[streamKey][][32]byte{}
	at := map[streamKey]int{}
	for _, v := range list {
		var hashes []byte
		if err := a.db.QueryRowContext(ctx, "SELECT hashes FROM segment_indexes WHERE segment = ?", v.id).Scan(&hashes); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, unreadable(err, "archive.purge")
		}
		for ; len(hashes) >= 32; hashes = hashes[32:] {
			leaves[v.key] = append(leaves[v.key], [32]byte(hashes))
		}
		i, ok := at[v.key]
		if !ok {
			i = len(purges)
			at[v.key] = i
			purges = append(purges, Purge{Camera: v.key.camera, Stream: v.key.which, From: v.from, To: v.to})
		}
		p := &purges[i]
		p.Segments++
		p.Bytes += v.bytes
		p.Seconds += int64(v.to.Sub(v.from).Seconds())
		if v.to.After(p.To) {
			p.To = v.to
		}
		if v.from.Before(p.From) {
			p.From = v.from
		}
	}
	for i := range purges {
		k := streamKey{purges[i].Camera, purges[i].Stream}
		root := merkleRoot(leaves[k])
		purges[i].Fragments, purges[i].Root = int64(len(leaves[k])), hex.EncodeToString(root[:])
	}
	return purges, nil
}

// finishPurge deletes the files whose rows are gone already.
func (a *Archive) finishPurge(ctx context.Context, id DiskID) (int, error) {
	const op = "archive.purge"
	d, root, err := a.disk(id)
	if err != nil || d.dead.Load() {
		return 0, nil //nolint:nilerr // the disk is away: its list waits for it
	}
	rows, err := a.db.QueryContext(ctx, "SELECT segment, path FROM purge_list WHERE disk = ?", id)
	if err != nil {
		return 0, unreadable(err, op)
	}
	defer rows.Close()
	var ids []SegmentID
	var paths []string
	for rows.Next() {
		var s SegmentID
		var p string
		if err := rows.Scan(&s, &p); err != nil {
			return 0, unreadable(err, op)
		}
		ids, paths = append(ids, s), append(paths, p)
	}
	if err := rows.Err(); err != nil {
		return 0, unreadable(err, op)
	}
	rows.Close()
	var gone []SegmentID
	dirs := inFolders(d.layer)
	refused, which, why := 0, "", error(nil)
	for i, p := range paths {
		if d.dead.Load() || ctx.Err() != nil {
			break
		}
		if err := dirs.remove(path.Join(root, p)); err != nil {
			if refused++; refused == 1 {
				which, why = p, err
			}
			continue
		}
		gone = append(gone, ids[i])
		// The folder of a day goes with its last file; while there are others this fails, as it should. Today's stays:
		// somebody may be about to make a file in it.
		if day, err := time.Parse(time.DateOnly, path.Base(path.Dir(p))); err == nil && a.now().Sub(day) > 48*time.Hour {
			dirs.removeEmpty(path.Dir(path.Join(root, p)))
		}
	}
	if refused > 0 {
		a.log.Warn("files could not be deleted; they are tried again", "disk", id, "files", refused, "path", which, "err", why)
	}
	// Files that cannot be deleted, because an administrator protects them or they are damaged, say nothing of the others. Where none
	// went, a file of our own tells whether the disk lets any go.
	d.stuck.Store(refused > 0 && len(gone) == 0 && !letsGo(d.layer, root))
	if len(gone) == 0 {
		return 0, nil
	}
	if err := dirs.sync(); err != nil { // before they leave the list
		return 0, fault.Wrap(err, fault.Unavailable, op, "disk.unwritable", "path", root)
	}
	err = a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, id := range gone {
			if _, err := tx.ExecContext(ctx, "DELETE FROM purge_list WHERE segment = ?", id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fault.Wrap(err, fault.KindOf(err), op, "archive.not-stored")
	}
	return len(gone), nil
}

// letsGo tries whether a disk lets a file go.
func letsGo(l file.Layer, root string) bool {
	name := path.Join(root, footage, ".trial")
	f, err := l.Create(name)
	if err == nil {
		f.Close()
	} else if !errors.Is(err, fs.ErrExist) && file.FaultOf(err) != file.Full { // one may be there from a crash, or be all that could be made
		return false
	}
	err = l.Remove(name)
	return err == nil || file.FaultOf(err) == file.Missing
}

// purgeLost gives up what stood on a disk that will not come back.
func (a *Archive) purgeLost(ctx context.Context, id DiskID, n int) (int, error) {
	a.holding.Lock()
	defer a.holding.Unlock()
	list, err := a.victims(ctx, "s.disk = ? ORDER BY s.start_us LIMIT ?", id, n)
	if err != nil {
		return 0, err
	}
	_, err = a.delete(ctx, byLoss, list)
	return len(list), err
}
