package sheet

import (
	"context"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// under lists what of a tree hangs below a place of the filter, in the order in
// which people read it: each place before what hangs under it.
func (f *Filter) under(tree *place.Tree, last place.Level, do func(path []place.Version) error) error {
	var walk func(path []place.Version) error
	walk = func(path []place.Version) error {
		if err := do(path); err != nil {
			return err
		}
		top := path[len(path)-1]
		if top.Level == last {
			return nil
		}
		for _, v := range tree.Under(f.Q, top.Place) {
			if err := walk(append(slices.Clip(path), v)); err != nil {
				return err
			}
		}
		return nil
	}
	for _, city := range tree.Of(f.Q, place.City) {
		if err := walk([]place.Version{city}); err != nil {
			return err
		}
	}
	return nil
}

// has reports whether a path has the place that the filter asks for, and ends in one that may be shown.
func (f *Filter) has(path []place.Version) bool {
	within := f.Parent == "" || slices.ContainsFunc(path, func(v place.Version) bool { return v.Place == f.Parent })
	return within && (f.Show == nil || f.Show(path[len(path)-1].Place))
}

// eachDivision hands on counties, streets and communities, each after what it hangs under.
func (s *Service) eachDivision(tree *place.Tree, lang string, f Filter, do func([]any) error) error {
	return f.under(tree, place.Community, func(path []place.Version) error {
		v := path[len(path)-1]
		if v.Level == place.City || !f.has(path) || !holds(v.Name, f.Name) {
			return nil
		}
		said := map[Key]any{Level: wordOf(levelWords, string(v.Level), lang), Code: v.Code, NameEN: v.NameEN, From: f.Q.Day.String(), ID: string(v.Place)}
		for _, p := range path {
			said[Key(p.Level)] = p.Name
		}
		return do(inOrder(listings[Divisions], said))
	})
}

// eachBuilding hands on buildings with what they have, those of some compounds at a time.
func (s *Service) eachBuilding(ctx context.Context, tree *place.Tree, f Filter, do func([]any) error) error {
	var paths [][]place.Version // of the city, county, street, community, compound and building
	compounds := 0
	flush := func() error {
		var ids []place.ID
		for _, p := range paths {
			ids = append(ids, p[4].Place)
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		if len(ids) == 0 {
			return nil
		}
		counts, err := s.o.Places.Counts(ctx, ids...)
		if err != nil {
			return err
		}
		numbers := map[place.ID]map[place.Sort]int{}
		by := map[place.ID][]place.Count{}
		for _, c := range counts {
			by[c.Compound] = append(by[c.Compound], c)
		}
		for _, list := range by {
			for _, a := range place.Assets(f.Q, f.Q.Day, list) {
				if numbers[a.Building] == nil {
					numbers[a.Building] = map[place.Sort]int{}
				}
				numbers[a.Building][a.Sort] = a.Number
			}
		}
		for _, p := range paths {
			v := p[len(p)-1]
			said := map[Key]any{County: p[1].Name, Street: p[2].Name, Community: p[3].Name, Name: p[4].Name, Building: v.Name, From: f.Q.Day.String(), ID: string(v.Place)}
			for sort, n := range numbers[v.Place] {
				said[Key(sort)] = n
			}
			if err := do(inOrder(listings[Buildings], said)); err != nil {
				return err
			}
		}
		paths, compounds = nil, 0
		return nil
	}
	err := f.under(tree, place.Building, func(path []place.Version) error {
		switch v := path[len(path)-1]; {
		case v.Level == place.Compound:
			if compounds++; compounds > rowsAtOnce {
				return flush()
			}
		case v.Level == place.Building && f.has(path) && holds(path[4].Name, f.Name):
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// inOrder are the cells of a row in the order of the columns.
func inOrder(of *listing, said map[Key]any) []any {
	out := make([]any, len(of.columns))
	for i := range of.columns {
		out[i] = ""
		if v, ok := said[of.columns[i].key]; ok {
			out[i] = v
		}
	}
	return out
}

// parentThere refuses a filter by a place that is not there.
func (f *Filter) parentThere(tree *place.Tree) error {
	if _, ok := tree.At(f.Q, f.Parent); f.Parent != "" && !ok {
		return fault.New(fault.NotFound, "sheet.Export", "sheet.no-parent")
	}
	return nil
}
