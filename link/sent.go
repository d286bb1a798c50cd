package link

import (
	"context"
	"embed"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// room of the journal events: they are about this machine, and for who may read about it.
const room = "system"

const (
	evReported = "hub.reported"
	evFailed   = "hub.failed"
)

type sentRow struct {
	bun.BaseModel `bun:"table:hub_sent"`

	ID       int    `bun:"id,pk"`
	Hub      string `bun:"hub"`
	Compound string `bun:"compound"`
	Name     string `bun:"name"`
	Cameras  int    `bun:"cameras"`
	AtUS     int64  `bun:"at_us"`
}

// last is the last report that this hub took, before a restart too.
func (r *Reporter) last(ctx context.Context) error {
	var rows []sentRow
	if err := r.db.NewSelect().Model(&rows).Where("hub = ?", r.state.Hub).Scan(ctx); err != nil || len(rows) == 0 {
		return err
	}
	x := rows[0]
	r.state.Compound, r.state.Name, r.state.Cameras, r.state.Success = x.Compound, x.Name, x.Cameras, store.Time(x.AtUS)
	return nil
}

// keepSent writes a report down that the hub took; told: into the journal, too.
func (r *Reporter) keepSent(ctx context.Context, s State, told bool) error {
	row := sentRow{ID: 1, Hub: s.Hub, Compound: s.Compound, Name: s.Name, Cameras: s.Cameras, AtUS: store.Micros(s.Success)}
	return r.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		q := tx.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE")
		for _, column := range []string{"hub", "compound", "name", "cameras", "at_us"} {
			q = q.Set(column + " = EXCLUDED." + column)
		}
		if _, err := q.Exec(ctx); err != nil || !told {
			return err
		}
		return tx.Emit(room, evReported, s.Hub, map[string]any{"compound": s.Name, "cameras": s.Cameras})
	})
}

// keepFailed writes into the journal that reports do not arrive, once.
func (r *Reporter) keepFailed(ctx context.Context, s State) error {
	said := map[string]any{"problem": s.Problem, "code": s.Code}
	if !s.Success.IsZero() {
		said["last"] = s.Success.In(zone).Format(time.RFC3339)
	}
	return r.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.Emit(room, evFailed, s.Hub, said) })
}
