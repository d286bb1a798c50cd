package stream

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"linli.dev/linli/protocol/cmaf"
)

// newest is the latest frame of a track.
func (f *feeder) newest(track uint32) (fr Frame) {
	for _, x := range f.s.ring.frames[f.s.ring.head:] {
		if x.Track == track {
			fr = x.Frame
		}
	}
	return fr
}

// A camera whose timestamps stand still, or run too slowly: what it sends is dated by when it came, to within a minute, however long that goes on, and
// the footage says why it is cut. A camera a little off is not cut at all.
func TestSlowTimestamps(t *testing.T) {
	c := encode(t, cmaf.H264, 4, "-g", "50", "-bf", "0")
	for _, x := range []struct {
		speed float64
		after int           // pictures that are timed well
		off   time.Duration // at most
		runs  [2]int
	}{
		{0, 0, 63 * time.Second, [2]int{9, 11}},
		{0, 500, 63 * time.Second, [2]int{9, 11}},
		{0.5, 0, 35 * time.Second, [2]int{9, 11}},
		{0.9, 250, 12 * time.Second, [2]int{6, 10}},
		{0.999, 0, time.Second, [2]int{1, 1}},
		{1, 0, time.Second, [2]int{1, 1}},
	} {
		t.Run(fmt.Sprintf("%v after %d", x.speed, x.after), func(t *testing.T) {
			k := &tape{}
			f := plug(t, New(Options{}), c, "", k)
			worst := time.Duration(0)
			for i := range 10 * 60 * 25 {
				late := max(i-x.after, 0)
				pts := int64(i-late)*3600 + int64(float64(late)*3600*x.speed)
				at := f.begin + int64(i)*40e6
				f.picture(c.units[i%len(c.units)], pts, at)
				worst = max(worst, time.Unix(0, at).Sub(f.newest(videoTrack).Wall))
			}
			f.in.finish(ReasonShutdown)
			if worst > x.off {
				t.Errorf("dated up to %v too early", worst)
			}
			if n := len(k.files); n < x.runs[0] || n > x.runs[1] {
				t.Errorf("%d runs in ten minutes", n)
			}
			for _, why := range k.gaps[:len(k.gaps)-1] {
				if why != ReasonTimeJump {
					t.Errorf("cut for %s", why)
				}
			}
		})
	}
}

// noisy sends pictures for some seconds from second from, and sound that arrives late; both are timed by the camera from the same beginning.
func (f *feeder) noisy(c clip, from, seconds int, late func(at time.Duration) time.Duration) {
	for i := from * 25; i < (from+seconds)*25; i++ {
		at := int64(i) * 40e6
		f.picture(c.units[i%len(c.units)], int64(i)*3600, f.begin+at)
		for f.noised*125000 <= at-int64(late(time.Duration(at))) { // 8 kHz
			f.noise(f.noised, bytes.Repeat([]byte{1}, 160), f.begin+at)
			f.noised += 160
		}
	}
}

