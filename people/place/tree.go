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
	spelt    *spelling // what names are in English; the same for all versions of a tree
	divided  *byte     // another one whenever anything is said of a division
}

// NewTree takes all versions there are.
func NewTree(all []Version) *Tree {
	return (&Tree{versions: map[ID][]Version{}, children: map[ID][]ID{}, levels: map[Level][]ID{}, spelt: &spelling{}, divided: new(byte)}).With(all)
}

// With is the tree with all versions of some places, for those that it had of
// them. The tree itself stays as it was.
func (t *Tree) With(all []Version) *Tree {
	if len(all) == 0 {
		return t
	}
	n := &Tree{versions: maps.Clone(t.versions), children: maps.Clone(t.children), levels: maps.Clone(t.levels), spelt: t.spelt, divided: t.divided}
	if slices.ContainsFunc(all, func(v Version) bool { return slices.Contains(divisions, v.Level) }) {
		n.divided = new(byte)
	}
	fresh := map[ID][]Version{}
	for _, v := range all {
		fresh[v.Place] = append(fresh[v.Place], v)
	}
	// Lists that grow are copied once: others may read them in the tree of before.
	owned := map[ID]bool{}
	level := map[Level][]ID{}
	for _, v := range all {
		id := v.Place
		if list := fresh[id]; list != nil {
			delete(fresh, id)
			slices.SortFunc(list, func(a, b Version) int {
				return cmp.Or(cmp.Compare(a.About, b.About), a.Known.Compare(b.Known), cmp.Compare(a.Number, b.Number))
			})
			if len(t.versions[id]) == 0 {
				level[v.Level] = append(level[v.Level], id)
			}
			n.versions[id] = list
		}
		if v.Parent == "" || hung(t.versions[id], v.Parent) {
			continue
		}
		if !owned[v.Parent] {
			owned[v.Parent] = true
			n.children[v.Parent] = slices.Clone(n.children[v.Parent])
		}
		if !slices.Contains(n.children[v.Parent], id) {
			n.children[v.Parent] = append(n.children[v.Parent], id)
		}
	}
	for l, ids := range level {
		n.levels[l] = append(slices.Clone(n.levels[l]), ids...)
	}
	return n
}

// hung reports whether some versions said already that a place hangs there.
func hung(versions []Version, parent ID) bool {
	return slices.ContainsFunc(versions, func(v Version) bool { return v.Parent == parent })
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

// Ancestry is the place and all above it, the place first, as it was said last: of a place that has ended too. Empty:
// it is not known of then.
func (t *Tree) Ancestry(q AsOf, id ID) []Version {
	var out []Version
	for id != "" && len(out) <= len(Levels) {
		v, ok := t.said(q, id)
		if !ok {
			break
		}
		out = append(out, v)
		id = v.Parent
	}
	return out
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

// Below lists the places of a level that are under a place at any depth, or are the place itself.
func (t *Tree) Below(q AsOf, id ID, level Level) (out []ID) {
	v, ok := t.At(q, id)
	if !ok {
		return nil
	}
	if v.Level == level {
		return []ID{id}
	}
	for _, u := range t.Under(q, id) {
		out = append(out, t.Below(q, u.Place, level)...)
	}
	return out
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

// named lists the places whose name is found, of a level or, "", of all down to the compounds, the highest first.
func (t *Tree) named(q AsOf, typed string, level Level) (out []Version) {
	needle := NewNeedle(typed)
	for _, l := range Levels {
		if level != "" && l != level || level == "" && l == Building {
			continue
		}
		for _, v := range t.Of(q, l) {
			if needle.In(v.Name) {
				out = append(out, v)
			}
		}
	}
	return out
}

// History is every version of a place, in the order in which they became known.
func (t *Tree) History(id ID) []Version {
	list := slices.Clone(t.versions[id])
	slices.SortFunc(list, func(a, b Version) int { return cmp.Compare(a.Number, b.Number) })
	return list
}

// Ever lists everything of a level that was ever there.
func (t *Tree) Ever(level Level) []ID { return t.levels[level] }

// Lineage is where a compound counts, the city first: its path, and once it has ended the path of what it was merged into,
// or else where it lay last. Empty: it is not known of then.
func (t *Tree) Lineage(q AsOf, id ID) []Version {
	for range 20 { // merged into what was merged into what …
		if path := t.Path(q, id); path != nil {
			return path
		}
		v, ok := t.said(q, id)
		if !ok {
			return nil
		}
		if v.Open || v.Why != Merged || v.Other == "" {
			break
		}
		id = v.Other
	}
	out := t.Ancestry(q, id)
	slices.Reverse(out)
	return out
}

// Booking is the county in whose sums a compound counts. Of one that has ended that is only its help money, which does not
// vanish with it: it stays in the county that it lay in last, or goes where its survivor lies.
type Booking struct {
	County ID
	Ended  bool
}

// Counties is everything that was ever said of the county of a compound: asked
// by Picks it answers, for every day and every instant, like Above, and once the
// compound has ended like Lineage. It changes when anything on the compound's
// path, or its survivor's, does.
func (t *Tree) Counties(id ID) []Said[Booking] {
	var moments []Moment
	seen := map[ID]bool{}
	var gather func(ID)
	gather = func(id ID) {
		if id == "" || seen[id] {
			return
		}
		seen[id] = true
		for i := range t.versions[id] {
			moments = append(moments, t.versions[id][i].Moment)
			gather(t.versions[id][i].Parent)
			gather(t.versions[id][i].Other)
		}
	}
	gather(id)
	return replay(moments, func(q AsOf) Booking {
		if county, ok := t.Above(q, id, County); ok {
			return Booking{County: county.Place}
		}
		for _, v := range t.Lineage(q, id) {
			if v.Level == County {
				return Booking{v.Place, true}
			}
		}
		return Booking{}
	})
}
