package role

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"linli.dev/linli/access/ledger"
	"linli.dev/linli/camera"
	"linli.dev/linli/fault"
)

// The credential that systemd handed over is forgotten in a new unit file: the program says so, and makes no other key in
// silence, which would open no password.
func TestAKeyThatWentAwayIsMissed(t *testing.T) {
	data, creds := t.TempDir(), t.TempDir()
	key := filepath.Join(creds, "linli.secret.key")
	if err := os.WriteFile(key, []byte(strings.Repeat("0f", 32)), 0o400); err != nil {
		t.Fatal(err)
	}
	start := func(credentials string) (*All, error) {
		t.Setenv("CREDENTIALS_DIRECTORY", credentials)
		return Open(t.Context(), Config{Data: data, Listen: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
	}
	stop := func(a *All) {
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	a, err := start(creds)
	if err != nil {
		t.Fatal(err)
	}
	stop(a)

	// No camera has a password yet, but the ledger has its signing key.
	missed := func() {
		t.Helper()
		if _, err = start(""); fault.CodeOf(err) != "store.key-gone" {
			t.Fatalf("without its key: %v", err)
		}
		if _, err := os.Stat(filepath.Join(data, "secret.key")); err == nil {
			t.Error("a new key was made")
		}
	}
	missed()
	if a, err = start(creds); err != nil {
		t.Fatal(err)
	}
	text := func(s string) *string { return &s }
	kind := camera.KindCamera
	if _, err = a.Register().AddDevice(t.Context(), "test", camera.DeviceEdit{Kind: &kind, Name: text("东门"), Host: text("192.0.2.7"), User: text("admin"), Password: text("only-here")}); err != nil {
		t.Fatal(err)
	}
	stop(a)
	missed()
	if a, err = start(creds); err != nil {
		t.Fatalf("with its key again: %v", err)
	}
	stop(a)
	// Lost for good: who makes a new key himself begins anew with it.
	if err := os.WriteFile(filepath.Join(data, "secret.key"), []byte(strings.Repeat("1e", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	if a, err = start(""); err != nil {
		t.Fatalf("with a key made by hand: %v", err)
	}
	if err := a.enterProgram(t.Context()); err != nil {
		t.Errorf("the ledger takes nothing: %v", err)
	}
	stop(a)
	db, err := ReadDB(t.Context(), Config{Data: data}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if report, err := ledger.VerifyData(t.Context(), db, data, ""); err != nil || report.Counts["ledger.recovered"] != 1 || report.Counts["device.changed"] != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}
