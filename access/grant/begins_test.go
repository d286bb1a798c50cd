package grant

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// A screen that turns sixteen pictures every five seconds does so for ever, and a person leafs through sixty-four cameras as fast as
// keys are read; a program that asks without a pause gets four a second.
func TestAWallIsNeverToldToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b begins
		log := slog.New(slog.DiscardHandler)
		ask := func(account string, n int) (got int) {
			for range n {
				if b.take(account, 96, log) == nil {
					got++
				}
			}
			return got
		}
		for range 2000 { // nearly three hours
			if got := ask("kiosk", 16); got != 16 {
				t.Fatalf("the screen got %d of 16 pictures", got)
			}
			time.Sleep(5 * time.Second)
		}
		for range 24 { // six times four pages
			if got := ask("guard", 16); got != 16 {
				t.Fatalf("the wall got %d of 16 pictures", got)
			}
			time.Sleep(200 * time.Millisecond)
		}
		got := 0
		for range 3600 {
			got += ask("program", 100)
			time.Sleep(time.Second)
		}
		if most := 384 + 4*3600; got > most || got < most-10 {
			t.Errorf("a program got %d looks in an hour, want %d", got, most)
		}
		if got := ask("kiosk", 16); got != 16 {
			t.Error("another account pays for it")
		}
	})
}

// Who is told so learns when to come again, and leaves no trace in the record or in the journal; refusals by policy count, as they are
// written down too. The log hears of it once.
func TestWhoAsksTooOftenFillsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var said bytes.Buffer
		d := open(t, db, newCompound(), func(o *Options) { o.PerAccount, o.Log = 2, slog.New(slog.NewTextHandler(&said, nil)) })
		ctx := context.Background()
		wrong := Request{Camera: "gate", Kind: Live, Purpose: "maintenance"} // nothing for a guard
		for range 4 {
			if _, err := d.Begin(ctx, zhao(), wrong); fault.KindOf(err) != fault.Denied {
				t.Fatal(err)
			}
			l := begin(t, d, zhao(), duty("gate"))
			if err := d.End(ctx, l.ID, EndDeleted); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.writeEnded(ctx); err != nil {
			t.Fatal(err)
		}
		before, err := db.LastSeq(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []Request{wrong, duty("gate"), wrong, duty("gate")} {
			_, err := d.Begin(ctx, zhao(), q)
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != "door.too-often" || f.Kind != fault.TooMany || f.RetryAfter < time.Second || f.RetryAfter > 13*time.Second {
				t.Fatalf("%v", err)
			}
		}
		if after, err := db.LastSeq(ctx); err != nil || after != before {
			t.Errorf("%d lines in the journal, %v", after-before, err)
		}
		if n := len(record(t, d, Query{})); n != 4 {
			t.Errorf("%d looks are on record, want 4", n)
		}
		if n := strings.Count(said.String(), "faster than pages do"); n != 1 {
			t.Errorf("the log tells it %d times:\n%s", n, &said)
		}
		begin(t, d, sun(), wrong) // an operator, who may
	})
}
