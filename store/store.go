package store

import (
	"context"
	"database/sql"
	"embed"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"linli.dev/linli/fault"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options of Open.
type Options struct {
	Path string // the SQLite file; made, for the owner only, when it is not there
	URL  string // postgres://…; when set, Path is not used
	Log  *slog.Logger
	// Ballast keeps some room beside the SQLite file, for commits on a full disk: for the server, which stays.
	Ballast bool
	// ReadOnly is for commands that check a database, of whatever version: nothing is made, brought up to date or written.
	ReadOnly bool
}

// DB is the database of a process. Reads may be made on it directly; every change goes through Change.
type DB struct {
	*bun.DB
	reads   *sql.DB // SQLite: a pool that cannot write. PostgreSQL: nil, there is one pool for all
	log     *slog.Logger
	path    string
	journal *tail
	migrate sync.Mutex
	ballast *ballast // nil on PostgreSQL
	keeps   bool     // the ballast
	dates   atomic.Pointer[Dates]
}

// Open opens the database and brings the journal's own tables up to date.
func Open(ctx context.Context, opt Options) (*DB, error) {
	db := &DB{log: opt.Log, path: opt.Path}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	var err error
	switch {
	case opt.URL != "":
		err = db.openPostgres(ctx, opt.URL)
	case opt.Path != "":
		db.keeps = opt.Ballast && !opt.ReadOnly
		err = db.openSQLite(ctx, opt.Path, opt.ReadOnly)
	default:
		return nil, fault.New(fault.Invalid, "store.open", "store.no-database")
	}
	if err != nil {
		return nil, err
	}
	db.journal = newTail(db)
	if opt.ReadOnly {
		return db, nil
	}
	if err := db.Migrate(ctx, "journal", migrations); err != nil {
		db.Close() //nolint:errcheck // the first error is the one to tell
		return nil, err
	}
	return db, nil
}

// Close ends followers and closes the connections. Running transactions are waited for.
func (db *DB) Close() error {
	if db.journal != nil {
		db.journal.close()
	}
	return db.DB.Close() // closes the resolver's pool too
}

// Postgres says which of the two databases it is; only maintenance should need to know.
func (db *DB) Postgres() bool { return db.Dialect().Name() == dialect.PG }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fault.Wrap(err, fault.Unavailable, "store.ping", "store.unavailable")
	}
	return nil
}

// resolver sends a query that was made on the DB itself to where it belongs: into the transaction of its context,
// so that a room's reading function may be used inside Change; else, when it only reads, to the read pool.
type resolver struct{ db *DB }

func (r resolver) ResolveConn(ctx context.Context, q bun.Query) bun.IConn {
	if tx := txFrom(ctx, r.db); tx != nil {
		return tx.Tx.Tx
	}
	if r.db.reads == nil || q.Operation() != "SELECT" {
		return nil
	}
	if raw, ok := q.(*bun.RawQuery); ok && !readsOnly(raw.String()) {
		return nil
	}
	return r.db.reads
}

func (r resolver) Close() error {
	if r.db.reads == nil {
		return nil
	}
	return r.db.reads.Close()
}

// readsOnly is strict: WITH may end in an UPDATE, and RETURNING follows a write.
func readsOnly(query string) bool {
	query = strings.TrimSpace(query)
	return len(query) > 6 && strings.EqualFold(query[:6], "SELECT")
}

// conn is where plain SQL goes; the same rule as the resolver's.
func (db *DB) conn(ctx context.Context, query string) bun.IConn {
	if tx := txFrom(ctx, db); tx != nil {
		return tx.Tx.Tx
	}
	if db.reads != nil && readsOnly(query) {
		return db.reads
	}
	return db.DB.DB
}

// ExecContext runs plain SQL with ? for arguments, on both databases.
func (db *DB) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return db.conn(ctx, query).ExecContext(ctx, db.QueryGen().FormatQuery(query, args...))
}

// QueryContext reads rows by plain SQL with ? for arguments, on both databases.
func (db *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return db.conn(ctx, query).QueryContext(ctx, db.QueryGen().FormatQuery(query, args...))
}

// QueryRowContext reads one row by plain SQL with ? for arguments, on both databases.
func (db *DB) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return db.conn(ctx, query).QueryRowContext(ctx, db.QueryGen().FormatQuery(query, args...))
}
