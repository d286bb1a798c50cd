package main

import "math"

// yard looks over the square: fountain, pavilion, exercise bars, benches. The fountain stands at the origin.
func yard() *scene {
	s := &scene{
		name: "yard", eye: vec{-9.5, 6.4, -14.5}, at: vec{1.4, .7, 2.2}, wide: 72, sun: vec{-.75, .5, -.1}, sunlight: autumnLight, haze: .004,
	}
	light, dark, walk := pavers(0xc9bda9, 0x8c8273, .5, .5), pavers(0xa5806a, 0x6f5a4d, .25, .25), pavers(0xb0a294, 0x716960, .4, .2)
	s.ground = func(p, n vec) paint {
		r := math.Hypot(p.x, p.z)
		switch {
		case r < 9:
			q := light(p, n)
			if r > 8.4 || r > 5.2 && r < 5.7 || r < 3.4 {
				q = dark(p, n)
			} else if a := frac(math.Atan2(p.z, p.x) / math.Pi * 6); a < .09 {
				q = dark(p, n)
			}
			return fallen(p, q, .05)
		case p.x > 8 && p.z > -9 && p.z < -1.8 && p.x < 17: // the ground under the bars
			c := mix(rgb(0x2f6d52), rgb(0x3f8463), rough(p.mul(.8), 3)).mul(.85 + .3*noise(p.mul(45)))
			e := math.Min(math.Min(p.x-8, 17-p.x), math.Min(p.z+9, -1.8-p.z))
			if e < .12 {
				c = rgb(0xa54a36)
			}
			return fallen(p, paint{color: c}, .03)
		case math.Abs(p.x+p.z*.2) < 1.6 && p.z > 0 || math.Abs(p.z-1) < 1.5 && p.x < 0:
			return fallen(p, walk(p, n), .1)
		}
		return lawn(p, n)
	}

	// The fountain.
	k := stone(0xc4b8a4)
	for i := range 24 {
		a := float64(i) / 24 * 2 * math.Pi
		s.still = append(s.still, cuboid(2.5*math.Cos(a), 0, 2.5*math.Sin(a), .3, .5, .7, 90-a*180/math.Pi+90, k))
	}
	s.still = append(s.still, pole(vec{0, .02, 0}, vec{0, .34, 0}, 2.45, func(p, _ vec) paint {
		return paint{color: rgb(0x2b5a66).mul(.8 + .5*noise(vec{p.x * 3, 0, p.z * 3})), shine: 1}
	}), pole(vec{0, .3, 0}, vec{0, .75, 0}, .3, k), egg(vec{0, .85, 0}, vec{.85, .16, .85}, k), pole(vec{0, .9, 0}, vec{0, 1.35, 0}, .12, k), egg(vec{0, 1.4, 0}, vec{.36, .09, .36}, k))

	pavilion(s, 6.6, 9.2)
	for i, a := range []float64{100, 145, 215, 250, 325, 20} {
		sn, cs := math.Sincos(a * math.Pi / 180)
		bench(s, 7.3*cs, 7.3*sn, 90-a+180)
		if i == 0 || i == 1 || i == 4 {
			globe(s, 8.2*math.Cos((a+20)*math.Pi/180), 8.2*math.Sin((a+20)*math.Pi/180))
		}
	}
	bars(s)
	table(s, -8.6, 8.2, 20)
	table(s, -5.2, 10.6, 20)
	bin(s, 8.6, 2.6, 90, 0x5b6064)
	bin(s, 8.6, 3.4, 90, 0x2d5f9a)

	// Flower beds, hedges, trees.
	for i, a := range []float64{35, 75, 190, 285} {
		sn, cs := math.Sincos(a * math.Pi / 180)
		bed(s, 11.3*cs, 11.3*sn, uint64(300+i))
	}
	hedge(s, 12.5, -10, 9, .8, .8, 0, 310)
	hedge(s, -13, 5.5, .8, .8, 7, 0, 311)
	hedge(s, 12.6, 4.2, .8, .8, 6.5, 0, 312)
	for i, p := range [][2]float64{{-12.5, 10.5}, {-3, 15}, {3.5, 16.5}, {12.8, 13}, {15.8, 5.5}, {18.8, -4}, {-17, 3}, {-9, 18}, {18.5, 17}} {
		plant(s, p[0], p[1], 6.4+.4*float64(i%4), 2.5, [][]uint32{gold, green, rust, gold, gold}[i%5], uint64(320+i))
	}
	lamp(s, 10.5, 9.5, 6.5, 200)
	lamp(s, -10.6, 6.2, 6.5, -20)
	flats(s, -20, 42, 15, 33, 12, 0, 0xd8c6a6)
	flats(s, 6, 47, 14, 33, 12, 0, 0xcbb898)
	flats(s, 33, 40, 14, 33, 14, 0, 0xd6c8ae)
	flats(s, 58, 16, 12, 30, 14, 0, 0xcdb79a)
	s.still = append(s.still, cuboid(0, 0, 28, 110, 2.2, .3, 0, plaster(0xd8cdb8, .6)), cuboid(40, 0, 0, .3, 2.2, 90, 0, plaster(0xd8cdb8, .6)))
	for i := range 9 {
		plant(s, -28+8*float64(i), 25.5, 7, 2.8, [][]uint32{green, gold, rust, green}[i%4], uint64(340+i))
	}
	for i := range 7 {
		plant(s, 36, -14+6.5*float64(i), 7.5, 2.9, [][]uint32{gold, green, rust}[i%3], uint64(360+i))
	}
	s.moves = append(s.moves, fountain, drift(34, vec{-8, 0, -8}, vec{16, 0, 14}))
	return s
}

