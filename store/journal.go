package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
)

// Event is one committed change. Seq has no gaps until it is trimmed, and grows in the order of the commits.
type Event struct {
	Seq     int64
	At      time.Time
	Room    string
	Kind    string
	Subject string
	Data    json.RawMessage
	// Unconfirmed: the clock could not be believed when At was written. It may yet be put right: see Dates.
	Unconfirmed bool
}

type eventRow struct {
	bun.BaseModel `bun:"table:journal"`

	Seq     int64  `bun:"seq,pk"`
	AtUS    int64  `bun:"at_us"`
	Room    string `bun:"room"`
	Kind    string `bun:"kind"`
	Subject string `bun:"subject"`
	Data    string `bun:"data"`

	Doubt       string `bun:"doubt"`
	Unconfirmed bool   `bun:"unconfirmed"`
}

// Events reads at most limit events after the number given, oldest first. When events after it were already
// trimmed, it fails with fault.Gone: a reader that goes on would miss some without knowing.
func (db *DB) Events(ctx context.Context, after int64, limit int) ([]Event, error) {
	rows, err := db.eventRows(ctx, db.NewSelect().Where("seq > ?", after).Order("seq").Limit(int64(limit)))
	if err != nil {
		return nil, err
	}
	// Of what was trimmed some kinds were kept, so it is not enough that the first one is the next.
	if n := len(rows); n == 0 || rows[n-1].Seq != after+int64(n) {
		if _, trimmed, err := db.head(ctx); err != nil {
			return nil, err
		} else if after < trimmed {
			return nil, fault.New(fault.Gone, "store.events", "store.journal-trimmed", "after", after, "trimmed", trimmed)
		}
	}
	return rows, nil
}

// History reads at most limit events before a number, newest first; 0 is the end of the journal. It also has what was
// kept when the rest was trimmed, so its numbers have gaps.
func (db *DB) History(ctx context.Context, before int64, limit int) ([]Event, error) {
	q := db.NewSelect().Order("seq DESC").Limit(int64(limit))
	if before > 0 {
		q = q.Where("seq < ?", before)
	}
	return db.eventRows(ctx, q)
}

func (db *DB) eventRows(ctx context.Context, q *bun.SelectQuery) ([]Event, error) {
	var rows []eventRow
	if err := q.Model(&rows).Scan(ctx); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "store.events", "store.unavailable")
	}
	events := make([]Event, len(rows))
	for i, r := range rows {
		events[i] = Event{
			Seq: r.Seq, At: Time(r.AtUS), Room: r.Room, Kind: r.Kind, Subject: r.Subject, Data: json.RawMessage(r.Data),
			Unconfirmed: r.Unconfirmed || r.Doubt != "",
		}
	}
	return events, nil
}

// LastSeq is the number of the newest event; 0 when there is none yet.
func (db *DB) LastSeq(ctx context.Context) (int64, error) {
	seq, _, err := db.head(ctx)
	return seq, err
}

func (db *DB) head(ctx context.Context) (seq, trimmed int64, err error) {
	err = db.QueryRowContext(ctx, "SELECT seq, trimmed FROM journal_head WHERE id = 1").Scan(&seq, &trimmed)
	if err != nil {
		return 0, 0, fault.Wrap(err, fault.Unavailable, "store.head", "store.unavailable")
	}
	return seq, trimmed, nil
}

// Follow calls f for every event after the number given, in order, until ctx ends or f fails; it returns that error.
// Changes of this process are told at once, those of other processes within a second. A database that does not
// answer for a while is waited for.
func (db *DB) Follow(ctx context.Context, after int64, f func(Event) error) error {
	leave := db.journal.join()
	defer leave()
	for {
		events, more, known := db.journal.since(after)
		if !known {
			var err error
			events, err = db.Events(ctx, after, batch)
			if fault.KindOf(err) == fault.Gone {
				return err
			}
			if err != nil {
				if err := db.journal.pause(ctx); err != nil {
					return err
				}
				continue
			}
		}
		for _, e := range events {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := f(e); err != nil {
				return err
			}
			after = e.Seq
		}
		if len(events) > 0 {
			continue
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		case <-db.journal.closed:
			return errClosed
		}
	}
}

var errClosed = fault.New(fault.Unavailable, "store.follow", "store.closed")
