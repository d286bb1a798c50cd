package api

import (
	"context"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxUnsent is how much the system may hold of what a slow reader has not taken. A handler learns within it that a
// reader is slow, and little is left on the way when a look ends: without it the system takes megabytes at once. It does
// not limit how fast a quick reader is served.
const maxUnsent = 128 << 10

// shortQueue is for http.Server.ConnContext: listeners do not hand this setting down.
func shortQueue(ctx context.Context, conn net.Conn) context.Context {
	for c := conn; c != nil; {
		if tcp, ok := c.(syscall.Conn); ok {
			if raw, err := tcp.SyscallConn(); err == nil {
				_ = raw.Control(func(fd uintptr) {
					_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, maxUnsent) // older kernels do without
				})
			}
			break
		}
		inner, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		c = inner.NetConn()
	}
	return ctx
}
