package outline

import (
	"maps"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"

	"linli.dev/linli/people/place"
)

// MostKept is how many vertices all outlines together may have on a page.
const MostKept = 12_000

func count(s orb.MultiPolygon) (n int) {
	for _, polygon := range s {
		for _, ring := range polygon {
			n += len(ring)
		}
	}
	return n
}

// Simplify makes shapes light enough: first by what no screen can show, then
// coarser until they fit. What would vanish stays as it was.
func Simplify(shapes map[place.ID]orb.MultiPolygon) (out map[place.ID]orb.MultiPolygon, kept int) {
	bound := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	for _, s := range shapes {
		bound = bound.Union(s.Bound())
	}
	for step := math.Max(bound.Max[0]-bound.Min[0], bound.Max[1]-bound.Min[1]) / 4000; ; step *= 1.6 {
		out, kept = map[place.ID]orb.MultiPolygon{}, 0
		for _, id := range slices.Sorted(maps.Keys(shapes)) {
			out[id] = thin(shapes[id], step)
			kept += count(out[id])
		}
		if kept <= MostKept || step > 360 {
			return out, kept
		}
	}
}

func thin(s orb.MultiPolygon, step float64) orb.MultiPolygon {
	var out orb.MultiPolygon
	for _, polygon := range s {
		var p orb.Polygon
		for i, ring := range polygon {
			r := simplify.DouglasPeucker(step).Ring(ring.Clone())
			b := ring.Bound()
			small := b.Max[0]-b.Min[0] < step && b.Max[1]-b.Min[1] < step
			if i > 0 && (len(r) < 4 || small) {
				continue // a hole that nobody sees
			}
			if len(r) < 4 {
				r = box(b)
			}
			p = append(p, round(r))
		}
		out = append(out, p)
	}
	// Of islands too small to see, one stays when there is nothing else.
	big := slices.DeleteFunc(slices.Clone(out), func(p orb.Polygon) bool {
		b := p.Bound()
		return b.Max[0]-b.Min[0] < step && b.Max[1]-b.Min[1] < step
	})
	if len(big) > 0 {
		return big
	}
	return out[:1]
}

func box(b orb.Bound) orb.Ring { return b.ToRing() }

// round keeps five decimals: a metre.
func round(r orb.Ring) orb.Ring {
	for i := range r {
		r[i] = orb.Point{math.Round(r[i][0]*1e5) / 1e5, math.Round(r[i][1]*1e5) / 1e5}
	}
	return r
}
