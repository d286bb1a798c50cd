package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// emit commits an event; shift makes it so many days older than it is.
func emit(t *testing.T, db *store.DB, kind string, days int) {
	t.Helper()
	ctx := context.Background()
	if err := db.Change(ctx, func(_ context.Context, tx *store.Tx) error { return tx.Emit("test", kind, "", nil) }); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, "UPDATE journal SET at_us = at_us - ? WHERE seq = (SELECT seq FROM journal_head)", int64(days)*24*time.Hour.Microseconds()); err != nil {
		t.Fatal(err)
	}
}

func numbers(events []store.Event) []int64 {
	var out []int64
	for _, e := range events {
		out = append(out, e.Seq)
	}
	return out
}

func TestTrim(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		for range 5 {
			emit(t, db, "a.b", 0)
		}
		if n, err := db.TrimJournal(ctx, time.Now().Add(-time.Hour)); n != 0 || err != nil {
			t.Fatalf("%d young events trimmed, %v", n, err)
		}
		if n, err := db.TrimJournal(ctx, time.Now().Add(time.Hour)); n != 5 || err != nil {
			t.Fatalf("%d trimmed, %v", n, err)
		}
		if n, err := db.TrimJournal(ctx, time.Now().Add(time.Hour)); n != 0 || err != nil {
			t.Fatalf("an empty journal: %d trimmed, %v", n, err)
		}
		if _, err := db.Events(ctx, 2, 10); fault.KindOf(err) != fault.Gone {
			t.Errorf("a reader that missed events is told %v", err)
		}
		if err := db.Follow(ctx, 2, func(store.Event) error { return nil }); fault.CodeOf(err) != "store.journal-trimmed" {
			t.Errorf("a follower that missed events is told %v", err)
		}
		emit(t, db, "a.b", 0)
		if events, err := db.Events(ctx, 5, 10); err != nil || len(events) != 1 || events[0].Seq != 6 {
			t.Errorf("%v, %v", events, err)
		}
	})
}

// What stands in the journal alone stays, and is no way for a reader to miss the rest without knowing.
func TestTrimKeepsTheRecord(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		for _, kind := range []string{"look.refused", "camera.health", "look.refused", "camera.health"} {
			emit(t, db, kind, 100)
		}
		emit(t, db, "camera.health", 0)
		if n, err := db.TrimJournal(ctx, time.Now().Add(-90*24*time.Hour), "look.refused"); n != 2 || err != nil {
			t.Fatalf("%d trimmed, %v", n, err)
		}
		got, err := db.History(ctx, 0, 10)
		if diff := cmp.Diff([]int64{5, 3, 1}, numbers(got)); diff != "" || err != nil {
			t.Errorf("history: %s, %v", diff, err)
		}
		if got, err = db.History(ctx, 5, 1); err != nil || len(got) != 1 || got[0].Seq != 3 {
			t.Errorf("the page before: %v, %v", got, err)
		}
		for after, want := range map[int64]fault.Kind{0: fault.Gone, 1: fault.Gone, 2: fault.Gone, 3: fault.Gone} {
			if _, err := db.Events(ctx, after, 10); fault.KindOf(err) != want {
				t.Errorf("reading on after %d: %v", after, err)
			}
		}
		if got, err := db.Events(ctx, 4, 10); err != nil || len(got) != 1 {
			t.Errorf("reading on after the cut: %v, %v", got, err)
		}
	})
}

// What stays beyond the rest has its time too, and goes in the same small steps; what the rest has not been trimmed up to stays.
func TestTrimOfWhatWasKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		day := 24 * time.Hour
		for _, days := range []int{1110, 1109, 1105, 1000, 100} {
			emit(t, db, "look.refused", days)
		}
		emit(t, db, "camera.health", 0)
		if n, err := db.TrimKept(ctx, time.Now().Add(-1095*day)); n != 0 || err != nil {
			t.Errorf("%d trimmed before the rest was, %v", n, err)
		}
		for range 20 { // two days' worth each
			if _, err := db.TrimJournal(ctx, time.Now().Add(-90*day), "look.refused"); err != nil {
				t.Fatal(err)
			}
		}
		for i, want := range [][]int64{{6, 5, 4, 3}, {6, 5, 4}, {6, 5, 4}} {
			if _, err := db.TrimKept(ctx, time.Now().Add(-1095*day)); err != nil {
				t.Fatal(err)
			}
			got, err := db.History(ctx, 0, 10)
			if diff := cmp.Diff(want, numbers(got)); diff != "" || err != nil {
				t.Errorf("run %d: %s, %v", i, diff, err)
			}
		}
		if got, err := db.Events(ctx, 5, 10); err != nil || len(got) != 1 {
			t.Errorf("reading on: %v, %v", got, err)
		}
	})
}

// A clock that runs years ahead costs two days of the journal in an hour, not the journal.
func TestTrimIsSlow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		for day := 10; day >= 0; day-- {
			emit(t, db, "a.b", day)
		}
		wrong := time.Now().AddDate(9, 0, 0)
		if n, err := db.TrimJournal(ctx, wrong); n != 2 || err != nil {
			t.Errorf("%d trimmed, %v", n, err)
		}
		if n, err := db.TrimJournal(ctx, wrong); n != 2 || err != nil {
			t.Errorf("the next hour: %d trimmed, %v", n, err)
		}
	})
}

// More than one transaction's worth.
func TestTrimMuch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		for range 5 {
			err := db.Change(ctx, func(_ context.Context, tx *store.Tx) error {
				for i := range 1000 {
					if err := tx.Emit("test", "a.b", fmt.Sprint(i), nil); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if n, err := db.TrimJournal(ctx, time.Now().Add(time.Hour)); n != 5000 || err != nil {
			t.Errorf("%d trimmed, %v", n, err)
		}
	})
}

func TestTrimmer(t *testing.T) {
	db := storetest.SQLite(t)
	emit(t, db, "a.kept", 1100)
	emit(t, db, "a.b", 1100)
	emit(t, db, "a.b", 0)
	registry := prometheus.NewRegistry()
	var asked atomic.Int64
	tr, err := store.NewTrimmer(store.TrimmerOptions{
		DB: db, For: 90 * 24 * time.Hour, Keep: []string{"a.kept"}, KeepFor: 1095 * 24 * time.Hour, Settle: time.Millisecond, Every: 10 * time.Millisecond, Metrics: registry,
		Trusted: func() bool {
			if asked.Add(1) > 2 {
				return true
			}
			if events, err := db.Events(context.Background(), 0, 10); err != nil || len(events) != 3 {
				t.Errorf("trimmed by a clock that is not trusted: %v, %v", events, err)
			}
			return false
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- tr.Run(ctx) }()
	for end := time.Now().Add(20 * time.Second); value(t, registry, "linli_journal_events_trimmed_total") != 2; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing is trimmed")
		}
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) { // it is told after the count
		at := time.Unix(int64(value(t, registry, "linli_journal_oldest_event_timestamp_seconds")), 0)
		if time.Since(at) < time.Hour {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the oldest event is from %s", at)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func value(t *testing.T, r *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			m := f.GetMetric()[0]
			return m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}
