package main

import (
	"math"
	"runtime"
	"sync"
)

// mover draws something that moves; t runs from 0 to 1 over the clip, and at 1 all is as at 0.
type mover func(c *canvas, t float64)

// canvas is one frame.
type canvas struct {
	l     *lit
	lay   *layers
	still []byte // where nothing moves
	live  []bool
	gusts []gust
	pix   []byte
}

// gust is what the wind is like at a pixel: three phases that never change.
type gust struct{ slow, fast, flutter float64 }

const exposure = .72

// tone takes light to the screen: bright parts are bent, not cut.
func tone(v vec) (out [3]float64) {
	for i, x := range [3]float64{v.x, v.y, v.z} {
		x *= exposure
		x = x * (2.51*x + .03) / (x*(2.43*x+.59) + .14)
		x = math.Sqrt(math.Max(0, math.Min(1, x))) // to the power of 1/2.2, by two roots that are quick
		out[i] = 255 * x * (.9145 + .0855*math.Sqrt(x))
	}
	return
}

func (c *canvas) put(i int, v vec) {
	for k, x := range tone(v) {
		c.pix[3*i+k] = byte(clamp(x+hash(i%c.lay.w, i/c.lay.w, 0), 0, 255)) // a fixed grain against bands in the sky
	}
}

func newCanvas(l *lit, lay *layers) *canvas {
	c := &canvas{l: l, lay: lay, pix: make([]byte, 3*lay.w*lay.h), live: make([]bool, lay.w*lay.h)}
	for i := range c.live {
		c.put(i, c.light(i, lay.cover[i], lay.opaque[i], lay.trees[i]))
	}
	c.still = append([]byte(nil), c.pix...)
	const reach = 4
	for y := range lay.h {
		for x := range lay.w {
			if i := y*lay.w + x; lay.opaque[i] > 0 || lay.cover[i] > .02 {
				for yy := max(0, y-reach); yy < min(lay.h, y+reach+1); yy++ {
					for xx := max(0, x-reach); xx < min(lay.w, x+reach+1); xx++ {
						c.live[yy*lay.w+xx] = true
					}
				}
			}
		}
	}
	c.gusts = make([]gust, len(c.live))
	k := float64(lay.w) / 1280
	for i, live := range c.live {
		if live {
			x, y := float64(i%lay.w)/k, float64(i/lay.w)/k
			p := vec{x / 150, y / 150, 1}
			c.gusts[i] = gust{noise(p) * 1.7, noise(p.mul(2.3).add(vec{9, 4, 2})) * 2.2, noise(vec{x / 9, y / 9, 6}) * 3}
		}
	}
	return c
}

// light puts the layers of a pixel together.
func (c *canvas) light(i int, cover, opaque float64, trees vec) vec {
	v := c.lay.shade[i].add(c.lay.sunny[i].mul(1 - cover))
	return v.mul(1 - opaque).add(trees.mul(1))
}

// wind is how far the leaves before a pixel are off their place, in pixels.
func (c *canvas) wind(i int, t float64) (dx, dy float64) {
	k, g := float64(c.lay.w)/1280, c.gusts[i]
	turn := func(n, phase float64) float64 { return math.Sin(2 * math.Pi * (n*t + phase)) }
	strength := .62 + .38*turn(2, float64(i%c.lay.w)/(900*k))
	dx = (1.7*turn(3, g.slow) + .8*turn(7, g.fast)) * strength
	dy = (.5*turn(4, g.fast) + .3*turn(9, g.slow)) * strength
	dx += .42 * turn(15, g.flutter)
	dy += .42 * turn(13, g.flutter+.3)
	return dx * k, dy * k
}

func sample(of []float64, w, h int, x, y float64) float64 {
	x, y = clamp(x, 0, float64(w)-1.001), clamp(y, 0, float64(h)-1.001)
	i, fx, fy := int(y)*w+int(x), frac(x), frac(y)
	return lerp(lerp(of[i], of[i+1], fx), lerp(of[i+w], of[i+w+1], fx), fy)
}

