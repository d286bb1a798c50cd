package sheet

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// thing is what a row says of something that a compound has and that is no
// place: a channel, an area, a sort of protection.
type thing struct {
	id        string // of the channel or area, or building and sort
	made      bool   // the row makes it
	building  place.ID
	kind      place.AreaKind
	state     place.ChannelState
	sort      place.Sort
	condition *place.Condition
	checked   *place.Day
	until     *place.Day
}

// things are what the rows of a kind of list speak of, of some compounds at a
// time.
type things interface {
	// read gets what is known of compounds.
	read(ctx context.Context, f facts, known time.Time, compounds []place.ID) error
	// deed says which thing a row means, by its id or its name, and what of it the row changes.
	deed(c *checker, d *deed, q place.AsOf)
	// said are the cells of what a compound has, for a list that is given out.
	said(tree *place.Tree, q place.AsOf, lang string, compound place.ID) []map[Key]any
	// edited tells which things somebody has said anything of after an instant, and who.
	edited(ctx context.Context, f facts, after time.Time, tell func(compound place.ID, id, by string)) error
}

// ref names what a row of a list is about: a place, or something that a
// compound has.
type ref struct {
	place place.ID
	item  string
}

func (l *line) ref() ref { return ref{l.id, l.thing.id} }

// said is what a sender's last list said, by what it was about.
type said func(ctx context.Context, ids []place.ID) (map[ref]map[Key]string, error)

// inside finds the compound that a row of things speaks of, and the building in it.
func (c *checker) inside(l *line) {
	l.nameKey, l.parentKey, l.name = l.t.of.name, Name, l.called()
	for _, k := range []Key{Name, l.t.of.name} {
		if l.value(k) == "" {
			c.bad(l, k, kindRequired, "sheet.required", right{})
		}
	}
	if k := l.t.of.name; k != Sort && refusedName(l.value(k)) && !l.said(k) {
		c.bad(l, k, kindPerson, "sheet.person-name", right{code: "sheet.right.thing-name"})
	}
	v, ok := c.compound(l)
	if !ok {
		return
	}
	l.id, l.compound = v.Place, v.Place
	if l.t.of.key != Areas { // one that is there says from when it is
		c.thereOn(l, v)
	}
	if name := l.value(Building); name != "" && !l.said(Building) {
		l.thing.building = c.buildingOf(l, v, name)
	}
}

// buildingOf is the building of a compound that a row names; "" where there is none, which is said then.
func (c *checker) buildingOf(l *line, compound place.Version, name string) place.ID {
	kids := c.x.kids(compound.Place)
	if v, ok := kids.byName[plain(name)]; ok {
		return v.Place
	}
	var near []string
	for _, v := range kids.list {
		if houseNumber(v.Name) == houseNumber(name) {
			near = append(near, v.Name)
		}
	}
	r := right{code: "sheet.right.building-first"}
	if len(near) > 0 {
		r = right{words: near}
	}
	c.bad(l, Building, kindPlace, "sheet.no-building", r, "name", compound.Name)
	return ""
}

// choices reads the columns of things that are chosen from a list, and their days.
func (c *checker) choices(l *line) {
	if l.t.of.thing == nil {
		return
	}
	l.thing.kind = place.AreaKind(c.choice(l, AreaKind))
	l.thing.state = place.ChannelState(c.choice(l, InState))
	l.thing.sort = place.Sort(c.choice(l, Sort))
	if v := l.value(Condition); clears(v) {
		l.thing.condition = new(place.Condition)
	} else if w := place.Condition(c.choice(l, Condition)); w != "" {
		l.thing.condition = &w
	}
	for k, into := range map[Key]**place.Day{LastCheck: &l.thing.checked, Until: &l.thing.until} {
		v := l.value(k)
		if v == "" || l.said(k) {
			continue
		}
		d, ok := day(v)
		switch {
		case clears(v):
			*into = new(place.Day)
		case !ok:
			c.bad(l, k, kindDay, "sheet.not-a-day", right{code: "sheet.right.day", args: pairsOf([]any{"day", c.today.String()})})
		default:
			*into = &d
		}
	}
}

