package main

import "math"

// road looks along the compound's main road: lamps, trees, the fire lane kept free. The road runs along z.
func road() *scene {
	s := &scene{
		name: "road", eye: vec{3.6, 5.6, -13}, at: vec{-.9, .9, 9}, wide: 70, sun: vec{.66, .5, -.42}, sunlight: autumnLight, haze: .0045,
	}
	walk := pavers(0xb0a294, 0x716960, .4, .2)
	s.ground = func(p, n vec) paint {
		ax := math.Abs(p.x)
		switch {
		case ax < 3.1:
			q := asphalt(p, n)
			m := line(p, ax-2.85, .05)
			if p.z > 7 && p.z < 10.2 { // zebra crossing
				m = math.Max(m, line(p, (frac(p.x/1.05)-.5)*1.05, .26)*span(ax, 0, 2.6))
			} else {
				m = math.Max(m, line(p, p.x, .05)*span(frac(p.z/4.5), 0, .5))
			}
			if p.z > -8.4 && p.z < -3.2 && p.x > .35 && p.x < 2.5 { // an arrow
				w, z := math.Abs(p.x-1.4), p.z+8.2
				if z < 3 {
					m = math.Max(m, line(p, w, .09))
				} else {
					m = math.Max(m, smooth(.02, -.02, w-(5-z)*.28)*smooth(.1, .4, rough(p.mul(2.6), 4)))
				}
			}
			q.color = mix(q.color, rgb(0xdedbd2), clamp(m, 0, 1)*.85)
			if d := math.Hypot(p.x+1.5, p.z+1.2); d < .36 { // a manhole cover
				q = paint{color: rgb(0x4a4644).mul(.7 + .5*span(frac(p.x*9)+frac(p.z*9), .7, 1.5)), shine: .4}
				if d > .32 {
					q.color = rgb(0x2b2a2a)
				}
			}
			share := .015 + .11*smooth(1.2, 3, ax)
			return fallen(p, q, share)
		case ax < 5.4:
			return fallen(p, walk(p, n), .16)
		}
		return lawn(p, n)
	}
	kerb(s, 3.1, -60, 3.1, 70)
	kerb(s, -3.1, -60, -3.1, 70)
	// A hump, in yellow and black.
	s.still = append(s.still, egg(vec{0, -.02, 3.4}, vec{3, .09, .22}, func(p, _ vec) paint {
		if frac(p.x/.9) < .5 {
			return paint{color: rgb(0xd3a32a)}
		}
		return paint{color: rgb(0x232323)}
	}))
	for i := range 6 {
		z := -8.5 + 11*float64(i)
		if i > 0 {
			lamp(s, 3.75, z+2, 6.2, 180)
		}
		for j, x := range []float64{-6.3, 6.4} {
			if i == 0 && j == 1 {
				continue // it would stand before the camera
			}
			plant(s, x, z+3.5*float64(j), 7.4+.5*float64(i%3), 2.5, gold, uint64(50+2*i+j))
		}
	}
	for j, x := range []float64{-8.6, 8.8} {
		for i := range 4 {
			hedge(s, x, -2+13*float64(i), .9, .8, 10.5, 0, uint64(70+2*i+j))
		}
	}
	for i, x := range []float64{-16, 16, -14, 15} {
		plant(s, x, 4+12*float64(i), 6.5, 2.3, [][]uint32{green, rust}[i%2], uint64(90+i))
	}
	// Ends of blocks of flats: walls without windows.
	for i := range 3 {
		z := 6 + 26*float64(i)
		flats(s, -22, z, 14, 33, 11, 0, 0xd8c6a6)
		flats(s, 23, z+9, 14, 33, 11, 0, 0xcfbb9c)
	}
	flats(s, -4, 108, 26, 36, 12, 0, 0xd2c2a8)
	s.still = append(s.still, cuboid(0, 0, 74, 60, 2.3, .4, 0, plaster(0xd8cdb8, .6)))
	for i, x := range []float64{-9, -3, 3, 9} {
		plant(s, x, 71, 6.5, 2.4, green, uint64(110+i))
	}
	bench(s, -4.6, 1, 90)
	bench(s, -4.6, 12.5, 90)
	bin(s, -4.7, 3.2, 90, 0x5b6064)
	bin(s, -4.7, 3.95, 90, 0x2d5f9a)
	// The fire hydrant and its sign.
	red := glossy(0xb3261e, .5)
	s.still = append(s.still, pole(vec{4.3, 0, -2.4}, vec{4.3, .62, -2.4}, .11, red), egg(vec{4.3, .64, -2.4}, vec{.13, .1, .13}, red),
		pole(vec{4.12, .45, -2.4}, vec{4.48, .45, -2.4}, .06, red))
	s.still = append(s.still, pole(vec{-3.7, 0, -4.5}, vec{-3.7, 2.5, -4.5}, .04, metal(0x8a9196)), pole(vec{-3.7, 2.2, -4.54}, vec{-3.7, 2.2, -4.48}, .3, func(p, n vec) paint {
		d := math.Hypot(p.x+3.7, p.y-2.2)
		switch {
		case n.z > -.5:
			return paint{color: rgb(0x9aa0a4)}
		case d > .24, math.Abs((p.x+3.7)+(p.y-2.2)) < .05: // no parking
			return paint{color: rgb(0xb3261e)}
		}
		return paint{color: rgb(0x27559a)}
	}))
	s.moves = append(s.moves, drift(40, vec{-2.6, 0, -9}, vec{5.2, 0, 26}), birds)
	return s
}

