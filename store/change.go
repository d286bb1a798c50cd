package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
)

// Tx is the transaction of one Change.
type Tx struct {
	bun.Tx
	db     *DB
	events []eventRow

	stage      *Stage // where new rows go; nil: into their tables
	statements int
}

type txKey struct{ db *DB }

// txFrom finds the transaction that ctx belongs to, if it is one of db's.
func txFrom(ctx context.Context, db *DB) *Tx {
	tx, _ := ctx.Value(txKey{db}).(*Tx)
	return tx
}

// InChange reports whether ctx belongs to a Change of this database: what is read with it may yet be undone, so it
// must not be kept for others.
func (db *DB) InChange(ctx context.Context) bool { return txFrom(ctx, db) != nil }

const tries = 8

// Change runs f in one transaction: what it writes and the events that it emits are committed together, or not at
// all. When the database is busy or chose this transaction to break a deadlock, f is run again, so it must do
// nothing but work on tx and set variables of its own.
//
// The ctx given to f carries the transaction: queries made on the DB with it see, and belong to, the transaction.
// A Change inside a Change is a part of the outer one; if it fails and the outer one goes on, only its part is undone.
func (db *DB) Change(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	if outer := txFrom(ctx, db); outer != nil {
		return outer.nested(ctx, f)
	}
	roomy := false
	for try := 1; ; try++ {
		began := time.Now()
		emitted, err := db.change(ctx, f)
		if err == nil {
			if emitted {
				db.journal.kick()
			}
			if db.keeps {
				db.ballast.keep()
			}
			return nil
		}
		if db.ballast != nil && sqliteNoRoom(err) && !roomy {
			roomy = true
			db.makeRoom(ctx, began)
			continue
		}
		if !(sqliteBusy(err) || pgBusy(err)) {
			return db.explain(err)
		}
		if try == tries {
			return fault.Wrap(err, fault.Unavailable, "store.change", "store.busy")
		}
		// Full jitter: two that collided must not collide again.
		wait := time.Duration(rand.Int64N(int64(10*time.Millisecond) << try))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (db *DB) change(ctx context.Context, f func(ctx context.Context, tx *Tx) error) (emitted bool, err error) {
	btx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	tx := &Tx{Tx: btx, db: db}
	committed := false
	defer func() {
		if !committed { // an error, or a panic in f
			_ = btx.Rollback()
		}
	}()
	if err := f(context.WithValue(ctx, txKey{db}, tx), tx); err != nil {
		return false, err
	}
	if err := tx.flush(ctx); err != nil {
		return false, err
	}
	if err := btx.Commit(); err != nil {
		return false, err
	}
	committed = true
	return len(tx.events) > 0, nil
}

func (tx *Tx) nested(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	kept := len(tx.events)
	err := tx.RunInTx(ctx, nil, func(context.Context, bun.Tx) error { return f(ctx, tx) })
	if err != nil {
		tx.events = tx.events[:kept]
	}
	return err
}

// Emit adds an event to the journal. It becomes visible when the transaction is committed. room is the room's name,
// kind "noun.what-happened", subject the id of what it happened to; data is written as JSON, so no secrets.
func (tx *Tx) Emit(room, kind, subject string, data any) error {
	if room == "" || kind == "" {
		return fault.New(fault.Internal, "store.emit", "store.nameless-event", "room", room, "kind", kind)
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "store.emit", "store.bad-event", "room", room, "kind", kind)
	}
	if data == nil {
		raw = []byte("{}")
	}
	tx.events = append(tx.events, eventRow{
		AtUS: Micros(time.Now()), Doubt: tx.db.dates.Load().doubt(), Room: room, Kind: kind, Subject: subject, Data: string(raw),
	})
	return nil
}

// ForUpdate has a query lock the rows that it finds until the end of the transaction: what is decided on them stays true
// until it is written. Lock rows in the order of their keys. SQLite has one writer, so there it changes nothing.
func (tx *Tx) ForUpdate(q *bun.SelectQuery) *bun.SelectQuery {
	if tx.db.Postgres() {
		return q.For("UPDATE")
	}
	return q
}

// flush numbers and writes the events as the last thing before the commit: from here on nobody else can take
// numbers, so this time is kept short.
func (tx *Tx) flush(ctx context.Context) error {
	if len(tx.events) == 0 {
		return nil
	}
	var last int64
	q := tx.db.QueryGen().FormatQuery("UPDATE journal_head SET seq = seq + ? WHERE id = 1 RETURNING seq", len(tx.events))
	if err := tx.Tx.Tx.QueryRowContext(ctx, q).Scan(&last); err != nil {
		return err
	}
	for i := range tx.events {
		tx.events[i].Seq = last - int64(len(tx.events)) + int64(i) + 1
	}
	_, err := tx.NewInsert().Model(&tx.events).Exec(ctx)
	return err
}

// explain gives the troubles of a database their kind; the room's own faults pass as they are.
func (db *DB) explain(err error) error {
	var known *fault.Error
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case sqliteFull(err), pgCode(err) == "53100":
		return fault.Wrap(err, fault.Unavailable, "store.change", "store.disk")
	case errors.Is(err, sql.ErrConnDone), len(pgCode(err)) == 5 && pgCode(err)[:2] == "08":
		return fault.Wrap(err, fault.Unavailable, "store.change", "store.unavailable")
	}
	return err
}

// IsUnique tells that a row was refused because one with the same key is there already. After that PostgreSQL
// refuses the rest of the transaction: return the error, or use a nested Change for the attempt.
func IsUnique(err error) bool { return sqliteUnique(err) || pgCode(err) == "23505" }
