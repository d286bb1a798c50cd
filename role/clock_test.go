package role

import (
	"context"
	"log/slog"
	"testing"
	"time"
)

// A jump of the clock that waits for a person keeps every room from dating things for good: what is looked at meanwhile is in doubt. When
// the person says that the time is right, it was right all along.
func TestOneAnswerAboutTheClock(t *testing.T) {
	ctx, data := context.Background(), t.TempDir()
	start := func() *All {
		t.Helper()
		a, err := Open(ctx, Config{Data: data, Listen: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.Close() })
		return a
	}
	a := start()
	if _, err := a.db.ExecContext(ctx, "INSERT INTO archive_marks (name, value) VALUES ('purge-stopped', ?)", (5 * time.Hour).Microseconds()); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	a = start()
	doubt := lookClock{a}.Doubt()
	if a.clockTrusted() || doubt == "" {
		t.Fatal("a clock that has jumped is believed")
	}
	if err := a.purger.Resume(ctx, "sun"); err != nil {
		t.Fatal(err)
	}
	if stopped, _ := a.purger.Stopped(); stopped || a.archive.Clock().Reason == "clock.jumped" {
		t.Errorf("the jump goes on: stopped %v, %+v", stopped, a.archive.Clock())
	}
	if a.archive.ClockTrusted() && (!a.clockTrusted() || lookClock{a}.Doubt() != "") { // a machine that has just been started may be in doubt
		t.Error("a person has said that the time is right")
	}
	if c := (lookClock{a}).Correction(doubt); !c.Exact || c.By != 0 || c.Start.After(time.Now()) {
		t.Errorf("%+v", c)
	}
	if c := (lookClock{a}).Correction(""); c.Exact || c.Start.IsZero() {
		t.Errorf("%+v", c)
	}
}
