package sheet

import (
	"context"
	"slices"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// AreaBefore is what an area was before a row of a list.
type AreaBefore struct {
	Name  *string    `json:"name,omitempty"`
	Until *place.Day `json:"until,omitempty"`
}

// areas are those of some compounds, past ones too.
type areas struct{ of map[place.ID][]place.Area }

func (x *areas) read(ctx context.Context, f facts, known time.Time, compounds []place.ID) error {
	list, err := f.AreasKnown(ctx, known, compounds...)
	if err != nil {
		return err
	}
	x.of = map[place.ID][]place.Area{}
	for _, a := range list {
		x.of[a.Compound] = append(x.of[a.Compound], a)
	}
	return nil
}

// find is the area that a row means: by its id, else by its name among those that have not ended, or end as the row
// says. New where there is none.
func (x *areas) find(c *checker, l *line) (a place.Area, ok bool) {
	mine, name := x.of[l.compound], plain(l.value(Area))
	key := string(l.thing.building) + "/" + name
	if id := l.value(ID); id != "" {
		i := slices.IndexFunc(mine, func(a place.Area) bool { return string(a.ID) == id })
		if i < 0 {
			c.bad(l, ID, kindID, "sheet.no-such-thing", right{code: "sheet.right.empty-id"})
			return a, false
		}
		l.thing.id = id
		return mine[i], c.once(l, id, key)
	}
	var there []place.Area
	for _, a := range mine {
		lasts := a.Until == 0 || a.Until > max(l.from, a.From) || l.thing.until != nil && *l.thing.until == a.Until
		if lasts && plain(a.Name) == name && (l.thing.building == "" || l.thing.building == a.Building) {
			there = append(there, a)
		}
	}
	switch {
	case len(there) > 1:
		c.bad(l, Area, kindTwice, "sheet.several-things", right{code: "sheet.right.by-own-id"}, "name", l.value(Area))
		return a, false
	case len(there) == 1:
		l.thing.id = string(there[0].ID)
		return there[0], c.once(l, l.thing.id, key)
	}
	l.thing.id, l.thing.made = store.NewID(), true
	a = place.Area{ID: place.AreaID(l.thing.id), Compound: l.compound, Building: l.thing.building, Kind: l.thing.kind, Name: l.value(Area), From: l.from}
	if l.thing.until != nil {
		a.Until = *l.thing.until
	}
	return a, c.once(l, key)
}

func (x *areas) deed(c *checker, d *deed, _ place.AsOf) {
	a, ok := x.find(c, d.line)
	if !ok {
		return
	}
	if u := d.thing.until; u != nil && *u != 0 && *u < a.From {
		c.bad(d.line, Until, kindDay, "sheet.ends-before", right{code: "sheet.right.no-earlier", args: pairsOf([]any{"day", a.From.String()})})
		return
	}
	if d.thing.made {
		switch {
		case d.thing.kind == "":
			c.bad(d.line, AreaKind, kindRequired, "sheet.required", right{words: labels(areaWords, c.lang)})
			return
		case d.thing.building != "" && d.thing.kind != place.Entrance:
			c.bad(d.line, Building, kindPlace, "place.area.building", right{code: "sheet.right.empty"})
			return
		}
		if v, ok := c.x.tree.At(c.x.q, d.compound); ok {
			c.thereOn(d.line, v)
		}
		var others []string
		for _, o := range x.of[d.compound] {
			if o.On(d.from) {
				others = append(others, o.Name)
			}
		}
		c.resembles(d.line, a.Name, others)
		// Ended on the day on which it began it never was there.
		d.area, d.before.Area = &a, &AreaBefore{Until: &a.From}
		return
	}
	switch {
	case d.thing.kind != "" && d.thing.kind != a.Kind:
		c.bad(d.line, AreaKind, kindChoice, "sheet.area-is", right{words: []string{wordOf(areaWords, string(a.Kind), c.lang)}}, "name", a.Name)
	case d.thing.building != "" && d.thing.building != a.Building:
		c.bad(d.line, Building, kindPlace, "sheet.area-elsewhere", right{code: "sheet.right.leave"}, "name", a.Name)
	case d.value(From) != "" && d.from != a.From:
		c.bad(d.line, From, kindDay, "sheet.area-since", right{words: []string{a.From.String()}}, "name", a.Name)
	}
	if len(d.problems) > 0 {
		return
	}
	b := AreaBefore{}
	if name := d.value(Area); name != "" && plain(name) != plain(a.Name) {
		b.Name, d.ended.Name = &a.Name, &name
		c.turn(d, Area, a.Name, name)
	}
	if u := d.thing.until; u != nil && *u != a.Until {
		b.Until, d.ended.Until = &a.Until, u
		c.turn(d, Until, dayIn(a.Until), dayIn(*u))
	}
	if b != (AreaBefore{}) {
		d.before.Area = &b
	}
}

func (x *areas) said(tree *place.Tree, q place.AsOf, lang string, compound place.ID) (out []map[Key]any) {
	for _, a := range x.of[compound] {
		if !a.On(q.Day) {
			continue
		}
		building, _ := tree.At(q, a.Building)
		out = append(out, map[Key]any{
			Area: a.Name, AreaKind: wordOf(areaWords, string(a.Kind), lang), Building: building.Name, From: a.From.String(), Until: dayIn(a.Until), ID: string(a.ID),
		})
	}
	return out
}

func (x *areas) edited(_ context.Context, _ facts, after time.Time, tell func(place.ID, string, string)) error {
	for id, list := range x.of {
		for _, a := range list {
			if a.Known.After(after) {
				tell(id, string(a.ID), a.By)
			}
		}
	}
	return nil
}
