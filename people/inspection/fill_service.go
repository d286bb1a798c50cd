package inspection

import (
	"context"
	"errors"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/place/photo"
	"linli.dev/linli/store"
)

func newID() ID { return ID(store.NewID()) }

// Kept is what became of one answer that was sent. What is refused stays
// refused: the phone shows it and sends another one.
type Kept struct {
	ID   string         `json:"id"`
	Kept bool           `json:"kept" doc:"It is kept here, now or since it was sent before"`
	Code string         `json:"code,omitempty" doc:"Why it is not"`
	Says string         `json:"says,omitempty" doc:"The same in words"`
	args map[string]any // of the sentence
}

// Send keeps what a phone sends: each answer once, whatever else is wrong with
// the others, and whatever somebody else has said.
func (s *Service) Send(ctx context.Context, by string, id ID, list []Answer) (out []Kept, err error) {
	const op = "inspection.Send"
	err = s.change(ctx, op, by, func(ctx context.Context, w *writing) error {
		out = make([]Kept, 0, len(list)) // the transaction may run again
		x, f, err := s.ofTeam(ctx, op, by, id)
		if err != nil {
			return err
		}
		had, err := s.answers(ctx, id)
		if err != nil {
			return err
		}
		whose := map[string]string{}
		for _, a := range had {
			whose[a.ID] = a.By
		}
		var rows []answerRow
		items := []string{}
		for _, a := range list {
			a.tidy()
			k := Kept{ID: a.ID}
			owner, there := whose[a.ID]
			p := f.checkAnswer(&a)
			switch {
			case there && owner == by:
				k.Kept = true
			case there:
				k.Code = "inspection.answer.id-taken"
			case x.State != Planned:
				k.Code = "inspection.over"
			case len(p) > 0:
				k.Code, k.args = p[0].Code, p[0].Args
			default:
				k.Kept, whose[a.ID] = true, by
				row := answerRow{Inspection: id, ID: a.ID, Item: a.Item, KnownUS: store.Micros(w.known), By: by}
				if err := texts(a, &row.Body); err != nil {
					return err
				}
				rows, items = append(rows, row), append(items, a.Item)
			}
			out = append(out, k)
		}
		if len(rows) == 0 {
			return nil
		}
		if err := insert(ctx, w.tx, rows); err != nil {
			return err
		}
		return w.tell(evAnswered, &x, map[string]any{"items": items})
	})
	return out, err
}

// ofTeam reads an inspection that the caller is one of the team of, and its form.
func (s *Service) ofTeam(ctx context.Context, op, by string, id ID) (Inspection, Form, error) {
	x, err := s.one(ctx, id)
	if err != nil {
		return x, Form{}, err
	}
	if !slices.Contains(x.Team, by) {
		return x, Form{}, fault.New(fault.Denied, op, "inspection.not-of-team")
	}
	f, err := s.Form(ctx, x.Form, x.Number)
	return x, f, err
}

