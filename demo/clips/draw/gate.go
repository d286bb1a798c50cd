package main

import "math"

var (
	autumnSun   = vec{-.62, .52, -.58}
	autumnLight = vec{3.1, 2.72, 2.2}
)

// gate looks out of the compound, over the two barriers, to the street beyond. The gate stands at z = 0.
func gate() *scene {
	s := &scene{
		name: "gate", eye: vec{2.6, 5.1, -14.5}, at: vec{-.4, 1.15, 2}, wide: 74, sun: autumnSun, sunlight: autumnLight, haze: .0035,
	}
	drive, walk := asphalt, pavers(0xa8998a, 0x6d655c, .4, .2)
	s.ground = func(p, n vec) paint {
		x, z := p.x, p.z
		switch {
		case z > 3.2 && z < 6.2: // the footway outside
			if math.Abs(x) < 6.4 {
				return drive(p, n)
			}
			return fallen(p, pavers(0x9b948c, 0x6a655f, .6, .3)(p, n), .06)
		case z >= 6.2: // the street
			q := drive(p, n)
			m := line(p, z-13.2, .08)*span(frac(x/6), 0, .55) + line(p, z-6.8, .07) + line(p, z-19.6, .07)
			q.color = mix(q.color, rgb(0xd9d6cc), clamp(m, 0, 1)*.85)
			return q
		case math.Abs(x) < 5.2:
			q := drive(p, n)
			m := line(p, x-4.9, .06)*span(z, -60, 2.5) + line(p, x+4.9, .06)*span(z, -60, 2.5)
			if z < -1.6 && z > -8 && math.Abs(x) < 4.6 { // keep clear: fire engines
				grid := math.Min(math.Abs(frac((x+z)/1.6)-.5), math.Abs(frac((x-z)/1.6)-.5)) * 1.6
				edge := math.Min(math.Min(math.Abs(z+1.7), math.Abs(z+7.9)), math.Min(math.Abs(x-4.5), math.Abs(x+4.5)))
				m2 := clamp(line(p, grid, .05)+line(p, edge, .07), 0, 1)
				q.color = mix(q.color, rgb(0xd6a62a), m2*.85)
			} else if z < -9 {
				m += line(p, x, .06) * span(frac(z/4), 0, .6)
			}
			q.color = mix(q.color, rgb(0xdcd9cf), clamp(m, 0, 1)*.85)
			return q
		case math.Abs(x) < 8.4:
			return fallen(p, walk(p, n), .07)
		}
		return lawn(p, n)
	}
	k := stone(0xb9aa97)
	red := flat(0x8e2a22)
	for _, x := range []float64{-6.3, 6.3} { // pillars and the beam with its roof
		s.still = append(s.still, cuboid(x, 0, .4, 1.3, 5.2, 1.3, 0, k), cuboid(x, 0, .4, 1.6, .5, 1.6, 0, stone(0x8d8072)))
	}
	s.still = append(s.still, cuboid(0, 5.2, .4, 15, .95, 1.1, 0, k), cuboid(0, 5.38, -.18, 6.4, .62, .1, 0, red))
	tile := func(p, _ vec) paint {
		return paint{color: rgb(0x474d52).mul(.75 + .5*math.Abs(frac(p.x/.22)-.5)*2), shine: .3}
	}
	for _, side := range []float64{-1, 1} {
		z := .4 + side*1.15
		a, b, c, d := vec{-8, 6.1, z}, vec{8, 6.1, z}, vec{7.4, 6.95, .4}, vec{-7.4, 6.95, .4}
		s.still = append(s.still, tri(a, b, c, tile), tri(a, c, d, tile))
	}
	s.still = append(s.still, pole(vec{-7.5, 6.95, .4}, vec{7.5, 6.95, .4}, .12, flat(0x3a4045)), cuboid(0, 6.02, .4, 15.6, .1, 2.2, 0, flat(0x6d2b22)))

	// Walls to both sides, hedges before them.
	for _, x := range []float64{-14.2, 14.2} {
		s.still = append(s.still, cuboid(x, 0, .5, 14.5, 2.1, .3, 0, plaster(0xd8cdb8, .6)), cuboid(x, 2.1, .5, 14.7, .14, .5, 0, tile))
		hedge(s, x+math.Copysign(1.1, x), -.6, 9.5, .85, .8, 0, uint64(100+x))
	}
	kerb(s, 5.2, -60, 5.2, 3)
	kerb(s, -5.2, -60, -5.2, 3)
	kerb(s, 6.4, 6.2, 40, 6.2)
	kerb(s, -40, 6.2, -6.4, 6.2)

	// The guard's house, its lamp, its glass.
	house := plaster(0xe3dccb, .5)
	s.still = append(s.still,
		cuboid(-7.6, 0, -3.4, 2.8, 2.7, 3.2, 0, func(p, n vec) paint {
			inX := math.Abs(p.x+7.6) < 1.15 && math.Abs(n.z) > .5
			inZ := math.Abs(p.z+3.4) < 1.3 && math.Abs(n.x) > .5
			if (inX || inZ) && p.y > 1 && p.y < 2.25 {
				if f := frac((p.x + p.z) / .86); f < .06 || p.y < 1.06 || p.y > 2.19 {
					return paint{color: rgb(0x6f7679), shine: .4}
				}
				return glass(p, n)
			}
			return house(p, n)
		}),
		cuboid(-7.6, 2.7, -3.4, 3.5, .22, 3.9, 0, flat(0x505a60)), cuboid(-7.6, 2.92, -3.4, 3.2, .1, 3.6, 0, flat(0x7b848a)))
	// The island between the lanes with the two barriers' posts, and bollards.
	s.still = append(s.still, cuboid(0, 0, -.9, .9, .16, 4.6, 0, concrete))
	for _, b := range barriers {
		s.still = append(s.still,
			cuboid(b.foot.x, 0, b.foot.z, .42, 1.08, .36, 0, flat(0xd4872a)), cuboid(b.foot.x, 1.08, b.foot.z, .46, .06, .4, 0, flat(0x2a2d30)),
			cuboid(b.foot.x, .3, b.foot.z-.19, .3, .45, .02, 0, flat(0xe9e5da)))
	}
	for _, x := range []float64{-5.7, 5.7} {
		for z := -12.0; z < -5; z += 1.8 {
			s.still = append(s.still, pole(vec{x, 0, z}, vec{x, .75, z}, .07, func(p, n vec) paint {
				if p.y > .5 && p.y < .64 {
					return paint{color: rgb(0xe0b030)}
				}
				return paint{color: rgb(0x3a3f42), shine: .3}
			}))
		}
	}
	for i, c := range []uint32{0x3f6a48, 0x3a5f88, 0x84403c, 0x5b6064} { // four kinds of rubbish
		bin(s, 7.1, -5.2-.75*float64(i), 90, c)
	}
	// The notice board.
	s.still = append(s.still, pole(vec{7.3, 0, -9.3}, vec{7.3, 2.1, -9.3}, .05, metal(0x788086)), pole(vec{7.3, 0, -11.6}, vec{7.3, 2.1, -11.6}, .05, metal(0x788086)),
		cuboid(7.3, .85, -10.45, .1, 1.2, 2.5, 0, func(p, n vec) paint {
			if f, g := frac((p.z+11.7)/.62), frac((p.y-.9)/.55); n.x < -.5 && f > .1 && f < .9 && g > .12 && g < .85 {
				return paint{color: mix(rgb(0xe8e4d8), rgb(0xa23b30), span(g, .68, .85)), shine: .3}
			}
			return paint{color: rgb(0x35516b), shine: .4}
		}), cuboid(7.3, 2.1, -10.45, .5, .08, 2.9, 0, flat(0x2d3438)))
	lamp(s, 5.75, -3, 6, 180)
	lamp(s, -5.75, -9.5, 6, 0)
	lamp(s, 9, 5.4, 7.5, 90)

	// Trees, inside and along the street; blocks of flats far off.
	plant(s, -10.5, -2.2, 7.2, 2.6, gold, 11)
	plant(s, 10.6, -2.6, 7, 2.5, gold, 12)
	plant(s, 9.9, -8.6, 5.2, 2, rust, 17)
	for i, x := range []float64{-19, -10.5, 11.5, 20} {
		plant(s, x, 5, 7.5, 2.6, green, uint64(20+i))
	}
	for i, x := range []float64{-22, -13, -4, 5, 14, 23} {
		plant(s, x, 22.5, 8, 3, [][]uint32{gold, green}[i%2], uint64(30+i))
	}
	s.still = append(s.still, cuboid(0, 0, 25, 90, 2.4, .3, 0, plaster(0xcfc6b4, .6)))
	flats(s, -30, 46, 13, 33, 12, 0, 0xd9c7a8)
	flats(s, -8, 58, 14, 39, 12, 0, 0xcdb79a)
	flats(s, 17, 50, 13, 33, 12, 0, 0xd9c7a8)
	flats(s, 42, 60, 14, 36, 12, 0, 0xcab9a4)

	for i, b := range barriers {
		s.moves = append(s.moves, b.arm(float64(i)*.5))
	}
	return s
}

