package whep

import (
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
)

// errWouldBlock: the socket's buffer is full, or there is no way around Go's poller here.
var errWouldBlock = errors.New("whep: would block")

// socket is one UDP socket of the port.
type socket struct {
	conn     *net.UDPConn
	offload  atomic.Bool // the kernel cuts one big send into datagrams
	wildcard bool        // bound to every address: answers must leave from the one that was asked
	raw      rawSocket
}

// close ends the socket once nobody is inside a send.
func (s *socket) close() {
	s.raw.close()
	s.conn.Close()
}

func newSocket(conn *net.UDPConn, wildcard bool) *socket {
	s := &socket{conn: conn, wildcard: wildcard}
	// A burst for a new viewer, or a key frame for fifty, must fit; the kernel caps it at its own limit.
	_ = conn.SetWriteBuffer(4 << 20)
	_ = conn.SetReadBuffer(1 << 20)
	s.offload.Store(prepareSocket(conn, wildcard))
	s.raw.open(conn)
	return s
}

// path is how packets reach a viewer. It never changes; a viewer that moves gets another one.
type path struct {
	sock *socket
	to   netip.AddrPort
	oob  []byte // names the source address when the socket has several
	name rawName
	tcp  *tcpPath
}

// write sends one datagram.
func (p *path) write(b []byte) {
	if p.tcp != nil {
		p.tcp.write(b, len(b))
		return
	}
	_ = p.send(b, p.oob)
}

// send goes straight to the kernel; only when the socket is full it takes the way that can wait.
func (p *path) send(b, oob []byte) error {
	if err := p.sock.raw.send(b, oob, &p.name); err != errWouldBlock {
		return err
	}
	_, _, err := p.sock.conn.WriteMsgUDPAddrPort(b, oob, p.to)
	return err
}

// maxSegments is what every kernel with offload takes in one call; maxBatch what fits one UDP length.
const (
	maxSegments = 64
	maxBatch    = 63 << 10
)

// writeSegments sends datagrams that lie one behind the other in b: all of size bytes, the last may be shorter.
func (p *path) writeSegments(b []byte, size int) {
	if p.tcp != nil {
		p.tcp.write(b, size)
		return
	}
	if len(b) > size && p.sock.offload.Load() {
		var room [128]byte
		oob := appendSegmentSize(append(room[:0], p.oob...), size)
		err := p.send(b, oob)
		if err == nil || !refusesOffload(err) {
			return
		}
		p.sock.offload.Store(false) // a device without checksum offload; send the plain way from now on
	}
	for len(b) > 0 {
		n := min(size, len(b))
		_ = p.send(b[:n], p.oob)
		b = b[n:]
	}
}
