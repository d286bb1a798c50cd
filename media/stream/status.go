package stream

import (
	"time"

	"linli.dev/linli/protocol/cmaf"
)

// State of a stream.
type State string

const (
	Connecting   State = "connecting"
	Online       State = "online"
	NoPicture    State = "no-picture"   // connected, packets perhaps, but nothing to see
	WrongClock   State = "wrong-clock"  // online, but the camera's own clock is off
	Stalled      State = "stalled"      // it was there and went silent
	Unauthorised State = "unauthorised" // wrong name or password
	Unreachable  State = "unreachable"
	Disabled     State = "disabled" // not among the wanted sources
)

// Status is what is known about a stream now.
type Status struct {
	ID               ID
	State            State
	Reason           string // message key, see reason.go; "" while all is well
	Detail           string // for the operator: the error's text, never a secret
	Since            time.Time
	NextTry          time.Time // when the next attempt to connect is due; zero while one is under way or the camera plays
	BitRate          int64     // bits per second over the last seconds
	FrameRate        float64   // pictures per second over the last seconds, by the camera's timestamps, to the half
	KeyInterval      time.Duration
	BFrames          bool // pictures come in another order than they are shown
	Tracks           []cmaf.Track
	Drift            time.Duration // camera's media clock against the node's, per hour; positive = the camera is fast
	ClockOffset      time.Duration // camera's clock minus the node's, from sender reports; 0 = not known
	Received         uint64        // bytes
	Lost             uint64        // packets
	Damaged          uint64        // access units dropped
	DroppedToReaders uint64        // frames that slow readers lost
	Connects         uint64
	LastPicture      time.Time
	Readers          int
}

const (
	wrongBy = 30 * time.Second // the camera's clock is called wrong from there
	rightBy = 20 * time.Second // and right again from there
	sameBy  = 10 * time.Second // two reports that differ by less agree
)

// forget what an earlier connection showed: the camera may have been mended meanwhile, or be another one. Under mu.
func (s *Stream) forget() {
	s.said = 0
	st := &s.status
	st.BFrames, st.KeyInterval, st.Drift, st.ClockOffset = false, 0, 0, 0
}

// online tells that there is a picture. Under mu.
func (s *Stream) online() {
	state, reason := Online, ""
	if d := s.status.ClockOffset; d > wrongBy || d < -wrongBy {
		state, reason = WrongClock, ReasonWrongClock
	}
	s.setLocked(state, reason, "")
}

// clockOffset takes what a sender report says of the camera's clock. One may be garbled: what is far from all that was known counts when the
// next one agrees. Under mu.
func (s *Stream) clockOffset(d time.Duration) {
	before := s.said
	s.said = d
	if (d-s.status.ClockOffset).Abs() > sameBy && (d-before).Abs() > sameBy {
		return
	}
	s.status.ClockOffset = d
	switch wrong, right := d > wrongBy || d < -wrongBy, d < rightBy && d > -rightBy; {
	case s.status.State == Online && wrong:
		s.online()
	case s.status.State == WrongClock && right:
		s.online()
	}
}
