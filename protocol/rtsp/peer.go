package rtsp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// peer is a connection of our server up to PLAY; from there on, its Out lives on in the loop.
type peer struct {
	srv   *Server
	log   *slog.Logger
	nc    net.Conn
	buf   []byte
	nonce string

	allowed string       // the path that the password was good for
	path    string       // described or set up
	d       *Description // of path
	id      string       // session
	setups  []transport  // by media
}

// transport is how one media of a reader travels.
type transport struct {
	used bool
	udp  bool
	to   udpTarget
}

// idle is how long a connection may say nothing before it plays.
const idle = 30 * time.Second

func (p *peer) serve(ctx context.Context) {
	out, err := p.talk(ctx)
	if out == nil {
		p.nc.Close()
		if err != nil && ctx.Err() == nil {
			p.log.Debug("rtsp: connection ended", "remote", p.nc.RemoteAddr(), "err", err)
		}
	}
}

func (p *peer) talk(ctx context.Context) (*Out, error) {
	if tc, ok := p.nc.(*net.TCPConn); ok {
		tc.SetNoDelay(true)
		if p.srv.SendBuffer > 0 {
			tc.SetWriteBuffer(p.srv.SendBuffer)
		}
		if rc, err := tc.SyscallConn(); err == nil {
			rc.Control(func(fd uintptr) { // a reader that vanished is noticed while we write
				unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 20000)
			})
		}
	}
	if p.srv.TLS != nil {
		t := tls.Server(p.nc, p.srv.TLS)
		t.SetDeadline(time.Now().Add(idle))
		if err := t.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		p.nc = t
	}
	for {
		m, err := p.read()
		if err != nil {
			return nil, err
		}
		if m.Method == "" {
			continue
		}
		answer, out, err := p.handle(ctx, m)
		if err != nil {
			return nil, err
		}
		raw := answer.append(nil)
		if out != nil {
			return out, out.begin(p, raw)
		}
		p.nc.SetWriteDeadline(time.Now().Add(idle))
		if _, err := p.nc.Write(raw); err != nil {
			return nil, err
		}
		if m.Method == "TEARDOWN" {
			return nil, nil
		}
	}
}

func (p *peer) read() (*message, error) {
	p.nc.SetReadDeadline(time.Now().Add(idle))
	tmp := make([]byte, 4<<10)
	for {
		for len(p.buf) >= 4 && p.buf[0] == '$' { // a player's early report
			n := 4 + int(p.buf[2])<<8 + int(p.buf[3])
			if len(p.buf) < n {
				break
			}
			p.buf = p.buf[n:]
		}
		if len(p.buf) > 0 && p.buf[0] != '$' {
			m, n, err := parseMessage(p.buf)
			if err != nil {
				return nil, err
			}
			if n > 0 {
				m.Body = append([]byte(nil), m.Body...)
				p.buf = append(p.buf[:0], p.buf[n:]...)
				return m, nil
			}
		}
		n, err := p.nc.Read(tmp)
		p.buf = append(p.buf, tmp[:n]...)
		if n == 0 && err != nil {
			return nil, err
		}
	}
}

// handle answers one request; out is set when it begins to play.
func (p *peer) handle(ctx context.Context, m *message) (answer *message, out *Out, err error) {
	a := &message{Code: 200, Header: Header{{"CSeq", m.Header.Get("CSeq")}, {"Server", p.srv.name()}}}
	defer func() {
		if a.Reason == "" {
			a.Reason = reason(a.Code)
		}
	}()
	r := &Request{Context: ctx, Method: m.Method, URL: m.URL, Remote: p.nc.RemoteAddr(), Header: m.Header}
	r.Path, r.Query = splitPath(m.URL)
	switch m.Method {
	case "OPTIONS":
		a.Header = append(a.Header, Field{"Public", serverMethods})
	case "DESCRIBE":
		if p.forbidden(r, a) {
			return a, nil, nil
		}
		d, err := p.srv.Handler.Describe(r)
		if err != nil {
			a.fail(err)
			return a, nil, nil
		}
		p.path, p.d = r.Path, d
		a.Header = append(a.Header, Field{"Content-Base", strings.TrimSuffix(withoutUser(m.URL), "/") + "/"}, Field{"Content-Type", "application/sdp"})
		a.Body = appendSDP(nil, d, addrOf(p.nc.LocalAddr()).String())
	case "SETUP":
		p.setup(r, m, a)
	case "PLAY":
		if !p.inSession(m, a) {
			return a, nil, nil
		}
		r.Path = p.path
		out := newOut(p.srv, r, p.setups, p.id)
		if err := p.srv.Handler.Play(r, out); err != nil {
			a.fail(err)
			out.mu.Lock()
			out.dead = true // what the handler wrote or kept goes nowhere
			out.mu.Unlock()
			return a, nil, nil
		}
		a.Header = append(a.Header, Field{"Session", p.id}, Field{"Range", "npt=0.000-"})
		return a, out, nil
	case "TEARDOWN":
		if p.id != "" {
			a.Header = append(a.Header, Field{"Session", p.id})
		}
	case "GET_PARAMETER", "SET_PARAMETER", "PAUSE":
		if p.id != "" {
			a.Header = append(a.Header, Field{"Session", p.id})
		}
	default:
		a.Code = 501
	}
	return a, nil, nil
}

const serverMethods = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN"

func (m *message) fail(err error) {
	m.Code = 500
	var se *StatusError
	if errors.As(err, &se) {
		m.Code, m.Reason = se.Code, oneLine(se.Reason)
	}
}

