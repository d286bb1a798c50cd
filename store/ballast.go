package store

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// ballast is a file beside an SQLite database that is nothing but room. On a disk without a free byte nothing could be committed any
// more: no look could begin, as its row comes first, and no old footage could be deleted to make room, as that is a row too. So the
// first commit that finds the disk full throws the ballast off and is tried again; it comes back when there is room enough.
type ballast struct {
	path string
	most int64
	log  *slog.Logger

	mu      sync.Mutex
	dropped time.Time
	next    time.Time // no attempt to make it before
}

const (
	ballastMost  = 32 << 20
	reserveMost  = 4 << 20 // of a room that writes small files
	ballastLeast = 1 << 20
	ballastEvery = 5 * time.Second // between looks whether it is there
)

// ballastOf is a small part of a disk, enough for the rows of many purges.
func ballastOf(total, most int64) int64 { return min(max(total/64, ballastLeast), most) }

// drop gives the room back. It tells whether there is more than there was at a moment.
func (b *ballast) drop(since time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dropped.After(since) { // another change has
		return true
	}
	if err := os.Remove(b.path); err != nil {
		return false
	}
	b.dropped = time.Now()
	b.next = b.dropped.Add(ballastEvery)
	b.log.Warn("a disk is full: its ballast makes room", "path", b.path)
	return true
}

// makeRoom is for a change that began at a moment and found the disk full: beside the ballast, the log of earlier changes can be written anew
// from its beginning, once they are in the database itself.
func (db *DB) makeRoom(ctx context.Context, since time.Time) {
	db.ballast.drop(since)
	if _, err := db.DB.DB.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
		db.log.Warn("checkpoint on a full disk", "err", err)
	}
}

// keep makes the file where it is missing and four times as much is free.
func (b *ballast) keep() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if now.Before(b.next) {
		return
	}
	b.next = now.Add(ballastEvery)
	if _, err := os.Stat(b.path); err == nil {
		return
	}
	if err := b.make(); err != nil {
		b.log.Warn("no ballast", "path", b.path, "err", err)
	}
}

func (b *ballast) make() error {
	// Under another name until all of it is there: another process may throw it off meanwhile.
	part := b.path + ".new"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(part)
	defer f.Close()
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return err
	}
	size := ballastOf(int64(st.Blocks)*st.Bsize, b.most)
	if int64(st.Bavail)*st.Bsize < 4*size {
		return nil // not now
	}
	err = unix.Fallocate(int(f.Fd()), 0, 0, size)
	if errors.Is(err, unix.EOPNOTSUPP) { // bytes then; a file system that packs them keeps less
		_, err = f.Write(make([]byte, size))
	}
	if err != nil {
		return err
	}
	return os.Rename(part, b.path)
}

// Reserve is room on a disk for a room that writes files of its own there, as the ballast is for the database.
type Reserve struct{ b ballast }

// NewReserve names the file that is nothing but room. Keep makes it.
func NewReserve(path string, log *slog.Logger) *Reserve {
	return &Reserve{ballast{path: path, most: reserveMost, log: log}}
}

// Keep makes the file where it is missing and there is room for it; it may be called often.
func (r *Reserve) Keep() { r.b.keep() }

// Drop gives the room to who found the disk full. It tells whether there was any.
func (r *Reserve) Drop() bool { return r.b.drop(time.Now()) }
