package sheet

import (
	"context"
	"embed"
	"errors"
	"os"
	"path/filepath"
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

const room = "sheet"

// Places is what the room asks of places.
type Places interface {
	facts
	Tree(ctx context.Context) (*place.Tree, error)
	Rights() *place.Rights
	DemoMark(ctx context.Context) (string, error)
	Writer
}

// Writer is what the room has places do.
type Writer interface {
	Found(ctx context.Context, by string, list []place.NewPlace) ([]place.Version, error)
	Change(ctx context.Context, by string, id place.ID, seen int64, e place.Edit) (place.Version, error)
	End(ctx context.Context, by string, id place.ID, seen int64, day place.Day, note string) (place.Version, error)
	Enter(ctx context.Context, by string, list []place.Entry) error
	Count(ctx context.Context, by string, list []place.Count) error
	Locate(ctx context.Context, by string, list []place.Point) error
	AddChannels(ctx context.Context, by string, list []place.Channel, steps []place.ChannelStep) error
	StepChannels(ctx context.Context, by string, steps []place.ChannelStep) error
	ChangeChannel(ctx context.Context, by string, id place.ChannelID, seen int64, e place.ChannelEdit) (place.Channel, error)
	AddAreas(ctx context.Context, by string, list []place.Area) error
	ChangeArea(ctx context.Context, by string, id place.AreaID, seen int64, name *string, until *place.Day) (place.Area, error)
}

// Since tells what other rooms have come to keep of places after an instant
// (a task, a notice, a county's return), each place with the code of a sentence.
// role plugs it in: no room reads another's tables.
type Since interface {
	Since(ctx context.Context, at time.Time, places []place.ID) (map[place.ID]string, error)
}

// What can have come to hang on a place.
const (
	OnTask   = "sheet.on-task"
	OnNotice = "sheet.on-notice"
	OnReturn = "sheet.on-return"
)

// Sender is who asks: whose list it is, in which language it is answered, and of which places it may speak.
type Sender struct {
	Account string
	Lang    string
	May     func(place.ID) bool // nil: of all
	Take    func(place.ID) bool // of which they may say that a compound takes part in the programme; nil: of all
	Own     func(place.ID) bool // of which few volunteers are told as they are (place.Own); nil: of none
}

func (s Sender) may(id place.ID) bool { return s.May == nil || s.May(id) }

// Options of the room.
type Options struct {
	Clock  place.Clock
	Places Places
	// Programme is told who takes part; nil: lists do not say it.
	Programme Programme
	// Since is told what hangs on places; nil: only the journal is asked.
	Since Since
	// Names is what people call an account; nil: by its id.
	Names func(ctx context.Context, account string) string
	// Dir is where uploads lie until they are done with, or an hour has passed. It is the room's own: what a server
	// that ended left there is removed. Empty: a new folder among the temporary ones.
	Dir string
}

// Service is what callers may do with lists.
type Service struct {
	db *store.DB
	o  Options

	ctx     context.Context // of the work on drafts
	end     context.CancelFunc
	work    sync.WaitGroup
	slots   chan struct{} // as many lists are read at once
	mu      sync.Mutex
	drafts  map[string]*draft
	machine func() time.Time
	landed  func(*store.Stage) // of a list that was put where it belongs; for tests
}

// New brings the tables up to date and empties the folder.
func New(ctx context.Context, db *store.DB, o Options) (*Service, error) {
	if err := db.Migrate(ctx, room, migrations); err != nil {
		return nil, err
	}
	if o.Dir == "" {
		var err error
		if o.Dir, err = os.MkdirTemp("", "linli-lists-"); err != nil {
			return nil, err
		}
	} else if err := os.RemoveAll(o.Dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	// A server that ended while it staged a list has left rows of an import that is not.
	if _, err := db.ExecContext(ctx, "DELETE FROM sheet_rows WHERE import NOT IN (SELECT id FROM sheet_imports)"); err != nil {
		return nil, err
	}
	s := &Service{db: db, o: o, slots: make(chan struct{}, 2), drafts: map[string]*draft{}, machine: time.Now}
	s.ctx, s.end = context.WithCancel(context.WithoutCancel(ctx))
	return s, nil
}

// Close ends the work on lists; what was not committed is not there afterwards.
func (s *Service) Close() error {
	s.end()
	s.work.Wait()
	return os.RemoveAll(filepath.Clean(s.o.Dir))
}

func (s *Service) today() place.AsOf {
	day := s.o.Clock.Today()
	return place.AsOf{Day: day, Known: s.o.Clock.Close(day)}
}

func dbError(op string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fault.Ensure(err, fault.Unavailable, op, "sheet.store")
}
