package archive

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"slices"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// InDoubt says that there may be footage that was dated by a clock which nobody had set.
func (a *Archive) InDoubt() bool { return a.doubts.Load() }

// ConfirmDates dates anew what was recorded while the clock was in doubt. Call it when the clock can be trusted, and after a failure again.
// What this boot of the machine has recorded, by this process or another, is moved to where it belongs and confirmed. Of an earlier boot
// nobody can know that: its footage stays where it is if that can be, else it is put where it would be the youngest; it stays
// unconfirmed, and counts as young as it can be. Holds go with what they cover. Files keep their names and bytes: only what the index says
// of them changes. See docs/design/0005.
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
	now := a.dating(a.now())
	n := 0
	var redates []redate
	var kept func()
	a.changing.Lock()
	defer a.changing.Unlock()
	a.holding.Lock() // a hold that is made meanwhile comes before or after
	defer a.holding.Unlock()
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		n = 0
		doubts, err := inDoubt(ctx, tx)
		if err != nil {
			return err
		}
		begun := a.now().Add(a.begun - a.clock.Mono()).UnixMicro()
		redates = a.decide(doubts, now, begun)
		for i := range redates {
			if err := redates[i].load(ctx, tx, a.lookBack()); err != nil {
				return err
			}
			n += len(redates[i].lay)
		}
		follow, err := a.followers(ctx, tx, redates)
		if err != nil {
			return err
		}
		for i := range redates {
			if err := redates[i].apply(ctx, tx); err != nil {
				return err
			}
		}
		if err := a.moveHolds(ctx, tx, follow, redates); err != nil {
			return err
		}
		// This boot's may still be needed, by what its writers have in hand, or when the clock turns out to be wrong after all.
		if _, err = tx.ExecContext(ctx, "DELETE FROM clock_settings WHERE boot <> ?", now.boot); err != nil {
			return err
		}
		kept, err = a.keepSettings(ctx, tx, now.id)
		return err
	})
	if err != nil {
		return 0, err
	}
	kept()
	a.moveOpen(redates)
	if n > 0 {
		a.log.Info("footage dated anew", "segments", n)
	}
	return n, nil
}

// redate moves what one setting has dated.
type redate struct {
	doubt
	us    int64  // by so much
	slack int64  // µs: it may be younger still, by so much
	exact bool   // it is known by how much
	boot  string // the setting by which it is dated then; "" = nobody knows
	lay   []lay
}

// lay is where a segment lies before it is moved.
type lay struct {
	id       SegmentID
	key      streamKey
	from, to int64 // µs
}

// decide says by how much what is in doubt has to be moved. now is the setting that is right, begun when this process opened the archive.
func (a *Archive) decide(doubts []doubt, now setting, begun int64) []redate {
	var list []redate
	var boots [][]doubt
	for _, d := range doubts {
		if d.known && d.setting.boot == now.boot {
			r := redate{doubt: d, us: now.zero - d.zero, exact: true, boot: now.id}
			if r.us <= sameSetting.Microseconds() && -r.us <= sameSetting.Microseconds() {
				r.us, r.boot = 0, d.id
			}
			list = append(list, r)
			continue
		}
		i := slices.IndexFunc(boots, func(b []doubt) bool { return b[0].setting.boot == d.setting.boot })
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
	if a.keeping.keeper != nil && now.boot != a.settings.own {
		end = now.zero // the machine's start
	}
	late := end // where it begins is not known either, but it is not later than this
	for _, b := range boots {
		bound, latest := end, late
		if !b[0].known { // nobody knows of which boot: it tells nothing of the others, and an earlier process of this one may have left it
			bound, latest = begun, begun
		}
		right := place(b, bound)
		slack := int64(math.MaxInt64)
		for _, d := range b {
			if d.any {
				slack = max(0, min(slack, latest-(d.to+right-d.zero)))
			}
		}
		for _, d := range b {
			r := redate{doubt: d, us: right - d.zero, slack: slack}
			if d.any {
				end, late = min(end, d.from+r.us), min(late, d.from+r.us+slack)
			}
			list = append(list, r)
		}
	}
	return list
}

// place finds what the right clock would have shown at the start of an earlier boot, or the best that can be said: the latest of its
// settings by which its footage lies where it can lie, after what had passed before it, and all of the boot before what has begun since;
// if there is none, the one by which the boot ends where it must have ended at the latest.
func place(boot []doubt, end int64) (zero int64) {
	slices.SortFunc(boot, func(x, y doubt) int { return cmp.Compare(y.made, x.made) })
	youngest := int64(math.MaxInt64)
	for _, d := range boot {
		if d.any { // a setting may have come back, so the latest need not have dated what is the youngest
			youngest = min(youngest, d.zero+end-d.to)
		}
	}
	for _, d := range boot {
		after := max(d.after, earliest.UnixMicro()) // no process may ever have known what had passed
		if after > end {                            // it was a mistake: see Purger.Resume
			after = earliest.UnixMicro()
		}
		if d.any && d.from >= after-jumpLimit.Microseconds() && d.zero <= youngest {
			return d.zero
		}
	}
	if youngest == math.MaxInt64 {
		return boot[0].zero
	}
	return youngest
}

// load finds what it will move. How long an open segment has become nobody asks: what counts is which holds may cover it.
func (r *redate) load(ctx context.Context, tx *store.Tx, longest int64) error {
	for _, q := range []struct {
		query string
		args  []any
	}{
		{"SELECT id, camera, which, start_us, end_us FROM segments WHERE unconfirmed AND boot = ?", []any{r.id}},
		{"SELECT id, camera, which, start_us, start_us + CAST(? AS BIGINT) FROM open_segments WHERE unconfirmed AND boot = ?", []any{longest, r.id}},
	} {
		rows, err := tx.QueryContext(ctx, q.query, q.args...)
		if err != nil {
			return err
		}
		for rows.Next() {
			var l lay
			if err := rows.Scan(&l.id, &l.key.camera, &l.key.which, &l.from, &l.to); err != nil {
				rows.Close()
				return err
			}
			r.lay = append(r.lay, l)
		}
		if err := finish(rows); err != nil {
			return err
		}
	}
	return nil
}

// apply changes the rows of footage, and of where it ends.
func (r *redate) apply(ctx context.Context, tx *store.Tx) error {
	for _, q := range []struct {
		set  string
		args []any
	}{
		{"segments SET start_us = start_us + ?, end_us = end_us + ?", []any{r.us, r.us}},
		{"open_segments SET start_us = start_us + ?", []any{r.us}},
	} {
		if _, err := tx.ExecContext(ctx, "UPDATE "+q.set+", slack_us = ?, unconfirmed = ?, boot = ? WHERE unconfirmed AND boot = ?",
			append(q.args, r.slack, !r.exact, r.boot, r.id)...); err != nil {
			return err
		}
	}
	if err := r.moveGaps(ctx, tx); err != nil {
		return err
	}
	if len(r.lay) == 0 {
		return nil
	}
	return tx.Emit("archive", "footage.redated", "", map[string]any{
		"boot": r.id, "offset_ms": r.us / 1000, "segments": len(r.lay), "confirmed": r.exact,
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
		for _, l := range r.lay {
			any = true
			a.cache.remove(l.id)
			o := a.open[l.id]
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
			o.Boot, o.Slack = r.boot, time.Duration(r.slack)*time.Microsecond
		}
	}
	if any {
		a.extents.clear()
	}
}
