package stream

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"linli.dev/linli/protocol/cmaf"
)

// Stream is one source with its readers. It outlives connections: readers stay while the camera reboots.
//
// Who may touch what: the connection's thread (one at a time, an intake) writes and readers read, all under mu. The
// runner goroutine owns src, sess and the connection's life.
type Stream struct {
	id   ID
	hub  *Hub
	log  *slog.Logger
	pool *blocks

	dirty atomic.Bool // waits for Observe

	mu       sync.Mutex
	in       *intake // the connection that may write; nil = none
	sess     Session
	lazy     time.Duration // as told to sess
	asked    time.Time     // when the camera was asked for a key frame
	shy      int           // how often it hung up when it was asked: 1 = no more over the connection, 2 = no more at all
	sink     Sink
	status   Status        // without what is computed in Status()
	pictured time.Time     // when the latest batch with a picture came; status.LastPicture is for people
	said     time.Duration // of the camera's clock, by the latest sender report
	ended    chan struct{}
	over     bool

	run    uint64
	tracks []cmaf.Track
	ring   ring
	build  builder
	meter  meter

	frames       map[*FrameReader]struct{}
	chunkReaders int
	chunks       map[*ChunkReader]struct{}
	hung         []*Chunk // for chunk readers, from a fragment that begins with a key frame
	hungAt       int64    // position of hung[0]

	src     Source // runner's; under mu
	changed chan struct{}
}

func newStream(h *Hub, src Source, sink Sink) *Stream {
	s := &Stream{
		id: src.ID, hub: h, src: src, sink: sink, pool: h.pool,
		log:     h.log.With("camera", src.ID.Camera, "stream", string(src.ID.Which)),
		ended:   make(chan struct{}),
		changed: make(chan struct{}, 1),
		frames:  map[*FrameReader]struct{}{}, chunks: map[*ChunkReader]struct{}{},
		status: Status{ID: src.ID, State: Connecting, Reason: ReasonConnecting, Since: time.Now()},
	}
	s.ring = newRing(h.pool)
	s.build = newBuilder(s)
	return s
}

func (s *Stream) ID() ID { return s.id }

// Status is what is known now.
func (s *Stream) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.status
	st.Tracks = s.tracks
	st.Readers = len(s.frames) + s.chunkReaders
	return st
}

// Tracks are those of the running run; nil before the first picture.
func (s *Stream) Tracks() []cmaf.Track {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tracks
}

// Init is ftyp + moov for the chunks of the running run, without an edit list: media time is what the chunks say.
// nil before the first picture.
func (s *Stream) Init() (init []byte, run uint64) {
	s.mu.Lock()
	tracks, run := s.tracks, s.run
	s.mu.Unlock()
	if tracks == nil {
		return nil, 0
	}
	return cmaf.AppendInit(nil, tracks, nil), run
}

// RequestKey asks the camera for a key frame; whether it can make one now is not known.
func (s *Stream) RequestKey() {
	s.mu.Lock()
	s.askKey()
	s.mu.Unlock()
}

const (
	askEvery = time.Second     // at most
	tooShy   = 3 * time.Second // a camera that hangs up so soon after it was asked takes it ill
)

// askKey asks for a key frame: when a viewer finds none to begin with, while a connection waits for its first one, and after damage. Under mu.
func (s *Stream) askKey() {
	now := time.Now()
	if s.sess == nil || s.shy > 1 || now.Sub(s.asked) < askEvery {
		return
	}
	// Both ways at once: many cameras heed only the other one, and nobody can tell in time.
	other := s.hub.o.AskKey != nil && s.hub.o.AskKey(s.id)
	if s.shy == 0 {
		s.sess.RequestKey()
	}
	if s.shy == 0 || other {
		s.asked = now
	}
}

// startled notes whether a camera hung up because it was asked. Under mu.
func (s *Stream) startled(c cause) {
	if c.reason == ReasonClosed && s.shy < 2 && time.Since(s.asked) < tooShy {
		s.shy++
		if s.hub.o.AskKey == nil {
			s.shy = 2
		}
		s.log.Info("it hung up when it was asked for a key frame: it is not asked that way again", "ways_left", 2-s.shy)
	}
}

// set changes the state.
func (s *Stream) set(state State, reason, detail string) {
	s.mu.Lock()
	s.setLocked(state, reason, detail)
	s.mu.Unlock()
}

func (s *Stream) setLocked(state State, reason, detail string) {
	st := &s.status
	if st.State == state && st.Reason == reason && st.Detail == detail {
		return
	}
	if st.State != state || st.Reason != reason {
		s.log.Info("state", "from", string(st.State), "to", string(state), "reason", reason, "detail", detail)
		st.Since = time.Now()
	}
	st.State, st.Reason, st.Detail = state, reason, detail
	s.hub.tell(s)
}

// watched says whether somebody looks, so that everything has to be passed on at once.
func (s *Stream) watched() bool { return len(s.frames)+s.chunkReaders > 0 }

// pace tells the session how eagerly to read.
func (s *Stream) pace() {
	s.mu.Lock()
	sess, want := s.sess, s.interval()
	if sess == nil || want == s.lazy {
		s.mu.Unlock()
		return
	}
	s.lazy = want
	s.mu.Unlock()
	sess.SetLazy(want)
}

// interval between reads: at once for readers and until the clock has settled; else as rarely as a modest socket buffer
// allows.
func (s *Stream) interval() time.Duration {
	if s.watched() || s.in == nil || !s.in.settled {
		return 0
	}
	switch rate := s.status.BitRate; {
	case rate > 32_000_000:
		return 100 * time.Millisecond
	case rate > 8_000_000:
		return 200 * time.Millisecond
	default:
		return s.hub.o.Lazy
	}
}

// wake tells waiting readers that there is something new. Under mu.
func (s *Stream) wake() {
	for r := range s.frames {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

// hang puts a chunk before the chunk readers. Under mu.
func (s *Stream) hang(c *Chunk) {
	if s.chunkReaders == 0 {
		return
	}
	s.hung = append(s.hung, c)
	s.trimHung()
	for r := range s.chunks {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

const (
	hungFragments = 4
	hungBytes     = 16 << 20
)

// trimHung keeps a few fragments, and always from the latest one that begins with a key frame.
func (s *Stream) trimHung() {
	if len(s.hung) < 2 {
		return
	}
	newest := s.hung[len(s.hung)-1].Fragment
	bytes := 0
	for _, c := range s.hung {
		bytes += c.Size()
	}
	key := -1
	for i, c := range s.hung {
		if c.Key && c.Part == 0 && (c.Fragment+hungFragments <= newest || bytes > hungBytes) {
			key = i
		}
	}
	if key < 0 && bytes > hungBytes {
		key = len(s.hung) / 2
	}
	if key > 0 {
		n := copy(s.hung, s.hung[key:])
		clear(s.hung[n:])
		s.hung = s.hung[:n]
		s.hungAt += int64(key)
	}
}

// end tells the readers that nothing more comes.
func (s *Stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over {
		s.over = true
		close(s.ended)
	}
	s.ring.cut(s.ring.end())
	s.hungAt += int64(len(s.hung))
	s.hung = nil
	s.setLocked(Disabled, ReasonDisabled, "")
}
