package camera

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

const (
	// lifeEvery: how precisely a killed process is dated.
	lifeEvery = 20 * time.Second
	// keepOutages: availability is asked for by month and by year.
	keepOutages = 400 * 24 * time.Hour
	// What is old is removed so long after a start, and after the clock was set; after a long absence a week later. Each time two
	// days' worth of it goes at most: a wrong clock must not empty the record.
	expireSoon   = 15 * time.Minute
	expireLater  = 7 * 24 * time.Hour
	longAway     = 48 * time.Hour
	expireAtOnce = 48 * time.Hour
)

// Run follows the health of the cameras until ctx ends. One process only.
func (s *Service) Run(ctx context.Context) error {
	s.mu.Lock()
	if s.running {
		s.mu.Unlock()
		return fault.New(fault.Conflict, "camera.Run", "camera.runs-already")
	}
	s.running = true
	s.mu.Unlock()
	if err := s.resume(ctx); err != nil {
		return err
	}
	beat := time.NewTicker(time.Second)
	defer beat.Stop()
	look := watch{life: s.clock.steady()}
	for {
		select {
		case <-ctx.Done():
			// The last sign of life; the caller's context is over.
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			return s.alive(end)
		case <-beat.C:
		}
		s.beat(ctx, &look)
	}
}

// watch is what Run remembers; its times are steady.
type watch struct {
	life    time.Time // when the last sign of life was written
	calm    time.Time // since when the wall clock is believed; zero: it is not
	cleaned time.Time // when what is old was last removed
}

// beat does what is due each second.
func (s *Service) beat(ctx context.Context, w *watch) {
	if err := s.health.tick(ctx); err != nil && ctx.Err() == nil {
		s.log.Warn("camera health not written", "err", err)
	}
	doubt, now := s.clock.look(), s.clock.steady()
	if now.Sub(w.life) >= lifeEvery {
		if err := s.alive(ctx); err == nil {
			w.life = now
		}
	}
	if doubt {
		w.calm = time.Time{}
		return
	}
	begin(&w.calm, now)
	if now.Sub(w.calm) < s.health.patience() || !w.cleaned.IsZero() && now.Sub(w.cleaned) < 24*time.Hour {
		return
	}
	w.cleaned = now
	if err := s.expire(ctx, s.now()); err != nil && ctx.Err() == nil {
		s.log.Warn("old outages not removed", "err", err)
	}
}

// patience is how long the clock has to be believed before anything is removed because it is old. A clock that stands far beyond
// what was last known may be wrong by years: then a person has a week to see it.
func (t *tracker) patience() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.blank.UntilUS-t.blank.FromUS > longAway.Microseconds() {
		return expireLater
	}
	return expireSoon
}

// resume takes over from the process before: its open outages, and the time
// in which nobody looked. While the clock is in doubt nobody can say how long
// that was; it is written when it can be (settle).
func (s *Service) resume(ctx context.Context) error {
	doubt, now := s.clock.look(), s.clock.steady()
	blank := blankRow{}
	err := s.db.NewSelect().Model(&blank).Where("until_us = 0").OrderExpr("from_us DESC").Limit(1).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return dbError("camera.resume", err)
	}
	if blank.FromUS != 0 {
		s.clock.last(store.Time(blank.FromUS), now)
	}
	var rows []outageRow
	if err := s.db.NewSelect().Model(&rows).Where("until_us = 0").Scan(ctx); err != nil {
		return dbError("camera.resume", err)
	}
	t := s.health
	t.mu.Lock()
	t.blank, t.begun = blank, now
	open := map[OutageID]bool{}
	for i := range rows {
		if rows[i].Camera == "" {
			t.recorder[rows[i].Device] = &rows[i]
			open[rows[i].ID] = true
		}
	}
	for i := range rows {
		row := &rows[i]
		if row.Camera == "" {
			continue
		}
		w := t.cams[row.Camera]
		if w == nil {
			w = t.watch(row.Camera, now)
		}
		w.open, w.resumed = row, now
		if row.Parent != "" && !open[row.Parent] {
			w.orphan = now // its recorder came back before
		}
	}
	t.mu.Unlock()
	if !doubt {
		if err := t.settle(ctx); err != nil {
			return err
		}
	}
	return t.refresh(ctx, now)
}

// alive moves the beginning of the open blank to now. While the clock is in doubt it stays where something is known.
func (s *Service) alive(ctx context.Context) error {
	if s.clock.look() || !s.health.isSettled() {
		return nil
	}
	return dbError("camera.alive", s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewUpdate().Model((*blankRow)(nil)).Set("from_us = ?", store.Micros(s.now())).Where("until_us = 0").Exec(ctx)
		return err
	}))
}

func (t *tracker) isSettled() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.settled
}

// expire removes what availability no longer needs (red line 9), and the
// rows of cameras that left so long ago: two days' worth of it.
func (s *Service) expire(ctx context.Context, now time.Time) error {
	before := store.Micros(now.Add(-keepOutages))
	return dbError("camera.expire", s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for table, ended := range map[string]string{
			"outages": "until_us", "camera_pauses": "until_us", "camera_blanks": "until_us", "cameras": "deleted_us", "devices": "deleted_us",
		} {
			var oldest sql.NullInt64
			if err := tx.NewRaw("SELECT MIN("+ended+") FROM "+table+" WHERE "+ended+" <> 0").Scan(ctx, &oldest); err != nil {
				return err
			}
			if !oldest.Valid {
				continue
			}
			if _, err := tx.NewRaw("DELETE FROM "+table+" WHERE "+ended+" <> 0 AND "+ended+" < ?",
				min(before, oldest.Int64+expireAtOnce.Microseconds())).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	}))
}
