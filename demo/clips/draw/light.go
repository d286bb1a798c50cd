package main

import (
	"math"
	"runtime"
	"sync"
)

// scene is a view before it moves.
type scene struct {
	name         string
	still, sways []shape // what stands, and what the wind moves
	ground       coat    // at y = 0
	eye, at      vec
	wide         float64 // horizontal angle of view, degrees
	sun          vec     // where it stands
	sunlight     vec
	haze         float64 // per metre
	moves        []mover // drawn over each frame
}

// layers are what the light pass leaves: enough to make any frame without another ray.
type layers struct {
	w, h   int
	shade  []vec     // light from the sky and from other things
	sunny  []vec     // light of the sun, as if no tree stood there
	cover  []float64 // how much of the sun the trees take
	trees  []vec     // the trees themselves, weighted by
	opaque []float64
	depth  []float64
}

type lit struct {
	*scene
	still, sways     *tree
	right, up, ahead vec
	aspect           float64
}

func (s *scene) prepare(w, h int) *lit {
	l := &lit{scene: s, still: grow(s.still), sways: grow(s.sways), aspect: float64(h) / float64(w)}
	l.ahead = s.at.sub(s.eye).unit()
	l.right = l.ahead.cross(vec{0, 1, 0}).unit()
	l.up = l.right.cross(l.ahead)
	l.sun = s.sun.unit()
	return l
}

// through is the ray of a point of the picture; x and y are 0 to 1.
func (l *lit) through(x, y float64) ray {
	k := math.Tan(l.wide * math.Pi / 360)
	d := l.ahead.add(l.right.mul((2*x - 1) * k)).add(l.up.mul((1 - 2*y) * k * l.aspect))
	return ray{l.eye, d.unit()}
}

// project is the other way round: where a point of space is in the picture.
func (l *lit) project(p vec) (x, y, depth float64) {
	d := p.sub(l.eye)
	depth = d.dot(l.ahead)
	k := math.Tan(l.wide*math.Pi/360) * depth
	return (d.dot(l.right)/k + 1) / 2, (1 - d.dot(l.up)/(k*l.aspect)) / 2, depth
}

// sky is a clear autumn afternoon with a few thin clouds.
func (l *lit) sky(d vec) vec {
	h := clamp(d.y, 0, 1)
	c := mix(rgb(0xc9d8e4), rgb(0x5d8fc4), math.Pow(h, .55)).mul(1.15)
	if d.y > .02 {
		p := vec{d.x/d.y*1.3 + 40, 0, d.z/d.y*.8 + 11}
		k := smooth(.52, .8, rough(p, 5)) * smooth(.02, .25, d.y) * .75
		c = mix(c, vec{1.1, 1.09, 1.07}, k)
	}
	glow := math.Pow(math.Max(0, d.dot(l.sun)), 24)
	return c.add(l.sunlight.mul(.05 * glow))
}

// first finds what a ray meets; the ground is everywhere.
func (l *lit) first(r ray, trees bool) (h hit, p paint, at vec, ok bool, leafy bool) {
	h, ok = l.still.hit(r, 1e9)
	if !ok {
		h.t = 1e9
	}
	if r.d.y < -1e-9 {
		if t := -r.o.y / r.d.y; t > near && t < h.t {
			h, ok = hit{t: t, n: vec{0, 1, 0}}, true
		}
	}
	if trees {
		if th, hit := l.sways.hit(r, h.t); hit {
			h, ok, leafy = th, true, true
		}
	}
	if !ok {
		return
	}
	at = r.o.add(r.d.mul(h.t))
	if h.s == nil {
		p = l.ground(at, h.n)
	} else {
		p = h.s.coat(at, h.n)
	}
	return
}

func (l *lit) toSun(d *dice) vec {
	return l.sun.add(vec{d.within(-1, 1), d.within(-1, 1), d.within(-1, 1)}.mul(.012)).unit()
}

// direct is the sun's part at a point: what stands lets through, and the share that trees take.
func (l *lit) direct(at vec, h hit, p paint, d *dice) (light vec, covered float64) {
	to := l.toSun(d)
	k := h.n.dot(to)
	c := p.color
	if p.leaf {
		if k < 0 { // through the leaf: warmer and weaker
			k, c = -k*.75, c.by(vec{1.15, 1, .5})
		}
		k = .25 + .75*k
	}
	if k <= 0 {
		return
	}
	r := ray{at.add(h.n.mul(2e-3)), to}
	if l.still.blocked(r) {
		return
	}
	if l.sways.blocked(r) {
		covered = 1
	}
	return c.by(l.sunlight).mul(k), covered
}

