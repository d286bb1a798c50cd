package grant

import (
	"context"
	"slices"
	"time"

	"linli.dev/linli/store"
)

// Clock knows whether the machine's clock can be believed, and what it should have shown when it could not.
type Clock interface {
	// Doubt names how the clock is set, while that may be wrong; "" when it can be believed.
	Doubt() string
	// Correction says by how much what such a setting has dated is to be moved. Ask only when the clock can be believed.
	Correction(doubt string) Correction
}

// Correction of what was dated by a clock in doubt.
type Correction struct {
	By    time.Duration
	Exact bool      // false: by an earlier start of the machine; nobody can know by how much it was wrong
	Zero  time.Time // what that clock showed at the machine's start: what is older was not dated by it
	Start time.Time // the machine's last start, by the right clock
}

// future: a look that begins so long after now was dated by a clock that has turned out to be wrong.
const future = time.Hour

func (d *Door) doubt() string {
	if d.opt.Clock == nil {
		return ""
	}
	return d.opt.Clock.Doubt()
}

// correction is one that has been written down.
type correction struct{ by, zero int64 }

// move puts a row right. What of the footage was asked for and played moves along where that clock has dated it: after the
// machine's start, and not after the look.
func (r *lookRow) move(by, zero int64) {
	own := func(us int64) bool { return us != 0 && us >= zero && us <= r.UntilUS }
	if own(r.FromUS) {
		r.FromUS, r.ToUS = r.FromUS+by, r.ToUS+by
	}
	played := spansOf(r.Played)
	for i, s := range played {
		if own(micros(s.From)) {
			d := time.Duration(by) * time.Microsecond
			played[i] = Span{s.From.Add(d), s.To.Add(d)}
		}
	}
	slices.SortFunc(played, func(a, b Span) int { return a.From.Compare(b.From) })
	r.Played = spansText(played)
	r.BeginUS, r.UntilUS, r.SeenUS = r.BeginUS+by, r.UntilUS+by, r.SeenUS+by
	if r.EndUS != 0 {
		r.EndUS += by
	}
}

// moved tells a living lease, or one whose end is not written yet, that its row was put right.
func (d *Door) moved(corrected map[LookID]correction) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, l := range d.ended {
		if c, ok := corrected[l.Look]; ok {
			l.corrected.Store(&c)
		}
	}
	for id, l := range d.byLook {
		if c, ok := corrected[id]; ok {
			l.corrected.Store(&c)
		}
	}
}

// shift is by how much the lease's own times are to be moved to be told.
func (l *Lease) shift() time.Duration {
	if c := l.corrected.Load(); c != nil {
		return time.Duration(c.by) * time.Microsecond
	}
	return 0
}

// settle dates the looks anew that a clock in doubt has dated, once it has been believed for a while: who sets a clock by hand may
// do so twice. It runs in the door's worker, as whatever else changes rows of looks that have begun.
func (d *Door) settle(ctx context.Context, now time.Time) error {
	if d.opt.Clock == nil {
		return nil
	}
	if d.doubt() != "" {
		d.doubts.Store(true) // also where nobody looks meanwhile: what was believed before may have been wrong
		d.believed = time.Time{}
		return nil
	}
	if !d.doubts.Load() {
		return nil
	}
	if d.believed.IsZero() {
		d.believed = now
	}
	if now.Sub(d.believed) < d.opt.Confirm {
		return nil
	}
	d.doubts.Store(false) // whoever begins a look in doubt from here on says so again
	corrected, err := d.redate(ctx)
	if err != nil {
		d.doubts.Store(true)
		return err
	}
	d.moved(corrected)
	return nil
}

func (d *Door) redate(ctx context.Context) (corrected map[LookID]correction, err error) {
	err = d.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		corrected = map[LookID]correction{}
		var rows []lookRow
		// The latest first: what an earlier start of the machine has dated has to end where the next one's begins.
		if err := tx.NewSelect().Model(&rows).Where("doubt <> '' OR begin_us > ?", micros(time.Now().Add(future))).OrderExpr("n DESC, id DESC").Scan(ctx); err != nil {
			return err
		}
		var end int64
		for len(rows) > 0 {
			n := 1
			for n < len(rows) && rows[n].Doubt == rows[0].Doubt {
				n++
			}
			group := rows[:n]
			rows = rows[n:]
			c := d.opt.Clock.Correction(group[0].Doubt)
			if end == 0 {
				end = micros(c.Start)
			}
			by, zero := c.By.Microseconds(), micros(c.Zero)
			if !c.Exact {
				last := slices.MaxFunc(group, func(a, b lookRow) int { return int(a.over() - b.over()) })
				by = end - last.over()
			}
			for _, r := range group {
				r.move(by, zero)
				r.Doubt, r.Unconfirmed = "", !c.Exact
				if !c.Exact {
					end = min(end, r.BeginUS)
				}
				if _, err := tx.NewUpdate().Model(&r).Column("begin_us", "until_us", "from_us", "to_us", "seen_us", "end_us", "played", "doubt", "unconfirmed").WherePK().Exec(ctx); err != nil {
					return err
				}
				corrected[r.ID] = correction{by, zero}
			}
			if err := tx.Emit(room, "look.redated", "", map[string]any{"looks": len(group), "offset_ms": by / 1000, "confirmed": c.Exact}); err != nil {
				return err
			}
		}
		return nil
	})
	return corrected, err
}

// over is when the look was over, as far as is known.
func (r *lookRow) over() int64 {
	if r.EndUS != 0 {
		return r.EndUS
	}
	return r.SeenUS
}
