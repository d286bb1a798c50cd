package outline

import (
	"context"
	"embed"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

const room = "outline"

// The outlines have no place as their subject: who may read places is told.
const evImported = "place.outlines"

// Places is the tree, and who may do what in it.
type Places interface {
	Tree(ctx context.Context) (*place.Tree, error)
	Rights() *place.Rights
	Traces(ctx context.Context, known time.Time, record string) ([]place.Trace, error)
}

// Options of the room.
type Options struct {
	Clock  place.Clock
	Places Places
}

// Service is what callers may do with outlines.
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

// Source is where the outlines come from.
type Source struct {
	Version int64     `json:"version" doc:"0: there are none"`
	File    string    `json:"file,omitempty"`
	Note    string    `json:"note,omitempty" doc:"Whose data it is, and by which right it is shown"`
	Datum   Datum     `json:"datum,omitempty" enum:"wgs84,gcj02" doc:"Of the file; what is kept is WGS-84"`
	Known   time.Time `json:"known,omitzero"`
	By      string    `json:"by,omitempty"`
}

type sourceRow struct {
	bun.BaseModel `bun:"table:outline_source"`

	ID      int    `bun:"id,pk"`
	Version int64  `bun:"version"`
	File    string `bun:"file"`
	Note    string `bun:"note"`
	Datum   Datum  `bun:"datum"`
	KnownUS int64  `bun:"known_us"`
	By      string `bun:"by_account"`
}

type shapeRow struct {
	bun.BaseModel `bun:"table:outlines"`

	Place place.ID `bun:"place,pk"`
	Shape string   `bun:"shape"`
}

// Upload is a file with what its sender says of it.
type Upload struct {
	File  string
	Note  string
	Datum Datum
	Raw   []byte
}

// Check is the dry run: which feature is which county.
func (s *Service) Check(ctx context.Context, u Upload) (Report, map[place.ID]orb.MultiPolygon, error) {
	const op = "outline.Check"
	if u.Datum != WGS84 && u.Datum != GCJ02 {
		return Report{}, nil, fault.New(fault.Invalid, op, "outline.datum")
	}
	features, err := Read(u.Raw)
	if err != nil {
		return Report{}, nil, err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return Report{}, nil, err
	}
	shapes, r := Fit(features, tree.Of(s.o.Clock.AtClose(s.o.Clock.Today()), place.County))
	for _, shape := range shapes {
		straighten(shape, u.Datum)
	}
	shapes, r.Kept = Simplify(shapes)
	return r, shapes, nil
}

// Import keeps the outlines of a file, in place of those there were.
func (s *Service) Import(ctx context.Context, by string, seen int64, u Upload) (Report, error) {
	const op = "outline.Import"
	var bad place.Problems
	u.File, u.Note = place.Tidy(u.File), place.Tidy(u.Note)
	bad.Text("file", u.File, 120, false)
	bad.Text("note", u.Note, 200, true)
	if err := bad.Fault(op, "outline.invalid"); err != nil {
		return Report{}, err
	}
	r, shapes, err := s.Check(ctx, u)
	if err != nil {
		return r, err
	}
	if len(shapes) == 0 {
		return r, fault.New(fault.Invalid, op, "outline.no-county")
	}
	return r, s.put(ctx, op, by, seen, sourceRow{File: u.File, Note: u.Note, Datum: u.Datum}, shapes)
}

// Drop takes the outlines away; the map of tiles is back.
func (s *Service) Drop(ctx context.Context, by string, seen int64) error {
	return s.put(ctx, "outline.Drop", by, seen, sourceRow{}, nil)
}

func (s *Service) put(ctx context.Context, op, by string, seen int64, row sourceRow, shapes map[place.ID]orb.MultiPolygon) error {
	rows := make([]shapeRow, 0, len(shapes))
	for _, id := range slices.Sorted(maps.Keys(shapes)) {
		raw, err := json.Marshal(shapes[id])
		if err != nil {
			return fault.Wrap(err, fault.Internal, op, "outline.store")
		}
		rows = append(rows, shapeRow{Place: id, Shape: string(raw)})
	}
	err := s.o.Clock.Change(ctx, s.db, func(ctx context.Context, tx *store.Tx, known time.Time) error {
		was, err := s.Source(ctx)
		if err != nil {
			return err
		}
		if was.Version != 0 {
			if err := place.SameVersion(op, seen, was.Version); err != nil {
				return err
			}
		}
		row.ID, row.Version, row.KnownUS, row.By = 1, was.Version+1, store.Micros(known), by
		for _, model := range []any{(*shapeRow)(nil), (*sourceRow)(nil)} {
			if _, err := tx.NewDelete().Model(model).Where("1 = 1").Exec(ctx); err != nil {
				return err
			}
		}
		if len(rows) > 0 {
			if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
				return err
			}
		}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		if err := keep(ctx, tx, known, by, was, row, len(rows)); err != nil {
			return err
		}
		return tx.Emit(room, evImported, "", map[string]any{"counties": len(rows), "file": row.File, "by": by})
	})
	return dbError(op, err)
}

// record is what the history of the outlines stands under: there is one set of them.
const record = "outlines:city"

// keep writes down whose outlines came in place of whose; the borders themselves are not kept.
func keep(ctx context.Context, tx *store.Tx, known time.Time, by string, was Source, row sourceRow, counties int) error {
	type said struct {
		File     string `json:"file,omitempty"`
		Note     string `json:"note,omitempty"`
		Datum    Datum  `json:"datum,omitempty"`
		Counties int    `json:"counties,omitempty"`
	}
	k := place.Kept{Record: record, Act: "outlines-kept", Known: known, By: by, After: said{row.File, row.Note, row.Datum, counties}}
	if counties == 0 {
		k.Act = "outlines-dropped"
	}
	if was.File != "" || was.Note != "" {
		k.Before = said{was.File, was.Note, was.Datum, 0}
	}
	return place.Keep(ctx, tx, k)
}

// Source is where the outlines come from; Version 0 when there never were any.
func (s *Service) Source(ctx context.Context) (out Source, err error) {
	var rows []sourceRow
	if err := s.db.NewSelect().Model(&rows).Scan(ctx); err != nil || len(rows) == 0 {
		return out, dbError("outline.Source", err)
	}
	r := rows[0]
	return Source{Version: r.Version, File: r.File, Note: r.Note, Datum: r.Datum, Known: store.Time(r.KnownUS), By: r.By}, nil
}

// Outline is the border of a county.
type Outline struct {
	Place place.ID         `json:"place"`
	Shape orb.MultiPolygon `json:"shape" doc:"Coordinates of a GeoJSON MultiPolygon, WGS-84, simplified"`
}

// Outlines are all there are.
func (s *Service) Outlines(ctx context.Context) ([]Outline, error) {
	const op = "outline.Outlines"
	var rows []shapeRow
	if err := s.db.NewSelect().Model(&rows).Order("place").Scan(ctx); err != nil {
		return nil, dbError(op, err)
	}
	out := make([]Outline, len(rows))
	for i, r := range rows {
		out[i].Place = r.Place
		if err := json.Unmarshal([]byte(r.Shape), &out[i].Shape); err != nil {
			return nil, fault.Wrap(err, fault.Internal, op, "outline.store")
		}
	}
	return out, nil
}

func dbError(op string, err error) error {
	return fault.Ensure(err, fault.Unavailable, op, "outline.store")
}
