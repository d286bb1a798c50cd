package supervision

import (
	"context"

	"github.com/uptrace/bun"
)

// Pending lists the tasks that are still to be worked on or checked, as they stand today.
func (s *Service) Pending(ctx context.Context) ([]Entry, error) {
	tasks, err := s.read(ctx, s.db.NewSelect().Model((*taskRow)(nil)).Where("state IN (?)", bun.List([]State{Raised, Signed, Underway, Returned, Reported})))
	if err != nil {
		return nil, dbError("supervision.Pending", err)
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	units, err := s.unitNames(ctx)
	if err != nil {
		return nil, err
	}
	q := s.o.Clock.AtClose(s.o.Clock.Today())
	out := make([]Entry, len(tasks))
	for i, t := range tasks {
		out[i] = s.entry(tree, units, q, t)
	}
	return out, nil
}

// By is who took the last step of a kind; "" when nobody did.
func (t *Task) By(act Act) string {
	for i := len(t.Steps) - 1; i >= 0; i-- {
		if t.Steps[i].Act == act {
			return t.Steps[i].By
		}
	}
	return ""
}
