package inspection

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
)

// Standing is how one compound stands.
type Standing struct {
	Compound   place.ID  `json:"compound"`
	Where      Where     `json:"where"`
	Status     Status    `json:"status" enum:"none,pass,mended,mend,fail"`
	Since      place.Day `json:"since,omitempty"`
	Inspection ID        `json:"inspection,omitempty" doc:"The one that says so"`
	Score      *Points   `json:"score,omitempty"`
	Planned    place.Day `json:"planned,omitempty" doc:"The next inspection"`
	Open       int       `json:"open" doc:"Things still to be mended"`
	Late       int       `json:"late"`
}

// Standings lists how compounds stood for a question: those that have ever been
// inspected, or are planned to be.
func (s *Service) Standings(ctx context.Context, q place.AsOf, show func(place.ID) bool, county, compound place.ID) ([]Standing, error) {
	sel := s.db.NewSelect()
	if compound != "" {
		sel = sel.Where("compound = ?", compound)
	}
	all, err := s.read(ctx, sel)
	if err != nil {
		return nil, err
	}
	asked, err := s.mendingsOf(ctx, all, compound)
	if err != nil {
		return nil, err
	}
	r, err := s.reading(ctx, q, "")
	if err != nil {
		return nil, err
	}
	of := map[place.ID][]Inspection{}
	for _, x := range all {
		if show == nil || show(x.Compound) {
			of[x.Compound] = append(of[x.Compound], x)
		}
	}
	out := []Standing{}
	for id, list := range of {
		st := Standing{Compound: id, Where: r.where(id, q.Day)}
		t := StandsAt(q, Turns(s.o.Clock, list, asked))
		st.Status, st.Since, st.Inspection = t.Status, t.About, t.Inspection
		if t.Inspection != "" {
			st.Score = &t.Score
		}
		then, mends := r.at(list, asked)
		for i := range then {
			e := r.entry(&then[i], mends[then[i].ID], "")
			st.Open += e.Open
			st.Late += e.Late
			if e.State == Planned && (st.Planned == 0 || e.Day < st.Planned) {
				st.Planned = e.Day
			}
		}
		if len(then) == 0 || county != "" && st.Where.County != county {
			continue
		}
		out = append(out, st)
	}
	slices.SortFunc(out, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.Where.CountyName, b.Where.CountyName), cmp.Compare(a.Where.Name, b.Where.Name), cmp.Compare(a.Compound, b.Compound))
	})
	return out, nil
}

// TurnsOf reads how the standing of compounds changed, of all when none is named.
func (s *Service) TurnsOf(ctx context.Context, compounds ...place.ID) ([]Turn, error) {
	var all []Inspection
	if len(compounds) == 0 {
		var err error
		if all, err = s.read(ctx, s.db.NewSelect().Where("outcome <> ''")); err != nil {
			return nil, err
		}
	}
	for part := range slices.Chunk(compounds, batch) {
		list, err := s.read(ctx, s.db.NewSelect().Where("outcome <> ''").Where("compound IN (?)", bun.List(part)))
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	if len(all) == 0 {
		return nil, nil
	}
	ids := make([]ID, len(all))
	of := map[place.ID][]Inspection{}
	for i, x := range all {
		ids[i] = x.ID
		of[x.Compound] = append(of[x.Compound], x)
	}
	asked, err := s.mendings(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var out []Turn
	for _, list := range of {
		out = append(out, Turns(s.o.Clock, list, asked)...)
	}
	return out, nil
}

// DueEntry is something still to be mended.
type DueEntry struct {
	Mending
	Compound place.ID  `json:"compound"`
	Where    Where     `json:"where"`
	Title    Words     `json:"title" doc:"Of the item"`
	Day      place.Day `json:"day" doc:"Of the inspection"`
}

// Due lists what is still to be mended for a question, the next last day first.
func (s *Service) Due(ctx context.Context, q place.AsOf, f Filter) ([]DueEntry, error) {
	sel := s.db.NewSelect().Where("outcome <> ''")
	if f.Compound != "" {
		sel = sel.Where("compound = ?", f.Compound)
	}
	all, err := s.read(ctx, sel)
	if err != nil {
		return nil, err
	}
	asked, err := s.mendingsOf(ctx, all, f.Compound)
	if err != nil {
		return nil, err
	}
	r, err := s.reading(ctx, q, "")
	if err != nil {
		return nil, err
	}
	forms := map[FormID]map[int]*Form{}
	all, asked = r.at(all, asked)
	out := []DueEntry{}
	for i := range all {
		x := &all[i]
		if f.Show != nil && !f.Show(x.Compound) {
			continue
		}
		for _, m := range asked[x.ID] {
			if m.State == Accepted {
				continue
			}
			d := DueEntry{Mending: m, Compound: x.Compound, Where: r.where(x.Compound, x.Day), Day: x.Day}
			if f.County != "" && d.Where.County != f.County {
				break
			}
			if forms[x.Form][x.Number] == nil {
				form, err := s.Form(ctx, x.Form, x.Number)
				if err != nil {
					return nil, err
				}
				if forms[x.Form] == nil {
					forms[x.Form] = map[int]*Form{}
				}
				forms[x.Form][x.Number] = &form
			}
			if it := forms[x.Form][x.Number].item(m.Item); it != nil {
				d.Title = it.Title
			}
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b DueEntry) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Where.Name, b.Where.Name), cmp.Compare(a.Inspection, b.Inspection), cmp.Compare(a.Item, b.Item))
	})
	return out, nil
}
