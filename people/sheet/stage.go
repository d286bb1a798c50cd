package sheet

import (
	"context"
	"errors"
	"slices"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// errAtOnce sends a list on to be compared and written in one transaction.
var errAtOnce = errors.New("not by a stage")

// errSaidMeanwhile: what rows were compared with is no longer what is known.
var errSaidMeanwhile = errors.New("somebody has said something meanwhile")

// stageable are lists whose rows only add, and need no row that the list itself has added before. An area's history
// has the instant in its text, and a division hangs under one of a row before.
var stageable = []List{Compounds, Buildings, Channels, Assets}

// stagings is how often a list is compared anew because somebody has spoken meanwhile. After that the others wait.
const stagings = 3

// staged writes a list so that nobody waits for it long: it is compared with what is known while others write, and what
// is to be written goes onto a stage. Then one transaction sees that nobody has said anything in the programme since,
// stamps, and puts all of it where it belongs, at one instant. errAtOnce where that cannot be done.
func (s *Service) staged(ctx context.Context, d *draft, from book, imp *importRow) (r *Report, err error) {
	if s.db.Postgres() || !slices.Contains(stageable, d.of.key) {
		return nil, errAtOnce
	}
	for range stagings {
		r, err = s.stage(ctx, d, from, imp)
		switch {
		case errors.Is(err, store.ErrNotStaged):
			return nil, errAtOnce
		case !errors.Is(err, errSaidMeanwhile):
			return r, err
		}
	}
	return nil, errAtOnce
}

func (s *Service) stage(ctx context.Context, d *draft, from book, imp *importRow) (r *Report, err error) {
	st, err := s.db.NewStage(ctx, s.o.Dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		ctx := context.WithoutCancel(ctx)
		if err != nil {
			err = errors.Join(err, s.forget(ctx, imp.ID))
		}
		_ = st.Drop(ctx) // a file that stays is removed by the next start
	}()
	var before time.Time
	if err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		before, err = place.LastStamp(ctx, tx)
		return err
	}); err != nil {
		return nil, err
	}
	w := &writer{s: s, d: d, imp: imp.ID}
	known := s.today().Known // all that is known is known by then
	r, err = s.compare(ctx, d, from, known, imp.GoodOnly, func(ctx context.Context, deeds []*deed) error {
		return st.Change(place.WithStamp(ctx, known), func(ctx context.Context, tx *store.Tx) error {
			w.tx = tx
			return w.write(ctx, deeds)
		})
	})
	if err != nil {
		return nil, err
	}
	err = st.Land(ctx, func(ctx context.Context, tx *store.Tx) error {
		if now, err := place.LastStamp(ctx, tx); err != nil || !now.Equal(before) {
			return errors.Join(err, errSaidMeanwhile)
		}
		ctx, known, err := s.o.Clock.AtOnce(ctx, tx)
		if err != nil {
			return err
		}
		if err := st.Put(ctx, tx, map[string]any{place.StampColumn: store.Micros(known)}); err != nil {
			return err
		}
		return s.finish(ctx, tx, d, imp, r, known)
	})
	if s.landed != nil {
		s.landed(st)
	}
	return r, err
}

// forget takes away the rows of an import that did not come to be, some at a time.
func (s *Service) forget(ctx context.Context, id string) error {
	for {
		res, err := s.db.ExecContext(ctx, "DELETE FROM sheet_rows WHERE import = ? AND n IN (SELECT n FROM sheet_rows WHERE import = ? LIMIT 2000)", id, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
	}
}
