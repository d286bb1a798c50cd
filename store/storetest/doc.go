// Package storetest runs a test on SQLite and on PostgreSQL.
package storetest
