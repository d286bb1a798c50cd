package sheet

import (
	"cmp"
	"slices"
	"strings"

	"linli.dev/linli/people/place"
)

// index finds places by the names that people write.
type index struct {
	tree        *place.Tree
	q           place.AsOf
	counties    []place.Version
	streets     map[place.ID][]place.Version
	communities map[place.ID][]place.Version // of a street
	byName      map[string][]node            // communities by name, and by name without its ending
	compounds   map[place.ID]*compounds      // of a community, those that were asked for
	asked       map[[3]string]answer
	below       map[place.ID]*kids // of a place, those that were asked for
	ended       map[string]place.Version
	codes       map[string]place.Version
	compoundsBy map[string][]place.Version
}

// compounds are those of one community.
type compounds struct {
	byName map[string]place.Version
	cores  []named
}

// node is a community with what is above it.
type node struct{ community, street, county place.Version }

// answer is a community, or which of the three names is wrong and what it might be.
type answer struct {
	community place.ID
	key       Key
	code      string
	near      []string
}

func newIndex(tree *place.Tree, q place.AsOf) *index {
	x := &index{
		tree: tree, q: q, counties: tree.Of(q, place.County), streets: map[place.ID][]place.Version{}, communities: map[place.ID][]place.Version{},
		byName: map[string][]node{}, compounds: map[place.ID]*compounds{}, asked: map[[3]string]answer{}, below: map[place.ID]*kids{},
	}
	for _, county := range x.counties {
		x.streets[county.Place] = tree.Under(q, county.Place)
		for _, street := range x.streets[county.Place] {
			x.communities[street.Place] = tree.Under(q, street.Place)
			for _, community := range x.communities[street.Place] {
				n := node{community, street, county}
				for _, name := range names(community) {
					x.byName[name] = append(x.byName[name], n)
				}
			}
		}
	}
	return x
}

var endings = map[place.Level][]string{
	place.County:    {"自治县", "新区", "开发区", "区", "县", "市"},
	place.Street:    {"街道办事处", "办事处", "街道办", "街道", "镇", "乡"},
	place.Community: {"社区居委会", "社区居民委员会", "居委会", "村委会", "社区", "村"},
}

// short is a name without the ending that says of what level it is.
func short(level place.Level, name string) string {
	name = plain(name)
	for _, e := range endings[level] {
		if s, ok := strings.CutSuffix(name, e); ok && len([]rune(s)) >= 2 {
			return s
		}
	}
	return name
}

func names(v place.Version) []string {
	full, s := plain(v.Name), short(v.Level, v.Name)
	if full == s {
		return []string{full}
	}
	return []string{full, s}
}

// is reports whether a place is called so, exactly or but for its ending.
func is(v place.Version, name string) bool {
	return plain(v.Name) == plain(name) || short(v.Level, v.Name) == short(v.Level, name)
}

// community finds the community that three names mean; the two above it may be
// left out where it is the only one of its name.
func (x *index) community(county, street, community string) answer {
	key := [3]string{plain(county), plain(street), plain(community)}
	if a, ok := x.asked[key]; ok {
		return a
	}
	a := x.find(county, street, community)
	if len(x.asked) < MaxRows {
		x.asked[key] = a
	}
	return a
}

func (x *index) find(county, street, community string) answer {
	fits := func(list []node, county string) (out []node) {
		for _, n := range list {
			if (county == "" || is(n.county, county)) && (street == "" || is(n.street, street)) {
				out = append(out, n)
			}
		}
		return out
	}
	found := fits(x.byName[plain(community)], county)
	if len(found) == 0 {
		found = fits(x.byName[short(place.Community, community)], county)
	}
	if len(found) == 1 {
		return answer{community: found[0].community.Place}
	}
	if len(found) > 1 {
		var where []string
		for _, n := range found[:min(5, len(found))] {
			where = append(where, n.county.Name+n.street.Name)
		}
		return answer{key: Community, code: "sheet.place.several", near: where}
	}
	counties := x.counties
	if county != "" {
		counties = slices.DeleteFunc(slices.Clone(counties), func(v place.Version) bool { return !is(v, county) })
		if len(counties) == 0 {
			return answer{key: County, code: "sheet.place.no-county", near: nearest(county, x.counties)}
		}
	}
	if county != "" && street != "" { // both below it may be right, and lie elsewhere
		if elsewhere := fits(x.byName[plain(community)], ""); len(elsewhere) == 1 {
			return answer{key: County, code: "sheet.place.other-county", near: []string{elsewhere[0].county.Name}}
		}
	}
	var streets []place.Version
	for _, c := range counties {
		streets = append(streets, x.streets[c.Place]...)
	}
	if street != "" {
		all := streets
		streets = slices.DeleteFunc(slices.Clone(streets), func(v place.Version) bool { return !is(v, street) })
		if len(streets) == 0 {
			return answer{key: Street, code: "sheet.place.no-street", near: nearest(street, all)}
		}
	}
	var communities []place.Version
	for _, s := range streets {
		communities = append(communities, x.communities[s.Place]...)
	}
	near := nearest(community, communities)
	for _, n := range x.byName[short(place.Community, community)] { // it is there, but elsewhere
		if len(near) < 3 {
			near = append(near, n.county.Name+n.street.Name+n.community.Name)
		}
	}
	return answer{key: Community, code: "sheet.place.no-community", near: near}
}

// nearest are the names that are most like one that is not there.
func nearest(name string, list []place.Version) []string {
	type near struct {
		name  string
		score float64
	}
	var all []near
	for _, v := range list {
		want, have := []rune(short(v.Level, name)), short(v.Level, v.Name)
		score := likeness(string(want), have)
		for _, r := range want { // one character of two is something too
			if strings.ContainsRune(have, r) {
				score += 0.3 / float64(len(want))
			}
		}
		if score > 0.14 {
			all = append(all, near{v.Name, score})
		}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(b.score, a.score) })
	var out []string
	for _, n := range all {
		if !slices.Contains(out, n.name) && len(out) < 3 {
			out = append(out, n.name)
		}
	}
	return out
}

// under are the compounds of a community.
func (x *index) under(community place.ID) *compounds {
	c := x.compounds[community]
	if c == nil {
		c = &compounds{byName: map[string]place.Version{}}
		for _, v := range x.tree.Under(x.q, community) {
			c.byName[plain(v.Name)] = v
			c.cores = append(c.cores, named{name: v.Name, core: core(v.Name)})
		}
		x.compounds[community] = c
	}
	return c
}
