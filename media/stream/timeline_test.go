package stream

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// However pictures are reordered within the depth, decode times rise, never pass presentation, and are the presentation
// times themselves, shifted.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		depth := rapid.IntRange(0, 4).Draw(t, "depth")
		n := rapid.IntRange(1, 60).Draw(t, "n")
		shown := make([]int64, n)
		for i := range shown {
			shown[i] = base*90000 + int64(i)*3600
		}
		// Decode order: a picture may be sent at most depth places early.
		var sent []int64
		left := slices.Clone(shown)
		lag := 0
		for len(left) > 0 {
			i := 0
			if lag < depth && len(left) > 1 && len(sent) > 0 {
				i = rapid.IntRange(0, min(depth-lag, len(left)-1)).Draw(t, "jump")
			}
			sent = append(sent, left[i])
			left = slices.Delete(left, i, i+1)
			lag = 0
			for _, s := range sent {
				for _, l := range left {
					if s > l {
						lag++
						break
					}
				}
			}
		}
		var o order
		o.begin(depth, sent[0], 3600)
		last := int64(-1 << 60)
		for _, pts := range sent {
			dts, late := o.next(pts)
			if dts <= last || dts > pts || late {
				t.Fatalf("picture shown at %d is decoded at %d, after %d, late %v; sent %v", pts, dts, last, late, sent)
			}
			last = dts
		}
	})
}

func TestUnwrap(t *testing.T) {
	var u unwrap
	var want int64
	ts := uint32(1<<32 - 5)
	first := u.next(ts)
	for range 3000 {
		d := rand.Int64N(1<<24) - 1<<10
		ts, want = ts+uint32(d), want+d
		if got := u.next(ts) - first; got != want {
			t.Fatalf("%d, want %d", got, want)
		}
	}
	if got := u.near(ts - 7); got != want-7 {
		t.Errorf("%d, want %d", got, want-7)
	}
}

// A simulated hour: packets arrive up to 400 ms late, the camera's crystal is off, and still the date is true, never steps,
// and turns at 500 ppm at most.
func TestClock(t *testing.T) {
	for _, ppm := range []int64{0, 50, -50, 300, -300} {
		var c clock
		var lastWall, lastMedia int64
		for i := range int64(3600 * 5) {
			real := i * 200e6
			media := real + real/1e6*ppm
			late := int64(20e6) // read at once
			if i > 15 {
				late = 400e6
			}
			c.observe(real+rand.Int64N(late), media)
			if i%5 != 4 {
				continue
			}
			if !c.adjust(media) {
				t.Fatalf("%d ppm: gave up after %d s", ppm, i/5)
			}
			wall := c.wall(media)
			if lastMedia != 0 {
				turn := float64(wall-lastWall)/float64(media-lastMedia) - 1
				if turn > 501e-6 || turn < -501e-6 {
					t.Fatalf("%d ppm: turned by %.0f ppm", ppm, turn*1e6)
				}
			}
			lastWall, lastMedia = wall, media
			if off := time.Duration(wall - real).Abs(); i > 25 && off > 60*time.Millisecond {
				t.Fatalf("%d ppm: %v off after %d s", ppm, off, i/5)
			}
		}
		want := time.Duration(ppm) * time.Hour / 1e6
		if d := (c.perHour() - want).Abs(); d > 60*time.Millisecond {
			t.Errorf("%d ppm: drift %v an hour, want %v", ppm, c.perHour(), want)
		}
	}
}

// A camera that is off by far more, or a node whose clock was set: the run has to end.
func TestClockGivesUp(t *testing.T) {
	var c clock
	gave := false
	for i := range int64(600) {
		media, arrival := i*1e9, i*1e9
		if i > 100 {
			arrival += 60e9
		}
		c.observe(arrival, media)
		if !c.adjust(media) {
			gave = true
			break
		}
	}
	if !gave {
		t.Error("a minute was slewed away")
	}
}

func TestStepper(t *testing.T) {
	var j stepper
	wall, passed := int64(epoch0), time.Duration(0)
	for i, c := range []struct {
		set  time.Duration
		want bool
	}{{0, false}, {time.Millisecond, false}, {0, false}, {time.Hour, true}, {0, false}, {-time.Minute, true}, {0, false}} {
		wall, passed = wall+int64(time.Second+c.set), passed+time.Second
		if got := j.stepped(wall, passed); got != c.want {
			t.Errorf("%d: clock set by %v: %v", i, c.set, got)
		}
	}
}
