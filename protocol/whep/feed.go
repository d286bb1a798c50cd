package whep

import (
	"math/rand/v2"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxHistory bounds the cached pictures of one feed. A group of pictures that is larger cannot be joined in the middle.
	maxHistory = 8 << 20
	// keepPackets is how far back a lost packet can be had again.
	keepPackets = 512
	// burstPackets are sent per burstEvery to a viewer that catches up: about 15 MB/s, which a receive buffer takes.
	burstPackets = 64
	burstEvery   = 4 * time.Millisecond
	reportEvery  = 5 * time.Second
)

// FeedOptions of a Feed.
type FeedOptions struct {
	Video  string // "H264" or "H265"
	AskKey func() // asks the source for a key frame; called at most once a second
}

// Stats counts what a feed did.
type Stats struct {
	Viewers                        int
	Packets, Bytes, Resent, Wishes uint64
	LeftOut                        uint64 // pictures not sent to a viewer on a slow TCP path
}

// Feed is one stream, cut into packets once for all of its viewers. One goroutine calls Video and Audio.
type Feed struct {
	o                    FeedOptions
	videoSSRC, audioSSRC uint32
	offset               uint32 // of all timestamps: they must not tell how long a stream runs

	mu      sync.Mutex
	params  [][]byte
	history []*frame
	keyAt   int // the newest key frame in history, -1: none
	bytes   int
	free    []*frame
	next    uint64 // index of the next video packet
	sound   uint64 // index of the next sound packet
	viewers []*Peer
	out     []byte // packets of one send, reused
	lastTS  [2]uint32
	lastAt  [2]time.Time
	asked   time.Time
	closed  bool
	stats   Stats

	wishes  chan viewerWish
	wake    chan struct{}
	stop    chan struct{}
	running sync.WaitGroup
	count   atomic.Int32
}

type viewerWish struct {
	v *Peer
	w wish
}

// NewFeed makes a feed; Close ends it and its viewers.
func NewFeed(o FeedOptions) *Feed {
	f := &Feed{
		o: o, videoSSRC: rand.Uint32() | 1, audioSSRC: rand.Uint32() &^ 1, offset: rand.Uint32(), keyAt: -1,
		out: make([]byte, 0, maxBatch+2*maxDatagram), wishes: make(chan viewerWish, 64),
		wake: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	f.running.Add(1)
	go func() { defer f.running.Done(); f.serve() }()
	return f
}

// Close ends the feed and all of its viewers.
func (f *Feed) Close() error {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return nil
	}
	f.closed = true
	viewers := slices.Clone(f.viewers)
	f.mu.Unlock()
	for _, v := range viewers {
		v.Close()
	}
	close(f.stop)
	f.running.Wait()
	return nil
}

// Viewers counts those that are connected.
func (f *Feed) Viewers() int { return int(f.count.Load()) }

// Stats since the start.
func (f *Feed) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stats
	s.Viewers = len(f.viewers)
	return s
}

// SetParams gives the parameter sets that go in front of every key frame, in the order VPS, SPS, PPS.
func (f *Feed) SetParams(params ...[]byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.params = nil
	for _, p := range params {
		if len(p) > 0 {
			f.params = append(f.params, p)
		}
	}
}

// Video sends one access unit: length-prefixed NAL units, its time in 1/90,000 s. The bytes are not kept.
func (f *Feed) Video(avcc []byte, pts int64, key bool, wall time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fr := f.take()
	fr.ts, fr.key, fr.first = uint32(pts)+f.offset, key, f.next
	if f.o.Video == "H265" {
		cutH265(fr, avcc, f.params)
	} else {
		cutH264(fr, avcc, f.params)
	}
	if len(fr.packets) == 0 {
		f.free = append(f.free, fr)
		return
	}
	f.lastTS[0], f.lastAt[0] = fr.ts, wall
	f.next += uint64(len(fr.packets))
	f.keep(fr)
	for _, v := range f.viewers {
		s := &v.send
		if !s.video.on {
			continue
		}
		switch {
		case s.mode == filling:
			continue // it will come to this one
		case s.mode == waiting && !key:
			continue
		case s.mode == live && v.clogged():
			s.mode = waiting
			f.stats.LeftOut++
			continue
		}
		if s.mode == waiting {
			s.mode = live
			s.video.startAt(fr.first)
		}
		f.sendPackets(v, fr, 0, len(fr.packets))
	}
}

