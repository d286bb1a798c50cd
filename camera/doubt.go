package camera

import (
	"context"
	"time"

	"linli.dev/linli/store"
)

// waiting is a row that is not written yet, because the clock by which it is dated may be wrong. It moves when somebody sets it.
type waiting struct {
	*outageRow
	insert bool // it is in no table yet
}

// earliest is a time before which this software did not exist: what is dated before it was dated by a clock that nobody had set.
var earliest = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// shift moves what waits by as much as somebody has set the clock. The caller holds mu.
func (t *tracker) shift() {
	stands := t.s.clock.stands()
	by := (stands - t.stood).Microseconds()
	t.stood = stands
	if by == 0 {
		return
	}
	for _, w := range t.waits {
		if w.fromHere {
			w.FromUS += by
		}
		if w.untilHere {
			w.UntilUS += by
		}
	}
}

// hold keeps in memory what a step would have written. The caller holds mu.
func (t *tracker) hold(st step) {
	if st.insert != nil {
		t.waits[st.insert.ID] = waiting{st.insert, true}
	}
	if st.update != nil {
		t.waits[st.update.ID] = waiting{st.update, t.waits[st.update.ID].insert}
	}
}

// closeHeld ends what waits for a camera that is taken out of service: its rows in the tables are closed. The caller holds mu.
func (t *tracker) closeHeld(id ID) {
	for _, w := range t.waits {
		if w.Camera == id && w.UntilUS == 0 {
			w.UntilUS, w.untilHere = t.us(t.s.clock.steady()), true
		}
	}
}

// held gives what waits of a camera, or of recorders and single cameras ("").
func (t *tracker) held(camera ID) (list []outageRow) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shift()
	for _, w := range t.waits {
		if camera == "" && w.Parent == "" || camera != "" && w.Camera == camera {
			row := *w.outageRow
			row.unconfirmed = true
			list = append(list, row)
		}
	}
	return list
}

// settle writes down, once the clock can be believed, what had to wait for that: the time in which nobody looked before this process
// began, and the outages since. It also puts right what an earlier process has dated by a clock that was wrong.
func (t *tracker) settle(ctx context.Context) error {
	t.mu.Lock()
	t.shift()
	if t.settled && len(t.waits) == 0 {
		t.mu.Unlock()
		return nil
	}
	now := t.us(t.s.clock.steady())
	limit, blank := now, t.blank
	if !t.settled {
		limit = t.us(t.begun)
		if blank.UntilUS = limit; blank.FromUS < store.Micros(earliest) || limit-blank.FromUS <= (2*lifeEvery).Microseconds() {
			blank.UntilUS = 0 // too short to speak of, or nobody knows since when
		}
	}
	rows, was := make([]waiting, 0, len(t.waits)), map[OutageID]int64{}
	for _, w := range t.waits {
		row := *w.outageRow
		was[row.ID] = row.UntilUS
		if row.FromUS < store.Micros(earliest) || row.FromUS > now+clockJump.Microseconds() {
			row.FromUS = limit
		}
		if row.UntilUS != 0 {
			row.UntilUS = max(row.UntilUS, row.FromUS)
		}
		rows = append(rows, waiting{&row, w.insert})
	}
	first := !t.settled
	t.mu.Unlock()

	var mended map[OutageID]bool
	err := t.s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if mended, err = mendDates(ctx, tx, limit, now); err != nil {
			return err
		}
		if first {
			if err := keepBlank(ctx, tx, blank, now); err != nil {
				return err
			}
		}
		return writeWaiting(ctx, tx, rows, now)
	})
	if err != nil {
		return dbError("camera.settle", err)
	}

	t.mu.Lock()
	defer t.mu.Unlock()
	if first {
		t.blank, t.settled = blank, true
	}
	for _, w := range rows {
		held := t.waits[w.ID]
		held.FromUS, held.fromHere = w.FromUS, false
		if held.UntilUS != was[w.ID] { // its camera was disabled meanwhile
			t.waits[w.ID] = waiting{held.outageRow, false}
			continue
		}
		held.UntilUS, held.untilHere = w.UntilUS, false
		delete(t.waits, w.ID)
	}
	for _, row := range t.openRows() {
		if mended[row.ID] {
			row.FromUS = limit
		}
	}
	return nil
}

// openRows are those that the tracker works with. The caller holds mu.
func (t *tracker) openRows() (list []*outageRow) {
	for _, row := range t.recorder {
		list = append(list, row)
	}
	for _, w := range t.cams {
		if w.open != nil {
			list = append(list, w.open)
		}
	}
	return list
}

