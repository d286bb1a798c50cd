package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Commands write beside the server: all changes of both are there, and a follower has them in order.
func TestTwoWriters(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, opt store.Options) {
		ctx, stop := context.WithTimeout(context.Background(), time.Minute)
		defer stop()
		var dbs [2]*store.DB
		for i := range dbs {
			db, err := store.Open(ctx, opt)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := db.Migrate(ctx, "things", rooms); err != nil {
				t.Fatal(err)
			}
			dbs[i] = db
		}
		const each = 40
		var all sync.WaitGroup
		for i, db := range dbs {
			all.Go(func() {
				for n := range each {
					if err := insert(ctx, db, fmt.Sprintf("%d-%d", i, n), 0); err != nil {
						t.Error(err)
					}
				}
			})
		}
		var last int64
		enough := errors.New("enough")
		err := dbs[0].Follow(ctx, 0, func(e store.Event) error {
			if e.Seq != last+1 {
				return fmt.Errorf("%d after %d", e.Seq, last)
			}
			if last = e.Seq; last == 2*each {
				return enough
			}
			return nil
		})
		all.Wait()
		if !errors.Is(err, enough) {
			t.Error(err)
		}
		if n := count(t, ctx, dbs[1]); n != 2*each {
			t.Errorf("%d rows", n)
		}
	})
}

// What Change said is done is there after kill -9, and nothing is there by half.
func TestKilledWriter(t *testing.T) {
	if path := os.Getenv("LINLI_TEST_WRITER"); path != "" {
		writeForEver(path)
	}
	rounds := 3
	if os.Getenv("LINLI_SOAK") != "" {
		rounds = 100
	}
	path := t.TempDir() + "/linli.db"
	ctx := context.Background()
	for round := range rounds {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestKilledWriter$")
		cmd.Env = append(os.Environ(), "LINLI_TEST_WRITER="+path)
		out := &lines{}
		cmd.Stdout = out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(20 * time.Second); out.count() < 20 && time.Now().Before(end); time.Sleep(time.Millisecond) {
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		promised := out.all()
		if len(promised) < 20 {
			t.Fatalf("the writer is too slow: %d", len(promised))
		}
		db, err := store.Open(ctx, store.Options{Path: path})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		migrated(t, db)
		for _, id := range promised {
			if ok, err := db.NewSelect().Model((*thing)(nil)).Where("id = ?", id).Exists(ctx); err != nil || !ok {
				t.Fatalf("round %d: %s was promised and is not there: %v", round, id, err)
			}
		}
		rows := count(t, ctx, db)
		last, err := db.LastSeq(ctx)
		if err != nil || last != rows {
			t.Fatalf("round %d: %d rows, %d events, %v", round, rows, last, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func writeForEver(path string) {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Path: path})
	if err == nil {
		err = db.Migrate(ctx, "things", rooms)
	}
	for err == nil {
		id := store.NewID()
		if err = insert(ctx, db, id, 1); err == nil {
			fmt.Println("did", id)
		}
	}
	fmt.Println("failed", err)
	os.Exit(1)
}

// lines collects what a process said it did; a line cut in the middle does not count.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) all() (ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		if id, ok := strings.CutPrefix(line, "did "); ok && strings.HasSuffix(id, "\n") {
			ids = append(ids, strings.TrimSpace(id))
		}
	}
	return ids
}

func (l *lines) count() int { return len(l.all()) }