// drift is a handful of leaves that the wind carries along the ground, each for a part of the clip.
func drift(n int, from, size vec) mover {
	return func(c *canvas, t float64) {
		d := dice(77)
		for range n {
			start := from.add(vec{d.float() * size.x, 0, d.float() * size.z})
			when, lasts, way := d.float(), d.within(.14, .3), vec{d.within(-2.6, -.8), 0, d.within(.4, 2.4)}
			hops, high, phase := d.within(2, 5), d.within(.04, .34), d.float()
			hue := mix(rgb(0xd9a520), rgb(0xb06a24), d.float())
			k := frac(t-when) / lasts
			if k > 1 {
				continue
			}
			ease := smooth(0, 1, k)
			p := start.add(way.mul(ease))
			lift := math.Abs(math.Sin(math.Pi*hops*k)) * high * (1 - k*.5) * smooth(0, .15, k)
			turn := .35 + .65*math.Abs(math.Sin(2*math.Pi*(k*hops*1.3+phase)))
			sight := smooth(0, .06, k) * smooth(1, .92, k)
			c.shadow(vec{p.x - .03, .02, p.z}, vec{p.x + .03, .02, p.z}, .05, .35*sight)
			p.y = .05 + lift
			c.spot(p, .06*math.Sqrt(turn), sight, hue.mul(1.1+.9*turn))
		}
	}
}

// birds cross the sky once.
func birds(c *canvas, t float64) {
	for i := range 3 {
		k := frac(t-.35-.012*float64(i)) / .4
		if k > 1 {
			continue
		}
		at := vec{lerp(40, -44, k) + 2.2*float64(i), 17 + 1.3*float64(i) + 2*math.Sin(5*k+float64(i)), 46 + 3*float64(i)}
		beat := math.Sin(2*math.Pi*(k*58+.3*float64(i))) * smooth(.3, .6, math.Abs(math.Sin(9*k+float64(i))))
		dark := func(float64, float64) vec { return vec{.05, .05, .06} }
		for _, side := range []float64{-1, 1} {
			c.rod(at, at.add(vec{.15, .42 * beat, .62 * side}), .07, dark)
		}
		c.rod(at.add(vec{-.25, 0, 0}), at.add(vec{.35, 0, 0}), .09, dark)
	}
}
