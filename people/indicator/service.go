package indicator

import (
	"context"
	"embed"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

const room = "indicator"

// The kinds of the room's journal events.
const (
	evSet    = "indicator.defined"
	evTarget = "indicator.aimed"
)

// Figures are the numbers that formulas may name. role plugs in the programme.
type Figures interface {
	// Names of the numbers.
	Names() []string
	// Figures of the counties as of a day, and under "" those of the city.
	Figures(ctx context.Context, q place.AsOf) (map[place.ID]map[string]int64, error)
}

// Places is the tree, for names and levels.
type Places interface {
	Tree(ctx context.Context) (*place.Tree, error)
	Rights() *place.Rights
	Told(ctx context.Context, list []place.Trace) []place.Trace
}

// Options of the room.
type Options struct {
	Clock   place.Clock
	Places  Places
	Figures Figures
}

// Service is what callers may do with indicators.
type Service struct {
	db *store.DB
	o  Options
}

// New brings the tables up to date.
func New(ctx context.Context, db *store.DB, o Options) (*Service, error) {
	if err := db.Migrate(ctx, room, migrations); err != nil {
		return nil, err
	}
	return &Service{db: db, o: o}, nil
}

type indicatorRow struct {
	bun.BaseModel `bun:"table:indicators"`

	ID        ID     `bun:"id,pk"`
	Version   int64  `bun:"version,pk"`
	KnownUS   int64  `bun:"known_us"`
	Name      string `bun:"name"`
	Formula   string `bun:"formula"`
	Period    Period `bun:"period"`
	Direction string `bun:"direction"`
	Unit      string `bun:"unit"`
	Ended     bool   `bun:"ended"`
	By        string `bun:"by_account"`
}

func (r *indicatorRow) indicator() Indicator {
	x := Indicator{
		ID: r.ID, Version: r.Version, Known: store.Time(r.KnownUS), Name: r.Name, Formula: r.Formula, Period: r.Period, Direction: r.Direction,
		Unit: r.Unit, Ended: r.Ended, By: r.By,
	}
	x.Retired = x.retired()
	return x
}

type targetRow struct {
	bun.BaseModel `bun:"table:indicator_targets"`

	Indicator ID        `bun:"indicator,pk"`
	Place     place.ID  `bun:"place,pk"`
	Date      place.Day `bun:"day,pk"`
	KnownUS   int64     `bun:"known_us,pk"`
	Value     float64   `bun:"value"`
	Ended     bool      `bun:"ended"`
	By        string    `bun:"by_account"`
}

// All lists the newest version of each indicator, ended ones too, by id.
func (s *Service) All(ctx context.Context) ([]Indicator, error) {
	var rows []indicatorRow
	if err := s.db.NewSelect().Model(&rows).Order("id", "version DESC").Scan(ctx); err != nil {
		return nil, dbError("indicator.All", err)
	}
	rows = slices.CompactFunc(rows, func(a, b indicatorRow) bool { return a.ID == b.ID })
	out := make([]Indicator, len(rows))
	for i, r := range rows {
		out[i] = r.indicator()
	}
	return out, nil
}

// one is the newest version of an indicator; its version is 0 where there is
// none.
func (s *Service) one(ctx context.Context, id ID) (Indicator, error) {
	all, err := s.All(ctx)
	for _, x := range all {
		if x.ID == id {
			return x, err
		}
	}
	return Indicator{}, err
}

// OneAt is an indicator as it was known at an instant: a formula that was changed later does not rewrite what a past day
// said. Of days before it was first defined, its first version speaks; its version is 0 where there is none.
func (s *Service) OneAt(ctx context.Context, id ID, known time.Time) (x Indicator, err error) {
	var rows []indicatorRow
	if err := s.db.NewSelect().Model(&rows).Where("id = ?", id).Order("version").Scan(ctx); err != nil {
		return x, dbError("indicator.OneAt", err)
	}
	for i, r := range rows {
		if at := store.Time(r.KnownUS); i == 0 || !at.After(known) {
			x = r.indicator()
		}
	}
	return x, nil
}

func (s *Service) change(ctx context.Context, op string, f func(ctx context.Context, tx *store.Tx, known time.Time) error) error {
	return dbError(op, s.o.Clock.Change(ctx, s.db, f))
}

// Set adds an indicator or changes it; seen is the version that the caller saw,
// 0 where there is none yet.
func (s *Service) Set(ctx context.Context, by string, seen int64, x Indicator) (Indicator, error) {
	const op = "indicator.Set"
	err := s.change(ctx, op, func(ctx context.Context, tx *store.Tx, known time.Time) error {
		last, err := s.one(ctx, x.ID)
		if err != nil {
			return err
		}
		if seen != 0 || last.Version != 0 {
			if err := place.SameVersion(op, seen, last.Version); err != nil {
				return err
			}
		}
		x.Version, x.Known, x.By, x.Name, x.Formula, x.Unit = last.Version+1, known, by, place.Tidy(x.Name), place.Tidy(x.Formula), place.Tidy(x.Unit)
		// What would be refused today can still be ended, as it is.
		if !x.Ended || last.Retired == "" || x.Name != last.Name || x.Formula != last.Formula {
			if err := x.check(s.o.Figures.Names()).Fault(op, "indicator.invalid"); err != nil {
				return err
			}
		}
		x.Retired = x.retired()
		row := indicatorRow{
			ID: x.ID, Version: x.Version, KnownUS: store.Micros(known), Name: x.Name, Formula: x.Formula, Period: x.Period, Direction: x.Direction,
			Unit: x.Unit, Ended: x.Ended, By: by,
		}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return tx.Emit(room, evSet, string(x.ID), map[string]any{"name": x.Name, "formula": x.Formula, "version": x.Version, "by": by})
	})
	return x, err
}

// targetsVersion is a number that is another one once a target of an indicator was set or ended; 0: none ever was.
func (s *Service) targetsVersion(ctx context.Context, id ID) (int64, error) {
	var n int64
	err := s.db.NewSelect().Model((*targetRow)(nil)).ColumnExpr("COALESCE(MAX(known_us), 0)").Where("indicator = ?", id).Scan(ctx, &n)
	return n, dbError("indicator.Targets", err)
}

// Aim sets a target, or ends it, whatever targets there are.
func (s *Service) Aim(ctx context.Context, by string, id ID, t Target) (Target, error) {
	return s.AimSeen(ctx, by, place.Whatever, id, t)
}

// AimSeen is Aim for a caller who saw a version of the indicator's targets; 0 where there are none.
func (s *Service) AimSeen(ctx context.Context, by string, seen int64, id ID, t Target) (Target, error) {
	const op = "indicator.Aim"
	err := s.change(ctx, op, func(ctx context.Context, tx *store.Tx, known time.Time) error {
		x, err := s.one(ctx, id)
		if err != nil {
			return err
		}
		if x.Version == 0 || x.Ended {
			return fault.New(fault.NotFound, op, "indicator.none")
		}
		if x.Retired != "" {
			return fault.New(fault.Conflict, op, "indicator.retired")
		}
		last, err := s.targetsVersion(ctx, id)
		if err != nil {
			return err
		}
		if seen != 0 || last != 0 {
			if err := place.SameVersion(op, seen, last); err != nil {
				return err
			}
		}
		tree, err := s.o.Places.Tree(ctx)
		if err != nil {
			return err
		}
		var p place.Problems
		v, ok := tree.At(place.AsOf{Day: s.o.Clock.Today(), Known: known}, t.Place)
		if !ok || v.Level != place.City && v.Level != place.County {
			p.Add("place", "indicator.place")
		}
		if t.Date == 0 {
			p.Add("date", "place.field.required")
		}
		if err := p.Fault(op, "indicator.invalid"); err != nil {
			return err
		}
		t.Known, t.By = known, by
		row := targetRow{Indicator: id, Place: t.Place, Date: t.Date, KnownUS: store.Micros(known), Value: t.Value, Ended: t.Ended, By: by}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return tx.Emit(room, evTarget, string(id), map[string]any{"place": t.Place, "date": t.Date, "value": t.Value, "ended": t.Ended, "by": by})
	})
	return t, err
}

// Targets lists every target that was ever set for an indicator.
func (s *Service) Targets(ctx context.Context, id ID) ([]Target, error) {
	var rows []targetRow
	if err := s.db.NewSelect().Model(&rows).Where("indicator = ?", id).Order("place", "day", "known_us").Scan(ctx); err != nil {
		return nil, dbError("indicator.Targets", err)
	}
	out := make([]Target, len(rows))
	for i, r := range rows {
		out[i] = Target{r.Place, r.Date, r.Value, store.Time(r.KnownUS), r.Ended, r.By}
	}
	return out, nil
}

// Value is an indicator at a place.
type Value struct {
	Place   place.ID    `json:"place"`
	Name    string      `json:"name"`
	Level   place.Level `json:"level" enum:"city,county"`
	Value   *float64    `json:"value,omitempty" doc:"Left out where it has none: something would be divided by nothing"`
	Target  *Target     `json:"target,omitempty" doc:"The next one to come, else the last that has passed"`
	Reached bool        `json:"reached" doc:"The value is as the target asks, or better"`
}

// Values computes an indicator for the city and each county as of a day, the
// city first, the counties by code: it ranks nobody. One that is retired has none.
func (s *Service) Values(ctx context.Context, q place.AsOf, x Indicator) ([]Value, error) {
	if x.retired() != "" {
		return []Value{}, nil
	}
	var p place.Problems
	f := read(&p, x.Formula, s.o.Figures.Names())
	if err := p.Fault("indicator.Values", "indicator.invalid"); err != nil {
		return nil, err
	}
	now, err := s.o.Figures.Figures(ctx, q)
	if err != nil {
		return nil, err
	}
	var was map[place.ID]map[string]int64
	if before := x.Period.before(q.Day); before != 0 {
		if was, err = s.o.Figures.Figures(ctx, s.o.Clock.AtClose(before)); err != nil {
			return nil, err
		}
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	targets, err := s.Targets(ctx, x.ID)
	if err != nil {
		return nil, err
	}
	out := []Value{}
	for _, v := range append(tree.Of(q, place.City), tree.Of(q, place.County)...) {
		key := v.Place
		if v.Level == place.City {
			key = ""
		}
		one := Value{Place: v.Place, Name: v.Name, Level: v.Level}
		n, err := f.Value(func(name string) float64 { return float64(now[key][name] - was[key][name]) })
		if err == nil {
			one.Value = &n
		}
		if t, ok := aim(targets, q, v.Place); ok {
			one.Target = &t
			one.Reached = one.Value != nil && (x.Direction == "up" && n >= t.Value || x.Direction == "down" && n <= t.Value)
		}
		out = append(out, one)
	}
	return out, nil
}

func dbError(op string, err error) error {
	return fault.Ensure(err, fault.Unavailable, op, "indicator.store")
}
