package sheet

import "linli.dev/linli/people/place"

// place finds the community and the compound that a row means.
func (c *checker) place(l *line) {
	id := place.ID(l.value(ID))
	switch {
	case l.t.of.key == Divisions:
		c.division(l, id)
	case l.t.of.key == Buildings:
		c.building(l, id)
	case l.t.of.thing != nil:
		c.inside(l)
		c.rights(l)
		return // of what it speaks is known when the compound's is read
	case id != "" && !l.said(ID):
		c.byID(l, id)
	default:
		c.byNames(l)
	}
	c.rights(l)
	if l.level == place.Compound {
		l.compound = l.id
	}
	if l.id != "" && !l.found {
		if before, twice := c.twins.row(string(l.id), where{l.t.Sheet, l.row}); twice {
			c.bad(l, c.pointing(l), kindTwice, "sheet.twice", right{code: "sheet.right.one-row"}, "row", before.row+1, "sheet", before.sheet)
		}
	}
}

// rights: a county's office speaks of its county only. What moves must be in it before and after.
func (c *checker) rights(l *line) {
	if l.id != "" && !l.found && !c.who.may(l.id) {
		k := c.pointing(l)
		if l.t.of.thing != nil {
			k = Name
		}
		c.bad(l, k, kindRights, "sheet.not-yours", right{})
	} else if l.parent != "" && !c.mayUnder(l) && !l.said(l.parentKey) {
		c.bad(l, l.parentKey, kindRights, "sheet.not-yours", right{})
	}
}

// pointing is the column by which a row says which compound it means.
func (c *checker) pointing(l *line) Key {
	if l.value(ID) != "" {
		return ID
	}
	return l.nameKey
}

func (c *checker) byID(l *line, id place.ID) {
	history := c.x.tree.History(id)
	now, open := c.x.tree.At(c.x.q, id)
	switch {
	case len(history) == 0 || history[0].Level != place.Compound:
		c.bad(l, ID, kindID, "sheet.no-such-id", right{code: "sheet.right.empty-id"})
		return
	case !open:
		c.bad(l, ID, kindID, "sheet.ended", right{code: "sheet.right.empty-id"}, "name", history[len(history)-1].Name)
		return
	}
	l.id = id
	if l.name == "" {
		l.name = now.Name
	}
	if l.value(Community) != "" && !l.said(Community) {
		l.parent = c.community(l)
		q := place.AsOf{Day: l.from, Known: c.x.q.Known}
		if was, ok := c.x.tree.At(q, id); ok && l.parent != "" && l.parent != was.Parent {
			c.endsUnder(l, Community, l.parent, c.x.tree.TurnsLater(q, id))
		}
	}
	c.thereOn(l, now)
}

// endsUnder: nothing is hung under what is said to end on a coming day, unless something else is said of it by then. until is
// that day; 0: there is none.
func (c *checker) endsUnder(l *line, k Key, parent place.ID, until place.Day) bool {
	ends := c.x.tree.EndsLater(place.AsOf{Day: l.from, Known: c.x.q.Known}, parent)
	if ends == 0 || until != 0 && until <= ends || l.said(k) {
		return false
	}
	c.bad(l, k, kindPlace, "sheet.place-ends", right{}, "name", c.calledAt(c.x.q, parent), "day", ends.String())
	return true
}

// thereOn: what is said of a day on which the compound was not there yet is said of nothing.
func (c *checker) thereOn(l *line, now place.Version) {
	if _, ok := c.x.tree.At(place.AsOf{Day: l.from, Known: c.x.q.Known}, now.Place); ok || l.said(From) {
		return
	}
	since := now.About
	for _, v := range c.x.tree.History(now.Place) {
		since = min(since, v.About)
	}
	c.bad(l, From, kindDay, "sheet.not-there-yet", right{code: "sheet.right.no-earlier", args: pairsOf([]any{"day", since.String()})}, "name", now.Name, "day", l.from.String())
}

func (c *checker) byNames(l *line) {
	for _, k := range []Key{Community, Name} {
		if l.value(k) == "" {
			c.bad(l, k, kindRequired, "sheet.required", right{})
		}
	}
	if l.value(Community) == "" || l.said(Community) || l.said(County) || l.said(Street) {
		return
	}
	community := c.community(l)
	if community == "" || l.name == "" || l.said(Name) {
		return
	}
	if v, ok := c.x.under(community).byName[plain(l.name)]; ok {
		l.id, l.name = v.Place, v.Name
		c.thereOn(l, v)
		return
	}
	l.parent, l.found = community, true
	if v, ok := c.x.tree.At(place.AsOf{Day: l.from, Known: c.x.q.Known}, community); !ok || v.About > l.from {
		c.bad(l, From, kindDay, "sheet.community-not-there", right{}, "name", l.value(Community), "day", l.from.String())
		return
	}
	if c.endsUnder(l, Community, community, 0) {
		return
	}
	here := where{l.t.Sheet, l.row}
	if before, twice := c.twins.row(string(community)+plain(l.name), here); twice {
		c.bad(l, Name, kindTwice, "sheet.twice", right{code: "sheet.right.one-row"}, "row", before.row+1, "sheet", before.sheet)
		return
	}
	if n, ok := c.twins.like(c.x, community, l.name, here); ok {
		if n.at == (where{}) {
			c.warn(l, Name, kindSimilar, "sheet.similar", "name", n.name)
		} else {
			c.warn(l, Name, kindSimilar, "sheet.similar-row", "name", n.name, "row", n.at.row+1)
		}
	}
}

func (c *checker) community(l *line) place.ID {
	a := c.x.community(l.value(County), l.value(Street), l.value(Community))
	if a.code != "" {
		c.bad(l, a.key, kindPlace, a.code, right{words: a.near})
	}
	return a.community
}
