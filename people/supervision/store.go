package supervision

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

type taskRow struct {
	bun.BaseModel `bun:"table:supervision_tasks"`

	ID      ID       `bun:"id,pk"`
	Version int64    `bun:"version"`
	Place   place.ID `bun:"place"`
	Title   string   `bun:"title"`
	Ask     string   `bun:"ask"`
	Batch   string   `bun:"batch"`
	Rule    RuleID   `bun:"rule"`
	Cause   *string  `bun:"cause"`
	// CauseDue is the last day of the duty that the rule saw.
	CauseDue  place.Day `bun:"cause_due"`
	City      bool      `bun:"by_city"`
	OwnerOpen bool      `bun:"owner_open"`
	Origin    string    `bun:"origin"`
	State     State     `bun:"state"`
	Near      int       `bun:"near_days"`
	Unit      string    `bun:"unit"`
}

func (r *taskRow) task() Task {
	return Task{ID: r.ID, Version: r.Version, Place: r.Place, Title: r.Title, Ask: r.Ask, Batch: r.Batch, Rule: r.Rule, Origin: r.Origin, NearDays: r.Near, Unit: r.Unit, City: r.City, OwnerOpen: r.OwnerOpen}
}

type stepRow struct {
	bun.BaseModel `bun:"table:supervision_steps"`

	Task    ID        `bun:"task,pk"`
	Number  int       `bun:"number,pk"`
	Act     Act       `bun:"act"`
	KnownUS int64     `bun:"known_us"`
	By      string    `bun:"by_account"`
	Note    string    `bun:"note"`
	Due     place.Day `bun:"due"`
}

func (r *stepRow) step() Step {
	return Step{Number: r.Number, Act: r.Act, Known: store.Time(r.KnownUS), By: r.By, Note: r.Note, Due: r.Due}
}

type ruleRow struct {
	bun.BaseModel `bun:"table:supervision_rules"`

	ID      RuleID    `bun:"id,pk"`
	Version int64     `bun:"version"`
	Light   string    `bun:"light"`
	What    string    `bun:"what"`
	Title   string    `bun:"title"`
	Ask     string    `bun:"ask"`
	Days    int       `bun:"days"`
	Near    int       `bun:"near_days"`
	Active  bool      `bun:"active"`
	Applied place.Day `bun:"applied"`
	By      string    `bun:"by_account"`
}

func (r *ruleRow) rule() Rule {
	return Rule{
		ID: r.ID, Version: r.Version, Light: r.Light, What: r.What, Title: r.Title, Ask: r.Ask, Days: r.Days, Near: r.Near, Active: r.Active, Applied: r.Applied, By: r.By,
	}
}

func (r *Rule) row() ruleRow {
	return ruleRow{
		ID: r.ID, Version: r.Version, Light: r.Light, What: r.What, Title: r.Title, Ask: r.Ask, Days: r.Days, Near: r.Near, Active: r.Active, Applied: r.Applied, By: r.By,
	}
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

// read gathers the tasks of a query with their steps.
func (s *Service) read(ctx context.Context, q *bun.SelectQuery) ([]Task, error) {
	var rows []taskRow
	if err := q.Order("id").Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]Task, len(rows))
	at := make(map[ID]int, len(rows))
	ids := make([]ID, len(rows))
	for i := range rows {
		out[i] = rows[i].task()
		at[rows[i].ID], ids[i] = i, rows[i].ID
	}
	for part := range slices.Chunk(ids, batch) {
		var steps []stepRow
		err := s.db.NewSelect().Model(&steps).Where("task IN (?)", bun.List(part)).Order("task", "number").Scan(ctx)
		if err != nil {
			return nil, err
		}
		for i := range steps {
			t := &out[at[steps[i].Task]]
			t.Steps = append(t.Steps, steps[i].step())
		}
	}
	for i := range out {
		out[i].replay()
	}
	return out, nil
}

// Rules lists the rules by id.
func (s *Service) Rules(ctx context.Context) ([]Rule, error) {
	var rows []ruleRow
	if err := s.db.NewSelect().Model(&rows).Order("id").Scan(ctx); err != nil {
		return nil, dbError("supervision.Rules", err)
	}
	out := make([]Rule, len(rows))
	for i := range rows {
		out[i] = rows[i].rule()
	}
	return out, nil
}
