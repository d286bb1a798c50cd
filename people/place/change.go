package place

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// The kinds of journal events about the tree. What they tell of is their
// subject, a place.
const (
	evFounded = "place.founded"
	evChanged = "place.changed"
	evEnded   = "place.ended"
)

// IsTreeEvent reports whether a journal event tells of a change in the tree.
func IsTreeEvent(e store.Event) bool {
	return e.Room == room && (e.Kind == evFounded || e.Kind == evChanged || e.Kind == evEnded)
}

// toldOf are the places that a journal event tells of: its subject, or many at once.
func toldOf(e store.Event) []ID {
	if e.Subject != "" {
		return []ID{ID(e.Subject)}
	}
	var said struct{ Places, Compounds []ID }
	_ = json.Unmarshal(e.Data, &said)
	return append(said.Places, said.Compounds...)
}

// writing is one transaction of the room.
type writing struct {
	s     *Service
	tx    *store.Tx
	known time.Time
	op    string
	now   AsOf
}

// NewPlace is a place to be founded.
type NewPlace struct {
	ID     ID     `json:"id,omitempty" doc:"Left out: one is made"`
	Level  Level  `json:"level" enum:"city,county,street,community,compound,building"`
	Parent ID     `json:"parent,omitempty" doc:"Only a city has none"`
	Name   string `json:"name"`
	NameEN string `json:"name_en,omitempty" doc:"In English texts; left out: it is spelt by rule"`
	Code   string `json:"code,omitempty"`
	From   Day    `json:"from"`
	Note   string `json:"note,omitempty"`
}

// Found adds places, parents before children, all or none.
func (s *Service) Found(ctx context.Context, by string, list []NewPlace) ([]Version, error) {
	var out []Version
	err := s.change(ctx, "place.Found", func(ctx context.Context, w *writing) (err error) {
		out, err = w.found(ctx, by, list, Founded, "")
		return err
	})
	return out, err
}

func (w *writing) found(ctx context.Context, by string, list []NewPlace, why Why, other ID) ([]Version, error) {
	made := map[ID]Version{}
	out := make([]Version, 0, len(list))
	parents, err := w.parents(ctx, list)
	if err != nil {
		return nil, err
	}
	for i, n := range list {
		v := Version{
			Level: n.Level, Number: 1, Moment: Moment{n.From, w.known}, Name: Tidy(n.Name), NameEN: Tidy(n.NameEN), Code: Tidy(n.Code),
			Parent: n.Parent, Open: true, Why: why, Other: other, Note: Tidy(n.Note), By: by,
		}
		if v.Place, err = newID(n.ID, w.op); err != nil {
			return nil, err
		}
		p := v.check()
		w.checkParent(&v, 0, parents, made, &p)
		if err := p.Fault(w.op, "place.invalid"); err != nil {
			return nil, at(err, i, len(list))
		}
		made[v.Place] = v
		out = append(out, v)
	}
	return out, w.add(ctx, out...)
}

// parents reads the parents that are not themselves in the list.
func (w *writing) parents(ctx context.Context, list []NewPlace) (*Tree, error) {
	var ids []ID
	inside := map[ID]bool{}
	for _, n := range list {
		inside[n.ID] = true
		if n.Parent != "" && !inside[n.Parent] && !slices.Contains(ids, n.Parent) {
			ids = append(ids, n.Parent)
		}
	}
	if len(ids) == 0 {
		return NewTree(nil), nil
	}
	versions, err := w.s.versions(ctx, w.tx, ids...)
	return NewTree(versions), err
}

// checkParent: one level up, and there on the day and for as long as the version holds, which is until a day; 0: for good.
func (w *writing) checkParent(v *Version, until Day, tree *Tree, made map[ID]Version, p *Problems) {
	above, ok := v.Level.above()
	switch {
	case !ok:
		p.Add("level", "place.field.level", "is", clip(string(v.Level)))
		return
	case above == "" && v.Parent != "":
		p.Add("parent", "place.parent.city")
		return
	case above == "":
		return
	case v.Parent == "":
		p.Add("parent", "place.field.required")
		return
	}
	parent, ok := made[v.Parent]
	if !ok {
		parent, ok = tree.At(AsOf{v.About, w.known}, v.Parent)
	}
	switch {
	case !ok || parent.About > v.About:
		p.Add("parent", "place.parent.not-there", "day", v.About.String())
	case parent.Level != above:
		p.Add("parent", "place.parent.level")
	default:
		if ends := tree.EndsLater(AsOf{v.About, w.known}, v.Parent); ends != 0 && (until == 0 || ends < until) {
			p.Add("parent", "place.parent.ends", "day", ends.String())
		}
	}
}

// at says which of several entries an error is about.
func at(err error, i, of int) error {
	if f, ok := err.(*fault.Error); ok && of > 1 {
		for j := range f.Fields {
			f.Fields[j].Path = Row(i, f.Fields[j].Path)
		}
	}
	return err
}

