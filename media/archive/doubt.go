package archive

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"linli.dev/linli/store"
)

// doubt is what one setting of the clock has dated.
type doubt struct {
	setting
	known    bool  // the setting was stored; else only its name is known
	any      bool  // it has dated something:
	from, to int64 // µs, by that setting
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
		if err := d.measure(ctx, tx); err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

// measure finds from and to. Where there is no footage, an end of footage or a hold tells when the setting was in force.
func (d *doubt) measure(ctx context.Context, tx *store.Tx) error {
	for _, q := range []struct {
		query string
		args  []any
	}{
		{"SELECT MIN(start_us), MAX(end_us) FROM segments WHERE unconfirmed AND boot = ?", []any{d.id}},
		{"SELECT MIN(start_us), MAX(start_us) FROM open_segments WHERE unconfirmed AND boot = ?", []any{d.id}},
		{"SELECT MIN(from_us), MAX(from_us) FROM footage_gaps WHERE boot = ?", []any{d.id}},
		{`SELECT MIN(CASE WHEN made_us < ? THEN CAST(? AS BIGINT) ELSE made_us END), MAX(CASE WHEN made_us < ? THEN CAST(? AS BIGINT) ELSE made_us END)
			FROM holds WHERE boot = ?`, []any{d.zero, d.zero, d.zero, d.zero, d.id}}, // one that was made before was changed then
	} {
		var from, to sql.NullInt64
		if err := tx.QueryRowContext(ctx, q.query, q.args...).Scan(&from, &to); err != nil {
			return err
		}
		if !from.Valid {
			continue
		}
		if !d.any {
			d.any, d.from, d.to = true, from.Int64, to.Int64
		}
		d.from, d.to = min(d.from, from.Int64), max(d.to, to.Int64)
	}
	return nil
}

// takeBack takes back that footage is dated right, of which a condition tells that it is not, with the ends of footage that are noted
// there.
func takeBack(ctx context.Context, tx *store.Tx, k streamKey, where string, args ...any) error {
	var first sql.NullInt64
	args = append([]any{k.camera, k.which}, args...)
	if err := tx.QueryRowContext(ctx, "SELECT MIN(start_us) FROM segments WHERE camera = ? AND which = ? AND "+where, args...).Scan(&first); err != nil || !first.Valid {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE segments SET unconfirmed = ?, boot = CASE WHEN boot = '' THEN 'unknown' ELSE boot END
		WHERE camera = ? AND which = ? AND `+where, append([]any{true}, args...)...); err != nil {
		return err
	}
	// What ends there ends with a segment: it has the same setting.
	_, err := tx.ExecContext(ctx, `UPDATE footage_gaps SET boot = COALESCE((SELECT CASE WHEN s.unconfirmed THEN s.boot ELSE '' END FROM segments s
			WHERE s.camera = footage_gaps.camera AND s.which = footage_gaps.which AND s.start_us <= footage_gaps.from_us ORDER BY s.start_us DESC LIMIT 1), '')
		WHERE camera = ? AND which = ? AND from_us >= ? AND boot = ''`, k.camera, k.which, first.Int64)
	return err
}

// takeBackFuture does so where footage lies in the future: a clock that was believed was not right.
func takeBackFuture(ctx context.Context, tx *store.Tx, streams []streamKey, now time.Time) error {
	for _, k := range streams {
		if err := takeBack(ctx, tx, k, "start_us > ?", now.Add(jumpLimit).UnixMicro()); err != nil {
			return err
		}
	}
	return nil
}

// takeBackBoot does so for what this boot has dated otherwise than by the clock as it is now.
func takeBackBoot(ctx context.Context, tx *store.Tx, streams []streamKey, now setting) error {
	stored, err := loadSettings(ctx, tx)
	if err != nil {
		return err
	}
	for _, s := range stored {
		if s.boot != now.boot || max(s.zero-now.zero, now.zero-s.zero) <= jumpLimit.Microseconds() {
			continue
		}
		for _, k := range streams {
			if err := takeBack(ctx, tx, k, "start_us >= ? AND boot = ? AND NOT unconfirmed", s.zero-jumpLimit.Microseconds(), s.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// future says of rows that are about to be made whether they lie in the future: they were begun by a clock that was believed then and
// is known to have been wrong by now.
func (a *Archive) future(rows []row) {
	if !a.ClockTrusted() {
		return
	}
	limit := a.now().Add(jumpLimit)
	for i := range rows {
		r := &rows[i]
		if len(r.entries) == 0 || !r.entries[0].Start.After(limit) {
			continue
		}
		r.Unconfirmed = true
		if r.Boot == "" {
			r.Boot = foundBoot + string(r.ID)
		}
	}
}

// foundBoot begins the name of a setting that nobody knows.
const foundBoot = "found-"
