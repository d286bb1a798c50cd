package role

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/access/ledger"
	"linli.dev/linli/store"
)

// Each kind of change that stays on record in the journal stands in the ledger too, in a form that fits its schema.
func TestWhatIsOnRecordIsEntered(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	a, err := Open(ctx, Config{Data: dir, Listen: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	defer func() {
		if !closed {
			_ = a.Close()
		}
	}()
	run, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- a.ledger.Run(run) }()

	for _, k := range onRecord {
		if tells[k] == nil {
			t.Errorf("%s stays on record in the journal, and is not entered", k)
		}
	}
	kinds := slices.Sorted(maps.Keys(tells))
	data := map[string]any{
		"name": "东门", "by": "admin", "role": "guard", "permissions": []string{"camera.read"}, "fields": []string{"name"}, "retention_days": []int{7, 30},
		"camera": "c", "kind": "live", "purpose": "duty", "policy": "guards-on-duty", "account": "a", "why": "idle", "begin": time.Now(), "until": time.Now(), "end": time.Now(),
		"segments": 1, "fragments": 2, "bytes": 3, "hour": "2026-11-28T02:00:00Z", "root": "ab", "command": "fsck --mend",
		"before": []map[string]any{{"role": "manager", "place": "p"}}, "photos": []string{"h"},
	}
	for _, k := range kinds {
		more := map[string]any{}
		for key, v := range data {
			more[key] = v
		}
		switch k {
		case "look.begun", "look.ended":
			more["id"] = "l"
		case "footage.purged":
			more["streams"] = make([]map[string]any, 2000) // one purge may take footage of every camera
		case "footage.rooted":
			more["streams"] = 2
		}
		if err := a.db.Change(ctx, func(_ context.Context, tx *store.Tx) error { return tx.Emit("room", k, "x", more) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.ledger.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	closed = true
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}

	db, err := OpenDB(ctx, Config{Data: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	report, err := ledger.VerifyData(ctx, db, dir, "")
	if err != nil || report.Counts["entry.unfit"] != 0 || report.Counts["look.begun"] != 1 || report.Counts["look.ended"] != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	entered := 0
	for kind, n := range report.Counts {
		if kind != "schema" {
			entered += n
		}
	}
	if entered != len(kinds)+2 { // and the two accounts of a first start
		t.Errorf("%d changes of %d are entered: %v", entered, len(kinds)+2, report.Counts)
	}
}

// What a program's start enters: the policies once, the program each time; and a command on the data folder beside it.
func TestStartsAndCommandsAreEntered(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	for range 2 {
		a, err := Open(ctx, Config{Data: dir, Listen: "127.0.0.1:0", Version: "1"}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(a.enterPolicies(ctx), a.enterProgram(ctx), Act(ctx, a.db, "account create", "赵师傅"), a.Close()); err != nil {
			t.Fatal(err)
		}
	}
	db, err := ReadDB(ctx, Config{Data: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	report, err := ledger.VerifyData(ctx, db, dir, "")
	if err != nil || report.Counts["policy.set"] != 1 || report.Counts["program.started"] != 2 || report.Counts["program.command"] != 2 {
		t.Errorf("%v, %v", report.Counts, err)
	}
}

// What cannot be read is entered as that.
func TestUnreadableChanges(t *testing.T) {
	for _, kind := range []string{"look.begun", "look.ended", "hold.made", "camera.created"} {
		e, ok := entered(store.Event{Kind: kind, Data: []byte(`{"name": 7, "id": 7, "fields": 1}`)})
		if !ok || e.Kind != kind || e.Row != nil {
			t.Errorf("%s: %+v, %v", kind, e, ok)
		}
	}
	if _, ok := entered(store.Event{Kind: "session.begun"}); ok {
		t.Error("a session is entered")
	}
}

// Looks, journal and ledger keep names equally long.
func TestNamesAreKeptEquallyLong(t *testing.T) {
	text, err := os.ReadFile("../access/ledger/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct{ Kinds map[string]struct{ Days int } }
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	private := 0
	for kind, k := range schema.Kinds {
		if k.Days == 0 {
			continue
		}
		private++
		if kept := time.Duration(k.Days) * 24 * time.Hour; kept != grant.NamesKept {
			t.Errorf("%s: the ledger keeps its private part %s, looks and journal %s", kind, kept, grant.NamesKept)
		}
	}
	if private < 10 {
		t.Errorf("%d kinds have a private part", private)
	}
}
