package main

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// drain throws away what a socket brings, in big reads a few times a second, so that the reader's own cost disturbs little.
func drain(ctx context.Context, fd int, got *atomic.Int64) {
	defer unix.Close(fd)
	buf := make([]byte, 1<<20)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for {
			n, err := unix.Read(fd, buf)
			if n > 0 {
				got.Add(int64(n))
			}
			if err != nil || n < len(buf) {
				if err != nil && err != unix.EAGAIN && err != unix.EINTR || n == 0 && err == nil {
					return
				}
				break
			}
		}
	}
}
