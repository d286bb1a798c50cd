package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"linli.dev/linli/fault"
)

func (db *DB) openPostgres(ctx context.Context, url string) error {
	const op = "store.open"
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		// The cause may quote the address with its password: it is not kept.
		return fault.New(fault.Invalid, op, "store.bad-url")
	}
	// The query builder writes arguments into the text, so a prepared statement would be used once and kept for ever.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "linli"
	}
	cfg.RuntimeParams["timezone"] = "UTC"
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 5 * time.Second
	}
	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(16)
	pool.SetMaxIdleConns(8)
	pool.SetConnMaxIdleTime(5 * time.Minute)

	// After a power cut both start at once, and the database is the slower one.
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		err = pool.PingContext(ctx)
		if err == nil {
			break
		}
		var refused *pgconn.PgError
		if wait > 8*time.Second || ctx.Err() != nil || errors.As(err, &refused) && refused.Code != "57P03" { // 57P03: starting up
			pool.Close()
			return fault.Wrap(err, fault.Unavailable, op, "store.unreachable", "host", cfg.Host, "database", cfg.Database)
		}
		db.log.Info("the database does not answer yet", "host", cfg.Host)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
	db.path = ""
	db.DB = bun.NewDB(pool, pgdialect.New(), bun.WithConnResolver(resolver{db}))
	return nil
}

func pgCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func pgBusy(err error) bool {
	switch pgCode(err) {
	case "40001", "40P01", "55P03": // serialization failure, deadlock, lock not available
		return true
	}
	return false
}