type barrier struct {
	foot vec
	dir  float64 // where the arm reaches, along x
}

var barriers = []barrier{{vec{.25, 0, -2.2}, 1}, {vec{-.25, 0, .2}, -1}}

// arm goes up and comes down once in a clip; a lamp on the post blinks while it moves.
func (b barrier) arm(phase float64) mover {
	return func(c *canvas, t float64) {
		t = frac(t + phase)
		up := smooth(.12, .2, t) * (1 - smooth(.5, .62, t))
		sn, cs := math.Sincos(up * 84 * math.Pi / 180)
		from := b.foot.add(vec{0, .98, 0})
		to := from.add(vec{b.dir * 4.2 * cs, 4.2 * sn, 0})
		if up < .98 { // its shadow on the road
			k := .34 * (1 - up*.6)
			sun := c.l.sun
			ground := func(p vec) vec { q := p.sub(sun.mul(p.y / sun.y)); q.y = .02; return q }
			c.shadow(ground(from), ground(to), .05, k)
		}
		c.rod(from, to, .055, func(along, across float64) vec {
			color := rgb(0xe9e4da)
			if frac(along*4.2/1.1) < .5 {
				color = rgb(0xc02a20)
			}
			return color.mul(1.75 - .9*(across*.5+.5))
		})
		c.rod(from, from.add(vec{-b.dir * .35 * cs, -.35 * sn, 0}), .09, func(_, across float64) vec { return rgb(0x303438).mul(1.5 - across*.5) })
		moving := up > .01 && up < .99
		light := rgb(0x2f8a4a).mul(2.2)
		if up < .5 {
			light = rgb(0xd02818).mul(2.2)
		}
		if !moving || frac(t*40) < .5 {
			c.spot(b.foot.add(vec{0, 1.22, 0}), .06, 1, light)
		}
	}
}

