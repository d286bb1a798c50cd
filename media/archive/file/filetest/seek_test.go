package filetest

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"linli.dev/linli/media/archive/file"
)

// Going on where the last request ended costs no movement; everything else does, also what another file did in between.
func TestTheArmMovesOnlyWhereItMust(t *testing.T) {
	dir := t.TempDir()
	disk := &Seek{Layer: file.OS{}, Each: time.Microsecond}
	var files []file.File
	for i := range 2 {
		f, err := disk.Create(filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteBuffers([][]byte{bytes.Repeat([]byte{byte(i)}, 1000)}, 0); err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	moved := func(want int64, what string, f func() error) {
		t.Helper()
		before := disk.Count.Load()
		if err := f(); err != nil {
			t.Fatal(err)
		}
		if n := disk.Count.Load() - before; n != want {
			t.Errorf("%s: %d movements, want %d", what, n, want)
		}
	}
	read := func(i int, off int64) error { _, err := files[i].ReadAt(make([]byte, 100), off); return err }
	moved(1, "a first read", func() error { return read(0, 0) })
	moved(0, "going on", func() error { return read(0, 100) })
	moved(1, "another file", func() error { return read(1, 0) })
	moved(1, "going on after another file", func() error { return read(0, 200) })
	moved(1, "going back", func() error { return read(0, 200) })
	var out bytes.Buffer
	moved(0, "carrying on", func() error { _, err := file.Carry(&out, files[0], 300, 500); return err })
	if !bytes.Equal(out.Bytes(), make([]byte, 500)) {
		t.Error("other bytes were carried")
	}
	moved(3, "a sync of two files and the journal", func() error { return disk.SyncGroup(files, nil) })
	moved(0, "a sync of nothing", func() error { return disk.SyncGroup(files, nil) })
	moved(0, "opening what is in use", func() error { f, err := disk.Open(filepath.Join(dir, "0")); f.Close(); return err })
}

// Who reads while a large group is synced waits for a few of its files, not for all.
func TestASyncLetsReadersIn(t *testing.T) {
	dir := t.TempDir()
	disk := &Seek{Layer: file.OS{}, Each: time.Millisecond}
	var files []file.File
	for i := range 300 {
		f, err := disk.Create(filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteBuffers([][]byte{make([]byte, 100)}, 0); err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	before := disk.Count.Load()
	done := make(chan error)
	go func() { done <- disk.SyncGroup(files, nil) }()
	for disk.Count.Load() == before {
		time.Sleep(100 * time.Microsecond)
	}
	if _, err := files[5].ReadAt(make([]byte, 10), 0); err != nil {
		t.Fatal(err)
	}
	// Counted, not timed: what else runs here would be in the time.
	if n := disk.Count.Load() - before; n > 4*writesAtOnce {
		t.Errorf("a read was served after %d movements of the sync's 301", n)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := disk.Count.Load() - before; n != 302 {
		t.Errorf("%d movements in all", n)
	}
}
