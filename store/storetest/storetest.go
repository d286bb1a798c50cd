package storetest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"linli.dev/linli/store"
)

// Each runs f twice, as subtests "sqlite" and "postgres", each with an empty database of its own. Where PostgreSQL is
// not installed its half is skipped, unless LINLI_REQUIRE_POSTGRES=1 says that it must be there.
func Each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachOptions(t, func(t *testing.T, opt store.Options) { f(t, open(t, opt)) })
}

// EachOptions is Each for tests that open the database themselves, more than once perhaps.
func EachOptions(t *testing.T, f func(t *testing.T, opt store.Options)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		f(t, store.Options{Path: filepath.Join(t.TempDir(), "linli.db"), Log: logger(t)})
	})
	t.Run("postgres", func(t *testing.T) {
		f(t, store.Options{URL: database(t), Log: logger(t)})
	})
}

// PostgresURL is the address of an empty PostgreSQL database, for a test that hands it to another process.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return database(t)
}

// Postgres is an empty PostgreSQL database.
func Postgres(t testing.TB) *store.DB {
	t.Helper()
	return open(t, store.Options{URL: database(t), Log: logger(t)})
}

// SQLite is an empty SQLite database, for tests in which the kind of database does not matter.
func SQLite(t testing.TB) *store.DB {
	t.Helper()
	return open(t, store.Options{Path: filepath.Join(t.TempDir(), "linli.db"), Log: logger(t)})
}

func open(t testing.TB, opt store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	return db
}

func logger(t testing.TB) *slog.Logger {
	var ended atomic.Bool
	t.Cleanup(func() { ended.Store(true) })
	return slog.New(slog.NewTextHandler(testWriter{t, &ended}, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

type testWriter struct {
	t     testing.TB
	ended *atomic.Bool
}

func (w testWriter) Write(b []byte) (int, error) {
	if !w.ended.Load() { // a goroutine that logs after the end of its test must not break the next one
		w.t.Logf("%s", b)
	}
	return len(b), nil
}

var names atomic.Int64

func databaseName() string { return fmt.Sprintf("t%d_%d", os.Getpid(), names.Add(1)) }
