package programme

import (
	"context"
	"embed"
	"errors"
	"slices"
	"sync"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

const room = "programme"

// Evidence is what another room knows of compounds. role plugs in one for each
// room.
type Evidence interface {
	// Facts tells what there is to say of some compounds; of all when none is
	// named.
	Facts(ctx context.Context, compounds []place.ID) ([]Fact, error)
	// Touched tells which compounds an event of the journal is about. all: it
	// may be any.
	Touched(e store.Event) (compounds []place.ID, all bool)
}

// Places is the tree, for names and levels, and who may do what in it.
type Places interface {
	Tree(ctx context.Context) (*place.Tree, error)
	Rights() *place.Rights
	DemoMark(ctx context.Context) (string, error)
	EnglishNames(ctx context.Context, q place.AsOf) (map[string]string, error)
	Told(ctx context.Context, list []place.Trace) []place.Trace
	Called(ctx context.Context, account string) string
	Traces(ctx context.Context, known time.Time, record string) ([]place.Trace, error)
	Entries(ctx context.Context, compounds ...place.ID) ([]place.Entry, error)
	Enter(ctx context.Context, by string, list []place.Entry) error
	Entry(ctx context.Context, compound place.ID, v place.Voiding) (place.Entry, error)
	Void(ctx context.Context, by string, compound place.ID, v place.Voiding) error
	End(ctx context.Context, by string, id place.ID, seen int64, day place.Day, note string) (place.Version, error)
	Merge(ctx context.Context, by string, seen int64, from []place.ID, into place.ID, day place.Day, note string) error
}

// Options of the room.
type Options struct {
	Clock    place.Clock
	Places   Places
	Evidence []Evidence
	// Span is for how many days a connection counts after it was last seen; 0: 30.
	Span int
}

// Service is what callers may do with the programme.
type Service struct {
	db *store.DB
	o  Options
	at string // where the pages are, for links in files; "" makes none

	story Story // of a demo; nil in earnest

	mu   sync.Mutex // one brings the book up to date, the others wait for it
	book *Book
	seq  int64 // of the journal: the book knows all that was said until then
}

// New brings the tables up to date.
func New(ctx context.Context, db *store.DB, o Options) (*Service, error) {
	if err := db.Migrate(ctx, room, migrations); err != nil {
		return nil, err
	}
	return &Service{db: db, o: o}, nil
}

// SetPublicURL says where the pages are, for the links of files; before anything
// is served.
func (s *Service) SetPublicURL(url string) { s.at = url }

// Run keeps the book warm, so that no reader waits for many changes at once.
func (s *Service) Run(ctx context.Context) error {
	for {
		_, err := s.Book(ctx)
		if err == nil {
			s.mu.Lock()
			after := s.seq
			s.mu.Unlock()
			news := errors.New("news")
			err = s.db.Follow(ctx, after, func(store.Event) error { return news })
			if errors.Is(err, news) {
				continue
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if fault.KindOf(err) == fault.Gone {
			continue // it was trimmed past us: the book is read anew
		}
		select { // the database will answer again
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Book is everything that is said of compounds now, changes of other processes
// included: it is brought up to date before it is given.
func (s *Service) Book(ctx context.Context) (*Book, error) {
	seq, err := s.db.LastSeq(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.book == nil {
		return s.read(ctx, seq)
	}
	touched := map[place.ID]bool{}
	for s.seq < seq {
		events, err := s.db.Events(ctx, s.seq, 500)
		if fault.KindOf(err) == fault.Gone {
			return s.read(ctx, seq)
		}
		if err != nil {
			return nil, err
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			if s.touched(e, touched) {
				return s.read(ctx, seq)
			}
		}
		// Should reading the facts fail below, these compounds are read at the next try.
		if err := s.refresh(ctx, touched); err != nil {
			return nil, err
		}
		s.seq = events[len(events)-1].Seq
	}
	return s.book, nil
}

// touched gathers the compounds that an event is about; true: everything is to
// be read anew.
func (s *Service) touched(e store.Event, into map[place.ID]bool) bool {
	if e.Room == room && (e.Kind == evMilestone || e.Kind == evProgramme) {
		return true
	}
	for _, c := range ownCompounds(e) {
		into[c] = true
	}
	for _, ev := range s.o.Evidence {
		compounds, all := ev.Touched(e)
		if all {
			return true
		}
		for _, c := range compounds {
			into[c] = true
		}
	}
	return false
}

// refresh reads some compounds anew.
func (s *Service) refresh(ctx context.Context, touched map[place.ID]bool) error {
	ids := make([]place.ID, 0, len(touched))
	for id := range touched {
		ids = append(ids, id)
	}
	for part := range slices.Chunk(ids, batch) {
		facts, err := s.all(ctx, part)
		if err != nil {
			return err
		}
		s.book.Replace(part, facts)
	}
	clear(touched)
	return nil
}

// read makes the book from all rows.
func (s *Service) read(ctx context.Context, seq int64) (*Book, error) {
	milestones, err := s.Milestones(ctx)
	if err != nil {
		return nil, err
	}
	versions, err := s.Programmes(ctx)
	if err != nil {
		return nil, err
	}
	facts, err := s.all(ctx, nil)
	if err != nil {
		return nil, err
	}
	s.book, s.seq = NewBook(s.o.Clock, NewRules(s.o.Clock, s.o.Span, milestones).SpansOf(versions), facts), seq
	return s.book, nil
}

// all gathers what every room has to say.
func (s *Service) all(ctx context.Context, compounds []place.ID) ([]Fact, error) {
	out, err := s.facts(ctx, compounds)
	if err != nil {
		return nil, dbError("programme.Book", err)
	}
	for _, ev := range s.o.Evidence {
		more, err := ev.Facts(ctx, compounds)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// writing is one transaction of the room.
type writing struct {
	s     *Service
	tx    *store.Tx
	known time.Time
	by    string
	op    string
}

func (s *Service) change(ctx context.Context, op, by string, f func(ctx context.Context, w *writing) error) error {
	return dbError(op, s.o.Clock.Change(ctx, s.db, func(ctx context.Context, tx *store.Tx, known time.Time) error {
		return f(ctx, &writing{s, tx, known, by, op})
	}))
}

// there tells whether a place is a compound on a day.
func (w *writing) there(ctx context.Context) (func(on place.Day, id place.ID) bool, error) {
	tree, err := w.s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	return func(on place.Day, id place.ID) bool {
		v, ok := tree.At(place.AsOf{Day: on, Known: w.known}, id)
		return ok && v.Level == place.Compound
	}, nil
}

func dbError(op string, err error) error {
	return fault.Ensure(err, fault.Unavailable, op, "programme.store")
}
