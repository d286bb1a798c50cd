package pairing

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

type unitRow struct {
	bun.BaseModel `bun:"table:member_units"`

	ID      UnitID `bun:"id,pk"`
	Version int64  `bun:"version"`
	Name    string `bun:"name"`
	Level   string `bun:"level"`
	By      string `bun:"by_account"`
}

func (r *unitRow) unit() Unit {
	return Unit{ID: r.ID, Version: r.Version, Name: r.Name, Level: r.Level, By: r.By}
}

type pairingRow struct {
	bun.BaseModel `bun:"table:pairings"`

	ID           ID        `bun:"id,pk"`
	Compound     place.ID  `bun:"compound"`
	Unit         UnitID    `bun:"unit"`
	About        place.Day `bun:"about"`
	KnownUS      int64     `bun:"known_us"`
	Until        place.Day `bun:"until_day"`
	UntilKnownUS int64     `bun:"until_known_us"`
	UntilBy      string    `bun:"until_by"`
	By           string    `bun:"by_account"`
}

func (r *pairingRow) pairing() Pairing {
	return Pairing{
		ID: r.ID, Compound: r.Compound, Unit: r.Unit, Moment: place.Moment{About: r.About, Known: store.Time(r.KnownUS)},
		Until: r.Until, UntilKnown: timeOrNil(r.UntilKnownUS), UntilBy: r.UntilBy, By: r.By,
	}
}

type entryRow struct {
	bun.BaseModel `bun:"table:help_entries"`

	ID       EntryID    `bun:"id,pk"`
	Pairing  ID         `bun:"pairing"`
	Compound place.ID   `bun:"compound"`
	Kind     EntryKind  `bun:"kind"`
	Fen      int64      `bun:"fen"`
	About    place.Day  `bun:"about"`
	KnownUS  int64      `bun:"known_us"`
	Reverses EntryID    `bun:"reverses,nullzero"`
	Corrects EntryID    `bun:"corrects"`
	Of       EntryID    `bun:"of_spend"`
	Due      place.Day  `bun:"due"`
	Became   place.Sort `bun:"became"`
	Number   int        `bun:"pieces"`
	Voucher  string     `bun:"voucher"`
	Note     string     `bun:"note"`
	By       string     `bun:"by_account"`
}

func (r *entryRow) entry() Entry {
	return Entry{
		ID: r.ID, Pairing: r.Pairing, Compound: r.Compound, Kind: r.Kind, Fen: r.Fen, Moment: place.Moment{About: r.About, Known: store.Time(r.KnownUS)},
		Reverses: r.Reverses, Corrects: r.Corrects, Of: r.Of, Due: r.Due, Became: r.Became, Number: r.Number, Voucher: r.Voucher, Note: r.Note, By: r.By,
	}
}

func (e *Entry) row() entryRow {
	return entryRow{
		ID: e.ID, Pairing: e.Pairing, Compound: e.Compound, Kind: e.Kind, Fen: e.Fen, About: e.About, KnownUS: store.Micros(e.Known),
		Reverses: e.Reverses, Corrects: e.Corrects, Of: e.Of, Due: e.Due, Became: e.Became, Number: e.Number, Voucher: e.Voucher, Note: e.Note, By: e.By,
	}
}

type taskRow struct {
	bun.BaseModel `bun:"table:help_tasks"`

	ID          TaskID    `bun:"id,pk"`
	Pairing     ID        `bun:"pairing"`
	Compound    place.ID  `bun:"compound"`
	Title       string    `bun:"title"`
	Due         place.Day `bun:"due"`
	About       place.Day `bun:"about"`
	KnownUS     int64     `bun:"known_us"`
	Done        place.Day `bun:"done_day"`
	DoneKnownUS int64     `bun:"done_known_us"`
	DoneBy      string    `bun:"done_by"`
	By          string    `bun:"by_account"`
	WithdrawnUS int64     `bun:"withdrawn_known_us"`
	EndedBy     string    `bun:"withdrawn_by"`
	Why         string    `bun:"withdrawn_why"`
}

func (r *taskRow) task() Task {
	return Task{
		ID: r.ID, Pairing: r.Pairing, Compound: r.Compound, Title: r.Title, Due: r.Due,
		Moment: place.Moment{About: r.About, Known: store.Time(r.KnownUS)}, Done: r.Done, DoneKnown: timeOrNil(r.DoneKnownUS), DoneBy: r.DoneBy, By: r.By,
		Withdrawn: timeOrNil(r.WithdrawnUS), EndedBy: r.EndedBy, Why: r.Why,
	}
}

type reopenedRow struct {
	bun.BaseModel `bun:"table:help_tasks_reopened"`

	ID          string    `bun:"id,pk"`
	Task        TaskID    `bun:"task"`
	Compound    place.ID  `bun:"compound"`
	Done        place.Day `bun:"done_day"`
	DoneKnownUS int64     `bun:"done_known_us"`
	DoneBy      string    `bun:"done_by"`
	KnownUS     int64     `bun:"known_us"`
	By          string    `bun:"by_account"`
	Why         string    `bun:"why"`
}

func (r *reopenedRow) reopened() Reopened {
	return Reopened{Done: r.Done, DoneKnown: store.Time(r.DoneKnownUS), DoneBy: r.DoneBy, Known: store.Time(r.KnownUS), By: r.By, Why: r.Why}
}

