package whep

import (
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// Where a viewer stands in the feed.
type mode uint8

const (
	waiting mode = iota // for the next key frame
	filling             // gets the cached pictures in a quick burst
	live
)

// sender is what a feed keeps for one viewer. Sequence numbers are the viewer's own: they start below 2^15, so that
// both sides agree on the roll-over count even when the first packets are lost, and stay gapless where we leave frames out.
type sender struct {
	keys   *srtpKeys
	mode   mode
	joined bool

	video, audio line
	cursor       uint64 // filling: the next packet of the feed

	// Pictures of the burst are dated closer together, so that the viewer runs through them to the newest.
	burstFrom, burstTo uint32
	burstEnd           uint64

	resend     float64 // packets that may be sent again
	resendFrom time.Time
}

// line is one SSRC towards one viewer.
type line struct {
	on      bool
	pt      uint8
	next    uint64 // the viewer's next sequence number, roll-overs included
	shift   uint64 // added to a feed's index gives the viewer's
	since   uint64 // shift holds from this sequence number on
	packets uint32
	octets  uint32
}

func (s *sender) init(ch choice) {
	s.video = line{on: ch.video >= 0, pt: ch.videoFormat.PayloadType, next: uint64(rand.N(1 << 15))}
	s.audio = line{on: ch.audio >= 0, pt: ch.audioForm.PayloadType, next: uint64(rand.N(1 << 15))}
	s.resend, s.resendFrom = maxResend, time.Now()
}

// startAt makes the feed's packet index the next one that the viewer gets.
func (l *line) startAt(index uint64) {
	if shift := l.next - index; shift != l.shift {
		l.shift, l.since = shift, l.next
	}
}

// stamp is the timestamp that a viewer sees of a packet.
func (s *sender) stamp(index uint64, ts uint32) uint32 {
	if index >= s.burstEnd {
		return ts
	}
	const span = 9000 // the whole burst in 100 ms
	total := s.burstTo - s.burstFrom
	if total <= span {
		return ts
	}
	return s.burstTo - uint32(uint64(s.burstTo-ts)*span/uint64(total))
}

// header writes the RTP header of a packet.
func header(b *[rtpHeader]byte, pt uint8, marker bool, seq uint16, ts, ssrc uint32) {
	b[0], b[1] = 0x80, pt
	if marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], seq)
	binary.BigEndian.PutUint32(b[4:], ts)
	binary.BigEndian.PutUint32(b[8:], ssrc)
}

// mayResend takes from the viewer's allowance: a burst of maxResend, then 1,000 a second.
func (s *sender) mayResend(now time.Time) bool {
	s.resend = min(maxResend, s.resend+now.Sub(s.resendFrom).Seconds()*1000)
	s.resendFrom = now
	if s.resend < 1 {
		return false
	}
	s.resend--
	return true
}

// original maps a sequence number that a viewer names back to the feed's index.
func (l *line) original(seq uint16) (uint64, bool) {
	if l.next == 0 {
		return 0, false
	}
	last := l.next - 1
	full := last - uint64(uint16(last)-seq)
	if full > last || full < l.since { // before the start, or from before a gap
		return 0, false
	}
	return full - l.shift, true
}
