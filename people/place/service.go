package place

import (
	"context"
	"embed"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/uptrace/bun"

	"linli.dev/linli/access/policy"
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
	Clock   Clock
	Helpers Helpers // nil: nobody helps; set it later with SetHelpers
}

// Service is what callers may do with places.
type Service struct {
	db     *store.DB
	clock  Clock
	rights *Rights

	cameras   Cameras                                                                     // nil: this machine has none
	sightings Sightings                                                                   // nil: no other machine reports
	lapsed    atomic.Int64                                                                // the day on which silence was last looked at
	invented  func(ctx context.Context) (bool, error)                                     // whether the figures are a demo's; nil: they are not
	since     func(ctx context.Context, at time.Time, places []ID) (map[ID]string, error) // nil: no other room keeps anything
	names     func(ctx context.Context, accounts ...string) map[string]string             // nil: accounts are called by their id

	folders []Folder // of a compound's evidence, from other rooms

	written writtenNames // of divisions, in English
	located atomic.Pointer[located]
	kept    atomic.Pointer[kept]
	refresh sync.Mutex // one reads what is new, the others wait for it
}

// kept is a tree that knows all that was said until a number of the journal.
type kept struct {
	tree *Tree
	seq  int64
}

// New brings the tables up to date.
func New(ctx context.Context, db *store.DB, o Options) (*Service, error) {
	if err := db.Migrate(ctx, room, migrations); err != nil {
		return nil, err
	}
	rules, err := policy.NewOffices()
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "place.New", "place.store")
	}
	s := &Service{db: db, clock: o.Clock}
	s.rights = &Rights{s: s, rules: rules, helpers: o.Helpers}
	return s, nil
}

// Rights says who may do what at places, for every room of the programme.
func (s *Service) Rights() *Rights { return s.rights }

// Clock is the programme's clock.
func (s *Service) Clock() Clock { return s.clock }

// Tree is all that is said of places now, changes of other processes included.
// Within a Change it is what was there before it.
func (s *Service) Tree(ctx context.Context) (*Tree, error) {
	seq, err := s.db.LastSeq(ctx)
	if err != nil {
		return nil, err
	}
	if k := s.kept.Load(); k != nil && k.seq >= seq {
		return k.tree, nil
	}
	if s.db.InChange(ctx) {
		// A transaction waits for nobody: who holds the lock may wait for its connection. And what it reads may be
		// undone, so it is not kept.
		k, err := s.upTo(ctx, s.kept.Load(), seq)
		return k.tree, err
	}
	s.refresh.Lock()
	defer s.refresh.Unlock()
	k := s.kept.Load()
	if k != nil && k.seq >= seq {
		return k.tree, nil
	}
	if k, err = s.upTo(ctx, k, seq); err != nil {
		return nil, err
	}
	s.kept.Store(k)
	return k.tree, nil
}

// upTo grows a tree by what was said since, or reads it anew.
func (s *Service) upTo(ctx context.Context, k *kept, seq int64) (*kept, error) {
	const op = "place.Tree"
	if k != nil {
		touched, known, err := s.saidSince(ctx, k.seq, seq)
		if err != nil {
			return k, err
		}
		if known {
			tree := k.tree
			for part := range slices.Chunk(touched, batch) {
				versions, err := s.versions(ctx, s.db, part...)
				if err != nil {
					return k, dbError(op, err)
				}
				tree = tree.With(versions)
			}
			return &kept{tree, seq}, nil
		}
	}
	versions, err := s.versions(ctx, s.db)
	return &kept{NewTree(versions), seq}, dbError(op, err)
}

// saidSince lists the places that the journal tells of between two numbers.
// known is false when the journal does not reach back that far.
func (s *Service) saidSince(ctx context.Context, after, upTo int64) (touched []ID, known bool, err error) {
	for after < upTo {
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
				touched = append(touched, toldOf(e)...)
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
	return dbError(op, s.clock.Change(ctx, s.db, func(ctx context.Context, tx *store.Tx, known time.Time) error {
		return f(ctx, &writing{s: s, tx: tx, known: known, op: op, now: AsOf{s.clock.Today(), known}})
	}))
}

// compounds checks that all of the compounds of some entries are there, or were.
func (w *writing) compounds(ctx context.Context, ids []ID) error {
	if w.tx.Staged() { // what it has founded itself cannot be found yet; who stages has seen to it
		return nil
	}
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
	return fault.Ensure(err, fault.Unavailable, op, "place.store")
}
