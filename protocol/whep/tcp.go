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
	over   chan struct{} // see leave
	left   sync.Once
	closed chan struct{}
	once   sync.Once
}

func newTCPPath(conn net.Conn) *tcpPath {
	return &tcpPath{conn: conn, wake: make(chan struct{}, 1), over: make(chan struct{}), closed: make(chan struct{})}
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
		case <-t.over:
			t.goodbye()
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
				t.discard()
				return
			}
			rest = rest[n:]
			select {
			case <-t.closed:
				return
			case <-t.over:
				if len(rest) > 0 { // after half a packet nobody would understand a goodbye
					t.discard()
					return
				}
			default:
			}
		}
		t.mu.Lock()
		t.spare = out[:0]
		t.mu.Unlock()
	}
}

// farewell is how long a viewer whose time is over has to take the goodbye. What the system holds of pictures goes before it, for as long.
const farewell = time.Second

// leave ends the connection as soon as the goodbye, which has been written, is with the viewer, and after farewell in any case: then what the
// system still holds, megabytes where the viewer is slow, is thrown away. It does not wait.
func (t *tcpPath) leave() {
	t.left.Do(func() {
		close(t.over)
		time.AfterFunc(farewell, t.discard)
	})
}

func (t *tcpPath) goodbye() {
	t.mu.Lock()
	out := t.queue
	t.queue = nil
	t.mu.Unlock()
	_ = t.conn.SetWriteDeadline(time.Now().Add(farewell))
	if _, err := t.conn.Write(out); err != nil {
		t.discard()
		return
	}
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for unsent(t.conn) > 0 {
		select {
		case <-t.closed:
			return
		case <-look.C:
		}
	}
	t.close()
}

// discard closes the connection without sending what the system still holds: no lease watches over that.
func (t *tcpPath) discard() {
	if c, ok := t.conn.(interface{ SetLinger(int) error }); ok {
		_ = c.SetLinger(0)
	}
	t.close()
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
	defer t.discard() // a viewer who is gone leaves nothing behind that the system would send on
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
