package record

import (
	"time"

	"linli.dev/linli/media/stream"
)

// clockStep is how far a fragment's start may be from where the one before ended. Beyond it the clock was set, and what
// follows is another run.
const clockStep = 2 * time.Second

// follow names the run that an item belongs to.
func (s *sink) follow(l lent) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turn != l.turn {
		return s.run
	}
	f := l.f
	step := f.Start.Sub(s.end.at)
	if s.run != 0 && s.streamRun == f.Run && l.lost == 0 && s.doubt == f.Unconfirmed && step < clockStep && step > -clockStep {
		return s.run
	}
	if s.run != 0 && s.streamRun == f.Run && l.item == s.runItem {
		return s.run // the same item again, after a segment was begun for it
	}
	run := f.Start.UnixMicro()
	if run <= s.run && s.run-run < time.Hour.Microseconds() { // the clock went back a little: names stay different
		run = s.run + 1
	}
	s.run, s.streamRun, s.doubt, s.runItem = run, f.Run, f.Unconfirmed, l.item
	return run
}

// due says whether a fragment should begin a new segment. Segments end at fixed times of the wall clock, shifted by the
// stream's phase, so that a disk does not see all cameras begin a file at once.
func (s *sink) due(seg *segment, f *stream.Fragment, length time.Duration) bool {
	age := f.Start.Sub(seg.Start)
	if !f.Key {
		return age >= length+length/2 // a camera that sends no key frames
	}
	if age < length/4 {
		return false
	}
	if age >= length+length/4 {
		return true
	}
	slot := func(t time.Time) int64 { return (t.UnixMicro() - s.phase.Microseconds()) / length.Microseconds() }
	return slot(f.Start) != slot(seg.Start)
}

// goHome gives the disk that a stream should be on instead of d, now that its segment ends.
func (s *sink) goHome(d *disk) *disk {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.home != nil && s.home != d && s.home.usable() {
		return s.home
	}
	return nil
}
