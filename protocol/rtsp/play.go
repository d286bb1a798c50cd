package rtsp

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"

	"linli.dev/linli/protocol/rtp"
)

// What follows runs on the session's thread.

// handOver gives the connection to a thread of the loop.
func (s *Session) handOver(c *conn, loop *Loop) error {
	p := &s.state
	p.auth, p.cseq = c.auth, c.cseq
	c.nc.SetDeadline(time.Time{})
	first := append(c.early, c.buf...)
	switch nc := c.nc.(type) {
	case *tls.Conn:
		p.link = newPump(nc)
	default:
		fd, err := takeSocket(nc)
		if err != nil {
			return err
		}
		p.link = fd
	}
	th := loop.pick()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		th.load.Add(-1)
		p.link.close()
		return ErrClosed
	}
	s.th = th
	posted := th.post(func() { s.arrive(th, first) })
	s.mu.Unlock()
	if !posted {
		p.link.close()
		return ErrClosed
	}
	return nil
}

func (s *Session) arrive(t *thread, first []byte) {
	p := &s.state
	t.join(s)
	now := time.Now().UnixNano()
	p.heard = now
	p.alive = now + int64(s.aliveEvery())
	if len(first) > 0 {
		p.carry = append(p.carry, s.take(t, first, now)...)
		if !p.ended {
			p.h.Batch()
		}
	}
	if p.ended {
		return
	}
	if pu, ok := p.link.(*pump); ok {
		go pu.read(s.fed(t))
	}
	s.pace(t)
}

// fed brings what a pump has read to the thread, and waits until it is used up.
func (s *Session) fed(t *thread) func(b []byte, err error) bool {
	used := make(chan bool)
	return func(b []byte, err error) bool {
		ok := t.post(func() {
			p := &s.state
			if !p.ended && len(b) > 0 {
				p.carry = append(p.carry, b...)
				rest := s.take(t, p.carry, time.Now().UnixNano())
				p.carry = append(p.carry[:0], rest...)
				if !p.ended {
					p.h.Batch()
				}
			}
			if !p.ended && err != nil {
				s.end(t, brokenOff(err))
			}
			used <- !p.ended
		})
		return ok && <-used
	}
}

// pace applies what SetLazy wants.
func (s *Session) pace(t *thread) {
	p := &s.state
	if p.ended {
		return
	}
	want := time.Duration(s.lazy.Load())
	if want == 0 {
		t.wheel.remove(s)
	}
	switch l := p.link.(type) {
	case *pump:
		l.pace(want, s.o.ReceiveBuffer)
	case socket:
		if p.udp == nil {
			l.pace(want, s.o.ReceiveBuffer)
		}
		if !s.listen(t, int(l)) { // of a lazy one, epoll tells when its buffer fills
			return
		}
	}
	if want == 0 {
		p.udp.each(func(fd int) { s.listen(t, fd) })
		return
	}
	p.interval = want
	if p.udp != nil {
		p.udp.each(t.unwatch)
		p.interval = min(want, 50*time.Millisecond) // it grows with what is seen
	}
	s.gulp(t)
}

// listen has the thread read a socket as soon as it is ready; false: the session has ended.
func (s *Session) listen(t *thread, fd int) bool {
	if err := t.watch(fd, s, unix.EPOLLIN); err != nil {
		s.end(t, err)
		return false
	}
	return true
}

// gulp is a lazy session's turn: everything that waits, and back onto the wheel.
func (s *Session) gulp(t *thread) {
	p := &s.state
	p.turn = 0
	if fd, ok := p.link.(socket); ok {
		s.drain(t, fd)
	}
	if p.udp != nil && !p.ended {
		p.udp.drainAll(t)
	}
	if p.ended {
		return
	}
	if p.udp != nil { // nothing tells that its buffer fills: the interval follows what it holds
		want := time.Duration(s.lazy.Load())
		switch {
		case p.turn > p.udp.room/3:
			p.interval = max(p.interval/2, 20*time.Millisecond)
		case p.interval < want && p.turn < p.udp.room/6:
			p.interval = min(want, p.interval*2)
		}
	}
	t.wheel.add(s, time.Now().UnixNano())
}

func (s *Session) ready(t *thread, fd int, events uint32) {
	p := &s.state
	if sock, ok := p.link.(socket); ok && int(sock) == fd {
		s.drain(t, sock)
		return
	}
	if p.udp != nil && !p.ended {
		p.udp.drain(t, fd)
	}
}

// drain reads the socket until it is empty, or until the others want their turn.
func (s *Session) drain(t *thread, fd socket) {
	p := &s.state
	reads := maxReads
	if p.wheeled {
		reads = 4 * maxReads
	}
	got := false
	for range reads {
		at := scratchHead - len(p.carry)
		n, err := fd.recv(t.scratch[scratchHead:])
		if err == errAgain {
			break
		}
		if err != nil {
			if p.closing != 0 {
				s.gone(t)
			} else {
				s.end(t, brokenOff(err))
			}
			return
		}
		p.turn += n
		if p.closing != 0 { // only the end is waited for
			continue
		}
		got = true
		copy(t.scratch[at:], p.carry)
		rest := s.take(t, t.scratch[at:scratchHead+n], time.Now().UnixNano())
		if p.ended {
			return
		}
		p.carry = append(p.carry[:0], rest...)
		if n < scratchSize {
			break
		}
	}
	if got && p.udp == nil {
		p.h.Batch()
	}
}

