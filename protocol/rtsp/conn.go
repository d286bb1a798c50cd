package rtsp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// conn is a connection during the handshake: an ordinary net.Conn, one request at a time.
type conn struct {
	nc      net.Conn
	o       *Options
	a       address
	auth    authorization
	cseq    int
	session string // id, once SETUP gave one
	buf     []byte // read and not yet used
	early   []byte // interleaved packets that came before the answer to PLAY
	keep    bool   // whether to keep those
}

const maxEarly = 2 << 20

func dial(ctx context.Context, o *Options, a address) (*conn, error) {
	nc, err := connect(ctx, o, a)
	if err != nil {
		return nil, err
	}
	return &conn{nc: nc, o: o, a: a, auth: authorization{user: o.User, password: o.Password}}, nil
}

func connect(ctx context.Context, o *Options, a address) (net.Conn, error) {
	d := net.Dialer{Timeout: o.Timeout, KeepAlive: 30 * time.Second, Control: func(network, address string, rc syscall.RawConn) error {
		if err := o.allowed(network, address, rc); err != nil {
			return err
		}
		return rc.Control(func(fd uintptr) { // before connect: the window's scale is agreed there
			// Where that is not ours to do, nothing is set: a number set by SO_RCVBUF, cut down to net.core.rmem_max, would be final,
			// while the kernel goes by itself up to net.ipv4.tcp_rmem, which is far more (see socket.hold).
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, o.ReceiveBuffer)
		})
	}}
	nc, err := d.DialContext(ctx, "tcp", a.Host)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if a.TLS {
		config := &tls.Config{}
		if o.TLS != nil {
			config = o.TLS.Clone()
		}
		if config.ServerName == "" {
			config.ServerName = a.hostname()
		}
		t := tls.Client(nc, config)
		nc.SetDeadline(time.Now().Add(o.Timeout))
		if err := t.HandshakeContext(ctx); err != nil {
			nc.Close()
			return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
		nc = t
	}
	return nc, nil
}

func (o *Options) allowed(network, address string, rc syscall.RawConn) error {
	if o.Control == nil {
		return nil
	}
	if err := o.Control(network, address, rc); err != nil {
		return fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	return nil
}

// request sends one request and returns its answer, whatever its code, after at most one try with the password per fresh nonce.
func (c *conn) request(ctx context.Context, method, url string, header Header) (*message, error) {
	fresh, stale := false, false
	for {
		m, err := c.exchange(ctx, method, url, header)
		if err != nil || m.Code != 401 {
			return m, err
		}
		ch, ok := parseChallenges(m.Header)
		if !ok || c.o.User == "" && c.o.Password == "" {
			return nil, ErrUnauthorized
		}
		// A nonce that came with an earlier answer may have run out. One that came just now has not: the password is wrong,
		// unless the camera says in so many words that it was not looked at.
		if fresh && (!ch.stale || stale) {
			return nil, ErrUnauthorized
		}
		stale = fresh
		if c.auth.have && c.auth.c.basic && ch.basic {
			return nil, ErrUnauthorized // Basic has no nonce that could have run out
		}
		c.auth.take(ch)
		fresh = true
		if strings.EqualFold(m.Header.Get("Connection"), "close") && c.session == "" { // it asks, and hangs up
			c.nc.Close()
			if c.nc, err = connect(ctx, c.o, c.a); err != nil {
				return nil, err
			}
			c.buf = nil
		}
	}
}

func (c *conn) exchange(ctx context.Context, method, url string, header Header) (*message, error) {
	c.cseq++
	cseq := strconv.Itoa(c.cseq)
	m := message{Method: method, URL: url, Header: Header{{"CSeq", cseq}}}
	if auth := c.auth.header(method, url); auth != "" {
		m.Header = append(m.Header, Field{"Authorization", auth})
	}
	m.Header = append(m.Header, Field{"User-Agent", c.o.UserAgent})
	if c.session != "" {
		m.Header = append(m.Header, Field{"Session", c.session})
	}
	m.Header = append(m.Header, header...)

	stop := c.until(ctx)
	defer stop()
	if _, err := c.nc.Write(m.append(nil)); err != nil {
		return nil, c.failed(ctx, err)
	}
	for {
		r, err := c.read(ctx)
		if err != nil {
			return nil, err
		}
		if r.Method != "" { // a request of the camera's own
			if _, err := c.nc.Write(answerTo(r)); err != nil {
				return nil, c.failed(ctx, err)
			}
			continue
		}
		if got := r.Header.Get("CSeq"); r.Code < 200 || got != "" && got != cseq && older(got, c.cseq) {
			continue
		}
		return r, nil
	}
}

// older says whether an answer belongs to an earlier request. A number that makes no sense is let pass.
func older(got string, now int) bool {
	n, err := strconv.Atoi(strings.TrimSpace(got))
	return err == nil && n < now
}

// answerTo answers a camera's request: OPTIONS and GET_PARAMETER are how it asks whether we live.
func answerTo(r *message) []byte {
	a := message{Code: 200, Reason: "OK", Header: Header{{"CSeq", r.Header.Get("CSeq")}}}
	switch r.Method {
	case "OPTIONS":
		a.Header = append(a.Header, Field{"Public", "OPTIONS, GET_PARAMETER, SET_PARAMETER"})
	case "GET_PARAMETER", "SET_PARAMETER", "ANNOUNCE", "TEARDOWN":
	default:
		a.Code = 501
	}
	a.Reason = reason(a.Code)
	return a.append(nil)
}

// read returns the next message; interleaved packets before it are kept or left out.
func (c *conn) read(ctx context.Context) (*message, error) {
	tmp := make([]byte, 16<<10)
	for {
		for len(c.buf) >= 4 && c.buf[0] == '$' {
			n := 4 + int(c.buf[2])<<8 + int(c.buf[3])
			if len(c.buf) < n {
				break
			}
			if c.keep && len(c.early) < maxEarly {
				c.early = append(c.early, c.buf[:n]...)
			}
			c.buf = c.buf[n:]
		}
		if len(c.buf) > 0 && c.buf[0] != '$' {
			m, n, err := parseMessage(c.buf)
			if err != nil {
				return nil, err
			}
			if n > 0 {
				c.buf = c.buf[n:]
				return m, nil
			}
		}
		n, err := c.nc.Read(tmp)
		c.buf = append(c.buf, tmp[:n]...)
		if n == 0 && err != nil {
			return nil, c.failed(ctx, err)
		}
	}
}

// until bounds the next exchange by the timeout and by ctx.
func (c *conn) until(ctx context.Context) (stop func()) {
	c.nc.SetDeadline(time.Now().Add(c.o.Timeout))
	cancel := context.AfterFunc(ctx, func() { c.nc.SetDeadline(time.Unix(1, 0)) })
	return func() { cancel() }
}

func (c *conn) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var t net.Error
	if errors.As(err, &t) && t.Timeout() {
		return ErrTimeout
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}
