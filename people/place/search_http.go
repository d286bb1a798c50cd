package place

import (
	"context"
	"slices"
)

// Found is a compound that a search came upon.
type Found struct {
	Compound ID     `json:"compound"`
	Name     string `json:"name"`
	CountyID ID     `json:"county_id"`
	County   string `json:"county"`
	Street   string `json:"street"`
	Place    string `json:"community"`
}

// Find lists the compounds of a county, or of all when it is "", in whose name
// the needle is and which may be shown; by name, at most limit. total is how
// many there are.
func Find(t *Tree, q AsOf, n *Needle, county ID, show func(ID) bool, limit int) (list []Found, total int) {
	list = []Found{}
	for _, v := range t.Of(q, Compound) {
		if !n.In(v.Name) || !show(v.Place) {
			continue
		}
		f := Found{Compound: v.Place, Name: v.Name}
		for _, p := range t.Path(q, v.Place) {
			switch p.Level {
			case County:
				f.CountyID, f.County = p.Place, p.Name
			case Street:
				f.Street = p.Name
			case Community:
				f.Place = p.Name
			}
		}
		if county != "" && f.CountyID != county {
			continue
		}
		if total++; len(list) < limit {
			list = append(list, f)
		}
	}
	return slices.Clip(list), total
}

type foundOutput struct {
	Body struct {
		Compounds []Found `json:"compounds"`
		Total     int     `json:"total"`
	}
}

func (s *Service) httpFind(ctx context.Context, in *struct {
	AsOfInput
	Search string `query:"search" maxLength:"60" doc:"In the name: characters, pinyin, initials, or a mixture; all when left out"`
	County string `query:"county"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
},
) (*foundOutput, error) {
	q, err := in.AsOf(s.clock)
	if err != nil {
		return nil, err
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := s.rights.Scope(ctx, MayRead, q)
	if err != nil {
		return nil, err
	}
	out := &foundOutput{}
	out.Body.Compounds, out.Body.Total = Find(tree, q, NewNeedle(in.Search), ID(in.County), scope.Has, in.Limit)
	return out, nil
}