// choice is the word of a closed list that a cell says; "" where it says none.
func (c *checker) choice(l *line, k Key) string {
	v := l.value(k)
	if v == "" || l.said(k) {
		return ""
	}
	words := l.t.of.column(k).words()
	w, ok := choose(words, v)
	if !ok {
		c.bad(l, k, kindChoice, "sheet.not-a-choice", right{words: labels(words, c.lang)})
	}
	return w
}

// things compares rows with what is known of what they speak of.
func (c *checker) things(ctx context.Context, f facts, known time.Time, lines []*line, last said) ([]*deed, error) {
	good := slices.DeleteFunc(slices.Clone(lines), func(l *line) bool { return l.skipped || len(l.problems) > 0 })
	if len(good) == 0 {
		return nil, nil
	}
	ids := compoundsOf(good, func(l *line) place.ID { return l.compound })
	of := good[0].t.of.thing()
	if err := of.read(ctx, f, known, ids); err != nil {
		return nil, err
	}
	before, err := last(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []*deed
	for _, l := range good {
		d := &deed{line: l, before: Before{From: l.from}}
		of.deed(c, d, place.AsOf{Day: l.from, Known: known})
		if len(l.problems) > 0 {
			continue
		}
		c.changed(l, before[l.ref()])
		out = append(out, d)
	}
	if err := c.listed(ctx, f, known, out); err != nil {
		return nil, err
	}
	return badOnes(out), nil
}

// listed refuses a number of cameras that is not that of the compound's channels, where any are listed: a number is typed
// once, and that one as channels.
func (c *checker) listed(ctx context.Context, f facts, known time.Time, deeds []*deed) error {
	said := map[place.ID]place.Count{} // of compounds as a whole, where a row changes it
	for _, d := range deeds {
		for _, n := range d.counts {
			if n.Sort == "camera" && n.Building == "" && d.found == nil {
				said[d.compound] = n
			}
		}
	}
	if len(said) == 0 {
		return nil
	}
	all, err := f.Steps(ctx, slices.Sorted(maps.Keys(said))...)
	if err != nil {
		return err
	}
	steps := map[place.ID][]place.ChannelStep{}
	for _, st := range all {
		steps[st.Compound] = append(steps[st.Compound], st)
	}
	for _, d := range deeds {
		n, ok := said[d.compound]
		if t, derived := place.ByChannels(place.AsOf{Day: d.from, Known: known}, steps[d.compound]); ok && derived && t != n.Number && slices.ContainsFunc(d.counts, func(x place.Count) bool { return x.Sort == "camera" && x.Building == "" }) {
			k := Number
			if d.t.of.thing == nil {
				k = "camera"
			}
			c.bad(d.line, k, kindNumber, "sheet.unlike-channels", right{words: []string{strconv.Itoa(t)}}, "channels", t)
		}
	}
	return nil
}

// once notes of which thing a row speaks; one of which a row before spoke is a bad cell. What is found by its id is
// told apart by it alone.
func (c *checker) once(l *line, keys ...string) bool {
	twice := false
	for _, k := range keys {
		before, again := c.twins.row(string(l.compound)+"/"+k, where{l.t.Sheet, l.row})
		if again && !twice && (l.value(ID) == "" || k == l.thing.id) {
			c.bad(l, c.pointing(l), kindTwice, "sheet.twice-thing", right{code: "sheet.right.one-row"}, "row", before.row+1, "sheet", before.sheet)
			twice = true
		}
	}
	return !twice
}

// resembles warns of a new thing that is likely to be another one of its compound, written another way.
func (c *checker) resembles(l *line, name string, others []string) {
	mine := numerals.Replace(plain(name))
	here := string(l.compound) + "/" + mine
	for _, o := range others[:min(mostLike, len(others))] {
		if theirs := numerals.Replace(plain(o)); theirs == mine || oneApart(theirs, mine) {
			c.warn(l, l.t.of.name, kindSimilar, "sheet.similar-place", "name", o)
			return
		}
	}
	if n, ok := c.twins.cores[here]; ok {
		c.warn(l, l.t.of.name, kindSimilar, "sheet.similar-row", "name", n.name, "row", n.at.row+1)
		return
	}
	c.twins.cores[here] = named{name: name, at: where{l.t.Sheet, l.row}}
}

// turn notes of a thing that is there what a row changes of it.
func (c *checker) turn(d *deed, k Key, was, is string) {
	if words := d.t.of.column(k).words(); words != nil {
		was, is = wordOf(words, was, c.lang), wordOf(words, is, c.lang)
	}
	d.changes = append(d.changes, c.change(d, k, was, is))
}

func dayIn(d place.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func compoundsOf[T any](list []T, of func(T) place.ID) []place.ID {
	ids := make([]place.ID, 0, len(list))
	for _, x := range list {
		ids = append(ids, of(x))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// thingsEdited marks the rows of an import whose things somebody has spoken of since. What is said of the
// compound otherwise is no hindrance.
func (s *Service) thingsEdited(ctx context.Context, imp importRow, rows []rowRow, mark func(r *rowRow, code, by string)) error {
	of := listings[imp.List].thing()
	for i := 0; i < len(rows); i += rowsAtOnce {
		part := rows[i:min(i+rowsAtOnce, len(rows))]
		by, ids := map[ref]*rowRow{}, make([]place.ID, len(part))
		for j := range part {
			by[part[j].ref()], ids[j] = &part[j], part[j].Compound
		}
		slices.Sort(ids)
		if err := of.read(ctx, s.o.Places, s.today().Known, slices.Compact(ids)); err != nil {
			return err
		}
		err := of.edited(ctx, s.o.Places, store.Time(imp.AtUS), func(compound place.ID, id, who string) {
			switch r := by[ref{compound, id}]; {
			case r == nil:
			case who == place.Register:
				mark(r, "sheet.seen-since", "")
			default:
				mark(r, "sheet.edited-row", who)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unsayThing takes back what a row did to a thing.
func (s *Service) unsayThing(ctx context.Context, by, _ string, r *rowRow) error {
	var b Before
	if err := json.Unmarshal([]byte(r.Before), &b); err != nil {
		return err
	}
	if len(b.Counts) > 0 {
		if err := s.o.Places.Count(ctx, by, b.Counts); err != nil {
			return err
		}
	}
	if c := b.Channel; c != nil {
		if c.State != "" {
			step := place.ChannelStep{Channel: place.ChannelID(r.Item), Compound: r.Compound, State: c.State, Moment: place.Moment{About: b.From}}
			if err := s.o.Places.StepChannels(ctx, by, []place.ChannelStep{step}); err != nil {
				return err
			}
		}
		if c.Name != nil || c.Area != nil {
			if _, err := s.o.Places.ChangeChannel(ctx, by, place.ChannelID(r.Item), place.Whatever, c.ChannelEdit); err != nil {
				return err
			}
		}
	}
	if a := b.Area; a != nil {
		_, err := s.o.Places.ChangeArea(ctx, by, place.AreaID(r.Item), place.Whatever, a.Name, a.Until)
		return err
	}
	return nil
}

// eachThing hands on what compounds have, those of some compounds at a time.
func (s *Service) eachThing(ctx context.Context, of *listing, tree *place.Tree, lang string, f Filter, do func([]any) error) error {
	ids, above := f.compounds(tree)
	for part := range slices.Chunk(ids, rowsAtOnce) {
		list := of.thing()
		if err := list.read(ctx, s.o.Places, f.Q.Known, part); err != nil {
			return err
		}
		for _, id := range part {
			for _, said := range list.said(tree, f.Q, lang, id) {
				for _, l := range []place.Level{place.County, place.Street, place.Community} {
					said[Key(l)] = above[id][l]
				}
				said[Name] = above[id][place.Compound]
				f.hideFewThing(id, said, lang)
				if err := do(inOrder(of, said)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
