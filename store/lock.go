package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"linli.dev/linli/fault"
)

// Lock takes the data folder for this process. The lock goes when the process does, however it ends; the file stays.
// A folder that is taken is fault.Conflict, "store.locked", with the number of the process that has it.
func Lock(dir string) (release func(), err error) {
	const op = "store.lock"
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, op, "store.cannot-open", "path", dir)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fault.Wrap(err, fault.Unavailable, op, "store.cannot-open", "path", dir)
		}
		pid, _ := io.ReadAll(io.LimitReader(f, 20))
		who := strings.TrimSpace(string(pid))
		if who == "" {
			who = "?"
		}
		return nil, fault.New(fault.Conflict, op, "store.locked", "dir", dir, "pid", who)
	}
	_ = f.Truncate(0)
	fmt.Fprintf(f, "%d\n", os.Getpid())
	return func() { _ = f.Truncate(0); f.Close() }, nil
}

// Locked tells whether a process holds the data folder, without taking it.
func Locked(dir string) bool {
	f, err := os.Open(filepath.Join(dir, "lock"))
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
