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
	c.stand(clock.Begin(day).Add(OfficeCloses))
	if clock.Today() != day || clock.Time().Hour() != 18 {
		t.Error(clock.Time())
	}
	machine = machine.Add(7 * time.Hour)
	if clock.Today() != day+1 || clock.Time().Hour() != 1 {
		t.Error(clock.Time())
	}
	// It is never put back, only on; and runs on from there.
	c.stand(clock.Begin(day).Add(20 * time.Hour))
	if got := clock.Time(); clock.Today() != day+1 || got.Hour() != 1 {
		t.Error(got)
	}
	c.stand(clock.Begin(day + 30).Add(OfficeCloses))
	machine = machine.Add(time.Hour)
	if got := clock.Time(); clock.Today() != day+30 || got.Hour() != 19 {
		t.Error(got)
	}
	// Restarted, it goes on from what is known by then.
	again := &standingClock{machine: func() time.Time { return machine }, begun: machine}
	again.stand(clock.Begin(day).Add(OfficeCloses))
	again.stand(clock.Begin(day).Add(20 * time.Hour))
	again.stand(clock.Begin(day).Add(OfficeCloses))
	if got := (place.Clock{Now: again.now}).Time(); got.Hour() != 20 {
		t.Error(got)
	}
}
