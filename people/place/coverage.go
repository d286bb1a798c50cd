package place

import "slices"

// Coverage is how much protection there is of each kind, or by how much that
// changes: of a compound with its buildings, or of many.
type Coverage struct {
	People    int // guards and volunteers: numbers only
	Physical  int
	Technical int
	Buildings Buildings
}

// Buildings is how many buildings have something of each of the sorts that buildings are counted by: in the order of ByBuilding.
type Buildings [6]int

// ByBuilding are the sorts that buildings are counted by.
var ByBuilding = [len(Buildings{})]Sort{"access-control", "door", "light", "camera", "intercom", "alarm"}

func (c Coverage) plus(o Coverage) Coverage {
	return Coverage{c.People + o.People, c.Physical + o.Physical, c.Technical + o.Technical, c.Buildings.plus(o.Buildings, 1)}
}

func (c Coverage) minus(o Coverage) Coverage {
	return Coverage{c.People - o.People, c.Physical - o.Physical, c.Technical - o.Technical, c.Buildings.plus(o.Buildings, -1)}
}

func (b Buildings) plus(o Buildings, sign int) Buildings {
	for i := range b {
		b[i] += sign * o[i]
	}
	return b
}

// covers is what one count adds to the coverage of its compound.
func (c *Count) covers() (out Coverage) {
	if c.Number <= 0 { // none, or taken back
		return out
	}
	switch c.Sort.Kind() {
	case People:
		out.People = c.Number
	case Physical:
		out.Physical = c.Number
	case Technical:
		out.Technical = c.Number
	}
	if i := slices.Index(ByBuilding[:], c.Sort); i >= 0 && c.Building != "" {
		out.Buildings[i] = 1
	}
	return out
}

// CoverageChange is by how much the coverage of a compound changes.
type CoverageChange struct {
	Moment
	Coverage
}

// Cover turns the counts of a compound into changes that add up (see Grow).
func Cover(counts []Count) []CoverageChange {
	type key struct {
		building ID
		sort     Sort
	}
	by := map[key][]Count{}
	for _, c := range counts {
		k := key{c.Building, c.Sort}
		by[k] = append(by[k], c)
	}
	sum := map[micros]Coverage{}
	for _, list := range by {
		grow(list, (*Count).moment, (*Count).covers, sum)
	}
	out := make([]CoverageChange, 0, len(sum))
	for _, m := range inTime(sum) {
		out = append(out, CoverageChange{m.moment(), sum[m]})
	}
	return out
}
