package place

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"slices"
	"sync"

	"github.com/oklog/ulid/v2"
	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

const room = "place"

// Options of the room.
type Options struct {
	Clock Clock
}

// Service is what callers may do with places.
type Service struct {
	db    *store.DB
	clock Clock

	mu   sync.Mutex
	tree *Tree
	seq  int64 // of the journal: the tree knows all that was said until then
}

// New brings the tables up to date.
func New(ctx context.Context, db *store.DB, o Options) (*Service, error) {
	sqls, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, room, sqls); err != nil {
		return nil, err
	}
	return &Service{db: db, clock: o.Clock}, nil
}

// Clock is the programme's clock.
func (s *Service) Clock() Clock { return s.clock }

// Tree is all that is said of places now, changes of other processes included.
func (s *Service) Tree(ctx context.Context) (*Tree, error) {
	const op = "place.Tree"
	seq, err := s.db.LastSeq(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tree != nil && s.seq >= seq {
		return s.tree, nil
	}
	if s.tree != nil {
		touched, known, err := s.saidSince(ctx, seq)
		if err != nil {
			return nil, err
		}
		if known {
			for part := range slices.Chunk(touched, batch) {
				versions, err := s.versions(ctx, s.db, part...)
				if err != nil {
					return nil, dbError(op, err)
				}
				s.tree = s.tree.With(versions)
			}
			s.seq = seq
			return s.tree, nil
		}
	}
	versions, err := s.versions(ctx, s.db)
	if err != nil {
		return nil, dbError(op, err)
	}
	s.tree, s.seq = NewTree(versions), seq
	return s.tree, nil
}

// saidSince lists the places that the journal tells of after what the tree
// knows. known is false when the journal does not reach back that far.
func (s *Service) saidSince(ctx context.Context, upTo int64) (touched []ID, known bool, err error) {
	for after := s.seq; after < upTo; {
		events, err := s.db.Events(ctx, after, 500)
		if fault.KindOf(err) == fault.Gone {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			if IsTreeEvent(e) {
				touched = append(touched, ID(e.Subject))
			}
		}
		after = events[len(events)-1].Seq
	}
	slices.Sort(touched)
	return slices.Compact(touched), true, nil
}

// change runs f in one transaction, with the instant at which all it writes
// becomes known and the tree as it stands in there.
func (s *Service) change(ctx context.Context, op string, f func(ctx context.Context, c *writing) error) error {
	return dbError(op, s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		known, err := s.clock.Stamp(ctx, tx)
		if err != nil {
			return err
		}
		return f(ctx, &writing{s: s, tx: tx, known: known, op: op, now: AsOf{s.clock.Today(), known}})
	}))
}

// compounds checks that all of the compounds of some entries are there, or were.
func (w *writing) compounds(ctx context.Context, ids []ID) error {
	for part := range slices.Chunk(ids, batch) {
		n, err := w.tx.NewSelect().Model((*placeRow)(nil)).Where("place IN (?)", bun.List(part)).
			Where("version = 1").Where("level = ?", Compound).Count(ctx)
		if err != nil {
			return err
		}
		if int(n) != len(part) {
			return fault.New(fault.NotFound, w.op, "place.no-compound")
		}
	}
	return nil
}

// newID takes a given id, of an import that knows its places, or makes one.
func newID[T ~string](given T, op string) (T, error) {
	if given == "" {
		return T(store.NewID()), nil
	}
	if _, err := ulid.ParseStrict(string(given)); err != nil {
		return "", fault.New(fault.Invalid, op, "place.bad-id")
	}
	return given, nil
}

func dbError(op string, err error) error {
	if err == nil {
		return nil
	}
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, op, "place.store")
}
