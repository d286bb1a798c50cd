package sheet

import (
	"regexp"
	"slices"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// building is the building whose numbers a row counts; "" in other lists.
func (l *line) building() place.ID {
	if l.level == place.Building {
		return l.id
	}
	return ""
}

// building finds the building that a row means, by its compound and its name.
func (c *checker) building(l *line, id place.ID) {
	defer func() { c.new.note(l) }()
	l.level, l.nameKey, l.parentKey = place.Building, Building, Name
	l.name = l.value(Building)
	if l.name != "" && !l.said(Building) && refusedName(l.name) {
		c.bad(l, Building, kindPerson, "sheet.person-name", right{code: "sheet.right.place-name"})
	}
	if id != "" && !l.said(ID) {
		c.buildingByID(l, id)
		return
	}
	for _, k := range []Key{Name, Building} {
		if l.value(k) == "" {
			c.bad(l, k, kindRequired, "sheet.required", right{})
		}
	}
	compound, ok := c.compound(l)
	if !ok || l.name == "" || l.said(Building) {
		return
	}
	l.compound = compound.Place
	if v, ok := c.x.kids(compound.Place).byName[plain(l.name)]; ok {
		l.id, l.name = v.Place, v.Name
		c.thereOn(l, v)
		return
	}
	near := slices.DeleteFunc(slices.Clone(c.x.kids(compound.Place).list), func(v place.Version) bool { return houseNumber(v.Name) != houseNumber(l.name) })
	if !c.make {
		r := right{code: "sheet.right.make-buildings"}
		if len(near) > 0 {
			r = right{words: []string{near[0].Name}}
		}
		c.bad(l, Building, kindPlace, "sheet.no-building", r, "name", compound.Name)
		return
	}
	l.id, l.parent, l.found = place.ID(store.NewID()), compound.Place, true
	if m, ok := c.new.at[freshKey(l.parent, place.Building, l.name)]; ok && !m.bad {
		c.bad(l, Building, kindTwice, "sheet.twice", right{code: "sheet.right.one-row"}, "row", m.row.row+1, "sheet", m.row.sheet)
		return
	}
	if c.lateParent(l, compound.Place, c.since(compound, l.from)) || c.endsUnder(l, Name, compound.Place, 0) {
		return
	}
	here := string(l.parent) + "/" + houseNumber(l.name)
	if len(near) > 0 {
		c.warn(l, Building, kindSimilar, "sheet.similar-place", "name", near[0].Name)
	} else if n, ok := c.twins.cores[here]; ok {
		c.warn(l, Building, kindSimilar, "sheet.similar-row", "name", n.name, "row", n.at.row+1)
	} else {
		c.twins.cores[here] = named{name: l.name, at: where{l.t.Sheet, l.row}}
	}
}

func (c *checker) buildingByID(l *line, id place.ID) {
	history := c.x.tree.History(id)
	now, open := c.x.tree.At(c.x.q, id)
	switch {
	case len(history) == 0 || history[0].Level != place.Building:
		c.bad(l, ID, kindID, "sheet.no-such-id", right{code: "sheet.right.empty-id"})
		return
	case !open:
		c.bad(l, ID, kindID, "sheet.ended", right{code: "sheet.right.empty-id"}, "name", history[len(history)-1].Name)
		return
	}
	if l.value(Name) != "" {
		if v, ok := c.compound(l); ok && v.Place != now.Parent {
			c.bad(l, Name, kindID, "sheet.building-elsewhere", right{words: []string{c.calledAt(c.x.q, now.Parent)}}, "name", now.Name)
			return
		}
	}
	l.id, l.compound = id, now.Parent
	if l.name == "" {
		l.name = now.Name
	}
	if v, ok := c.x.kids(now.Parent).byName[plain(l.name)]; ok && v.Place != id {
		c.bad(l, Building, kindTwice, "sheet.name-taken", right{}, "name", v.Name)
	}
	c.thereOn(l, now)
}

// compound finds the compound of a building: under its community, or the only one of its name.
func (c *checker) compound(l *line) (v place.Version, ok bool) {
	name := l.value(Name)
	if name == "" || l.said(Name) || l.said(Community) || l.said(Street) || l.said(County) {
		return v, false
	}
	var near []string
	if l.value(Community) != "" {
		community := c.community(l)
		if community == "" {
			return v, false
		}
		if v, ok = c.x.under(community).byName[plain(name)]; ok {
			return v, true
		}
		if c.who.may(community) {
			near = nearest(name, c.x.kids(community).list)
		}
	} else {
		found := slices.DeleteFunc(c.x.named(l.value(County), l.value(Street), name), func(v place.Version) bool { return !c.who.may(v.Place) })
		if len(found) == 1 {
			return found[0], true
		}
		for _, v := range found[:min(5, len(found))] {
			near = append(near, c.x.pathOf(v.Parent))
		}
		if len(found) > 1 {
			c.bad(l, Community, kindPlace, "sheet.place.several-compounds", right{words: near})
			return v, false
		}
	}
	if v, ok := c.x.gone(place.Compound, name); ok && len(near) == 0 {
		c.bad(l, Name, kindPlace, "sheet.place-ended", right{}, "name", v.Name, "day", v.About.String())
		return v, false
	}
	c.bad(l, Name, kindPlace, "sheet.place.no-compound", right{words: near})
	return v, false
}

var houseWords = regexp.MustCompile(`(号楼|号院|#楼|楼栋|栋楼|幢楼|号|#|栋|幢|座|楼)$`)

// houseNumber is a building's name as a number of the house, however it is written: 1号楼, 一栋, 1#, 01幢.
func houseNumber(name string) string {
	s := numerals.Replace(houseWords.ReplaceAllString(plain(name), ""))
	for len(s) > 1 && s[0] == '0' {
		s = s[1:]
	}
	return s
}
