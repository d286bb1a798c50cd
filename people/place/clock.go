package place

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Clock is the programme's clock. It is an input: a demo's clock stands in
// 2017 while video and sign-in use the machine's. The rooms of the programme
// share one.
//
// It only goes forward. What becomes known is stamped with it, and a stamp
// before one that was already given is refused: an answer about a day that has
// closed could change otherwise.
type Clock struct {
	Now  func() time.Time // nil: the machine's
	Zone *time.Location   // where days begin; nil: Asia/Shanghai
}

// shanghai needs no zone file: it has had no summer time since 1991.
var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

func (c Clock) zone() *time.Location {
	if c.Zone == nil {
		return shanghai
	}
	return c.Zone
}

// Time is the clock's instant, in its zone.
func (c Clock) Time() time.Time {
	if c.Now == nil {
		return time.Now().In(c.zone())
	}
	return c.Now().In(c.zone())
}

// Today is the clock's day.
func (c Clock) Today() Day { return c.DayOf(c.Time()) }

// DayOf is the day that an instant belongs to.
func (c Clock) DayOf(t time.Time) Day { return Date(t.In(c.zone()).Date()) }

// Begin is the first instant of a day.
func (c Clock) Begin(d Day) time.Time {
	y, m, day := d.Date()
	return time.Date(y, m, day, 0, 0, 0, 0, c.zone())
}

// Close is the last instant of a day: what is known then is what a report of
// that day says, for ever.
func (c Clock) Close(d Day) time.Time { return c.Begin(d + 1).Add(-time.Microsecond) }

// AtClose asks for a day as known at its close.
func (c Clock) AtClose(d Day) AsOf { return AsOf{Day: d, Known: c.Close(d)} }

// sameMoment is how far a clock may go back before it counts as set back:
// time service corrects by less.
const sameMoment = time.Second

// Stamp gives the instant at which what this transaction writes becomes known.
// No two transactions get the same, and none an earlier one than any before.
// On PostgreSQL it makes the writers of the programme wait for one another.
func (c Clock) Stamp(ctx context.Context, tx *store.Tx) (time.Time, error) {
	if known, ok := ctx.Value(onceKey{}).(time.Time); ok {
		return known, nil
	}
	// The row first, the time then: who waited for a long transaction, which stamps as it goes on, would come with a time from
	// before that, and be refused as if its clock had been set back.
	var known int64
	if err := tx.ForUpdate(tx.NewSelect().Table("programme_clock").Column("known_us").Where("id = 1")).Scan(ctx, &known); err != nil {
		return time.Time{}, err
	}
	now := store.Micros(c.Time())
	err := tx.QueryRowContext(ctx, `UPDATE programme_clock SET known_us = CASE WHEN known_us < ? THEN ? ELSE known_us + 1 END
		WHERE id = 1 AND known_us <= ? RETURNING known_us`, now, now, now+sameMoment.Microseconds()).Scan(&known)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fault.New(fault.Conflict, "place.Stamp", "place.clock-back", "now", c.Time())
	}
	return store.Time(known), err
}

type onceKey struct{}

// AtOnce stamps a transaction of which all that is written becomes known at one
// instant, whatever rooms write it: with the ctx that it gives, every Stamp is
// that instant.
func (c Clock) AtOnce(ctx context.Context, tx *store.Tx) (context.Context, time.Time, error) {
	known, err := c.Stamp(ctx, tx)
	return WithStamp(ctx, known), known, err
}

// WithStamp has every Stamp be an instant. It is for what is staged: the rows get their instant when they are put
// where they belong (StampColumn).
func WithStamp(ctx context.Context, known time.Time) context.Context {
	return context.WithValue(ctx, onceKey{}, known)
}

// StampColumn is where the rows of the programme's rooms keep the instant at which they became known.
const StampColumn = "known_us"

// LastStamp is the last instant at which anything became known, read in a transaction that is about to stamp: when it is
// what it was, nobody has said anything meanwhile.
func LastStamp(ctx context.Context, tx *store.Tx) (time.Time, error) {
	var known int64
	err := tx.QueryRowContext(ctx, "SELECT known_us FROM programme_clock WHERE id = 1").Scan(&known)
	return store.Time(known), err
}

// Change is a transaction of a room of the programme: f gets the instant at which what it writes becomes known.
func (c Clock) Change(ctx context.Context, db *store.DB, f func(ctx context.Context, tx *store.Tx, known time.Time) error) error {
	return db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		known, err := c.Stamp(ctx, tx)
		if err != nil {
			return err
		}
		return f(ctx, tx, known)
	})
}

// LastKnown is the last instant at which anything became known; zero when
// nothing has.
func (s *Service) LastKnown(ctx context.Context) (time.Time, error) {
	var known int64
	err := s.db.QueryRowContext(ctx, "SELECT known_us FROM programme_clock WHERE id = 1").Scan(&known)
	return store.Time(known), dbError("place.LastKnown", err)
}
