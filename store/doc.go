// Package store keeps rows and the journal, in SQLite by default and in PostgreSQL when that is outgrown.
//
// A room brings its tables with Migrate, reads with the query builder, and changes things in Change: its rows and
// the journal events that tell of them are one transaction. Live pages, the link and webhooks read the journal with
// Events and Follow; there is no second way to learn of a change.
//
// The same queries run on both databases, so keep to what both know: TEXT, BIGINT, INTEGER (32 bits), BOOLEAN,
// DOUBLE PRECISION and BLOB (which becomes BYTEA on PostgreSQL). Times are microseconds since 1970 in UTC, in
// columns that end in _us; money is in fen.
package store
