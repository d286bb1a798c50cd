package rtsp

import (
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
	now := t.loop.moment()
	p.heard = now.since
	p.alive = now.since + int64(s.aliveEvery())
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
				rest := s.take(t, p.carry, t.loop.moment())
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
	t.wheel.add(s, t.now())
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
		rest := s.take(t, t.scratch[at:scratchHead+n], t.loop.moment())
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
	now := t.now()
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
