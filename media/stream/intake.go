package stream

import (
	"time"

	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/rtp"
	"linli.dev/linli/protocol/rtsp"
)

// intake is one connection: it turns the packets of a camera into frames, chunks and fragments. Its methods are called on
// the connection's thread; each takes the stream's lock, which nobody holds for long.
type intake struct {
	s      *Stream
	lines  []line // by media index
	video  *video
	sound  *sound
	closed chan struct{}
	kill   chan cause // from the watchdog
	dead   bool

	now      int64 // arrival of the running batch, unix nanoseconds: it dates, and the wall clock may be set at any moment
	begun    time.Time
	settled  bool      // reading lazily is allowed
	heard    time.Time // latest packet; as what else is waited for, by the monotonic reading
	picture  bool      // the running batch has one
	epoch    uint64
	trusted  bool
	runs     int // in the running minute
	minute   time.Time
	window   int64 // bytes since windowAt
	windowAt time.Time
	out      []parcel // for the sink
	spare    []parcel // the thread's
	fresh    bool     // there is something to wake readers for

	ruinedSince time.Time // see judge
	ruined      bool
}

// line is one RTP stream of the connection.
type line struct {
	dep   rtp.Depacketiser
	seq   uint16
	begun bool
}

// parcel is what goes to the sink once the lock is free.
type parcel struct {
	f   *Fragment
	gap string
}

// cause is why a connection is given up.
type cause struct {
	state  State
	reason string
	detail string
}

func newIntake(s *Stream, medias []rtsp.Media, picture, sounds int) *intake {
	in := &intake{
		s: s, lines: make([]line, len(medias)), closed: make(chan struct{}), kill: make(chan cause, 1),
		begun: time.Now(), epoch: s.hub.epoch.Load(), trusted: s.hub.trusted(),
	}
	in.heard = in.begun
	m := medias[picture]
	codec := cmaf.Codec(m.Codec)
	in.video = newVideo(in, codec, m.ClockRate)
	for _, p := range m.Params {
		if len(p) > 0 {
			in.video.unit.add(p, true, true)
		}
	}
	if codec == cmaf.H265 {
		in.lines[picture].dep = rtp.NewH265(in)
	} else {
		in.lines[picture].dep = rtp.NewH264(in)
	}
	if sounds >= 0 {
		m := medias[sounds]
		in.sound = newSound(in, m)
		in.sound.media = sounds
		switch in.sound.track.Codec {
		case cmaf.AAC:
			in.lines[sounds].dep = rtp.NewAAC(in, m.Fmtp)
		default:
			in.lines[sounds].dep = rtp.NewG711(in)
		}
	}
	return in
}

// Packet is rtsp.Handler's.
func (in *intake) Packet(media int, arrival int64, pkt []byte) {
	s := in.s
	s.mu.Lock()
	if in.dead || media >= len(in.lines) || in.lines[media].dep == nil {
		s.mu.Unlock()
		return
	}
	in.now = arrival
	s.meter.bytes += uint64(len(pkt))
	in.window += int64(len(pkt))
	l := &in.lines[media]
	if h, payload, err := rtp.Parse(pkt); err == nil {
		if l.begun {
			if gap := h.Sequence - l.seq - 1; gap != 0 && gap < 1<<15 {
				s.status.Lost += uint64(gap)
			}
		}
		l.seq, l.begun = h.Sequence, true
		l.dep.Push(h, payload)
	}
	if len(in.out) == 0 && !in.fresh {
		s.mu.Unlock()
		return
	}
	in.post()
}

// post unlocks, wakes and hands over: a sink may take its time without holding up readers.
func (in *intake) post() {
	s := in.s
	if in.fresh {
		in.fresh = false
		s.wake()
	}
	out, sink, dead := in.out, s.sink, in.dead
	in.out = nil
	if !dead {
		in.out = in.spare[:0]
	}
	s.mu.Unlock()
	for _, p := range out {
		switch {
		case sink == nil && p.f != nil:
			p.f.Release()
		case sink == nil:
		case p.f != nil:
			sink.Fragment(p.f)
		default:
			sink.Gap(p.gap)
		}
	}
	if !dead {
		clear(out)
		in.spare = out
	}
}

// SenderReport is rtsp.Handler's.
func (in *intake) SenderReport(media int, ntp uint64, stamp uint32, arrival int64) {
	in.s.mu.Lock()
	defer in.s.mu.Unlock()
	if in.dead || media >= len(in.lines) || in.lines[media].dep == nil {
		return
	}
	at := ntpTime(ntp)
	if at == 0 {
		return
	}
	if in.sound != nil && media == in.sound.media {
		in.sound.report(at, stamp)
	} else {
		in.video.report(at, stamp)
	}
}

// ntpTime turns 32.32 seconds since 1900 into Unix nanoseconds; 0 when a camera says nothing or counts from its start.
func ntpTime(ntp uint64) int64 {
	const since1900 = 2208988800
	seconds := int64(ntp >> 32)
	if seconds < since1900+30*365*86400 { // before the year 2000
		return 0
	}
	return (seconds-since1900)*1e9 + int64((ntp&0xffffffff)*1e9>>32)
}

// Batch is rtsp.Handler's.
func (in *intake) Batch() {
	s := in.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.dead {
		return
	}
	in.heard = time.Now()
	if in.picture {
		in.picture, s.pictured = false, in.heard
	}
	if in.heard.Sub(in.windowAt) > 5*time.Second {
		if !in.windowAt.IsZero() && in.window*8/5 > s.hub.o.MaxBitRate {
			in.giveUp(cause{NoPicture, ReasonFlood, ""})
		}
		in.windowAt, in.window = in.heard, 0
	} else if in.window > s.hub.o.MaxBitRate { // eight times the limit's five seconds, at once
		in.giveUp(cause{NoPicture, ReasonFlood, ""})
	}
}

// Closed is rtsp.Handler's.
func (in *intake) Closed(err error) {
	if err != nil {
		select {
		case in.kill <- closedCause(err):
		default:
		}
	}
	close(in.closed)
}

// giveUp has the runner end the connection. Under the lock.
func (in *intake) giveUp(c cause) {
	select {
	case in.kill <- c:
	default:
	}
}

// finish ends what is open. After it nothing of this connection is taken any more.
func (in *intake) finish(reason string) {
	in.s.mu.Lock()
	if in.dead {
		in.s.mu.Unlock()
		return
	}
	in.video.stop(reason)
	in.dead = true
	in.video.unit.close()
	if in.sound != nil {
		in.sound.close()
	}
	in.s.build.reset()
	if in.s.in == in {
		in.s.in = nil
	}
	in.post()
}

// NAL is rtp.Receiver's.
func (in *intake) NAL(part []byte, start, end bool) { in.video.unit.add(part, start, end) }

// EndUnit is rtp.Receiver's.
func (in *intake) EndUnit(stamp uint32, damaged bool) { in.video.endUnit(stamp, damaged) }

// Sound is rtp.Receiver's.
func (in *intake) Sound(stamp uint32, frame []byte) {
	if in.sound != nil {
		in.sound.add(stamp, frame)
	}
}
