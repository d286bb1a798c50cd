package programme

import (
	"context"
	"slices"
	"time"

	"linli.dev/linli/people/place"
)

// Part is a compound's part in the programme: whether it takes part, and how
// many channels it is to have.
type Part struct {
	Takes bool
	Plan  int // 0: nothing is said
}

// Parts reads all that was ever said of some compounds' parts. What it gives
// answers questions about any day.
func (s *Service) Parts(ctx context.Context, compounds ...place.ID) (func(q place.AsOf, id place.ID) Part, error) {
	of, err := s.parts(ctx, compounds)
	if err != nil {
		return nil, err
	}
	return func(q place.AsOf, id place.ID) Part { return partOf(q, of[id]) }, nil
}

// partOf is what holds of a compound's part by what was said of it, in order.
func partOf(q place.AsOf, said []Fact) (out Part) {
	for _, f := range said {
		switch {
		case !q.Sees(f.Moment):
		case f.Kind == TakesPart:
			out.Takes = f.Value > 0
		case f.Kind == Plan:
			out.Plan = int(f.Value)
		}
	}
	return out
}

// parts reads what was said of some compounds' parts, in order.
func (s *Service) parts(ctx context.Context, compounds []place.ID) (map[place.ID][]Fact, error) {
	of := map[place.ID][]Fact{}
	for part := range slices.Chunk(compounds, batch) {
		list, err := read(ctx, s.db.NewSelect().Model((*factRow)(nil)).Where("kind IN (?, ?)", TakesPart, Plan).Order("id"), part, (*factRow).fact)
		if err != nil {
			return nil, dbError("programme.Parts", err)
		}
		for _, f := range list {
			of[f.Compound] = append(of[f.Compound], f)
		}
	}
	for id := range of {
		inOrder(of[id])
	}
	return of, nil
}

func (s *Service) partsOf(ctx context.Context, list []Enrolment) (map[place.ID][]Fact, error) {
	ids := make([]place.ID, len(list))
	for i := range list {
		ids[i] = list[i].Compound
	}
	slices.Sort(ids)
	return s.parts(ctx, slices.Compact(ids))
}

// Take says what a list says of compounds' parts, in the transaction that may
// found them: whether they are there, and that none owes less by it, the list
// has seen to. What holds already is not said again.
func (s *Service) Take(ctx context.Context, by string, list []Enrolment) error {
	return s.change(ctx, "programme.Take", by, func(ctx context.Context, w *writing) error {
		ids := make([]place.ID, len(list))
		for i, e := range list {
			ids[i] = e.Compound
		}
		at, err := s.Parts(ctx, ids...)
		if err != nil {
			return err
		}
		var facts []Fact
		for _, e := range list {
			was := at(place.AsOf{Day: e.From, Known: w.known}, e.Compound)
			if e.Part != was.Takes {
				facts = append(facts, e.fact(w.known, TakesPart))
			}
			if e.Plan != was.Plan && e.Plan > 0 {
				facts = append(facts, e.fact(w.known, Plan))
			}
		}
		if len(facts) == 0 {
			return nil
		}
		return w.say(ctx, evSaid, "", "", "", facts)
	})
}

func (e *Enrolment) fact(known time.Time, kind Kind) Fact {
	f := Fact{Compound: e.Compound, Moment: place.Moment{About: e.From, Known: known}, Kind: kind}
	switch {
	case kind == Plan:
		f.Value = int64(e.Plan)
	case e.Part:
		f.Value = 1
	}
	return f
}

// both are its facts where a plan of 0 is none.
func (e *Enrolment) both(known time.Time) []Fact {
	return []Fact{e.fact(known, TakesPart), e.fact(known, Plan)}
}

// facts are its facts where a plan of 0 leaves what was said before.
func (e *Enrolment) facts(known time.Time) []Fact {
	if e.Plan <= 0 {
		return []Fact{e.fact(known, TakesPart)}
	}
	return e.both(known)
}

// Restore says again of compounds what held before a list was taken in that is
// taken back now: a plan of 0 is none. It is no way around Enrol, which asks for
// a reason and an approver where a compound is to owe less: whoever calls it has
// seen to that (RestoringRelieves).
func (s *Service) Restore(ctx context.Context, by, note string, list []Enrolment) error {
	return s.change(ctx, "programme.Restore", by, func(ctx context.Context, w *writing) error {
		facts := make([]Fact, 0, 2*len(list))
		for _, e := range list {
			facts = append(facts, e.both(w.known)...)
		}
		return w.say(ctx, evSaid, "", place.Tidy(note), "", facts)
	})
}
