package stream

import (
	"testing"
	"time"
)

// A camera's clock is called wrong from 30 s on, and right again only below 20 s: a clock on the edge must not flicker.
func TestWrongClock(t *testing.T) {
	s := newStream(New(Options{}), Source{ID: ID{"gate", Main}}, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.online()
	for i, c := range []struct {
		off  time.Duration
		want State
	}{
		{29 * time.Second, Online},
		{31 * time.Second, WrongClock},
		{25 * time.Second, WrongClock},
		{19 * time.Second, Online},
		{-31 * time.Second, WrongClock},
		{-21 * time.Second, WrongClock},
		{-19 * time.Second, Online},
		{8 * time.Hour, WrongClock},
	} {
		s.clockOffset(c.off)
		if s.status.State != c.want || (s.status.Reason == ReasonWrongClock) != (c.want == WrongClock) {
			t.Fatalf("step %d, %s off: %s (%s), want %s", i, c.off, s.status.State, s.status.Reason, c.want)
		}
	}
	// It comes back from an outage with the same wrong clock.
	s.setLocked(Stalled, ReasonTimeout, "")
	s.online()
	if s.status.State != WrongClock {
		t.Errorf("back with a wrong clock: %s", s.status.State)
	}
}
