package programme

import (
	"context"

	"linli.dev/linli/people/place"
)

// Deadline is a milestone of a day with how far those who owe it have come.
type Deadline struct {
	Milestone
	Days     int   `json:"days" doc:"From the day asked about to the last day in time; below 0: it has passed"`
	Owed     int64 `json:"owed" doc:"Compounds that owe it"`
	Reached  int64 `json:"done"`
	InTime   int64 `json:"done_in_time"`
	Overdue  int64 `json:"overdue"`
	Behind   int64 `json:"behind"`
	Near     int64 `json:"near"`
	Extended int64 `json:"extended" doc:"Of those that owe it: with another last day"`
}

// Deadlines lists the milestones that count for a question, the earliest last
// day first, with the compounds of one county, or of all when it is "".
func Deadlines(b *Book, q place.AsOf, county place.ID) []Deadline {
	return deadlinesOf(b, q, func(s *State) bool { return county == "" || s.County == county })
}

// deadlinesOf is Deadlines for the compounds that fit.
func deadlinesOf(b *Book, q place.AsOf, fits func(*State) bool) []Deadline {
	rules := b.Rules(q)
	out := make([]Deadline, len(rules))
	at := map[MilestoneID]*Deadline{}
	for i, m := range rules {
		out[i] = Deadline{Milestone: m, Days: int(m.Due - q.Day)}
		at[m.ID] = &out[i]
	}
	one := func(n *int64, holds bool) {
		if holds {
			*n++
		}
	}
	b.Each(q, func(s *State) {
		if !fits(s) {
			return
		}
		for i := range s.Duties {
			duty := &s.Duties[i]
			d := at[duty.Milestone]
			d.Owed++
			one(&d.Reached, duty.Done)
			one(&d.InTime, duty.InTime)
			one(&d.Overdue, duty.Light == Red)
			one(&d.Behind, duty.Light == Yellow)
			one(&d.Near, duty.Light == Blue)
			one(&d.Extended, duty.Extended)
		}
	})
	return out
}

// Deadlines lists the milestones of a day with how far a county, or the city,
// has come.
func (s *Service) Deadlines(ctx context.Context, q place.AsOf, county place.ID) ([]Deadline, error) {
	b, err := s.Book(ctx)
	if err != nil {
		return nil, err
	}
	return Deadlines(b, q, county), nil
}

type deadlinesOutput struct {
	Body struct {
		Deadlines []Deadline `json:"deadlines"`
	}
}

func (s *Service) httpDeadlines(ctx context.Context, in *struct {
	place.AsOfInput
	County string `query:"county"`
},
) (*deadlinesOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	if in.County == "" {
		err = s.rights().MayCity(ctx, MayTotal)
	} else {
		err = s.rights().May(ctx, MayRead, q, place.ID(in.County))
	}
	if err != nil {
		return nil, err
	}
	list, err := s.Deadlines(ctx, q, place.ID(in.County))
	if err != nil {
		return nil, err
	}
	out := &deadlinesOutput{}
	out.Body.Deadlines = list
	return out, nil
}
