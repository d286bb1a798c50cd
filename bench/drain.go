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
		for { // until it is empty: a datagram is less than the room there is
			n, err := unix.Read(fd, buf)
			if n > 0 {
				got.Add(int64(n))
			}
			if err == unix.EAGAIN || err == unix.EINTR {
				break
			}
			if err != nil || n == 0 {
				return
			}
		}
	}
}
