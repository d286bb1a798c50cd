package supervision

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
)

// Pending lists the tasks that are still to be worked on or checked, as they stand today: those of some places and of what
// lies in them, and of some member units. Much is pending in a city; of others no more is read than where they are.
func (s *Service) Pending(ctx context.Context, places []place.ID, units []string) ([]Entry, error) {
	const op = "supervision.Pending"
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	q := s.o.Clock.AtClose(s.o.Clock.Today())
	in := map[place.ID]bool{}
	lone := true // nothing lies in them
	for _, id := range places {
		in[id] = true
		of := tree.Ancestry(q, id)
		lone = lone && len(of) > 0 && of[0].Level == place.Compound
	}
	find := s.db.NewSelect().Model((*taskRow)(nil)).Column("id", "place", "unit").Where("state IN (?)", bun.List([]State{Raised, Signed, Underway, Returned, Reported})).Order("id")
	if lone {
		find = find.Where("place IN (?) OR unit IN (?)", bun.List(append([]place.ID{""}, places...)), bun.List(append([]string{"-"}, units...)))
	}
	var heads []taskRow
	if err := find.Scan(ctx, &heads); err != nil {
		return nil, dbError(op, err)
	}
	var ids []ID
	for _, h := range heads {
		if h.Unit != "" && slices.Contains(units, h.Unit) || slices.ContainsFunc(tree.Ancestry(q, h.Place), func(v place.Version) bool { return in[v.Place] }) {
			ids = append(ids, h.ID)
		}
	}
	var tasks []Task
	for part := range slices.Chunk(ids, batch) {
		some, err := s.read(ctx, s.db.NewSelect().Model((*taskRow)(nil)).Where("id IN (?)", bun.List(part)))
		if err != nil {
			return nil, dbError(op, err)
		}
		tasks = append(tasks, some...)
	}
	names, err := s.unitNames(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, len(tasks))
	for i, t := range tasks {
		out[i] = s.entry(tree, names, q, t)
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
