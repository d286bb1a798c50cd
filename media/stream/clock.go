package stream

import "time"

const (
	slewPPM     = 500
	clockWindow = int64(30 * time.Second)
	clockStep   = int64(2 * time.Second) // beyond it footage is not slewed but begins anew
)

// clock dates media time by the node's clock. Packets come late, never early: the least delay seen is the truth, and the
// date follows it by at most 500 ppm, so that footage has neither jumps nor the camera's opinion of the hour.
// All values are nanoseconds.
type clock struct {
	begun   bool
	fixed   bool  // something was dated already: from now on only slewing
	offset  int64 // wall = media + offset
	slewed  int64 // media time of the last adjustment
	least   [2]int64
	window  int64 // media time at which the running window began
	since   int64 // and the arrival
	windows int   // how many are complete

	firstLeast, firstAt int64 // the first complete window, for the drift
	drift               float64
}

// observe tells that what belongs to media arrived at arrival.
func (c *clock) observe(arrival, media int64) {
	d := arrival - media
	if !c.begun {
		*c = clock{begun: true, offset: d, slewed: media, least: [2]int64{d, d}, window: media, since: arrival}
		return
	}
	c.least[1] = min(c.least[1], d)
	if media-c.window >= clockWindow || arrival-c.since >= clockWindow { // a camera's own time may crawl, or stand still
		c.windows++
		switch {
		case c.windows == 1:
			c.firstLeast, c.firstAt = c.least[1], media
		case media-c.firstAt >= int64(5*time.Minute):
			c.drift = -float64(c.least[1]-c.firstLeast) / float64(media-c.firstAt)
		}
		c.least = [2]int64{c.least[1], d}
		c.window, c.since = media, arrival
	}
	if !c.fixed {
		c.offset = min(c.offset, d)
	}
}

func (c *clock) target() int64 { return min(c.least[0], c.least[1]) }

// lags tells that the date is too early by more than is slewed away: the camera's time is slower than it should be. A new run has to begin.
func (c *clock) lags() bool { return c.target()-c.offset > clockStep }

// adjust slews towards the least delay. False: the distance is too large for that, a new run has to begin.
func (c *clock) adjust(media int64) bool {
	passed := max(media-c.slewed, 0)
	e := c.target() - c.offset
	if !c.fixed {
		c.offset, c.fixed, c.slewed = c.target(), true, media
		return true
	}
	if e > clockStep || e < -clockStep {
		return false
	}
	most := passed * slewPPM / 1_000_000
	c.offset += min(max(e, -most), most)
	c.slewed = media
	return true
}

// wall dates media time.
func (c *clock) wall(media int64) int64 { return media + c.offset }

// perHour is the camera's media clock against the node's.
func (c *clock) perHour() time.Duration { return time.Duration(c.drift * float64(time.Hour)) }

// stepper notices that somebody set the clock: wall and monotonic time part.
type stepper struct {
	begun bool
	off   int64
}

// stepped takes the wall clock in Unix nanoseconds and the monotonic time since some moment.
func (j *stepper) stepped(wall int64, passed time.Duration) bool {
	off := wall - int64(passed)
	d := off - j.off
	first := !j.begun
	j.off, j.begun = off, true
	return !first && (d > 5e8 || d < -5e8)
}
