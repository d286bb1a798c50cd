package stream

import (
	"testing"
	"time"

	"linli.dev/linli/protocol/cmaf"
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
		{-31 * time.Second, Online}, // so far from the one before: it has to be said twice
		{-31 * time.Second, WrongClock},
		{-21 * time.Second, WrongClock},
		{-19 * time.Second, Online},
		{8 * time.Hour, Online},
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

// One sender report that is garbled, between good ones, says nothing of the camera's clock; nor do some that contradict each other. What is said twice holds.
func TestOneReportIsGarbled(t *testing.T) {
	const h = time.Hour
	for _, c := range []struct {
		name string
		said []time.Duration // the last is to be believed
		seen State           // all the way
	}{
		{"among good ones", []time.Duration{time.Second, 7 * h, time.Second, -h, time.Second}, Online},
		{"the first", []time.Duration{7 * h, 0, 0}, Online},
		{"each another", []time.Duration{2 * time.Second, 7 * h, -5 * h, 90 * h, 2 * time.Second}, Online},
		{"of a clock that is wrong", []time.Duration{8 * h, 8 * h, 0, 8 * h, 50 * h, 8*h + time.Second}, WrongClock},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStream(New(Options{}), Source{ID: ID{"gate", Main}}, nil)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.online()
			for i, d := range c.said {
				s.clockOffset(d)
				if c.seen == WrongClock && i == 0 {
					continue
				}
				if s.status.State != c.seen {
					t.Errorf("report %d, %v off: %s", i, d, s.status.State)
				}
				if off := (s.status.ClockOffset - c.said[len(c.said)-1]).Abs(); off > 10*time.Second {
					t.Errorf("report %d, %v off: %v is shown", i, d, s.status.ClockOffset)
				}
			}
			if s.status.ClockOffset != c.said[len(c.said)-1] {
				t.Errorf("%v is shown at the end", s.status.ClockOffset)
			}
		})
	}
}

// What was seen of one connection is not said of the next: the camera may have been mended, or be another one.
func TestNewConnectionBeginsAnew(t *testing.T) {
	c := encode(t, cmaf.H264, 4, "-g", "25", "-bf", "2")
	f := plug(t, New(Options{}), c, "", nil)
	report := func(off int64) {
		now := f.begin + int64(4e9)
		f.in.SenderReport(0, uint64((now+off)/1e9+2208988800)<<32, f.vbase+4*90000, now)
	}
	f.play(c, 0)
	for range 2 {
		report(3600e9)
	}
	f.in.video.clock.drift = 1e-4 // as after some minutes
	f.s.check(time.Now())
	st := f.s.Status()
	if !st.BFrames || st.ClockOffset == 0 || st.Drift == 0 || st.KeyInterval != time.Second || st.State != WrongClock {
		t.Fatalf("the test is pointless: %+v", st)
	}
	f.in.finish(ReasonClosed)
	f.connect()
	st = f.s.Status()
	if st.BFrames || st.ClockOffset != 0 || st.Drift != 0 || st.KeyInterval != 0 {
		t.Errorf("before anything has come: %+v", st)
	}
	good := encode(t, cmaf.H264, 4, "-g", "50", "-bf", "0")
	f.play(good, 0)
	report(0)
	f.s.check(time.Now())
	st = f.s.Status()
	if st.BFrames || st.ClockOffset.Abs() > time.Second || st.Drift != 0 || st.KeyInterval != 2*time.Second {
		t.Errorf("%+v", st)
	}
}
