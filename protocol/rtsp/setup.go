package rtsp

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// Play sets up the medias (indices of s.Medias) and starts them. From now on the loop owns the socket and calls h; keep-alive included.
// Where Play fails, the session is closed, and h hears nothing.
func (s *Session) Play(ctx context.Context, medias []int, loop *Loop, h Handler) error {
	s.mu.Lock()
	c, r := s.c, s.relay
	s.c = nil
	if c == nil && r == nil || s.closed || s.th != nil {
		s.mu.Unlock()
		return ErrClosed
	}
	s.mu.Unlock()
	if r != nil {
		return r.play(s, medias, loop, h)
	}
	err := s.play(ctx, c, medias, loop, h)
	if err == nil || s.o.Transport != "auto" || ctx.Err() != nil || !refused(err) {
		return err
	}
	// It has neither TCP nor UDP for us: multicast is left.
	other, err2 := dialRelay(ctx, s.o, s.addr)
	if errors.Is(err2, ErrUnauthorized) {
		return err2 // as in Dial
	}
	if err2 != nil {
		return err
	}
	if len(other.Medias) != len(s.Medias) {
		other.relay.close()
		return err
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		other.relay.close()
		return ErrClosed
	}
	s.relay, s.state = other.relay, playing{}
	s.mu.Unlock()
	return other.relay.play(s, medias, loop, h)
}

func (s *Session) play(ctx context.Context, c *conn, medias []int, loop *Loop, h Handler) (err error) {
	stop := context.AfterFunc(ctx, func() { c.nc.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	p := &s.state
	defer func() {
		if err != nil {
			if c.session != "" { // sessions are few and freed late: give it back
				c.nc.SetDeadline(time.Now().Add(time.Second))
				p.auth, p.cseq = c.auth, c.cseq
				c.nc.Write(s.request("TEARDOWN"))
			}
			c.nc.Close()
			p.udp.close()
		}
	}()
	p.h = h
	p.rx = make([]reception, len(s.Medias))
	if err := s.setupAll(ctx, c, medias); err != nil {
		return err
	}
	if p.udp != nil {
		if s.o.Opened != nil {
			s.o.Opened(c.session)
		}
		p.udp.punch()
	}
	c.keep = p.udp == nil
	m, err := c.request(ctx, "PLAY", s.url, Header{{"Range", "npt=0.000-"}})
	if err != nil {
		return err
	}
	if m.Code != 200 {
		return &StatusError{Method: "PLAY", Code: m.Code, Reason: m.Reason}
	}
	if err := s.closedEarly(ctx); err != nil {
		return err
	}
	return s.handOver(c, loop)
}

func (s *Session) setupAll(ctx context.Context, c *conn, medias []int) error {
	if len(medias) == 0 {
		return fmt.Errorf("%w: no media is wanted", ErrProtocol)
	}
	udp := s.o.Transport == "udp"
	for n := 0; n < len(medias); n++ {
		err := s.setup(ctx, c, medias[n], n, udp)
		if refused(err) && n == 0 && !udp && s.o.Transport == "auto" {
			udp = true
			n--
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// refused: 461 says it; some cameras say 400 or 406 for the same.
func refused(err error) bool {
	se, ok := err.(*StatusError)
	return ok && se.Method == "SETUP" && (se.Code == 461 || se.Code == 400 || se.Code == 406) || err == ErrNoTransport
}

func (s *Session) setup(ctx context.Context, c *conn, media, n int, udp bool) error {
	if media < 0 || media >= len(s.Medias) || n > 100 {
		return fmt.Errorf("%w: no media %d", ErrProtocol, media)
	}
	p := &s.state
	want := fmt.Sprintf("RTP/AVP/TCP;unicast;interleaved=%d-%d", 2*n, 2*n+1)
	if udp {
		if p.udp == nil {
			p.udp = newDatagrams(s, c.nc)
		}
		port, err := p.udp.open(media)
		if err != nil {
			return err
		}
		want = fmt.Sprintf("RTP/AVP;unicast;client_port=%d-%d", port, port+1)
	}
	m, err := c.request(ctx, "SETUP", resolve(s.base, s.Medias[media].Control), Header{{"Transport", want}})
	if err != nil {
		return err
	}
	if m.Code != 200 {
		return &StatusError{Method: "SETUP", Code: m.Code, Reason: m.Reason}
	}
	id, params, _ := strings.Cut(m.Header.Get("Session"), ";")
	if id = strings.TrimSpace(id); id != "" {
		c.session, p.id = id, id
	}
	p.timeout = 60 * time.Second
	if v, ok := parameter(params, "timeout"); ok {
		if sec, err := strconv.Atoi(v); err == nil && sec > 0 && sec < 86400 {
			p.timeout = time.Duration(sec) * time.Second
		}
	}
	answer := m.Header.Get("Transport")
	var seed [4]byte
	binary.BigEndian.PutUint32(seed[:], rand.Uint32())
	p.rx[media] = reception{used: true, rate: s.Medias[media].ClockRate, ssrc: binary.BigEndian.Uint32(seed[:])}
	if udp {
		p.transport = "udp"
		if strings.Contains(answer, "interleaved") {
			return ErrNoTransport
		}
		p.udp.peer(media, answer)
		return nil
	}
	p.transport = "tcp"
	if _, udp := parameter(answer, "server_port"); udp && !strings.Contains(answer, "interleaved") {
		return ErrNoTransport // it answered 200 and gives something else
	}
	first, second := 2*n, 2*n+1
	if v, ok := parameter(answer, "interleaved"); ok { // the camera's word counts
		a, b, both := strings.Cut(v, "-")
		if ch, err := strconv.ParseUint(strings.TrimSpace(a), 10, 8); err == nil {
			first, second = int(ch), int(ch)+1
			if ch2, err := strconv.ParseUint(strings.TrimSpace(b), 10, 8); both && err == nil {
				second = int(ch2)
			}
		}
	}
	p.chans[uint8(second)] = uint8(2 + 2*media)
	p.chans[uint8(first)] = uint8(1 + 2*media)
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }
