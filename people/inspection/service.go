package inspection

import (
	"context"
	"embed"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

const room = "inspection"

// The kinds of the room's journal events. Their subject is the compound, but
// for those about forms.
const (
	evPlanned   = "inspection.planned"
	evAnswered  = "inspection.answered"
	evSigned    = "inspection.signed"
	evFinished  = "inspection.finished"
	evCancelled = "inspection.cancelled"
	evMend      = "inspection.mend-stepped"
	evForm      = "inspection.form-changed"
	evPublished = "inspection.form-published"
)

// Places is the tree, for names and levels, and who may do what where.
type Places interface {
	Tree(ctx context.Context) (*place.Tree, error)
	Rights() *place.Rights
	Traces(ctx context.Context, known time.Time, record string) ([]place.Trace, error)
	DemoMark(ctx context.Context) (string, error) // what files say where the figures are a demo's; "": they are not
}

// Inspector is an account that may be one of a team.
type Inspector struct {
	Account string     `json:"account"`
	Name    string     `json:"name"`
	At      []place.ID `json:"at" doc:"The places of its offices: it inspects compounds under them"`
}

// Accounts tells who may be one of a team, and what people call accounts. role plugs it in.
type Accounts interface {
	Inspectors(ctx context.Context) ([]Inspector, error)
	// Names is what people call accounts; nil entries are called by their id.
	Names(ctx context.Context) (map[string]string, error)
}

// Options of the room.
type Options struct {
	Clock  place.Clock
	Places Places
}

// Service is what callers may do with forms and inspections.
type Service struct {
	db       *store.DB
	o        Options
	accounts Accounts // nil: any account may be one of a team
}

// New brings the tables up to date.
func New(ctx context.Context, db *store.DB, o Options) (*Service, error) {
	if err := db.Migrate(ctx, room, migrations); err != nil {
		return nil, err
	}
	return &Service{db: db, o: o}, nil
}

// SetAccounts plugs in who signs in; before anything is served.
func (s *Service) SetAccounts(a Accounts) { s.accounts = a }

// names reads what people call accounts.
func (s *Service) names(ctx context.Context) (called, error) {
	if s.accounts == nil {
		return nil, nil
	}
	return s.accounts.Names(ctx)
}

// called is what people call accounts; one that is gone is called by its id.
type called map[string]string

func (c called) name(account string) string {
	if name := c[account]; name != "" {
		return name
	}
	return account
}

// CompoundsOf are the compounds of which a journal event of this room may
// change the standing; none for another event.
func CompoundsOf(e store.Event) []place.ID {
	if e.Room != room || e.Kind != evFinished && e.Kind != evMend {
		return nil
	}
	return []place.ID{place.ID(e.Subject)}
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

func (s *Service) today() place.AsOf { return s.o.Clock.AtClose(s.o.Clock.Today()) }

func dbError(op string, err error) error {
	return fault.Ensure(err, fault.Unavailable, op, "inspection.store")
}