// The node's clock is set: the sound of the footage after it lies where its pictures lie, whether the camera sends reports or not.
func TestSoundWhenTheClockIsSet(t *testing.T) {
	c := encode(t, cmaf.H264, 4, "-g", "50", "-bf", "0")
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		for _, reports := range []bool{false, true} {
			t.Run(fmt.Sprint(by, " reports ", reports), func(t *testing.T) {
				k := &tape{}
				h := New(Options{})
				f := plug(t, h, c, "PCMA", k)
				f.in.lines = f.in.lines[:2]
				late := func(time.Duration) time.Duration { return 0 }
				if reports {
					late = func(time.Duration) time.Duration { return 300 * time.Millisecond } // what they are there for
				}
				f.noisy(c, 0, 6, late)
				if reports {
					ntp := uint64((f.begin+5e9)/1e9+2208988800) << 32
					f.in.SenderReport(0, ntp, f.vbase+5*90000, f.begin+6e9)
					f.in.SenderReport(1, ntp, f.abase+5*8000, f.begin+6e9)
				}
				f.noisy(c, 6, 18, late)
				h.epoch.Add(1)
				f.begin += int64(by)
				f.noisy(c, 24, 12, late)
				if got := f.newest(soundTrack).Wall.Sub(f.newest(videoTrack).Wall); got.Abs() > 400*time.Millisecond {
					t.Errorf("the latest sound is dated %v after the latest picture", got)
				}
				if e := f.in.sound.want() - f.in.sound.shift; e < -400 || e > 400 {
					t.Errorf("the sound is %d ms off", e/8)
				}
				f.in.finish(ReasonShutdown)
				if len(k.files) != 2 || k.gaps[0] != ReasonClockStep {
					t.Fatalf("%d runs, gaps %v", len(k.files), k.gaps)
				}
				for i, file := range k.files {
					p := probe(t, file)
					if d := p.end[0] - p.end[1]; d < -0.4 || d > 0.4 {
						t.Errorf("run %d: the pictures end at %v, the sound at %v", i, p.end[0], p.end[1])
					}
					if want := p.end[0] * 50; float64(p.packets[1]) < want-30 {
						t.Errorf("run %d: %d packets of sound, want %v", i, p.packets[1], want)
					}
				}
			})
		}
	}
}

// A camera whose sound lags for its first seconds, then keeps step: it is not out of step for minutes. Nor is a single odd arrival a reason to lay the sound anew.
func TestSoundComesIntoStep(t *testing.T) {
	c := encode(t, cmaf.H264, 4, "-g", "50", "-bf", "0")
	for name, late := range map[string]func(at time.Duration) time.Duration{
		"late at first": func(at time.Duration) time.Duration {
			if at < 4*time.Second {
				return 3 * time.Second
			}
			return 0
		},
		"late once": func(at time.Duration) time.Duration {
			if at > 10*time.Second && at < 13*time.Second {
				return at - 10*time.Second
			}
			return 0
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := &tape{}
			f := plug(t, New(Options{}), c, "PCMA", k)
			f.in.lines = f.in.lines[:2]
			f.noisy(c, 0, 20, late)
			if e := f.in.sound.want() - f.in.sound.shift; e < -1600 || e > 1600 {
				t.Errorf("the sound is %d ms off", e/8)
			}
			f.noisy(c, 20, 10, late)
			if got := f.newest(soundTrack).Wall.Sub(f.newest(videoTrack).Wall); got.Abs() > 400*time.Millisecond {
				t.Errorf("the latest sound is dated %v after the latest picture", got)
			}
			f.in.finish(ReasonShutdown)
			p := probe(t, k.files[0])
			if d := p.end[0] - p.end[1]; d < -0.4 || d > 0.4 {
				t.Errorf("the pictures end at %v, the sound at %v", p.end[0], p.end[1])
			}
			if want := map[string]int{"late at first": 1200, "late once": 1490}[name]; p.packets[1] < want {
				t.Errorf("%d packets of sound", p.packets[1])
			}
		})
	}
}

// Sound whose timestamps run at half the speed stays near its pictures all the same.
func TestSlowSound(t *testing.T) {
	c := encode(t, cmaf.H264, 4, "-g", "50", "-bf", "0")
	k := &tape{}
	f := plug(t, New(Options{}), c, "PCMA", k)
	f.in.lines = f.in.lines[:2]
	for i := range 10 * 60 * 25 {
		at := f.begin + int64(i)*40e6
		f.picture(c.units[i%len(c.units)], int64(i)*3600, at)
		f.noise(int64(i)*160, bytes.Repeat([]byte{1}, 160), at)
	}
	if got := f.newest(videoTrack).Wall.Sub(f.newest(soundTrack).Wall); got.Abs() > 40*time.Second {
		t.Errorf("the latest sound is dated %v before the latest picture", got)
	}
	f.in.finish(ReasonShutdown)
}
