package camera

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

type otherWayRow struct {
	bun.BaseModel `bun:"table:other_ways,alias:w"`

	ID        OtherWayID `bun:"id,pk"`
	Name      string     `bun:"name"`
	Reaches   string     `bun:"reaches"`
	RunBy     string     `bun:"run_by"`
	Version   int64      `bun:"version"`
	CreatedUS int64      `bun:"created_us"`
	ChangedUS int64      `bun:"changed_us"`
}

func (r *otherWayRow) way() OtherWay {
	return OtherWay{ID: r.ID, Name: r.Name, Reaches: r.Reaches, RunBy: r.RunBy, Version: r.Version, Changed: store.Time(r.ChangedUS)}
}

// OtherWayEdit is what a caller says of one; nil leaves a field alone.
type OtherWayEdit struct {
	Name    *string `json:"name,omitempty"`
	Reaches *string `json:"reaches,omitempty"`
	RunBy   *string `json:"run_by,omitempty"`
}

func (e OtherWayEdit) apply(w *OtherWay) {
	put(&w.Name, e.Name)
	put(&w.Reaches, e.Reaches)
	put(&w.RunBy, e.RunBy)
	w.normalise()
}

// OtherWays lists them.
func (s *Service) OtherWays(ctx context.Context) ([]OtherWay, error) {
	var rows []otherWayRow
	if err := s.db.NewSelect().Model(&rows).OrderExpr("name, id").Limit(maxWays).Scan(ctx); err != nil {
		return nil, dbError("camera.OtherWays", err)
	}
	out := make([]OtherWay, len(rows))
	for i := range rows {
		out[i] = rows[i].way()
	}
	return out, nil
}

// AddOtherWay writes one down.
func (s *Service) AddOtherWay(ctx context.Context, by string, e OtherWayEdit) (OtherWay, error) {
	const op = "camera.AddOtherWay"
	var w OtherWay
	e.apply(&w)
	p := w.check()
	if err := p.asFault(op); err != nil {
		return w, err
	}
	w.ID, w.Version, w.Changed = OtherWayID(store.NewID()), 1, s.clock.dated()
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.NewSelect().Model((*otherWayRow)(nil)).Count(ctx)
		if err != nil {
			return err
		}
		if n >= maxWays {
			return fault.New(fault.Invalid, op, "camera.too-many-ways", "most", maxWays)
		}
		us := store.Micros(w.Changed)
		row := &otherWayRow{ID: w.ID, Name: w.Name, Reaches: w.Reaches, RunBy: w.RunBy, Version: 1, CreatedUS: us, ChangedUS: us}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return err
		}
		return tx.Emit("camera", "other-way.created", string(w.ID), map[string]any{"name": w.Name, "by": by})
	})
	return w, dbError(op, err)
}

func otherWayRowOf(ctx context.Context, tx *store.Tx, id OtherWayID) (*otherWayRow, error) {
	row := new(otherWayRow)
	err := tx.NewSelect().Model(row).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "camera.OtherWay", "camera.no-other-way")
	}
	return row, err
}

// ChangeOtherWay edits one that is still at the version the caller saw.
func (s *Service) ChangeOtherWay(ctx context.Context, by string, id OtherWayID, version int64, e OtherWayEdit) (OtherWay, error) {
	const op = "camera.ChangeOtherWay"
	var w OtherWay
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := otherWayRowOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := sameVersion(op, version, row.Version); err != nil {
			return err
		}
		w = row.way()
		before := w
		e.apply(&w)
		p := w.check()
		if err := p.asFault(op); err != nil {
			return err
		}
		if w == before {
			return nil
		}
		row.Name, row.Reaches, row.RunBy, row.Version, row.ChangedUS = w.Name, w.Reaches, w.RunBy, row.Version+1, store.Micros(s.clock.dated())
		w = row.way()
		if _, err := tx.NewUpdate().Model(row).WherePK().Exec(ctx); err != nil {
			return err
		}
		return tx.Emit("camera", "other-way.changed", string(id), map[string]any{"name": w.Name, "by": by})
	})
	return w, dbError(op, err)
}

// RemoveOtherWay takes one off the list: it is gone in the world as well.
func (s *Service) RemoveOtherWay(ctx context.Context, by string, id OtherWayID) error {
	return dbError("camera.RemoveOtherWay", s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := otherWayRowOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(row).WherePK().Exec(ctx); err != nil {
			return err
		}
		return tx.Emit("camera", "other-way.deleted", string(id), map[string]any{"name": row.Name, "by": by})
	}))
}