// tasks reads tasks with what was taken back of them; q picks the tasks, back what was taken back.
func tasks(ctx context.Context, q, back *bun.SelectQuery, compounds []place.ID) ([]Task, error) {
	out, err := read(ctx, q, compounds, (*taskRow).task)
	if err != nil {
		return nil, err
	}
	rows, err := read(ctx, back.Model((*reopenedRow)(nil)).Order("known_us", "id"), compounds, func(r *reopenedRow) reopenedRow { return *r })
	if err != nil {
		return nil, err
	}
	of := map[TaskID][]Reopened{}
	for i := range rows {
		of[rows[i].Task] = append(of[rows[i].Task], rows[i].reopened())
	}
	for i := range out {
		out[i].Reopened = of[out[i].ID]
		out[i].Number = out[i].Version()
	}
	return out, nil
}

func timeOrNil(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := store.Time(us)
	return &t
}

// read scans rows and makes nouns of them; with compounds, of those only.
func read[R, T any](ctx context.Context, q *bun.SelectQuery, compounds []place.ID, as func(*R) T) ([]T, error) {
	var rows []R
	if len(compounds) > 0 {
		q = q.Where("compound IN (?)", bun.List(compounds))
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]T, len(rows))
	for i := range rows {
		out[i] = as(&rows[i])
	}
	return out, nil
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

// Units lists the member units by name.
func (s *Service) Units(ctx context.Context) ([]Unit, error) {
	out, err := read(ctx, s.db.NewSelect().Model((*unitRow)(nil)).Order("name"), nil, (*unitRow).unit)
	return out, dbError("pairing.Units", err)
}

// Pairings reads the pairings of compounds, ended ones too; of all when none is
// named.
func (s *Service) Pairings(ctx context.Context, compounds ...place.ID) ([]Pairing, error) {
	out, err := read(ctx, s.db.NewSelect().Model((*pairingRow)(nil)).Order("compound", "id"), compounds, (*pairingRow).pairing)
	return out, dbError("pairing.Pairings", err)
}

// Entries reads the money of compounds.
func (s *Service) Entries(ctx context.Context, compounds ...place.ID) ([]Entry, error) {
	out, err := read(ctx, s.db.NewSelect().Model((*entryRow)(nil)).Order("compound", "known_us", "id"), compounds, (*entryRow).entry)
	return out, dbError("pairing.Entries", err)
}

// entriesOf reads the money of one pairing.
func (s *Service) entriesOf(ctx context.Context, id ID) ([]Entry, error) {
	out, err := read(ctx, s.db.NewSelect().Model((*entryRow)(nil)).Where("pairing = ?", id).Order("known_us", "id"), nil, (*entryRow).entry)
	return out, dbError("pairing.Entries", err)
}

// Tasks reads the help tasks of compounds.
func (s *Service) Tasks(ctx context.Context, compounds ...place.ID) ([]Task, error) {
	out, err := tasks(ctx, s.db.NewSelect().Model((*taskRow)(nil)).Order("compound", "due", "id"), s.db.NewSelect(), compounds)
	return out, dbError("pairing.Tasks", err)
}

// Changes reads how the help of compounds changed.
func (s *Service) Changes(ctx context.Context, compounds ...place.ID) ([]Change, error) {
	pairings, err := s.Pairings(ctx, compounds...)
	if err != nil {
		return nil, err
	}
	entries, err := s.Entries(ctx, compounds...)
	if err != nil {
		return nil, err
	}
	tasks, err := s.Tasks(ctx, compounds...)
	if err != nil {
		return nil, err
	}
	return Changes(pairings, entries, tasks), nil
}

// one reads the one row of a query.
func one[R, T any](ctx context.Context, q *bun.SelectQuery, op, code string, as func(*R) T) (none T, err error) {
	list, err := read(ctx, q, nil, as)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, op, code)
	}
	if err != nil {
		return none, dbError(op, err)
	}
	return list[0], nil
}

func (s *Service) pairing(ctx context.Context, id ID) (Pairing, error) {
	return one(ctx, s.db.NewSelect().Model((*pairingRow)(nil)).Where("id = ?", id), "pairing.Pairing", "pairing.no-pairing", (*pairingRow).pairing)
}

func (s *Service) entry(ctx context.Context, id EntryID) (Entry, error) {
	return one(ctx, s.db.NewSelect().Model((*entryRow)(nil)).Where("id = ?", id), "pairing.Entry", "pairing.no-entry", (*entryRow).entry)
}

func (s *Service) task(ctx context.Context, id TaskID) (Task, error) {
	const op = "pairing.Task"
	list, err := tasks(ctx, s.db.NewSelect().Model((*taskRow)(nil)).Where("id = ?", id), s.db.NewSelect().Where("task = ?", id), nil)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, op, "pairing.no-task")
	}
	if err != nil {
		return Task{}, dbError(op, err)
	}
	return list[0], nil
}

// Helpers are the units paired with a compound as of a day.
func (s *Service) Helpers(ctx context.Context, q place.AsOf, compound place.ID) ([]string, error) {
	list, err := s.Pairings(ctx, compound)
	var out []string
	for _, p := range list {
		if p.Stands(q) {
			out = append(out, string(p.Unit))
		}
	}
	return out, err
}

// Helped are the compounds that some units are paired with as of a day.
func (s *Service) Helped(ctx context.Context, q place.AsOf, units []string) ([]place.ID, error) {
	list, err := read(ctx, s.db.NewSelect().Model((*pairingRow)(nil)).Where("unit IN (?)", bun.List(units)), nil, (*pairingRow).pairing)
	var out []place.ID
	for _, p := range list {
		if p.Stands(q) {
			out = append(out, p.Compound)
		}
	}
	return out, dbError("pairing.Helped", err)
}
