package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
)

// Stage gathers rows and events that belong together in a file of its own, in
// many short transactions, and puts all of them into their tables in one: what
// takes long is done while others write, and what others must wait for is only
// the moving of rows from one table to another.
//
// It is for SQLite, whose one writer everybody waits for. On PostgreSQL nobody
// waits for another's rows, so there is none.
type Stage struct {
	db     *DB
	path   string
	name   string   // of the attached file
	tables []string // in the order of their first row
	events int64

	// Most is how many statements one of its short transactions had at most; Last how many the last one.
	Most, Last int
}

// ErrNotStaged says that a transaction does something that no stage can: it
// changes or deletes rows that are there. Run it as an ordinary Change.
var ErrNotStaged = errors.New("only new rows can be staged")

// NewStage opens a stage with a file in a folder; nil on PostgreSQL. Drop it.
func (db *DB) NewStage(ctx context.Context, folder string) (*Stage, error) {
	if db.Postgres() {
		return nil, nil
	}
	id := strings.ToLower(NewID())
	st := &Stage{db: db, path: filepath.Join(folder, "stage-"+id), name: "stage_" + id}
	conn, err := db.DB.DB.Conn(ctx) // the one that writes
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	// Whatever becomes of the machine, this file is thrown away.
	for _, begin := range []string{
		"ATTACH DATABASE '" + strings.ReplaceAll(st.path, "'", "''") + "' AS " + st.name, "PRAGMA " + st.name + ".journal_mode = MEMORY", "PRAGMA " + st.name + ".synchronous = OFF",
		"CREATE TABLE " + st.name + ".journal (n INTEGER PRIMARY KEY, room TEXT, kind TEXT, subject TEXT, data TEXT)",
	} {
		if _, err := conn.ExecContext(ctx, begin); err != nil {
			// By this connection, while which is held there is no other that writes; of what was not attached there is nothing to let go.
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), "DETACH DATABASE "+st.name)
			_ = os.Remove(st.path)
			return nil, fault.Wrap(err, fault.Unavailable, "store.stage", "store.disk")
		}
	}
	return st, nil
}

// Drop throws the stage away, landed or not.
func (st *Stage) Drop(ctx context.Context) error {
	_, err := st.db.DB.DB.ExecContext(ctx, "DETACH DATABASE "+st.name)
	return errors.Join(err, os.Remove(st.path))
}

// Change is a transaction whose new rows and events go onto the stage. Rows of
// the stage are not seen by queries. Whatever changes a row that is there fails
// with ErrNotStaged.
func (st *Stage) Change(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	btx, err := st.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = btx.Rollback() }()
	tx := &Tx{Tx: btx, db: st.db, stage: st}
	if err := f(context.WithValue(ctx, txKey{st.db}, tx), tx); err != nil {
		return err
	}
	for i := range tx.events {
		e := &tx.events[i]
		if _, err := btx.Tx.ExecContext(ctx, "INSERT INTO "+st.name+".journal (room, kind, subject, data) VALUES (?, ?, ?, ?)", e.Room, e.Kind, e.Subject, e.Data); err != nil {
			return err
		}
	}
	st.events += int64(len(tx.events))
	st.Most = max(st.Most, tx.statements)
	return btx.Commit()
}

// pagesOfWAL is after how many pages SQLite copies them from the log into the database by itself.
const pagesOfWAL = "1000"

// Land is the Change in which the stage is Put. What it writes is copied from
// the log into the database beside others' writing, not before they may go on.
func (st *Stage) Land(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	if _, err := st.db.DB.DB.ExecContext(ctx, "PRAGMA wal_autocheckpoint = 0"); err != nil {
		return err
	}
	defer func() {
		ctx := context.WithoutCancel(ctx)
		_, _ = st.db.reads.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)") // what it leaves the next one takes
		_, _ = st.db.DB.DB.ExecContext(ctx, "PRAGMA wal_autocheckpoint = "+pagesOfWAL)
	}()
	return st.db.Change(ctx, f)
}

