package role

import (
	"bufio"
	"context"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// garbage is the share of the live heap that may gather before it is collected, in percent; Go's own default is 100. What makes
// garbage here is people, not cameras: pictures that nobody watches are not on the heap at all. So room for much garbage would
// only be memory that nobody uses. GOGC in the environment wins.
const garbage = 50

func frugal() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
}

// settleAfter is when the start is over: sources answered, first sign-ins done.
const settleAfter = 20 * time.Second

// settle gives back, once, what only the start needed: half of the program file is code and tables for setting up, and would
// stay mapped on a box that has memory to spare for now. What is needed again is read again, from the page cache.
func settle(ctx context.Context) error {
	wait := time.NewTimer(settleAfter)
	defer wait.Stop()
	select {
	case <-wait.C:
		debug.FreeOSMemory()
		dropProgram()
	case <-ctx.Done():
		return ctx.Err()
	}
	<-ctx.Done()
	return ctx.Err()
}

// dropProgram unmaps the pages of the program file that can be read again: those that were never written to.
func dropProgram() {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text()) // from-to permissions offset device inode path
		if len(fields) != 6 || fields[5] != self || fields[1] != "r--p" && fields[1] != "r-xp" {
			continue
		}
		from, to, _ := strings.Cut(fields[0], "-")
		begin, err1 := strconv.ParseUint(from, 16, 64)
		end, err2 := strconv.ParseUint(to, 16, 64)
		if err1 != nil || err2 != nil || end <= begin {
			continue
		}
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, uintptr(begin), uintptr(end-begin), unix.MADV_DONTNEED)
	}
}
