package ledger

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"linli.dev/linli/store"
)

// entryRow is an entry as the database keeps it beside the log.
type entryRow struct {
	bun.BaseModel `bun:"table:ledger_entries"`

	Index     int64  `bun:"idx,pk"`
	Journal   int64  `bun:"journal"`
	AtUS      int64  `bun:"at_us"`
	Kind      string `bun:"kind"`
	Subject   string `bun:"subject"`
	Leaf      string `bun:"leaf"`
	Salt      string `bun:"salt"` // hex
	Private   string `bun:"private"`
	ExpiresUS int64  `bun:"expires_us"`
}

// stateRow is what the room knows of its log.
type stateRow struct {
	bun.BaseModel `bun:"table:ledger_state"`

	ID      int    `bun:"id,pk"`
	Origin  string `bun:"origin"`
	Key     string `bun:"key"`
	Public  string `bun:"public"`
	Before  string `bun:"public_before"`
	Journal int64  `bun:"journal"`
	Size    int64  `bun:"size"`
	Mark    string `bun:"mark"`
}

func readState(ctx context.Context, db *store.DB) (stateRow, bool, error) {
	var s stateRow
	err := db.NewSelect().Model(&s).Where("id = 1").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return s, false, nil
	}
	return s, err == nil, err
}

// rowCount is the place of the next row.
func rowCount(ctx context.Context, db bun.IDB) (int64, error) {
	var n int64
	err := db.NewSelect().Model((*entryRow)(nil)).ColumnExpr("COALESCE(MAX(idx) + 1, 0)").Scan(ctx, &n)
	return n, err
}

// rowsFrom reads rows in the log's order.
func rowsFrom(ctx context.Context, db *store.DB, index int64, limit int) ([]entryRow, error) {
	var rows []entryRow
	err := db.NewSelect().Model(&rows).Where("idx >= ?", index).Order("idx").Limit(int64(limit)).Scan(ctx)
	return rows, err
}

// newest finds the last entry of a kind.
func newest(ctx context.Context, db *store.DB, kind string) (entryRow, bool, error) {
	var row entryRow
	err := db.NewSelect().Model(&row).Where("kind = ?", kind).Order("idx DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return row, false, nil
	}
	return row, err == nil, err
}

// put gives rows their places and writes them, with how far the journal was followed and what the log is known to have, all at once.
func put(ctx context.Context, db *store.DB, rows []entryRow, journal int64, m mark) error {
	return db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		next, err := rowCount(ctx, tx)
		if err != nil {
			return err
		}
		for i := range rows {
			rows[i].Index = next + int64(i)
		}
		if len(rows) > 0 {
			if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
				return err
			}
		}
		return moveState(ctx, tx, journal, m)
	})
}

// moveState writes down how far the journal was followed, and up to where rows and log were found alike. Neither goes back.
func moveState(ctx context.Context, tx *store.Tx, journal int64, m mark) error {
	_, err := tx.ExecContext(ctx, "UPDATE ledger_state SET journal = CASE WHEN journal < ? THEN ? ELSE journal END, "+
		"size = CASE WHEN size < ? THEN ? ELSE size END, mark = CASE WHEN size < ? THEN ? ELSE mark END WHERE id = 1",
		journal, journal, m.size, m.size, m.size, m.sealed)
	return err
}
