package grant

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/base64"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/access/policy"
	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

const room = "look"

// CameraFacts is what the door must know of a camera.
type CameraFacts struct {
	ID           CameraID
	Name         string
	Area         string
	Common       bool // registered as a common area
	Disabled     bool
	HasSub       bool
	SoundAllowed bool
}

// Facts asks the register of cameras. An unknown camera is fault.NotFound.
type Facts interface {
	LookCamera(ctx context.Context, id CameraID) (CameraFacts, error)
}

// Sessions is what the door needs of identity.
type Sessions interface {
	// CallerOf gives who is behind a living session, read afresh; else fault.Unauthenticated.
	CallerOf(ctx context.Context, session string) (api.Caller, error)
	// SessionOf gives the session of the request's cookie, "" when there is none.
	SessionOf(r *http.Request) string
	OnSessionEnd(func(session, account, why string))
}

// Record is where looks stand so that nobody can rewrite them.
type Record interface {
	// Sync returns when everything that is committed now is durable there.
	Sync(ctx context.Context) error
}

// Options for New. DB, Facts and Sessions are needed.
type Options struct {
	DB       *store.DB
	Facts    Facts
	Sessions Sessions
	Record   Record // nil: the rows alone
	Log      *slog.Logger
	Metrics  prometheus.Registerer // nil: none are kept

	Clock   Clock         // nil: the machine's is believed
	Confirm time.Duration // after the clock was set, looks are dated anew; 20 s

	Idle       time.Duration // a lease that nobody uses ends; 15 s
	Recheck    time.Duration // how often a lease must still be allowed; 3 s
	PerAccount int           // leases at a time; 96, for a wall of 16 that changes its layout. How many may be begun goes with it: see begins
	Total      int           // 4096
}

// Door gives leases and ends them.
type Door struct {
	opt      Options
	db       *store.DB
	log      *slog.Logger
	policies *policy.Set
	looks    *prometheus.CounterVec
	poke     chan struct{} // look again whether leases are still allowed
	wake     chan struct{} // there are endings to write down
	since    int64         // the journal's end when we began

	doubts   atomic.Bool // there may be looks that a clock in doubt has dated
	believed time.Time   // of the worker: since when the clock can be believed again

	allowances allowances
	begins     begins

	exports sync.Mutex // held from the sum of an account's exports until the next one is written

	mu     sync.RWMutex
	leases map[string]*Lease // by secret; for a minute after the end too, so that its page hears why
	byLook map[LookID]*Lease // living ones
	urls   map[Kind][]func(*Lease) map[string]string
	ended  []*Lease // not yet written down
	closed bool
}

// New migrates the room's table and closes what an earlier run left open.
func New(ctx context.Context, opt Options) (*Door, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Idle == 0 {
		opt.Idle = 15 * time.Second
	}
	if opt.Confirm == 0 {
		opt.Confirm = 20 * time.Second
	}
	if opt.Recheck == 0 {
		opt.Recheck = 3 * time.Second
	}
	if opt.PerAccount <= 0 {
		opt.PerAccount = 96
	}
	if opt.Total == 0 {
		opt.Total = 4096
	}
	policies, err := policy.New()
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "door.new", "door.policies")
	}
	d := &Door{
		opt: opt, db: opt.DB, log: opt.Log.With("room", room), policies: policies,
		poke: make(chan struct{}, 1), wake: make(chan struct{}, 1),
		leases: map[string]*Lease{}, byLook: map[LookID]*Lease{}, urls: map[Kind][]func(*Lease) map[string]string{},
		looks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "linli_looks_total", Help: "Looks asked for, by kind and result: begun, refused, limited, failed.",
		}, []string{"kind", "result"}),
	}
	if opt.Metrics != nil {
		living := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "linli_looks_active", Help: "Looks going on now."},
			func() float64 { return float64(d.count()) })
		for _, c := range []prometheus.Collector{d.looks, living} {
			if err := opt.Metrics.Register(c); err != nil {
				return nil, fault.Wrap(err, fault.Internal, "door.new", "door.metrics")
			}
		}
	}
	if err := d.db.Migrate(ctx, room, migrations); err != nil {
		return nil, err
	}
	d.doubts.Store(true) // of a run before
	if err := d.closeInterrupted(ctx); err != nil {
		return nil, err
	}
	if d.since, err = d.db.LastSeq(ctx); err != nil {
		return nil, err
	}
	if opt.Sessions != nil {
		opt.Sessions.OnSessionEnd(func(session, _, _ string) { d.EndSession(session, EndSession) })
	}
	return d, nil
}

// AddURLs has f name the media URLs of a lease of this kind. Several rooms may.
func (d *Door) AddURLs(kind Kind, f func(*Lease) map[string]string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.urls[kind] = append(d.urls[kind], f)
}

