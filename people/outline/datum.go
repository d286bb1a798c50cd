package outline

import (
	"math"

	"github.com/paulmach/orb"
)

// Datum is what a file's degrees are counted in.
type Datum string

// WGS84 is that of satellites and of RFC 7946; CGCS2000 differs from it by
// centimetres. GCJ02 is the one of Chinese web maps, shifted by some hundred
// metres.
const (
	WGS84 Datum = "wgs84"
	GCJ02 Datum = "gcj02"
)

// The Krasovsky ellipsoid, by which the shift is reckoned.
const (
	semiMajor    = 6378245.0
	eccentricity = 0.00669342162296594323 // squared
)

// shifted is where GCJ-02 puts a point of WGS-84.
func shifted(p orb.Point) orb.Point {
	if abroad(p) {
		return p
	}
	x, y := p[0]-105, p[1]-35
	root := math.Sqrt(math.Abs(x))
	wave := (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	dLat := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root + wave +
		(20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi))*2/3 + (160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	dLon := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root + wave +
		(20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi))*2/3 + (150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	lat := p[1] / 180 * math.Pi
	magic := 1 - eccentricity*math.Sin(lat)*math.Sin(lat)
	dLat = dLat * 180 / (semiMajor * (1 - eccentricity) / (magic * math.Sqrt(magic)) * math.Pi)
	dLon = dLon * 180 / (semiMajor / math.Sqrt(magic) * math.Cos(lat) * math.Pi)
	return orb.Point{p[0] + dLon, p[1] + dLat}
}

// abroad: the shift is made in a rectangle around China only.
func abroad(p orb.Point) bool {
	return p[0] < 72.004 || p[0] > 137.8347 || p[1] < 0.8293 || p[1] > 55.8271
}

// Straight undoes the shift. The shift has no inverse in closed form, but it
// changes so slowly that a few steps suffice.
func Straight(p orb.Point) orb.Point {
	w := p
	for range 6 {
		s := shifted(w)
		w = orb.Point{w[0] + p[0] - s[0], w[1] + p[1] - s[1]}
	}
	return w
}

// straighten turns a shape into WGS-84 in place.
func straighten(s orb.MultiPolygon, from Datum) {
	if from != GCJ02 {
		return
	}
	for _, polygon := range s {
		for _, ring := range polygon {
			for i := range ring {
				ring[i] = Straight(ring[i])
			}
		}
	}
}