// keepBlank writes down the time in which nobody looked, and that somebody looks now.
func keepBlank(ctx context.Context, tx *store.Tx, blank blankRow, now int64) error {
	if _, err := tx.NewDelete().Model((*blankRow)(nil)).Where("until_us = 0").Exec(ctx); err != nil {
		return err
	}
	if blank.UntilUS != 0 {
		if _, err := tx.NewInsert().Model(&blank).On("CONFLICT (from_us) DO UPDATE").Set("until_us = EXCLUDED.until_us").Exec(ctx); err != nil {
			return err
		}
	}
	_, err := tx.NewInsert().Model(&blankRow{FromUS: now}).Exec(ctx)
	return err
}

func writeWaiting(ctx context.Context, tx *store.Tx, rows []waiting, now int64) error {
	var gone []ID
	if err := tx.NewSelect().Model((*cameraRow)(nil)).Column("id").Where("disabled = ? OR deleted_us <> 0", true).Scan(ctx, &gone); err != nil {
		return err
	}
	out := map[ID]bool{}
	for _, id := range gone {
		out[id] = true
	}
	for _, w := range rows {
		if w.UntilUS == 0 && out[w.Camera] { // another process has disabled it meanwhile
			w.UntilUS = max(now, w.FromUS)
		}
		var err error
		if w.insert {
			_, err = tx.NewInsert().Model(w.outageRow).On("CONFLICT DO NOTHING").Exec(ctx) // a commit whose answer was lost
		} else {
			_, err = tx.NewUpdate().Model(w.outageRow).WherePK().Exec(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mendDates puts right what was dated by a clock that nobody had set, or by one that ran years ahead: by a version that did not mind,
// or before the mistake was seen. Such a date says nothing; what is known is that it was before limit (µs). It tells which open
// outages begin there now.
func mendDates(ctx context.Context, tx *store.Tx, limit, now int64) (map[OutageID]bool, error) {
	early, late := store.Micros(earliest), now+clockJump.Microseconds()
	for _, q := range []struct {
		query string
		args  []any
	}{
		{"DELETE FROM camera_blanks WHERE until_us <> 0 AND (from_us < ? OR from_us > ?)", []any{early, late}},
		{"UPDATE camera_blanks SET until_us = ? WHERE until_us > ? AND from_us <= ?", []any{limit, late, limit}},
		// Closed ones: nobody knows how long they were.
		{"DELETE FROM outages WHERE until_us <> 0 AND (until_us < ? OR from_us > ?)", []any{early, late}},
		{"UPDATE outages SET from_us = until_us WHERE until_us <> 0 AND from_us < ?", []any{early}},
		{"UPDATE outages SET until_us = from_us WHERE until_us > ?", []any{late}},
		{"UPDATE cameras SET created_us = ? WHERE created_us < ? OR created_us > ?", []any{limit, early, late}},
		{"UPDATE cameras SET deleted_us = ? WHERE deleted_us <> 0 AND (deleted_us < ? OR deleted_us > ?)", []any{now, early, late}},
		{"UPDATE devices SET deleted_us = ? WHERE deleted_us <> 0 AND (deleted_us < ? OR deleted_us > ?)", []any{now, early, late}},
	} {
		if _, err := tx.NewRaw(q.query, q.args...).Exec(ctx); err != nil {
			return nil, err
		}
	}
	if err := mendPauses(ctx, tx, limit, early, late); err != nil {
		return nil, err
	}
	mended := map[OutageID]bool{}
	var rows []outageRow
	if err := tx.NewSelect().Model(&rows).Where("until_us = 0 AND (from_us < ? OR from_us > ?)", early, late).Scan(ctx); err != nil {
		return nil, err
	}
	for _, row := range rows {
		mended[row.ID] = true
		if _, err := tx.NewUpdate().Model((*outageRow)(nil)).Set("from_us = ?", limit).Where("id = ?", row.ID).Exec(ctx); err != nil {
			return nil, err
		}
	}
	return mended, nil
}

// mendPauses does it for the spans in which cameras are disabled. When one began is part of its key.
func mendPauses(ctx context.Context, tx *store.Tx, limit, early, late int64) error {
	var rows []pauseRow
	err := tx.NewSelect().Model(&rows).Where("from_us < ? OR from_us > ? OR until_us > ? OR (until_us <> 0 AND until_us < from_us)", early, late, late).Scan(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := tx.NewDelete().Model((*pauseRow)(nil)).Where("camera = ? AND from_us = ?", row.Camera, row.FromUS).Exec(ctx); err != nil {
			return err
		}
		if row.FromUS < early || row.FromUS > late {
			row.FromUS = limit
		}
		if row.UntilUS != 0 && (row.UntilUS < row.FromUS || row.UntilUS > late) {
			row.UntilUS = max(limit, row.FromUS)
		}
		if row.UntilUS != 0 && row.UntilUS <= row.FromUS {
			continue
		}
		if _, err := tx.NewInsert().Model(&row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
