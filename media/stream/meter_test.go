package stream

import (
	"testing"
	"time"
)

// A camera that nobody watches is read in gulps that do not fall evenly on the seconds: what is shown stays still. A
// camera that is set to another rate, or ends, is seen.
func TestFrameRateStandsStill(t *testing.T) {
	var m meter
	now := time.Unix(1e9, 0)
	second := func(pictures uint64, step time.Duration) float64 {
		m.pictures += pictures
		m.media += time.Duration(pictures) * step
		m.bytes += 1000 * pictures
		now = now.Add(time.Second)
		m.tick(now, 0)
		return m.shownRate
	}
	m.tick(now, 0)
	for i, gulp := range []uint64{20, 30, 20, 30, 30, 20, 10, 40, 25} {
		if got := second(gulp, 40*time.Millisecond); got != 25 {
			t.Errorf("second %d: %v", i, got)
		}
	}
	for range 30 { // its timestamps waver
		if got := second(25, 40*time.Millisecond+300*time.Microsecond); got != 25 {
			t.Errorf("wavering: %v", got)
		}
	}
	for range 40 {
		second(12, 80*time.Millisecond)
	}
	if m.shownRate != 12.5 && m.shownRate != 13 {
		t.Errorf("set to 12.5: %v", m.shownRate)
	}
	for range 60 {
		second(0, 0)
	}
	if m.shownRate != 0 {
		t.Errorf("ended: %v", m.shownRate)
	}
}
