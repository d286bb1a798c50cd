package inspection

import (
	"context"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Forms lists the versions of all forms, drafts too, the newest of each first.
func (s *Service) Forms(ctx context.Context) ([]Form, error) {
	return s.forms(ctx, s.db.NewSelect())
}

// Drafts lists the versions that are not published yet.
func (s *Service) Drafts(ctx context.Context) ([]Form, error) {
	return s.forms(ctx, s.db.NewSelect().Where("state = ?", Draft))
}

// PublishedForms lists published versions only.
func (s *Service) PublishedForms(ctx context.Context) ([]Form, error) {
	return s.forms(ctx, s.db.NewSelect().Where("state = ?", Published))
}

// Form is one version of a form.
func (s *Service) Form(ctx context.Context, id FormID, number int) (Form, error) {
	list, err := s.forms(ctx, s.db.NewSelect().Where("form = ?", id).Where("number = ?", number))
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "inspection.Form", "inspection.form.none")
	}
	if err != nil {
		return Form{}, err
	}
	return list[0], nil
}

// PublishedForm is one published version; number 0: the newest. A draft is not
// told of.
func (s *Service) PublishedForm(ctx context.Context, id FormID, number int) (Form, error) {
	q := s.db.NewSelect().Where("form = ?", id).Where("state = ?", Published)
	if number != 0 {
		q = q.Where("number = ?", number)
	}
	list, err := s.forms(ctx, q)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "inspection.Form", "inspection.form.none")
	}
	if err != nil {
		return Form{}, err
	}
	return list[0], nil
}

// CheckForm says what is wrong with a form; nothing is stored.
func CheckForm(w FormWords) (FormWords, place.Problems) {
	w = clone(w)
	w.tidy()
	return w, w.check()
}

func clone(w FormWords) FormWords {
	w.Sections = slices.Clone(w.Sections)
	for i := range w.Sections {
		items := slices.Clone(w.Sections[i].Items)
		for j := range items {
			items[j].Choices = slices.Clone(items[j].Choices)
		}
		w.Sections[i].Items = items
	}
	return w
}

// SetDraft writes the draft of a form: its first version, the one after the
// last published, or the draft that is there. seen is the version of the newest
// that is there, draft or published; without one the form has to be new, so that
// no other form gets it as its next version by an id that was taken.
func (s *Service) SetDraft(ctx context.Context, by string, id FormID, seen int64, words FormWords) (f Form, err error) {
	const op = "inspection.SetDraft"
	err = s.change(ctx, op, by, func(ctx context.Context, w *writing) error {
		list, err := s.forms(ctx, s.db.NewSelect().Where("form = ?", id))
		if err != nil {
			return err
		}
		words, p := CheckForm(words)
		if !formName.MatchString(string(id)) || place.AsksAboutPeople(string(id)) {
			p.Add("id", "inspection.form.id")
		}
		fresh := len(list) == 0 || list[0].State == Published
		var was *Form
		if len(list) > 0 {
			before := list[0]
			before.Editors = slices.Clone(before.Editors)
			was = &before
		}
		switch {
		case len(list) == 0:
			f = Form{ID: id, Number: 1}
		case fresh:
			f = Form{ID: id, Number: list[0].Number + 1, Version: list[0].Version}
		default:
			f = list[0]
		}
		if len(list) > 0 || seen != 0 {
			if err := place.SameVersion(op, seen, f.Version); err != nil {
				return err
			}
		}
		if err := p.Fault(op, "inspection.form.invalid"); err != nil {
			return err
		}
		f.Version, f.State, f.FormWords, f.Known, f.By = f.Version+1, Draft, words, w.known, by
		if !slices.Contains(f.Editors, by) {
			f.Editors = append(f.Editors, by)
		}
		act := "changed"
		if fresh {
			act = "added"
		}
		if err := w.keepForm(ctx, act, was, &f); err != nil {
			return err
		}
		return w.writeForm(ctx, &f, fresh, evForm)
	})
	return f, err
}

// Publish publishes the draft of a form. Who wrote any of it cannot.
func (s *Service) Publish(ctx context.Context, by string, id FormID, seen int64) (f Form, err error) {
	const op = "inspection.Publish"
	err = s.change(ctx, op, by, func(ctx context.Context, w *writing) error {
		list, err := s.forms(ctx, w.tx.ForUpdate(s.db.NewSelect().Where("form = ?", id)))
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.New(fault.NotFound, op, "inspection.form.none")
		}
		if f = list[0]; f.State != Draft {
			return fault.New(fault.Conflict, op, "inspection.form.published")
		}
		if err := place.SameVersion(op, seen, f.Version); err != nil {
			return err
		}
		if slices.Contains(f.Editors, by) {
			return fault.New(fault.Denied, op, "inspection.form.own")
		}
		// Words may have been added to the red line since it was written.
		p := f.check()
		if err := p.Fault(op, "inspection.form.invalid"); err != nil {
			return err
		}
		was := f
		f.Version, f.State, f.Published, f.PublishedBy = f.Version+1, Published, &w.known, by
		if err := w.keepForm(ctx, "published", &was, &f); err != nil {
			return err
		}
		return w.writeForm(ctx, &f, false, evPublished)
	})
	return f, err
}

func (w *writing) writeForm(ctx context.Context, f *Form, fresh bool, kind string) error {
	row, err := f.row()
	if err != nil {
		return err
	}
	if fresh {
		_, err = w.tx.NewInsert().Model(&row).Exec(ctx)
	} else {
		_, err = w.tx.NewUpdate().Model(&row).WherePK().Exec(ctx)
	}
	if err != nil {
		return err
	}
	return w.tx.Emit(room, kind, string(f.ID), map[string]any{"number": f.Number, "title": f.Title, "by": w.by})
}
