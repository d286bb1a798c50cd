package main

import "math"

// plant is a broad-leaved tree: a trunk with boughs that stand, leaves that the wind moves.
func plant(s *scene, x, z, height, spread float64, hues []uint32, seed uint64) {
	d := dice(seed)
	trunk := height * .42
	s.still = append(s.still, pole(vec{x, 0, z}, vec{x, trunk * 1.5, z}, .045*height/2.6, bark))
	coats := make([]coat, len(hues))
	for i, h := range hues {
		c := rgb(h)
		coats[i] = func(p, _ vec) paint { return paint{color: c.mul(.85 + .3*noise(p.mul(9))), leaf: true} }
	}
	for range 13 {
		a, k := d.within(0, 2*math.Pi), d.float()
		up := lerp(trunk*1.05, height*.88, k)
		out := spread * (1 - .75*k*k) * d.within(.3, .8)
		c := vec{x + out*math.Cos(a), up, z + out*math.Sin(a)}
		from := vec{x, trunk * d.within(.75, 1.3), z}
		s.still = append(s.still, pole(from, mix(from, c, .85), .03, bark))
		half := vec{spread * d.within(.38, .55), height * d.within(.09, .14), spread * d.within(.38, .55)}
		n := int(430 * half.x * half.z * 2.2)
		for range min(n, 900) {
			v := vec{d.within(-1, 1), d.within(-1, 1), d.within(-1, 1)}
			if l := v.len(); l > 1 || l < .45 {
				continue
			}
			at := c.add(v.by(half))
			facing := v.add(vec{d.within(-1, 1), d.within(-.2, 1.2), d.within(-1, 1)}).unit()
			s.sways = append(s.sways, leaf(at, facing, d.within(.07, .135), coats[int(d.float()*float64(len(coats)))]))
		}
	}
}

var (
	gold  = []uint32{0xd9a520, 0xe0b63a, 0xc98d1a, 0xd7a93a, 0xb7861e}
	green = []uint32{0x41602a, 0x56753a, 0x38562a, 0x6a803f, 0x4b6b2f}
	rust  = []uint32{0xa8552a, 0xb8692f, 0x96432a, 0xc07a3a}
)

// hedge is a clipped row of bushes, w by h by d, its middle on the ground at (x, z).
func hedge(s *scene, x, z, w, h, d, yaw float64, seed uint64) {
	r := dice(seed)
	inner := cuboid(x, 0, z, w-.1, h-.06, d-.1, yaw, flat(0x26361a))
	s.still = append(s.still, inner)
	coats := []coat{}
	for _, hex := range []uint32{0x3f5a28, 0x4d6a30, 0x5c7838, 0x34502a} {
		c := rgb(hex)
		coats = append(coats, func(vec, vec) paint { return paint{color: c, leaf: true} })
	}
	area := w*d + 2*(w+d)*h
	for range int(area * 90) {
		p := vec{r.within(-w/2, w/2), r.within(0, h), r.within(-d/2, d/2)}
		switch pick := r.float() * area; {
		case pick < w*d:
			p.y = h - .04 + r.within(-.03, .03)
		case pick < w*d+2*w*h:
			p.z = math.Copysign(d/2, p.z)
		default:
			p.x = math.Copysign(w/2, p.x)
		}
		n := vec{r.within(-1, 1), r.within(-.3, 1), r.within(-1, 1)}.unit()
		s.still = append(s.still, leaf(vec{x, 0, z}.add(inner.world(p)), n, r.within(.035, .075), coats[r.next()%4]))
	}
}

// lamp is a street lamp whose arm points to yaw.
func lamp(s *scene, x, z, height, yaw float64) {
	k := metal(0x3c4448)
	sn, cs := math.Sincos(yaw * math.Pi / 180)
	top := vec{x, height, z}
	end := vec{x + 1.1*cs, height + .18, z - 1.1*sn}
	s.still = append(s.still,
		pole(vec{x, 0, z}, vec{x, 1, z}, .1, k), pole(vec{x, 0, z}, top, .06, k), pole(top, end, .035, k),
		egg(end.add(vec{.2 * cs, .02, -.2 * sn}), vec{.34, .07, .16}, metal(0x596267)),
		egg(end.add(vec{.2 * cs, -.03, -.2 * sn}), vec{.27, .05, .12}, flat(0xf3efe2)),
	)
}

// kerb is a row of stones along x or z.
func kerb(s *scene, x0, z0, x1, z1 float64) {
	w, d := math.Abs(x1-x0), math.Abs(z1-z0)
	s.still = append(s.still, cuboid((x0+x1)/2, 0, (z0+z1)/2, math.Max(w, .15), .14, math.Max(d, .15), 0,
		func(p, n vec) paint {
			q := concrete(p, n)
			if frac((p.x+p.z)/1.0) < .015 {
				q.color = q.color.mul(.5)
			}
			return q
		}))
}

