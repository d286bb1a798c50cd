package place

import (
	"cmp"
	"maps"
	"slices"
)

// Tree is all that is said of places, to be asked as of a day. It is read by
// many and changed by nobody.
type Tree struct {
	versions map[ID][]Version // sorted: Moment, then Number
	children map[ID][]ID      // whoever said at any time that it hangs here
	levels   map[Level][]ID
}

// NewTree takes all versions there are.
func NewTree(all []Version) *Tree {
	t := &Tree{versions: map[ID][]Version{}, children: map[ID][]ID{}, levels: map[Level][]ID{}}
	for _, v := range all {
		if len(t.versions[v.Place]) == 0 {
			t.levels[v.Level] = append(t.levels[v.Level], v.Place)
		}
		t.versions[v.Place] = append(t.versions[v.Place], v)
		if v.Parent != "" && !slices.Contains(t.children[v.Parent], v.Place) {
			t.children[v.Parent] = append(t.children[v.Parent], v.Place)
		}
	}
	for _, list := range t.versions {
		slices.SortFunc(list, func(a, b Version) int {
			return cmp.Or(cmp.Compare(a.About, b.About), a.Known.Compare(b.Known), cmp.Compare(a.Number, b.Number))
		})
	}
	return t
}

// At is what holds of a place; ok is false when it is not there then: not yet
// founded, ended, or not known of.
func (t *Tree) At(q AsOf, id ID) (v Version, ok bool) {
	v, ok = t.said(q, id)
	return v, ok && v.Open
}

// said is At for places that have ended too.
func (t *Tree) said(q AsOf, id ID) (Version, bool) {
	list := t.versions[id]
	for i := len(list) - 1; i >= 0; i-- { // sorted: the last that is seen holds
		if q.Sees(list[i].moment()) {
			return list[i], true
		}
	}
	return Version{}, false
}

// Path is the place and all above it, the city first; nil when one of them is
// not there.
func (t *Tree) Path(q AsOf, id ID) []Version {
	var path []Version
	for id != "" {
		v, ok := t.At(q, id)
		if !ok || len(path) > len(Levels) {
			return nil
		}
		path = append(path, v)
		id = v.Parent
	}
	slices.Reverse(path)
	return path
}

// Above is the place of a level above (or the place itself).
func (t *Tree) Above(q AsOf, id ID, level Level) (Version, bool) {
	for _, v := range t.Path(q, id) {
		if v.Level == level {
			return v, true
		}
	}
	return Version{}, false
}

// Under lists what hangs under a place, by code and name.
func (t *Tree) Under(q AsOf, parent ID) []Version {
	return t.pick(q, t.children[parent], func(v Version) bool { return v.Parent == parent })
}

// Of lists the places of a level, by code and name.
func (t *Tree) Of(q AsOf, level Level) []Version {
	return t.pick(q, t.levels[level], func(Version) bool { return true })
}

func (t *Tree) pick(q AsOf, ids []ID, fits func(Version) bool) []Version {
	var out []Version
	for _, id := range ids {
		if v, ok := t.At(q, id); ok && fits(v) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b Version) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Place, b.Place))
	})
	return out
}

// History is every version of a place, in the order in which they became known.
func (t *Tree) History(id ID) []Version {
	list := slices.Clone(t.versions[id])
	slices.SortFunc(list, func(a, b Version) int { return cmp.Compare(a.Number, b.Number) })
	return list
}

// Ever says that a compound hangs in a county, from a day and an instant on;
// County is "" where it is not there.
type Ever struct {
	Moment
	County ID
}

// Counties is everything that was ever said of the county of a compound: asked
// by Picks it answers like Above, for every day and every instant. It changes
// when anything on the compound's path does.
func (t *Tree) Counties(id ID) []Ever {
	days, instants := map[Day]bool{}, map[int64]bool{}
	seen := map[ID]bool{}
	var gather func(ID)
	gather = func(id ID) {
		if id == "" || seen[id] {
			return
		}
		seen[id] = true
		for _, v := range t.versions[id] {
			days[v.About], instants[v.Known.UnixMicro()] = true, true
			gather(v.Parent)
		}
	}
	gather(id)
	abouts, knowns := slices.Sorted(maps.Keys(days)), slices.Sorted(maps.Keys(instants))
	var out []Ever
	for _, k := range knowns {
		for _, d := range abouts {
			m := micros{d, k}.moment()
			q := AsOf{m.About, m.Known}
			county, _ := t.Above(q, id, County)
			was := ID("")
			if i := Picks(q, out, func(e *Ever) Moment { return e.Moment }); i >= 0 {
				was = out[i].County
			}
			if county.Place != was {
				out = append(out, Ever{m, county.Place})
			}
		}
	}
	return out
}
