package identity

import (
	"context"
	"time"

	"linli.dev/linli/store"
)

// misdated is a session that began while the machine's clock could not be believed: by the machine's own time, which nobody sets.
type misdated struct{ begun, seen time.Duration }

// ahead: a session that begins so long after now was dated by a clock that has turned out to be wrong.
const ahead = time.Hour

func (s *Service) trusted() bool { return s.opt.Trusted == nil || s.opt.Trusted() }

// doubted notes a session that begins by a clock in doubt, so that it does not end when somebody sets it.
func (s *Service) doubted(id SessionID) {
	if s.trusted() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opt.Mono()
	s.doubts[id] = misdated{now, now}
}

// confirm dates those sessions anew, once the clock can be believed.
func (s *Service) confirm(ctx context.Context) error {
	if !s.trusted() {
		return nil
	}
	s.mu.Lock()
	now, mono := s.opt.Now(), s.opt.Mono()
	rows := make([]sessionRow, 0, len(s.doubts))
	for id, d := range s.doubts {
		begun := now.Add(d.begun - mono)
		rows = append(rows, sessionRow{
			ID: id, BegunUS: store.Micros(begun), SeenUS: store.Micros(now.Add(d.seen - mono)), UntilUS: store.Micros(begun.Add(s.opt.Lasts)),
		})
	}
	s.mu.Unlock()
	if len(rows) == 0 {
		return nil
	}
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, r := range rows {
			if _, err := tx.NewUpdate().Model(&r).Column("begun_us", "seen_us", "until_us").WherePK().Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	for _, r := range rows {
		delete(s.doubts, r.ID)
		delete(s.touched, r.ID) // by which clock is not known
	}
	s.mu.Unlock()
	s.sessions.drop(nil)
	return nil
}

// lives says whether a session's time is not over.
func (s *Service) lives(r sessionRow) bool {
	s.mu.Lock()
	d, doubted := s.doubts[r.ID]
	s.mu.Unlock()
	if doubted {
		mono := s.opt.Mono()
		return mono-d.begun < s.opt.Lasts && mono-d.seen < s.opt.Idle
	}
	now := s.opt.Now()
	if store.Time(r.BegunUS).After(now.Add(ahead)) && s.trusted() {
		return false // it would live for years
	}
	return now.Before(store.Time(r.UntilUS)) && now.Sub(s.seen(r)) < s.opt.Idle
}
