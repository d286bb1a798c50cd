package rtsp

import (
	"golang.org/x/sys/unix"
)

// How a session ends, on its thread.

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
		p.closing = t.now() + 1e9
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
