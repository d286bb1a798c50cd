package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Something else fills the disk of the database to the last byte. The next changes are kept all the same, also after a restart; when
// that room is used up too, a change says what is wrong, what is there can be read, and all goes on when there is room.
func TestFullDisk(t *testing.T) {
	t.Run("while it is open", func(t *testing.T) { fillDisk(t, false) })
	t.Run("before it is opened", func(t *testing.T) { fillDisk(t, true) })
}

func fillDisk(t *testing.T, restart bool) {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=12m"); err != nil {
		t.Skipf("no tmpfs: %v", err) // only root can
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) }) //nolint:errcheck // the test's own
	foreign := filepath.Join(dir, "foreign")
	fill := func() {
		t.Helper()
		f, err := os.OpenFile(foreign, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := io.Copy(f, endless{}); !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	there := func() bool {
		_, err := os.Stat(filepath.Join(dir, "ballast"))
		return err == nil
	}
	open := func() (*store.DB, context.Context) {
		t.Helper()
		db, err := store.Open(context.Background(), store.Options{Path: filepath.Join(dir, "linli.db"), Ballast: true})
		if err != nil {
			t.Fatal(err)
		}
		return db, migrated(t, db)
	}

	db, ctx := open()
	if err := insert(ctx, db, "first", 1); err != nil || !there() {
		t.Fatal(err, there())
	}
	if !restart {
		fill()
	} else {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		fill()
		db, ctx = open() // its log and index are made anew
	}
	defer func() { _ = db.Close() }()
	if err := insert(ctx, db, "second", 2); err != nil {
		t.Fatal(err)
	}
	if there() {
		t.Error("a full disk, and the ballast is there still")
	}

	fill()
	var err error
	n := int64(2)
	for i := 0; i < 20_000 && err == nil; i++ {
		if err = insert(ctx, db, fmt.Sprint("more ", i), 3); err == nil {
			n++
		}
	}
	if fault.CodeOf(err) != "store.disk" || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%d rows went onto a full disk, then: %v", n, err)
	}
	if got := count(t, ctx, db); got != n {
		t.Errorf("%d rows, kept were %d", got, n)
	}
	if err := os.Remove(foreign); err != nil {
		t.Fatal(err)
	}
	if err := insert(ctx, db, "last", 4); err != nil {
		t.Error(err)
	}
	if events, err := db.Events(ctx, 0, 30_000); err != nil || int64(len(events)) != n+1 {
		t.Errorf("%d events of %d changes: %v", len(events), n+1, err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// A command that comes and goes keeps no ballast, and other databases have none.
func TestNoBallast(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, opt store.Options) {
		opt.Ballast = opt.URL != ""
		db, err := store.Open(context.Background(), opt)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		ctx := migrated(t, db)
		if err := insert(ctx, db, "one", 1); err != nil {
			t.Fatal(err)
		}
		if opt.Path != "" {
			if list, err := filepath.Glob(filepath.Join(filepath.Dir(opt.Path), "ballast*")); err != nil || len(list) > 0 {
				t.Error(list, err)
			}
		}
	})
}
