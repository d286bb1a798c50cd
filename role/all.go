package role

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/access/identity"
	"linli.dev/linli/access/ledger"
	"linli.dev/linli/api"
	"linli.dev/linli/camera"
	"linli.dev/linli/link"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/live"
	"linli.dev/linli/media/play"
	"linli.dev/linli/media/record"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/people/sheet"
	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/protocol/onvif"
	"linli.dev/linli/protocol/rtsp"
	"linli.dev/linli/protocol/whep"
	"linli.dev/linli/store"
)

// An orderly end takes at most 5 s, whatever hangs: service managers and people with a finger on Ctrl-C wait that long. Within it the
// stages have theirs, and then what Open took is given back.
const (
	stagesLimit = 4300 * time.Millisecond
	stopLimit   = 4800 * time.Millisecond
)

// All is a compound on one machine: every room there is, wired.
type All struct {
	cfg     Config
	log     *slog.Logger
	unlock  func()
	started time.Time

	db        *store.DB
	vault     *store.Vault
	server    *api.Server
	identity  *identity.Service
	door      *grant.Door
	cameras   *camera.Service
	city      City
	lists     *sheet.Service
	sightings *sightings
	link      *link.Reporter // nil: there is no hub to report to
	clock     *standingClock
	loop      *rtsp.Loop
	hub       *stream.Hub
	keys      *onvif.Keys
	lockouts  *lockout.Memory
	ledger    *ledger.Ledger
	archive   *archive.Archive
	recorder  *record.Recorder
	purger    *archive.Purger
	trimmer   *store.Trimmer
	dates     *store.Dates
	checker   *archive.Checker // nil: nothing is checked in the background
	port      *whep.Port
	live      *live.Room
	play      *play.Room

	desktop net.Listener
	first   []identity.FirstPassword
	reached chan string // the address, once browsers are answered
}

// Open takes the data folder, brings every room up to date and listens; nothing runs before Run.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (_ *All, err error) {
	frugal()
	if cfg.Data, err = filepath.Abs(cfg.Data); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	a := &All{cfg: cfg, log: log, started: time.Now(), reached: make(chan string, 1)}
	defer func() {
		if err != nil {
			_ = a.Close()
		}
	}()
	if a.unlock, err = store.Lock(cfg.Data); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{
		a.openStore, a.openServer, a.openLedger, a.openPeople, a.openProgramme, a.openCameras, a.openLink, a.openFootage, a.openTrimmer, a.openViews, a.addRooms, a.listen,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *All) openStore(ctx context.Context) (err error) {
	opt := storeOptions(a.cfg, a.log)
	opt.Ballast = true
	if a.db, err = store.Open(ctx, opt); err != nil {
		return err
	}
	a.vault, err = store.OpenVault(a.cfg.Data, func() (bool, error) { return camera.HoldsSecrets(ctx, a.db) }, func() (bool, error) { return ledger.HoldsSecrets(ctx, a.db) })
	return err
}

// OpenDB opens the database that the configuration names; short commands use it beside a running server.
func OpenDB(ctx context.Context, cfg Config, log *slog.Logger) (*store.DB, error) {
	return store.Open(ctx, storeOptions(cfg, log))
}

// ReadDB opens it for a command that checks it, and writes nothing.
func ReadDB(ctx context.Context, cfg Config, log *slog.Logger) (*store.DB, error) {
	opt := storeOptions(cfg, log)
	opt.ReadOnly = true
	return store.Open(ctx, opt)
}

func storeOptions(cfg Config, log *slog.Logger) store.Options {
	return store.Options{Path: filepath.Join(cfg.Data, "linli.db"), URL: cfg.Database, Log: log.With("room", "store")}
}

// Config is what the operator decided.
func (a *All) Config() Config { return a.cfg }

// Register is the register of cameras, for the demo.
func (a *All) Register() *camera.Service { return a.cameras }

// Run serves until ctx ends or a part fails; ready is told the address once browsers are answered. Then it stops in order: first what people see, then what comes from the
// cameras, then the recorder, which closes its open fragments, and last the register and the database that all
// of them write to.
func (a *All) Run(ctx context.Context, ready func(url string)) error {
	s := newStages(a.log)
	s.start("ledger", a.ledger.Run) // first: what the others do at their end is entered too
	s.start("this start", a.enterStart)
	s.start("identity", a.identity.Run)
	s.start("door", a.door.Run)
	s.start("health of cameras", a.cameras.Run)
	s.start("programme", a.city.Programme.Run)
	s.start("supervision", a.city.Tasks.Run)
	s.start("node", a.keepNode)
	s.start("silence of nodes", a.hearSilence)
	if a.link != nil {
		s.start("reports to the hub", a.reportToHub)
	}
	s.startWriter("recorder", a.recorder.Run)
	s.start("retention", a.purger.Run)
	s.start("journal", a.trimmer.Run)
	s.start("dates of the journal", a.dates.Run)
	s.start("photos", a.purgePhotos)
	if a.checker != nil {
		s.start("check of footage", a.checker.Run)
	}
	s.start("streams", a.hub.Run)
	s.start("register", a.followRegister)
	if a.desktop != nil {
		s.start("desktop players", a.serveDesktop)
	}
	if a.cfg.Profile != "" {
		s.start("profiler", a.profile)
	}
	s.start("pages", a.serve)
	s.start("settling", settle)
	go func() {
		select {
		case url := <-a.reached:
			ready(url)
		case <-ctx.Done():
		}
	}()
	err := s.wait(ctx)
	begin := time.Now()
	a.log.Info("stopping")
	err = errors.Join(err, s.stop(stagesLimit), within(begin.Add(stopLimit), "closing", a.Close))
	a.log.Info("stopped", "took", time.Since(begin).Round(time.Millisecond))
	return err
}

// Close gives back what Open took, last taken first. Rooms that never opened are nil.
func (a *All) Close() error {
	var errs []error
	closing := func(ok bool, f func() error) {
		if ok {
			if err := f(); err != nil && !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	closing(a.desktop != nil, func() error { return a.desktop.Close() })
	closing(a.keys != nil, func() error { return a.keys.Close() })
	closing(a.live != nil, func() error { return a.live.Close() })
	closing(a.port != nil, func() error { return a.port.Close() })
	closing(a.door != nil, func() error { return a.door.Close() })
	closing(a.loop != nil, func() error { return a.loop.Close() })
	closing(a.ledger != nil, func() error { return a.closeLedger() })
	closing(a.lists != nil, func() error { return a.lists.Close() })
	closing(a.db != nil, func() error { return a.db.Close() })
	if a.unlock != nil {
		a.unlock()
		a.unlock = nil
	}
	a.desktop, a.keys, a.live, a.port, a.door, a.loop, a.ledger, a.lists, a.db = nil, nil, nil, nil, nil, nil, nil, nil, nil
	return errors.Join(errs...)
}