// URLs are where a lease's media is.
func (d *Door) URLs(l *Lease) map[string]string {
	d.mu.RLock()
	makers := d.urls[l.Kind]
	d.mu.RUnlock()
	out := map[string]string{}
	for _, f := range makers {
		maps.Copy(out, f(l))
	}
	return out
}

// Request is a wish to look.
type Request struct {
	Camera   CameraID
	Kind     Kind
	Stream   Stream // Main when empty; Main when the camera has no other
	Purpose  string
	Reason   string    // in the viewer's words, 200 characters; may be empty
	From, To time.Time // playback and export: span of the footage
	Speed    float64   // playback, ¼ to 8; 0 is 1
}

const maxReason = 200

func (q *Request) check(doubt bool) error {
	bad := func(path, code string, args ...any) error {
		f := fault.New(fault.Invalid, "door.begin", code, args...)
		f.Fields = []fault.Field{{Path: path, Code: code, Args: f.Args}}
		return f
	}
	if q.Stream == "" {
		q.Stream = Main
	}
	past := q.Kind == Playback || q.Kind == Export
	switch {
	case q.Camera == "":
		return bad("camera", "door.camera-missing")
	case !slices.Contains(Kinds(), q.Kind):
		return bad("kind", "door.kind-unknown")
	case q.Stream != Main && q.Stream != Sub:
		return bad("stream", "door.stream-unknown")
	case !slices.Contains(policy.Purposes(), q.Purpose):
		return bad("purpose", "door.purpose-unknown")
	case utf8.RuneCountInString(q.Reason) > maxReason:
		return bad("reason", "door.reason-long", "max", maxReason)
	case past && (q.From.IsZero() || q.To.IsZero() || !q.To.After(q.From)):
		return bad("to", "door.span-needed")
	case past && !doubt && q.From.After(time.Now()): // with a clock in doubt nobody knows what is past
		return bad("from", "door.span-future")
	case !past && !(q.From.IsZero() && q.To.IsZero()):
		return bad("from", "door.span-not-here")
	case q.Speed != 0 && !(q.Speed >= slowest && q.Speed <= fastest):
		return bad("speed", "door.speed-range")
	}
	return nil
}

// Begin asks for a look. The lease it gives is written down already; without a policy that permits
// the look it is Denied, and the refusal is written down. Who asks faster than any page does is TooMany, of which nothing is written.
func (d *Door) Begin(ctx context.Context, who api.Caller, q Request) (*Lease, error) {
	doubt := d.doubt()
	if err := q.check(doubt != ""); err != nil {
		return nil, err
	}
	camera, err := d.opt.Facts.LookCamera(ctx, q.Camera)
	if err != nil {
		return nil, err
	}
	if err := d.begins.take(who.Account, d.opt.PerAccount, d.log); err != nil { // before anything is written, a refusal included
		d.looks.WithLabelValues(string(q.Kind), "limited").Inc()
		return nil, err
	}
	span, exported := q.To.Sub(q.From), time.Duration(0)
	if q.Kind == Export {
		// One after another: two at once would each be told of a sum without the other.
		d.exports.Lock()
		defer d.exports.Unlock()
		if exported, err = d.exported(ctx, who.Account); err != nil {
			return nil, err
		}
		exported += span
	}
	decision := d.decide(who, camera, q.Kind, q.Purpose, span, exported)
	if !decision.Allow {
		d.looks.WithLabelValues(string(q.Kind), "refused").Inc()
		return nil, d.refuse(ctx, who, q, decision.Policy)
	}
	if q.Stream == Sub && !camera.HasSub {
		q.Stream = Main
	}
	now := time.Now()
	l := &Lease{
		ID: newSecret(), Look: LookID(store.NewID()),
		Camera: q.Camera, CameraName: camera.Name, Area: camera.Area, Kind: q.Kind, Stream: q.Stream, Purpose: q.Purpose, Reason: q.Reason,
		Account: who.Account, Name: who.Name, Role: roleOf(who), Unit: unitOf(who), Session: who.Session, Policy: decision.Policy,
		Begin: now, Until: now.Add(decision.Lasts), From: q.From, To: q.To, Speed: clampSpeed(q.Speed), Sound: camera.SoundAllowed,
		door: d, done: make(chan struct{}), doubt: doubt,
	}
	l.pacer = newPacer(l)
	if err := d.take(l); err != nil {
		return nil, err
	}
	err = d.enter(ctx, l)
	if doubt != "" {
		d.doubts.Store(true)
	}
	if err != nil {
		// It may have been committed all the same, with the answer lost: then its row is closed.
		d.end(l, EndRevoked)
		d.commit(l)
		d.looks.WithLabelValues(string(q.Kind), "failed").Inc()
		return nil, err
	}
	d.commit(l)
	// Who was signed out while the row was being written finds the lease ended already: it stood in
	// the list. A session that had ended before that is found here.
	if who.Session != "" && d.opt.Sessions != nil {
		if _, err := d.opt.Sessions.CallerOf(ctx, who.Session); fault.KindOf(err) == fault.Unauthenticated {
			d.end(l, EndSession)
		}
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	l.keep()
	l.arm(d.opt.Idle)
	d.looks.WithLabelValues(string(q.Kind), "begun").Inc()
	return l, nil
}

func newSecret() string {
	raw := make([]byte, 24) // 192 bits
	_, _ = rand.Read(raw)   // never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (d *Door) decide(who api.Caller, camera CameraFacts, kind Kind, purpose string, span, exported time.Duration) policy.Decision {
	return d.policies.Decide(policy.Facts{
		Account: who.Account, Kind: who.Kind, Roles: who.Roles, FirstPassword: who.MustChange,
		Camera: string(camera.ID), Common: camera.Common, CameraDisabled: camera.Disabled,
		Action: string(kind), Purpose: purpose, Span: span, Exported: exported,
	})
}

// take puts a lease in the lists. It opens nothing yet, but whoever ends the session from now on
// ends it too.
func (d *Door) take(l *Lease) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	mine := 0
	for _, other := range d.byLook {
		if other.Account == l.Account {
			mine++
		}
	}
	if d.closed {
		return fault.New(fault.Unavailable, "door.begin", "door.shutting-down")
	}
	if mine >= d.opt.PerAccount || len(d.byLook) >= d.opt.Total {
		f := fault.New(fault.TooMany, "door.begin", "door.too-many", "max", d.opt.PerAccount)
		f.RetryAfter = d.opt.Idle
		return f
	}
	for id, old := range d.leases {
		if old.Err() != nil && time.Since(old.ended) > time.Minute {
			delete(d.leases, id)
		}
	}
	d.leases[l.ID], d.byLook[l.Look] = l, l
	return nil
}

