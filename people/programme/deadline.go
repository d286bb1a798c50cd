package programme

import (
	"context"
	"slices"

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
// day first, with the compounds of one county, or of all when it is "". A day at
// its close is read from the ledgers, any other question goes through the
// compounds.
func Deadlines(b *Book, q place.AsOf, county place.ID) []Deadline {
	if !b.closed(q) {
		return deadlinesOf(b, q, func(s *State) bool { return county == "" || s.County == county })
	}
	out, at := deadlineRows(b, q)
	b.mu.RLock()
	defer b.mu.RUnlock()
	for key, l := range b.duties {
		if d := at[key.milestone]; d != nil && (county == "" || key.county == county) {
			t := l.at(q.Day)
			d.add(&t)
		}
	}
	return out
}

// deadlineRows are the milestones that count for a question, with nothing counted yet.
func deadlineRows(b *Book, q place.AsOf) ([]Deadline, map[MilestoneID]*Deadline) {
	rules := b.Rules(q)
	out := make([]Deadline, len(rules))
	at := make(map[MilestoneID]*Deadline, len(rules))
	for i, m := range rules {
		out[i] = Deadline{Milestone: m, Days: int(m.Due - q.Day)}
		at[m.ID] = &out[i]
	}
	return out, at
}

// deadlinesOf is Deadlines for the compounds that fit.
func deadlinesOf(b *Book, q place.AsOf, fits func(*State) bool) []Deadline {
	out, at := deadlineRows(b, q)
	b.Each(q, func(s *State) {
		if !fits(s) {
			return
		}
		for i := range s.Duties {
			t := s.Duties[i].count()
			at[s.Duties[i].Milestone].add(&t)
		}
	})
	return out
}

// dutyTally is what a county's duties of one milestone add up to: the counts of a Deadline, in their order.
type dutyTally [7]int64

type dutyKey struct {
	county    place.ID
	milestone MilestoneID
}

// count is what a duty adds to its milestone.
func (d *Duty) count() dutyTally {
	t := dutyTally{1}
	for i, holds := range []bool{d.Done, d.InTime, d.Light == Red, d.Light == Yellow, d.Light == Blue, d.Extended} {
		if holds {
			t[i+1] = 1
		}
	}
	return t
}

func (d *Deadline) add(t *dutyTally) {
	for i, n := range []*int64{&d.Owed, &d.Reached, &d.InTime, &d.Overdue, &d.Behind, &d.Near, &d.Extended} {
		*n += t[i]
	}
}

// counted are the duties that count for a county.
func (s *State) counted() []Duty {
	if s.County == "" {
		return nil
	}
	return s.Duties
}

// postDuties books how a compound's duties count otherwise at the close of a day than before.
func (b *Book) postDuties(day place.Day, was, is *State, sign int64) {
	old, now := was.counted(), is.counted()
	if was.County == is.County && slices.EqualFunc(old, now, func(a, b Duty) bool {
		return a.Milestone == b.Milestone && a.Since == b.Since && a.count() == b.count()
	}) {
		return
	}
	for i := range old {
		b.postDuty(day, dutyKey{was.County, old[i].Milestone}, &old[i], -sign)
	}
	for i := range now {
		b.postDuty(day, dutyKey{is.County, now[i].Milestone}, &now[i], sign)
	}
}

func (b *Book) postDuty(day place.Day, key dutyKey, d *Duty, sign int64) {
	t := d.count()
	book(b.duties, key).add(day, &t, sign)
	if d.Done {
		book(b.reached, key).add(day, d.Since, sign)
	}
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
