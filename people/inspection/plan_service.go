package inspection

import (
	"context"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// NewInspection is an inspection to be planned.
type NewInspection struct {
	Compound place.ID  `json:"compound"`
	Form     FormID    `json:"form"`
	Number   int       `json:"form_number,omitempty" minimum:"0" doc:"The version of the form; left out: the newest published"`
	Of       ID        `json:"of,omitempty" doc:"The finished inspection that it is a re-check of"`
	Day      place.Day `json:"day"`
	Team     []string  `json:"team" minItems:"1" maxItems:"12" doc:"Accounts, two at least"`
	City     bool      `json:"-"` // for the city's office
}

// Plan plans an inspection.
func (s *Service) Plan(ctx context.Context, by string, n NewInspection) (x Inspection, err error) {
	const op = "inspection.Plan"
	err = s.change(ctx, op, by, func(ctx context.Context, w *writing) error {
		var p place.Problems
		f, err := s.PublishedForm(ctx, n.Form, n.Number)
		if fault.KindOf(err) == fault.NotFound {
			p.Add("form", "inspection.form.not-published")
		} else if err != nil {
			return err
		}
		tree, err := s.o.Places.Tree(ctx)
		if err != nil {
			return err
		}
		if v, ok := tree.At(s.today(), n.Compound); !ok || v.Level != place.Compound {
			p.Add("compound", "place.no-compound")
		}
		if n.Of != "" {
			was, err := s.one(ctx, n.Of)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return err
			}
			if err != nil || was.State != Finished || was.Compound != n.Compound {
				p.Add("of", "inspection.recheck-of")
			}
		}
		checkPlan(&p, s.o.Clock.Today(), n.Day, n.Team)
		if err := s.checkTeam(ctx, &p, tree, n.Compound, n.Team); err != nil {
			return err
		}
		if err := p.Fault(op, "inspection.invalid"); err != nil {
			return err
		}
		x = Inspection{ID: newID(), Compound: n.Compound, Form: f.ID, Number: f.Number, Of: n.Of, City: n.City}
		row := inspectionRow{ID: x.ID, Compound: x.Compound, Form: x.Form, Number: x.Number, Of: x.Of, City: x.City}
		if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return w.step(ctx, &x, Step{Act: Plan, Day: n.Day, Team: n.Team}, evPlanned)
	})
	return x, err
}

// checkTeam: each is somebody who inspects there.
func (s *Service) checkTeam(ctx context.Context, p *place.Problems, tree *place.Tree, compound place.ID, team []string) error {
	if s.accounts == nil {
		return nil
	}
	can, err := s.accounts.Inspectors(ctx)
	if err != nil {
		return err
	}
	names, err := s.names(ctx)
	if err != nil {
		return err
	}
	for i, account := range team {
		k := slices.IndexFunc(can, func(x Inspector) bool { return x.Account == account })
		if k < 0 || !under(tree, s.today(), compound, can[k].At) {
			p.Add(place.Item("team", i, "account"), "inspection.team-who", "name", names.name(account))
		}
	}
	return nil
}

// under reports whether a place is one of some places, or lies under one.
func under(tree *place.Tree, q place.AsOf, id place.ID, roots []place.ID) bool {
	return slices.ContainsFunc(tree.Ancestry(q, id), func(v place.Version) bool { return slices.Contains(roots, v.Place) })
}

// Replan gives an inspection that is not finished another day or team. Who has
// signed must sign again.
func (s *Service) Replan(ctx context.Context, by string, id ID, seen int64, day place.Day, team []string, note string) (x Inspection, err error) {
	const op = "inspection.Replan"
	err = s.change(ctx, op, by, func(ctx context.Context, w *writing) (err error) {
		if x, err = w.open(ctx, id, seen); err != nil {
			return err
		}
		var p place.Problems
		note = place.Tidy(note)
		p.Text("note", note, longNote, false)
		checkPlan(&p, s.o.Clock.Today(), day, team)
		tree, err := s.o.Places.Tree(ctx)
		if err != nil {
			return err
		}
		if err := s.checkTeam(ctx, &p, tree, x.Compound, team); err != nil {
			return err
		}
		if err := p.Fault(op, "inspection.invalid"); err != nil {
			return err
		}
		return w.step(ctx, &x, Step{Act: Replan, Day: day, Team: team, Note: note}, evPlanned)
	})
	return x, err
}

// Cancel takes an inspection back, with a reason; what was sent stays.
func (s *Service) Cancel(ctx context.Context, by string, id ID, seen int64, note string) (x Inspection, err error) {
	const op = "inspection.Cancel"
	err = s.change(ctx, op, by, func(ctx context.Context, w *writing) (err error) {
		if x, err = w.open(ctx, id, seen); err != nil {
			return err
		}
		var p place.Problems
		note = place.Tidy(note)
		p.Text("note", note, longNote, true)
		if err := p.Fault(op, "inspection.invalid"); err != nil {
			return err
		}
		return w.step(ctx, &x, Step{Act: Cancel, Note: note}, evCancelled)
	})
	return x, err
}

// open reads an inspection that can still change, at the version seen.
func (w *writing) open(ctx context.Context, id ID, seen int64) (Inspection, error) {
	x, err := w.s.one(ctx, id)
	if err != nil {
		return x, err
	}
	if x.State != Planned {
		return x, fault.New(fault.Conflict, w.op, "inspection.over")
	}
	return x, place.SameVersion(w.op, seen, x.Version)
}

// step adds a step to an inspection and tells of it.
func (w *writing) step(ctx context.Context, x *Inspection, st Step, kind string) error {
	st.Number, st.Known, st.By = len(x.Steps)+1, w.known, w.by
	row, err := st.row(x.ID)
	if err != nil {
		return err
	}
	if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return err
	}
	x.Steps = append(x.Steps, st)
	x.replay()
	return w.tell(kind, x, nil)
}

func (w *writing) tell(kind string, x *Inspection, more map[string]any) error {
	data := map[string]any{"inspection": x.ID, "state": x.State, "day": x.Day, "by": w.by}
	for k, v := range more {
		data[k] = v
	}
	if x.Outcome != nil {
		data["result"] = x.Outcome.Result
	}
	return w.tx.Emit(room, kind, string(x.Compound), data)
}

// one reads one inspection as it stands.
func (s *Service) one(ctx context.Context, id ID) (Inspection, error) {
	list, err := s.read(ctx, s.db.NewSelect().Where("id = ?", id))
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "inspection.Inspection", "inspection.none")
	}
	if err != nil {
		return Inspection{}, err
	}
	return list[0], nil
}
