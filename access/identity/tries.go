package identity

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/store"
)

type triesRow struct {
	bun.BaseModel `bun:"table:sign_in_tries"`

	Name    string `bun:"name,pk"`
	Address string `bun:"address,pk"`
	Wrong   int    `bun:"wrong"`
	LastUS  int64  `bun:"last_us"`
	UntilUS int64  `bun:"until_us"`
}

// rows are what is counted of a name at an address, and of the address as a whole.
func (l *lockout) rows(name, address string) (out []triesRow) {
	l.mu.Lock()
	defer l.mu.Unlock()
	pair, line := keys(name, address)
	for _, k := range []lockKey{pair, line} {
		if t := l.entries[k]; t != nil {
			out = append(out, triesRow{Name: k.name, Address: k.address, Wrong: t.wrong, LastUS: store.Micros(t.last), UntilUS: store.Micros(t.until)})
		}
	}
	return out
}

// restore takes over what an earlier run counted.
func (l *lockout) restore(rows []triesRow) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for _, r := range rows {
		k := lockKey{r.Name, r.Address}
		// A clock that ran ahead then, or is behind now, must not keep anybody waiting longer than the rules do.
		last := earlier(store.Time(r.LastUS), now)
		if now.Sub(last) <= k.memory() {
			l.entries[k] = &tries{wrong: r.Wrong, last: last, until: earlier(store.Time(r.UntilUS), now.Add(longestWait))}
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.After(b) {
		return b
	}
	return a
}

// readTries restores the lockout at a start.
func (s *Service) readTries(ctx context.Context) error {
	var rows []triesRow
	if err := s.db.NewSelect().Model(&rows).Order("last_us DESC").Limit(maxEntries).Scan(ctx); err != nil {
		return err
	}
	s.lockout.restore(rows)
	return nil
}

// keepTries writes a wrong try down, also when whoever made it has hung up meanwhile.
func (s *Service) keepTries(ctx context.Context, name, address string) {
	rows := s.lockout.rows(name, address)
	if len(rows) == 0 {
		return
	}
	s.writeTries(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewInsert().Model(&rows).On("CONFLICT (name, address) DO UPDATE").
			Set("wrong = EXCLUDED.wrong").Set("last_us = EXCLUDED.last_us").Set("until_us = EXCLUDED.until_us").Exec(ctx)
		return err
	})
}

// dropTries forgets a name: at one address, or everywhere for "".
func (s *Service) dropTries(ctx context.Context, name, address string) {
	s.writeTries(ctx, func(ctx context.Context, tx *store.Tx) error {
		q := tx.NewDelete().Model((*triesRow)(nil)).Where("name = ?", nameKey(name))
		if address != "" {
			q = q.Where("address = ?", network(address))
		}
		_, err := q.Exec(ctx)
		return err
	})
}

func (s *Service) writeTries(ctx context.Context, f func(ctx context.Context, tx *store.Tx) error) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer done()
	if err := s.db.Change(ctx, f); err != nil {
		s.log.Warn("wrong passwords are counted in memory only", "err", err)
	}
}

// forgetTries deletes what is too old to count.
func (s *Service) forgetTries(ctx context.Context) error {
	now := s.opt.Now()
	return s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewDelete().Model((*triesRow)(nil)).
			Where("last_us < ?", store.Micros(now.Add(-forgetAfter))).
			WhereOr("name = ? AND last_us < ?", "", store.Micros(now.Add(-forgetLine))).Exec(ctx)
		return err
	})
}
