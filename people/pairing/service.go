package pairing

import (
	"context"
	"embed"
	"errors"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

const room = "pairing"

// The journal events of the room whose subject is no compound.
const (
	evUnit    = "unit.added"
	evUnitNow = "unit.changed"
)

// Places is what the room asks of places.
type Places interface {
	Tree(ctx context.Context) (*place.Tree, error)
	Entries(ctx context.Context, compounds ...place.ID) ([]place.Entry, error)
	Rights() *place.Rights
	Told(ctx context.Context, list []place.Trace) []place.Trace
	Traces(ctx context.Context, known time.Time, record string) ([]place.Trace, error)
	KeptOf(ctx context.Context, records ...string) (map[string][]place.Kept, error)
	Called(ctx context.Context, account string) string
}

// Options of the room.
type Options struct {
	Clock    place.Clock
	Places   Places
	Invented func(ctx context.Context) (bool, error) // whether the figures are a demo's; nil: they are not
}

// SetInvented plugs in whether the figures are a demo's; before anything is served.
func (s *Service) SetInvented(f func(ctx context.Context) (bool, error)) { s.o.Invented = f }

// Service is what callers may do with pairings.
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

// writing is one transaction of the room.
type writing struct {
	tx    *store.Tx
	known time.Time
	by    string
	op    string
}

func (s *Service) change(ctx context.Context, op, by string, f func(ctx context.Context, w *writing) error) error {
	return dbError(op, s.o.Clock.Change(ctx, s.db, func(ctx context.Context, tx *store.Tx, known time.Time) error {
		return f(ctx, &writing{tx, known, by, op})
	}))
}

// tell adds one event for each compound, once.
func (w *writing) tell(kind string, compounds []place.ID, data map[string]any) error {
	data["by"] = w.by
	slices.Sort(compounds)
	for _, c := range slices.Compact(compounds) {
		if err := w.tx.Emit(room, kind, string(c), data); err != nil {
			return err
		}
	}
	return nil
}

// CompoundsOf are the compounds that a journal event of this room tells of; none for
// another event.
func CompoundsOf(e store.Event) []place.ID {
	if e.Room != room || e.Kind == evUnit || e.Kind == evUnitNow {
		return nil
	}
	return []place.ID{place.ID(e.Subject)}
}

// Pair pairs units with weak compounds.
func (s *Service) Pair(ctx context.Context, by string, list []Pairing) ([]Pairing, error) {
	out := slices.Clone(list)
	err := s.change(ctx, "pairing.Pair", by, func(ctx context.Context, w *writing) error {
		if err := s.checkPairs(ctx, w, out); err != nil {
			return err
		}
		rows := make([]pairingRow, len(out))
		compounds := make([]place.ID, len(out))
		for i := range out {
			p := &out[i]
			if err := newID(&p.ID, w.op); err != nil {
				return err
			}
			p.Known, p.By, p.Until, p.UntilKnown, p.UntilBy = w.known, by, 0, nil, ""
			rows[i] = pairingRow{ID: p.ID, Compound: p.Compound, Unit: p.Unit, About: p.About, KnownUS: store.Micros(p.Known), By: by}
			compounds[i] = p.Compound
		}
		if err := insert(ctx, w.tx, rows); err != nil {
			return err
		}
		return w.tell("pairing.begun", compounds, map[string]any{})
	})
	return out, err
}

// checkPairs: the unit is known, the compound is there and weak on the day.
func (s *Service) checkPairs(ctx context.Context, w *writing, list []Pairing) error {
	units, err := s.Units(ctx)
	if err != nil {
		return err
	}
	known := map[UnitID]bool{}
	for _, u := range units {
		known[u.ID] = true
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return err
	}
	ids := make([]place.ID, len(list))
	for i := range list {
		ids[i] = list[i].Compound
	}
	marks := map[place.ID][]place.Entry{}
	for part := range slices.Chunk(ids, batch) {
		entries, err := s.o.Places.Entries(ctx, part...)
		if err != nil {
			return err
		}
		for _, e := range entries {
			marks[e.Compound] = append(marks[e.Compound], e)
		}
	}
	for i, p := range list {
		q := place.AsOf{Day: p.About, Known: w.known}
		var bad place.Problems
		if p.About == 0 {
			bad.Add("from", "place.field.required")
		}
		if !known[p.Unit] {
			bad.Add("unit", "pairing.no-unit")
		}
		if v, ok := tree.At(q, p.Compound); !ok || v.Level != place.Compound {
			bad.Add("compound", "place.no-compound")
		} else if !place.Marked(q, marks[p.Compound], place.MarkWeak) {
			bad.Add("compound", "pairing.not-weak")
		}
		if err := bad.Fault(w.op, "pairing.invalid"); err != nil {
			return inRow(err, i, len(list))
		}
	}
	return nil
}

// Unpair says that a pairing is there no longer from a day on. seen is the
// version that the caller saw.
func (s *Service) Unpair(ctx context.Context, by string, id ID, seen int64, until place.Day) (Pairing, error) {
	var p Pairing
	err := s.change(ctx, "pairing.Unpair", by, func(ctx context.Context, w *writing) (err error) {
		if p, err = w.standing(ctx, id, seen); err != nil {
			return err
		}
		if until <= p.About {
			return fault.New(fault.Invalid, w.op, "place.field.order")
		}
		p.Until, p.UntilKnown, p.UntilBy = until, &w.known, by
		_, err = w.tx.NewUpdate().Model((*pairingRow)(nil)).Set("until_day = ?, until_known_us = ?, until_by = ?", until, store.Micros(w.known), by).
			Where("id = ?", id).Where("until_day = 0").Exec(ctx)
		if err != nil {
			return err
		}
		return w.tell("pairing.ended", []place.ID{p.Compound}, map[string]any{"until": until})
	})
	return p, err
}

// standing reads a pairing that has not ended, at the version seen.
func (w *writing) standing(ctx context.Context, id ID, seen int64) (Pairing, error) {
	list, err := read(ctx, w.tx.NewSelect().Model((*pairingRow)(nil)).Where("id = ?", id), nil, (*pairingRow).pairing)
	switch {
	case err != nil:
		return Pairing{}, err
	case len(list) == 0:
		return Pairing{}, fault.New(fault.NotFound, w.op, "pairing.no-pairing")
	case list[0].Until != 0 && (seen == place.Whatever || seen == list[0].Version()):
		return Pairing{}, fault.New(fault.Conflict, w.op, "pairing.has-ended")
	}
	return list[0], place.SameVersion(w.op, seen, list[0].Version())
}

// of reads some pairings.
func (w *writing) of(ctx context.Context, ids []ID) (map[ID]Pairing, error) {
	out := map[ID]Pairing{}
	for part := range slices.Chunk(ids, batch) {
		list, err := read(ctx, w.tx.NewSelect().Model((*pairingRow)(nil)).Where("id IN (?)", bun.List(part)), nil, (*pairingRow).pairing)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			out[p.ID] = p
		}
	}
	return out, nil
}

// newID takes a given id or makes one.
func newID[T ~string](id *T, op string) error {
	if *id == "" {
		*id = T(store.NewID())
		return nil
	}
	if _, err := ulid.ParseStrict(string(*id)); err != nil {
		return fault.New(fault.Invalid, op, "place.bad-id")
	}
	return nil
}

// inRow says which of several entries an error is about.
func inRow(err error, i, of int) error {
	var f *fault.Error
	if errors.As(err, &f) && of > 1 {
		for j := range f.Fields {
			f.Fields[j].Path = place.Row(i, f.Fields[j].Path)
		}
	}
	return err
}

func dbError(op string, err error) error {
	return fault.Ensure(err, fault.Unavailable, op, "pairing.store")
}
