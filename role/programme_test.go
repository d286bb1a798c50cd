package role

import (
	"testing"
	"time"

	"linli.dev/linli/people/place"
)

func TestTheProgrammesClockStandsWhereItIsPutAndRunsOn(t *testing.T) {
	machine := time.Date(2026, 11, 23, 23, 59, 0, 0, time.FixedZone("", 8*3600))
	c := &standingClock{machine: func() time.Time { return machine }, begun: machine}
	clock := place.Clock{Now: c.now}
	if clock.Today() != place.Date(2026, 11, 23) {
		t.Error(clock.Time())
	}
	day := place.Date(2017, 9, 27)
	c.stand(clock.Begin(day).Add(officeCloses))
	if clock.Today() != day || clock.Time().Hour() != 18 {
		t.Error(clock.Time())
	}
	machine = machine.Add(7 * time.Hour)
	if clock.Today() != day+1 || clock.Time().Hour() != 1 {
		t.Error(clock.Time())
	}
	// Restarted, it goes on from what is known by then.
	c.stand(clock.Begin(day).Add(20 * time.Hour))
	c.stand(clock.Begin(day).Add(officeCloses))
	c.begun = machine
	if got := clock.Time(); got.Hour() != 20 {
		t.Error(got)
	}
}
