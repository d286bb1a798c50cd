package rtsp

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"linli.dev/linli/protocol/rtp"
)

// Out is one playing reader. Any goroutine may use it; frames come out in the order in which WriteFrame was called.
type Out struct {
	srv    *Server
	th     *thread
	remote net.Addr
	path   string
	id     string
	medias []int
	setups []transport

	mu      sync.Mutex // guards what follows
	fd      socket     // -1 before begin, and behind TLS
	tls     *pump
	started bool // the answer to PLAY is sent
	paused  bool
	dead    bool   // nothing goes out any more
	cut     bool   // nor what the system still holds to be sent
	pending []byte // what the socket had no room for; begins with the rest of what was cut
	off     int    // of pending, gone already
	armed   bool   // the loop continues pending
	wait    []bool // by media: until the next key frame

	frames, dropped, sent atomic.Uint64

	carry []byte // of requests; the thread's
	err   error
}

func newOut(srv *Server, r *Request, setups []transport, id string) *Out {
	o := &Out{srv: srv, remote: r.Remote, path: r.Path, id: id, setups: setups, fd: -1, wait: make([]bool, len(setups))}
	for i, t := range setups {
		if t.used {
			o.medias = append(o.medias, i)
		}
	}
	return o
}

// Medias lists the medias that the reader has set up, as indices of the description, in order.
func (o *Out) Medias() []int { return o.medias }

// Remote is the reader's address.
func (o *Out) Remote() net.Addr { return o.remote }

// Path is what it plays.
func (o *Out) Path() string { return o.path }

// Dropped counts the frames that this reader lost, Frames those that went out, Sent the bytes.
func (o *Out) Dropped() uint64 { return o.dropped.Load() }

// Frames counts the frames that went out or wait.
func (o *Out) Frames() uint64 { return o.frames.Load() }

// Sent counts bytes.
func (o *Out) Sent() uint64 { return o.sent.Load() }

// Close ends the connection; ServerHandler.Closed follows.
func (o *Out) Close() error {
	o.mu.Lock()
	o.dead = true
	th := o.th
	o.mu.Unlock()
	if th != nil {
		th.post(func() { o.end(th, ErrClosed) })
	}
	return nil
}

// Cut is Close for a reader who must get no more: what the system still holds for him, megabytes where he is slow, is thrown away with the
// connection.
func (o *Out) Cut() error {
	o.mu.Lock()
	o.cut = true
	o.mu.Unlock()
	return o.Close()
}

// WriteFrame sends one already framed run of interleaved packets of a media ('$', channel 2×media, length, packet, …) with one
// system call. What does not fit the socket waits (bounded); a frame that finds no room is dropped whole, and all of that media after it until
// the next key frame. It returns false when the frame was dropped. buf may be reused when it returns.
func (o *Out) WriteFrame(media int, buf []byte, key bool) bool {
	return o.write(media, buf, key, o.srv.queue())
}

// SkipToKey leaves out a media until its next key frame.
func (o *Out) SkipToKey(media int) {
	o.mu.Lock()
	if media < len(o.wait) {
		o.wait[media] = true
	}
	o.mu.Unlock()
}

// write is WriteFrame with a bound of its own on what may wait.
func (o *Out) write(media int, buf []byte, key bool, room int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if media >= len(o.setups) || !o.setups[media].used || o.paused {
		return true // not asked for
	}
	if o.dead {
		return false
	}
	if o.wait[media] {
		if !key {
			o.dropped.Add(1)
			return false
		}
		o.wait[media] = false
	}
	if t := &o.setups[media]; t.udp {
		if !o.started {
			return false
		}
		n := o.srv.udp.sendRun(&t.to, buf)
		o.sent.Add(uint64(n))
		o.frames.Add(1)
		return true
	}
	if o.started && len(o.pending) > o.off && len(o.pending)-o.off+len(buf) > room {
		o.flush() // the loop has not got round to it; there may be room by now
		if o.dead {
			return false
		}
	}
	if waits := len(o.pending) - o.off; waits > 0 || !o.started {
		if waits > 0 && waits+len(buf) > room {
			o.dropped.Add(1)
			o.wait[media] = true
			return false
		}
		o.hold(buf)
		o.frames.Add(1)
		return true
	}
	o.frames.Add(1)
	if o.tls != nil {
		if n, _ := o.tls.send(buf); n == 0 {
			o.dropped.Add(1)
			o.wait[media] = true
			return false
		}
		o.sent.Add(uint64(len(buf)))
		return true
	}
	n, err := o.fd.send(buf)
	if err != nil {
		o.broken(err)
		return false
	}
	o.sent.Add(uint64(n))
	if n < len(buf) {
		o.hold(buf[n:])
		o.arm()
	}
	return true
}

