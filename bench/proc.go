package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// usage is what the kernel has charged a process until now.
type usage struct {
	cpu time.Duration // user and system, all threads, also those that have ended
	rss int64         // bytes
	at  time.Time
}

// measure reads /proc/PID. The sum over living threads is exact to the nanosecond; the whole process only to
// a clock tick (10 ms), but it keeps what ended threads used. Over tens of seconds the tick does not matter.
func measure(pid int) (usage, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}, err
	}
	// The name in parentheses may hold spaces.
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+2:]))
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	pages, _ := strconv.ParseInt(fields[21], 10, 64)
	return usage{
		cpu: time.Duration(user+system) * 10 * time.Millisecond,
		rss: pages * int64(os.Getpagesize()),
		at:  time.Now(),
	}, nil
}

// spent is the CPU used between two readings and the time between them.
func spent(a, b usage) (cpu, wall time.Duration) { return b.cpu - a.cpu, b.at.Sub(a.at) }

func machine() string {
	name := "unknown processor"
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(raw)) {
			if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
				name = strings.TrimSpace(v)
				break
			}
		}
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return fmt.Sprintf("%s, Linux %s", name, strings.TrimSpace(string(kernel)))
}

func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}
