package sheet

import (
	"slices"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// steps are the levels of a list of divisions, with the column of each.
var steps = []place.Level{place.County, place.Street, place.Community}

// division finds which division a row means: the last name of county, street
// and community is it, those before it are what is above.
func (c *checker) division(l *line, id place.ID) {
	defer func() { c.new.note(l) }()
	depth := -1
	for i, s := range steps {
		if l.value(Key(s)) != "" {
			depth = i
		}
	}
	if depth < 0 {
		c.bad(l, County, kindRequired, "sheet.required", right{})
		return
	}
	l.level, l.nameKey, l.parentKey = steps[depth], Key(steps[depth]), Key(steps[max(0, depth-1)])
	l.name = l.value(l.nameKey)
	if !c.level(l, depth) {
		return
	}
	if refusedName(l.name) && !l.said(l.nameKey) {
		c.bad(l, l.nameKey, kindPerson, "sheet.person-name", right{code: "sheet.right.place-name"})
	}
	parent, since, ok := c.above(l, depth, id)
	if id != "" && !l.said(ID) {
		c.divisionByID(l, id, parent, since)
		return
	}
	if !ok || l.said(l.nameKey) {
		return
	}
	if v, ok := c.x.kids(parent).byName[plain(l.name)]; ok {
		l.id, l.name = v.Place, v.Name
		c.code(l)
		c.thereOn(l, v)
		return
	}
	l.id, l.parent, l.found = place.ID(store.NewID()), parent, true
	c.code(l)
	if m, ok := c.new.at[freshKey(parent, l.level, l.name)]; ok && !m.bad {
		c.bad(l, l.nameKey, kindTwice, "sheet.twice", right{code: "sheet.right.one-row"}, "row", m.row.row+1, "sheet", m.row.sheet)
		return
	}
	if c.lateParent(l, parent, since) || c.endsUnder(l, l.parentKey, parent, 0) {
		return
	}
	c.alike(l, parent)
}

// level: no step between the county and the division is left out, and the row goes as far as it says.
func (c *checker) level(l *line, depth int) bool {
	for _, s := range steps[:depth] {
		if l.value(Key(s)) == "" && l.value(ID) == "" {
			c.bad(l, Key(s), kindRequired, "sheet.level-skipped", right{code: "sheet.right.all-above"}, "name", clip(l.name))
			return false
		}
	}
	v := l.value(Level)
	if v == "" || l.said(Level) {
		return true
	}
	w, ok := choose(levelWords, v)
	said := slices.Index(steps, place.Level(w))
	switch {
	case !ok:
		c.bad(l, Level, kindChoice, "sheet.not-a-choice", right{words: labels(levelWords, c.lang)})
	case said > depth:
		c.bad(l, Key(steps[said]), kindRequired, "sheet.level-empty", right{}, "level", wordOf(levelWords, w, c.lang))
	case said < depth:
		c.bad(l, Level, kindChoice, "sheet.level-differs", right{words: []string{wordOf(levelWords, string(l.level), c.lang)}}, "name", clip(l.name))
	default:
		return true
	}
	return false
}

// above finds what a division hangs under, and from which day that is there.
// Of a division with an id nothing need be said of it.
func (c *checker) above(l *line, depth int, id place.ID) (parent place.ID, since place.Day, ok bool) {
	city, ok := c.city(l)
	if !ok {
		return "", 0, false
	}
	parent, since = city.Place, c.since(city, l.from)
	for _, s := range steps[:depth] {
		k := Key(s)
		name := l.value(k)
		if name == "" || l.said(k) {
			return "", 0, false
		}
		if m, there := c.new.at[freshKey(parent, s, name)]; there {
			if m.bad {
				c.bad(l, k, kindPlace, "sheet.row-above-bad", right{}, "row", m.row.row+1, "name", m.name)
				return "", 0, false
			}
			parent, since = m.id, m.from
			continue
		}
		v, there := c.x.kids(parent).called(name)
		if !there {
			c.unknown(l, k, s, parent, name)
			return "", 0, false
		}
		parent, since = v.Place, c.since(v, l.from)
	}
	return parent, since, true
}

// lateParent: nothing hangs under what is not there yet on that day.
func (c *checker) lateParent(l *line, parent place.ID, since place.Day) bool {
	if since <= l.from || l.said(From) {
		return false
	}
	c.bad(l, From, kindDay, "sheet.community-not-there", right{code: "sheet.right.no-earlier", args: pairsOf([]any{"day", since.String()})}, "name", c.calledAt(c.x.q, parent), "day", l.from.String())
	return true
}

// since is the first day of a place, or nothing when it was there on a day.
func (c *checker) since(v place.Version, day place.Day) place.Day {
	if was, ok := c.x.tree.At(place.AsOf{Day: day, Known: c.x.q.Known}, v.Place); ok && was.About <= day {
		return 0
	}
	first := v.About
	for _, h := range c.x.tree.History(v.Place) {
		first = min(first, h.About)
	}
	return first
}

func (c *checker) city(l *line) (place.Version, bool) {
	cities, name := c.x.tree.Of(c.x.q, place.City), l.value(City)
	if name != "" {
		cities = slices.DeleteFunc(cities, func(v place.Version) bool { return plain(v.Name) != plain(name) && plain(v.Name) != plain(name)+"市" })
	}
	if len(cities) == 1 {
		return cities[0], true
	}
	code := "sheet.place.no-city"
	if len(cities) > 1 {
		code = "sheet.place.several-cities"
	}
	if !l.said(City) {
		c.bad(l, City, kindPlace, code, right{})
	}
	return place.Version{}, false
}

// unknown says of a name above a division that it is not there, or no longer.
func (c *checker) unknown(l *line, k Key, level place.Level, parent place.ID, name string) {
	if v, ok := c.x.gone(level, name); ok {
		c.bad(l, k, kindPlace, "sheet.place-ended", right{}, "name", v.Name, "day", v.About.String())
		return
	}
	r := right{code: "sheet.right.row-before"}
	if near := nearest(name, c.x.kids(parent).list); len(near) > 0 {
		r = right{words: near}
	}
	code := "sheet.place.no-county"
	if level == place.Street {
		code = "sheet.place.no-street"
	}
	c.bad(l, k, kindPlace, code, r)
}

func (c *checker) divisionByID(l *line, id, parent place.ID, since place.Day) {
	history := c.x.tree.History(id)
	now, open := c.x.tree.At(c.x.q, id)
	switch {
	case len(history) == 0 || !slices.Contains(steps, history[0].Level):
		c.bad(l, ID, kindID, "sheet.no-such-id", right{code: "sheet.right.empty-id"})
		return
	case !open:
		c.bad(l, ID, kindID, "sheet.ended", right{code: "sheet.right.empty-id"}, "name", history[len(history)-1].Name)
		return
	case now.Level != l.level:
		c.bad(l, ID, kindID, "sheet.id-level", right{words: []string{wordOf(levelWords, string(now.Level), c.lang)}}, "name", now.Name)
		return
	}
	l.id = id
	if l.value(l.parentKey) != "" && l.level != place.County {
		l.parent = parent
		c.lateParent(l, parent, since)
		q := place.AsOf{Day: l.from, Known: c.x.q.Known}
		if was, ok := c.x.tree.At(q, id); ok && parent != "" && parent != was.Parent {
			c.endsUnder(l, l.parentKey, parent, c.x.tree.TurnsLater(q, id))
		}
	}
	under := now.Parent
	if l.parent != "" {
		under = l.parent
	}
	if v, ok := c.x.kids(under).byName[plain(l.name)]; ok && v.Place != id {
		c.bad(l, l.nameKey, kindTwice, "sheet.name-taken", right{}, "name", v.Name)
	}
	if m, ok := c.new.at[freshKey(under, l.level, l.name)]; ok && !m.bad {
		c.bad(l, l.nameKey, kindTwice, "sheet.twice", right{code: "sheet.right.one-row"}, "row", m.row.row+1, "sheet", m.row.sheet)
	}
	c.code(l)
	c.thereOn(l, now)
}

// code: no two divisions of a level have the same.
func (c *checker) code(l *line) {
	if l.code == nil || *l.code == "" || l.said(Code) {
		return
	}
	if v, ok := c.x.coded(l.level, *l.code); ok && v.Place != l.id {
		c.bad(l, Code, kindTwice, "sheet.code-taken", right{}, "name", v.Name)
		return
	}
	key := string(l.level) + *l.code
	if before, ok := c.new.codes[key]; ok {
		c.bad(l, Code, kindTwice, "sheet.code-twice", right{}, "row", before.row+1, "sheet", before.sheet)
		return
	}
	c.new.codes[key] = where{l.t.Sheet, l.row}
}

// alike looks for a neighbour that a new division is likely to be: the same but
// for its ending is never meant, a name one character apart may be.
func (c *checker) alike(l *line, parent place.ID) {
	list := c.x.kids(parent).list
	for _, v := range list {
		if short(v.Level, v.Name) == short(l.level, l.name) {
			c.bad(l, l.nameKey, kindTwice, "sheet.same-but-ending", right{code: "sheet.right.by-id"}, "name", v.Name)
			return
		}
	}
	for _, v := range list[:min(mostLike, len(list))] {
		if oneApart(short(v.Level, v.Name), short(l.level, l.name)) {
			c.warn(l, l.nameKey, kindSimilar, "sheet.similar-place", "name", v.Name)
			return
		}
	}
	if v, ok := c.x.gone(l.level, l.name); ok && v.Parent == parent && v.About > l.from {
		c.warn(l, l.nameKey, kindSimilar, "sheet.was-there", "name", v.Name, "day", v.About.String())
	}
}