func sampleVec(of []vec, w, h int, x, y float64) vec {
	x, y = clamp(x, 0, float64(w)-1.001), clamp(y, 0, float64(h)-1.001)
	i, fx, fy := int(y)*w+int(x), frac(x), frac(y)
	return mix(mix(of[i], of[i+1], fx), mix(of[i+w], of[i+w+1], fx), fy)
}

// draw makes the frame of time t.
func (c *canvas) draw(t float64) []byte {
	copy(c.pix, c.still)
	w, h := c.lay.w, c.lay.h
	rows := make(chan int, h)
	for y := range h {
		rows <- y
	}
	close(rows)
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for y := range rows {
				for x := range w {
					i := y*w + x
					if !c.live[i] {
						continue
					}
					dx, dy := c.wind(i, t)
					cover := sample(c.lay.cover, w, h, float64(x)+dx*1.2, float64(y)+dy*.6)
					opaque := sample(c.lay.opaque, w, h, float64(x)+dx, float64(y)+dy)
					trees := sampleVec(c.lay.trees, w, h, float64(x)+dx, float64(y)+dy)
					c.put(i, c.light(i, cover, opaque, trees))
				}
			}
		})
	}
	all.Wait()
	for _, m := range c.l.moves {
		m(c, t)
	}
	return c.pix
}

// dab blends a colour into a pixel, unless something stands before it.
func (c *canvas) dab(x, y int, depth, k float64, color [3]float64) {
	if x < 0 || y < 0 || x >= c.lay.w || y >= c.lay.h || k <= 0 {
		return
	}
	i := y*c.lay.w + x
	if c.lay.depth[i] < depth-.15 {
		return
	}
	k *= 1 - c.lay.opaque[i]
	for n := range 3 {
		c.pix[3*i+n] = byte(lerp(float64(c.pix[3*i+n]), color[n], k))
	}
}

// rod draws a straight thing between two points of space, r metres thick; coat gives its light along its length.
func (c *canvas) rod(a, b vec, r float64, light func(along, across float64) vec) {
	ax, ay, ad := c.l.project(a)
	bx, by, bd := c.l.project(b)
	if ad < .1 || bd < .1 {
		return
	}
	W, H := float64(c.lay.w), float64(c.lay.h)
	ax, ay, bx, by = ax*W, ay*H, bx*W, by*H
	scale := W / (2 * math.Tan(c.l.wide*math.Pi/360))
	ra, rb := r*scale/ad, r*scale/bd
	pad := math.Max(ra, rb) + 2
	l2 := (bx-ax)*(bx-ax) + (by-ay)*(by-ay) + 1e-9
	for y := int(math.Min(ay, by) - pad); y <= int(math.Max(ay, by)+pad); y++ {
		for x := int(math.Min(ax, bx) - pad); x <= int(math.Max(ax, bx)+pad); x++ {
			px, py := float64(x)+.5, float64(y)+.5
			k := clamp(((px-ax)*(bx-ax)+(py-ay)*(by-ay))/l2, 0, 1)
			qx, qy := lerp(ax, bx, k), lerp(ay, by, k)
			rr := lerp(ra, rb, k)
			off := math.Hypot(px-qx, py-qy)
			cover := clamp(rr-off+.5, 0, 1)
			if rr < .5 {
				cover *= 2 * rr
			}
			if cover > 0 {
				side := clamp((py-qy)/(rr+1e-6), -1, 1)
				c.dab(x, y, lerp(ad, bd, k), cover, tone(light(k, side)))
			}
		}
	}
}

// spot draws a round thing.
func (c *canvas) spot(p vec, r, k float64, light vec) {
	x, y, d := c.l.project(p)
	if d < .1 {
		return
	}
	W, H := float64(c.lay.w), float64(c.lay.h)
	x, y = x*W, y*H
	rr := r * W / (2 * math.Tan(c.l.wide*math.Pi/360)) / d
	color := tone(light)
	for yy := int(y - rr - 1); yy <= int(y+rr+1); yy++ {
		for xx := int(x - rr - 1); xx <= int(x+rr+1); xx++ {
			cover := clamp(rr-math.Hypot(float64(xx)+.5-x, float64(yy)+.5-y)+.5, 0, 1)
			if rr < .5 {
				cover *= 2 * rr
			}
			c.dab(xx, yy, d, cover*k, color)
		}
	}
}