// commit makes the lease usable; one that was ended meanwhile only gets its ending written down.
func (d *Door) commit(l *Lease) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l.committed = true
	if l.Err() != nil {
		d.queueLocked(l)
	}
}

// Use finds a good lease of one of these kinds (none named: any), and counts as being looked at.
// It is Denied "door.lease-required" without one, Gone "door.lease-ended" when it was one.
func (d *Door) Use(id string, kinds ...Kind) (*Lease, error) {
	l, err := d.Find(id, kinds...)
	if err == nil {
		l.Beat()
	}
	return l, err
}

// Find is Use for who has still to see whose request it is: a stranger who knows the address keeps nobody's look going.
// Beat follows when it is the viewer's own.
func (d *Door) Find(id string, kinds ...Kind) (*Lease, error) {
	l := d.find(id)
	if l == nil || (len(kinds) > 0 && !slices.Contains(kinds, l.Kind)) {
		return nil, fault.New(fault.Denied, "door.use", "door.lease-required")
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	return l, nil
}

func (d *Door) find(id string) *Lease {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if l := d.leases[id]; l != nil && l.committed {
		return l
	}
	return nil
}

// look finds a living look by its id.
func (d *Door) look(id LookID) *Lease {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.byLook[id]
}

// End ends a lease by its secret, or a look by its id.
func (d *Door) End(_ context.Context, id, why string) error {
	l := d.find(id)
	if l == nil {
		l = d.look(LookID(id))
	}
	if l == nil {
		return fault.New(fault.NotFound, "door.end", "door.look-unknown")
	}
	d.end(l, why)
	return nil
}

// EndSession ends every lease of a session.
func (d *Door) EndSession(session, why string) {
	if session != "" {
		d.endWhere(why, func(l *Lease) bool { return l.Session == session })
	}
}

// EndAccount ends every lease of an account.
func (d *Door) EndAccount(account, why string) {
	d.endWhere(why, func(l *Lease) bool { return l.Account == account })
}

// EndCamera ends every lease of a camera.
func (d *Door) EndCamera(camera CameraID, why string) {
	d.endWhere(why, func(l *Lease) bool { return l.Camera == camera })
}

func (d *Door) endWhere(why string, match func(*Lease) bool) {
	for _, l := range d.living() {
		if match(l) {
			d.end(l, why)
		}
	}
}

func (d *Door) living() []*Lease {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Collect(maps.Values(d.byLook))
}

func (d *Door) count() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.byLook)
}

// end closes a lease now, and has the ending written down soon.
func (d *Door) end(l *Lease, why string) {
	if !l.finish(why) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.byLook, l.Look)
	if l.committed {
		d.queueLocked(l)
	} else {
		delete(d.leases, l.ID)
	}
}

func (d *Door) queueLocked(l *Lease) {
	d.ended = append(d.ended, l)
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Close ends every lease and writes down what is not yet written. No lease is given afterwards.
func (d *Door) Close() error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.endWhere(EndShutdown, func(*Lease) bool { return true })
	ctx, done := context.WithTimeout(context.Background(), 3*time.Second)
	defer done()
	return d.writeEnded(ctx)
}
