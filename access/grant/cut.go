package grant

import (
	"net"
	"net/http"
)

// Cut is for the end of a handler that sends pictures through Writer. The last bytes, which the server would send when the handler
// has returned, go out while the lease can still break them off; and when it has ended meanwhile, what the system still holds to be
// sent is thrown away with the connection. Not to be called when no picture was sent: then the answer says why.
func Cut(l *Lease, w http.ResponseWriter) {
	Writer(l, w).(*writer).Flush()
	if l.Err() != nil {
		throwAway(w)
	}
}

// throwAway closes the connection behind w without sending what is queued. Over HTTP/2 there is no connection of one's
// own; there the queue is short (see the server's listener).
func throwAway(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	Discard(conn)
}

// Discard closes a connection without sending what is queued. What lies over it says no goodbye: that would wait behind the rest.
func Discard(conn net.Conn) {
	for c := any(conn); c != nil; {
		if tcp, ok := c.(interface {
			SetLinger(int) error
			Close() error
		}); ok {
			_ = tcp.SetLinger(0)
			_ = tcp.Close()
			break
		}
		inner, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		c = inner.NetConn()
	}
	conn.Close()
}