// fountain throws its water: each drop flies its arc a whole number of times in a clip.
func fountain(c *canvas, t float64) {
	d := dice(9)
	water := vec{.95, 1, 1.06}
	for jet := range 16 {
		a := float64(jet) / 16 * 2 * math.Pi
		for range 13 {
			k := frac(t*22 + d.float())
			r, y := lerp(.36, 2, k)+d.within(-.04, .04), 1.42+1.1*k-2.2*k*k
			c.spot(vec{r * math.Cos(a), y, r * math.Sin(a)}, .035+.02*k, .55, water.mul(1.15))
		}
	}
	for range 60 {
		k, spread, a := frac(t*17+d.float()), d.within(0, .2), d.float()*2*math.Pi
		c.spot(vec{spread * k * math.Cos(a), 1.45 + 4.4*k*(1-k), spread * k * math.Sin(a)}, .04, .5, water.mul(1.25))
	}
	for range 70 { // where it falls
		a, r, k := d.float()*2*math.Pi, d.within(1.6, 2.2), frac(t*26+d.float())
		c.spot(vec{r * math.Cos(a), .37, r * math.Sin(a)}, .03+.08*k, .5*(1-k), water)
	}
}

func globe(s *scene, x, z float64) {
	s.still = append(s.still, pole(vec{x, 0, z}, vec{x, 2.6, z}, .05, metal(0x2f3538)), sphere(vec{x, 2.78, z}, .2, glossy(0xf2efe6, .6)))
}

func bed(s *scene, x, z float64, seed uint64) {
	d := dice(seed)
	s.still = append(s.still, egg(vec{x, 0, z}, vec{1.7, .22, 1.7}, flat(0x4a3a2a)))
	hues := []uint32{0xc2385a, 0xe0a02a, 0xd9d2e0, 0x8a3fa0}
	for range 520 {
		a, r := d.float()*2*math.Pi, 1.65*math.Sqrt(d.float())
		p := vec{x + r*math.Cos(a), .22*math.Sqrt(1-r*r/2.9) + d.within(.06, .2), z + r*math.Sin(a)}
		n := vec{d.within(-.6, .6), 1, d.within(-.6, .6)}.unit()
		if d.float() < .45 {
			s.still = append(s.still, leaf(p.add(vec{0, -.06, 0}), n, .07, flat(0x456a2e)))
		} else {
			s.still = append(s.still, leaf(p, n, .055, flat(hues[int(r/1.66*4)%4])))
		}
	}
}

