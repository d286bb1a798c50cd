package live

import (
	"time"

	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/cmaf"
)

// timeline turns a stream's times into RTP times that run on over a new recording run: a camera that comes back after
// a reboot goes on in the same picture. Index 0 is the picture, 1 the sound.
type timeline struct {
	begun  bool
	run    uint64
	tracks [2]cmaf.Track
	clocks [2]int64
	shift  [2]int64 // ticks added
	last   [2]int64 // newest time given
	wall   [2]time.Time
}

// begin starts a run with its first frame. The gap is as long as the clock on the wall says.
func (t *timeline) begin(f stream.Frame, tracks [2]cmaf.Track, clocks [2]int64) {
	of := tracks[0]
	if f.Track == tracks[1].ID {
		of = tracks[1]
	}
	for i, clock := range clocks {
		if t.begun && !t.wall[i].IsZero() {
			gone := max(f.Wall.Sub(t.wall[i]), 10*time.Millisecond)
			// Both tracks of a run are on one time line, so either's first frame tells the other's time.
			t.shift[i] = t.last[i] + int64(gone)*clock/int64(time.Second) - scale(f.PTS, of.Timescale, clock)
		}
	}
	t.begun, t.run, t.tracks, t.clocks = true, f.Run, tracks, clocks
}

// at is a frame's time in the track's clock.
func (t *timeline) at(i int, f stream.Frame) int64 {
	ts := scale(f.PTS, t.tracks[i].Timescale, t.clocks[i]) + t.shift[i]
	t.last[i], t.wall[i] = ts, f.Wall
	return ts
}

func scale(t int64, from uint32, to int64) int64 {
	if int64(from) == to || from == 0 {
		return t
	}
	whole, rest := t/int64(from), t%int64(from)
	return whole*to + rest*to/int64(from)
}
