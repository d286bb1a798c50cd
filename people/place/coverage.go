package place

// Coverage is how much protection there is of each kind, or by how much that
// changes: of a compound with its buildings, or of many.
type Coverage struct {
	People    int // guards and volunteers: numbers only
	Physical  int
	Technical int
	Access    int // buildings that have access control
}

func (c Coverage) plus(o Coverage) Coverage {
	return Coverage{c.People + o.People, c.Physical + o.Physical, c.Technical + o.Technical, c.Access + o.Access}
}

func (c Coverage) minus(o Coverage) Coverage {
	return Coverage{c.People - o.People, c.Physical - o.Physical, c.Technical - o.Technical, c.Access - o.Access}
}

// accessControl is the sort that buildings are counted by.
const accessControl Sort = "access-control"

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
		if c.Sort == accessControl && c.Building != "" {
			out.Access = 1
		}
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
