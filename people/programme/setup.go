package programme

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Set changes the programme itself; seen is the version that the caller saw, 0
// where there is none yet.
func (s *Service) Set(ctx context.Context, by string, seen int64, p Programme) (Programme, error) {
	err := s.change(ctx, "programme.Set", by, func(ctx context.Context, w *writing) (err error) {
		last, err := s.lastProgramme(ctx)
		if err != nil {
			return err
		}
		if err := sameOrFirst(w.op, seen, last.Version); err != nil {
			return err
		}
		p, err = w.set(ctx, last, p)
		return err
	})
	return p, err
}

// lastProgramme is the programme as it stands; the zero Programme where there is none.
func (s *Service) lastProgramme(ctx context.Context) (Programme, error) {
	p, err := s.Programme(ctx)
	if fault.KindOf(err) == fault.NotFound {
		err = nil
	}
	return p, err
}

// set writes the version of the programme that follows last.
func (w *writing) set(ctx context.Context, last, p Programme) (Programme, error) {
	p.Version, p.Known, p.By, p.Name, p.NameEN = last.Version+1, w.known, w.by, place.Tidy(p.Name), place.Tidy(p.NameEN)
	bad := p.check()
	// An old programme is changed like a young one; only a start that is said now is asked whether it can be meant.
	if p.Start != 0 && p.Start != last.Start && p.Start < w.s.o.Clock.DayOf(w.known).AddMonths(-12*mostYears) {
		bad.Add("start", "programme.start", "years", mostYears)
	}
	if p.City != "" {
		tree, err := w.s.o.Places.Tree(ctx)
		if err != nil {
			return p, err
		}
		if v, ok := tree.At(place.AsOf{Day: max(p.Start, w.s.o.Clock.Today()), Known: w.known}, p.City); !ok || v.Level != place.City {
			bad.Add("city", "programme.city")
		}
	}
	if err := bad.Fault(w.op, "programme.invalid"); err != nil {
		return p, err
	}
	row := programmeRow{
		Version: p.Version, KnownUS: store.Micros(p.Known), Name: p.Name, NameEN: p.NameEN, City: p.City, Start: p.Start, Span: p.Span,
		Invented: p.Invented, Publish: p.Published, By: w.by, Reason: p.Reason, Proposer: p.Proposer,
	}
	if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return p, err
	}
	return p, w.tx.Emit(room, evProgramme, string(p.City), map[string]any{"name": p.Name, "version": p.Version, "by": w.by})
}

// sameOrFirst checks the version seen; none is needed where there is none.
func sameOrFirst(op string, seen, last int64) error {
	if seen == 0 && last == 0 {
		return nil
	}
	return place.SameVersion(op, seen, last)
}

// Programmes reads every version of the programme, in the order in which they became known.
func (s *Service) Programmes(ctx context.Context) ([]Programme, error) {
	list, err := read(ctx, s.db.NewSelect().Model((*programmeRow)(nil)).Order("version"), nil, (*programmeRow).programme)
	return list, dbError("programme.Programmes", err)
}

// Programme is the programme as it stands.
func (s *Service) Programme(ctx context.Context) (Programme, error) {
	list, err := s.Programmes(ctx)
	if err != nil {
		return Programme{}, err
	}
	if len(list) == 0 {
		return Programme{}, fault.New(fault.NotFound, "programme.Programme", "programme.none")
	}
	return list[len(list)-1], nil
}

// ProgrammeAt is the programme as it was known at an instant: what is said of a past day does not change with a later
// version. Before it was set up the first version is what there is; where there is none it is the zero Programme.
func (s *Service) ProgrammeAt(ctx context.Context, known time.Time) (p Programme, err error) {
	list, err := s.Programmes(ctx)
	for i, v := range list {
		if i == 0 || !v.Known.After(known) {
			p = v
		}
	}
	return p, err
}

// SetMilestone adds a milestone, or changes it from now on: reports of before
// keep the rule of then. Whoever calls has asked whether by may make it ask less.
func (s *Service) SetMilestone(ctx context.Context, by string, seen int64, m Milestone) (Milestone, error) {
	err := s.change(ctx, "programme.SetMilestone", by, func(ctx context.Context, w *writing) error {
		last, err := w.lastMilestone(ctx, m.ID)
		if err != nil {
			return err
		}
		if err := sameOrFirst(w.op, seen, last.Version); err != nil {
			return err
		}
		m, err = w.setMilestone(ctx, last, m)
		return err
	})
	return m, err
}

// lastMilestone is the newest version of a milestone; the zero Milestone where there is none.
func (w *writing) lastMilestone(ctx context.Context, id MilestoneID) (Milestone, error) {
	list, err := read(ctx, w.tx.NewSelect().Model((*milestoneRow)(nil)).Where("id = ?", id).Order("version DESC").Limit(1), nil, (*milestoneRow).milestone)
	if err != nil || len(list) == 0 {
		return Milestone{}, err
	}
	return list[0], nil
}

// setMilestone writes the version of a milestone that follows last.
func (w *writing) setMilestone(ctx context.Context, last, m Milestone) (Milestone, error) {
	m.Version, m.Known, m.By, m.Evidence = last.Version+1, w.known, w.by, place.Tidy(m.Evidence)
	if err := m.check().Fault(w.op, "programme.invalid"); err != nil {
		return m, err
	}
	row := m.row()
	if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return m, err
	}
	return m, w.tx.Emit(room, evMilestone, string(m.ID), map[string]any{"what": m.What, "due": m.Due, "version": m.Version, "by": w.by})
}

// newest are the milestones as they were last set, ended ones too, the earliest last day first.
func newest(all []Milestone) []Milestone {
	out := []Milestone{}
	for _, m := range all {
		out = append(slices.DeleteFunc(out, func(o Milestone) bool { return o.ID == m.ID }), m)
	}
	slices.SortStableFunc(out, func(a, b Milestone) int { return int(a.Due - b.Due) })
	return out
}

// ownCompounds lists the compounds that an event of this room is about.
func ownCompounds(e store.Event) []place.ID {
	if e.Room != room {
		return nil
	}
	var data struct{ Compounds []place.ID }
	if json.Unmarshal(e.Data, &data) != nil {
		return nil
	}
	return data.Compounds
}
