package bulletin

import (
	"context"
	"embed"
	"io/fs"
	"slices"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

const room = "bulletin"

// The kinds of the room's journal events.
const (
	evWritten = "bulletin.written" // written, reviewed, sent back, dropped
	evIssued  = "bulletin.issued"
	evOffice  = "bulletin.office"
)

// Places is the tree, for names and levels, and who may do what where.
type Places interface {
	Tree(ctx context.Context) (*place.Tree, error)
	Rights() *place.Rights
	Traces(ctx context.Context, known time.Time, record string) ([]place.Trace, error)
}

// Options of the room.
type Options struct {
	Clock    place.Clock
	Places   Places
	Composer Composer
}

// Service is what callers may do with bulletins.
type Service struct {
	db     *store.DB
	o      Options
	voices map[string]*api.Voice
	url    string
	names  func(ctx context.Context, account string) string
}

// New brings the tables up to date.
func New(ctx context.Context, db *store.DB, o Options) (*Service, error) {
	if err := db.Migrate(ctx, room, migrations); err != nil {
		return nil, err
	}
	s := &Service{db: db, o: o, voices: map[string]*api.Voice{}, names: func(_ context.Context, account string) string { return account }}
	for _, lang := range langs {
		v, err := api.NewVoice(lang, sentences())
		if err != nil {
			return nil, err
		}
		s.voices[lang] = v
	}
	return s, nil
}

// SetPublicURL says where the pages are, for the links of files, and SetNames
// what people call an account; before anything is served.
func (s *Service) SetPublicURL(url string) { s.url = url }

// SetNames plugs in what people call an account.
func (s *Service) SetNames(f func(ctx context.Context, account string) string) { s.names = f }

func sentences() fs.FS { return api.Messages(messages) }

func (s *Service) today() place.AsOf { return s.o.Clock.AtClose(s.o.Clock.Today()) }

// writing is one transaction of the room.
type writing struct {
	tx    *store.Tx
	known time.Time
}

func (s *Service) change(ctx context.Context, op string, f func(ctx context.Context, w *writing) error) error {
	return dbError(op, s.o.Clock.Change(ctx, s.db, func(ctx context.Context, tx *store.Tx, known time.Time) error {
		return f(ctx, &writing{tx, known})
	}))
}

func dbError(op string, err error) error {
	return fault.Ensure(err, fault.Unavailable, op, "bulletin.store")
}

// Begin drafts a bulletin of an office. Without a day to compare with, changes
// are counted from its last bulletin, or for a month.
func (s *Service) Begin(ctx context.Context, by string, office place.ID, words Words, corrects ID) (Bulletin, error) {
	const op = "bulletin.Begin"
	if _, err := s.Office(ctx, office); err != nil {
		return Bulletin{}, err
	}
	b := Bulletin{ID: ID(store.NewID()), Office: office, Corrects: corrects, Words: words}
	if corrects != "" {
		old, err := s.Bulletin(ctx, corrects)
		if err != nil {
			return b, err
		}
		if old.State != Issued || old.Office != office {
			return b, fault.New(fault.Conflict, op, "bulletin.not-issued")
		}
		if old.CorrectedBy != "" {
			return b, fault.New(fault.Conflict, op, "bulletin.corrected-already")
		}
		b.Day, b.Since = old.Day, old.Since
		if b.Added == nil {
			b.Added = old.Added
		}
		if b.Title == "" && b.InEn == "" {
			b.Title, b.InEn = old.Title, old.InEn
		}
	}
	if b.Since == 0 && b.Day != 0 {
		b.Since = b.Day.AddMonths(-1)
		last, err := s.List(ctx, Filter{Office: office, Issued: true})
		if err != nil {
			return b, err
		}
		for _, l := range last {
			if l.Day < b.Day { // the newest first
				b.Since = l.Day
				break
			}
		}
	}
	return s.save(ctx, op, by, 0, b)
}

// Write changes a draft. One that was reviewed is a draft again.
func (s *Service) Write(ctx context.Context, by string, seen int64, id ID, words Words) (Bulletin, error) {
	const op = "bulletin.Write"
	b, err := s.Bulletin(ctx, id)
	if err != nil {
		return b, err
	}
	if b.Corrects != "" && words.Day != b.Day {
		return b, fault.New(fault.Invalid, op, "bulletin.other-day")
	}
	b.Words = words
	return s.save(ctx, op, by, seen, b)
}

// save checks the words, and keeps them as a draft.
func (s *Service) save(ctx context.Context, op, by string, seen int64, b Bulletin) (Bulletin, error) {
	if err := b.check(s.o.Clock.Today(), nil).Fault(op, "bulletin.invalid"); err != nil {
		return b, err
	}
	known, err := s.figures(ctx, b)
	if err != nil {
		return b, err
	}
	if err := b.check(s.o.Clock.Today(), known).Fault(op, "bulletin.invalid"); err != nil {
		return b, err
	}
	err = s.change(ctx, op, func(ctx context.Context, w *writing) error {
		var row bulletinRow
		if seen != 0 {
			if row, err = s.rowFor(ctx, w, op, seen, b.ID); err != nil {
				return err
			}
		}
		fresh, was := row.Version == 0, row
		row.write(&b)
		row.Version, row.State, row.By, row.KnownUS, row.Checker, row.Hash, row.SentBack = row.Version+1, Draft, by, store.Micros(w.known), "", "", ""
		row.PinnedUS, row.CheckedUS = 0, 0
		if !slices.Contains(row.writers(), by) {
			row.Writers = row.join(by)
		}
		if err := w.put(ctx, &row, fresh); err != nil {
			return err
		}
		act := "changed"
		if fresh {
			act = "added"
		}
		if err := w.keep(ctx, act, by, "", &was, &row); err != nil {
			return err
		}
		return w.tell(ctx, &row, evWritten, by)
	})
	if err != nil {
		return b, err
	}
	return s.Bulletin(ctx, b.ID)
}

// figures are the names that may stand in an office's own paragraphs.
func (s *Service) figures(ctx context.Context, b Bulletin) ([]string, error) {
	o, err := s.Office(ctx, b.Office)
	if err != nil {
		return nil, err
	}
	b.Added, b.Corrects = nil, ""
	p, err := s.page(ctx, &b, o, "public", "zh")
	if err != nil {
		return nil, err
	}
	out := make([]string, len(p.Figures))
	for i, f := range p.Figures {
		out[i] = f.Key
	}
	return out, nil
}

// rowFor reads a bulletin for a change of one who saw a version, while it can be
// changed.
func (s *Service) rowFor(ctx context.Context, w *writing, op string, seen int64, id ID) (bulletinRow, error) {
	var row bulletinRow
	err := w.tx.ForUpdate(w.tx.NewSelect().Model(&row).Where("id = ?", id)).Scan(ctx)
	if err != nil {
		return row, noRow(op, err)
	}
	if row.State == Issued {
		return row, fault.New(fault.Conflict, op, "bulletin.frozen")
	}
	if row.State == Dropped {
		return row, fault.New(fault.Conflict, op, "bulletin.dropped")
	}
	return row, place.SameVersion(op, seen, row.Version)
}

// Drop throws a draft away; it stays on record.
func (s *Service) Drop(ctx context.Context, by string, seen int64, id ID) error {
	const op = "bulletin.Drop"
	return s.change(ctx, op, func(ctx context.Context, w *writing) error {
		row, err := s.rowFor(ctx, w, op, seen, id)
		if err != nil {
			return err
		}
		was := row
		row.Version, row.State, row.KnownUS, row.By = row.Version+1, Dropped, store.Micros(w.known), by
		if err := w.put(ctx, &row, false); err != nil {
			return err
		}
		if err := w.keep(ctx, "dropped", by, "", &was, &row); err != nil {
			return err
		}
		return w.tell(ctx, &row, evWritten, by)
	})
}
