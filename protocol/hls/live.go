package hls

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"
)

// What a request can run into.
var (
	ErrGone   = errors.New("hls: no longer in the playlist")
	ErrFuture = errors.New("hls: too far ahead of the playlist")
	ErrClosed = errors.New("hls: the stream has ended")
	ErrBusy   = errors.New("hls: nothing new came in time")
)

// Options of a Live.
type Options struct {
	Segments int           // complete segments in the playlist; 0 = 7
	Target   time.Duration // longest segment expected; 0 = 2 s. Raised when a longer one comes
	Prefix   string        // in front of the names of parts, segments and init; "" = "live/"
	Part     time.Duration // length of a part to announce before there was one; 0 = 400 ms. The target is that of the longest
	Header   []string      // lines of a Wire answer, "Name: value"
}

// Part is a piece of a segment that a player may have before the segment is complete.
type Part struct {
	Data        []byte // moof + mdat, one or several; never changed after it is handed in
	Duration    time.Duration
	Independent bool      // begins with a key frame
	Wall        time.Time // of its first picture
	Bulk        bool      // longer than a part should be: not listed as one, only its segment is

	wire []byte // the whole answer, header included; Data points into it once it is made
}

type segment struct {
	msn           uint64
	parts         []Part
	duration      time.Duration
	wall          time.Time
	version       int // of the init
	discontinuity bool
	bulk          bool
	size          int
}

// Live is one rolling playlist. One goroutine feeds it, any number read.
type Live struct {
	o Options

	mu       sync.Mutex
	inits    map[int][]byte
	version  int // of the newest init
	fresh    bool
	done     []*segment // complete ones, oldest first
	open     *segment
	next     uint64 // number of the next segment to open
	gapsGone int    // discontinuities that left the playlist
	target   time.Duration
	longest  time.Duration // part listed so far
	closed   bool
	changed  chan struct{}
	full     text // rendered for the present state
	delta    text
}

// text is a rendered playlist; nil: not yet.
type text struct{ body, wire []byte }

// NewLive makes an empty playlist. Readers wait until there is something in it.
func NewLive(o Options) *Live {
	if o.Segments == 0 {
		o.Segments = 7
	}
	if o.Target == 0 {
		o.Target = 2 * time.Second
	}
	if o.Part == 0 {
		o.Part = 400 * time.Millisecond
	}
	if o.Prefix == "" {
		o.Prefix = "live/"
	}
	return &Live{
		o: o, inits: map[int][]byte{}, target: o.Target,
		// The number starts with the clock, so that a restarted server does not name other bytes alike.
		next: uint64(time.Now().Unix()), changed: make(chan struct{}),
	}
}

// Init begins a run: what follows needs these bytes first. An open segment ends.
func (l *Live) Init(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end()
	l.version++
	l.inits[l.version] = b
	l.fresh = l.version > 1
	l.signal()
}

// Add appends a part to the open segment.
func (l *Live) Add(p Part) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.version == 0 {
		return
	}
	if l.open == nil {
		l.open = &segment{msn: l.next, wall: p.Wall, version: l.version, discontinuity: l.fresh}
		l.fresh = false
		l.next++
	}
	s := l.open
	s.parts = append(s.parts, p)
	s.duration += p.Duration
	s.size += len(p.Data)
	s.bulk = s.bulk || p.Bulk
	if !s.bulk {
		l.longest = max(l.longest, p.Duration)
	}
	l.signal()
}

// withRoom adds a little, so that a camera's jitter does not move the target with every part; little enough that the usual
// part is 85 % of the target, as all but the last of a segment must be.
func withRoom(d time.Duration) time.Duration { return (d + d/16).Round(time.Millisecond) }

// End completes the open segment.
func (l *Live) End() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end()
	l.signal()
}

func (l *Live) end() {
	s := l.open
	if s == nil {
		return
	}
	l.open = nil
	l.done = append(l.done, s)
	if rounded := s.duration.Round(time.Second); rounded > l.target {
		l.target = rounded
	}
	for len(l.done) > l.o.Segments {
		if l.done[0].discontinuity {
			l.gapsGone++
		}
		l.done = slices.Delete(l.done, 0, 1)
	}
	for v := range l.inits {
		if v != l.version && !slices.ContainsFunc(l.done, func(s *segment) bool { return s.version == v }) {
			delete(l.inits, v)
		}
	}
}

// Close wakes everybody: there will be nothing more.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		l.signal()
	}
}

// signal wakes all who wait. l.mu is held.
func (l *Live) signal() {
	l.full, l.delta = text{}, text{}
	close(l.changed)
	l.changed = make(chan struct{})
}

// position is how far the playlist has come: the open segment and the number of its parts.
func (l *Live) position() (msn uint64, parts int) {
	if l.open != nil && !l.open.bulk {
		return l.open.msn, len(l.open.parts)
	}
	if l.open != nil {
		return l.open.msn, 0
	}
	return l.next, 0
}

