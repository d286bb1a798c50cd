package main

import "math"

// Coats that several scenes share. They are made of noise, not of pictures.

func asphalt(p, _ vec) paint {
	c := mix(rgb(0x55585a), rgb(0x6a6c6c), rough(p.mul(.35), 3))
	c = c.mul(.82 + .36*noise(p.mul(28)))
	if k := smooth(.66, .8, rough(vec{p.x * .9, 0, p.z * .25}, 3)); k > 0 { // where wheels have polished it
		c = mix(c, rgb(0x45484b), k*.5)
	}
	return paint{color: c}
}

// pavers are laid in half-bond, w by d metres.
func pavers(hex, joint uint32, w, d float64) coat {
	base, gap := rgb(hex), rgb(joint)
	return func(p, _ vec) paint {
		row := math.Floor(p.z / d)
		x := p.x/w + .5*math.Mod(math.Abs(row), 2)
		col := math.Floor(x)
		fx, fz := frac(x)*w, frac(p.z/d)*d
		edge := math.Min(math.Min(fx, w-fx), math.Min(fz, d-fz))
		k := .8 + .4*hash(int(col), int(row), 3)
		c := base.mul(k * (.9 + .2*noise(p.mul(14))))
		c = mix(c, rgb(0x7b7466), .3*smooth(.5, .8, rough(p.mul(.5), 3)))
		return paint{color: mix(gap, c, smooth(.004, .012, edge))}
	}
}

func lawn(p, _ vec) paint {
	k := rough(p.mul(.6), 4)
	c := mix(rgb(0x5d6f33), rgb(0x8d8a45), smooth(.35, .75, k))
	c = c.mul(.6 + .8*noise(vec{p.x * 30, 0, p.z * 30}))
	return fallen(p, paint{color: c}, .10)
}

// fallen strews autumn leaves over a surface.
func fallen(p vec, on paint, share float64) paint {
	for i, size := range []float64{.17, .13} {
		x, z := p.x/size+float64(i)*31.7, p.z/size+float64(i)*11.3
		cx, cz := int(math.Floor(x)), int(math.Floor(z))
		h := hash(cx, cz, 5+i)
		dense := share * smooth(.25, .75, rough(vec{p.x * .22, 3, p.z * .22}, 3)) * 2
		if h > dense {
			continue
		}
		dx, dz := frac(x)-.5+.3*(hash(cx, cz, 8)-.5), frac(z)-.5+.3*(hash(cx, cz, 9)-.5)
		if dx*dx+dz*dz < .09+.05*h/dense {
			on.color = mix(rgb(0xc9962b), rgb(0xa8692a), hash(cx, cz, 12)).mul(.8 + .4*hash(cx, cz, 14))
			on.shine = 0
		}
	}
	return on
}

// plaster is a painted outer wall with a tiled foot and a line at each floor. It has no windows: homes are nobody's view.
func plaster(hex uint32, foot float64) coat {
	c0, c1 := rgb(hex), rgb(0x8a6a54)
	return func(p, n vec) paint {
		c := c0.mul(.93 + .1*rough(vec{p.x * .5, p.y * .12, p.z * .5}, 4))
		if p.y < foot {
			c = c1.mul(.85 + .3*hash(int(math.Floor((p.x+p.z)/.3)), int(math.Floor(p.y/.1)), 2))
			if frac(p.y/.1) < .1 || frac((p.x+p.z)/.3) < .04 {
				c = c.mul(.7)
			}
		} else if f := frac((p.y - foot) / 3); f < .035 && n.y < .5 {
			c = c.mul(.72)
		}
		c = c.mul(1 - .25*smooth(.55, .8, rough(vec{p.x * 1.5, p.y * .2, p.z * 1.5}, 3))*smooth(8, 0, p.y)) // rain marks
		return paint{color: c}
	}
}

func stone(hex uint32) coat {
	c := rgb(hex)
	return func(p, _ vec) paint {
		return paint{color: c.mul(.8 + .4*rough(p.mul(3), 4)), shine: .15}
	}
}

func metal(hex uint32) coat { return glossy(hex, .5) }

func concrete(p, _ vec) paint {
	return paint{color: rgb(0xa9a69e).mul(.82 + .3*rough(p.mul(2.2), 4))}
}

func wood(p, _ vec) paint {
	return paint{color: mix(rgb(0x7d4f2e), rgb(0xa06f45), rough(vec{p.x * 3, p.y * 30, p.z * 3}, 3))}
}

func bark(p, _ vec) paint {
	return paint{color: mix(rgb(0x4c4238), rgb(0x75675a), noise(vec{p.x * 22, p.y * 5, p.z * 22}))}
}

func glass(_, _ vec) paint { return paint{color: rgb(0x1c2830), shine: 1} }

// line is how much of a painted line of half width h a point at distance d gets; the paint is worn.
func line(p vec, d, h float64) float64 {
	return smooth(h+.012, h-.012, math.Abs(d)) * smooth(.12, .42, rough(p.mul(2.6), 4))
}

// span is 1 between a and b.
func span(v, a, b float64) float64 {
	if v > a && v < b {
		return 1
	}
	return 0
}
