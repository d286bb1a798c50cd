package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"linli.dev/linli/fault"
)

// What every SQLite connection is set to.
//
// synchronous is FULL, although WAL with NORMAL survives a power cut undamaged: NORMAL may lose the last commits,
// and the row of a look must be on disk before the first picture is sent. The price is one sync per commit. Frames
// never make commits, so a compound of 64 cameras pays it a few times a minute.
//
// busy_timeout covers a command that writes beside the server; within the server there is one writer.
var sqlitePragmas = []string{
	"busy_timeout(10000)",
	"journal_mode(WAL)",
	"synchronous(FULL)",
	"foreign_keys(1)",
	"journal_size_limit(67108864)",
	"temp_store(2)",
}

func (db *DB) openSQLite(ctx context.Context, path string, readOnly bool) error {
	const op = "store.open"
	abs, err := filepath.Abs(path)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, op, "store.bad-path", "path", path)
	}
	// SQLite would make it readable to everybody; its -wal and -shm files take the mode of this one.
	flags, dsn := os.O_CREATE|os.O_RDWR, "_txlock=immediate"
	if readOnly { // beside a server its log must be readable, so not mode=ro
		flags, dsn = os.O_RDWR, "_pragma=query_only(1)"
	}
	f, err := os.OpenFile(abs, flags, 0o600)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, op, "store.cannot-open", "path", path)
	}
	f.Close()
	db.path = abs
	db.ballast = &ballast{path: filepath.Join(filepath.Dir(abs), "ballast"), most: ballastMost, log: db.log}
	if db.keeps {
		db.ballast.keep()
	}

	writer, err := sql.Open("sqlite", sqliteDSN(abs, dsn))
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, op, "store.cannot-open", "path", path)
	}
	// One connection that writes: SQLite has one write lock anyway, and waiting in Go's queue is fair and cheap,
	// where waiting in SQLite's busy handler is neither.
	writer.SetMaxOpenConns(1)
	writer.SetMaxIdleConns(1)
	began := time.Now()
	err = writer.PingContext(ctx) // sets WAL before a reader comes
	if sqliteFull(err) && db.ballast.drop(began) {
		err = writer.PingContext(ctx)
	}
	if err != nil {
		writer.Close()
		return fault.Wrap(err, fault.Unavailable, op, "store.cannot-open", "path", path)
	}
	reads, err := sql.Open("sqlite", sqliteDSN(abs, "_pragma=query_only(1)"))
	if err != nil {
		writer.Close()
		return fault.Wrap(err, fault.Unavailable, op, "store.cannot-open", "path", path)
	}
	n := max(4, 2*runtime.GOMAXPROCS(0))
	reads.SetMaxOpenConns(n)
	reads.SetMaxIdleConns(n)
	db.reads = reads
	db.DB = bun.NewDB(writer, sqlitedialect.New(), bun.WithConnResolver(resolver{db}))
	return nil
}

func sqliteDSN(path string, more ...string) string {
	parts := strings.Split(filepath.ToSlash(path), "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	params := more
	for _, p := range sqlitePragmas {
		params = append(params, "_pragma="+p)
	}
	return "file:" + strings.Join(parts, "/") + "?" + strings.Join(params, "&")
}

func sqliteBusy(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return true
	}
	return false
}

// IsNoTable tells that a table is not there: the database is older than the room that asks, or is none of this program's.
func IsNoTable(err error) bool {
	var e *sqlite.Error
	return pgCode(err) == "42P01" || errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_ERROR && strings.Contains(e.Error(), "no such table")
}

func sqliteUnique(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) &&
		(e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// sqliteNoRoom tells a disk without a free byte from other trouble.
func sqliteNoRoom(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_FULL
}

// sqliteFull tells a full or failing disk from other trouble.
func sqliteFull(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY:
		return true
	}
	return false
}
