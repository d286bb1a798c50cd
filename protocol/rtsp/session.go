package rtsp

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"linli.dev/linli/protocol/rtp"
)

// Session is a connection to a camera: described by Dial, playing after Play.
type Session struct {
	Medias []Media
	// Server is the camera's own name for its software, for the operator.
	Server string
	// Title is the session name of its description.
	Title string

	o         Options
	addr      address
	offers    offer
	base, url string // what controls hang on; what PLAY, keep-alive and TEARDOWN name

	mu     sync.Mutex // guards the step from described to playing to closed
	c      *conn      // until Play
	relay  *relay     // instead of c, where we did not understand the camera
	th     *thread    // from Play on
	closed bool

	lazy  atomic.Int64 // wanted interval, nanoseconds
	state playing      // owned by th from Play on
}

// playing is what the thread knows of a session.
type playing struct {
	h         Handler
	id        string
	transport string
	auth      authorization
	cseq      int
	timeout   time.Duration // of the camera's session

	link  link        // where bytes come from and go to
	carry []byte      // a packet of which the rest has not come yet
	out   []byte      // ours that the socket had no room for
	chans [256]uint8  // what an interleaved channel is: 1 + 2×media, + 1 for RTCP; 0 is unknown
	rx    []reception // by media
	udp   *datagrams

	heard    int64 // when something came last, as moment.since; so are alive, closing and asked
	alive    int64 // when the next keep-alive is due
	garbage  int   // bytes passed over since the last good packet
	ended    bool
	closing  int64         // after TEARDOWN: until when its answer is waited for
	interval time.Duration // now
	due      int64         // in the wheel: at
	wheeled  bool
	turn     int   // bytes of the last turn
	asked    int64 // when a key frame was asked for last
	wishes   uint8 // how often
}

type reception struct {
	rtp.Reception
	used bool
	rate int
	ssrc uint32 // ours
}

// Transport is "tcp" or "udp", or "relay" where another library had to help; once it plays.
func (s *Session) Transport() string { return s.state.transport }

// ID is the id that the camera gave the session; with it, TearDown frees a session that a crash left behind.
func (s *Session) ID() string { return s.state.id }

// SetLazy: 0 reads as soon as something comes; more reads by a timer, in big gulps, at most that late, and earlier where the receive
// buffer fills. Any goroutine may call it, at any time; what waits is read at once.
func (s *Session) SetLazy(interval time.Duration) {
	interval = max(0, min(interval, maxLazy))
	if s.lazy.Swap(int64(interval)) == int64(interval) {
		return
	}
	s.mu.Lock()
	th := s.th
	s.mu.Unlock()
	if th != nil {
		th.post(func() { s.pace(th) })
	}
}

// RequestKey asks the camera for a key frame of each picture that plays, by RTCP: a picture loss indication (RFC 4585), or a full intra request
// (RFC 5104) where the description offers only that. A camera that knows neither passes over it, as it must (RFC 3550, section 6.1); so nobody is told whether one will
// come. It is for any goroutine, does not wait, and asks at most once a second.
func (s *Session) RequestKey() {
	s.mu.Lock()
	th := s.th
	s.mu.Unlock()
	if th != nil {
		th.post(func() { s.askKey(th) })
	}
}

// Close says TEARDOWN where it can, and ends the session; it does not wait for that. It may be called at any time and more than once.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.th != nil {
		th := s.th
		th.post(func() { s.hangUp(th) })
	} else if s.c != nil {
		s.c.nc.Close()
	} else if s.relay != nil {
		s.relay.close()
	}
	return nil
}

// request makes a request of a playing session.
func (s *Session) request(method string) []byte {
	p := &s.state
	p.cseq++
	m := message{Method: method, URL: s.url, Header: Header{{"CSeq", itoa(p.cseq)}}}
	if a := p.auth.header(method, s.url); a != "" {
		m.Header = append(m.Header, Field{"Authorization", a})
	}
	m.Header = append(m.Header, Field{"User-Agent", s.o.UserAgent}, Field{"Session", p.id})
	return m.append(nil)
}

// aliveMethod is what this camera understands as a sign of life.
func (s *Session) aliveMethod() string {
	if s.offers.getParameter || !s.offers.known {
		return "GET_PARAMETER"
	}
	return "OPTIONS"
}

// aliveEvery is well within the camera's patience, twice over.
func (s *Session) aliveEvery() time.Duration {
	return max(time.Second, min(s.state.timeout*2/5, 30*time.Second))
}

// closedEarly tells whether Close came before Play was through.
func (s *Session) closedEarly(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	return ctx.Err()
}
