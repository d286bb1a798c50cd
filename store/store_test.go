package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

var rooms = fstest.MapFS{
	"migrations/00001_things.sql": {Data: []byte("-- +goose Up\nCREATE TABLE things (id TEXT PRIMARY KEY, n BIGINT NOT NULL, small INTEGER, raw BLOB, ok BOOLEAN, x DOUBLE PRECISION, note TEXT DEFAULT 'a BLOB?');\n")},
}

type thing struct {
	bun.BaseModel `bun:"table:things"`

	ID    string  `bun:"id,pk"`
	N     int64   `bun:"n"`
	Small int32   `bun:"small"`
	Raw   []byte  `bun:"raw"`
	OK    bool    `bun:"ok"`
	X     float64 `bun:"x"`
	Note  string  `bun:"note"`
}

func migrated(t *testing.T, db *store.DB) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(stop)
	if err := db.Migrate(ctx, "things", rooms); err != nil {
		t.Fatal(err)
	}
	return ctx
}

func insert(ctx context.Context, db *store.DB, id string, n int64) error {
	return db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewInsert().Model(&thing{ID: id, N: n}).Exec(ctx); err != nil {
			return err
		}
		return tx.Emit("things", "thing.made", id, map[string]int64{"n": n})
	})
}

func count(t *testing.T, ctx context.Context, db *store.DB) int64 {
	t.Helper()
	n, err := db.NewSelect().Model((*thing)(nil)).Count(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEveryTypeComesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := migrated(t, db)
		in := thing{
			ID: store.NewID(), N: -1 << 62, Small: 1<<31 - 1, Raw: []byte{0, 1, 0xff, '\'', '\\'}, OK: true, X: 0.1,
			Note: `it's "兰山区" \ ? $1 ; -- /* 'BLOB'`,
		}
		if err := db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.NewInsert().Model(&in).Exec(ctx)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		var out thing
		if err := db.NewSelect().Model(&out).Where("id = ? AND note = ?", in.ID, in.Note).Scan(ctx); err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(out), fmt.Sprint(in); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		var note string
		if err := db.QueryRowContext(ctx, "SELECT note FROM things WHERE ok = ? AND raw = ?", true, in.Raw).Scan(&note); err != nil || note != in.Note {
			t.Errorf("plain SQL: %q, %v", note, err)
		}
	})
}

func TestRowsAndEventsAreOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := migrated(t, db)
		broken := errors.New("the roof fell in")
		err := db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
			if _, err := tx.NewInsert().Model(&thing{ID: "a"}).Exec(ctx); err != nil {
				return err
			}
			if err := tx.Emit("things", "thing.made", "a", nil); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatalf("got %v", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
				_, _ = tx.NewInsert().Model(&thing{ID: "b"}).Exec(ctx)
				panic("in the middle")
			})
		}()
		if n := count(t, ctx, db); n != 0 {
			t.Errorf("%d rows of a failed change", n)
		}
		if seq, err := db.LastSeq(ctx); seq != 0 || err != nil {
			t.Errorf("%d events of a failed change, %v", seq, err)
		}
		if err := insert(ctx, db, "c", 3); err != nil { // and the writer is free again
			t.Fatal(err)
		}
		events, err := db.Events(ctx, 0, 10)
		if err != nil || len(events) != 1 {
			t.Fatalf("%v, %v", events, err)
		}
		e := events[0]
		if e.Seq != 1 || e.Room != "things" || e.Kind != "thing.made" || e.Subject != "c" || string(e.Data) != `{"n":3}` || time.Since(e.At) > time.Minute {
			t.Errorf("%+v", e)
		}
	})
}

func TestChangeInsideChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := migrated(t, db)
		err := db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
			if err := insert(ctx, db, "kept", 1); err != nil {
				return err
			}
			if n := count(t, ctx, db); n != 1 { // a read on the DB, with the context of the transaction
				t.Errorf("the transaction does not see its own row: %d", n)
			}
			err := insert(ctx, db, "kept", 2)
			if !store.IsUnique(err) {
				t.Errorf("a second row with the same key: %v", err)
			}
			return insert(ctx, db, "too", 3) // goes on after the part that failed
		})
		if err != nil {
			t.Fatal(err)
		}
		events, err := db.Events(ctx, 0, 10)
		if err != nil || len(events) != 2 || events[0].Subject != "kept" || events[1].Subject != "too" {
			t.Errorf("%v, %v", events, err)
		}
		if n := count(t, ctx, db); n != 2 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestReadsDoNotWaitForTheWriter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := migrated(t, db)
		if err := insert(ctx, db, "a", 1); err != nil {
			t.Fatal(err)
		}
		err := db.Change(ctx, func(inner context.Context, tx *store.Tx) error {
			if _, err := tx.NewDelete().Model((*thing)(nil)).Where("id = ?", "a").Exec(inner); err != nil {
				return err
			}
			// The outer context is another reader: it sees what was committed, and does not block.
			if n := count(t, ctx, db); n != 1 {
				t.Errorf("a reader sees %d rows", n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Many writers at once: nothing is lost, and no follower sees a number before a smaller one.
func TestFollowSeesEverythingInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := migrated(t, db)
		const writers, each = 8, 12
		enough := errors.New("enough")
		var followers, making sync.WaitGroup
		for range 3 {
			followers.Go(func() {
				var last int64
				err := db.Follow(ctx, 0, func(e store.Event) error {
					if e.Seq != last+1 {
						return fmt.Errorf("after %d came %d", last, e.Seq)
					}
					if last = e.Seq; last == writers*each {
						return enough
					}
					return nil
				})
				if !errors.Is(err, enough) {
					t.Errorf("follower: %v", err)
				}
			})
		}
		for w := range writers {
			making.Go(func() {
				for i := range each {
					if err := insert(ctx, db, fmt.Sprintf("%d-%d", w, i), 1); err != nil {
						t.Error(err)
					}
				}
			})
		}
		making.Wait()
		followers.Wait()
		if n := count(t, ctx, db); n != writers*each {
			t.Errorf("%d rows", n)
		}
	})
}

// A command beside the server: its change reaches the server's followers.
func TestFollowHearsAnotherProcess(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, opt store.Options) {
		ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
		defer stop()
		here, err := store.Open(ctx, opt)
		if err != nil {
			t.Fatal(err)
		}
		defer here.Close()
		there, err := store.Open(ctx, opt)
		if err != nil {
			t.Fatal(err)
		}
		defer there.Close()
		migrated(t, there)
		heard := make(chan store.Event, 10)
		following, leave := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() {
			ended <- here.Follow(following, 0, func(e store.Event) error { heard <- e; return nil })
		}()
		for i := range 3 {
			if err := insert(ctx, there, fmt.Sprint(i), 0); err != nil {
				t.Fatal(err)
			}
			select {
			case e := <-heard:
				if e.Subject != fmt.Sprint(i) {
					t.Errorf("heard %+v", e)
				}
			case <-time.After(5 * time.Second):
				t.Fatal("not heard")
			}
		}
		leave()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("follower: %v", err)
		}
	})
}

func TestCloseEndsFollowers(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, opt store.Options) {
		ctx := context.Background()
		db, err := store.Open(ctx, opt)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- db.Follow(ctx, 0, func(store.Event) error { return nil }) }()
		time.Sleep(20 * time.Millisecond)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			t.Fatal("a follower hangs after Close")
		}
	})
}

func TestMigrate(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, opt store.Options) {
		ctx := context.Background()
		db, err := store.Open(ctx, opt)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		// Two processes start at once.
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				other, err := store.Open(ctx, opt)
				if err != nil {
					t.Error(err)
					return
				}
				defer other.Close()
				if err := other.Migrate(ctx, "things", rooms); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		newer := fstest.MapFS{
			"migrations/00001_things.sql": rooms["migrations/00001_things.sql"],
			"migrations/00002_more.sql":   {Data: []byte("-- +goose Up\nALTER TABLE things ADD COLUMN more BLOB;\n")},
		}
		if err := db.Migrate(ctx, "things", newer); err != nil {
			t.Fatal(err)
		}
		if err := db.Migrate(ctx, "things", newer); err != nil {
			t.Errorf("a second time: %v", err)
		}
		if err := db.Migrate(ctx, "things", rooms); fault.CodeOf(err) != "store.newer" {
			t.Errorf("an old program is told %v", err)
		}
		if err := db.Migrate(ctx, "Bad name; DROP", rooms); err == nil {
			t.Error("any name is taken")
		}
		bad := fstest.MapFS{"migrations/00001_bad.sql": {Data: []byte("-- +goose Up\nCREATE TABLE half (id TEXT);\nCREATE NONSENSE;\n")}}
		if err := db.Migrate(ctx, "bad", bad); err == nil {
			t.Error("nonsense is taken")
		}
		if _, err := db.QueryContext(ctx, "SELECT id FROM half"); err == nil {
			t.Error("half of a failed file stayed")
		}
	})
}
