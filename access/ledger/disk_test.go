package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/transparency-dev/tessera"

	"linli.dev/linli/fault"
	"linli.dev/linli/store/storetest"
)

// adding puts something between the ledger and the log that it appends to.
func (c *compound) adding(f func(tessera.AddFn) tessera.AddFn) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.log.add = f(c.log.add)
}

// The batch was cut in two, and its first half found no room: the second stands in the log before it. Nothing is missing, doubled, or in a
// place that its row does not know.
func TestHalfABatchFails(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.ten()
	failed := 0
	c.adding(func(add tessera.AddFn) tessera.AddFn {
		return func(ctx context.Context, e *tessera.Entry) tessera.IndexFuture {
			if failed++; failed <= 5 {
				return func() (tessera.Index, error) { return tessera.Index{}, errors.New("no") }
			}
			return add(ctx, e)
		}
	})
	c.emitAll("look.refused", "later-", 0, 12)
	c.syncs()
	c.close()
	c.holds(map[string]int{"look.refused": 22, "ledger.recovered": 0})
	if failed < 6 {
		t.Fatalf("only %d were tried", failed)
	}
	seen := map[string]int{}
	for _, r := range c.rows() {
		seen[r.Subject]++
	}
	for i := range 12 {
		if n := seen[fmt.Sprint("later-", i)]; n != 1 {
			t.Errorf("later-%d stands %d times", i, n)
		}
	}
	if rows := c.rows(); rows[11].Subject != "later-5" {
		t.Errorf("the log's first of them is %s", rows[11].Subject)
	}
}

// A disk that hangs is trouble that is told, nobody waits on it for long, and what it does when it answers again is found.
func TestDiskHangs(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.ten()
	answer := make(chan struct{})
	c.adding(func(add tessera.AddFn) tessera.AddFn {
		return func(ctx context.Context, e *tessera.Entry) tessera.IndexFuture {
			<-answer
			return add(ctx, e)
		}
	})
	c.writing.Lock()
	c.log.hangs = 300 * time.Millisecond
	c.writing.Unlock()
	c.emit("look.refused", "gate", "王芳")
	began := time.Now()
	if err := c.Sync(context.Background()); fault.KindOf(err) != fault.Unavailable || !errors.Is(err, errHangs) || time.Since(began) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
	if c.troubled() == nil {
		t.Error("no trouble is told")
	}
	c.emit("look.refused", "yard", "王芳")
	if err := c.Sync(context.Background()); err == nil {
		t.Error("it synced")
	}
	close(answer)
	c.syncs()
	if c.troubled() != nil {
		t.Error(c.troubled())
	}
	c.close()
	c.holds(map[string]int{"look.refused": 12})
}

// On a disk without a free byte the ledger has room of its own.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	reserve := filepath.Join(c.dir, "ledger.reserve")
	if _, err := os.Stat(reserve); err != nil {
		t.Fatal("there is no reserve (it wants a disk with some room):", err)
	}
	c.ten()
	tried := 0
	c.adding(func(add tessera.AddFn) tessera.AddFn {
		return func(ctx context.Context, e *tessera.Entry) tessera.IndexFuture {
			tried++
			return func() (tessera.Index, error) {
				return tessera.Index{}, fmt.Errorf("failed to set tile(0): %v", &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})
			}
		}
	})
	c.emit("look.refused", "gate", "王芳")
	if err := c.Sync(context.Background()); err != nil {
		t.Error(err) // it is appended at once, in the room made: nobody is refused
	}
	if _, err := os.Stat(reserve); tried != 1 || err == nil {
		t.Errorf("tried %d times; the reserve is there still: %v", tried, err == nil)
	}
	c.close()
	c.holds(map[string]int{"look.refused": 11})
}

// The log's own folder for its state is taken away: the library would end the program over it.
func TestLockIsGone(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.ten()
	if err := os.Rename(c.path(stateFolder), filepath.Join(t.TempDir(), "gone")); err != nil { // at once: something may be written there
		t.Fatal(err)
	}
	c.emit("look.refused", "gate", "王芳")
	c.syncs()
	c.close()
	c.holds(map[string]int{"look.refused": 11})
}

// The clock was set back: log checkpoints go on, not only when it gets there again.
func TestClockGoesBack(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.ten()
	ahead := time.Now().Add(time.Hour)
	if err := os.Chtimes(c.path("checkpoint"), ahead, ahead); err != nil {
		t.Fatal(err)
	}
	c.emit("look.refused", "gate", "王芳")
	c.sync()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if b, err := os.ReadFile(c.path("checkpoint")); err == nil && bytes.Contains(b, []byte("\n12\n")) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no log checkpoint")
		}
	}
}