// prism is a convex outline in x and y, drawn out along z by w; the upper part narrows by taper.
func prism(s *scene, at vec, yaw float64, outline [][2]float64, w, taper float64, k coat) {
	sn, cs := math.Sincos(yaw * math.Pi / 180)
	top := 0.0
	low := 1e9
	for _, p := range outline {
		top, low = math.Max(top, p[1]), math.Min(low, p[1])
	}
	point := func(i int, side float64) vec {
		p := outline[i%len(outline)]
		z := side * (w/2 - taper*(p[1]-low)/(top-low+1e-9))
		return at.add(vec{p[0]*cs + z*sn, p[1], -p[0]*sn + z*cs})
	}
	n := len(outline)
	for i := range n {
		a, b, c, d := point(i, -1), point(i+1, -1), point(i+1, 1), point(i, 1)
		s.still = append(s.still, tri(a, b, c, k), tri(a, c, d, k))
	}
	for i := 1; i < n-1; i++ {
		s.still = append(s.still, tri(point(0, -1), point(i, -1), point(i+1, -1), k), tri(point(0, 1), point(i, 1), point(i+1, 1), k))
	}
}

// car is a parked car without a plate, its middle on the ground at (x, z), its nose towards yaw.
func car(s *scene, x, z, yaw float64, hex uint32, tall bool) {
	sn, cs := math.Sincos(yaw * math.Pi / 180)
	put := func(dx, dy, dz float64) vec { return vec{x + dx*cs + dz*sn, dy, z - dx*sn + dz*cs} }
	body := glossy(hex, .9)
	roof, hull := 1.44, .92
	if tall {
		roof, hull = 1.68, 1.02
	}
	prism(s, vec{x, 0, z}, yaw, [][2]float64{
		{-2.2, .34}, {2.25, .3}, {2.32, .55}, {2.2, .74}, {1.15, hull}, {-2.1, hull + .02}, {-2.28, .8},
	}, 1.78, .1, func(p, n vec) paint {
		if p.y < .4 {
			return paint{color: rgb(0x181a1c)}
		}
		return body(p, n)
	})
	front, back := 1.15, -1.95
	if tall {
		back = -2.15
	}
	prism(s, vec{x, 0, z}, yaw, [][2]float64{{front, hull - .02}, {.35, roof - .03}, {-.4, roof}, {back + .45, roof - .06}, {back, hull - .02}}, 1.62, .2,
		func(p, n vec) paint {
			if n.y > .95 {
				return body(p, n)
			}
			side := math.Abs(n.x*sn + n.z*cs)
			along := (p.x-x)*cs - (p.z-z)*sn
			if side > .8 && (math.Abs(along-.02) < .05 || along < back+.38 || p.y > roof-.1 || p.y < hull+.05) {
				return body(p, n) // pillars and frames
			}
			return glass(p, n)
		})
	for _, dx := range []float64{-1.4, 1.42} {
		for _, side := range []float64{-1, 1} {
			s.still = append(s.still,
				pole(put(dx, .33, side*.62), put(dx, .33, side*.87), .33, flat(0x15161a)),
				pole(put(dx, .33, side*.8), put(dx, .33, side*.885), .2, metal(0x9aa0a5)))
		}
	}
	for _, side := range []float64{-1, 1} {
		s.still = append(s.still,
			egg(put(2.2, .66, side*.62), vec{.12, .07, .17}, glossy(0xe8eef2, 1)),
			egg(put(-2.2, .82, side*.66), vec{.1, .09, .15}, glossy(0x9c1218, 1)),
			egg(put(.75, hull+.06, side*.98), vec{.1, .07, .12}, body))
	}
}

// bin is one of the four bins for sorted rubbish.
func bin(s *scene, x, z, yaw float64, hex uint32) {
	s.still = append(s.still,
		cuboid(x, .08, z, .55, .8, .6, yaw, flat(hex)), cuboid(x, .88, z, .6, .08, .65, yaw, flat(hex)),
		cuboid(x, 0, z, .5, .1, .5, yaw, flat(0x202020)))
}

// bench stands along its own x.
func bench(s *scene, x, z, yaw float64) {
	sn, cs := math.Sincos(yaw * math.Pi / 180)
	put := func(dx, dz float64) (float64, float64) { return x + dx*cs + dz*sn, z - dx*sn + dz*cs }
	for _, dx := range []float64{-.7, .7} {
		bx, bz := put(dx, 0)
		s.still = append(s.still, cuboid(bx, 0, bz, .08, .42, .44, yaw, metal(0x30363a)))
	}
	for i := range 4 {
		bx, bz := put(0, -.18+.12*float64(i))
		s.still = append(s.still, cuboid(bx, .42, bz, 1.7, .04, .1, yaw, wood))
	}
	for i := range 2 {
		bx, bz := put(0, .27)
		s.still = append(s.still, cuboid(bx, .58+.17*float64(i), bz, 1.7, .11, .03, yaw, wood))
	}
}

// block of flats, seen from its windowless end.
func flats(s *scene, x, z, w, h, d, yaw float64, hex uint32) {
	s.still = append(s.still, cuboid(x, 0, z, w, h, d, yaw, plaster(hex, 3)), cuboid(x, h, z, w+.5, .5, d+.5, yaw, flat(0x8f8a82)),
		cuboid(x, h+.5, z, w*.3, 2, d*.4, yaw, plaster(hex, 0)))
}
