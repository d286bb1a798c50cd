package camera

import (
	"context"
	"embed"
	"log/slog"
	"sync"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/protocol/onvif"
	"linli.dev/linli/protocol/rtsp"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

// Vault seals what opens a device. *store.Vault is one.
type Vault interface {
	Seal(plain []byte, context string) ([]byte, error)
	Open(sealed []byte, context string) ([]byte, error)
}

// Options of the room.
type Options struct {
	Vault   Vault
	Targets Targets
	// Loop carries the connections of source tests; nil: a small one is made
	// for each test.
	Loop *rtsp.Loop
	// Lockouts remembers what devices have refused; nil: of source tests only.
	Lockouts *lockout.Memory
	// Retry has a camera connected at once, because what kept it from that was taken away. nil: it is tried when its time comes.
	Retry func(ID)
	Log   *slog.Logger
	// Zone cuts days and months; nil: Asia/Shanghai.
	Zone *time.Location
	// Now is the clock of spans and rows; nil: time.Now.
	Now func() time.Time
	// Mono is the machine's own time, which nobody sets; nil: the monotonic reading of Now.
	Mono func() time.Duration
	// Trusted says whether the wall clock can be believed. While it cannot, outages wait in memory until it is known when they were,
	// and nothing is removed for its age. nil: it can.
	Trusted func() bool
	// Keep is what the form of a new camera offers as days of retention; 0: DefaultRetention.
	Keep int
	// Settle is how long a camera must stay in a new state before an outage
	// opens or closes; 0: 10 s.
	Settle time.Duration
	// NameRefused tells which names a camera must not have (red line 8): those that speak of people. The words of that stand in
	// one place for all registers; nil: every name is taken.
	NameRefused func(name string) bool
	// TestFor is how long a source test listens; 0: 6 s.
	TestFor time.Duration
}

// Service is what callers may do with devices and cameras.
type Service struct {
	db    *store.DB
	vault Vault
	o     Options
	log   *slog.Logger

	clock    *timing
	health   *tracker
	tests    testGate
	discover func(context.Context, onvif.DiscoverOptions) ([]onvif.Found, error)

	mu      sync.Mutex
	running bool
}

// named says what is wrong with a camera's name beyond its form.
func (s *Service) named(name string) (p problems) {
	if s.o.NameRefused != nil && s.o.NameRefused(name) {
		p.add("name", "camera.field.about-people")
	}
	return p
}

// New brings the tables up to date and takes up the outages that were open
// when the last process ended.
func New(ctx context.Context, db *store.DB, o Options) (*Service, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Lockouts == nil {
		o.Lockouts, _ = lockout.Open(lockout.Options{}) // without a file there is nothing to fail
	}
	if o.Zone == nil {
		zone, err := time.LoadLocation("Asia/Shanghai")
		if err != nil {
			zone = time.FixedZone("Asia/Shanghai", 8*3600)
		}
		o.Zone = zone
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Keep == 0 {
		o.Keep = DefaultRetention
	}
	if o.Settle == 0 {
		o.Settle = 10 * time.Second
	}
	if o.TestFor == 0 {
		o.TestFor = 6 * time.Second
	}
	if o.Vault == nil {
		return nil, fault.New(fault.Internal, "camera.New", "camera.no-vault")
	}
	if err := db.Migrate(ctx, "camera", migrations); err != nil {
		return nil, err
	}
	s := &Service{db: db, vault: o.Vault, o: o, log: o.Log, discover: onvif.Discover}
	s.clock = newTiming(o)
	s.health = newTracker(s)
	s.tests.init()
	return s, nil
}

// Warned is an answer with what a person should know beside it.
type Warned[T any] struct {
	Value    T
	Warnings []Warning
}
