package sheet

import (
	"slices"
	"strings"

	"linli.dev/linli/people/place"
)

// fresh are the places that rows of a list make, so that a later row may hang
// something under them before anything is stored.
type fresh struct {
	at    map[string]made // by parent, level and name
	byID  map[place.ID]made
	codes map[string]where // by level and code
}

// made is a place that a row makes; bad when that row has something wrong with it.
type made struct {
	id, parent place.ID
	name       string
	from       place.Day
	row        where
	bad        bool
}

func newFresh() *fresh {
	return &fresh{at: map[string]made{}, byID: map[place.ID]made{}, codes: map[string]where{}}
}

func freshKey(parent place.ID, level place.Level, name string) string {
	return string(parent) + "/" + string(level) + "/" + plain(name)
}

// note keeps what a row makes, once all is known that is wrong with the row.
func (f *fresh) note(l *line) {
	if !l.found {
		return
	}
	m := made{id: l.id, parent: l.parent, name: l.name, from: l.from, row: where{l.t.Sheet, l.row}, bad: len(l.problems) > 0}
	key := freshKey(l.parent, l.level, l.name)
	if was, ok := f.at[key]; ok && !was.bad {
		return // a row that says the same again is bad, what it speaks of is not
	}
	f.at[key], f.byID[l.id] = m, m
}

// kids are the places under a place that are there now.
type kids struct {
	byName map[string]place.Version
	list   []place.Version
}

func (x *index) kids(parent place.ID) *kids {
	k := x.below[parent]
	if k == nil {
		k = &kids{byName: map[string]place.Version{}, list: x.tree.Under(x.q, parent)}
		for _, v := range k.list {
			k.byName[plain(v.Name)] = v
		}
		x.below[parent] = k
	}
	return k
}

// called finds a place under another by its name, exactly or, when only one fits, but for its ending.
func (k *kids) called(name string) (place.Version, bool) {
	if v, ok := k.byName[plain(name)]; ok {
		return v, true
	}
	var out place.Version
	n := 0
	for _, v := range k.list {
		if is(v, name) {
			out = v
			n++
		}
	}
	return out, n == 1
}

// gone is a place of a level that had this name and has ended.
func (x *index) gone(level place.Level, name string) (place.Version, bool) {
	if x.ended == nil {
		x.ended = map[string]place.Version{}
		for _, l := range place.Levels {
			for _, id := range x.tree.Ever(l) {
				h := x.tree.History(id)
				if _, open := x.tree.At(x.q, id); !open && len(h) > 0 {
					x.ended[string(l)+plain(h[len(h)-1].Name)] = h[len(h)-1]
				}
			}
		}
	}
	v, ok := x.ended[string(level)+plain(name)]
	return v, ok
}

// coded is the place of a level that has a code now.
func (x *index) coded(level place.Level, code string) (place.Version, bool) {
	if x.codes == nil {
		x.codes = map[string]place.Version{}
		for _, l := range []place.Level{place.County, place.Street, place.Community} {
			for _, v := range x.tree.Of(x.q, l) {
				if v.Code != "" {
					x.codes[string(l)+v.Code] = v
				}
			}
		}
	}
	v, ok := x.codes[string(level)+code]
	return v, ok
}

// named are the compounds of a name anywhere under the county and street that are said.
func (x *index) named(county, street, name string) (out []place.Version) {
	if x.compoundsBy == nil {
		x.compoundsBy = map[string][]place.Version{}
		for _, v := range x.tree.Of(x.q, place.Compound) {
			x.compoundsBy[plain(v.Name)] = append(x.compoundsBy[plain(v.Name)], v)
		}
	}
	for _, v := range x.compoundsBy[plain(name)] {
		fits := true
		for _, p := range x.tree.Path(x.q, v.Place) {
			fits = fits && (p.Level != place.County || county == "" || is(p, county)) && (p.Level != place.Street || street == "" || is(p, street))
		}
		if fits {
			out = append(out, v)
		}
	}
	return out
}

// pathOf is a place with what is above it, from the county down, in one word.
func (x *index) pathOf(id place.ID) string {
	var names []string
	for _, v := range x.tree.Path(x.q, id) {
		if v.Level != place.City {
			names = append(names, v.Name)
		}
	}
	return strings.Join(names, "")
}

// mayUnder: who may speak of a place may speak of what a list hangs under it, and under that.
func (c *checker) mayUnder(l *line) bool {
	id := l.parent
	for m, ok := c.new.byID[id]; ok; m, ok = c.new.byID[id] {
		id = m.parent
	}
	return c.who.may(id)
}

// calledAt is the name of a place, or of one that the list makes.
func (c *checker) calledAt(q place.AsOf, id place.ID) string {
	if m, ok := c.new.byID[id]; ok {
		return m.name
	}
	v, _ := c.x.tree.At(q, id)
	return v.Name
}

// inNames are words that are parts of many streets' and villages' names; by
// themselves they are no place's.
var inNames = []string{"民族", "居民", "村民", "老人", "儿童", "妇女", "人口"}

// refusedName: a place is never called by what asks about residents (red line 8).
func refusedName(name string) bool {
	rest := name
	for _, w := range inNames {
		rest = strings.ReplaceAll(rest, w, "")
	}
	return place.AsksAboutPeople(rest) || slices.Contains(inNames, plain(name))
}
