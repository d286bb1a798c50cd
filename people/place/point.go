package place

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/store"
)

// Degrees are millionths of a degree: a tenth of a metre. Whole numbers compare
// and store alike everywhere.
type Degrees int32

const perDegree = 1e6

// DegreesOf rounds a number of degrees.
func DegreesOf(f float64) Degrees { return Degrees(math.Round(f * perDegree)) }

// Float is the number of degrees.
func (d Degrees) Float() float64 { return float64(d) / perDegree }

// LonLat is a point on the map, in WGS-84.
type LonLat struct {
	Lon float64 `json:"lon" minimum:"-180" maximum:"180" doc:"WGS-84"`
	Lat float64 `json:"lat" minimum:"-90" maximum:"90" doc:"WGS-84"`
}

func (l LonLat) String() string {
	if l == (LonLat{}) {
		return ""
	}
	return fmt.Sprintf("%.6f, %.6f", l.Lon, l.Lat)
}

// Point says where a compound lies. The zero LonLat says that it is not known.
type Point struct {
	Compound ID `json:"compound"`
	LonLat
	Moment
	By string `json:"by"`
}

func (p *Point) moment() Moment { return p.Moment }

func (p *Point) check() (bad Problems) {
	if math.IsNaN(p.Lon) || math.IsNaN(p.Lat) || math.Abs(p.Lon) > 180 || math.Abs(p.Lat) > 90 {
		bad.Add("point", "place.field.point")
	}
	if p.About == 0 {
		bad.Add("from", "place.field.required")
	}
	return bad
}

// PointAt is where a compound lies for a question; zero when that is not known.
func PointAt(q AsOf, points []Point) LonLat {
	if i := Picks(q, points, (*Point).moment); i >= 0 {
		return points[i].LonLat
	}
	return LonLat{}
}

type pointRow struct {
	bun.BaseModel `bun:"table:compound_points"`

	Compound ID      `bun:"compound,pk"`
	About    Day     `bun:"about,pk"`
	KnownUS  int64   `bun:"known_us,pk"`
	Lon      Degrees `bun:"lon"`
	Lat      Degrees `bun:"lat"`
	By       string  `bun:"by_account"`
}

func (r *pointRow) point() Point {
	return Point{Compound: r.Compound, LonLat: LonLat{r.Lon.Float(), r.Lat.Float()}, Moment: Moment{r.About, store.Time(r.KnownUS)}, By: r.By}
}

// Points reads what was ever said of where compounds lie; of all when none is
// named.
func (s *Service) Points(ctx context.Context, compounds ...ID) ([]Point, error) {
	out, err := read(ctx, of(s.db.NewSelect().Model((*pointRow)(nil)), compounds).Order("compound", "known_us"), (*pointRow).point)
	return out, dbError("place.Points", err)
}

// located is what was ever said of where compounds lie, as far as was known at an instant.
type located struct {
	points []Point // by compound, then by when they became known
	known  time.Time
	told   time.Time // the last instant at which anything became known
}

// everyPoint is Points of all compounds, kept in memory: nothing is ever taken away, so only what became known since is read.
func (s *Service) everyPoint(ctx context.Context) ([]Point, error) {
	told, err := s.LastKnown(ctx)
	if err != nil {
		return nil, err
	}
	had := s.located.Load()
	if had == nil {
		had = &located{}
	} else if had.told.Equal(told) {
		return had.points, nil
	}
	fresh, err := read(ctx, s.db.NewSelect().Model((*pointRow)(nil)).Where("known_us > ?", store.Micros(had.known)), (*pointRow).point)
	if err != nil {
		return nil, dbError("place.Points", err)
	}
	now := &located{points: had.points, known: had.known, told: told}
	if len(fresh) > 0 {
		now.points = append(slices.Clone(had.points), fresh...)
		slices.SortFunc(now.points, func(a, b Point) int { return cmp.Or(cmp.Compare(a.Compound, b.Compound), a.Known.Compare(b.Known)) })
		for i := range fresh {
			if fresh[i].Known.After(now.known) {
				now.known = fresh[i].Known
			}
		}
	}
	s.located.Store(now)
	return now.points, nil
}

const evPoint = "place.located"

// Locate says where compounds lie.
func (s *Service) Locate(ctx context.Context, by string, list []Point) error {
	return s.change(ctx, "place.Locate", func(ctx context.Context, w *writing) error { return w.locate(ctx, by, list) })
}

func (w *writing) locate(ctx context.Context, by string, list []Point) error {
	if err := w.compounds(ctx, compoundsOf(list, func(p *Point) ID { return p.Compound })); err != nil {
		return err
	}
	rows := make([]pointRow, 0, len(list))
	for i := range list {
		p := &list[i]
		if err := p.check().Fault(w.op, "place.invalid"); err != nil {
			return at(err, i, len(list))
		}
		rows = append(rows, pointRow{Compound: p.Compound, About: p.About, KnownUS: store.Micros(w.known), Lon: DegreesOf(p.Lon), Lat: DegreesOf(p.Lat), By: by})
		if err := w.tx.Emit(room, evPoint, string(p.Compound), map[string]any{"from": p.About, "by": by}); err != nil {
			return err
		}
	}
	return insert(ctx, w.tx, rows)
}

// Pin is a compound on the map.
type Pin struct {
	Compound ID     `json:"compound"`
	Name     string `json:"name"`
	LonLat
}

type pinsOutput struct {
	Body struct {
		Points []Pin `json:"points"`
	}
}

func (s *Service) httpPoints(ctx context.Context, in *AsOfInput) (*pinsOutput, error) {
	q, err := in.AsOf(s.clock)
	if err != nil {
		return nil, err
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := s.rights.Scope(ctx, MayRead, q)
	if err != nil {
		return nil, err
	}
	points, err := s.everyPoint(ctx)
	if err != nil {
		return nil, err
	}
	out := &pinsOutput{}
	out.Body.Points = make([]Pin, 0, len(points))
	for len(points) > 0 {
		n := slices.IndexFunc(points, func(p Point) bool { return p.Compound != points[0].Compound })
		if n < 0 {
			n = len(points)
		}
		mine := points[:n]
		points = points[n:]
		id := mine[0].Compound
		if v, ok := tree.At(q, id); ok && scope.Has(id) {
			if at := PointAt(q, mine); at != (LonLat{}) {
				out.Body.Points = append(out.Body.Points, Pin{id, v.Name, at})
			}
		}
	}
	return out, nil
}