func (o *Out) hold(b []byte) {
	if o.off > 0 && o.off >= len(o.pending)/2 {
		o.pending = o.pending[:copy(o.pending, o.pending[o.off:])]
		o.off = 0
	}
	o.pending = append(o.pending, b...)
}

// arm asks the loop to go on as soon as the socket has room.
func (o *Out) arm() {
	if !o.armed && o.fd >= 0 && o.th != nil {
		o.armed = true
		ev := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP, Fd: int32(o.fd)}
		unix.EpollCtl(o.th.ep, unix.EPOLL_CTL_MOD, int(o.fd), &ev)
	}
}

// flush sends what waits, as far as it goes.
func (o *Out) flush() {
	for o.off < len(o.pending) && !o.dead {
		if o.tls != nil {
			part := o.pending[o.off:min(len(o.pending), o.off+64<<10)]
			n, _ := o.tls.send(part)
			if n == 0 {
				return // the next second tries again
			}
			o.off += n
			o.sent.Add(uint64(n))
			continue
		}
		n, err := o.fd.send(o.pending[o.off:])
		if err != nil {
			o.broken(err)
			return
		}
		if n == 0 {
			o.arm()
			return
		}
		o.off += n
		o.sent.Add(uint64(n))
	}
	if cap(o.pending) > 64<<10 {
		o.pending = nil
	}
	o.pending, o.off = o.pending[:0], 0
	if o.armed {
		o.armed = false
		ev := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP, Fd: int32(o.fd)}
		unix.EpollCtl(o.th.ep, unix.EPOLL_CTL_MOD, int(o.fd), &ev)
	}
}

func (o *Out) broken(err error) {
	o.dead = true
	if o.err == nil {
		o.err = err
	}
	th := o.th
	th.post(func() { o.end(th, err) })
}

// begin takes the connection over from the peer and sends the answer to PLAY, then what the handler wrote meanwhile.
func (o *Out) begin(p *peer, answer []byte) error {
	fail := func(err error) error {
		o.mu.Lock()
		o.dead = true
		o.mu.Unlock()
		p.nc.Close()
		o.srv.Handler.Closed(o, err)
		return err
	}
	var fd socket = -1
	var pu *pump
	p.nc.SetDeadline(time.Time{})
	if nc, ok := p.nc.(*tls.Conn); ok {
		pu = newPump(nc)
	} else {
		var err error
		if fd, err = takeSocket(p.nc); err != nil {
			return fail(err)
		}
	}
	th := o.srv.Loop.pick()
	first := p.buf
	o.mu.Lock()
	o.fd, o.tls, o.th = fd, pu, th
	o.pending = append(answer, o.pending...)
	o.mu.Unlock()
	o.srv.mu.Lock()
	o.srv.outs[o] = struct{}{}
	o.srv.mu.Unlock()
	posted := th.post(func() {
		th.join(o)
		if fd >= 0 {
			if err := th.watch(int(fd), o, unix.EPOLLIN|unix.EPOLLRDHUP); err != nil {
				o.end(th, err)
				return
			}
		}
		o.mu.Lock()
		dead := o.dead
		o.started = true
		o.flush()
		o.mu.Unlock()
		if dead {
			o.end(th, ErrClosed)
			return
		}
		o.carry = append([]byte(nil), o.take(th, first)...)
		if pu != nil {
			go pu.read(o.fed(th))
		}
	})
	if !posted {
		if fd >= 0 {
			fd.close()
		} else {
			pu.close()
		}
		return fail(ErrClosed)
	}
	return nil
}

// fed brings what a TLS pump has read to the thread.
func (o *Out) fed(t *thread) func(b []byte, err error) bool {
	used := make(chan bool)
	return func(b []byte, err error) bool {
		ok := t.post(func() {
			_, alive := t.members[o]
			if alive && len(b) > 0 {
				o.carry = append([]byte(nil), o.take(t, append(o.carry, b...))...)
			}
			if _, alive = t.members[o]; alive && err != nil {
				o.end(t, brokenOff(err))
				alive = false
			}
			used <- alive
		})
		return ok && <-used
	}
}