func brokenOff(err error) error {
	if err == io.EOF {
		return fmt.Errorf("%w: the camera hung up", ErrUnreachable)
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// take uses up b but for a packet or message that is not complete, which it returns.
func (s *Session) take(t *thread, b []byte, now int64) []byte {
	p := &s.state
	p.heard = now
	for len(b) >= 4 && !p.ended {
		if b[0] != '$' {
			rest, more := s.text(t, b)
			if !more {
				return rest
			}
			b = rest
			continue
		}
		n := 4 + int(b[2])<<8 + int(b[3])
		ch := p.chans[b[1]]
		if ch == 0 && !plausible(b) {
			b = s.resync(t, b)
			continue
		}
		if len(b) < n {
			break
		}
		if ch != 0 {
			pkt := b[4:n:n]
			p.garbage = 0
			if ch--; ch&1 == 0 {
				s.packet(int(ch>>1), now, pkt)
			} else {
				s.report(int(ch>>1), now, pkt)
			}
		}
		b = b[n:]
	}
	return b
}

// plausible looks at a packet of a channel that nobody has set up: some cameras send such, garbage looks like it too.
func plausible(b []byte) bool {
	return len(b) < 5 || b[1] < 64 && b[4]>>6 == 2
}

func (s *Session) packet(media int, now int64, pkt []byte) {
	if len(pkt) < rtp.HeaderSize || pkt[0]>>6 != 2 {
		return
	}
	rx := &s.state.rx[media]
	rx.Take(rtp.Header{
		Sequence:  uint16(pkt[2])<<8 | uint16(pkt[3]),
		Timestamp: uint32(pkt[4])<<24 | uint32(pkt[5])<<16 | uint32(pkt[6])<<8 | uint32(pkt[7]),
		SSRC:      uint32(pkt[8])<<24 | uint32(pkt[9])<<16 | uint32(pkt[10])<<8 | uint32(pkt[11]),
	}, now, rx.rate)
	s.state.h.Packet(media, now, pkt)
}

func (s *Session) report(media int, now int64, pkt []byte) {
	r, ok := rtp.ParseReports(pkt)
	if ok && r.IsSender {
		s.state.rx[media].Sender(r.Sender.NTP, now)
		s.state.h.SenderReport(media, r.Sender.NTP, r.Sender.RTP, now)
	}
}

// text handles what stands between the packets: answers, a camera's own requests, garbage. more: go on with rest.
func (s *Session) text(t *thread, b []byte) (rest []byte, more bool) {
	if b[0] == '\r' || b[0] == '\n' {
		return b[1:], true
	}
	head := b[:min(len(b), 24)]
	if !mayBeMessage(head) {
		return s.resync(t, b), true
	}
	m, n, err := parseMessage(b)
	if err != nil || n == 0 && len(b) >= maxHead {
		return s.resync(t, b), true
	}
	if n == 0 {
		return b, false
	}
	s.state.garbage = 0
	s.message(t, m)
	return b[n:], true
}

// resync passes over garbage up to the next thing that may be a packet or an answer.
func (s *Session) resync(t *thread, b []byte) []byte {
	p := &s.state
	i := 1
	for ; i < len(b); i++ {
		if b[i] == '$' {
			if len(b)-i < 5 || p.chans[b[i+1]] != 0 && b[i+4]>>6 == 2 && int(b[i+2])<<8+int(b[i+3]) >= 8 {
				break
			}
		} else if b[i] == 'R' && bytes.HasPrefix(b[i:], []byte("RTSP/1.0 ")[:min(9, len(b)-i)]) {
			break
		}
	}
	p.garbage += i
	if p.garbage > 4<<20 {
		s.end(t, fmt.Errorf("%w: it sends rubbish", ErrProtocol))
		return nil
	}
	return b[i:]
}

func (s *Session) message(t *thread, m *message) {
	p := &s.state
	switch {
	case m.Method == "REDIRECT" || m.Method == "TEARDOWN":
		s.send(t, answerTo(m))
		s.end(t, fmt.Errorf("%w: the camera asks to connect anew", ErrUnreachable))
	case m.Method != "":
		s.send(t, answerTo(m))
	case m.Code == 401:
		ch, ok := parseChallenges(m.Header)
		if ok && (!p.auth.have || ch.nonce != p.auth.c.nonce) && p.auth.count != 1 {
			p.auth.take(ch) // the nonce ran out; once more with the new one
			s.send(t, s.request(s.aliveMethod()))
		} else if ok {
			p.auth.take(ch)
		}
	case m.Code == 454:
		s.end(t, &StatusError{Method: s.aliveMethod(), Code: m.Code, Reason: m.Reason})
	case m.Code >= 400 && s.aliveMethod() == "GET_PARAMETER":
		s.offers = offer{known: true} // OPTIONS it is, then
	}
}

// send writes to the camera; what does not go waits for the next second.
func (s *Session) send(t *thread, b []byte) {
	p := &s.state
	if len(p.out) > 0 {
		p.out = append(p.out, b...)
		b = p.out
	}
	n, err := p.link.send(b)
	if err != nil {
		s.end(t, brokenOff(err))
		return
	}
	p.out = append(p.out[:0], b[n:]...)
	if len(p.out) > 64<<10 {
		s.end(t, fmt.Errorf("%w: the camera does not read", ErrTimeout))
	}
}

func (s *Session) second(t *thread, now int64) {
	p := &s.state
	switch {
	case p.closing != 0:
		if now > p.closing {
			s.gone(t)
		}
		return
	case p.ended:
		return
	case now-p.heard > int64(s.o.Timeout)+int64(p.interval):
		s.end(t, ErrTimeout)
		return
	}
	if len(p.out) > 0 {
		s.send(t, nil)
	}
	if p.udp != nil && !p.ended {
		p.udp.second(now)
	}
	if now >= p.alive && !p.ended {
		p.alive = now + int64(s.aliveEvery())
		s.send(t, append(s.reports(now), s.request(s.aliveMethod())...))
	}
}

// reports are our receiver reports, interleaved; some cameras take only those for a sign of life.
func (s *Session) reports(now int64) []byte {
	p := &s.state
	if p.transport != "tcp" {
		return nil
	}
	var b []byte
	for ch, what := range p.chans {
		if what == 0 || what&1 == 1 {
			continue
		}
		rx := &p.rx[(what-1)>>1]
		if r, ok := rx.Report(rx.ssrc, now); ok {
			at := len(b)
			b = append(b, '$', byte(ch), 0, 0)
			b = r.Append(b, "linli")
			n := len(b) - at - 4
			b[at+2], b[at+3] = byte(n>>8), byte(n)
		}
	}
	return b
}

// askKey sends the wish for a key frame on the RTCP channel of each picture.
func (s *Session) askKey(t *thread) {
	p := &s.state
	now := nowNanos()
	if p.ended || now-p.asked < 1e9 {
		return
	}
	for i := range s.Medias {
		if i >= len(p.rx) || !p.rx[i].used || s.Medias[i].Kind != "video" {
			continue
		}
		if r, ok := p.link.(*relay); ok {
			p.asked = now
			r.askKey(i)
			continue
		}
		rx := &p.rx[i]
		about, ok := rx.Report(rx.ssrc, now)
		if !ok {
			continue // nothing has come yet: there is nobody to ask
		}
		p.asked = now
		p.wishes++
		pkt := about.Append(nil, "linli") // a compound packet begins with a report
		if s.Medias[i].KeyRequest == "fir" {
			pkt = rtp.AppendFIR(pkt, rx.ssrc, about.About, p.wishes)
		} else {
			pkt = rtp.AppendPLI(pkt, rx.ssrc, about.About)
		}
		if p.udp != nil {
			p.udp.report(i, pkt)
			continue
		}
		for ch, what := range p.chans {
			if what == uint8(2+2*i) {
				s.send(t, append([]byte{'$', byte(ch), byte(len(pkt) >> 8), byte(len(pkt))}, pkt...))
				break
			}
		}
		if p.ended {
			return
		}
	}
}

// end closes a session that broke.
func (s *Session) end(t *thread, err error) {
	p := &s.state
	if p.ended {
		return
	}
	p.ended = true
	s.gone(t)
	p.h.Closed(err)
}

// hangUp says TEARDOWN and waits a second for the camera to hear it: closing with unread bytes would send a reset that overtakes it.
func (s *Session) hangUp(t *thread) {
	p := &s.state
	if p.ended {
		return
	}
	n := s.request("TEARDOWN")
	p.link.send(append(p.out, n...))
	p.ended = true
	t.wheel.remove(s)
	fd, ok := p.link.(socket)
	if ok {
		p.udp.each(t.unwatch)
		p.udp.close()
		p.udp = nil
		p.closing = time.Now().UnixNano() + 1e9
		unix.Shutdown(int(fd), unix.SHUT_WR)
		fd.hold(1)
		if t.watch(int(fd), s, unix.EPOLLIN) != nil {
			s.gone(t)
		}
	} else {
		s.gone(t)
	}
	p.h.Closed(ErrClosed)
}

// gone gives everything back.
func (s *Session) gone(t *thread) {
	p := &s.state
	t.wheel.remove(s)
	if fd, ok := p.link.(socket); ok {
		t.unwatch(int(fd))
	}
	p.udp.each(t.unwatch)
	p.udp.close()
	p.link.close()
	t.leave(s)
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
}

// drop is the end of the loop: the camera is told, nobody waits for it.
func (s *Session) drop(t *thread) {
	p := &s.state
	if !p.ended {
		p.link.send(s.request("TEARDOWN"))
		s.end(t, ErrClosed)
	} else {
		s.gone(t)
	}
}
