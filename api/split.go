package api

import (
	"bufio"
	"net"
	"sync"
	"time"
)

// split sorts the connections of a listener into those that begin with TLS and the others: people type http:// where
// https:// is meant, and the page that explains the local CA must be readable before its certificate is trusted.
func split(l net.Listener) (secure, open net.Listener) {
	s := &splitter{Listener: l, done: make(chan struct{})}
	a, b := &half{s: s, conns: make(chan net.Conn)}, &half{s: s, conns: make(chan net.Conn)}
	go s.run(a, b)
	return a, b
}

const firstByte = 10 * time.Second // as long as a header may take

type splitter struct {
	net.Listener
	once sync.Once
	done chan struct{}
	err  error
}

func (s *splitter) run(secure, open *half) {
	for {
		c, err := s.Accept()
		if err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				continue
			}
			if isTemporary(err) { // out of file descriptors: the others will give some back
				time.Sleep(50 * time.Millisecond)
				continue
			}
			s.close(err)
			return
		}
		go func() {
			_ = c.SetReadDeadline(time.Now().Add(firstByte))
			r := bufio.NewReaderSize(c, 16)
			first, err := r.Peek(1)
			if err != nil {
				c.Close()
				return
			}
			_ = c.SetReadDeadline(time.Time{})
			to := open
			if first[0] == 0x16 { // RFC 8446 §5.1: a handshake record
				to = secure
			}
			select {
			case to.conns <- &peeked{Conn: c, r: r}:
			case <-s.done:
				c.Close()
			}
		}()
	}
}

// close ends both halves; the first reason counts.
func (s *splitter) close(why error) {
	s.once.Do(func() {
		s.err = why
		close(s.done)
		s.Listener.Close()
	})
}

type half struct {
	s     *splitter
	conns chan net.Conn
}

func (h *half) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.s.done:
		return nil, h.s.err
	}
}

// Close of either half ends both: they are one port.
func (h *half) Close() error   { h.s.close(net.ErrClosed); return nil }
func (h *half) Addr() net.Addr { return h.s.Addr() }

// peeked gives back the first byte that was read.
type peeked struct {
	net.Conn
	r *bufio.Reader
}

// NetConn is the connection below, for who must set something on it.
func (c *peeked) NetConn() net.Conn { return c.Conn }

func (p *peeked) Read(b []byte) (int, error) {
	if p.r != nil {
		n, err := p.r.Read(b)
		if p.r.Buffered() == 0 {
			p.r = nil
		}
		return n, err
	}
	return p.Conn.Read(b)
}

func isTemporary(err error) bool {
	t, ok := err.(interface{ Temporary() bool })
	return ok && t.Temporary()
}
