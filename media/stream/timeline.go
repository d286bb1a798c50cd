package stream

import "slices"

// base is the media time at which each run begins, in seconds: room for decode times before the first picture and for
// sound that was caught a little earlier.
const base = 10

// unwrap turns 32-bit RTP timestamps into 64-bit ones. Steps of up to half the circle in both directions are followed.
type unwrap struct {
	last  uint32
	at    int64
	begun bool
}

func (u *unwrap) next(ts uint32) int64 {
	if !u.begun {
		u.begun, u.last, u.at = true, ts, 0
		return 0
	}
	u.at += int64(int32(ts - u.last))
	u.last = ts
	return u.at
}

// near gives the place of a timestamp beside the last one, without following it.
func (u *unwrap) near(ts uint32) int64 { return u.at + int64(int32(ts-u.last)) }

// order derives decode times from presentation times. With a reorder depth of n, the decode time of a picture is the
// presentation time n places before its own in sorted order: known at once, never after its presentation, always rising.
type order struct {
	depth int
	wait  []int64 // sorted, at most depth+1
	last  int64   // decode time given last
	begun bool
}

// begin starts a run whose first picture is at pts; step is the expected distance of pictures.
func (o *order) begin(depth int, pts, step int64) {
	o.depth, o.begun = depth, false
	o.wait = o.wait[:0]
	for i := range depth {
		o.wait = append(o.wait, pts-int64(depth-i)*step)
	}
}

// next gives the decode time of the picture shown at pts. late: it is to be shown before one that was decoded earlier,
// further back than the depth allows.
func (o *order) next(pts int64) (dts int64, late bool) {
	dts = pts
	if o.depth > 0 {
		i, _ := slices.BinarySearch(o.wait, pts)
		o.wait = slices.Insert(o.wait, i, pts)
		dts = o.wait[0]
		o.wait = slices.Delete(o.wait, 0, 1)
	}
	if o.begun && dts <= o.last {
		late = dts < o.last
		dts = o.last + 1
	}
	o.last, o.begun = dts, true
	return dts, late
}
