package grant

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"linli.dev/linli/store"
)

// NamesKept is how long a look says who it was, as long as the ledger does (a test in role holds the two together). forgetAtOnce is how much goes in one run: a clock that is years
// ahead and believed must not take all names away.
const (
	NamesKept    = 1095 * 24 * time.Hour
	forgetAtOnce = 48 * time.Hour
)

// forget takes away who looked and in which words, once the time of that is over. That somebody looked, as what, at what and for how long
// stays. While nobody knows the time, nothing goes.
func (d *Door) forget(ctx context.Context, now time.Time) (n int64, err error) {
	if d.doubt() != "" || d.opt.Clock != nil && d.doubts.Load() { // what is old by a wrong date is not old
		return 0, nil
	}
	err = d.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		var oldest int64
		err := tx.QueryRowContext(ctx, "SELECT end_us FROM looks WHERE account <> '' AND end_us > 0 ORDER BY end_us LIMIT 1").Scan(&oldest)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		due := min(micros(now.Add(-NamesKept)), oldest+forgetAtOnce.Microseconds())
		if oldest > due {
			return nil
		}
		done, err := tx.ExecContext(ctx, "UPDATE looks SET account = '', account_name = '', reason = '', session = '' WHERE account <> '' AND end_us > 0 AND end_us <= ?", due)
		if err != nil {
			return err
		}
		n, err = done.RowsAffected()
		return err
	})
	return n, err
}
