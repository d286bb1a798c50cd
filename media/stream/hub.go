package stream

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/protocol/rtsp"
)

// Options of a Hub.
type Options struct {
	Loop *rtsp.Loop // where sockets are read; needed unless Dial is given
	Dial Dial       // nil = DialRTSP(Loop)
	// Control is asked with each address before it is called, as net.Dialer asks; its error means that no camera may be there. nil = all are allowed.
	Control      func(network, address string, c syscall.RawConn) error
	TearDown     func(ctx context.Context, o rtsp.Options, session string) error // ends a session that an earlier process left; nil = rtsp.TearDown
	Sessions     string                                                          // file in which open sessions are remembered for that; "" = they are not
	Lockouts     *lockout.Memory                                                 // of passwords that devices have refused; nil = one of the hub's own
	Log          *slog.Logger
	Metrics      prometheus.Registerer // nil = none
	Observe      func(Status)          // called after each change of state or reason and about each 10 s, from one goroutine
	Sink         func(ID) Sink         // asked when a stream starts; nil result: not recorded
	ClockTrusted func() bool           // nil = always
	AskKey       func(ID) bool         // asks for a key frame another way than over the connection; it must not wait, and tells whether it asks. nil = there is none
	CacheLimit   int                   // bytes of the cached group of pictures per stream; 0 = 4 MiB
	PoolLimit    int                   // bytes of free blocks kept; 0 = 8 MiB and 256 KiB per stream
	MaxBitRate   int64                 // bits per second; more is a flood; 0 = 100 Mbit/s
	Part         time.Duration         // of chunks while chunk readers are there; 0 = 200 ms
	Lazy         time.Duration         // between reads while nobody watches; 0 = 400 ms, negative = read at once always
}

// Hub keeps the wanted sources running.
type Hub struct {
	o    Options
	log  *slog.Logger
	pool *blocks

	sessions *sessions

	epoch atomic.Uint64 // counts steps of the node's clock

	mu      sync.Mutex
	ctx     context.Context // of Run; nil before
	streams map[ID]*running
	sinks   map[ID]Sink
	hosts   map[string]*host
	wanted  []Source
	wg      sync.WaitGroup
	tells   chan *Stream
}

type running struct {
	*Stream
	stop context.CancelFunc
}

// New makes a hub; Run sets it going.
func New(o Options) *Hub {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Dial == nil {
		o.Dial = DialRTSP(o.Loop)
	}
	if o.TearDown == nil {
		o.TearDown = rtsp.TearDown
	}
	if o.Lockouts == nil {
		o.Lockouts, _ = lockout.Open(lockout.Options{}) // without a file there is nothing to fail
	}
	o.CacheLimit = orElse(o.CacheLimit, 4<<20)
	o.MaxBitRate = orElse(o.MaxBitRate, 100_000_000)
	o.Part = orElse(o.Part, DefaultPart)
	o.Lazy = max(orElse(o.Lazy, 400*time.Millisecond), 0)
	h := &Hub{
		o: o, log: o.Log, pool: newBlocks(orElse(o.PoolLimit, 8<<20)), streams: map[ID]*running{}, sinks: map[ID]Sink{},
		hosts: map[string]*host{}, tells: make(chan *Stream, 1024),
		sessions: openSessions(o.Sessions),
	}
	if o.Metrics != nil {
		o.Metrics.MustRegister(collector{h})
	}
	return h
}

func orElse[T int | int64 | time.Duration](v, other T) T {
	if v == 0 {
		return other
	}
	return v
}

// Run keeps the sources going until ctx ends, then closes all connections and ends all readers.
func (h *Hub) Run(ctx context.Context) error {
	inner, stop := context.WithCancel(ctx)
	defer stop()
	h.mu.Lock()
	if h.ctx != nil {
		h.mu.Unlock()
		return errors.New("stream: Run is called twice")
	}
	h.ctx = inner
	h.applyLocked(h.wanted) // in one hold: an Apply that came in between would be taken back by this one
	h.mu.Unlock()

	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var jump stepper
	begun := time.Now()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			h.Apply(nil)
			h.wg.Wait()
			h.flush()
			h.sessions.giveUp()
			h.remember()
			h.pool.close()
			return nil
		case s := <-h.tells:
			n--
			h.observe(s)
		case <-tick.C:
			if now := time.Now(); jump.stepped(now.UnixNano(), now.Sub(begun)) {
				h.log.Warn("the node's clock was set")
				h.epoch.Add(1)
			}
			if n%int(trimEvery/time.Second) == 0 {
				h.pool.trim()
			}
			h.remember()
			for _, s := range h.Streams() {
				s.check(time.Now())
				if n%10 == 0 {
					h.tell(s)
				}
			}
		}
	}
}

