package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"linli.dev/linli/store"
)

const (
	// expireAtOnce is how much goes in one run: a clock that is years ahead and believed must not take all names away.
	expireAtOnce = 48 * time.Hour
	// undated is how the leaf of an entry ends whose time nobody knew: the keys of a leaf are in order, and this one is the last.
	undated = `%"unconfirmed":true}`
)

// earliest is a time before which this software did not exist: a clock that shows one is wrong, whatever is said of it.
var earliest = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// inDoubt tells whether nobody knows what time it is.
func (l *Ledger) inDoubt() bool { return l.opt.Doubt() || l.opt.Now().Before(earliest) }

// expire takes private parts away whose time is over. While the clock is in doubt nothing goes: what went cannot be had again.
func (l *Ledger) expire(ctx context.Context) {
	if !l.opt.Trusted() {
		return
	}
	if n, err := expire(ctx, l.db, l.opt.Now()); err != nil {
		l.out.Warn("private parts whose time is over were not taken away", "err", err)
	} else if n > 0 {
		l.out.Info("private parts whose time is over were taken away", "entries", n)
	}
}

// expire takes salts and private parts away whose time is over. The leaves stay, and with them that something was there. Where nobody knew
// the time of an entry, its place tells: its private part goes when that of a later one goes, so never too early.
func expire(ctx context.Context, db *store.DB, now time.Time) (n int64, err error) {
	err = db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		var oldest, last int64
		err := tx.QueryRowContext(ctx, "SELECT expires_us FROM ledger_entries WHERE salt <> '' AND expires_us > 0 AND leaf NOT LIKE ? ORDER BY expires_us LIMIT 1", undated).Scan(&oldest)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		due := min(store.Micros(now), oldest+expireAtOnce.Microseconds())
		if oldest > due {
			return nil
		}
		if err := tx.QueryRowContext(ctx, "SELECT MAX(idx) FROM ledger_entries WHERE salt <> '' AND expires_us > 0 AND expires_us <= ? AND leaf NOT LIKE ?", due, undated).Scan(&last); err != nil {
			return err
		}
		for _, q := range []struct {
			which string
			args  []any
		}{
			{"expires_us > 0 AND expires_us <= ? AND leaf NOT LIKE ?", []any{due, undated}},
			{"idx < ? AND leaf LIKE ?", []any{last, undated}},
		} {
			done, err := tx.ExecContext(ctx, "UPDATE ledger_entries SET salt = '', private = '' WHERE salt <> '' AND "+q.which, q.args...)
			if err != nil {
				return err
			}
			some, err := done.RowsAffected()
			if err != nil {
				return err
			}
			n += some
		}
		return nil
	})
	return n, err
}
