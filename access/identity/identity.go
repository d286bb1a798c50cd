package identity

import (
	"context"
	"embed"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

const room = "identity"

// Options for New; the zero value is a good choice for each field but Log.
type Options struct {
	Log     *slog.Logger
	Metrics prometheus.Registerer // nil: none are kept
	Dir     string                // data folder, where first-passwords lies; "" means there is none

	PublicURL string        // https here makes cookies Secure, and its origin is ours
	Idle      time.Duration // a session nobody uses ends; 12 h
	Lasts     time.Duration // any session ends; 7 days
	SignIns   int           // passwords checked at the same time; half the cores, at least 1, at most 4
	Cost      Cost          // of one password check; argon2id with 64 MiB
	Now       func() time.Time
	Mono      func() time.Duration // the machine's own time, which nobody sets; nil: the monotonic reading of Now
	Trusted   func() bool          // whether Now can be believed; nil: it can
	Zone      *time.Location       // what pages are told that days begin in; nil: Asia/Shanghai
}

// Service is the one owner of accounts, sessions, tokens and preferences.
type Service struct {
	db      *store.DB
	log     *slog.Logger
	opt     Options
	kitchen *kitchen
	lockout *lockout
	signIns *prometheus.CounterVec
	origins crossOrigin
	since   int64 // the journal's end when we began

	sessions *cache[sessionEntry] // by hash of the cookie
	tokens   *cache[tokenEntry]   // by hash of the token

	places Places // where appointments are; nil until role plugs it in

	mu      sync.Mutex
	onEnd   []func(session, account, why string)
	touched map[SessionID]time.Time // seen since the last flush
	used    map[TokenID]time.Time
	doubts  map[SessionID]misdated // of this process
	uses    map[SessionID]use
	begun   time.Duration // this process, by Mono

	unwritten bool // sessions were used while nobody knew the time
}

// New migrates the room's tables. Run keeps sessions ending in time.
func New(ctx context.Context, db *store.DB, opt Options) (*Service, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Idle == 0 {
		opt.Idle = 12 * time.Hour
	}
	if opt.Lasts == 0 {
		opt.Lasts = 7 * 24 * time.Hour
	}
	if opt.SignIns == 0 {
		opt.SignIns = min(4, max(1, runtime.GOMAXPROCS(0)/2))
	}
	if opt.Zone == nil {
		opt.Zone = time.FixedZone("Asia/Shanghai", 8*3600)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Mono == nil {
		begun := opt.Now()
		opt.Mono = func() time.Duration { return opt.Now().Sub(begun) }
	}
	k, err := newKitchen(opt.Cost, opt.SignIns)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "identity.new", "identity.password-damaged")
	}
	origins, err := newCrossOrigin(opt.PublicURL)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, room, migrations); err != nil {
		return nil, err
	}
	since, err := db.LastSeq(ctx)
	if err != nil {
		return nil, err
	}
	s := &Service{
		since: since, db: db, log: opt.Log.With("room", room), opt: opt, kitchen: k, lockout: newLockout(opt.Now), origins: origins,
		sessions: newCache[sessionEntry](2 * time.Second), tokens: newCache[tokenEntry](2 * time.Second),
		touched: map[SessionID]time.Time{}, used: map[TokenID]time.Time{}, doubts: map[SessionID]misdated{},
		uses: map[SessionID]use{}, begun: opt.Mono(),
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "linli_sign_ins_total", Help: "Sign-ins by result: ok, wrong, locked, busy, disabled.",
		}, []string{"result"}),
	}
	if err := s.readTries(ctx); err != nil {
		return nil, err
	}
	if opt.Metrics != nil {
		if err := opt.Metrics.Register(s.signIns); err != nil {
			return nil, fault.Wrap(err, fault.Internal, "identity.new", "identity.metrics")
		}
	}
	return s, nil
}

// OnSessionEnd has f told of every session that ends, whoever ended it: sign-out, expiry, a new role
// or password, a disabled account, also from a command beside the server. f must be quick, and may be
// told twice.
func (s *Service) OnSessionEnd(f func(session, account, why string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onEnd = append(s.onEnd, f)
}

func (s *Service) tellEnd(session SessionID, account AccountID, why string) {
	s.sessions.drop(func(e sessionEntry) bool { return e.session.ID == session })
	s.mu.Lock()
	listeners := s.onEnd
	delete(s.touched, session)
	delete(s.doubts, session)
	delete(s.uses, session)
	s.mu.Unlock()
	for _, f := range listeners {
		f(string(session), string(account), why)
	}
}

// Run ends sessions when their time is over, writes down when they were last seen, and hears what
// commands beside the server changed. It returns when ctx ends.
func (s *Service) Run(ctx context.Context) error {
	heard := make(chan error, 1)
	go func() { heard <- s.db.Follow(ctx, s.since, s.hear) }()
	tick := time.NewTicker(20 * time.Second)
	defer tick.Stop()
	hour := time.NewTicker(time.Hour)
	defer hour.Stop()
	for {
		select {
		case <-hour.C:
			if err := s.forgetTries(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("old wrong passwords not forgotten", "err", err)
			}
		case <-tick.C:
			if err := s.confirm(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("sessions of before the clock was set are not dated anew; it will be tried again", "err", err)
			}
			s.flush(ctx)
			if err := s.expire(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("sessions not swept", "err", err)
			}
		case err := <-heard:
			if ctx.Err() == nil {
				return err
			}
			ctx, done := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer done()
			s.flush(ctx)
			return nil
		}
	}
}

func (s *Service) by(ctx context.Context) string {
	if c := api.CallerFrom(ctx); c.Account != "" {
		return c.Account
	}
	return "cli"
}
