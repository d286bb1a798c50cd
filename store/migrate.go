package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"linli.dev/linli/fault"
)

var roomName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

// Migrate brings a room's tables up to date with the NNNNN_name.sql files in the folder migrations of what it embeds. Each room counts its versions for itself.
// Tables of a newer program are refused: an old program must not write into what it does not understand.
func (db *DB) Migrate(ctx context.Context, room string, embedded fs.FS) error {
	const op = "store.migrate"
	fsys, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return fault.Wrap(err, fault.Internal, op, "store.migrate", "room", room)
	}
	if !roomName.MatchString(room) {
		return fault.New(fault.Internal, op, "store.bad-room", "room", room)
	}
	db.migrate.Lock()
	defer db.migrate.Unlock()

	opts := []goose.ProviderOption{
		goose.WithTableName("goose_" + room), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()),
	}
	dialect := goose.DialectSQLite3
	if db.Postgres() {
		dialect = goose.DialectPostgres
		fsys = postgresFS{fsys}
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return fault.Wrap(err, fault.Internal, op, "store.migrate", "room", room)
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	} else {
		// A short command may start beside the server. The folder itself is locked: no file is left over.
		unlock, err := lockFolder(filepath.Dir(db.path))
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, op, "store.migrate", "room", room)
		}
		defer unlock()
	}
	p, err := goose.NewProvider(dialect, db.DB.DB, fsys, opts...)
	if err != nil {
		return fault.Wrap(err, fault.Internal, op, "store.migrate", "room", room)
	}
	has, knows, err := p.GetVersions(ctx)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, op, "store.migrate", "room", room)
	}
	if has > knows {
		return fault.New(fault.Conflict, op, "store.newer", "room", room, "has", has, "knows", knows)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return fault.Wrap(err, fault.Internal, op, "store.migrate", "room", room)
	}
	for _, m := range done {
		db.log.Info("tables brought up to date", "room", room, "version", m.Source.Version, "took", m.Duration)
	}
	return nil
}

func lockFolder(dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil // closing lets go of the lock
}

// postgresFS translates the one type that the two databases name differently.
type postgresFS struct{ fs.FS }

func (p postgresFS) Open(name string) (fs.File, error) {
	f, err := p.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return f, err
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return &sqlFile{Reader: bytes.NewReader([]byte(toPostgres(string(raw)))), info: info}, nil
}

// Glob keeps goose from reading the folder through Open, which would be as good, but for every file.
func (p postgresFS) Glob(pattern string) ([]string, error) { return fs.Glob(p.FS, pattern) }

type sqlFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *sqlFile) Stat() (fs.FileInfo, error) { return sizedInfo{f.info, f.Size()}, nil }
func (f *sqlFile) Close() error               { return nil }

type sizedInfo struct {
	fs.FileInfo
	size int64
}

func (i sizedInfo) Size() int64 { return i.size }

// sqlWords finds comments, quoted text and the word BLOB, in this order, so that only a real type is replaced.
var sqlWords = regexp.MustCompile(`(?i)--[^\n]*|'(?:[^']|'')*'|"[^"]*"|\bBLOB\b`)

func toPostgres(sql string) string {
	return sqlWords.ReplaceAllStringFunc(sql, func(s string) string {
		if strings.EqualFold(s, "BLOB") {
			return "BYTEA"
		}
		return s
	})
}
