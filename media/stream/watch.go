package stream

import (
	"time"

	"linli.dev/linli/protocol/cmaf"
)

const (
	silence   = 10 * time.Second // without a packet
	noPicture = 15 * time.Second // from the start without a picture; not shorter than the longest usual GOP
	askAfter  = 300 * time.Millisecond
	redial    = 60 * time.Second // without a picture, with packets
	ruined    = 10 * time.Second // with more than half of the pictures damaged
)

// check looks after the connection, once a second.
func (s *Stream) check(now time.Time) {
	s.mu.Lock()
	s.meter.tick(now, s.status.Damaged)
	s.status.BitRate, s.status.FrameRate = int64(s.meter.bitRate), s.meter.shownRate
	s.status.Received = s.meter.bytes
	in := s.in
	if in == nil || in.dead {
		s.status.BitRate, s.status.FrameRate = 0, 0
		s.mu.Unlock()
		return
	}
	if v := in.video; v.clock.begun {
		s.status.Drift = v.clock.perHour()
	}
	if now.Sub(in.heard) > silence {
		in.giveUp(cause{Stalled, ReasonSilent, ""})
		s.mu.Unlock()
		return
	}
	in.judge(now, s.meter.damaged)
	if !in.video.running && now.Sub(in.begun) > askAfter {
		s.askKey() // some cameras send nothing at all before their next key frame
	}
	since := in.begun
	if s.pictured.After(since) {
		since = s.pictured
	}
	if dark := now.Sub(since); dark > noPicture {
		reason := in.why()
		s.setLocked(NoPicture, reason, "")
		if dark > redial {
			in.giveUp(cause{NoPicture, reason, ""})
		}
	}
	s.mu.Unlock()
	s.pace()
}

// judge says whether the pictures can be used. One that is lost in a long group takes some seconds with it, which is no more than a
// blemish; a camera most of whose pictures are damaged for longer is as good as dark, though it sends.
func (in *intake) judge(now time.Time, damaged float64) {
	switch {
	case damaged < 0.2:
		in.ruinedSince = time.Time{}
		if in.ruined {
			in.ruined = false
			in.s.online()
		}
	case damaged > 0.5 && in.ruinedSince.IsZero():
		in.ruinedSince = now
	}
	if !in.ruined && !in.ruinedSince.IsZero() && now.Sub(in.ruinedSince) > ruined {
		in.ruined = true
		in.s.setLocked(NoPicture, ReasonDamaged, "")
	}
}

// why there is no picture.
func (in *intake) why() string {
	v := in.video
	u := v.unit
	sets := u.latest(1) != nil && u.latest(2) != nil && (v.codec != cmaf.H265 || u.latest(0) != nil)
	switch {
	case v.units == 0:
		return ReasonNoFrames
	case v.broken:
		return ReasonDamaged
	case !sets:
		return ReasonNoParameters
	case v.running:
		return ReasonNoFrames
	default:
		return ReasonNoKey
	}
}

// mayRun counts runs: a camera whose parameters change all the time is sending rubbish.
func (in *intake) mayRun() bool {
	now := time.Now()
	if now.Sub(in.minute) > time.Minute {
		in.minute, in.runs = now, 0
	}
	if in.runs++; in.runs > 20 {
		in.giveUp(cause{NoPicture, ReasonRubbish, ""})
		return false
	}
	return true
}
