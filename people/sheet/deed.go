package sheet

import (
	"context"
	"slices"
	"strconv"
	"time"

	"linli.dev/linli/people/place"
)

// deed is what a good row changes.
type deed struct {
	*line
	found   *place.NewPlace
	edit    *place.Edit
	entries []place.Entry
	counts  []place.Count
	point   *place.Point
	share   *Share
	apart   bool               // a compound that takes no part in the programme, after it
	channel *place.Channel     // to be listed
	named   *place.ChannelEdit // of a channel that is there
	step    *place.ChannelStep
	area    *place.Area // to be named
	ended   AreaBefore  // what an area that is there becomes
	before  Before
	changes []Change
}

// Change is one field of a compound that a row changes.
type Change struct {
	Row      int      `json:"row"`
	Sheet    string   `json:"sheet,omitempty"`
	Compound place.ID `json:"compound"`
	Name     string   `json:"name"`
	Column   string   `json:"column" doc:"Heading of the field"`
	Was      string   `json:"was"`
	Is       string   `json:"is"`
}

// Before is what an undo has to say again of a compound.
type Before struct {
	From    place.Day     `json:"from"`
	Name    *string       `json:"name,omitempty"`
	Code    *string       `json:"code,omitempty"`
	NameEN  *string       `json:"name_en,omitempty"`
	Parent  *place.ID     `json:"parent,omitempty"`
	Entries []place.Entry `json:"entries,omitempty"` // those that were made, to be reversed
	Point   *place.LonLat `json:"point,omitempty"`
	Share   *Share        `json:"share,omitempty"`
	Counts  []place.Count `json:"counts,omitempty"` // those that held, or that nothing was said

	Channel *ChannelBefore `json:"channel,omitempty"`
	Area    *AreaBefore    `json:"area,omitempty"`
}

// values are what the row says, for the next upload to be compared with.
func (l *line) values() map[Key]string {
	v := map[Key]string{}
	if l.class != nil {
		v[Class] = string(*l.class)
	}
	if l.weak != nil {
		v[Weak] = strconv.FormatBool(*l.weak)
	}
	if l.point != nil {
		v[Lon], v[Lat] = degreesIn(l.point.Lon), degreesIn(l.point.Lat)
	}
	if l.part != nil {
		v[Part] = strconv.FormatBool(*l.part)
	}
	if l.plan > 0 {
		v[Plan] = strconv.Itoa(l.plan)
	}
	for s, n := range l.numbers {
		v[Key(s)] = numberIn(n)
	}
	for k, s := range map[Key]string{AreaKind: string(l.thing.kind), InState: string(l.thing.state)} {
		if s != "" {
			v[k] = s
		}
	}
	if l.thing.condition != nil {
		v[Condition] = string(*l.thing.condition)
	}
	for k, d := range map[Key]*place.Day{LastCheck: l.thing.checked, Until: l.thing.until} {
		if d != nil {
			v[k] = dayIn(*d)
		}
	}
	return v
}

func (d *deed) same() bool {
	return d.found == nil && d.edit == nil && len(d.entries) == 0 && len(d.counts) == 0 && d.point == nil && d.share == nil &&
		d.channel == nil && d.named == nil && d.step == nil && d.area == nil && d.ended == AreaBefore{}
}

// fresh reports whether the row makes what it speaks of.
func (d *deed) fresh() bool { return d.found != nil || d.thing.made }

// numberIn is a number as a cell has it; nothing when none is said any more.
func numberIn(n int) string {
	if n == place.Unsaid {
		return ""
	}
	return strconv.Itoa(n)
}

