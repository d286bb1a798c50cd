package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
)

// Event is one committed change. Seq has no gaps, and grows in the order of the commits.
type Event struct {
	Seq     int64
	At      time.Time
	Room    string
	Kind    string
	Subject string
	Data    json.RawMessage
}

type eventRow struct {
	bun.BaseModel `bun:"table:journal"`

	Seq     int64  `bun:"seq,pk"`
	AtUS    int64  `bun:"at_us"`
	Room    string `bun:"room"`
	Kind    string `bun:"kind"`
	Subject string `bun:"subject"`
	Data    string `bun:"data"`
}

// Events reads at most limit events after the number given, oldest first. When events after it were already
// trimmed, it fails with fault.Gone: a reader that goes on would miss some without knowing.
func (db *DB) Events(ctx context.Context, after int64, limit int) ([]Event, error) {
	var rows []eventRow
	err := db.NewSelect().Model(&rows).Where("seq > ?", after).Order("seq").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "store.events", "store.unavailable")
	}
	if len(rows) == 0 || rows[0].Seq != after+1 {
		if _, trimmed, err := db.head(ctx); err != nil {
			return nil, err
		} else if after < trimmed {
			return nil, fault.New(fault.Gone, "store.events", "store.journal-trimmed", "after", after, "trimmed", trimmed)
		}
	}
	events := make([]Event, len(rows))
	for i, r := range rows {
		events[i] = Event{Seq: r.Seq, At: Time(r.AtUS), Room: r.Room, Kind: r.Kind, Subject: r.Subject, Data: json.RawMessage(r.Data)}
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

// TrimJournal deletes the events from before a time, and says how many they were. Numbers are never used again.
func (db *DB) TrimJournal(ctx context.Context, before time.Time) (int64, error) {
	var deleted int64
	err := db.Change(ctx, func(ctx context.Context, tx *Tx) error {
		// By number, not by time: a clock that jumped back must not punch holes.
		var upTo int64
		err := tx.QueryRowContext(ctx,
			"SELECT coalesce(min(seq) - 1, (SELECT seq FROM journal_head WHERE id = 1)) FROM journal WHERE at_us >= ?",
			Micros(before)).Scan(&upTo)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE journal_head SET trimmed = ? WHERE id = 1 AND trimmed < ?", upTo, upTo); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, "DELETE FROM journal WHERE seq <= ?", upTo)
		if err != nil {
			return err
		}
		deleted, err = res.RowsAffected()
		return err
	})
	return deleted, err
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
