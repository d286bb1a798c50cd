package inspection

import (
	"context"
	"slices"

	"linli.dev/linli/people/place"
)

type dueOutput struct {
	Body struct {
		Mendings []DueEntry `json:"mendings"`
		Total    int        `json:"total"`
		Late     int        `json:"late"`
		Date     place.Day  `json:"date"`
	}
}

func (s *Service) httpDue(ctx context.Context, in *struct {
	place.AsOfInput
	County   string `query:"county"`
	Compound string `query:"compound"`
	Late     bool   `query:"late"`
	Limit    int    `query:"limit" minimum:"1" maximum:"5000" default:"500"`
},
) (*dueOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	scope, err := s.scope(ctx, q, in.Compound)
	if err != nil {
		return nil, err
	}
	list, err := s.Due(ctx, q, Filter{Show: scope.Has, County: place.ID(in.County), Compound: place.ID(in.Compound)})
	if err != nil {
		return nil, err
	}
	out := &dueOutput{}
	out.Body.Date = q.Day
	for _, d := range list {
		if d.Late {
			out.Body.Late++
		}
	}
	if in.Late {
		list = slices.DeleteFunc(list, func(d DueEntry) bool { return !d.Late })
	}
	out.Body.Total, out.Body.Mendings = len(list), list[:min(len(list), in.Limit)]
	return out, nil
}

type standingsOutput struct {
	Body struct {
		Standings []Standing       `json:"standings"`
		Total     int              `json:"total"`
		Counties  []CountyStanding `json:"counties"`
		Date      place.Day        `json:"date"`
	}
}

// CountyStanding is how many compounds of a county stand how.
type CountyStanding struct {
	County place.ID       `json:"county"`
	Name   string         `json:"name"`
	Number map[Status]int `json:"number"`
}

func (s *Service) httpStandings(ctx context.Context, in *struct {
	place.AsOfInput
	County   string `query:"county"`
	Compound string `query:"compound"`
	Status   string `query:"status" enum:"none,pass,mended,mend,fail"`
	Limit    int    `query:"limit" minimum:"1" maximum:"5000" default:"500"`
},
) (*standingsOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	scope, err := s.scope(ctx, q, in.Compound)
	if err != nil {
		return nil, err
	}
	list, err := s.Standings(ctx, q, scope.Has, place.ID(in.County), place.ID(in.Compound))
	if err != nil {
		return nil, err
	}
	out := &standingsOutput{}
	out.Body.Date = q.Day
	for i := range list {
		w := list[i].Where
		n := len(out.Body.Counties)
		if n == 0 || out.Body.Counties[n-1].County != w.County {
			out.Body.Counties = append(out.Body.Counties, CountyStanding{w.County, w.CountyName, map[Status]int{}})
			n++
		}
		out.Body.Counties[n-1].Number[list[i].Status]++
	}
	if in.Status != "" {
		list = slices.DeleteFunc(list, func(x Standing) bool { return x.Status != Status(in.Status) })
	}
	out.Body.Total, out.Body.Standings = len(list), list[:min(len(list), in.Limit)]
	return out, nil
}
