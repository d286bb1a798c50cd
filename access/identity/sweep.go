package identity

import (
	"context"
	"encoding/json"
	"maps"
	"time"

	"linli.dev/linli/store"
)

// expire ends the sessions whose time is over.
func (s *Service) expire(ctx context.Context) error {
	now := s.opt.Now()
	var rows []sessionRow
	err := s.db.NewSelect().Model(&rows).
		Where("until_us <= ? OR seen_us <= ? OR begun_us > ?", store.Micros(now), store.Micros(now.Add(-s.opt.Idle)), store.Micros(now.Add(ahead))).Limit(500).Scan(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if s.lives(r) {
			continue
		}
		if err := s.EndSession(ctx, r.ID, "", true, EndExpired); err != nil {
			s.log.Debug("session not expired", "session", r.ID, "err", err)
		}
	}
	return nil
}

// flush writes down when sessions and tokens were last seen. Losing it costs a minute of accuracy.
func (s *Service) flush(ctx context.Context) {
	s.mu.Lock()
	sessions, tokens := maps.Clone(s.touched), maps.Clone(s.used)
	s.mu.Unlock()
	if len(sessions)+len(tokens) == 0 {
		return
	}
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for id, at := range sessions {
			if _, err := tx.NewUpdate().Table("sessions").Set("seen_us = ?", store.Micros(at)).
				Where("id = ? AND (seen_us < ? OR seen_us > ?)", id, store.Micros(at), store.Micros(at.Add(ahead))).Exec(ctx); err != nil {
				return err
			}
		}
		for id, at := range tokens {
			if _, err := tx.NewUpdate().Table("tokens").Set("used_us = ?", store.Micros(at)).
				Where("id = ? AND used_us < ?", id, store.Micros(at)).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.log.Warn("last use not written", "err", err)
		return
	}
	s.sessions.drop(nil) // what is held has the last use from before
	s.tokens.drop(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	forget(s.touched, sessions)
	forget(s.used, tokens)
}

func forget[K comparable](from, written map[K]time.Time) {
	for k, at := range written {
		if from[k].Equal(at) {
			delete(from, k)
		}
	}
}

// hear follows the journal for what a command beside the server did, or another server on the same
// database: its session must go dark here as well.
func (s *Service) hear(e store.Event) error {
	if e.Room != room {
		return nil
	}
	switch e.Kind {
	case "session.ended":
		var d sessionEnded
		if err := json.Unmarshal(e.Data, &d); err == nil {
			s.tellEnd(SessionID(e.Subject), d.Account, d.Why)
		}
	case "account.changed", "account.deleted", "appointment.given", "appointment.taken":
		s.sessions.drop(func(c sessionEntry) bool { return string(c.account.ID) == e.Subject })
	case "account.password":
		s.sessions.drop(func(c sessionEntry) bool { return string(c.account.ID) == e.Subject })
		var d struct {
			Name string `json:"name"`
		}
		if err := json.Unmarshal(e.Data, &d); err == nil {
			s.lockout.forgive(d.Name)
		}
	case "token.revoked":
		s.tokens.drop(func(c tokenEntry) bool { return string(c.row.ID) == e.Subject })
	}
	return nil
}