// indirect is what comes from the sky and from lit things around: one bounce, and a guess for the rest.
func (l *lit) indirect(at vec, h hit, p paint, d *dice) vec {
	r := ray{at.add(h.n.mul(2e-3)), d.around(h.n)}
	h2, p2, at2, ok, _ := l.first(r, true)
	if !ok {
		return p.color.by(l.sky(r.d))
	}
	sun, covered := l.direct(at2, h2, p2, d)
	return p.color.by(sun.mul(1 - covered).add(p2.color.mul(.35)).add(p2.glow))
}

// mirror is what shines back from a smooth surface.
func (l *lit) mirror(in ray, at vec, h hit, p paint, d *dice) vec {
	k := math.Max(0, -in.d.dot(h.n))
	f := p.shine * (.04 + .96*math.Pow(1-k, 5))
	if f < .004 {
		return vec{}
	}
	r := ray{at.add(h.n.mul(2e-3)), in.d.add(h.n.mul(2 * k)).unit()}
	h2, p2, at2, ok, _ := l.first(r, true)
	if !ok {
		return l.sky(r.d).mul(f)
	}
	sun, covered := l.direct(at2, h2, p2, d)
	return sun.mul(1 - covered).add(p2.color.mul(.4)).mul(f)
}

// fog is the air between.
func (l *lit) fog(c vec, dist float64) (vec, float64) {
	k := math.Exp(-l.haze * dist)
	return c.mul(k), 1 - k
}

// render lights the picture with so many rays per pixel.
func (l *lit) render(w, h, rays int) *layers {
	n := w * h
	out := &layers{
		w: w, h: h, shade: make([]vec, n), sunny: make([]vec, n), cover: make([]float64, n), trees: make([]vec, n),
		opaque: make([]float64, n), depth: make([]float64, n),
	}
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
					l.pixel(out, x, y, rays)
				}
			}
		})
	}
	all.Wait()
	return out
}

var hazeColor = rgb(0xcdd6dc)

func (l *lit) pixel(out *layers, x, y, rays int) {
	d := dice(uint64(y)*7919 + uint64(x)*104729 + 1)
	i := y*out.w + x
	side := int(math.Sqrt(float64(rays)))
	var taken, sunlum float64
	for s := range side * side {
		px := (float64(x) + (float64(s%side)+d.float())/float64(side)) / float64(out.w)
		py := (float64(y) + (float64(s/side)+d.float())/float64(side)) / float64(out.h)
		r := l.through(px, py)

		// What stands.
		h, p, at, ok, _ := l.first(r, false)
		if !ok {
			out.shade[i] = out.shade[i].add(l.sky(r.d))
			out.depth[i] += 1e4
		} else {
			sun, covered := l.direct(at, h, p, &d)
			soft := l.indirect(at, h, p, &d).add(p.glow)
			if p.shine > 0 {
				soft = soft.add(l.mirror(r, at, h, p, &d))
			}
			soft, f := l.fog(soft, h.t)
			sun, _ = l.fog(sun, h.t)
			out.shade[i] = out.shade[i].add(soft).add(hazeColor.mul(f))
			out.sunny[i] = out.sunny[i].add(sun)
			taken += covered * sun.lum()
			sunlum += sun.lum()
			out.depth[i] += h.t
		}

		// The trees before it.
		far := 1e9
		if ok {
			far = h.t
		}
		if th, hit := l.sways.hit(r, far); hit {
			at := r.o.add(r.d.mul(th.t))
			p := th.s.coat(at, th.n)
			sun, covered := l.direct(at, th, p, &d)
			c, f := l.fog(sun.mul(1-covered*.85).add(l.indirect(at, th, p, &d)), th.t)
			out.trees[i] = out.trees[i].add(c).add(hazeColor.mul(f))
			out.opaque[i]++
		}
	}
	k := 1 / float64(side*side)
	out.shade[i], out.sunny[i], out.trees[i] = out.shade[i].mul(k), out.sunny[i].mul(k), out.trees[i].mul(k)
	out.opaque[i] *= k
	out.depth[i] *= k
	if sunlum > 1e-9 {
		out.cover[i] = taken / sunlum
	}
}
