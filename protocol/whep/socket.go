package whep

import (
	"net"
	"net/netip"
	"sync/atomic"
)

// socket is one UDP socket of the port.
type socket struct {
	conn     *net.UDPConn
	offload  atomic.Bool // the kernel cuts one big send into datagrams
	wildcard bool        // bound to every address: answers must leave from the one that was asked
}

func newSocket(conn *net.UDPConn, wildcard bool) *socket {
	s := &socket{conn: conn, wildcard: wildcard}
	// A burst for a new viewer, or a key frame for fifty, must fit; the kernel caps it at its own limit.
	_ = conn.SetWriteBuffer(4 << 20)
	_ = conn.SetReadBuffer(1 << 20)
	s.offload.Store(prepareSocket(conn, wildcard))
	return s
}

// path is how packets reach a viewer. It never changes; a viewer that moves gets another one.
type path struct {
	sock *socket
	to   netip.AddrPort
	oob  []byte // names the source address when the socket has several
	tcp  *tcpPath
}

// write sends one datagram.
func (p *path) write(b []byte) {
	if p.tcp != nil {
		p.tcp.write(b, len(b))
		return
	}
	_, _, _ = p.sock.conn.WriteMsgUDPAddrPort(b, p.oob, p.to)
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
		_, _, err := p.sock.conn.WriteMsgUDPAddrPort(b, oob, p.to)
		if err == nil || !refusesOffload(err) {
			return
		}
		p.sock.offload.Store(false) // a device without checksum offload; send the plain way from now on
	}
	for len(b) > 0 {
		n := min(size, len(b))
		_, _, _ = p.sock.conn.WriteMsgUDPAddrPort(b[:n], p.oob, p.to)
		b = b[n:]
	}
}
