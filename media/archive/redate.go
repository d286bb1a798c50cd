package archive

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// InDoubt says that there may be footage that was dated by a clock which nobody had set.
func (a *Archive) InDoubt() bool { return a.doubts.Load() }

// ConfirmDates dates anew what was recorded while the clock was in doubt. Call it when the clock can be trusted, and after a failure again.
// What this boot of the machine has recorded, by this process or another, is moved to where it belongs and confirmed. Of an earlier boot
// nobody can know that: its footage stays where it is if that can be, else it is put where it would be the youngest, so that it
// is not deleted too soon; it stays unconfirmed. Files keep their names and bytes: only what the index says of them changes.
// See docs/design/0005.
func (a *Archive) ConfirmDates(ctx context.Context) (int, error) {
	if !a.doubts.Swap(false) {
		return 0, nil
	}
	n, err := a.confirmDates(ctx)
	if err != nil {
		a.doubts.Store(true)
		return 0, fault.Wrap(err, fault.KindOf(err), "archive.redate", "archive.not-stored")
	}
	return n, nil
}

func (a *Archive) confirmDates(ctx context.Context) (int, error) {
	boot, zero, up := a.reading()
	n := 0
	var redates []redate
	a.changing.Lock()
	defer a.changing.Unlock()
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		n = 0
		doubts, err := inDoubt(ctx, tx)
		if err != nil {
			return err
		}
		begun := zero + up - (a.clock.Mono() - a.begun).Microseconds()
		redates = a.decide(doubts, boot, zero, begun)
		for i := range redates {
			if err := redates[i].apply(ctx, tx); err != nil {
				return err
			}
			n += len(redates[i].ids)
		}
		// This boot's may still be needed, by what its writers have in hand, or when the clock turns out to be wrong after all.
		_, err = tx.ExecContext(ctx, "DELETE FROM clock_settings WHERE boot <> ?", boot)
		return err
	})
	if err != nil {
		return 0, err
	}
	a.moveOpen(redates)
	if n > 0 {
		a.log.Info("footage dated anew", "segments", n)
	}
	return n, nil
}

// doubtFuture takes back that footage is dated right where it lies in the future: a clock that was believed was not right.
func doubtFuture(ctx context.Context, tx *store.Tx, streams []streamKey, now time.Time) (n int64, err error) {
	for _, k := range streams {
		r, err := tx.ExecContext(ctx, `UPDATE segments SET unconfirmed = ?, boot = CASE WHEN boot = '' THEN 'unknown' ELSE boot END
			WHERE camera = ? AND which = ? AND start_us > ?`, true, k.camera, k.which, now.Add(jumpLimit).UnixMicro())
		if err != nil {
			return 0, err
		}
		some, err := r.RowsAffected()
		if err != nil {
			return 0, err
		}
		n += some
	}
	return n, nil
}

// doubt is what one setting of the clock has dated.
type doubt struct {
	setting
	known    bool  // the setting was stored; else only its name is known
	from, to int64 // µs: what its footage covers; to = 0: it has none
}

// inDoubt lists them. What is asked is answered from indexes of what is in doubt alone: the archive's size does not matter.
func inDoubt(ctx context.Context, tx *store.Tx) ([]doubt, error) {
	stored, err := loadSettings(ctx, tx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, q := range []string{
		"SELECT DISTINCT boot FROM segments WHERE unconfirmed AND boot <> ''", "SELECT DISTINCT boot FROM open_segments WHERE unconfirmed AND boot <> ''",
		"SELECT DISTINCT boot FROM footage_gaps WHERE boot <> ''", "SELECT DISTINCT boot FROM holds WHERE boot <> ''",
	} {
		rows, err := tx.QueryContext(ctx, q)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				rows.Close()
				return nil, err
			}
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		if err := finish(rows); err != nil {
			return nil, err
		}
	}
	list := make([]doubt, 0, len(ids))
	for _, id := range ids {
		d := doubt{setting: setting{id: id, boot: id}}
		if s, ok := stored[id]; ok {
			d.setting, d.known = s, true
		}
		for _, q := range []string{
			"SELECT MIN(start_us), MAX(end_us) FROM segments WHERE unconfirmed AND boot = ?",
			"SELECT MIN(start_us), MAX(start_us) FROM open_segments WHERE unconfirmed AND boot = ?",
		} {
			var from, to sql.NullInt64
			if err := tx.QueryRowContext(ctx, q, id).Scan(&from, &to); err != nil {
				return nil, err
			}
			if !from.Valid {
				continue
			}
			if d.to == 0 || from.Int64 < d.from {
				d.from = from.Int64
			}
			d.to = max(d.to, to.Int64)
		}
		list = append(list, d)
	}
	return list, nil
}

