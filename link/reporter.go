package link

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"linli.dev/linli/store"
)

// Options of a Reporter.
type Options struct {
	URL       string // of the hub
	TokenFile string // with a token that is for one compound; read anew each time
	CAFile    string // a further authority that the hub's certificate may be from, PEM; "": those that the machine trusts
	Log       *slog.Logger

	// Cameras is the machine's own register as it is now.
	Cameras func(ctx context.Context) ([]Local, error)

	Every time.Duration // between reports in which nothing is new; 0: 10 minutes
	First time.Duration // before the second attempt after a failure; doubled by each further one, up to Every; 0: 5 s
	Quiet time.Duration // gathers what comes together; 0: 2 s
	Now   func() time.Time
}

// State is how the reports go.
type State struct {
	Hub      string
	Compound string // the hub's id of it
	Name     string
	Cameras  int       // in use, in the last report that the hub took
	Success  time.Time // of that one; zero: none yet
	Tried    time.Time // of the last attempt
	Problem  Problem   // "": none
	Code     string    // what the hub said
	Camera   string    // the name of the camera that the hub does not take
	Next     time.Time // of the next attempt
}

// Reporter reports to one hub.
type Reporter struct {
	o   Options
	db  *store.DB
	hub *hub
	log *slog.Logger

	mu    sync.Mutex
	state State

	// Run's own
	book  daybook
	sent  []Camera
	fails int
	fresh bool // a report has arrived since the start
}

// New refuses an address that is none. A token or an authority that cannot be read is a problem of the first report: what keeps
// a compound safe starts without its reports.
func New(ctx context.Context, db *store.DB, o Options) (*Reporter, error) {
	if err := db.Migrate(ctx, "link", migrations); err != nil {
		return nil, err
	}
	h, err := newHub(o)
	if err != nil {
		return nil, fmt.Errorf("reports to the hub: %w", err)
	}
	for _, d := range []struct {
		is      *time.Duration
		instead time.Duration
	}{{&o.Every, 10 * time.Minute}, {&o.First, 5 * time.Second}, {&o.Quiet, 2 * time.Second}} {
		if *d.is == 0 {
			*d.is = d.instead
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	r := &Reporter{o: o, db: db, hub: h, log: o.Log, state: State{Hub: h.url.String()}}
	return r, r.last(ctx)
}

// State is how the reports go.
func (r *Reporter) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// Run reports until ctx ends: at once, when news bring something that the hub does not know, and every ten minutes.
func (r *Reporter) Run(ctx context.Context, news <-chan struct{}) error {
	defer r.hub.client.CloseIdleConnections()
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		due := true
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-next.C:
		case <-news:
			if !r.pause(ctx, r.o.Quiet) {
				return ctx.Err()
			}
			due = false
		}
		list, err := r.o.Cameras(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.log.Warn("the register could not be read for the hub; it will be tried again", "err", err)
			next.Reset(r.o.First)
			continue
		}
		said := r.book.cameras(r.o.Now(), list)
		// A hub that fails is not asked more often because something is new.
		if !due && (r.fails > 0 || slices.Equal(said, r.sent)) {
			continue
		}
		next.Reset(r.report(ctx, said))
	}
}

func (r *Reporter) pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// report sends one report and says after how long the next one is due.
func (r *Reporter) report(ctx context.Context, said []Camera) time.Duration {
	s := r.State()
	s.Tried = r.o.Now()
	c, err := r.send(ctx, s.Compound, said)
	if ctx.Err() != nil {
		return 0
	}
	if err != nil {
		return r.failed(ctx, s, said, err)
	}
	told := !r.fresh || s.Problem != "" || !slices.Equal(said, r.sent)
	r.sent, r.fails, r.fresh = said, 0, true
	s.Compound, s.Name, s.Success, s.Problem, s.Code, s.Camera, s.Cameras = c.ID, c.Name, s.Tried, "", "", "", 0
	for _, x := range said {
		if x.InUse {
			s.Cameras++
		}
	}
	wait := spread(r.o.Every, 0.1)
	s.Next = s.Tried.Add(wait)
	r.set(s)
	if told {
		r.log.Info("the hub took the report", "hub", s.Hub, "compound", s.Name, "cameras", s.Cameras)
	}
	if err := r.keepSent(ctx, s, told); err != nil && ctx.Err() == nil {
		r.log.Warn("that the hub took a report was not written down", "err", err)
	}
	return wait
}

// send asks first which compound the token is for, when that is not known.
func (r *Reporter) send(ctx context.Context, id string, said []Camera) (c compound, err error) {
	if id == "" || !r.fresh {
		if c, err = r.hub.own(ctx); err != nil {
			return c, err
		}
		id = c.ID
	}
	return r.hub.report(ctx, id, said)
}

func (r *Reporter) failed(ctx context.Context, s State, said []Camera, err error) time.Duration {
	t := &trouble{problem: Unreachable, err: err}
	_ = errors.As(err, &t)
	again := s.Problem == t.problem && s.Code == t.code
	s.Problem, s.Code, s.Camera = t.problem, t.code, ""
	if rest, ok := strings.CutPrefix(t.field, "cameras["); ok {
		var i int
		if n, _ := fmt.Sscanf(rest, "%d]", &i); n == 1 && i >= 0 && i < len(said) {
			s.Camera = said[i].Name
		}
	}
	if t.problem == Token || t.problem == Refused { // another token may be for another compound
		r.fresh = false
	}
	wait := max(backOff(r.o.First, r.o.Every, r.fails), min(t.wait, r.o.Every))
	r.fails++
	s.Next = s.Tried.Add(wait)
	r.set(s)
	if again {
		return wait
	}
	r.log.Warn("the hub did not take the report; it will be tried again", "hub", s.Hub, "err", err, "next", wait.Round(time.Second))
	if err := r.keepFailed(ctx, s); err != nil && ctx.Err() == nil {
		r.log.Warn("that the hub took no report was not written down", "err", err)
	}
	return wait
}

func (r *Reporter) set(s State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = s
}

// backOff is how long to wait after so many failures before.
func backOff(first, most time.Duration, fails int) time.Duration {
	d := first
	for range min(fails, 30) {
		if d *= 2; d >= most {
			d = most
			break
		}
	}
	return min(spread(d, 0.2), most)
}

// spread keeps thousands of machines from coming at the same moment.
func spread(d time.Duration, part float64) time.Duration {
	return time.Duration(float64(d) * (1 + part*(2*rand.Float64()-1)))
}
