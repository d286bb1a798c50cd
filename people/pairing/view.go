package pairing

import (
	"context"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// View is a pairing with what has become of it as of a day.
type View struct {
	Pairing
	Sums
	UnitName     string    `json:"unit_name"`
	CompoundName string    `json:"compound_name"`
	Where        string    `json:"where" doc:"County, street and community of the compound"`
	NextDue      place.Day `json:"next_due,omitempty" doc:"By which day the next money is to be in place"`
	NextFen      int64     `json:"next_fen,omitempty" doc:"How much"`
	TasksDone    int       `json:"tasks_done"`
	TasksLate    int       `json:"tasks_late"`
	TasksSet     int       `json:"tasks_set"`
	Money        []Entry   `json:"money"`
	Tasks        []Task    `json:"tasks"`
}

// Views lists the pairings that stand as of a day, and those that have ended with money or tasks of theirs, which go on being counted;
// of one unit when it is named.
func (s *Service) Views(ctx context.Context, q place.AsOf, unit UnitID, compounds ...place.ID) ([]View, error) {
	return s.views(ctx, q, unit, func(*Pairing) bool { return true }, compounds...)
}

// views is Views, of those only that may be shown.
func (s *Service) views(ctx context.Context, q place.AsOf, unit UnitID, show func(*Pairing) bool, compounds ...place.ID) ([]View, error) {
	list, err := s.gather(ctx, q, func(p *Pairing) bool { return q.Sees(p.Moment) && (unit == "" || p.Unit == unit) && show(p) }, compounds...)
	return slices.DeleteFunc(list, func(v View) bool { return !v.Stands(q) && len(v.Money)+len(v.Tasks) == 0 }), err
}

// Whole is one pairing with its files, an ended one too: its money stays on record.
func (s *Service) Whole(ctx context.Context, q place.AsOf, id ID) (Whole, error) {
	p, err := s.pairing(ctx, id)
	if err != nil {
		return Whole{}, err
	}
	list, err := s.gather(ctx, q, func(x *Pairing) bool { return x.ID == id && q.Sees(x.Moment) }, p.Compound)
	if err != nil {
		return Whole{}, err
	}
	if len(list) == 0 {
		return Whole{}, fault.New(fault.NotFound, "pairing.Whole", "pairing.no-pairing")
	}
	out := Whole{View: list[0], Files: []File{}}
	files, err := s.Files(ctx, p.Compound)
	for _, f := range files {
		if f.Pairing == id && !f.Known.After(q.Known) {
			if f.Withdrawn != nil && f.Withdrawn.After(q.Known) {
				f.Withdrawn, f.EndedBy, f.Why = nil, "", ""
			}
			out.Files = append(out.Files, f)
		}
	}
	out.Names = map[string]string{}
	for _, t := range Traces(q, out.Pairing, out.Money, out.Tasks, out.Files) {
		if _, ok := out.Names[t.By]; !ok && t.By != "" {
			out.Names[t.By] = s.o.Places.Called(ctx, t.By)
		}
	}
	return out, err
}

// gather puts pairings together with their money and tasks.
func (s *Service) gather(ctx context.Context, q place.AsOf, take func(*Pairing) bool, compounds ...place.ID) ([]View, error) {
	units, err := s.UnitsAt(ctx, q)
	if err != nil {
		return nil, err
	}
	pairings, err := s.Pairings(ctx, compounds...)
	if err != nil {
		return nil, err
	}
	entries, err := s.Entries(ctx, compounds...)
	if err != nil {
		return nil, err
	}
	tasks, err := s.Tasks(ctx, compounds...)
	if err != nil {
		return nil, err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	out := []View{}
	at := map[ID]int{}
	for _, p := range pairings {
		if !take(&p) {
			continue
		}
		v := View{Pairing: p, Money: []Entry{}, Tasks: []Task{}}
		if i := slices.IndexFunc(units, func(u Unit) bool { return u.ID == p.Unit }); i >= 0 {
			v.UnitName = units[i].Name
		}
		if p.Until != 0 && p.UntilKnown.After(q.Known) {
			v.Until, v.UntilKnown, v.UntilBy = 0, nil, "" // nobody knew of its end then
		}
		v.CompoundName, v.Where = called(tree, q, p.Compound)
		at[p.ID] = len(out)
		out = append(out, v)
	}
	for _, e := range entries {
		if i, ok := at[e.Pairing]; ok && q.Sees(e.Moment) {
			out[i].Money = append(out[i].Money, e)
		}
	}
	for i := range out {
		out[i].Sums = Sum(q, out[i].Money)
		out[i].NextDue, out[i].NextFen = NextDue(q, out[i].Money)
	}
	for _, t := range tasks {
		if i, ok := at[t.Pairing]; ok && q.Sees(t.Moment) {
			t = t.asOf(q)
			out[i].Tasks = append(out[i].Tasks, t)
			if t.Withdrawn != nil {
				continue // it stays to be seen
			}
			out[i].TasksSet++
			switch {
			case t.Done != 0:
				out[i].TasksDone++
			case t.Due < q.Day:
				out[i].TasksLate++
			}
		}
	}
	return out, nil
}

// called is a compound's name, and where it lies.
func called(tree *place.Tree, q place.AsOf, id place.ID) (name, where string) {
	path := tree.Ancestry(q, id) // one that has ended still has its money
	slices.Reverse(path)
	for _, v := range path {
		switch v.Level {
		case place.County, place.Street, place.Community:
			if where != "" {
				where += " · "
			}
			where += v.Name
		case place.Compound:
			name = v.Name
		}
	}
	return name, where
}
