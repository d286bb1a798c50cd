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
	if s.unwritten { // what was used meanwhile
		s.unwritten = false
		for id, u := range s.uses {
			s.touched[id] = now.Add(u.seen - mono)
		}
	}
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

// use is what this process has seen of a session by the machine's own time: setting the clock ends nobody's, however far and for
// however long.
type use struct {
	until time.Duration // its time is over then
	sure  bool          // that was known by a clock that was believed
	seen  time.Duration
}

// note notes that a session is used. Under mu.
func (s *Service) note(r sessionRow, now time.Time, trusted bool) {
	mono := s.opt.Mono()
	u, known := s.uses[r.ID]
	if !known {
		u.until = mono + s.opt.Lasts
	}
	if trusted && !u.sure {
		u.until, u.sure = mono+store.Time(r.UntilUS).Sub(now), true
	}
	u.seen = mono
	s.uses[r.ID] = u
}

// lives says whether a session's time is not over.
func (s *Service) lives(r sessionRow) bool {
	now, mono, trusted := s.opt.Now(), s.opt.Mono(), s.trusted()
	s.mu.Lock()
	d, doubted := s.doubts[r.ID]
	u, used := s.uses[r.ID]
	s.mu.Unlock()
	switch {
	case doubted:
		return mono-d.begun < s.opt.Lasts && mono-d.seen < s.opt.Idle
	case trusted && store.Time(r.BegunUS).After(now.Add(ahead)):
		return false // it would live for years
	case used && (u.sure || !trusted):
		return mono < u.until && mono-u.seen < s.opt.Idle
	case !trusted: // it was alive when time was last known
		return mono-s.begun < s.opt.Idle
	}
	return now.Before(store.Time(r.UntilUS)) && now.Sub(s.seen(r)) < s.opt.Idle
}
