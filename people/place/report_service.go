package place

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

const (
	evReported = "node.reported"
	evReleased = "node.released"
)

// Sightings is what reports of compounds' machines need of other rooms. role plugs it in.
type Sightings interface {
	// Keeping is how what is seen now is dated.
	Keeping(ctx context.Context) (Keeping, error)
	// Saw says that a compound's connection was seen today. It may be said again.
	Saw(ctx context.Context, compound ID) error
	// Released says that the machine of a compound is its machine no longer. It is called within the change that lets it go.
	Released(ctx context.Context, by string, compound ID) error
	// Reports says whether a program that reported before may do so still.
	Reports(ctx context.Context, program string) (bool, error)
}

// SetSightings plugs in what reports need; before anything is served. Without it none is taken.
func (s *Service) SetSightings(x Sightings) { s.sightings = x }

type reportRow struct {
	bun.BaseModel `bun:"table:node_reports"`

	Compound ID     `bun:"compound,pk"`
	By       string `bun:"by_account"`
	Cameras  string `bun:"cameras"`
	Day      Day    `bun:"day"`
	SinceUS  int64  `bun:"since_us"`
	AtUS     int64  `bun:"at_us"`
}

func (r *reportRow) report() Report {
	out := Report{Compound: r.Compound, By: r.By, Day: r.Day, Since: store.Time(r.SinceUS), At: store.Time(r.AtUS)}
	_ = json.Unmarshal([]byte(r.Cameras), &out.Cameras) // this program wrote it
	return out
}

func (r *Report) row() (reportRow, error) {
	raw, err := json.Marshal(r.Cameras)
	return reportRow{Compound: r.Compound, By: r.By, Cameras: string(raw), Day: r.Day, SinceUS: store.Micros(r.Since), AtUS: store.Micros(r.At)}, err
}

// Reports are the last reports of some compounds' own machines, or of all.
func (s *Service) Reports(ctx context.Context, compounds ...ID) ([]Report, error) {
	out, err := s.reports(ctx, compounds...)
	return out, dbError("place.Reports", err)
}

func (s *Service) reports(ctx context.Context, compounds ...ID) ([]Report, error) {
	return read(ctx, of(s.db.NewSelect().Model((*reportRow)(nil)), compounds).Order("compound"), (*reportRow).report)
}

// reportRest is for how long a report that says nothing new is not written again.
const reportRest = 5 * time.Minute

// Report takes what a compound's own machine says of its cameras, all of them, as of now. What it says is stamped with the
// programme's day, like the word of this machine's own register; said twice, it changes nothing.
func (s *Service) Report(ctx context.Context, program string, compound ID, list []Reported) (r Report, err error) {
	const op = "place.Report"
	if s.sightings == nil {
		return r, fault.New(fault.Unavailable, op, "place.report.none")
	}
	if err := checkReported(list).Fault(op, "place.invalid"); err != nil {
		return r, err
	}
	if err := s.standing(ctx, op, compound); err != nil {
		return r, err
	}
	k, err := s.sightings.Keeping(ctx)
	if err != nil {
		return r, err
	}
	was, err := s.lastReport(ctx, op, program, compound)
	if err != nil {
		return r, err
	}
	r = Report{Compound: compound, By: program, Cameras: list, Day: s.clock.Today(), Since: was.Since, At: time.Now()}
	if was.By == "" {
		r.Since = r.At
	}
	d, err := s.owed(ctx, compound, compound, r.registered(r.Day), s.clock.AtClose(r.Day), k)
	if err != nil {
		return r, dbError(op, err)
	}
	same := was.By == program && was.Day == r.Day && slices.Equal(was.Cameras, list)
	switch {
	case was.By != program || !d.none():
		err = s.change(ctx, op, func(ctx context.Context, w *writing) error { return w.report(ctx, &r, was, k) })
	case same && r.At.Sub(was.At).Abs() < reportRest:
		r.At = was.At
	default: // nothing new for the programme
		err = dbError(op, s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error { return keepAgain(ctx, tx, op, &r) }))
	}
	if err == nil && d.sight {
		err = s.sightings.Saw(ctx, compound)
	}
	return r, err
}

// standing refuses a report about what is no compound today.
func (s *Service) standing(ctx context.Context, op string, compound ID) error {
	tree, err := s.Tree(ctx)
	if err != nil {
		return err
	}
	switch v, ok := tree.At(s.rights.now(), compound); {
	case !ok:
		return fault.New(fault.NotFound, op, "place.no-place")
	case v.Level != Compound:
		return fault.New(fault.Invalid, op, "place.no-compound")
	}
	return nil
}

// lastReport is the one before, the zero Report when there is none. A compound has one machine: this one, or one that
// reports.
func (s *Service) lastReport(ctx context.Context, op, program string, compound ID) (was Report, err error) {
	n, err := s.Node(ctx)
	if err != nil {
		return was, err
	}
	if n.Compound == compound {
		return was, fault.New(fault.Conflict, op, "place.node.here", "name", n.Name)
	}
	list, err := s.reports(ctx, compound)
	if err != nil || len(list) == 0 {
		return was, dbError(op, err)
	}
	if was = list[0]; was.By == program {
		return was, nil
	}
	stands, err := s.sightings.Reports(ctx, was.By)
	if err == nil && stands {
		err = fault.New(fault.Conflict, op, "place.node.another")
	}
	return was, err
}