// Edit is what a caller says of a place from a day on; nil leaves a field alone.
type Edit struct {
	From   Day     `json:"from"`
	Name   *string `json:"name,omitempty"`
	NameEN *string `json:"name_en,omitempty" doc:"Empty: it is spelt by rule"`
	Code   *string `json:"code,omitempty"`
	Parent *ID     `json:"parent,omitempty" doc:"It moves there"`
	Note   string  `json:"note,omitempty"`
}

// Change renames or moves a place that is still at the version the caller saw.
// A day of which an earlier version speaks already makes it a correction.
func (s *Service) Change(ctx context.Context, by string, id ID, seen int64, e Edit) (Version, error) {
	var out Version
	err := s.change(ctx, "place.Change", func(ctx context.Context, w *writing) (err error) {
		out, err = w.edit(ctx, by, id, seen, e)
		return err
	})
	return out, err
}

func (w *writing) edit(ctx context.Context, by string, id ID, seen int64, e Edit) (Version, error) {
	tree, last, err := w.place(ctx, id, seen)
	if err != nil {
		return Version{}, err
	}
	was, ok := tree.At(AsOf{e.From, w.known}, id)
	if !ok {
		return Version{}, fault.New(fault.Conflict, w.op, "place.not-there", "day", e.From.String())
	}
	v := was
	v.Number, v.Moment, v.Note, v.By, v.Other, v.Why = last+1, Moment{e.From, w.known}, Tidy(e.Note), by, "", Changed
	if e.Name != nil {
		v.Name = Tidy(*e.Name)
	}
	if e.NameEN != nil {
		v.NameEN = Tidy(*e.NameEN)
	}
	if e.Code != nil {
		v.Code = Tidy(*e.Code)
	}
	if e.Parent != nil && *e.Parent != v.Parent {
		v.Parent, v.Why = *e.Parent, Moved
	}
	if v.Name == was.Name && v.NameEN == was.NameEN && v.Code == was.Code && v.Parent == was.Parent {
		return was, nil
	}
	if was.About == e.From {
		v.Why = Corrected
	}
	p := v.check()
	parents, err := w.parents(ctx, []NewPlace{{Parent: v.Parent}})
	if err != nil {
		return Version{}, err
	}
	until := tree.TurnsLater(AsOf{e.From, w.known}, id)
	w.checkParent(&v, until, parents, nil, &p)
	if err := p.Fault(w.op, "place.invalid"); err != nil {
		return Version{}, err
	}
	if err := w.add(ctx, v); err != nil || v.Level != Building || v.Parent == was.Parent {
		return v, err
	}
	then, _ := tree.At(AsOf{until, w.known}, id)
	return v, w.takeAlong(ctx, by, id, was.Parent, v.Parent, e.From, until, then.Parent)
}

// place reads a place and what hangs under it, and checks the version seen. 0:
// not given; it is refused.
func (w *writing) place(ctx context.Context, id ID, seen int64) (*Tree, int64, error) {
	versions, err := w.s.versions(ctx, w.tx, id)
	if err != nil {
		return nil, 0, err
	}
	if len(versions) == 0 {
		return nil, 0, fault.New(fault.NotFound, w.op, "place.no-place")
	}
	under, err := w.s.versionsUnder(ctx, w.tx, id)
	if err != nil {
		return nil, 0, err
	}
	last := versions[len(versions)-1].Number
	if err := SameVersion(w.op, seen, last); err != nil {
		return nil, 0, w.differing(ctx, err, versions, seen)
	}
	return NewTree(append(versions, under...)), last, nil
}

// differing says of a place in what the last version is not the one that was seen.
func (w *writing) differing(ctx context.Context, err error, versions []Version, seen int64) error {
	f, ok := err.(*fault.Error)
	i := slices.IndexFunc(versions, func(v Version) bool { return v.Number == seen })
	if !ok || f.Kind != fault.Stale || i < 0 {
		return err
	}
	was, is := versions[i], slices.MaxFunc(versions, func(a, b Version) int { return cmp.Compare(a.Number, b.Number) })
	var p Problems
	if was.Name != is.Name {
		p.Add("name", "place.differs.name", "was", was.Name, "is", is.Name)
	}
	if was.NameEN != is.NameEN {
		p.Add("name_en", "place.differs.name-en", "was", was.NameEN, "is", is.NameEN)
	}
	if was.Code != is.Code {
		p.Add("code", "place.differs.code", "was", was.Code, "is", is.Code)
	}
	if was.Parent != is.Parent {
		name := func(id ID) string {
			above, err := w.s.versions(ctx, w.tx, id)
			if err != nil || len(above) == 0 {
				return string(id)
			}
			return above[len(above)-1].Name
		}
		p.Add("parent", "place.differs.parent", "was", name(was.Parent), "is", name(is.Parent))
	}
	if was.Open && !is.Open {
		p.Add("open", "place.differs.open", "day", is.About.String())
	}
	if len(p) == 0 { // the same again from another day
		p.Add("from", "place.differs.from", "was", was.About.String(), "is", is.About.String())
	}
	f.Fields = p
	return f
}

