package role

import (
	"time"

	"linli.dev/linli/access/grant"
)

// clockTrusted says whether what is written down may be dated by the machine's clock, and what is old deleted: somebody has set it, or
// its date can be believed, and no jump of it waits for a person. One answer for footage, outages, looks and the journal.
func (a *All) clockTrusted() bool {
	if a.archive == nil || a.purger == nil { // rooms are still being opened
		return false
	}
	stopped, _ := a.purger.Stopped()
	return !stopped && a.archive.ClockTrusted()
}

// lookClock tells the door what the archive knows of the clock.
type lookClock struct{ all *All }

func (c lookClock) Doubt() string {
	if c.all.archive == nil || c.all.clockTrusted() { // nobody looks before there is footage
		return ""
	}
	return c.all.archive.Dating(time.Now())
}

func (c lookClock) Correction(doubt string) grant.Correction {
	is := c.all.archive.Correction(doubt)
	return grant.Correction{By: is.By, Exact: is.Exact, Zero: is.Zero, Start: is.Start}
}
