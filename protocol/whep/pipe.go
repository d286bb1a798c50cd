package whep

import (
	"net"
	"os"
	"sync"
	"time"
)

// pipe lets the DTLS machine read and write a peer's packets as if it had a socket of its own.
type pipe struct {
	peer   *Peer
	first  []byte
	closed chan struct{}
	once   sync.Once

	mu      sync.Mutex
	expired chan struct{} // closed while the read deadline is in the past
}

func newPipe(v *Peer, first []byte) *pipe {
	return &pipe{peer: v, first: first, closed: make(chan struct{}), expired: make(chan struct{})}
}

func (p *pipe) ReadFrom(b []byte) (int, net.Addr, error) {
	if p.first != nil {
		n := copy(b, p.first)
		p.first = nil
		return n, p.LocalAddr(), nil
	}
	p.mu.Lock()
	expired := p.expired
	p.mu.Unlock()
	select {
	case in := <-p.peer.inbound:
		return copy(b, in), p.LocalAddr(), nil
	case <-expired:
		return 0, nil, os.ErrDeadlineExceeded
	case <-p.closed:
		return 0, nil, net.ErrClosed
	}
}

func (p *pipe) WriteTo(b []byte, _ net.Addr) (int, error) {
	if at := p.peer.at.Load(); at != nil {
		at.write(b)
	}
	return len(b), nil
}

func (p *pipe) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// LocalAddr is of no meaning here: the path may change at any time.
func (p *pipe) LocalAddr() net.Addr { return &net.UDPAddr{IP: net.IPv4zero} }

// SetReadDeadline is only ever used to interrupt: with a time that is long past, or none.
func (p *pipe) SetReadDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	past := !t.IsZero() && time.Until(t) <= 0
	select {
	case <-p.expired:
		if !past {
			p.expired = make(chan struct{})
		}
	default:
		if past {
			close(p.expired)
		}
	}
	return nil
}

func (p *pipe) SetWriteDeadline(time.Time) error { return nil }
func (p *pipe) SetDeadline(t time.Time) error    { return p.SetReadDeadline(t) }
