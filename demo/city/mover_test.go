package city

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
	"linli.dev/linli/store/storetest"
)

// A story that cannot go on says so by a code: what exactly it was is for the log, and not for a page.
func TestAStoryThatStopsSaysSo(t *testing.T) {
	ctx := context.Background()
	db := storetest.SQLite(t)
	first := place.Date(2017, 4, 20)
	rooms, err := role.OpenCity(ctx, db, place.Clock{Now: func() time.Time { return place.Clock{}.Begin(first) }})
	if err != nil {
		t.Fatal(err)
	}
	m := NewMover(ctx, rooms, func(time.Time) {}, slog.New(slog.DiscardHandler))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := m.Move(first + 1); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); m.Moving().To != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not stop")
		}
	}
	if got := m.Moving(); got.Failed != programme.StoryStopped || got.At != first+1 {
		t.Errorf("%+v", got)
	}
}

// Moved on while it runs, the city is the same as one that was played to the day at once.
func TestTheStoryGoesOn(t *testing.T) {
	ctx := context.Background()
	db := storetest.SQLite(t)
	first, until := place.Date(2017, 4, 20), place.Date(2017, 4, 28)
	quiet := slog.New(slog.DiscardHandler)
	if err := Fill(ctx, db, first, quiet); err != nil {
		t.Fatal(err)
	}
	var clock place.Clock
	at := clock.Begin(first).Add(role.OfficeCloses)
	rooms, err := role.OpenCity(ctx, db, place.Clock{Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	m := NewMover(ctx, rooms, func(to time.Time) {
		if to.After(at) {
			at = to
		}
	}, quiet)
	if m.Last() != Last || m.Moving().To != 0 {
		t.Error(m.Last(), m.Moving())
	}
	if err := m.Move(until); err != nil {
		t.Fatal(err)
	}
	if err := m.Move(until + 1); fault.KindOf(err) != fault.Conflict {
		t.Error("two moves at once:", err)
	}
	for end := time.Now().Add(time.Minute); m.Moving().To != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not arrive")
		}
	}
	if failed := m.Moving().Failed; failed != "" {
		t.Fatal(failed)
	}
	if today := rooms.Places.Clock().Today(); today != until {
		t.Error("the clock stands on", today)
	}
	// Filled in again for the day that the demo begins with, it is where it was moved on to.
	if err := Fill(ctx, db, first, quiet); err != nil {
		t.Fatal(err)
	}
	for _, day := range []place.Day{first, until} {
		got, err := rooms.Programme.City(ctx, clock.AtClose(day), 0)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Bulletin(day, 0, programme.Office, "")
		if err != nil {
			t.Fatal(err)
		}
		if got.Numbers != want.Numbers {
			t.Errorf("%s: %+v, want %+v", day, got.Numbers, want.Numbers)
		}
	}
}
