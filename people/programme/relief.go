package programme

import (
	"context"
	"slices"
	"time"

	"linli.dev/linli/people/place"
)

// less reports whether a part leaves a compound with less to do than another: it takes no part any more, or its plan is lower,
// so that it is built with fewer channels.
func (p Part) less(was Part) bool { return was.Takes && (!p.Takes || p.Plan < was.Plan) }

// lightens reports whether a compound owes less by what is newly said of its part: on the day that it is about or on any later
// one, as what is said about a day holds until something is said about a later day. before is all that was said, in order.
func lightens(known time.Time, before, said []Fact) bool {
	if len(said) == 0 {
		return false
	}
	first := slices.MinFunc(said, func(a, b Fact) int { return int(a.About - b.About) }).About
	after := together(before, said)
	for i := range after {
		q := place.AsOf{Day: after[i].About, Known: known}
		if q.Day >= first && partOf(q, after).less(partOf(q, before)) {
			return true
		}
	}
	return false
}

// together are facts with newer ones, in order.
func together(before, said []Fact) []Fact {
	all := append(slices.Clone(before), said...)
	inOrder(all)
	return all
}

// Relieves tells which of some enrolments make duties less, on whatever day; each after those before it in the list.
func (s *Service) Relieves(ctx context.Context, list []Enrolment) ([]bool, error) {
	return s.relieves(ctx, list, (*Enrolment).facts)
}

// RestoringRelieves tells the same of what Restore would say.
func (s *Service) RestoringRelieves(ctx context.Context, list []Enrolment) ([]bool, error) {
	return s.relieves(ctx, list, (*Enrolment).both)
}

func (s *Service) relieves(ctx context.Context, list []Enrolment, says func(*Enrolment, time.Time) []Fact) ([]bool, error) {
	before, err := s.partsOf(ctx, list)
	if err != nil {
		return nil, err
	}
	known := s.o.Clock.Close(s.o.Clock.Today())
	out := make([]bool, len(list))
	for i := range list {
		id, said := list[i].Compound, says(&list[i], known)
		out[i] = lightens(known, before[id], said)
		before[id] = together(before[id], said)
	}
	return out, nil
}
