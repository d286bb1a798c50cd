package main

import (
	"cmp"
	"math"
	"slices"
)

// paint is what a surface is like at a point.
type paint struct {
	color vec
	shine float64 // 0: chalk, 1: wet glass
	glow  vec
	leaf  bool // thin: light comes through
}

type coat func(p, n vec) paint

func flat(hex uint32) coat { c := rgb(hex); return func(vec, vec) paint { return paint{color: c} } }

func glossy(hex uint32, shine float64) coat {
	c := rgb(hex)
	return func(vec, vec) paint { return paint{color: c, shine: shine} }
}

type ray struct{ o, d vec }

type hit struct {
	t float64
	n vec
	s *shape
}

type form uint8

const (
	ball   form = iota // a, r
	tube               // from a to b, r
	block              // centre a, half sizes b, turned by yaw
	wedge              // triangle a, b, c
	petal              // disc: centre a, normal b, r
	ellips             // centre a, half sizes b
)

type shape struct {
	form     form
	a, b, c  vec
	r        float64
	sin, cos float64
	coat     coat
}

func sphere(c vec, r float64, k coat) shape { return shape{form: ball, a: c, r: r, coat: k} }
func egg(c, half vec, k coat) shape         { return shape{form: ellips, a: c, b: half, coat: k} }
func pole(a, b vec, r float64, k coat) shape {
	return shape{form: tube, a: a, b: b, r: r, coat: k}
}

func tri(a, b, c vec, k coat) shape { return shape{form: wedge, a: a, b: b, c: c, coat: k} }

func leaf(c, n vec, r float64, k coat) shape { return shape{form: petal, a: c, b: n, r: r, coat: k} }

// cuboid stands on the ground at (x, z), or at y, and is turned by yaw degrees.
func cuboid(x, y, z, w, h, d, yaw float64, k coat) shape {
	s, c := math.Sincos(yaw * math.Pi / 180)
	return shape{form: block, a: vec{x, y + h/2, z}, b: vec{w / 2, h / 2, d / 2}, sin: s, cos: c, coat: k}
}

// local turns a direction into a block's own axes; world turns it back.
func (s *shape) local(v vec) vec { return vec{v.x*s.cos - v.z*s.sin, v.y, v.x*s.sin + v.z*s.cos} }
func (s *shape) world(v vec) vec { return vec{v.x*s.cos + v.z*s.sin, v.y, -v.x*s.sin + v.z*s.cos} }

const near = 1e-4