// redate moves what one setting has dated.
type redate struct {
	doubt
	us    int64 // by so much
	exact bool
	ids   []SegmentID
}

// decide says by how much what is in doubt has to be moved. zero is what the clock that is right now showed when the machine was started,
// begun when this process opened the archive.
func (a *Archive) decide(doubts []doubt, boot string, zero, begun int64) []redate {
	var list []redate
	var boots [][]doubt
	for _, d := range doubts {
		if d.known && d.boot == boot {
			r := redate{doubt: d, us: zero - d.zero, exact: true}
			if r.us <= sameSetting.Microseconds() && -r.us <= sameSetting.Microseconds() {
				r.us = 0
			}
			list = append(list, r)
			continue
		}
		i := slices.IndexFunc(boots, func(b []doubt) bool { return b[0].boot == d.boot })
		if i < 0 {
			i, boots = len(boots), append(boots, nil)
		}
		boots[i] = append(boots[i], d)
	}
	// The latest boot first: what came before it has to end where it begins.
	last := func(b []doubt) int64 {
		return slices.MaxFunc(b, func(x, y doubt) int { return cmp.Compare(x.made, y.made) }).made
	}
	slices.SortStableFunc(boots, func(x, y []doubt) int { return cmp.Compare(last(y), last(x)) })
	end := begun
	if a.keeping.keeper != nil && boot != a.settings.own {
		end = zero // the machine's start
	}
	for _, b := range boots {
		bound := end
		if !b[0].known && b[0].boot == boot { // an older version has left it: of this boot, but an earlier process
			bound = begun
		}
		right := a.place(b, bound)
		for _, d := range b {
			r := redate{doubt: d, us: right - d.zero}
			if d.to > 0 {
				end = min(end, d.from+r.us)
			}
			list = append(list, r)
		}
	}
	return list
}

// place finds what the right clock would have shown at the start of an earlier boot, or the best that can be said: the latest of its
// settings by which its footage lies where it can lie, after what had passed before it and before what has begun since; if there is
// none, the one by which it ends where it must have ended at the latest.
func (a *Archive) place(boot []doubt, end int64) (zero int64) {
	slices.SortFunc(boot, func(x, y doubt) int { return cmp.Compare(y.made, x.made) })
	at := boot[0].zero
	found := false
	for _, d := range boot {
		if d.to == 0 {
			continue
		}
		after := a.passed
		if d.known {
			after = d.after
		}
		if after > end { // it was a mistake: see Purger.Resume
			after = earliest.UnixMicro()
		}
		if d.from >= after-jumpLimit.Microseconds() && d.to <= end {
			return d.zero
		}
		if !found {
			at, found = d.zero+end-d.to, true
		}
	}
	return at
}

