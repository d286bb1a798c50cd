package role

import (
	"context"
	"time"

	"linli.dev/linli/people/place"
)

// openProgramme opens the rooms of the city's programme.
func (a *All) openProgramme(ctx context.Context) (err error) {
	a.city, err = OpenCity(ctx, a.db, clockFrom(a.cfg.AsOf, time.Now))
	return err
}

// clockFrom is a clock that stands on a day, at the machine's time of day, and runs on from there; the machine's own
// for no day.
func clockFrom(day place.Day, machine func() time.Time) place.Clock {
	var c place.Clock
	if day == 0 {
		c.Now = machine
		return c
	}
	start := machine()
	of := c.Begin(day).Add(start.Sub(c.Begin(c.DayOf(start))))
	c.Now = func() time.Time { return of.Add(machine().Sub(start)) }
	return c
}
