package store_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

type stagedRow struct {
	bun.BaseModel `bun:"table:staged_things"`

	ID    string `bun:"id,pk"`
	Known int64  `bun:"known_us"`
	Name  string `bun:"name"`
}

// Rows are staged in many transactions and are there all at once, with their events; what is not put is never seen; what
// changes rows that are there is refused.
func TestAStage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, dir := t.Context(), t.TempDir()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := db.ExecContext(ctx, "CREATE TABLE staged_things (id TEXT PRIMARY KEY, known_us BIGINT NOT NULL, name TEXT NOT NULL)"); err != nil {
			t.Fatal(err)
		}
		st, err := db.NewStage(ctx, dir)
		must(err)
		if db.Postgres() {
			if st != nil {
				t.Fatal("a stage where nobody waits")
			}
			return
		}
		there := func() (n int) {
			t.Helper()
			must(db.QueryRowContext(ctx, "SELECT count(*) FROM staged_things").Scan(&n))
			return n
		}
		before, err := db.LastSeq(ctx)
		must(err)
		for _, id := range []string{"a", "b", "c"} {
			must(st.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
				if !tx.Staged() {
					t.Error("not staged")
				}
				// As a part of it, as rooms do.
				return db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
					rows := []stagedRow{{ID: id + "1", Known: -1, Name: "说 ON CONFLICT"}, {ID: id + "2", Known: -1, Name: "二"}}
					if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
						return err
					}
					return tx.Emit("test", "thing.made", id, map[string]string{"name": id})
				})
			}))
		}
		for what, f := range map[string]func(ctx context.Context, tx *store.Tx) error{
			"update": func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.NewUpdate().Model((*stagedRow)(nil)).Set("name = ''").Where("id = 'a1'").Exec(ctx)
				return err
			},
			"delete": func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.NewDelete().Model((*stagedRow)(nil)).Where("id = 'a1'").Exec(ctx)
				return err
			},
			"upsert": func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.NewInsert().Model(&stagedRow{ID: "x"}).On("CONFLICT (id) DO UPDATE").Set("name = EXCLUDED.name").Exec(ctx)
				return err
			},
			"sql": func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.ExecContext(ctx, "DELETE FROM staged_things")
				return err
			},
		} {
			if err := st.Change(ctx, f); !errors.Is(err, store.ErrNotStaged) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if seq, err := db.LastSeq(ctx); err != nil || seq != before || there() != 0 {
			t.Fatalf("something of the stage is seen: %d rows, event %d, %v", there(), seq, err)
		}
		// A transaction that fails after all puts nothing.
		broken := errors.New("broken")
		if err := db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(st.Put(ctx, tx, nil), broken)
		}); !errors.Is(err, broken) || there() != 0 {
			t.Fatal(err, there())
		}
		must(st.Land(ctx, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(st.Put(ctx, tx, map[string]any{"known_us": 7}), tx.Emit("test", "list.taken", "l", nil))
		}))
		must(st.Drop(ctx))
		var pages string // the log is copied by itself again
		must(db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.QueryRowContext(ctx, "PRAGMA wal_autocheckpoint").Scan(&pages)
		}))
		if pages != "1000" {
			t.Errorf("the log is copied after %s pages", pages)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
			t.Errorf("%v is left: %v", files, err)
		}
		var known, n int
		must(db.QueryRowContext(ctx, "SELECT count(*), min(known_us) FROM staged_things WHERE known_us = 7").Scan(&n, &known))
		events, err := db.Events(ctx, before, 10)
		must(err)
		if n != 6 || len(events) != 4 || events[0].Seq != before+1 || events[0].Subject != "a" || events[2].Subject != "c" || events[3].Kind != "list.taken" || string(events[0].Data) != `{"name":"a"}` {
			t.Errorf("%d rows, %+v", n, events)
		}
	})
}

// A stage that could not be opened leaves nothing behind: neither a file, nor an attached database, of which a connection can have
// ten only, nor a connection that is waited for in vain.
func TestAStageThatFailsLeavesNothing(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	db := storetest.SQLite(t)
	failed := 0
	for i := range 400 {
		few, stop := context.WithTimeout(ctx, time.Duration(i)*5*time.Microsecond)
		st, err := db.NewStage(few, dir)
		stop()
		if err != nil {
			failed++
		} else if err := st.Drop(ctx); err != nil {
			t.Fatal(err)
		}
	}
	var attached int
	if err := db.DB.DB.QueryRowContext(ctx, "SELECT COUNT(*) FROM pragma_database_list WHERE name LIKE 'stage_%'").Scan(&attached); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || attached > 0 || len(files) > 0 || failed == 0 {
		t.Errorf("%d failed: %d attached, %d files, %v", failed, attached, len(files), err)
	}
}
