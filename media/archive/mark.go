package archive

import (
	"context"
	"database/sql"
	"errors"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Marks are single values that outlive a process.
const (
	markWall    = "wall"          // the latest wall clock seen, µs
	markSynced  = "synced"        // when this installation first saw its clock set by somebody, µs
	markRooted  = "rooted"        // hours before this are summed up, µs
	markLongest = "longest"       // the longest segment, µs, where one is longer than MaxSegment
	markStopped = "purge-stopped" // by how much the clock jumped, µs; no row: purging goes on
)

func (a *Archive) mark(ctx context.Context, name string) (value int64, found bool, err error) {
	err = a.db.QueryRowContext(ctx, "SELECT value FROM archive_marks WHERE name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, unreadable(err, "archive.mark")
	}
	return value, true, nil
}

func (a *Archive) setMark(ctx context.Context, name string, value int64) error {
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error { return putMark(ctx, tx, name, value) })
	if err != nil {
		return fault.Wrap(err, fault.KindOf(err), "archive.mark", "archive.not-stored")
	}
	return nil
}

func putMark(ctx context.Context, tx *store.Tx, name string, value int64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO archive_marks (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}