// apply changes the rows.
func (r *redate) apply(ctx context.Context, tx *store.Tx) error {
	r.ids = r.ids[:0]
	for _, table := range []string{"segments", "open_segments"} {
		rows, err := tx.QueryContext(ctx, "SELECT id FROM "+table+" WHERE unconfirmed AND boot = ?", r.id)
		if err != nil {
			return err
		}
		for rows.Next() {
			var id SegmentID
			if err := rows.Scan(&id); err != nil {
				rows.Close()
				return err
			}
			r.ids = append(r.ids, id)
		}
		if err := finish(rows); err != nil {
			return err
		}
	}
	boot := r.id
	if !r.exact {
		boot = "" // nobody will know more
	}
	for _, q := range []struct {
		set  string
		args []any
	}{
		{"segments SET start_us = start_us + ?, end_us = end_us + ?", []any{r.us, r.us}},
		{"open_segments SET start_us = start_us + ?", []any{r.us}},
	} {
		if _, err := tx.ExecContext(ctx, "UPDATE "+q.set+", unconfirmed = ?, boot = ? WHERE unconfirmed AND boot = ?",
			append(q.args, !r.exact, boot, r.id)...); err != nil {
			return err
		}
	}
	if err := r.moveGaps(ctx, tx); err != nil {
		return err
	}
	if err := r.moveHolds(ctx, tx); err != nil {
		return err
	}
	if len(r.ids) == 0 {
		return nil
	}
	return tx.Emit("archive", "footage.redated", "", map[string]any{
		"boot": r.id, "offset_ms": r.us / 1000, "segments": len(r.ids), "confirmed": r.exact,
	})
}

func (r *redate) moveGaps(ctx context.Context, tx *store.Tx) error {
	rows, err := tx.QueryContext(ctx, "SELECT camera, which, from_us, reason, lost FROM footage_gaps WHERE boot = ?", r.id)
	if err != nil {
		return err
	}
	defer rows.Close()
	var gaps []GapNote
	for rows.Next() {
		var g GapNote
		var from int64
		if err := rows.Scan(&g.Camera, &g.Which, &from, &g.Reason, &g.Lost); err != nil {
			return err
		}
		g.From = store.Time(from + r.us)
		gaps = append(gaps, g)
	}
	if err := finish(rows); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM footage_gaps WHERE boot = ?", r.id); err != nil {
		return err
	}
	for _, g := range gaps {
		if err := putGap(ctx, tx, g); err != nil {
			return err
		}
	}
	return nil
}

// moveHolds takes along the holds that were made by the same setting: their ends, and the spans that they cover, but for footage
// of before the machine's start.
func (r *redate) moveHolds(ctx context.Context, tx *store.Tx) error {
	begun := r.zero
	if !r.known {
		begun = r.from - time.Hour.Microseconds()
	}
	for _, q := range []struct {
		query string
		args  []any
	}{
		{"UPDATE holds SET from_us = from_us + ?, to_us = to_us + ? WHERE boot = ? AND to_us > ?", []any{r.us, r.us, r.id, begun}},
		{"UPDATE holds SET made_us = made_us + ?, until_us = until_us + ?, boot = '' WHERE boot = ?", []any{r.us, r.us, r.id}},
	} {
		if _, err := tx.ExecContext(ctx, q.query, q.args...); err != nil {
			return err
		}
	}
	return nil
}

// finish closes what was read to its end.
func finish(rows *sql.Rows) error {
	err := rows.Err()
	if cerr := rows.Close(); err == nil {
		err = cerr
	}
	return err
}

// moveOpen does in memory what was done to the rows.
func (a *Archive) moveOpen(list []redate) {
	a.mu.Lock()
	defer a.mu.Unlock()
	any := false
	for _, r := range list {
		for _, id := range r.ids {
			any = true
			a.cache.remove(id)
			o := a.open[id]
			if o == nil {
				continue
			}
			by := time.Duration(r.us) * time.Microsecond
			moved := make([]Entry, len(o.entries), len(o.entries)+64) // readers may hold the old slice
			for i, e := range o.entries {
				e.Start = e.Start.Add(by)
				moved[i] = e
			}
			o.entries, o.Start, o.moved, o.Unconfirmed = moved, o.Start.Add(by), o.moved+by, !r.exact
			if !r.exact {
				o.Boot = ""
			}
		}
	}
	if any {
		a.extents.clear()
	}
}