// End says that a place is there no longer from a day on. What hangs under it then, or from a later day on, must have ended or
// moved before; and nothing may be said already of the place itself from a later day on.
func (s *Service) End(ctx context.Context, by string, id ID, seen int64, day Day, note string) (Version, error) {
	var out Version
	err := s.change(ctx, "place.End", func(ctx context.Context, w *writing) (err error) {
		out, err = w.end(ctx, by, id, seen, day, note, Ended, "")
		return err
	})
	return out, err
}

func (w *writing) end(ctx context.Context, by string, id ID, seen int64, day Day, note string, why Why, into ID) (Version, error) {
	tree, last, err := w.place(ctx, id, seen)
	if err != nil {
		return Version{}, err
	}
	q := AsOf{day, w.known}
	v, ok := tree.At(q, id)
	if !ok {
		return Version{}, fault.New(fault.Conflict, w.op, "place.not-there", "day", day.String())
	}
	if n := len(tree.Under(q, id)); n > 0 {
		return Version{}, fault.New(fault.Conflict, w.op, "place.has-children", "children", n)
	}
	if c, ok := tree.HangsLater(q, id); ok {
		return Version{}, fault.New(fault.Conflict, w.op, "place.hangs-later", "name", c.Name, "day", c.About.String())
	}
	if last := tree.StandsLater(q, id); last != 0 {
		return Version{}, fault.New(fault.Conflict, w.op, "place.stands-later", "day", last.String())
	}
	v.Number, v.Moment, v.Open, v.Why, v.Other, v.Note, v.By = last+1, Moment{day, w.known}, false, why, into, Tidy(note), by
	if err := v.check().Fault(w.op, "place.invalid"); err != nil {
		return Version{}, err
	}
	if err := w.add(ctx, v); err != nil || v.Level != Building {
		return v, err
	}
	return v, w.takeAlong(ctx, by, id, v.Parent, "", day, 0, "")
}

// Merge ends places and hangs what is under them under another of their level.
// Reports of days before stay as they were. seen is the version of the one that stays.
func (s *Service) Merge(ctx context.Context, by string, seen int64, from []ID, into ID, day Day, note string) error {
	return s.change(ctx, "place.Merge", func(ctx context.Context, w *writing) error {
		if err := w.unchanged(ctx, into, seen); err != nil {
			return err
		}
		target, err := w.there(ctx, into, day)
		if err != nil {
			return err
		}
		for _, id := range from {
			v, err := w.there(ctx, id, day)
			if err != nil {
				return err
			}
			if v.Level != target.Level || id == into {
				return fault.New(fault.Invalid, w.op, "place.merge.level")
			}
			if err := w.rehang(ctx, by, id, into, nil, day, note); err != nil {
				return err
			}
			if _, err := w.end(ctx, by, id, Whatever, day, note, Merged, into); err != nil {
				return err
			}
		}
		return nil
	})
}

// Split cuts a new place off another one and hangs the given children there.
func (s *Service) Split(ctx context.Context, by string, seen int64, id ID, part NewPlace, children []ID, note string) (Version, error) {
	var out Version
	err := s.change(ctx, "place.Split", func(ctx context.Context, w *writing) error {
		if err := w.unchanged(ctx, id, seen); err != nil {
			return err
		}
		v, err := w.there(ctx, id, part.From)
		if err != nil {
			return err
		}
		part.Level, part.Parent, part.Note = v.Level, v.Parent, note
		made, err := w.found(ctx, by, []NewPlace{part}, Split, id)
		if err != nil {
			return err
		}
		out = made[0]
		return w.rehang(ctx, by, id, out.Place, children, part.From, note)
	})
	return out, err
}

// unchanged checks that a place still has the version that the caller saw.
func (w *writing) unchanged(ctx context.Context, id ID, seen int64) error {
	versions, err := w.s.versions(ctx, w.tx, id)
	if err != nil {
		return err
	}
	newest := int64(0)
	for _, v := range versions {
		newest = max(newest, v.Number)
	}
	return SameVersion(w.op, seen, newest)
}

// there reads a place that must be there on a day.
func (w *writing) there(ctx context.Context, id ID, day Day) (Version, error) {
	versions, err := w.s.versions(ctx, w.tx, id)
	if err != nil {
		return Version{}, err
	}
	v, ok := NewTree(versions).At(AsOf{day, w.known}, id)
	if !ok {
		return Version{}, fault.New(fault.NotFound, w.op, "place.no-place")
	}
	return v, nil
}

// rehang moves children (nil: all there are, or will be by what is said of later days) of a place to another.
func (w *writing) rehang(ctx context.Context, by string, from, to ID, children []ID, day Day, note string) error {
	under, err := w.s.versionsUnder(ctx, w.tx, from)
	if err != nil {
		return err
	}
	q, tree, all := AsOf{day, w.known}, NewTree(under), children == nil
	if all {
		children = tree.children[from]
	}
	for _, c := range children {
		days := tree.stays(q, c, from, all)
		if !all && len(days) == 0 {
			return fault.New(fault.Invalid, w.op, "place.split.not-a-child")
		}
		for _, d := range slices.Backward(days) { // so that each knows where it goes on from
			if _, err := w.edit(ctx, by, c, Whatever, Edit{From: d, Parent: &to, Note: note}); err != nil {
				return err
			}
		}
	}
	return nil
}
