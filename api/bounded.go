package api

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	connsInAll      = 4096
	connsPerAddress = 512 // a gatehouse behind one address has its walls there; a machine in a loop has more
)

// bounded lets in a bounded number of connections: files for footage and cameras need descriptors too. What is too much
// is closed at once and not kept waiting, so that a stranger who takes many does not stand in the way of the others. A
// proxy on the same machine brings everybody from one address, so loopback is bounded in all only.
type bounded struct {
	*net.TCPListener
	max, perAddress int
	refused         func()

	mu        sync.Mutex
	all       int
	byAddress map[string]int
}

func bound(l *net.TCPListener, refused func()) *bounded {
	most := connsInAll
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil && files.Cur/2 < uint64(most) {
		most = int(files.Cur / 2)
	}
	return &bounded{TCPListener: l, max: most, perAddress: connsPerAddress, refused: refused, byAddress: map[string]int{}}
}

// Accept gives the next connection that there is room for.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		c, err := b.AcceptTCP()
		if err != nil {
			return nil, err
		}
		from := network(c.RemoteAddr())
		if b.take(from) {
			return &counted{TCPConn: c, give: sync.OnceFunc(func() { b.give(from) })}, nil
		}
		_ = c.SetLinger(0) // nothing is left waiting in the system either
		c.Close()
		if b.refused != nil {
			b.refused()
		}
	}
}

// network is whom a connection is counted for; "" is this machine. An IPv6 line has a whole /64.
func network(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || tcp.IP.IsLoopback() {
		return ""
	}
	if tcp.IP.To4() == nil {
		return tcp.IP.Mask(net.CIDRMask(64, 128)).String()
	}
	return tcp.IP.String()
}

func (b *bounded) take(from string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all >= b.max || from != "" && b.byAddress[from] >= b.perAddress {
		return false
	}
	b.all++
	b.byAddress[from]++
	return true
}

func (b *bounded) give(from string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all--
	if b.byAddress[from]--; b.byAddress[from] == 0 {
		delete(b.byAddress, from)
	}
}

// counted is a connection that gives its place back. It has all that a TCP connection has: footage goes out by sendfile.
type counted struct {
	*net.TCPConn
	give func()
	off  atomic.Bool // a write was broken off
}

// SetWriteDeadline with the first second of 1970 is how a handler breaks a write off: its look has ended. In an answer of unknown
// length the server then closes the connection by itself, and the system would go on sending what it holds. Over TLS it says goodbye
// first, for which it would wait until all that has gone: its deadline is not taken.
func (c *counted) SetWriteDeadline(at time.Time) error {
	switch {
	case at.Equal(time.Unix(1, 0)):
		if !c.off.Swap(true) {
			_ = c.SetLinger(0)
		}
	case at.IsZero():
		if c.off.Swap(false) {
			_ = c.SetLinger(-1)
		}
	case c.off.Load():
		return nil
	}
	return c.TCPConn.SetWriteDeadline(at)
}

func (c *counted) Close() error {
	c.give()
	return c.TCPConn.Close()
}
