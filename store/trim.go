package store

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
)

const (
	trimStep   = 2000           // numbers in one transaction: what else is to be written must not wait long
	trimAtOnce = 48 * time.Hour // worth of events that go within a run: a wrong clock must not empty the journal
)

// TrimJournal deletes the events from before a time, save those of the kinds to keep, and says how many they were. A
// call deletes two days' worth at most. Numbers are never used again; whoever reads on from before the cut is told so
// (fault.Gone), while History still has what was kept.
func (db *DB) TrimJournal(ctx context.Context, before time.Time, keep ...string) (int64, error) {
	last, from, err := db.head(ctx)
	if err != nil {
		return 0, err
	}
	upTo, err := db.cut(ctx, from, last, before)
	if err != nil {
		return 0, err
	}
	return db.trim(ctx, from, upTo, keep)
}

// TrimKept deletes what was kept when the rest was trimmed and is from before a time, two days' worth at most, and says how many they were.
func (db *DB) TrimKept(ctx context.Context, before time.Time) (int64, error) {
	_, last, err := db.head(ctx)
	if err != nil {
		return 0, err
	}
	var from int64
	if err := db.QueryRowContext(ctx, "SELECT coalesce(min(seq) - 1, ?) FROM journal WHERE seq <= ?", last, last).Scan(&from); err != nil {
		return 0, fault.Wrap(err, fault.Unavailable, "store.trim", "store.unavailable")
	}
	upTo, err := db.cut(ctx, from, last, before)
	if err != nil {
		return 0, err
	}
	return db.trim(ctx, from, upTo, nil)
}

// trim deletes the events with numbers in (from, upTo].
func (db *DB) trim(ctx context.Context, from, upTo int64, keep []string) (int64, error) {
	var deleted int64
	for from < upTo {
		step := min(from+trimStep, upTo)
		var n int64
		err := db.Change(ctx, func(ctx context.Context, tx *Tx) error {
			if _, err := tx.ExecContext(ctx, "UPDATE journal_head SET trimmed = ? WHERE id = 1 AND trimmed < ?", step, step); err != nil {
				return err
			}
			q := tx.NewDelete().Model((*eventRow)(nil)).Where("seq > ? AND seq <= ?", from, step)
			if len(keep) > 0 {
				q = q.Where("kind NOT IN (?)", bun.List(keep))
			}
			res, err := q.Exec(ctx)
			if err != nil {
				return err
			}
			n, err = res.RowsAffected()
			return err
		})
		if err != nil {
			return deleted, err
		}
		deleted += n
		from = step
	}
	return deleted, nil
}

// cut finds the numbers to trim after one: those up to upTo, which is last at most. By number and not by time: a clock that jumped back must
// not punch holes.
func (db *DB) cut(ctx context.Context, from, last int64, before time.Time) (upTo int64, err error) {
	if from >= last {
		return from, nil
	}
	oldest, err := db.oldest(ctx, from)
	if err != nil {
		return 0, err
	}
	if limit := oldest.Add(trimAtOnce); limit.Before(before) {
		before = limit
	}
	err = db.QueryRowContext(ctx, "SELECT coalesce(min(seq) - 1, ?) FROM journal WHERE seq > ? AND at_us >= ?", last, from, Micros(before)).Scan(&upTo)
	if err != nil {
		return 0, fault.Wrap(err, fault.Unavailable, "store.trim", "store.unavailable")
	}
	return min(upTo, last), nil
}

// oldest is when the first event after a number was; zero when there is none.
func (db *DB) oldest(ctx context.Context, after int64) (time.Time, error) {
	events, err := db.eventRows(ctx, db.NewSelect().Where("seq > ?", after).Order("seq").Limit(1))
	if err != nil || len(events) == 0 {
		return time.Time{}, err
	}
	return events[0].At, nil
}

// TrimmerOptions of NewTrimmer. DB and For are needed.
type TrimmerOptions struct {
	DB      *DB
	For     time.Duration // how long events are kept
	Keep    []string      // kinds that stay beyond that
	KeepFor time.Duration // how long those are kept; 0: for ever
	Trusted func() bool   // whether the wall clock can be believed; while it cannot, nothing is deleted. nil: always
	Settle  time.Duration // after a start, nothing is deleted; 0: 15 min
	Every   time.Duration // 0: 1 h
	Log     *slog.Logger
	Metrics prometheus.Registerer // nil: none are kept
}

// Trimmer keeps the journal from growing for ever.
type Trimmer struct {
	o       TrimmerOptions
	trimmed prometheus.Counter
	oldest  prometheus.Gauge
}

// NewTrimmer makes a trimmer; Run runs it.
func NewTrimmer(o TrimmerOptions) (*Trimmer, error) {
	if o.Settle == 0 {
		o.Settle = 15 * time.Minute
	}
	if o.Every == 0 {
		o.Every = time.Hour
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	t := &Trimmer{
		o: o,
		trimmed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "linli_journal_events_trimmed_total", Help: "Journal events deleted because their time was over.",
		}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "linli_journal_oldest_event_timestamp_seconds", Help: "When the oldest event that readers can go on from was; 0 while there is none.",
		}),
	}
	if o.Metrics != nil {
		for _, c := range []prometheus.Collector{t.trimmed, t.oldest} {
			if err := o.Metrics.Register(c); err != nil {
				return nil, fault.Wrap(err, fault.Internal, "store.trimmer", "store.metrics")
			}
		}
	}
	return t, nil
}

// Run trims once an hour until ctx ends. A database that does not answer is asked again the next time.
func (t *Trimmer) Run(ctx context.Context) error {
	t.look(ctx)
	wait := time.NewTimer(t.o.Settle)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-wait.C:
		}
		wait.Reset(t.o.Every)
		if t.o.Trusted != nil && !t.o.Trusted() {
			t.o.Log.Warn("the journal is not trimmed: the clock is not to be trusted")
			continue
		}
		now := time.Now()
		n, err := t.o.DB.TrimJournal(ctx, now.Add(-t.o.For), t.o.Keep...)
		if err == nil && t.o.KeepFor > 0 {
			var more int64
			more, err = t.o.DB.TrimKept(ctx, now.Add(-t.o.KeepFor))
			n += more
		}
		t.trimmed.Add(float64(n))
		switch {
		case err != nil && ctx.Err() == nil:
			t.o.Log.Warn("the journal was not trimmed; trying again later", "err", err)
		case n > 0:
			t.o.Log.Info("journal trimmed", "events", n)
		}
		t.look(ctx)
	}
}

// look sets the gauge of the oldest event.
func (t *Trimmer) look(ctx context.Context) {
	_, trimmed, err := t.o.DB.head(ctx)
	if err != nil {
		return
	}
	at, err := t.o.DB.oldest(ctx, trimmed)
	if err != nil {
		return
	}
	if at.IsZero() {
		t.oldest.Set(0)
		return
	}
	t.oldest.Set(float64(at.Unix()))
}
