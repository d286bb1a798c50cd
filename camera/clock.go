package camera

import (
	"sync"
	"time"
)

const (
	// clockStep: the two clocks are read one after the other; what differs by more was set by somebody.
	clockStep = 50 * time.Millisecond
	// clockJump: nobody's correction is that large, so it may be the mistake.
	clockJump = time.Hour
	// clockSettles: who sets a clock by hand may do so twice.
	clockSettles = 20 * time.Second
)

// timing tells two kinds of time apart: the wall clock's, which somebody may set, and the machine's own, which only runs on.
// Spans are measured by the second ("steady"), and are told by the first as it stands now. While the wall clock is in doubt
// nothing that it says goes into a table.
type timing struct {
	wall    func() time.Time
	mono    func() time.Duration
	trusted func() bool
	base    time.Time // where steady time begins: as the wall clock stood then

	mu     sync.Mutex
	looked bool
	offset time.Duration // the wall clock's against steady time
	doubt  bool
	until  time.Time // steady: in doubt until then, if nothing happens
	known  time.Time // the latest wall time that is beyond doubt; zero: none
	knewAt time.Time // steady: when that was
}

func newTiming(o Options) *timing {
	begun := o.Now()
	c := &timing{wall: o.Now, mono: o.Mono, trusted: o.Trusted, base: begun.Round(0)}
	if c.mono == nil {
		c.mono = func() time.Duration { return o.Now().Sub(begun) } // by the monotonic reading that it carries
	}
	if c.trusted == nil {
		c.trusted = func() bool { return true }
	}
	return c
}

// steady is the time that only runs on. It says nothing of the hour.
func (c *timing) steady() time.Time { return c.base.Add(c.mono()) }

// look reads the clocks and says whether the wall clock is in doubt.
func (c *timing) look() (doubt bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.steady()
	offset := c.wall().Sub(now)
	step := offset - c.offset
	trusted := c.trusted()
	if jumped := c.looked && (step > clockJump || step < -clockJump); jumped || !trusted {
		c.doubt, c.until = true, now.Add(clockSettles)
	} else if c.doubt && !now.Before(c.until) {
		c.doubt = false
	}
	if !c.looked || step > clockStep || step < -clockStep {
		c.offset = offset
	}
	c.looked = true
	if !c.doubt {
		c.known, c.knewAt = now.Add(c.offset), now
	}
	return c.doubt
}

// last tells that a wall time is known to have passed, at the moment of steady time given.
func (c *timing) last(known, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known.IsZero() {
		c.known, c.knewAt = known, at
	}
}

// at tells when something was, by the wall clock as it stands now.
func (c *timing) at(steady time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return steady.Add(c.offset)
}

// stands is by how much the wall clock runs ahead of steady time.
func (c *timing) stands() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// dated is what the register writes down as now. While the wall clock is in doubt that is the least that it can be: what was
// known last, and how long ago that is at least.
func (c *timing) dated() time.Time {
	doubt := c.look()
	c.mu.Lock()
	defer c.mu.Unlock()
	if doubt && !c.known.IsZero() {
		return c.known.Add(c.steady().Sub(c.knewAt))
	}
	return c.wall()
}

// measured is up to when availability can be told.
func (c *timing) measured() time.Time {
	doubt := c.look()
	c.mu.Lock()
	defer c.mu.Unlock()
	if doubt {
		return c.known
	}
	return c.wall()
}
