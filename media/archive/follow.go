package archive

import (
	"context"
	"slices"

	"linli.dev/linli/store"
)

// follower is a standing hold, and by how much the footage moves that it covers.
type follower struct {
	id       string
	camera   string
	which    Which
	from, to int64 // µs
	boot     string
	by       []int64 // µs, each once
	stays    bool    // it also covers footage that does not move
}

func (h *follower) covers(l lay) bool {
	return l.key.camera == h.camera && (h.which == "" || h.which == l.key.which) && h.from < l.to && h.to > l.from
}

// followers finds, before anything is moved, what each standing hold has to follow: whatever footage it covers, whoever dated that and
// whenever the hold was made. One that was made in doubt and covers nothing yet goes with its own setting.
func (a *Archive) followers(ctx context.Context, tx *store.Tx, redates []redate) ([]follower, error) {
	list, err := standingHolds(ctx, tx)
	if err != nil {
		return nil, err
	}
	moves := map[SegmentID]bool{}
	for _, r := range redates {
		for _, l := range r.lay {
			if r.us != 0 {
				moves[l.id] = true
			}
		}
	}
	var follow []follower
	for _, h := range list {
		for _, r := range redates {
			if r.us != 0 && !slices.Contains(h.by, r.us) && slices.ContainsFunc(r.lay, h.covers) {
				h.by = append(h.by, r.us)
			}
		}
		if h.stays, err = a.coversOther(ctx, tx, &h, moves); err != nil {
			return nil, err
		}
		if len(h.by) == 0 && !h.stays {
			for _, r := range redates {
				if r.id == h.boot && r.us != 0 && h.to > r.begun() {
					h.by = []int64{r.us}
				}
			}
		}
		if len(h.by) > 0 {
			follow = append(follow, h)
		}
	}
	return follow, nil
}

// begun is, by the setting, when its machine was started, or at the latest.
func (r *redate) begun() int64 {
	if r.known {
		return r.zero
	}
	return r.from - jumpLimit.Microseconds()
}

func standingHolds(ctx context.Context, tx *store.Tx) ([]follower, error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, camera, which, from_us, to_us, boot FROM holds WHERE ended_us = 0 ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []follower
	for rows.Next() {
		var h follower
		if err := rows.Scan(&h.id, &h.camera, &h.which, &h.from, &h.to, &h.boot); err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, finish(rows)
}

// coversOther says whether a hold covers footage that does not move.
func (a *Archive) coversOther(ctx context.Context, tx *store.Tx, h *follower, moves map[SegmentID]bool) (bool, error) {
	for _, w := range []Which{Main, Sub} {
		if h.which != "" && h.which != w {
			continue
		}
		for _, query := range []string{
			"SELECT id FROM segments WHERE camera = ? AND which = ? AND start_us > ? AND start_us < ? AND end_us > ?",
			"SELECT id FROM open_segments WHERE camera = ? AND which = ? AND start_us > ? AND start_us < ? AND start_us > ?",
		} {
			back := h.from - a.lookBack()
			args := []any{h.camera, w, back, h.to, h.from}
			if query[len("SELECT id FROM ")] == 'o' {
				args[4] = back // how long it has become nobody asks
			}
			rows, err := tx.QueryContext(ctx, query, args...)
			if err != nil {
				return false, err
			}
			for rows.Next() {
				var id SegmentID
				if err := rows.Scan(&id); err != nil {
					rows.Close()
					return false, err
				}
				if !moves[id] {
					return true, rows.Close()
				}
			}
			if err := finish(rows); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

// moveHolds lets holds follow. Where what one covers goes to different places, there is a copy in each. Then the times of the holds
// themselves are put right, made and until, of which boot tells by which setting they are.
func (a *Archive) moveHolds(ctx context.Context, tx *store.Tx, follow []follower, redates []redate) error {
	for _, h := range follow {
		by, at := h.by, map[string]any{"camera": h.camera, "from": store.Time(h.from), "to": store.Time(h.to), "moved_ms": h.by[0] / 1000}
		if !h.stays {
			if _, err := tx.ExecContext(ctx, "UPDATE holds SET from_us = from_us + ?, to_us = to_us + ? WHERE id = ?", by[0], by[0], h.id); err != nil {
				return err
			}
			if err := tx.Emit("archive", "hold.moved", h.id, at); err != nil {
				return err
			}
			by = by[1:]
		}
		for _, us := range by {
			shift := us
			if !h.stays {
				shift -= h.by[0] // the original has gone already
			}
			id := store.NewID()
			if _, err := tx.ExecContext(ctx, `INSERT INTO holds (id, camera, which, from_us, to_us, reason, owner, owner_name, made_us, until_us, boot)
				SELECT ?, camera, which, from_us + CAST(? AS BIGINT), to_us + CAST(? AS BIGINT), reason, owner, owner_name, made_us, until_us, boot
				FROM holds WHERE id = ?`, id, shift, shift, h.id); err != nil {
				return err
			}
			at := map[string]any{"camera": h.camera, "from": store.Time(h.from + us), "to": store.Time(h.to + us), "copy_of": h.id}
			if err := tx.Emit("archive", "hold.moved", id, at); err != nil {
				return err
			}
		}
	}
	for _, r := range redates {
		if _, err := tx.ExecContext(ctx, "UPDATE holds SET made_us = made_us + ?, until_us = until_us + ?, boot = '' WHERE boot = ?",
			r.us, r.us+r.slack, r.id); err != nil {
			return err
		}
	}
	// One that was made in the future counts from now, and nobody can have asked for more than the most.
	now := store.Micros(a.now())
	most := now + MaxHoldUntil.Microseconds()
	for _, q := range []struct {
		query string
		args  []any
	}{
		{"UPDATE holds SET until_us = until_us - made_us + ?, made_us = ? WHERE ended_us = 0 AND made_us > ?", []any{now, now, now + jumpLimit.Microseconds()}},
		{"UPDATE holds SET until_us = ? WHERE ended_us = 0 AND until_us > ?", []any{most, most + jumpLimit.Microseconds()}},
	} {
		if _, err := tx.ExecContext(ctx, q.query, q.args...); err != nil {
			return err
		}
	}
	return nil
}