// pavilion has six red columns under a tiled roof.
func pavilion(s *scene, x, z float64) {
	corner := func(i int, r, y float64) vec {
		a := (float64(i) + .5) / 6 * 2 * math.Pi
		return vec{x + r*math.Cos(a), y, z + r*math.Sin(a)}
	}
	red, tile := glossy(0x8c2a20, .4), func(p, _ vec) paint {
		r := math.Hypot(p.x-x, p.z-z)
		return paint{color: rgb(0x4a5257).mul(.7 + .5*math.Abs(frac(r/.24)-.5)*2), shine: .3}
	}
	s.still = append(s.still, pole(vec{x, 0, z}, vec{x, .3, z}, 3, stone(0xb5aa99)), pole(vec{x, 0, z}, vec{x, .15, z}, 3.4, stone(0xa59a8a)))
	for i := range 6 {
		a, b := corner(i, 2.5, .3), corner(i+1, 2.5, .3)
		s.still = append(s.still, pole(a, corner(i, 2.5, 3.1), .13, red), pole(corner(i, 2.5, 2.9), corner(i+1, 2.5, 2.9), .11, flat(0x2f5f52)))
		if i != 3 {
			s.still = append(s.still, pole(a.add(vec{0, .45, 0}), b.add(vec{0, .45, 0}), .09, red), pole(a.add(vec{0, .8, 0}), b.add(vec{0, .8, 0}), .05, red))
		}
		lo, hi, mid := corner(i, 3.7, 3.15), corner(i+1, 3.7, 3.15), vec{x, 0, z}
		m0, m1 := corner(i, 1.5, 3.95), corner(i+1, 1.5, 3.95)
		top := mid.add(vec{0, 5.1, 0})
		s.still = append(s.still, tri(lo, hi, m1, tile), tri(lo, m1, m0, tile), tri(m0, m1, top, tile),
			pole(lo.add(vec{0, .12, 0}), m0, .07, flat(0x3a4045)), pole(m0, top, .06, flat(0x3a4045)))
	}
	s.still = append(s.still, egg(vec{x, 5.2, z}, vec{.18, .3, .18}, glossy(0xb98a2a, .8)))
}

// bars are for exercise: two heights, a walker, a turning plate.
func bars(s *scene) {
	y, b := glossy(0xe0a818, .4), glossy(0x2a5fa8, .4)
	for i := range 4 {
		x := 9.4 + 1.5*float64(i)
		h := 1.6 + .35*float64(i)
		s.still = append(s.still, pole(vec{x, 0, -7.6}, vec{x, 2.75, -7.6}, .06, b))
		if i < 3 {
			s.still = append(s.still, pole(vec{x, h, -7.6}, vec{x + 1.5, h, -7.6}, .03, y))
		}
	}
	for _, z := range []float64{-4.6, -4} {
		for _, x := range []float64{9.2, 11.6} {
			s.still = append(s.still, pole(vec{x, 0, z}, vec{x, 1.3, z}, .045, b))
		}
		s.still = append(s.still, pole(vec{8.9, 1.3, z}, vec{11.9, 1.3, z}, .035, y))
	}
	for _, x := range []float64{13.6, 15.4} { // walkers
		s.still = append(s.still, pole(vec{x, 0, -4.3}, vec{x, 1.5, -4.3}, .06, b), pole(vec{x - .45, 1.5, -4.3}, vec{x + .45, 1.5, -4.3}, .04, b))
		for _, side := range []float64{-.35, .35} {
			s.still = append(s.still, pole(vec{x + side, 1.45, -4.3}, vec{x + side, .32, -4.1}, .03, y), cuboid(x+side, .25, -4.1, .16, .05, .4, 0, flat(0x222426)),
				pole(vec{x + side, 1.5, -4.3}, vec{x + side, 1.75, -4.5}, .025, y))
		}
	}
	for i := range 3 {
		x := 14 + .9*float64(i)
		s.still = append(s.still, pole(vec{x, 0, -6.4 + .3*float64(i%2)}, vec{x, .16, -6.4 + .3*float64(i%2)}, .24, b))
	}
}

// table is for table tennis, of stone.
func table(s *scene, x, z, yaw float64) {
	top := cuboid(x, .7, z, 2.74, .06, 1.52, yaw, nil)
	top.coat = func(p, n vec) paint {
		q := top.local(p.sub(vec{x, 0, z}))
		if n.y > .5 && (math.Abs(q.x) > 1.34 || math.Abs(q.z) > .73 || math.Abs(q.z) < .012) {
			return paint{color: rgb(0xe8e8e4)}
		}
		return paint{color: rgb(0x2c5d48), shine: .3}
	}
	s.still = append(s.still, top, cuboid(x, .76, z, .03, .16, 1.6, yaw, metal(0x4a5258)))
	for _, side := range []float64{-.9, .9} {
		q := top.world(vec{side, 0, 0})
		s.still = append(s.still, cuboid(x+q.x, 0, z+q.z, .22, .7, 1, yaw, concrete))
	}
}
