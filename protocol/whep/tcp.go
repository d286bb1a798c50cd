package whep

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// maxQueued is how much may wait for one TCP viewer; then frames are left out until the next key frame.
const maxQueued = 512 << 10

// tcpPath is an ICE-TCP connection (RFC 6544): every packet behind its length in two bytes (RFC 4571).
type tcpPath struct {
	conn   net.Conn
	mu     sync.Mutex
	queue  []byte
	spare  []byte
	wake   chan struct{}
	closed chan struct{}
	once   sync.Once
}

func newTCPPath(conn net.Conn) *tcpPath {
	return &tcpPath{conn: conn, wake: make(chan struct{}, 1), closed: make(chan struct{})}
}

// write queues packets that lie one behind the other, size bytes each. It never blocks: the sender serves others too.
func (t *tcpPath) write(b []byte, size int) {
	t.mu.Lock()
	if len(t.queue) <= maxQueued {
		for len(b) > 0 {
			n := min(size, len(b))
			t.queue = binary.BigEndian.AppendUint16(t.queue, uint16(n))
			t.queue = append(t.queue, b[:n]...)
			b = b[n:]
		}
	}
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// clogged tells the feed to leave frames out.
func (t *tcpPath) clogged() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.queue) > maxQueued/2
}

// drain forgets what still waits: a viewer whose time is over gets nothing more of it.
func (t *tcpPath) drain() {
	t.mu.Lock()
	t.queue = t.queue[:0]
	t.mu.Unlock()
}

// run writes until the connection ends.
func (t *tcpPath) run() {
	for {
		select {
		case <-t.closed:
			return
		case <-t.wake:
		}
		t.mu.Lock()
		out := t.queue
		t.queue, t.spare = t.spare[:0], nil
		t.mu.Unlock()
		_ = t.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
		// In pieces, so that a viewer whose lease ends does not get the rest.
		for rest := out; len(rest) > 0; {
			n := min(len(rest), 32<<10)
			if _, err := t.conn.Write(rest[:n]); err != nil {
				t.close()
				return
			}
			rest = rest[n:]
			if t.isClosed() {
				return
			}
		}
		t.mu.Lock()
		t.spare = out[:0]
		t.mu.Unlock()
	}
}

func (t *tcpPath) isClosed() bool {
	select {
	case <-t.closed:
		return true
	default:
		return false
	}
}

func (t *tcpPath) close() {
	t.once.Do(func() {
		close(t.closed)
		t.conn.Close()
	})
}

// acceptTCP takes ICE-TCP connections until the listener closes. Answers go on offering it, so whatever else happens to it passes: another
// viewer will give a file descriptor back.
func (p *Port) acceptTCP(l net.Listener) {
	failing := false
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			if !failing {
				p.log.Warn("whep: accept over TCP; it is tried on", "err", err)
			}
			failing = true
			select {
			case <-p.stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
			continue
		}
		failing = false
		p.mu.Lock()
		full := p.closed || p.strangers >= maxStrangers
		if !full {
			p.strangers++
			p.running.Add(1)
		}
		p.mu.Unlock()
		if full {
			conn.Close()
			continue
		}
		go p.serveTCP(conn)
	}
}

// maxStrangers bounds TCP connections that have not yet shown a password.
const maxStrangers = 256

// serveTCP reads one connection. Its first packet must be a signed binding request of a known viewer.
func (p *Port) serveTCP(conn net.Conn) {
	defer p.running.Done()
	t := newTCPPath(conn)
	stranger := true
	leave := func() {
		if stranger {
			stranger = false
			p.mu.Lock()
			p.strangers--
			p.mu.Unlock()
		}
	}
	defer leave()
	defer t.close()
	p.running.Add(1)
	go func() { defer p.running.Done(); t.run() }()

	remote, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return
	}
	at := &path{to: remote, tcp: t}
	var head [2]byte
	var buf [1500]byte
	wait := 10 * time.Second
	for {
		_ = conn.SetReadDeadline(time.Now().Add(wait))
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		n := int(binary.BigEndian.Uint16(head[:]))
		if n > len(buf) {
			return
		}
		if _, err := io.ReadFull(conn, buf[:n]); err != nil {
			return
		}
		peer := p.packet(buf[:n], at)
		if peer == nil && stranger {
			return
		}
		if peer != nil && stranger {
			leave()
			wait = silence
			peer.own(t)
		}
	}
}
