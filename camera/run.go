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
	life, cleaned := s.now(), time.Time{}
	for {
		select {
		case <-ctx.Done():
			// The last sign of life; the caller's context is over.
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			return s.alive(end)
		case <-beat.C:
		}
		if err := s.health.tick(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("camera health not written", "err", err)
		}
		if now := s.now(); now.Sub(life) >= lifeEvery || now.Before(life) {
			if err := s.alive(ctx); err == nil {
				life = now
			}
		}
		if now := s.now(); now.Sub(cleaned) >= 24*time.Hour {
			cleaned = now
			if err := s.expire(ctx, now); err != nil && ctx.Err() == nil {
				s.log.Warn("old outages not removed", "err", err)
			}
		}
	}
}

// resume takes over from the process before: its open outages, and the time
// in which nobody looked.
func (s *Service) resume(ctx context.Context) error {
	now := s.now()
	blank := blankRow{}
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		blank = blankRow{}
		err := tx.NewSelect().Model(&blank).Where("until_us = 0").OrderExpr("from_us DESC").Limit(1).Scan(ctx)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		nowUS := store.Micros(now)
		if _, err := tx.NewDelete().Model((*blankRow)(nil)).Where("until_us = 0").Exec(ctx); err != nil {
			return err
		}
		if blank.FromUS != 0 && nowUS-blank.FromUS > (2*lifeEvery).Microseconds() {
			blank.UntilUS = nowUS
			if _, err := tx.NewInsert().Model(&blank).Exec(ctx); err != nil {
				return err
			}
		}
		_, err = tx.NewInsert().Model(&blankRow{FromUS: nowUS}).Exec(ctx)
		return err
	})
	if err != nil {
		return dbError("camera.resume", err)
	}
	var rows []outageRow
	if err := s.db.NewSelect().Model(&rows).Where("until_us = 0").Scan(ctx); err != nil {
		return dbError("camera.resume", err)
	}
	t := s.health
	t.mu.Lock()
	t.blank = blank
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
	return t.refresh(ctx, now)
}

// alive moves the beginning of the open blank to now.
func (s *Service) alive(ctx context.Context) error {
	return dbError("camera.alive", s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewUpdate().Model((*blankRow)(nil)).Set("from_us = ?", store.Micros(s.now())).Where("until_us = 0").Exec(ctx)
		return err
	}))
}

// expire removes what availability no longer needs (red line 9), and the
// rows of cameras that left so long ago.
func (s *Service) expire(ctx context.Context, now time.Time) error {
	before := store.Micros(now.Add(-keepOutages))
	return dbError("camera.expire", s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, q := range []string{
			"DELETE FROM outages WHERE until_us <> 0 AND until_us < ?",
			"DELETE FROM camera_pauses WHERE until_us <> 0 AND until_us < ?",
			"DELETE FROM camera_blanks WHERE until_us <> 0 AND until_us < ?",
			"DELETE FROM cameras WHERE deleted_us <> 0 AND deleted_us < ?",
			"DELETE FROM devices WHERE deleted_us <> 0 AND deleted_us < ?",
		} {
			if _, err := tx.NewRaw(q, before).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	}))
}