func degreesIn(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// facts is what the room asks of places about compounds that are there.
type facts interface {
	Entries(ctx context.Context, compounds ...place.ID) ([]place.Entry, error)
	Counts(ctx context.Context, compounds ...place.ID) ([]place.Count, error)
	Points(ctx context.Context, compounds ...place.ID) ([]place.Point, error)
	ChannelsKnown(ctx context.Context, known time.Time, compounds ...place.ID) ([]place.Channel, error)
	Steps(ctx context.Context, compounds ...place.ID) ([]place.ChannelStep, error)
	Ties(ctx context.Context) ([]place.Tie, error)
	Renamed(ctx context.Context, after time.Time, ids ...place.ChannelID) (map[place.ChannelID]string, error)
	AreasKnown(ctx context.Context, known time.Time, compounds ...place.ID) ([]place.Area, error)
}

// deeds compares rows with what is known of their compounds. Rows that cannot
// be carried out get their problems. last is what this sender said last.
func (c *checker) deeds(ctx context.Context, f facts, p Programme, known time.Time, lines []*line, last said) ([]*deed, error) {
	if len(lines) > 0 && lines[0].t.of.thing != nil {
		return c.things(ctx, f, known, lines, last)
	}
	var spoken, ids []place.ID
	for _, l := range lines {
		if l.id != "" && !l.found && len(l.problems) == 0 {
			spoken = append(spoken, l.id)
			if l.compound != "" && !slices.Contains(ids, l.compound) {
				ids = append(ids, l.compound)
			}
		}
	}
	entries, counts, before := map[place.ID][]place.Entry{}, map[place.ID][]place.Count{}, map[ref]map[Key]string{}
	points := map[place.ID][]place.Point{}
	if len(ids) > 0 {
		es, err := f.Entries(ctx, ids...)
		if err != nil {
			return nil, err
		}
		for _, e := range es {
			entries[e.Compound] = append(entries[e.Compound], e)
		}
		cs, err := f.Counts(ctx, ids...)
		if err != nil {
			return nil, err
		}
		for _, x := range cs {
			counts[x.Compound] = append(counts[x.Compound], x)
		}
		ps, err := f.Points(ctx, ids...)
		if err != nil {
			return nil, err
		}
		for _, x := range ps {
			points[x.Compound] = append(points[x.Compound], x)
		}
	}
	steps, err := stepsOf(ctx, f, lines)
	if err != nil {
		return nil, err
	}
	if len(spoken) > 0 {
		var err error
		if before, err = last(ctx, spoken); err != nil {
			return nil, err
		}
	}
	var out []*deed
	for _, l := range lines {
		if l.skipped || len(l.problems) > 0 {
			continue
		}
		q := place.AsOf{Day: l.from, Known: known}
		d := c.deed(l, known, entries[l.compound], place.WithChannels(q, q.Day, counts[l.compound], steps[l.compound]))
		if len(l.problems) > 0 {
			continue
		}
		c.pointOf(d, known, points[l.compound])
		c.changed(l, before[l.ref()])
		out = append(out, d)
	}
	if err := c.shares(ctx, p, place.AsOf{Known: known}, out); err != nil {
		return nil, err
	}
	if err := c.listed(ctx, f, known, out); err != nil {
		return nil, err
	}
	return badOnes(out), nil
}

// stepsOf are the channels of the compounds of which rows say how many cameras they have.
func stepsOf(ctx context.Context, f facts, lines []*line) (map[place.ID][]place.ChannelStep, error) {
	var ids []place.ID
	for _, l := range lines {
		if _, ok := l.numbers["camera"]; ok && l.compound != "" && !l.found {
			ids = append(ids, l.compound)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(ids)
	list, err := f.Steps(ctx, slices.Compact(ids)...)
	out := map[place.ID][]place.ChannelStep{}
	for _, st := range list {
		out[st.Compound] = append(out[st.Compound], st)
	}
	return out, err
}

func (c *checker) deed(l *line, known time.Time, entries []place.Entry, counts []place.Count) *deed {
	q := place.AsOf{Day: l.from, Known: known}
	d := &deed{line: l, before: Before{From: l.from}}
	if l.found {
		code, nameEN := "", ""
		if l.code != nil {
			code = *l.code
		}
		if l.nameEN != nil {
			nameEN = *l.nameEN
		}
		d.found = &place.NewPlace{Level: l.level, Parent: l.parent, Name: l.name, NameEN: nameEN, Code: code, From: l.from}
	} else {
		c.editOf(d, q)
	}
	d.entries = place.Entering(q, l.id, entries, l.class, l.weak, l.criteria, l.evidence)
	if place.Lightens(known, entries, d.entries) { // as with a share: nobody of the level above is asked
		c.bad(l, Class, kindRights, "sheet.leaves-class", right{code: "sheet.right.ask"})
	}
	for _, f := range place.EntryProblems(known, entries, d.entries) {
		k := Class
		switch {
		case f.Path == "criteria":
			k = Criteria
		case f.Path == "evidence":
			k = Evidence
		case l.class == nil || l.weak != nil && !*l.weak:
			k = Weak
		}
		code := f.Code
		if code == "place.field.required" {
			code = "sheet.needs-evidence"
		}
		if !slices.ContainsFunc(l.problems, func(p Problem) bool {
			return p.Code == code && p.Column == l.problem(c.lang, k, kindClass, code, right{}).Column
		}) {
			l.problems = append(l.problems, l.problem(c.lang, k, kindClass, code, right{}))
			l.problems[len(l.problems)-1].args = f.Args
		}
	}
	d.counts = place.RecountingIn(q, l.compound, l.building(), counts, l.numbers)
	c.remember(d, q, entries, counts)
	return d
}

// pointOf says where on the map a row puts its compound.
func (c *checker) pointOf(d *deed, known time.Time, points []place.Point) {
	if d.line.point == nil {
		return
	}
	was, is := place.PointAt(place.AsOf{Day: d.from, Known: known}, points), *d.line.point
	if was == is {
		return
	}
	d.point = &place.Point{LonLat: is, Moment: place.Moment{About: d.from}}
	if d.found != nil {
		return
	}
	d.before.Point = &was
	for _, x := range []struct {
		k       Key
		was, is float64
	}{{Lon, was.Lon, is.Lon}, {Lat, was.Lat, is.Lat}} {
		if x.was != x.is {
			text := degreesIn(x.was)
			if was == (place.LonLat{}) {
				text = ""
			}
			now := degreesIn(x.is)
			if is == (place.LonLat{}) {
				now = ""
			}
			d.changes = append(d.changes, c.change(d, x.k, text, now))
		}
	}
}

// editOf says what of its name, code and community a row changes.
func (c *checker) editOf(d *deed, q place.AsOf) {
	was, ok := c.x.tree.At(q, d.id)
	if !ok {
		return
	}
	e := place.Edit{From: d.from}
	any := false
	if plain(d.name) != plain(was.Name) {
		e.Name, d.before.Name, any = &d.name, &was.Name, true
		d.changes = append(d.changes, c.change(d, d.nameKey, was.Name, d.name))
	}
	if d.code != nil && *d.code != was.Code {
		e.Code, d.before.Code, any = d.code, &was.Code, true
		d.changes = append(d.changes, c.change(d, Code, was.Code, *d.code))
	}
	if d.nameEN != nil && *d.nameEN != was.NameEN {
		e.NameEN, d.before.NameEN, any = d.nameEN, &was.NameEN, true
		d.changes = append(d.changes, c.change(d, NameEN, was.NameEN, *d.nameEN))
	}
	if d.parent != "" && d.parent != was.Parent {
		e.Parent, d.before.Parent, any = &d.parent, &was.Parent, true
		from, _ := c.x.tree.At(q, was.Parent)
		d.changes = append(d.changes, c.change(d, d.parentKey, from.Name, c.calledAt(q, d.parent)))
	}
	if any {
		d.edit = &e
	}
}

func (c *checker) change(d *deed, k Key, was, is string) Change {
	return Change{Row: d.row + 1, Sheet: d.t.Sheet, Compound: d.id, Name: d.name, Column: d.t.of.column(k).heading(c.lang), Was: was, Is: is}
}

// remember notes what class and numbers were, for an undo and for the list of changes.
func (c *checker) remember(d *deed, q place.AsOf, entries []place.Entry, counts []place.Count) {
	d.before.Entries = slices.Clone(d.entries)
	for i := range d.before.Entries { // who left enters again on the ground on which it stood
		e := &d.before.Entries[i]
		for _, was := range entries {
			if was.Mark == e.Mark && was.In && !e.In && was.Stands(q) {
				e.Criteria, e.Evidence = was.Criteria, was.Evidence
			}
		}
	}
	if !d.line.found && d.class != nil {
		if was := place.ClassOf(q, entries); was != *d.class {
			d.changes = append(d.changes, c.change(d, Class, wordOf(classWords, string(was), c.lang), wordOf(classWords, string(*d.class), c.lang)))
		}
	}
	if !d.line.found && d.weak != nil {
		if was := place.Marked(q, entries, place.MarkWeak); was != *d.weak {
			yes := map[bool]string{true: "yes", false: "no"}
			d.changes = append(d.changes, c.change(d, Weak, wordOf(yesWords, yes[was], c.lang), wordOf(yesWords, yes[*d.weak], c.lang)))
		}
	}
	if d.line.found && d.building() == "" {
		return // it ends with its compound
	}
	for _, n := range d.counts {
		was := place.Count{Compound: d.compound, Building: d.building(), Sort: n.Sort, Moment: place.Moment{About: d.from}, Number: place.Unsaid}
		mine := place.OfSortIn(counts, d.building(), n.Sort)
		text := ""
		if i := place.Picks(q, mine, func(x *place.Count) place.Moment { return x.Moment }); i >= 0 {
			was.Number, was.Condition, was.Checked = mine[i].Number, mine[i].Condition, mine[i].Checked
			if was.Number != place.Unsaid {
				text = c.numberTold(d.compound, n.Sort, was.Number)
			}
		}
		d.before.Counts = append(d.before.Counts, was)
		if d.line.found {
			continue // nothing was there before
		}
		d.changes = append(d.changes, c.change(d, Key(n.Sort), text, numberIn(n.Number)))
	}
}

// changed warns of values that are not what the sender said last time.
func (c *checker) changed(l *line, before map[Key]string) {
	now := l.values()
	for i := range l.t.of.columns {
		k := l.t.of.columns[i].key
		was, ok := before[k]
		is, said := now[k]
		if ok && said && was != is {
			if k == Weak || k == Part {
				was = map[string]string{"true": "yes", "false": "no"}[was]
			}
			if words := l.t.of.columns[i].words(); words != nil {
				was = wordOf(words, was, c.lang)
			}
			c.warn(l, k, kindChanged, "sheet.changed-value", "was", was)
		}
	}
}
