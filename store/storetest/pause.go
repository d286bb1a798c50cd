package storetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Pause has PostgreSQL stand still, all its processes, as a machine does that hangs: connections stay, nothing is answered, until
// resume or the test's end. Tests that run beside it have no PostgreSQL meanwhile.
func Pause(t testing.TB) (resume func()) {
	t.Helper()
	s, err := server()
	if err != nil {
		t.Fatal("PostgreSQL for tests: ", err)
	}
	raw, err := os.ReadFile(filepath.Join(s.socket, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	first, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	pids := []int{first}
	signal := func(pid int, sig syscall.Signal) {
		if err := syscall.Kill(pid, sig); err != nil && err != syscall.ESRCH {
			t.Errorf("PostgreSQL's process %d: %v", pid, err)
		}
	}
	signal(first, syscall.SIGSTOP) // from here on it has no new children
	children, err := childrenOf(first)
	if err != nil {
		t.Error(err)
	}
	for _, pid := range children {
		signal(pid, syscall.SIGSTOP)
		pids = append(pids, pid)
	}
	resume = sync.OnceFunc(func() {
		for _, pid := range pids {
			signal(pid, syscall.SIGCONT)
		}
	})
	t.Cleanup(resume)
	return resume
}

func childrenOf(parent int) (pids []int, err error) {
	list, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	for _, name := range list {
		raw, err := os.ReadFile(name)
		if err != nil {
			continue // it is gone
		}
		// The name in brackets may hold anything; state and parent follow it.
		stat := string(raw)
		var state string
		var ppid int
		if _, err := fmt.Sscan(stat[strings.LastIndexByte(stat, ')')+1:], &state, &ppid); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil && ppid == parent {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}