// Audio sends a run of G.711 bytes, its time in 1/8,000 s.
func (f *Feed) Audio(b []byte, pts int64, wall time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lastTS[1], f.lastAt[1] = uint32(pts)+f.offset, wall
	for len(b) > 0 {
		part := b[:min(len(b), 960)]
		b = b[len(part):]
		ts := uint32(pts) + f.offset
		pts += int64(len(part))
		index := f.sound
		f.sound++
		for _, v := range f.viewers {
			l := &v.send.audio
			if !l.on || v.clogged() {
				continue
			}
			at := v.at.Load()
			l.startAt(index)
			var head [rtpHeader]byte
			header(&head, l.pt, false, uint16(l.next), ts, f.audioSSRC)
			f.out = v.send.keys.sealRTP(f.out[:0], head[:], part, f.audioSSRC, l.next)
			l.sent(len(part))
			at.write(f.out)
			f.counted(1, len(f.out))
		}
	}
}

func (l *line) sent(octets int) {
	l.next++
	l.packets++
	l.octets += uint32(octets)
}

func (f *Feed) counted(packets, bytes int) {
	f.stats.Packets += uint64(packets)
	f.stats.Bytes += uint64(bytes)
}

// take reuses frames that fell out of the history: a steady stream allocates nothing.
func (f *Feed) take() *frame {
	if n := len(f.free); n > 0 {
		fr := f.free[n-1]
		f.free = f.free[:n-1]
		fr.reset()
		return fr
	}
	return &frame{}
}

// keep adds a frame to the history and lets go of what nobody will ask for.
func (f *Feed) keep(fr *frame) {
	if fr.key {
		f.keyAt = len(f.history)
	}
	f.history = append(f.history, fr)
	f.bytes += len(fr.buf)
	drop := 0
	for drop < len(f.history)-1 {
		old := f.history[drop]
		recent := f.next-old.first <= keepPackets
		wanted := f.keyAt >= 0 && drop >= f.keyAt
		if f.bytes <= maxHistory && (recent || wanted) {
			break
		}
		f.bytes -= len(old.buf)
		if len(f.free) < 64 {
			f.free = append(f.free, old)
		}
		drop++
	}
	if drop > 0 {
		f.history = append(f.history[:0], f.history[drop:]...)
		if f.keyAt >= 0 {
			f.keyAt = max(f.keyAt-drop, -1)
		}
	}
}

// sendPackets protects and sends the packets [from, to) of a frame. Runs of equal size leave in one call.
func (f *Feed) sendPackets(v *Peer, fr *frame, from, to int) {
	at := v.at.Load()
	s := &v.send
	l := &s.video
	out, size, count := f.out[:0], 0, 0
	flush := func() {
		if len(out) > 0 {
			at.writeSegments(out, size)
			f.counted(count, len(out))
		}
		out, size, count = out[:0], 0, 0
	}
	var head [rtpHeader]byte
	for i := from; i < to; i++ {
		p := fr.packets[i]
		index := fr.first + uint64(i)
		wire := rtpHeader + p.to - p.from + s.keys.tag()
		if count > 0 && (wire > size || count == maxSegments || len(out)+wire > maxBatch) {
			flush()
		}
		header(&head, l.pt, p.marker, uint16(l.next), s.stamp(index, fr.ts), f.videoSSRC)
		out = s.keys.sealRTP(out, head[:], fr.buf[p.from:p.to], f.videoSSRC, l.next)
		l.sent(p.to - p.from)
		count++
		if size == 0 {
			size = wire
		}
		if wire < size {
			flush()
		}
	}
	flush()
	f.out = out[:0]
}

// find gives the frame of a packet index and the packet's place in it.
func (f *Feed) find(index uint64) (*frame, int, bool) {
	i := sort.Search(len(f.history), func(i int) bool { return f.history[i].first > index }) - 1
	if i < 0 {
		return nil, 0, false
	}
	fr := f.history[i]
	at := int(index - fr.first)
	return fr, at, at < len(fr.packets)
}