// shadow darkens the ground along a line.
func (c *canvas) shadow(a, b vec, r, k float64) {
	ax, ay, ad := c.l.project(a)
	bx, by, bd := c.l.project(b)
	if ad < .2 || bd < .2 {
		return
	}
	W, H := float64(c.lay.w), float64(c.lay.h)
	ax, ay, bx, by = ax*W, ay*H, bx*W, by*H
	scale := W / (2 * math.Tan(c.l.wide*math.Pi/360))
	l2 := (bx-ax)*(bx-ax) + (by-ay)*(by-ay) + 1e-9
	pad := r*scale/math.Min(ad, bd) + 2
	for y := int(math.Min(ay, by) - pad); y <= int(math.Max(ay, by)+pad); y++ {
		for x := int(math.Min(ax, bx) - pad); x <= int(math.Max(ax, bx)+pad); x++ {
			if x < 0 || y < 0 || x >= c.lay.w || y >= c.lay.h {
				continue
			}
			px, py := float64(x)+.5, float64(y)+.5
			q := clamp(((px-ax)*(bx-ax)+(py-ay)*(by-ay))/l2, 0, 1)
			d := lerp(ad, bd, q)
			i := y*c.lay.w + x
			if math.Abs(c.lay.depth[i]-d) > 1.2 {
				continue
			}
			rr := r * scale / d
			cover := clamp(rr-math.Hypot(px-lerp(ax, bx, q), py-lerp(ay, by, q))+.5, 0, 1) * math.Min(1, 2*rr)
			sunny := c.lay.sunny[i].mul(1-c.lay.cover[i]).lum() / (c.lay.shade[i].add(c.lay.sunny[i]).lum() + 1e-9)
			for n := range 3 {
				c.pix[3*i+n] = byte(float64(c.pix[3*i+n]) * (1 - cover*k*clamp(sunny*1.4, 0, 1)))
			}
		}
	}
}