// remember writes down which sessions are open.
func (h *Hub) remember() {
	if err := h.sessions.save(); err != nil {
		h.log.Warn("open sessions are not remembered", "err", err)
	}
}

func (h *Hub) tell(s *Stream) {
	if h.o.Observe == nil || s.dirty.Swap(true) {
		return
	}
	select {
	case h.tells <- s:
	default:
		s.dirty.Store(false) // the next tick tells
	}
}

func (h *Hub) observe(s *Stream) {
	s.dirty.Store(false)
	h.o.Observe(s.Status())
}

func (h *Hub) flush() {
	for {
		select {
		case s := <-h.tells:
			h.observe(s)
		default:
			return
		}
	}
}

func (h *Hub) trusted() bool { return h.o.ClockTrusted == nil || h.o.ClockTrusted() }

// Apply takes the whole set of wanted sources: it starts what is new, reconnects what changed, stops what is not wanted.
func (h *Hub) Apply(sources []Source) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx == nil {
		h.wanted = slices.Clone(sources)
		return
	}
	h.applyLocked(sources)
}

func (h *Hub) applyLocked(sources []Source) {
	if h.ctx.Err() != nil {
		sources = nil
	}
	want := map[ID]bool{}
	for _, src := range sources {
		if want[src.ID] {
			continue
		}
		want[src.ID] = true
		h.hostLocked(src.host()).setLimit(src.Limit)
		if r, ok := h.streams[src.ID]; ok {
			r.apply(src)
			continue
		}
		h.start(src)
	}
	for id, r := range h.streams {
		if !want[id] {
			r.stop()
			delete(h.streams, id)
		}
	}
	if h.o.PoolLimit == 0 {
		h.pool.keep(8<<20 + len(h.streams)*256<<10)
	}
}

func (h *Hub) start(src Source) {
	sink := h.sinks[src.ID]
	if sink == nil && h.o.Sink != nil {
		sink = h.o.Sink(src.ID)
	}
	s := newStream(h, src, sink)
	ctx, stop := context.WithCancel(h.ctx)
	h.streams[src.ID] = &running{s, stop}
	h.wg.Go(func() {
		defer stop()
		s.runOn(ctx)
	})
	h.tell(s)
}

// apply takes a changed source.
func (s *Stream) apply(src Source) {
	s.mu.Lock()
	old := s.src
	s.src = src
	s.mu.Unlock()
	old.Limit = src.Limit
	if old == src {
		return
	}
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Retry has a source tried at once: somebody asked for it. Whether a refused password may be shown again says whoever keeps Lockouts.
func (h *Hub) Retry(id ID) {
	h.mu.Lock()
	r, ok := h.streams[id]
	if ok {
		r.mu.Lock()
		src := r.src
		r.mu.Unlock()
		h.hostLocked(src.host()).forgive()
	}
	h.mu.Unlock()
}

// Get finds a running stream.
func (h *Hub) Get(id ID) (*Stream, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r, ok := h.streams[id]
	if !ok {
		return nil, false
	}
	return r.Stream, true
}

// Streams lists all, in order of camera and stream.
func (h *Hub) Streams() []*Stream {
	h.mu.Lock()
	out := make([]*Stream, 0, len(h.streams))
	for _, r := range h.streams {
		out = append(out, r.Stream)
	}
	h.mu.Unlock()
	slices.SortFunc(out, func(a, b *Stream) int {
		if c := strings.Compare(a.id.Camera, b.id.Camera); c != 0 {
			return c
		}
		return strings.Compare(string(a.id.Which), string(b.id.Which))
	})
	return out
}

// Record sets who takes a stream's fragments, now and when it starts later; nil: nobody.
func (h *Hub) Record(id ID, sink Sink) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if sink == nil {
		delete(h.sinks, id)
	} else {
		h.sinks[id] = sink
	}
	if r, ok := h.streams[id]; ok {
		r.mu.Lock()
		r.sink = sink
		r.mu.Unlock()
	}
}

func (h *Hub) host(key string) *host {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hostLocked(key)
}

func (h *Hub) hostLocked(key string) *host {
	d, ok := h.hosts[key]
	if !ok {
		d = newHost()
		h.hosts[key] = d
	}
	return d
}

func (s *Stream) cache() int {
	if s.watched() {
		return 2 * s.hub.o.CacheLimit
	}
	return s.hub.o.CacheLimit
}
