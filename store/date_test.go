package store_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// box is a machine whose clock may be in doubt. The tests' own clock is right all the time: what would be shown by a clock that runs
// behind is told by how far the rows are moved.
type box struct {
	mu    sync.Mutex
	doubt string
	known map[string]store.Correction
}

func (b *box) Doubt() string { b.mu.Lock(); defer b.mu.Unlock(); return b.doubt }

func (b *box) Correction(doubt string) store.Correction {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.known[doubt]
}

func (b *box) set(doubt string) { b.mu.Lock(); defer b.mu.Unlock(); b.doubt = doubt }

// A refusal of a look stands in the journal alone. What was refused in 1970 is dated when it was once the clock is set; of an earlier
// start of the machine, of a command beside the server, and of a believed 2031 nobody knows it, and the journal says so.
func TestJournalWithoutTheTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		const decades = 50 * 365 * 24 * time.Hour
		start := time.Now()
		b := &box{known: map[string]store.Correction{
			"": {Start: start}, "earlier#1": {Start: start}, "now#1": {By: decades, Exact: true, Start: start},
		}}
		var when []time.Time
		write := func(kind string, off time.Duration) {
			t.Helper()
			when = append(when, time.Now())
			if err := db.Change(ctx, func(_ context.Context, tx *store.Tx) error { return tx.Emit("look", kind, "x", nil) }); err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(ctx, "UPDATE journal SET at_us = at_us + ? WHERE seq = (SELECT seq FROM journal_head)", off.Microseconds()); err != nil {
				t.Fatal(err)
			}
		}
		write("right", -time.Hour)
		write("in-2031", 5*365*24*time.Hour)
		d := store.NewDates(store.DatesOptions{DB: db, Clock: b, Confirm: time.Millisecond, Every: 5 * time.Millisecond})
		b.set("earlier#1")
		write("earlier", -decades)
		write("earlier", -decades)
		b.set("now#1")
		write("refused", -decades)
		b.set("")
		write("by-command", -decades) // which knows nothing of the clock
		b.set("now#1")
		write("refused", -decades)
		list, err := db.History(ctx, 0, 100)
		if err != nil || len(list) != 7 || !list[0].Unconfirmed || list[6].Unconfirmed {
			t.Fatalf("%+v, %v", list, err)
		}
		run, stop := context.WithCancel(ctx)
		done := make(chan error)
		go func() { done <- d.Run(run) }()
		time.Sleep(50 * time.Millisecond)
		if list, err = db.History(ctx, 0, 100); err != nil || len(list) != 7 || !d.InDoubt() {
			t.Errorf("dated anew while nobody knows the time: %+v, %v", list, err)
		}
		b.set("")
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end) && err == nil && len(list) == 7; time.Sleep(5 * time.Millisecond) {
			list, err = db.History(ctx, 0, 100)
		}
		stop()
		if err := <-done; err != nil || d.InDoubt() {
			t.Error(err, d.InDoubt())
		}
		if list, err = db.Events(ctx, 0, 100); err != nil {
			t.Fatal(err)
		}
		redated := 0
		for i, e := range list {
			if e.Kind == "journal.redated" {
				redated++
				continue
			}
			if i > 0 && e.At.Before(list[i-1].At) {
				t.Errorf("%s of %s comes after one of %s", e.Kind, e.At, list[i-1].At)
			}
			switch off := e.At.Sub(when[i]); {
			case e.Kind == "refused" && (e.Unconfirmed || off.Abs() > time.Second):
				t.Errorf("refused: %s off, unconfirmed %v", off, e.Unconfirmed)
			case e.Kind == "right" && (e.Unconfirmed || !strings.HasPrefix(off.Round(time.Minute).String(), "-1h")):
				t.Errorf("what was right: %s off, unconfirmed %v", off, e.Unconfirmed)
			case e.Kind != "refused" && e.Kind != "right" && (!e.Unconfirmed || off.Abs() > time.Minute):
				t.Errorf("%s: %s off, unconfirmed %v", e.Kind, off, e.Unconfirmed)
			}
		}
		if redated != 5 {
			t.Errorf("%d events tell of it", redated)
		}
	})
}
