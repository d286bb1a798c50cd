package archive

import (
	"context"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Redate moves the unconfirmed footage of a recording run by an offset, once the true time is known, and confirms it. The
// files keep their names and bytes: only what the index says of them changes.
func (a *Archive) Redate(ctx context.Context, camera string, which Which, run int64, offset time.Duration) (int, error) {
	return a.redate(ctx, offset, "camera = ? AND which = ? AND run = ?", []any{camera, which, run}, func(o *openSegment) bool {
		return o.Camera == camera && o.Which == which && o.Run == run
	}, map[string]any{"camera": camera, "which": which, "run": run})
}

// RedateBoot does so with everything that one boot of the machine has recorded without knowing the time.
func (a *Archive) RedateBoot(ctx context.Context, boot string, offset time.Duration) (int, error) {
	return a.redate(ctx, offset, "boot = ?", []any{boot}, func(o *openSegment) bool { return o.Boot == boot },
		map[string]any{"boot": boot})
}

func (a *Archive) redate(ctx context.Context, offset time.Duration, where string, args []any, match func(*openSegment) bool, data map[string]any) (int, error) {
	us := offset.Microseconds()
	var ids []SegmentID
	a.changing.Lock()
	defer a.changing.Unlock()
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		ids = ids[:0]
		for _, table := range []string{"segments", "open_segments"} {
			rows, err := tx.QueryContext(ctx, "SELECT id FROM "+table+" WHERE unconfirmed AND "+where, args...)
			if err != nil {
				return err
			}
			for rows.Next() {
				var id SegmentID
				if err := rows.Scan(&id); err != nil {
					rows.Close()
					return err
				}
				ids = append(ids, id)
			}
			if err := rows.Close(); err != nil {
				return err
			}
		}
		if len(ids) == 0 {
			return nil
		}
		if _, err := tx.ExecContext(ctx, "UPDATE segments SET start_us = start_us + ?, end_us = end_us + ?, unconfirmed = ? WHERE unconfirmed AND "+where,
			append([]any{us, us, false}, args...)...); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE open_segments SET start_us = start_us + ?, unconfirmed = ? WHERE unconfirmed AND "+where,
			append([]any{us, false}, args...)...); err != nil {
			return err
		}
		data["offset_ms"], data["segments"] = offset.Milliseconds(), len(ids)
		return tx.Emit("archive", "footage.redated", "", data)
	})
	if err != nil {
		return 0, fault.Wrap(err, fault.KindOf(err), "archive.redate", "archive.not-stored")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, o := range a.open {
		if !o.Unconfirmed || !match(o) {
			continue
		}
		moved := make([]Entry, len(o.entries), len(o.entries)+64) // readers may hold the old slice
		for i, e := range o.entries {
			e.Start = e.Start.Add(offset)
			moved[i] = e
		}
		o.entries, o.Start, o.Unconfirmed = moved, o.Start.Add(offset), false
	}
	for _, id := range ids {
		a.cache.remove(id)
	}
	a.extents.clear()
	return len(ids), nil
}
