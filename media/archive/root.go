package archive

import (
	"context"
	"database/sql"
	"encoding/hex"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Root stands for all fragments of a stream that began within an hour: proof of what was there, also when it is gone.
type Root struct {
	Hour      time.Time
	Camera    string
	Which     Which
	Fragments int64
	Bytes     int64
	Hash      [32]byte
}

// rootAfter is how long after its end an hour is summed up: its last segment has closed by then.
const rootAfter = 30 * time.Minute

// SumHour computes the roots of one hour for every stream that has footage in it, and stores those that are new. It reads
// indexes, not footage.
func (a *Archive) SumHour(ctx context.Context, hour time.Time) ([]Root, error) {
	const op = "archive.roots"
	from := hour.UTC().Truncate(time.Hour)
	to := from.Add(time.Hour)
	streams, err := a.streamsBetween(ctx, from, to)
	if err != nil {
		return nil, err
	}
	var roots []Root
	for _, k := range streams {
		list, err := a.Segments(ctx, k.camera, k.which, from, to)
		if err != nil {
			return nil, err
		}
		r := Root{Hour: from, Camera: k.camera, Which: k.which}
		var leaves [][32]byte
		for i := range list {
			entries := list[i].live
			if !list[i].Open {
				if entries, err = a.loadIndex(ctx, &list[i], true); err != nil {
					return nil, err
				}
			}
			for _, e := range entries {
				if !e.Start.Before(from) && e.Start.Before(to) {
					leaves = append(leaves, e.Hash)
					r.Bytes += int64(e.Size)
				}
			}
		}
		if len(leaves) == 0 {
			continue
		}
		r.Fragments, r.Hash = int64(len(leaves)), merkleRoot(leaves)
		roots = append(roots, r)
	}
	if len(roots) == 0 {
		return nil, nil
	}
	err = a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		leaves := make([][32]byte, len(roots))
		for i, r := range roots {
			leaves[i] = r.Hash
			if _, err := tx.ExecContext(ctx, `INSERT INTO footage_roots (hour_us, camera, which, fragments, bytes, root)
				VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, store.Micros(r.Hour), r.Camera, r.Which, r.Fragments, r.Bytes, r.Hash[:]); err != nil {
				return err
			}
		}
		all := merkleRoot(leaves)
		return tx.Emit("archive", "footage.rooted", from.Format(time.RFC3339), map[string]any{
			"hour": from, "streams": len(roots), "root": hex.EncodeToString(all[:]),
		})
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.KindOf(err), op, "archive.not-stored")
	}
	return roots, nil
}

// unrooted is the first hour, from the latest one on that is summed up, that is not: this one, where there is none.
func (a *Archive) unrooted(ctx context.Context) (time.Time, error) {
	this := a.now().Truncate(time.Hour)
	var last sql.NullInt64
	if err := a.db.QueryRowContext(ctx, "SELECT MAX(hour_us) FROM footage_roots WHERE hour_us <= ?", store.Micros(this)).Scan(&last); err != nil {
		return this, unreadable(err, "archive.roots")
	}
	if !last.Valid {
		return this, nil
	}
	return store.Time(last.Int64).Add(time.Hour), nil
}

// streamsBetween lists the streams that have footage in a span.
func (a *Archive) streamsBetween(ctx context.Context, from, to time.Time) ([]streamKey, error) {
	streams, err := a.streams(ctx)
	if err != nil {
		return nil, err
	}
	var list []streamKey
	for _, k := range streams {
		var n int
		if err := a.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM segments s WHERE "+overlapping+" LIMIT 1) x",
			a.overlapArgs(k.camera, k.which, from, to)...).Scan(&n); err != nil {
			return nil, unreadable(err, "archive.roots")
		}
		if n > 0 || len(a.openOf(k.camera, k.which, from, to)) > 0 {
			list = append(list, k)
		}
	}
	return list, nil
}

// streams lists every stream that has footage: it jumps through the index from one to the next, so the archive's size does
// not matter.
func (a *Archive) streams(ctx context.Context) ([]streamKey, error) {
	var list []streamKey
	var at streamKey
	for {
		rows, err := a.db.QueryContext(ctx, `SELECT camera, which FROM segments WHERE camera > ? OR (camera = ? AND which > ?)
			ORDER BY camera, which LIMIT 1`, at.camera, at.camera, at.which)
		if err != nil {
			return nil, unreadable(err, "archive.streams")
		}
		found := rows.Next()
		if found {
			err = rows.Scan(&at.camera, &at.which)
		}
		rows.Close()
		if err != nil {
			return nil, unreadable(err, "archive.streams")
		}
		if !found {
			break
		}
		list = append(list, at)
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	for k := range a.stream {
		if !contains(list, k) {
			list = append(list, k)
		}
	}
	return list, nil
}

func contains(list []streamKey, k streamKey) bool {
	for _, x := range list {
		if x == k {
			return true
		}
	}
	return false
}