func (s *shape) hit(r ray, far float64) (t float64, n vec, ok bool) {
	switch s.form {
	case ball, ellips:
		o, d := r.o.sub(s.a), r.d
		rr := s.r
		if s.form == ellips {
			o, d, rr = vec{o.x / s.b.x, o.y / s.b.y, o.z / s.b.z}, vec{d.x / s.b.x, d.y / s.b.y, d.z / s.b.z}, 1
		}
		a, b, c := d.dot(d), o.dot(d), o.dot(o)-rr*rr
		q := b*b - a*c
		if q < 0 {
			return
		}
		q = math.Sqrt(q)
		if t = (-b - q) / a; t < near {
			t = (-b + q) / a
		}
		if t < near || t > far {
			return
		}
		n = o.add(d.mul(t))
		if s.form == ellips {
			n = vec{n.x / s.b.x, n.y / s.b.y, n.z / s.b.z}
		}
		return t, n.unit(), true
	case tube:
		axis := s.b.sub(s.a)
		l := axis.len()
		u := axis.mul(1 / l)
		o := r.o.sub(s.a)
		d1, o1 := r.d.sub(u.mul(r.d.dot(u))), o.sub(u.mul(o.dot(u)))
		a, b, c := d1.dot(d1), o1.dot(d1), o1.dot(o1)-s.r*s.r
		best := far
		if q := b*b - a*c; q > 0 && a > 1e-12 {
			k := (-b - math.Sqrt(q)) / a
			if h := o.add(r.d.mul(k)).dot(u); k > near && k < best && h >= 0 && h <= l {
				best, n, ok = k, o1.add(d1.mul(k)).unit(), true
			}
		}
		if down := r.d.dot(u); math.Abs(down) > 1e-9 {
			for _, end := range [2]float64{0, l} { // caps
				k := (end - o.dot(u)) / down
				if p := o.add(r.d.mul(k)).sub(u.mul(end)); k > near && k < best && p.dot(p) < s.r*s.r {
					best, n, ok = k, u, true
					if end == 0 {
						n = u.mul(-1)
					}
				}
			}
		}
		return best, n, ok
	case block:
		o, d := s.local(r.o.sub(s.a)), s.local(r.d)
		lo, hi := near, far
		var nl, nh vec
		for i, e := range [3][3]float64{{o.x, d.x, s.b.x}, {o.y, d.y, s.b.y}, {o.z, d.z, s.b.z}} {
			axis := [3]vec{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}[i]
			if math.Abs(e[1]) < 1e-12 {
				if math.Abs(e[0]) > e[2] {
					return
				}
				continue
			}
			t0, t1 := (-e[2]-e[0])/e[1], (e[2]-e[0])/e[1]
			n0, n1 := axis.mul(-1), axis
			if t0 > t1 {
				t0, t1, n0, n1 = t1, t0, n1, n0
			}
			if t0 > lo {
				lo, nl = t0, n0
			}
			if t1 < hi {
				hi, nh = t1, n1
			}
			if lo > hi {
				return
			}
		}
		if nl != (vec{}) {
			return lo, s.world(nl), true
		}
		if nh != (vec{}) && hi < far {
			return hi, s.world(nh), true
		}
	case wedge:
		e1, e2 := s.b.sub(s.a), s.c.sub(s.a)
		p := r.d.cross(e2)
		det := e1.dot(p)
		if math.Abs(det) < 1e-12 {
			return
		}
		o := r.o.sub(s.a)
		u := o.dot(p) / det
		q := o.cross(e1)
		v := r.d.dot(q) / det
		t = e2.dot(q) / det
		if u >= 0 && v >= 0 && u+v <= 1 && t > near && t < far {
			n = e1.cross(e2).unit()
			if n.dot(r.d) > 0 {
				n = n.mul(-1)
			}
			return t, n, true
		}
	case petal:
		k := r.d.dot(s.b)
		if math.Abs(k) < 1e-9 {
			return
		}
		t = s.a.sub(r.o).dot(s.b) / k
		if t < near || t > far {
			return
		}
		if p := r.o.add(r.d.mul(t)).sub(s.a); p.dot(p) < s.r*s.r {
			n = s.b
			if k > 0 {
				n = n.mul(-1)
			}
			return t, n, true
		}
	}
	return 0, n, false
}

type box struct{ lo, hi vec }

func (s *shape) bounds() box {
	e := func(c, h vec) box { return box{c.sub(h), c.add(h)} }
	all := func(k float64) vec { return vec{k, k, k} }
	switch s.form {
	case ball, petal:
		return e(s.a, all(s.r))
	case ellips:
		return e(s.a, s.b)
	case tube:
		return e(s.a, all(s.r)).join(e(s.b, all(s.r)))
	case block:
		w := math.Abs(s.b.x*s.cos) + math.Abs(s.b.z*s.sin)
		d := math.Abs(s.b.x*s.sin) + math.Abs(s.b.z*s.cos)
		return e(s.a, vec{w, s.b.y, d})
	}
	return box{s.a, s.a}.join(box{s.b, s.b}).join(box{s.c, s.c})
}

func (b box) join(c box) box {
	return box{
		vec{math.Min(b.lo.x, c.lo.x), math.Min(b.lo.y, c.lo.y), math.Min(b.lo.z, c.lo.z)},
		vec{math.Max(b.hi.x, c.hi.x), math.Max(b.hi.y, c.hi.y), math.Max(b.hi.z, c.hi.z)},
	}
}