// Put moves what is on the stage to where it belongs, in a transaction. all are
// columns that get one value in every row of every table that has them.
func (st *Stage) Put(ctx context.Context, tx *Tx, all map[string]any) error {
	st.Last = 0
	for _, table := range st.tables {
		columns, err := st.columns(ctx, tx, table)
		if err != nil {
			return err
		}
		var args []any
		into, from := make([]string, len(columns)), make([]string, len(columns))
		for i, c := range columns {
			into[i], from[i] = `"`+c+`"`, `"`+c+`"`
			if v, ok := all[c]; ok {
				from[i] = "?"
				args = append(args, v)
			}
		}
		query := `INSERT INTO main."` + table + `" (` + strings.Join(into, ", ") + ") SELECT " + strings.Join(from, ", ") + " FROM " + st.name + `."` + table + `" ORDER BY rowid`
		if _, err := tx.Tx.Tx.ExecContext(ctx, query, args...); err != nil {
			return err
		}
		st.Last++
	}
	if st.events == 0 {
		return nil
	}
	var last int64
	if err := tx.Tx.Tx.QueryRowContext(ctx, "UPDATE journal_head SET seq = seq + ? WHERE id = 1 RETURNING seq", st.events).Scan(&last); err != nil {
		return err
	}
	st.Last += 2
	_, err := tx.Tx.Tx.ExecContext(ctx, "INSERT INTO main.journal (seq, at_us, room, kind, subject, data) SELECT ? + n, ?, room, kind, subject, data FROM "+st.name+".journal ORDER BY n",
		last-st.events, Micros(time.Now()))
	return err
}

func (st *Stage) columns(ctx context.Context, tx *Tx, table string) (out []string, err error) {
	rows, err := tx.Tx.Tx.QueryContext(ctx, "SELECT name FROM pragma_table_info(?, ?)", table, st.name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c string
		if err := rows.Scan(&c); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// Staged reports whether new rows of this transaction go onto a stage: rows that
// it has made before cannot be found.
func (tx *Tx) Staged() bool { return tx.stage != nil }

// NewInsert, NewUpdate and NewDelete are those of bun, on a stage with its rules.
func (tx *Tx) NewInsert() *bun.InsertQuery {
	if tx.stage == nil {
		return tx.Tx.NewInsert()
	}
	return tx.Tx.NewInsert().Conn(aside{tx})
}

// NewUpdate is bun's.
func (tx *Tx) NewUpdate() *bun.UpdateQuery {
	if tx.stage == nil {
		return tx.Tx.NewUpdate()
	}
	return tx.Tx.NewUpdate().Err(ErrNotStaged)
}

// NewDelete is bun's.
func (tx *Tx) NewDelete() *bun.DeleteQuery {
	if tx.stage == nil {
		return tx.Tx.NewDelete()
	}
	return tx.Tx.NewDelete().Err(ErrNotStaged)
}

// ExecContext is plain SQL, which no stage can put aside.
func (tx *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if tx.stage != nil {
		return nil, ErrNotStaged
	}
	return tx.Tx.ExecContext(ctx, query, args...)
}

// aside sends the rows of an INSERT to a table of the same columns on the stage.
type aside struct{ tx *Tx }

var insertInto = regexp.MustCompile(`^INSERT INTO "([a-z_]+)"( |\()`)

func (a aside) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	st := a.tx.stage
	m := insertInto.FindStringSubmatch(query)
	// An INSERT that changes rows which are there says so at its end.
	if m == nil || strings.Contains(query[max(0, len(query)-400):], " ON CONFLICT ") {
		return nil, ErrNotStaged
	}
	table := m[1]
	if !slices.Contains(st.tables, table) {
		if _, err := a.tx.Tx.Tx.ExecContext(ctx, "CREATE TABLE "+st.name+`."`+table+`" AS SELECT * FROM main."`+table+`" WHERE 0`); err != nil {
			return nil, err
		}
		st.tables = append(st.tables, table)
	}
	a.tx.statements++
	return a.tx.Tx.Tx.ExecContext(ctx, `INSERT INTO `+st.name+`."`+table+`"`+query[len(`INSERT INTO "`+table+`"`):], args...)
}

func (a aside) QueryContext(context.Context, string, ...any) (*sql.Rows, error) {
	return nil, ErrNotStaged
}

func (a aside) QueryRowContext(ctx context.Context, _ string, _ ...any) *sql.Row {
	return a.tx.Tx.Tx.QueryRowContext(ctx, "SELECT 1 FROM "+a.tx.stage.name+".rows_cannot_be_returned")
}
