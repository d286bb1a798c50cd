package main

import "math"

// vec is a point, a direction or a colour (linear light).
type vec struct{ x, y, z float64 }

func (a vec) add(b vec) vec           { return vec{a.x + b.x, a.y + b.y, a.z + b.z} }
func (a vec) sub(b vec) vec           { return vec{a.x - b.x, a.y - b.y, a.z - b.z} }
func (a vec) mul(k float64) vec       { return vec{a.x * k, a.y * k, a.z * k} }
func (a vec) by(b vec) vec            { return vec{a.x * b.x, a.y * b.y, a.z * b.z} }
func (a vec) dot(b vec) float64       { return a.x*b.x + a.y*b.y + a.z*b.z }
func (a vec) len() float64            { return math.Sqrt(a.dot(a)) }
func (a vec) unit() vec               { return a.mul(1 / a.len()) }
func (a vec) lum() float64            { return .2126*a.x + .7152*a.y + .0722*a.z }
func (a vec) cross(b vec) vec         { return vec{a.y*b.z - a.z*b.y, a.z*b.x - a.x*b.z, a.x*b.y - a.y*b.x} }
func mix(a, b vec, k float64) vec     { return a.mul(1 - k).add(b.mul(k)) }
func lerp(a, b, k float64) float64    { return a + (b-a)*k }
func clamp(x, lo, hi float64) float64 { return math.Max(lo, math.Min(hi, x)) }

func smooth(lo, hi, x float64) float64 {
	t := clamp((x-lo)/(hi-lo), 0, 1)
	return t * t * (3 - 2*t)
}

func frac(x float64) float64 { return x - math.Floor(x) }

// rgb takes a colour as painters write it, 0xRRGGBB, to linear light.
func rgb(hex uint32) vec {
	c := func(shift uint) float64 { return math.Pow(float64(hex>>shift&255)/255, 2.2) }
	return vec{c(16), c(8), c(0)}
}

// dice is a small random source: the same scene always comes out the same.
type dice uint64

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (d *dice) float() float64                { return float64(d.next()>>11) / (1 << 53) }
func (d *dice) within(lo, hi float64) float64 { return lo + (hi-lo)*d.float() }

// around gives a direction about n, more often near n (cosine).
func (d *dice) around(n vec) vec {
	u, v := d.float(), 2*math.Pi*d.float()
	r := math.Sqrt(u)
	t := vec{1, 0, 0}
	if math.Abs(n.x) > .7 {
		t = vec{0, 1, 0}
	}
	a := n.cross(t).unit()
	b := n.cross(a)
	return a.mul(r * math.Cos(v)).add(b.mul(r * math.Sin(v))).add(n.mul(math.Sqrt(1 - u)))
}

func hash(x, y, z int) float64 {
	h := uint32(x)*374761393 + uint32(y)*668265263 + uint32(z)*2147483647
	h = (h ^ h>>13) * 1274126177
	h ^= h >> 16
	return float64(h) / (1 << 32)
}

// noise is smooth randomness in space, 0 to 1.
func noise(p vec) float64 {
	fx, fy, fz := math.Floor(p.x), math.Floor(p.y), math.Floor(p.z)
	x, y, z := int(fx), int(fy), int(fz)
	s := func(t float64) float64 { return t * t * (3 - 2*t) }
	u, v, w := s(p.x-fx), s(p.y-fy), s(p.z-fz)
	row := func(y, z int) float64 { return lerp(hash(x, y, z), hash(x+1, y, z), u) }
	return lerp(lerp(row(y, z), row(y+1, z), v), lerp(row(y, z+1), row(y+1, z+1), v), w)
}

// rough adds finer noise on coarse.
func rough(p vec, octaves int) float64 {
	sum, k, all := 0.0, 1.0, 0.0
	for range octaves {
		sum += noise(p) * k
		all += k
		k /= 2
		p = p.mul(2.03).add(vec{17.1, 5.3, 9.7})
	}
	return sum / all
}