// entry is where a ray comes into a box; ok is false when it passes by, or comes too late.
func (b *box) entry(o, inv vec, far float64) (at float64, ok bool) {
	lo, hi := 0.0, far
	t0, t1 := (b.lo.x-o.x)*inv.x, (b.hi.x-o.x)*inv.x
	if t0 > t1 {
		t0, t1 = t1, t0
	}
	if t0 > lo {
		lo = t0
	}
	if t1 < hi {
		hi = t1
	}
	t0, t1 = (b.lo.y-o.y)*inv.y, (b.hi.y-o.y)*inv.y
	if t0 > t1 {
		t0, t1 = t1, t0
	}
	if t0 > lo {
		lo = t0
	}
	if t1 < hi {
		hi = t1
	}
	t0, t1 = (b.lo.z-o.z)*inv.z, (b.hi.z-o.z)*inv.z
	if t0 > t1 {
		t0, t1 = t1, t0
	}
	if t0 > lo {
		lo = t0
	}
	if t1 < hi {
		hi = t1
	}
	return lo, lo <= hi
}

// tree sorts shapes in space, so that a ray asks few of them.
type tree struct {
	box         box
	left, right *tree
	shapes      []shape
}

func grow(shapes []shape) *tree {
	if len(shapes) == 0 {
		return nil
	}
	n := &tree{box: shapes[0].bounds()}
	for i := range shapes {
		n.box = n.box.join(shapes[i].bounds())
	}
	if len(shapes) <= 3 {
		n.shapes = shapes
		return n
	}
	size := n.box.hi.sub(n.box.lo)
	along := func(v vec) float64 {
		switch {
		case size.x >= size.y && size.x >= size.z:
			return v.x
		case size.y >= size.z:
			return v.y
		}
		return v.z
	}
	slices.SortFunc(shapes, func(a, b shape) int {
		p, q := a.bounds(), b.bounds()
		return cmp.Compare(along(p.lo.add(p.hi)), along(q.lo.add(q.hi)))
	})
	n.left, n.right = grow(shapes[:len(shapes)/2]), grow(shapes[len(shapes)/2:])
	return n
}

// hit finds the nearest shape, looking first where the ray comes first.
func (n *tree) hit(r ray, far float64) (h hit, ok bool) {
	if n == nil {
		return
	}
	inv := vec{1 / r.d.x, 1 / r.d.y, 1 / r.d.z}
	h.t = far
	type wait struct {
		n  *tree
		at float64
	}
	var stack [48]wait
	at, in := n.box.entry(r.o, inv, far)
	if !in {
		return
	}
	stack[0] = wait{n, at}
	for top := 1; top > 0; {
		top--
		if stack[top].at > h.t {
			continue
		}
		n := stack[top].n
		for i := range n.shapes {
			if t, nn, hit := n.shapes[i].hit(r, h.t); hit {
				h.t, h.n, h.s, ok = t, nn, &n.shapes[i], true
			}
		}
		if n.left == nil {
			continue
		}
		a, inA := n.left.box.entry(r.o, inv, h.t)
		b, inB := n.right.box.entry(r.o, inv, h.t)
		first, second := wait{n.left, a}, wait{n.right, b}
		if inA && inB && b < a {
			first, second, inA, inB = second, first, inB, inA
		}
		if inB {
			stack[top] = second
			top++
		}
		if inA {
			stack[top] = first
			top++
		}
	}
	return h, ok
}

// blocked is whether anything stands in the way.
func (n *tree) blocked(r ray) bool {
	if n == nil {
		return false
	}
	inv := vec{1 / r.d.x, 1 / r.d.y, 1 / r.d.z}
	var stack [48]*tree
	stack[0] = n
	for top := 1; top > 0; {
		top--
		n := stack[top]
		if _, in := n.box.entry(r.o, inv, 1e9); !in {
			continue
		}
		for i := range n.shapes {
			if _, _, hit := n.shapes[i].hit(r, 1e9); hit {
				return true
			}
		}
		if n.left != nil {
			stack[top], stack[top+1] = n.left, n.right
			top += 2
		}
	}
	return false
}
