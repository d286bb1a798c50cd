package api

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/store"
)

//go:embed messages/*.json
var messages embed.FS

// Options of New.
type Options struct {
	Log       *slog.Logger
	Auth      Authenticator // nil: everybody is nobody; set it later with SetAuth
	Journal   Journal       // feeds /api/events; nil: there is no such route. *store.DB is one
	PublicURL string        // where people reach this server, "https://host"; for the OpenAPI document
	Version   string

	// EventPermission says what a caller must hold to be told of an event, beside journal.read; "" hides it from
	// all. nil: "<room>.read".
	EventPermission func(room, kind string) string
	// EventFor gives what this caller may be told of an event that EventPermission lets through; nil: all of it.
	EventFor func(ctx context.Context, who Caller, e store.Event) store.Event

	Zone      *time.Location // of times in sentences; nil: Asia/Shanghai
	Heartbeat time.Duration  // of /api/events; 0: 15 s
	Patience  time.Duration  // while it is looked up who calls; 0: 5 s
	HSTS      bool           // tell browsers to use nothing but https here; not with a local CA
}

// Journal is what /api/events reads.
type Journal interface {
	LastSeq(ctx context.Context) (int64, error)
	Follow(ctx context.Context, after int64, f func(store.Event) error) error
}

// Room is what hands routes and sentences to the server.
type Room interface {
	Name() string
	Routes(r *Router)
	Messages() fs.FS // zh.json and en.json: {"code": "sentence with {name}"}; or nil
}

// Server is the HTTP server. Add the rooms, then take Handler.
type Server struct {
	opt     Options
	log     *slog.Logger
	auth    Authenticator
	mux     *http.ServeMux
	api     huma.API
	words   *words
	metrics *metrics
	routes  []Route
	pending *Op // the operation whose route is being added
	ids     map[string]bool
	pages   *pages

	checksMu sync.Mutex
	checks   []check

	specOnce sync.Once
	spec     []byte
	specErr  error

	events streams
}

// Route is one route, for tests and lists.
type Route struct{ Method, Path, ID, Permission, Room string }

// New makes a server with its own routes: health, metrics, the API's description, events.
func New(opt Options) *Server {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Heartbeat == 0 {
		opt.Heartbeat = 15 * time.Second
	}
	if opt.Patience == 0 {
		opt.Patience = 5 * time.Second
	}
	if opt.Zone == nil {
		opt.Zone = time.FixedZone("Asia/Shanghai", 8*3600)
	}
	s := &Server{
		opt: opt, log: opt.Log, auth: opt.Auth, mux: http.NewServeMux(), words: newWords(opt.Zone),
		metrics: newMetrics(opt.Version), ids: map[string]bool{},
	}
	s.api = huma.NewAPI(s.humaConfig(), humago.NewAdapter(guarded{s}, ""))
	s.api.OpenAPI().Components.Schemas.RegisterTypeAlias(errorModel, problemType)
	if err := s.Add(ownRoom{s}); err != nil {
		panic("api: its own routes: " + err.Error()) // a mistake in this package; any test finds it
	}
	return s
}

// SetAuth sets who tells callers apart, for an Authenticator that is itself a room and made after the server.
func (s *Server) SetAuth(a Authenticator) { s.auth = a }

// Metrics is the registry behind /metrics.
func (s *Server) Metrics() *prometheus.Registry { return s.metrics.registry }

// Refused counts a connection that was too much, for ServeOptions.
func (s *Server) Refused() { s.metrics.refused.Inc() }

// Routes lists all routes, by path.
func (s *Server) Routes() []Route {
	list := slices.Clone(s.routes)
	slices.SortFunc(list, func(a, b Route) int {
		return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
	})
	return list
}

// Add takes the rooms' sentences and routes. It fails when a route lacks a permission, an id or a summary, clashes
// with another one, or when a sentence is missing in one language. Not to be called once requests are served.
func (s *Server) Add(rooms ...Room) error {
	var errs []error
	for _, room := range rooms {
		if fsys := room.Messages(); fsys != nil {
			if err := s.words.add(fsys); err != nil {
				errs = append(errs, fmt.Errorf("room %s: %w", room.Name(), err))
			}
		}
		r := &Router{s: s, room: room.Name()}
		room.Routes(r)
		errs = append(errs, r.errs...)
	}
	return errors.Join(errs...)
}

// Handler is the whole server.
func (s *Server) Handler() http.Handler {
	return s.outermost(textOnly(s.mux))
}

// guarded is the mux as huma sees it: what it registers gets the guard of the operation being added.
type guarded struct{ s *Server }

func (g guarded) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	g.s.mux.Handle(pattern, g.s.guard(g.s.pending, http.HandlerFunc(h)))
}

func (g guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.s.mux.ServeHTTP(w, r) }
