package store

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// Clock knows whether the machine's clock can be believed, and what it should have shown when it could not.
type Clock interface {
	// Doubt names how the clock is set, while that may be wrong; "" when it can be believed. It must not ask the database.
	Doubt() string
	// Correction says by how much what such a setting has dated is to be moved. It is asked only when the clock can be believed.
	Correction(doubt string) Correction
}

// Correction of what was dated by a clock in doubt.
type Correction struct {
	By    time.Duration
	Exact bool      // false: by an earlier start of the machine; nobody can know by how much it was wrong
	Start time.Time // the machine's last start, by the right clock
}

// DatesOptions of NewDates. DB and Clock are needed.
type DatesOptions struct {
	DB      *DB
	Clock   Clock
	Confirm time.Duration // how long the clock has to be believed: who sets it by hand may do so twice; 0: 20 s
	Every   time.Duration // 0: 5 s
	Log     *slog.Logger
}

// Dates keeps the journal's times right: what stands in it alone must not say 1970 for ever. Events that are written while nobody knows
// the time carry how the clock was set, and are dated anew when it can be believed; those of which nobody can know it are marked.
type Dates struct {
	o        DatesOptions
	doubts   atomic.Bool // there may be events that a clock in doubt has dated
	believed time.Time   // since when the clock can be believed again
}

// future: an event so long after now was dated by a clock that has turned out to be wrong.
const future = time.Hour

// earliest is a time before which this software did not exist.
var earliest = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// NewDates has events dated by a clock that knows its doubts, from now on. Run dates them anew.
func NewDates(o DatesOptions) *Dates {
	if o.Confirm == 0 {
		o.Confirm = 20 * time.Second
	}
	if o.Every == 0 {
		o.Every = 5 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &Dates{o: o}
	d.doubts.Store(true) // of a run before, or of a command beside the server
	o.DB.dates.Store(d)
	return d
}

// doubt is how the clock stands for an event that is written now.
func (d *Dates) doubt() string {
	if d == nil {
		return ""
	}
	s := d.o.Clock.Doubt()
	if s != "" {
		d.doubts.Store(true)
	}
	return s
}

// InDoubt says that there may be events whose time is not known.
func (d *Dates) InDoubt() bool { return d.doubts.Load() }

// Run dates anew until ctx ends.
func (d *Dates) Run(ctx context.Context) error {
	tick := time.NewTicker(d.o.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := d.settle(ctx, time.Now()); err != nil && ctx.Err() == nil {
			d.o.Log.Warn("events of before the clock was set are not dated anew; it will be tried again", "err", err)
		}
	}
}

// settle dates the events anew once the clock has been believed for a while.
func (d *Dates) settle(ctx context.Context, now time.Time) error {
	if d.doubt() != "" {
		d.doubts.Store(true) // what was believed before may have been wrong
		d.believed = time.Time{}
		return nil
	}
	if !d.doubts.Load() {
		return nil
	}
	if d.believed.IsZero() {
		d.believed = now
	}
	if now.Sub(d.believed) < d.o.Confirm {
		return nil
	}
	d.doubts.Store(false) // who writes one in doubt from here on says so again
	err := d.o.DB.Change(ctx, d.redate)
	if err != nil {
		d.doubts.Store(true)
	}
	return err
}

// misdated are events that follow each other and were dated by one setting of the clock.
type misdated struct {
	doubt       string
	first, last eventRow
	n           int
}

func (d *Dates) redate(ctx context.Context, tx *Tx) error {
	now := time.Now()
	var rows []eventRow
	// The latest first: what an earlier start of the machine has dated has to end where the next one's begins.
	if err := tx.NewSelect().Model(&rows).Column("seq", "at_us", "doubt").
		Where("doubt <> '' OR at_us < ? OR at_us > ?", Micros(earliest), Micros(now.Add(future))).Order("seq DESC").Scan(ctx); err != nil {
		return err
	}
	for len(rows) > 0 {
		g := misdated{doubt: rows[0].Doubt, last: rows[0]}
		for len(rows) > 0 && rows[0].Doubt == g.doubt && (g.n == 0 || rows[0].Seq == g.first.Seq-1) {
			g.first, g.n, rows = rows[0], g.n+1, rows[1:]
		}
		by, exact, err := d.by(ctx, tx, &g, now)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE journal SET at_us = at_us + ?, doubt = '', unconfirmed = ? WHERE seq BETWEEN ? AND ?",
			by, !exact, g.first.Seq, g.last.Seq); err != nil {
			return err
		}
		if exact && by == 0 {
			continue
		}
		if err := tx.Emit("system", "journal.redated", "", map[string]any{
			"events": g.n, "from": g.first.Seq, "to": g.last.Seq, "offset_ms": by / 1000, "confirmed": exact,
		}); err != nil {
			return err
		}
	}
	return nil
}

// by says by how many µs a group is to be moved. What nobody can know stays where it is if that can be, between its neighbours; else it
// is put as late as it can have been.
func (d *Dates) by(ctx context.Context, tx *Tx, g *misdated, now time.Time) (by int64, exact bool, err error) {
	c := d.o.Clock.Correction(g.doubt)
	if c.Exact {
		return c.By.Microseconds(), true, nil
	}
	end := Micros(now)
	if g.doubt != "" {
		end = min(end, Micros(c.Start))
	}
	var next, before int64
	if err := tx.QueryRowContext(ctx, "SELECT COALESCE((SELECT at_us FROM journal WHERE seq > ? ORDER BY seq LIMIT 1), ?)", g.last.Seq, end).Scan(&next); err != nil {
		return 0, false, err
	}
	end = min(end, next)
	if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(at_us), 0) FROM journal WHERE seq < ? AND doubt = '' AND at_us <= ?", g.first.Seq, end).Scan(&before); err != nil {
		return 0, false, err
	}
	if g.first.AtUS >= max(before, Micros(earliest)) && g.last.AtUS <= end {
		return 0, false, nil
	}
	return end - g.last.AtUS, false, nil
}
