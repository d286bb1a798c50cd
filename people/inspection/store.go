package inspection

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

type formRow struct {
	bun.BaseModel `bun:"table:inspection_forms"`

	Form        FormID    `bun:"form,pk"`
	Number      int       `bun:"number,pk"`
	Version     int64     `bun:"version"`
	State       FormState `bun:"state"`
	Body        string    `bun:"body"`
	Editors     string    `bun:"editors"`
	KnownUS     int64     `bun:"known_us"`
	By          string    `bun:"by_account"`
	PublishedUS int64     `bun:"published_us"`
	PublishedBy string    `bun:"published_by"`
}

func (f *Form) row() (formRow, error) {
	r := formRow{Form: f.ID, Number: f.Number, Version: f.Version, State: f.State, KnownUS: store.Micros(f.Known), By: f.By, PublishedBy: f.PublishedBy}
	if f.Published != nil {
		r.PublishedUS = store.Micros(*f.Published)
	}
	return r, texts(f.FormWords, &r.Body, f.Editors, &r.Editors)
}

func (r *formRow) form() (Form, error) {
	f := Form{ID: r.Form, Number: r.Number, Version: r.Version, State: r.State, Known: store.Time(r.KnownUS), By: r.By, PublishedBy: r.PublishedBy}
	if r.PublishedUS != 0 {
		at := store.Time(r.PublishedUS)
		f.Published = &at
	}
	return f, parse(r.Body, &f.FormWords, r.Editors, &f.Editors)
}

type inspectionRow struct {
	bun.BaseModel `bun:"table:inspections"`

	ID        ID       `bun:"id,pk"`
	Compound  place.ID `bun:"compound"`
	Form      FormID   `bun:"form"`
	Number    int      `bun:"form_number"`
	Of        ID       `bun:"recheck_of"`
	Outcome   string   `bun:"outcome"`
	City      bool     `bun:"by_city"`
	OwnerOpen bool     `bun:"owner_open"`
}

type stepRow struct {
	bun.BaseModel `bun:"table:inspection_steps"`

	Inspection ID        `bun:"inspection,pk"`
	Number     int       `bun:"number,pk"`
	Act        Act       `bun:"act"`
	KnownUS    int64     `bun:"known_us"`
	By         string    `bun:"by_account"`
	Note       string    `bun:"note"`
	Day        place.Day `bun:"day"`
	Team       string    `bun:"team"`
	Digest     string    `bun:"digest"`
}

func (s *Step) row(id ID) (stepRow, error) {
	r := stepRow{Inspection: id, Number: s.Number, Act: s.Act, KnownUS: store.Micros(s.Known), By: s.By, Note: s.Note, Day: s.Day, Digest: s.Digest}
	return r, texts(s.Team, &r.Team)
}

func (r *stepRow) step() (Step, error) {
	s := Step{Number: r.Number, Act: r.Act, Known: store.Time(r.KnownUS), By: r.By, Note: r.Note, Day: r.Day, Digest: r.Digest}
	return s, parse(r.Team, &s.Team)
}

type answerRow struct {
	bun.BaseModel `bun:"table:inspection_answers"`

	Inspection ID     `bun:"inspection,pk"`
	ID         string `bun:"id,pk"`
	Item       string `bun:"item"`
	KnownUS    int64  `bun:"known_us"`
	By         string `bun:"by_account"`
	Body       string `bun:"body"`
}

type photoRow struct {
	bun.BaseModel `bun:"table:inspection_photos"`

	Inspection ID     `bun:"inspection,pk"`
	ID         string `bun:"id,pk"`
	Hash       string `bun:"hash"`
	Width      int    `bun:"width"`
	Height     int    `bun:"height"`
	KnownUS    int64  `bun:"known_us"`
	By         string `bun:"by_account"`

	Purged place.Day `bun:"purged"`
}

type bytesRow struct {
	bun.BaseModel `bun:"table:inspection_photo_bytes,alias:bytes_row"`

	Hash  string `bun:"hash,pk"`
	Bytes []byte `bun:"bytes"`
}

type mendRow struct {
	bun.BaseModel `bun:"table:inspection_mend_steps"`

	Inspection ID        `bun:"inspection,pk"`
	Item       string    `bun:"item,pk"`
	Number     int       `bun:"number,pk"`
	Act        MendAct   `bun:"act"`
	KnownUS    int64     `bun:"known_us"`
	By         string    `bun:"by_account"`
	Note       string    `bun:"note"`
	Unit       string    `bun:"unit"`
	Due        place.Day `bun:"due"`
	Photos     string    `bun:"photos"`
}

func (s *MendStep) row(id ID, item string) (mendRow, error) {
	r := mendRow{Inspection: id, Item: item, Number: s.Number, Act: s.Act, KnownUS: store.Micros(s.Known), By: s.By, Note: s.Note, Unit: s.Unit, Due: s.Due}
	return r, texts(s.Photos, &r.Photos)
}

func (r *mendRow) step() (MendStep, error) {
	s := MendStep{Number: r.Number, Act: r.Act, Known: store.Time(r.KnownUS), By: r.By, Note: r.Note, Unit: r.Unit, Due: r.Due}
	return s, parse(r.Photos, &s.Photos)
}