// forbidden asks for a password where the path has one; true: a holds the refusal.
func (p *peer) forbidden(r *Request, a *message) bool {
	if p.allowed == "/"+r.Path {
		return false
	}
	all := p.srv.Handler.Credentials(r)
	if len(all) == 0 {
		return false
	}
	stale := false
	if line := r.Header.Get("Authorization"); line != "" {
		for _, c := range all {
			ok, old := verify(line, r.Method, p.srv.realm(), p.nonce, c)
			if ok {
				p.allowed = "/" + r.Path
				return false
			}
			stale = stale || old
		}
		if p.nonce != "" && !stale {
			time.Sleep(300 * time.Millisecond) // guessing is slow
		}
	}
	p.nonce = randomHex(16)
	a.Code = 401
	tail := fmt.Sprintf(`realm="%s", nonce="%s"`, quote(p.srv.realm()), p.nonce)
	if stale {
		tail += ", stale=true"
	}
	// SHA-256 first and MD5 last: players that know only MD5 take the last line that they understand.
	a.Header = append(a.Header, Field{"WWW-Authenticate", "Digest " + tail + ", algorithm=SHA-256"}, Field{"WWW-Authenticate", "Digest " + tail + ", algorithm=MD5"})
	for _, c := range all {
		if c.Basic {
			a.Header = append(a.Header, Field{"WWW-Authenticate", fmt.Sprintf(`Basic realm="%s"`, quote(p.srv.realm()))})
			break
		}
	}
	return true
}

func (p *peer) setup(r *Request, m, a *message) {
	media := -1
	if p.d != nil {
		r.Path, media = p.which(r.Path, m.URL)
	}
	if media < 0 { // not described on this connection: the path is what stands before the last part
		path, control, _ := cutLast(r.Path, "/")
		r.Path = path
		if p.forbidden(r, a) {
			return
		}
		d, err := p.srv.Handler.Describe(r)
		if err != nil {
			a.fail(err)
			return
		}
		if p.d == nil || p.path == path {
			p.path, p.d = path, d
		}
		for i := range d.Medias {
			if d.Medias[i].control(i) == control {
				media = i
			}
		}
		if media < 0 || p.path != path {
			a.Code = 404
			return
		}
	} else if p.forbidden(r, a) {
		return
	}
	if p.setups == nil {
		p.setups = make([]transport, len(p.d.Medias))
	}
	if media >= len(p.setups) || p.id != "" && m.Header.Get("Session") != "" && !p.same(m) {
		a.Code = 454
		return
	}
	t, line, ok := p.agree(m.Header.Get("Transport"), media)
	if !ok {
		a.Code = 461
		return
	}
	p.setups[media] = t
	if p.id == "" {
		p.id = randomHex(16)
	}
	a.Header = append(a.Header, Field{"Transport", line}, Field{"Session", p.id + ";timeout=" + itoa(int(p.srv.sessionTimeout()/time.Second))})
}

// which finds the media that a SETUP means: the control behind the path, or the path itself when there is only one media.
func (p *peer) which(path, url string) (string, int) {
	for i := range p.d.Medias {
		if strings.HasSuffix(url, "/"+p.d.Medias[i].control(i)) {
			return p.path, i
		}
	}
	if strings.TrimSuffix(path, "/") == p.path && len(p.d.Medias) == 1 {
		return p.path, 0
	}
	return path, -1
}

func (p *peer) same(m *message) bool {
	id, _, _ := strings.Cut(m.Header.Get("Session"), ";")
	return strings.TrimSpace(id) == p.id
}

func (p *peer) inSession(m, a *message) bool {
	switch {
	case p.id == "":
		a.Code = 455
	case m.Header.Get("Session") != "" && !p.same(m):
		a.Code = 454
	default:
		return true
	}
	return false
}

// agree takes the first transport of the player's list that we have. The channels of a media are always the same two,
// whatever the player asked for, so that one run of bytes fits all readers.
func (p *peer) agree(list string, media int) (transport, string, bool) {
	for item := range strings.SplitSeq(list, ",") {
		proto, _, _ := strings.Cut(item, ";")
		proto = strings.ToUpper(strings.TrimSpace(proto))
		if _, multicast := parameter(item, "multicast"); multicast {
			continue
		}
		switch proto {
		case "RTP/AVP/TCP":
			if 2*media+1 > 255 || p.d.NoTCP {
				continue
			}
			return transport{used: true}, fmt.Sprintf("RTP/AVP/TCP;unicast;interleaved=%d-%d", 2*media, 2*media+1), true
		case "RTP/AVP", "RTP/AVP/UDP":
			v, ok := parameter(item, "client_port")
			if p.srv.udp == nil || !ok || p.srv.TLS != nil {
				continue
			}
			a, _, _ := strings.Cut(v, "-")
			port, err := strconv.ParseUint(strings.TrimSpace(a), 10, 16)
			if err != nil || port == 0 || port == 65535 {
				continue
			}
			t := transport{used: true, udp: true, to: newUDPTarget(addrOf(p.nc.RemoteAddr()), int(port))}
			return t, fmt.Sprintf("RTP/AVP;unicast;client_port=%d-%d;server_port=%d-%d", port, port+1, p.srv.udp.port, p.srv.udp.port+1), true
		}
	}
	return transport{}, "", false
}

// splitPath takes path and query out of a request's URL.
func splitPath(url string) (path, query string) {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		i := strings.IndexAny(rest, "/?")
		if i < 0 {
			return "", ""
		}
		url = rest[i:]
	}
	path, query, _ = strings.Cut(url, "?")
	return strings.Trim(path, "/"), query
}
