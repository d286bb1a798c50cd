package place

import (
	"context"

	"github.com/uptrace/bun"

	"linli.dev/linli/store"
)

// Bounds that keep a clock that is set wrong from emptying what has an end date
// (red line 5: purging stops when the clock jumps).
const (
	// MostAway is for how many days a machine may have been away before its
	// coming back counts as a jump of the clock.
	MostAway Day = 31
	// Settled is for how many days on which the clock was looked at, after a first
	// start or a jump, nothing is deleted: time for somebody to see that the clock
	// is wrong. Days that it left out count for nothing: it may be they that are wrong.
	Settled Day = 7
)

type steadyRow struct {
	bun.BaseModel `bun:"table:steady_clocks"`

	Name  string `bun:"name,pk"`
	Last  Day    `bun:"last_day"`
	Since Day    `bun:"since_day"` // moved on by the days that were left out
}

// Steady notes that something which deletes by date looked at the clock today,
// and reports whether it may delete: the clock has gone on without a jump for
// long enough.
func Steady(ctx context.Context, tx *store.Tx, name string, today Day) (bool, error) {
	var rows []steadyRow
	if err := tx.NewSelect().Model(&rows).Where("name = ?", name).Scan(ctx); err != nil {
		return false, err
	}
	row := steadyRow{Name: name, Last: today, Since: today}
	if len(rows) > 0 && rows[0].Last <= today && today-rows[0].Last <= MostAway {
		row.Since = rows[0].Since + max(0, today-rows[0].Last-1)
	}
	_, err := tx.NewInsert().Model(&row).On("CONFLICT (name) DO UPDATE").Set("last_day = EXCLUDED.last_day").Set("since_day = EXCLUDED.since_day").Exec(ctx)
	return today-row.Since >= Settled, err
}