// texts writes values as JSON; parse reads them.
func texts(pairs ...any) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		b, err := json.Marshal(pairs[i])
		if err != nil {
			return err
		}
		*pairs[i+1].(*string) = string(b)
	}
	return nil
}

func parse(pairs ...any) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := json.Unmarshal([]byte(pairs[i].(string)), pairs[i+1]); err != nil {
			return err
		}
	}
	return nil
}

const batch = 400

func insert[R any](ctx context.Context, tx *store.Tx, rows []R) error {
	for part := range slices.Chunk(rows, batch) {
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// forms reads the forms of a query, the newest version of each first.
func (s *Service) forms(ctx context.Context, q *bun.SelectQuery) ([]Form, error) {
	var rows []formRow
	if err := q.Model(&rows).Order("form", "number DESC").Scan(ctx); err != nil {
		return nil, dbError("inspection.Forms", err)
	}
	out := make([]Form, len(rows))
	for i := range rows {
		f, err := rows[i].form()
		if err != nil {
			return nil, dbError("inspection.Forms", err)
		}
		out[i] = f
	}
	return out, nil
}

// read reads the inspections of a query with their steps.
func (s *Service) read(ctx context.Context, q *bun.SelectQuery) ([]Inspection, error) {
	var rows []inspectionRow
	if err := q.Model(&rows).Order("id").Scan(ctx); err != nil {
		return nil, dbError("inspection.List", err)
	}
	out := make([]Inspection, len(rows))
	at := map[ID]int{}
	ids := make([]ID, len(rows))
	for i, r := range rows {
		ids[i], at[r.ID] = r.ID, i
		out[i] = Inspection{ID: r.ID, Compound: r.Compound, Form: r.Form, Number: r.Number, Of: r.Of, City: r.City, OwnerOpen: r.OwnerOpen}
		if r.Outcome != "" {
			if err := parse(r.Outcome, &out[i].Outcome); err != nil {
				return nil, dbError("inspection.List", err)
			}
		}
	}
	for part := range slices.Chunk(ids, batch) {
		var steps []stepRow
		if err := s.db.NewSelect().Model(&steps).Where("inspection IN (?)", bun.List(part)).Order("inspection", "number").Scan(ctx); err != nil {
			return nil, dbError("inspection.List", err)
		}
		for i := range steps {
			step, err := steps[i].step()
			if err != nil {
				return nil, dbError("inspection.List", err)
			}
			x := &out[at[steps[i].Inspection]]
			x.Steps = append(x.Steps, step)
		}
	}
	for i := range out {
		out[i].replay()
	}
	return out, nil
}

// answers reads everything that was sent for an inspection.
func (s *Service) answers(ctx context.Context, id ID) ([]Answer, error) {
	var rows []answerRow
	if err := s.db.NewSelect().Model(&rows).Where("inspection = ?", id).Order("known_us", "id").Scan(ctx); err != nil {
		return nil, dbError("inspection.Answers", err)
	}
	out := make([]Answer, len(rows))
	for i, r := range rows {
		if err := parse(r.Body, &out[i]); err != nil {
			return nil, dbError("inspection.Answers", err)
		}
		out[i].ID, out[i].By, out[i].Known = r.ID, r.By, store.Time(r.KnownUS)
	}
	return out, nil
}

func (s *Service) photos(ctx context.Context, id ID) ([]photoRow, error) {
	var rows []photoRow
	err := s.db.NewSelect().Model(&rows).Where("inspection = ?", id).Order("id").Scan(ctx)
	return rows, dbError("inspection.Photos", err)
}

// mendingsOf reads what inspections asked to be mended: of these where they are
// those of one compound, else of all.
func (s *Service) mendingsOf(ctx context.Context, all []Inspection, compound place.ID) (map[ID][]Mending, error) {
	if compound == "" {
		return s.mendings(ctx)
	}
	if len(all) == 0 {
		return map[ID][]Mending{}, nil
	}
	ids := make([]ID, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	return s.mendings(ctx, ids...)
}

// mendings reads what some inspections asked to be mended, of all when none is
// named. The steps are there; replay is the caller's.
func (s *Service) mendings(ctx context.Context, ids ...ID) (map[ID][]Mending, error) {
	out := map[ID][]Mending{}
	one := func(part []ID) error {
		var rows []mendRow
		q := s.db.NewSelect().Model(&rows).Order("inspection", "item", "number")
		if len(part) > 0 {
			q = q.Where("inspection IN (?)", bun.List(part))
		}
		if err := q.Scan(ctx); err != nil {
			return err
		}
		for i := range rows {
			r := &rows[i]
			step, err := r.step()
			if err != nil {
				return err
			}
			list := out[r.Inspection]
			if n := len(list); n == 0 || list[n-1].Item != r.Item {
				list = append(list, Mending{Inspection: r.Inspection, Item: r.Item})
			}
			m := &list[len(list)-1]
			m.Steps = append(m.Steps, step)
			out[r.Inspection] = list
		}
		return nil
	}
	if len(ids) == 0 {
		return out, dbError("inspection.Mendings", one(nil))
	}
	for part := range slices.Chunk(ids, batch) {
		if err := one(part); err != nil {
			return nil, dbError("inspection.Mendings", err)
		}
	}
	return out, nil
}
