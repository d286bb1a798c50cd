package main

import "math"

// parking looks down on the car park from a corner. Its lane runs along x, bays lie on both sides.
func parking() *scene {
	s := &scene{
		name: "parking", eye: vec{-15.5, 7.6, -13.2}, at: vec{-.6, .2, 1.6}, wide: 72, sun: vec{-.62, .56, -.28}, sunlight: autumnLight, haze: .004,
	}
	const wide, deep, lane = 2.65, 5.3, 3.1
	grid := func(p, n vec) paint { // stones with grass in their holes
		q := pavers(0x9c9a92, 0x56663a, .25, .25)(p, n)
		if math.Hypot(frac(p.x/.25)-.5, frac(p.z/.25)-.5) < .27 {
			q.color = mix(rgb(0x4d6a2e), rgb(0x7d8246), noise(p.mul(6))).mul(.7 + .5*noise(p.mul(40)))
		}
		return fallen(p, q, .03)
	}
	s.ground = func(p, n vec) paint {
		az := math.Abs(p.z)
		switch {
		case math.Abs(p.x) > 18.6 && !(az < lane && p.x < 0):
			if p.x > 18.6 && p.x < 20.6 {
				return fallen(p, pavers(0xb0a294, 0x716960, .4, .2)(p, n), .08)
			}
			return lawn(p, n)
		case az < lane:
			q := asphalt(p, n)
			m := line(p, az-lane+.1, .05)
			f := frac((p.x+3)/12) * 12 // arrows: to the right on the far side, to the left on this one
			if p.z < 0 {
				f = 12 - f
			}
			w := math.Abs(az - 1.5)
			switch {
			case f > 2 && f < 4:
				m = math.Max(m, line(p, w, .08))
			case f >= 4 && f < 5.2:
				m = math.Max(m, smooth(.02, -.02, w-(5.2-f)*.32)*smooth(.1, .4, rough(p.mul(2.6), 4)))
			}
			q.color = mix(q.color, rgb(0xdedbd2), clamp(m, 0, 1)*.85)
			return fallen(p, q, .012)
		case az < lane+deep:
			q := grid(p, n)
			bay := math.Floor((p.x + 18.55) / wide)
			if p.z > 0 && bay >= 3 && bay <= 6 { // for charging
				q = paint{color: mix(rgb(0x3d7d55), rgb(0x4f9468), rough(p.mul(1.2), 3)).mul(.85 + .25*noise(p.mul(25)))}
			}
			off := (frac((p.x+18.55)/wide) - .5) * wide
			m := line(p, wide/2-math.Abs(off), .06) + line(p, az-lane-deep+.05, .05)
			q.color = mix(q.color, rgb(0xe4e1d8), clamp(m, 0, 1)*.9)
			return q
		case az < lane+deep+2.2:
			return fallen(p, pavers(0xb0a294, 0x716960, .4, .2)(p, n), .08)
		}
		return lawn(p, n)
	}
	edge := lane + deep
	kerb(s, -18.6, edge+.1, 18.6, edge+.1)
	kerb(s, -18.6, -edge-.1, 18.6, -edge-.1)
	kerb(s, 18.6, -edge, 18.6, edge)

	at := func(bay int) float64 { return -18.55 + wide*(float64(bay)+.5) }
	d := dice(5)
	for bay := range 14 {
		for _, z := range []float64{1, -1} { // wheel stops
			s.still = append(s.still, cuboid(at(bay), 0, z*(edge-.75), 1.7, .11, .14, 0, func(p, _ vec) paint {
				if frac(p.x/.5) < .5 {
					return paint{color: rgb(0xd2a22c)}
				}
				return paint{color: rgb(0x26272a)}
			}))
		}
	}
	for _, c := range []struct {
		bay  int
		side float64
		hex  uint32
		tall bool
	}{
		{1, 1, 0xd9dadb, false},
		{2, 1, 0x23262b, true},
		{4, 1, 0xe6e6e4, true},
		{6, 1, 0x3f7fa3, false},
		{8, 1, 0x8d9398, false},
		{9, 1, 0x7d1f22, true},
		{12, 1, 0xe9e8e4, false},
		{3, -1, 0xb9a888, false},
		{5, -1, 0xe4e5e6, true},
		{7, -1, 0x2e3f5c, false},
		{8, -1, 0x1f2124, false},
		{11, -1, 0xc9cccf, true},
	} {
		yaw := -90 * c.side
		if d.float() < .3 {
			yaw += 180
		}
		car(s, at(c.bay)+d.within(-.12, .12), c.side*(lane+deep/2+d.within(.1, .35)), yaw+d.within(-1.5, 1.5), c.hex, c.tall)
	}
	for bay := 3; bay <= 6; bay++ { // chargers
		x := at(bay)
		s.still = append(s.still, cuboid(x, 0, edge+.6, .5, 1.5, .3, 0, func(p, n vec) paint {
			if n.z < -.5 && p.y > .95 && p.y < 1.3 && math.Abs(p.x-x) < .17 {
				return paint{color: rgb(0x16252e), shine: 1, glow: rgb(0x2b6e8a).mul(.4)}
			}
			if p.y > 1.38 || p.y < .12 {
				return paint{color: rgb(0x2d8a58), shine: .4}
			}
			return paint{color: rgb(0xe8eae8), shine: .4}
		}))
	}
	// A roof over two-wheelers at the far end.
	for _, z := range []float64{-6, -2, 2, 6} {
		s.still = append(s.still, pole(vec{21.2, 0, z}, vec{21.2, 2.3, z}, .06, metal(0x7d868c)), pole(vec{23.4, 0, z}, vec{23.4, 2.6, z}, .06, metal(0x7d868c)))
	}
	roof := glossy(0x9fb6c2, .8)
	a, b, c, e := vec{20.7, 2.28, -6.6}, vec{20.7, 2.28, 6.6}, vec{23.9, 2.72, 6.6}, vec{23.9, 2.72, -6.6}
	s.still = append(s.still, tri(a, b, c, roof), tri(a, c, e, roof))
	for i := range 9 {
		s.still = append(s.still, pole(vec{21.4, .9, -5.6 + 1.4*float64(i)}, vec{23, .9, -5.6 + 1.4*float64(i)}, .03, metal(0xb9c0c4)))
	}
	for i, x := range []float64{-15, -5, 5, 15} {
		lamp(s, x, edge+1.5, 6.5, 90)
		if i%2 == 1 {
			lamp(s, x, -edge-1.5, 6.5, -90)
		}
	}
	for i := range 7 {
		x := -17 + 6.2*float64(i)
		hedge(s, x, edge+2.9, 5.6, .8, .8, 0, uint64(200+i))
		plant(s, x+2, edge+5.2, 6.6, 2.4, [][]uint32{gold, gold, rust, green}[i%4], uint64(210+i))
	}
	for i, x := range []float64{3, 10.5, 18} {
		plant(s, x, -edge-4.2, 5.8, 2.1, [][]uint32{green, gold, rust}[i], uint64(230+i))
	}
	for i, z := range []float64{-12, -4, 5, 13} {
		plant(s, 27.5, z, 7.4, 2.7, [][]uint32{gold, green}[i%2], uint64(240+i))
	}
	flats(s, -10, 32, 22, 33, 12, 0, 0xd8c6a6)
	flats(s, 22, 37, 15, 33, 12, 0, 0xcbb898)
	flats(s, 48, 16, 12, 33, 15, 0, 0xd6c8ae)
	s.still = append(s.still, cuboid(0, 0, 22, 90, 2.2, .3, 0, plaster(0xd8cdb8, .6)), cuboid(40, 0, 0, .3, 2.2, 90, 0, plaster(0xd8cdb8, .6)))
	for i := range 9 {
		plant(s, 37+.3*float64(i%2), -24+6*float64(i), 7.5, 2.9, [][]uint32{green, gold, green, rust}[i%4], uint64(260+i))
	}
	flats(s, 62, -14, 12, 30, 15, 0, 0xcdb79a)

	s.moves = append(s.moves, func(c *canvas, t float64) { // the chargers' lamps: one is charging
		for bay := 3; bay <= 6; bay++ {
			p := vec{at(bay), 1.56, edge + .45}
			switch bay {
			case 4:
				k := .5 + .5*math.Sin(2*math.Pi*10*t)
				c.spot(p, .07, .35+.65*k, rgb(0x35c46a).mul(1+2*k))
			case 6:
				c.spot(p, .07, .9, rgb(0x3a8ee0).mul(2))
			default:
				c.spot(p, .07, .8, rgb(0x2f8a4a).mul(1.4))
			}
		}
	}, drift(30, vec{-12, 0, -3}, vec{26, 0, 6}))
	return s
}