// PhotoInfo is a photo that has arrived.
type PhotoInfo struct {
	ID     string `json:"id" doc:"Made by the phone; also its address, /api/inspections/{id}/photos/{photo}"`
	Hash   string `json:"hash" doc:"SHA-256 of its bytes as they are kept"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	By     string `json:"by"`

	Purged place.Day `json:"purged,omitempty" doc:"The day on which the picture was deleted, as its time was over"`
}

func (r *photoRow) info() PhotoInfo {
	return PhotoInfo{r.ID, r.Hash, r.Width, r.Height, r.By, r.Purged}
}

// mostPhotosAll is how many photos one inspection has.
const mostPhotosAll = 400

// AddPhoto keeps a photo under the id that the phone gave it: sent twice, once.
// It is written anew, so that position, time and maker do not stay in it. The
// team adds photos to an inspection, whoever looks after the compound to what was
// to be mended.
func (s *Service) AddPhoto(ctx context.Context, by string, id ID, client string, file []byte) (PhotoInfo, error) {
	const op = "inspection.AddPhoto"
	if !clientID.MatchString(client) {
		return PhotoInfo{}, fault.New(fault.Invalid, op, "inspection.answer.id")
	}
	ph, err := photo.Take(file)
	switch {
	case errors.Is(err, photo.ErrTooLarge):
		return PhotoInfo{}, fault.Wrap(err, fault.TooLarge, op, "inspection.photo.large")
	case errors.Is(err, photo.ErrKind):
		return PhotoInfo{}, fault.Wrap(err, fault.Invalid, op, "inspection.photo.kind")
	case err != nil:
		return PhotoInfo{}, fault.Wrap(err, fault.Invalid, op, "inspection.photo.broken")
	}
	row := photoRow{Inspection: id, ID: client, Hash: ph.Hash, Width: ph.Width, Height: ph.Height, By: by}
	err = s.change(ctx, op, by, func(ctx context.Context, w *writing) error {
		x, err := s.one(ctx, id)
		if err != nil {
			return err
		}
		had, err := s.photos(ctx, id)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(had, func(r photoRow) bool { return r.ID == client }); i >= 0 {
			if had[i].By != by || had[i].Hash != ph.Hash {
				return fault.New(fault.Conflict, op, "inspection.photo.id-taken")
			}
			row = had[i]
			return nil
		}
		switch {
		case len(had) >= mostPhotosAll:
			return fault.New(fault.Conflict, op, "inspection.photo.many", "most", mostPhotosAll)
		case x.State == Cancelled:
			return fault.New(fault.Conflict, op, "inspection.over")
		case x.State == Planned && !slices.Contains(x.Team, by):
			return fault.New(fault.Denied, op, "inspection.not-of-team")
		case x.State == Finished:
			list, err := s.mendings(ctx, id)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(list[id], func(m Mending) bool { m.replay(s.o.Clock, 0); return m.State != Accepted }) {
				return fault.New(fault.Conflict, op, "inspection.over")
			}
		}
		row.KnownUS = store.Micros(w.known)
		if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		bytes := bytesRow{Hash: ph.Hash, Bytes: ph.Bytes}
		if _, err := w.tx.NewInsert().Model(&bytes).On("CONFLICT (hash) DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		return w.tell(evAnswered, &x, map[string]any{"items": []string{}})
	})
	return row.info(), err
}

// Photo gives the bytes of a photo, a JPEG.
func (s *Service) Photo(ctx context.Context, id ID, client string) ([]byte, error) {
	var rows []bytesRow
	err := s.db.NewSelect().Model(&rows).Where("hash IN (SELECT hash FROM inspection_photos WHERE inspection = ? AND id = ? AND purged = 0)", id, client).Scan(ctx)
	if err != nil {
		return nil, dbError("inspection.Photo", err)
	}
	if len(rows) == 0 {
		return nil, fault.New(fault.NotFound, "inspection.Photo", "inspection.photo.none")
	}
	return rows[0].Bytes, nil
}

// Sign signs the answers that the digest stands for. With the last signature of
// the team the inspection is finished, for ever.
func (s *Service) Sign(ctx context.Context, by string, id ID, digest string) (x Inspection, err error) {
	const op = "inspection.Sign"
	err = s.change(ctx, op, by, func(ctx context.Context, w *writing) error {
		var f Form
		var err error
		if x, f, err = s.ofTeam(ctx, op, by, id); err != nil {
			return err
		}
		sent, err := s.answers(ctx, id)
		if err != nil {
			return err
		}
		settled := Settle(sent)
		is := Digest(settled)
		already := slices.Contains(x.signed(is), by)
		switch {
		case x.State == Finished && already && digest == is:
			return nil // a phone that did not hear the answer
		case x.State != Planned:
			return fault.New(fault.Conflict, op, "inspection.over")
		case digest != is:
			return fault.New(fault.Conflict, op, "inspection.changed-since")
		case x.Day > s.o.Clock.Today():
			return fault.New(fault.Conflict, op, "inspection.day-to-come", "day", x.Day.String())
		case already:
			return nil
		}
		arrived, err := s.arrived(ctx, id)
		if err != nil {
			return err
		}
		if p := f.Lacking(settled, arrived); len(p) > 0 {
			return &fault.Error{Kind: fault.Conflict, Op: op, Code: "inspection.lacking", Args: map[string]any{"number": len(p)}, Fields: p}
		}
		if err := w.step(ctx, &x, Step{Act: Sign, Digest: is}, evSigned); err != nil {
			return err
		}
		if len(x.signed(is)) < len(x.Team) {
			return nil
		}
		return w.finish(ctx, &x, &f, settled)
	})
	return x, err
}

// Digest stands for the answers as they are now: it is what a signature is for.
func (s *Service) Digest(ctx context.Context, id ID) (string, error) {
	sent, err := s.answers(ctx, id)
	return Digest(Settle(sent)), err
}

// arrived tells which photos of an inspection are here.
func (s *Service) arrived(ctx context.Context, id ID) (func(string) bool, error) {
	list, err := s.photos(ctx, id)
	here := map[string]bool{}
	for _, r := range list {
		here[r.ID] = true
	}
	return func(photo string) bool { return here[photo] }, err
}

func (w *writing) finish(ctx context.Context, x *Inspection, f *Form, settled map[string]Settled) error {
	o := f.Score(settled)
	x.Outcome = &o
	var text string
	if err := texts(o, &text); err != nil {
		return err
	}
	if _, err := w.tx.NewUpdate().Model((*inspectionRow)(nil)).Set("outcome = ?", text).Where("id = ?", x.ID).Exec(ctx); err != nil {
		return err
	}
	var rows []mendRow
	for _, m := range mendings(x, &f.FormWords, &o, settled, w.known) {
		row, err := m.Steps[0].row(x.ID, m.Item)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	if err := insert(ctx, w.tx, rows); err != nil {
		return err
	}
	by := w.by
	w.by = "" // it is the system that reckons
	defer func() { w.by = by }()
	return w.step(ctx, x, Step{Act: Finish, Day: 0}, evFinished)
}

// MendChange is what somebody says of one thing to be mended.
type MendChange struct {
	Act    MendAct   `json:"act" enum:"extend,report,accept,return"`
	Note   string    `json:"note,omitempty" doc:"Why, or what was done; needed but to accept"`
	Unit   string    `json:"unit,omitempty" doc:"To extend: another unit"`
	Due    place.Day `json:"due,omitempty" doc:"To extend or return: another last day"`
	Photos []string  `json:"photos,omitempty" maxItems:"6" doc:"To report: ids of photos that have arrived; one at least"`
}

// Mend takes a step with something to be mended. The team looks again; who
// reported it mended does not.
func (s *Service) Mend(ctx context.Context, by string, id ID, item string, seen int64, c MendChange) (m Mending, err error) {
	const op = "inspection.Mend"
	err = s.change(ctx, op, by, func(ctx context.Context, w *writing) error {
		x, err := s.one(ctx, id)
		if err != nil {
			return err
		}
		all, err := s.mendings(ctx, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all[id], func(m Mending) bool { return m.Item == item })
		if i < 0 {
			return fault.New(fault.NotFound, op, "inspection.mend.none")
		}
		m = all[id][i]
		today := s.o.Clock.Today()
		m.replay(s.o.Clock, today)
		if err := place.SameVersion(op, seen, m.Version); err != nil {
			return err
		}
		move, ok := mendMoves[c.Act]
		switch {
		case !ok:
			return fault.New(fault.Invalid, op, "inspection.mend.act")
		case m.State != move.from:
			return fault.New(fault.Conflict, op, "inspection.mend.not-now")
		case (c.Act == Accept || c.Act == Return) && !slices.Contains(x.Team, by):
			return fault.New(fault.Denied, op, "inspection.not-of-team")
		case (c.Act == Accept || c.Act == Return) && m.reporter() == by:
			return fault.New(fault.Denied, op, "inspection.mend.own")
		}
		if err := s.checkMend(ctx, op, id, today, &c, move.says); err != nil {
			return err
		}
		st := MendStep{Number: len(m.Steps) + 1, Act: c.Act, Known: w.known, By: by, Note: c.Note, Unit: c.Unit, Due: c.Due, Photos: c.Photos}
		row, err := st.row(id, item)
		if err != nil {
			return err
		}
		if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		m.Steps = append(m.Steps, st)
		m.replay(s.o.Clock, today)
		return w.tell(evMend, &x, map[string]any{"item": item, "act": c.Act, "mending": m.State})
	})
	return m, err
}

func (s *Service) checkMend(ctx context.Context, op string, id ID, today place.Day, c *MendChange, says bool) error {
	c.Note, c.Unit = place.Tidy(c.Note), place.Tidy(c.Unit)
	var p place.Problems
	p.Text("note", c.Note, longNote, says)
	p.Text("unit", c.Unit, longUnit, false)
	if c.Unit != "" && c.Act != Extend {
		p.Add("unit", "inspection.mend.unit")
	}
	switch {
	case c.Due != 0 && c.Act != Extend && c.Act != Return:
		p.Add("due", "inspection.mend.due-when")
	case c.Due != 0 && (c.Due < today || c.Due > today.AddMonths(24)):
		p.Add("due", "inspection.mend.due")
	case c.Act == Extend && c.Due == 0 && c.Unit == "":
		p.Add("due", "place.field.required")
	}
	if c.Act == Report && len(c.Photos) == 0 {
		p.Add("photos", "inspection.mend.photo")
	}
	if c.Act != Report && len(c.Photos) > 0 || len(c.Photos) > mostPhotos {
		p.Add("photos", "inspection.answer.photos", "most", mostPhotos)
	}
	arrived, err := s.arrived(ctx, id)
	if err != nil {
		return err
	}
	for _, ph := range c.Photos {
		if !arrived(ph) {
			p.Add("photos", "inspection.lacking.photo-to-come")
		}
	}
	return p.Fault(op, "inspection.invalid")
}
