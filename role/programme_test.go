package role

import (
	"testing"
	"time"

	"linli.dev/linli/people/place"
)

func TestTheProgrammesClockStandsWhereItIsPutAndRunsOn(t *testing.T) {
	machine := time.Date(2026, 11, 23, 23, 59, 0, 0, time.FixedZone("", 8*3600))
	day := place.Date(2017, 9, 27)
	c := clockFrom(day, func() time.Time { return machine })
	if c.Today() != day || c.Time().Hour() != 23 {
		t.Error(c.Time())
	}
	machine = machine.Add(2 * time.Minute)
	if c.Today() != day+1 {
		t.Error(c.Time())
	}
	if own := clockFrom(0, func() time.Time { return machine }); own.Today() != place.Date(2026, 11, 24) {
		t.Error(own.Time())
	}
}