// report writes down a report that changes something, with what it changes. before is the last one that its sender knew of.
func (w *writing) report(ctx context.Context, r *Report, before Report, k Keeping) error {
	was, err := w.s.lastReport(ctx, w.op, r.By, r.Compound)
	if err != nil {
		return err
	}
	if before.By == r.By && was.By != r.By { // released meanwhile
		return fault.New(fault.Conflict, w.op, "place.changed-meanwhile")
	}
	v, err := w.there(ctx, r.Compound, w.now.Day)
	if err != nil {
		return err
	}
	if v.Level != Compound {
		return fault.New(fault.Invalid, w.op, "place.no-compound")
	}
	r.Day = w.now.Day
	if _, err := w.keep(ctx, r.Compound, r.Compound, r.registered(r.Day), k); err != nil {
		return err
	}
	if err := keepReport(ctx, w.tx, r); err != nil {
		return err
	}
	if was.By == r.By {
		return nil
	}
	return w.tx.Emit(room, evReported, string(r.Compound), map[string]any{"cameras": len(r.Cameras), "by": r.By})
}

func keepReport(ctx context.Context, tx *store.Tx, r *Report) error {
	row, err := r.row()
	if err != nil {
		return err
	}
	q := tx.NewInsert().Model(&row).On("CONFLICT (compound) DO UPDATE")
	for _, column := range []string{"by_account", "cameras", "day", "at_us"} {
		q = q.Set(column + " = EXCLUDED." + column)
	}
	_, err = q.Exec(ctx)
	return err
}

// keepAgain writes down that a machine, which is the compound's already, has spoken. One that was released meanwhile does not
// come back by a report that was on its way.
func keepAgain(ctx context.Context, tx *store.Tx, op string, r *Report) error {
	row, err := r.row()
	if err != nil {
		return err
	}
	res, err := tx.NewUpdate().Model(&row).Column("cameras", "day", "at_us").WherePK().Where("by_account = ?", r.By).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err == nil && n == 0 {
		return fault.New(fault.Conflict, op, "place.changed-meanwhile")
	}
	return nil
}

// Release forgets the machine of a compound, so that another one can be it. Its channels stay as they stand, on the word of
// who releases them; those that only the machine spoke of are removed.
func (s *Service) Release(ctx context.Context, by string, compound ID) error {
	return s.change(ctx, "place.Release", func(ctx context.Context, w *writing) error {
		list, err := s.reports(ctx, compound)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.New(fault.NotFound, w.op, "place.report.not-there")
		}
		ties, err := s.TiesOf(ctx, compound)
		if err != nil {
			return err
		}
		if err := w.untie(ctx, by, compound, compound, ties); err != nil {
			return err
		}
		if _, err := w.tx.NewDelete().Model((*reportRow)(nil)).Where("compound = ?", compound).Exec(ctx); err != nil {
			return err
		}
		if err := w.released(ctx, by, compound); err != nil {
			return err
		}
		return w.tx.Emit(room, evReleased, string(compound), map[string]any{"by": by})
	})
}

// released tells who dates what is seen that a compound has no machine any more.
func (w *writing) released(ctx context.Context, by string, compound ID) error {
	if w.s.sightings == nil {
		return nil
	}
	return w.s.sightings.Released(ctx, by, compound)
}

// Lapse writes down what the silence of machines changes: a channel falls back when its picture was last seen longer ago
// than the span. It looks once a day; compounds are those that it changed.
func (s *Service) Lapse(ctx context.Context, k Keeping) (compounds []ID, err error) {
	const op = "place.Lapse"
	today := s.clock.Today()
	if s.lapsed.Load() == int64(today) {
		return nil, nil
	}
	list, err := s.reports(ctx)
	if err != nil {
		return nil, dbError(op, err)
	}
	for _, r := range list {
		if r.Day >= today { // it has spoken
			continue
		}
		cameras := r.registered(today)
		d, err := s.owed(ctx, r.Compound, r.Compound, cameras, s.clock.AtClose(today), k)
		if err != nil {
			return compounds, dbError(op, err)
		}
		if d.none() {
			continue
		}
		err = s.change(ctx, op, func(ctx context.Context, w *writing) error {
			now, err := s.reports(ctx, r.Compound)
			if err != nil || len(now) == 0 || now[0].Day >= today { // it spoke, or was released, meanwhile
				return err
			}
			_, err = w.keep(ctx, r.Compound, r.Compound, cameras, k)
			return err
		})
		if err != nil {
			return compounds, err
		}
		compounds = append(compounds, r.Compound)
	}
	s.lapsed.Store(int64(today))
	return compounds, nil
}