// wait blocks until ready says so, the stream ends, the context or the lease does, or nothing new came for too long.
// ready is called with l.mu held.
func (l *Live) wait(ctx context.Context, ended <-chan struct{}, ready func() (bool, error)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var timer *time.Timer
	for {
		ok, err := ready()
		if ok || err != nil {
			return err
		}
		if l.closed {
			return ErrClosed
		}
		changed := l.changed
		if timer == nil {
			timer = time.NewTimer(3 * l.target)
			defer timer.Stop()
		}
		l.mu.Unlock()
		select {
		case <-changed:
			err = nil
		case <-ctx.Done():
			err = ctx.Err()
		case <-ended:
			err = ErrClosed
		case <-timer.C:
			err = ErrBusy
		}
		l.mu.Lock()
		if err != nil {
			return err
		}
	}
}

// Playlist gives the playlist once it holds part number part of segment msn; part -1: the whole segment; msn 0: at once,
// as soon as there is a segment to begin with. A part beyond the last one of a finished segment is part 0 of the next one
// (RFC 8216bis 6.2.5.2). delta asks for the short form.
func (l *Live) Playlist(ctx context.Context, ended <-chan struct{}, msn uint64, part int, delta bool) ([]byte, error) {
	return l.playlist(ctx, ended, msn, part, delta, false)
}

func (l *Live) playlist(ctx context.Context, ended <-chan struct{}, msn uint64, part int, delta, wire bool) ([]byte, error) {
	var out []byte
	err := l.wait(ctx, ended, func() (bool, error) {
		at, parts := l.position()
		msn, part := l.beyond(msn, part)
		switch {
		case msn == 0:
			if len(l.done) == 0 {
				return false, nil
			}
		case msn > at+2:
			return false, ErrFuture
		case msn > at, msn == at && (part < 0 || part >= parts):
			return false, nil
		}
		t := l.render(delta)
		if out = t.body; wire {
			if t.wire == nil {
				t.wire = append(l.header(typePlaylist[0], len(t.body)), t.body...)
			}
			out = t.wire
		}
		return true, nil
	})
	return out, err
}

// beyond names the place that a request is for: a player that has all parts of a segment asks for the one after them, and
// the segment may have ended meanwhile. l.mu is held.
func (l *Live) beyond(msn uint64, part int) (uint64, int) {
	if s := l.find(msn); s != nil && s != l.open && !s.bulk && part >= len(s.parts) {
		return msn + 1, 0
	}
	return msn, part
}

// part waits for a part; one that will never come is gone.
func (l *Live) part(ctx context.Context, ended <-chan struct{}, msn uint64, n int, wire bool) ([]byte, error) {
	var out []byte
	err := l.wait(ctx, ended, func() (bool, error) {
		s := l.find(msn)
		at, _ := l.position()
		switch {
		case s != nil && n < len(s.parts) && !s.bulk:
			p := &s.parts[n]
			if out = p.Data; wire {
				if p.wire == nil {
					head := l.header(typeMedia[0], len(p.Data))
					p.wire = append(head, p.Data...)
					p.Data = p.wire[len(head):]
				}
				out = p.wire
			}
			return true, nil
		case s != nil && (s != l.open || s.bulk), s == nil && msn < at:
			return false, ErrGone
		case msn > at+2:
			return false, ErrFuture
		}
		return false, nil
	})
	return out, err
}

// whole waits for a complete segment and gives its parts.
func (l *Live) whole(ctx context.Context, ended <-chan struct{}, msn uint64) ([][]byte, int, error) {
	var parts [][]byte
	var size int
	err := l.wait(ctx, ended, func() (bool, error) {
		s := l.find(msn)
		at, _ := l.position()
		switch {
		case s != nil && s != l.open:
			for _, p := range s.parts {
				parts = append(parts, p.Data)
			}
			size = s.size
			return true, nil
		case s == nil && msn < at:
			return false, ErrGone
		case msn > at+2:
			return false, ErrFuture
		}
		return false, nil
	})
	return parts, size, err
}

// initBytes gives the init of a version; 0: the newest.
func (l *Live) initBytes(ctx context.Context, ended <-chan struct{}, version int) ([]byte, error) {
	var out []byte
	err := l.wait(ctx, ended, func() (bool, error) {
		v := version
		if v == 0 {
			v = l.version
		}
		if b, ok := l.inits[v]; ok {
			out = b
			return true, nil
		}
		if l.version > 0 {
			return false, ErrGone
		}
		return false, nil
	})
	return out, err
}

func (l *Live) find(msn uint64) *segment {
	if l.open != nil && l.open.msn == msn {
		return l.open
	}
	if len(l.done) == 0 || msn < l.done[0].msn || msn > l.done[len(l.done)-1].msn {
		return nil
	}
	return l.done[msn-l.done[0].msn]
}

func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1e5) / 1e5 }

// Ended reports whether Close was called: nothing more will come.
func (l *Live) Ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}
