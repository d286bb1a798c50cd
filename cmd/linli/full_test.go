package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/store"
)

// Footage and rows share one small disk, as they do where nobody says otherwise, and something else fills it to the last byte. First
// there is old footage: it goes, on record, and people look, and it records, as if nothing had been. Then there is none left: the page
// says so, a look is refused as it could not be on record, nothing breaks; and when somebody makes room, all goes on by itself.
func TestFullDataFolder(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	t.Parallel()
	h := newHouse(t, "")
	if err := syscall.Mount("tmpfs", h.data, "tmpfs", 0, "size=48m"); err != nil {
		t.Skipf("no tmpfs: %v", err) // only root can
	}
	t.Cleanup(func() { syscall.Unmount(h.data, syscall.MNT_DETACH) }) //nolint:errcheck // the test's own
	foreign := filepath.Join(h.data, "foreign")
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
	exists := func(name string) bool {
		_, err := os.Stat(filepath.Join(h.data, name))
		return err == nil
	}
	k := &killing{house: h}
	h.archive(func(ctx context.Context, a *archive.Archive, _ *store.DB) {
		if err := os.Mkdir(h.disk, 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := a.AttachDisk(ctx, archive.DiskConfig{Path: h.disk}); err != nil {
			t.Fatal(err)
		}
	})
	const old = 300
	k.ageing(old) // 12 MB
	h.begin()
	h.signIn()
	w := newWitness(t, false)
	witness := h.register("证人", w.address(), "")
	type disk struct {
		State, Reason, Sentence string
		Segments                int
	}
	state := func() (d disk) {
		t.Helper()
		var out struct{ Disks []disk }
		h.call(h.operator, "GET", "/api/disks", nil, &out)
		return out.Disks[0]
	}
	recorded := func(since time.Time) func() bool {
		return func() bool {
			spans, err := h.spans(witness, "main", since.Add(-time.Minute))
			return err == nil && len(spans) > 0 && spans[len(spans)-1].To.After(since.Add(2*time.Second))
		}
	}
	live := func() error {
		l, err := h.look(witness, "live", "main", time.Time{}, time.Time{})
		if err == nil {
			_ = h.try(h.guard, "DELETE", "/api/looks/"+l.Lease, nil, nil)
		}
		return err
	}
	h.until("it is recorded", 20*time.Second, recorded(time.Now()))
	if !exists("ballast") {
		t.Error("the database has no ballast")
	}

	told := func(state string) bool {
		t.Helper()
		return strings.Contains(string(h.metrics()), `linli_record_disk_state{disk="`+h.disk+`",state="`+state+`"} 1`)
	}
	if !told("ok") {
		t.Errorf("/metrics does not say that the disk is well:\n%s", h.metrics())
	}

	// There is old footage.
	before := state()
	filled := time.Now()
	fill()
	if err := live(); err != nil {
		t.Errorf("a look, with the disk full to the last byte: %v", err)
	}
	h.until("it records again", 20*time.Second, recorded(filled))
	if now := state(); now.State != "ok" || now.Segments >= before.Segments {
		t.Errorf("it was %+v, is %+v", before, now)
	}
	h.until("the ballast is there again, and the ledger's reserve", 30*time.Second, func() bool { // a person asks now and then; each entry takes room too
		_ = live()
		time.Sleep(time.Second)
		return exists("ballast") && exists("ledger.reserve")
	})
	t.Logf("room was made within %v", time.Since(filled).Round(100*time.Millisecond))

	// Something takes every byte, again and again. What can be deleted is soon gone.
	h.until("the disk is full, and stays so", 30*time.Second, func() bool {
		fill()
		time.Sleep(200 * time.Millisecond)
		d := state()
		return d.State == "full" && d.Segments == 0 && d.Reason == "disk.full" && d.Sentence != "" && d.Sentence != d.Reason && told("full")
	})
	for range 20 { // on record, or refused
		if err := live(); err != nil && !strings.Contains(err.Error(), "503") {
			t.Fatalf("a look that cannot be on record: %v", err)
		}
	}
	if b, err := h.fetch(t.Context(), "/api/cameras"); err != nil {
		t.Errorf("what is there cannot be read: %v %s", err, b)
	}

	if err := os.Remove(foreign); err != nil {
		t.Fatal(err)
	}
	freed := time.Now()
	h.until("looks begin again", 10*time.Second, func() bool { return live() == nil })
	h.until("it records again", 20*time.Second, recorded(freed))
	t.Logf("all went on %v after room was made", time.Since(freed).Round(100*time.Millisecond))
	if d := state(); d.State != "ok" || !told("ok") {
		t.Errorf("%+v", d)
	}
	at, took, err := h.interrupt()
	if err != nil || took > 5*time.Second {
		t.Errorf("stopped after %v: %v", took, err)
	}
	h.archive(func(ctx context.Context, a *archive.Archive, db *store.DB) {
		h.inARow(ctx, a, witness, w, freed, at)
		left, err := a.Segments(ctx, "old", archive.Main, time.Now().AddDate(-1, 0, 0), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := db.QueryRowContext(ctx, "SELECT COALESCE(SUM(segments), 0) FROM purges WHERE camera = 'old' AND why = 'space'").Scan(&n); err != nil || n == 0 || n+len(left) != old {
			t.Errorf("%d old segments are left, %d are on record as deleted, of %d: %v", len(left), n, old, err)
		}
	})
	h.fsck()
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