// What follows runs on the thread.

func (o *Out) ready(t *thread, fd int, events uint32) {
	if events&unix.EPOLLOUT != 0 {
		o.mu.Lock()
		o.flush()
		o.mu.Unlock()
	}
	if events&(unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) == 0 {
		return
	}
	n, err := o.fd.recv(t.scratch[scratchHead:])
	if err == errAgain {
		return
	}
	if err != nil {
		o.end(t, err)
		return
	}
	at := scratchHead - len(o.carry)
	copy(t.scratch[at:], o.carry)
	rest := o.take(t, t.scratch[at:scratchHead+n])
	o.carry = append(o.carry[:0], rest...)
}

// take uses up a playing reader's requests and reports; it returns what is not complete.
func (o *Out) take(t *thread, b []byte) []byte {
	for len(b) >= 4 {
		if b[0] == '$' {
			n := 4 + int(b[2])<<8 + int(b[3])
			if len(b) < n {
				break
			}
			if b[1]&1 == 1 {
				o.hear(int(b[1]>>1), b[4:n])
			}
			b = b[n:]
			continue
		}
		m, n, err := parseMessage(b)
		if err != nil || n == 0 && len(b) > maxHead {
			o.end(t, ErrProtocol)
			return nil
		}
		if n == 0 {
			break
		}
		if m.Method != "" && !o.answer(t, m) {
			return nil
		}
		b = b[n:]
	}
	return b
}

// hear takes a reader's report.
func (o *Out) hear(media int, pkt []byte) {
	k, ok := o.srv.Handler.(KeyAsker)
	if !ok || media >= len(o.setups) || !o.setups[media].used {
		return
	}
	if r, ok := rtp.ParseReports(pkt); ok && r.WantsKey {
		k.KeyAsked(o, media)
	}
}

// answer serves what a reader may ask while it plays.
func (o *Out) answer(t *thread, m *message) bool {
	a := message{Code: 200, Header: Header{{"CSeq", m.Header.Get("CSeq")}, {"Server", o.srv.name()}, {"Session", o.id}}}
	switch m.Method {
	case "OPTIONS":
		a.Header = append(a.Header, Field{"Public", serverMethods})
	case "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN":
	case "PAUSE", "PLAY":
		o.mu.Lock()
		if o.paused = m.Method == "PAUSE"; !o.paused {
			for i := range o.wait {
				o.wait[i] = true
			}
		}
		o.mu.Unlock()
	default:
		a.Code = 455
	}
	a.Reason = reason(a.Code)
	o.mu.Lock()
	o.hold(a.append(nil))
	o.flush()
	o.mu.Unlock()
	if m.Method == "TEARDOWN" {
		o.end(t, nil)
		return false
	}
	return true
}

func (o *Out) second(t *thread, now int64) {
	o.mu.Lock()
	if o.tls != nil || !o.armed {
		o.flush()
	}
	o.mu.Unlock()
}

func (o *Out) drop(t *thread) { o.end(t, ErrClosed) }

// goodbyeSize is what a reader may have on its way when its connection is closed, so that it hears the answer to its TEARDOWN. More belongs to a
// slow one: left to the system it would go on for seconds, whatever becomes of the right to see it.
const goodbyeSize = 64 << 10

func (o *Out) end(t *thread, err error) {
	if _, in := t.members[o]; !in {
		return
	}
	t.leave(o)
	o.mu.Lock()
	o.dead = true
	if o.err != nil && !errors.Is(err, ErrClosed) {
		err = o.err
	}
	if o.fd >= 0 {
		t.unwatch(int(o.fd))
		if o.cut || o.fd.unsent() > goodbyeSize {
			o.fd.discard()
		}
		o.fd.close()
	} else if o.tls != nil && o.cut {
		o.tls.discard()
	} else if o.tls != nil {
		o.tls.close()
	}
	o.fd, o.pending = -1, nil
	o.mu.Unlock()
	o.srv.mu.Lock()
	delete(o.srv.outs, o)
	o.srv.mu.Unlock()
	o.srv.Handler.Closed(o, err)
}
