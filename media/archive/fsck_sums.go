package archive

import (
	"context"
	"time"

	"linli.dev/linli/store"
)

// counts compares the sums that a disk's row keeps with its rows.
func (w *walk) counts(ctx context.Context) error {
	var used, n, kept, keptN int64
	if err := w.a.db.QueryRowContext(ctx, `SELECT CAST(COALESCE(SUM(s.bytes), 0) AS BIGINT), COUNT(s.id), MAX(d.used), MAX(d.segments)
		FROM disks d LEFT JOIN segments s ON s.disk = d.id WHERE d.id = ?`, w.id).Scan(&used, &n, &kept, &keptN); err != nil {
		return unreadable(err, "archive.fsck")
	}
	if used == kept && n == keptN {
		return nil
	}
	return w.found(ctx, Difference{Kind: WrongCount, Disk: w.id, Path: w.root, Found: remark("differs.sums", "n", n, "size", used, "known", keptN, "kept", kept)}, func() (Remark, error) {
		err := w.a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE disks SET used = ?, segments = ? WHERE id = ?", used, n, w.id)
			return err
		})
		if err == nil {
			w.a.countGone(w.id, kept-used, keptN-n)
		}
		return remark("mended.summed"), err
	})
}

// overlaps looks for segments on this disk that claim the same time as an earlier one of their stream. Nothing is deleted
// for it: which of them is right takes a person, and both play.
func (w *walk) overlaps(ctx context.Context) error {
	streams, err := w.a.streams(ctx)
	if err != nil {
		return err
	}
	for _, k := range streams {
		list, err := w.overlapsOf(ctx, k)
		if err != nil {
			return err
		}
		for _, d := range list {
			if err := w.found(ctx, d, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walk) overlapsOf(ctx context.Context, k streamKey) (list []Difference, err error) {
	rows, err := w.a.db.QueryContext(ctx, "SELECT id, disk, path, start_us, end_us FROM segments WHERE camera = ? AND which = ? ORDER BY start_us", k.camera, k.which)
	if err != nil {
		return nil, unreadable(err, "archive.fsck")
	}
	defer rows.Close()
	end := int64(-1 << 62)
	for rows.Next() {
		var d Difference
		var from, to int64
		if err := rows.Scan(&d.Segment, &d.Disk, &d.Path, &from, &to); err != nil {
			return nil, unreadable(err, "archive.fsck")
		}
		if lap := time.Duration(end-from) * time.Microsecond; lap > holeTolerance && d.Disk == w.id {
			d.Kind, d.Found = Overlapping, remark("differs.overlap", "span", lap)
			list = append(list, d)
		}
		end = max(end, to)
	}
	return list, rows.Err()
}
