package live

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"linli.dev/linli/access/grant"
)

// express takes over the connections of low-latency HLS readers. Such a reader asks five times a second for a playlist
// and a part that are the same for everybody, and the general server spends most of its time on the asking: parsing,
// headers, a watcher per request. Here a request costs a look at its head and one write of bytes that lie ready.
// Whatever is not such a request, or cannot be answered with 200, goes back to the general server with the connection,
// nothing lost; so this way decides nothing that the other would not.
type express struct {
	room *Room

	mu      sync.Mutex
	riders  map[net.Conn]struct{}
	closed  bool
	running sync.WaitGroup
	answers atomic.Uint64
}

func newExpress(m *Room) *express { return &express{room: m, riders: map[net.Conn]struct{}{}} }

// What goes with every answer, as with all media.
var expressHeader = []string{
	"X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "Cross-Origin-Resource-Policy: same-origin",
	"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; sandbox",
}

const (
	expressHead  = 8 << 10 // a larger head is for the general server
	expressQueue = 16 << 10
	expressIdle  = 75 * time.Second // as long as browsers keep a connection
)

// board takes the connection of a reader that has just waited for a part, over plain HTTP/1.1, and sends it the answer,
// which is a whole one. Only a request that succeeded gets here: one that is given back must not come round again.
func (e *express) board(w http.ResponseWriter, r *http.Request, l *grant.Lease, answer []byte) bool {
	server, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
	if server == nil {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	// What the general server has read of the next request already comes first.
	waiting, _ := buffered.Reader.Peek(buffered.Reader.Buffered())
	rd := &rider{express: e, conn: quick(conn), server: server, in: append(make([]byte, 0, 2048), waiting...)}
	rd.use(l, r.Header.Get("Cookie"))
	e.riders[rd.conn] = struct{}{}
	e.running.Add(1)
	go rd.run(answer)
	return true
}

// boards says whether a request is one after which the connection may be taken over.
func boards(r *http.Request) bool {
	return r.TLS == nil && r.ProtoMajor == 1 && r.ProtoMinor == 1 && r.Method == http.MethodGet && !r.Close && r.ContentLength == 0 &&
		strings.Contains(r.URL.RawQuery, "_HLS_msn=") && len(r.Header.Values("Cookie")) <= 1 && r.Header.Get("Range") == ""
}

// close ends all connections.
func (e *express) close() {
	e.mu.Lock()
	e.closed = true
	for c := range e.riders {
		c.Close()
	}
	e.mu.Unlock()
}

// wait is for after the playlists have ended too: that wakes riders that wait for a part.
func (e *express) wait() { e.running.Wait() }

// rider is one connection.
type rider struct {
	express *express
	conn    net.Conn
	server  *http.Server
	in      []byte // read and not yet used
	raw     []byte // the request being answered

	lease   *grant.Lease // of the last request, shown to be good with this cookie
	cookie  string
	stop    func() bool
	writing atomic.Bool
}

func (r *rider) run(answer []byte) {
	defer r.express.running.Done()
	defer r.leave()
	if !r.send(answer) { // the lease ended just now: what had been asked for is not answered any more
		r.conn.Close()
		return
	}
	for {
		h, ok, err := r.next()
		if err != nil {
			r.conn.Close()
			return
		}
		if !ok || !r.serve(h) {
			r.giveBack()
			return
		}
	}
}

// use makes l the lease of what is sent from now on. Its end cuts a write that hangs, and the connection with it, and so it
// does where the system still holds more than what a quick reader has on its way; a request that waits, or comes later, is
// told by the general server.
func (r *rider) use(l *grant.Lease, cookie string) {
	if r.stop != nil {
		r.stop()
	}
	r.lease, r.cookie = l, cookie
	r.stop = l.OnEnd(func() {
		if r.writing.Load() || queued(r.conn) > expressQueue {
			grant.Discard(r.conn)
		}
	})
}

// send writes an answer unless the lease has ended.
func (r *rider) send(b []byte) bool {
	r.writing.Store(true)
	defer r.writing.Store(false)
	if r.lease.Err() != nil {
		return false
	}
	r.express.answers.Add(1)
	if _, err := r.conn.Write(b); err != nil {
		r.conn.Close() // the next read says so
	}
	return true
}

func (r *rider) leave() {
	if r.stop != nil {
		r.stop()
	}
	r.express.mu.Lock()
	delete(r.express.riders, r.conn)
	r.express.mu.Unlock()
}

// serve answers one request; false: it is not for this way, and nothing has been sent.
func (r *rider) serve(h head) bool {
	m := r.express.room
	lease, err := m.o.Door.Find(h.lease, grant.Live)
	if err != nil {
		return false
	}
	if lease != r.lease || h.cookie != r.cookie {
		if !m.mayUse(lease, h.cookie) {
			return false
		}
		r.use(lease, h.cookie)
	}
	lease.Beat()
	one, err := m.reader(lease)
	if err != nil {
		return false
	}
	b, ok, err := one.playlist.live.Wire(context.Background(), lease.Done(), h.name, h.query)
	if !ok || err != nil {
		return false
	}
	lease.Beat() // it may have waited for seconds
	return r.send(b)
}

// next reads the head of the next request. ok false: it is for the general server.
func (r *rider) next() (h head, ok bool, err error) {
	_ = r.conn.SetReadDeadline(time.Now().Add(expressIdle))
	for {
		if end := bytes.Index(r.in, []byte("\r\n\r\n")); end >= 0 {
			r.raw = append(r.raw[:0], r.in[:end+4]...)
			r.in = r.in[:copy(r.in, r.in[end+4:])]
			h, ok = parseHead(r.raw)
			return h, ok, nil
		}
		if len(r.in) >= expressHead {
			r.raw = r.raw[:0]
			return h, false, nil
		}
		if len(r.in) == cap(r.in) {
			r.in = append(r.in, 0)[:len(r.in)]
		}
		n, err := r.conn.Read(r.in[len(r.in):cap(r.in)])
		r.in = r.in[:len(r.in)+n]
		if n == 0 && err != nil {
			return h, false, err
		}
	}
}

// giveBack lets the general server go on with the connection, from the request that is not for us.
func (r *rider) giveBack() {
	_ = r.conn.SetReadDeadline(time.Time{})
	back := &returned{Conn: r.conn, first: append(bytes.Clone(r.raw), r.in...)}
	// Serve takes the one connection and comes back at once; when the server is closing, it closes it.
	if err := r.server.Serve(&oneListener{conn: back, addr: r.conn.LocalAddr()}); errors.Is(err, http.ErrServerClosed) {
		r.conn.Close()
	}
}

// returned is a connection of which some bytes have been read.
type returned struct {
	net.Conn
	first []byte
}

func (c *returned) Read(b []byte) (int, error) {
	if len(c.first) > 0 {
		n := copy(b, c.first)
		if c.first = c.first[n:]; len(c.first) == 0 {
			c.first = nil
		}
		return n, nil
	}
	return c.Conn.Read(b)
}

type oneListener struct {
	conn net.Conn
	addr net.Addr
}

func (l *oneListener) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	return nil, io.EOF
}

func (l *oneListener) Close() error   { return nil }
func (l *oneListener) Addr() net.Addr { return l.addr }
