package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Permissions that no room owns.
const (
	Public   = "public"    // anybody
	SignedIn = "signed-in" // anybody who is known
)

var (
	permissionForm = regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$`)
	idForm         = regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`)
	wildcard       = regexp.MustCompile(`\{([a-zA-Z0-9_]+)(\.\.\.)?\}`)
)

// Op is what a route is.
type Op struct {
	ID          string // of the operation, camelCase, "listCameras"
	Permission  string // Public, SignedIn, or "<room>.<verb>"
	Summary     string // one line
	Description string
	Tag         string // heading in the docs; the room's name when empty
	Status      int    // of success; 0: 200, or 204 without a body
	MaxBody     int64  // bytes; 0: 1 MiB
	Replies     string // Raw: the media type of a reply, for the docs
	Accepts     string // Raw: the media type of a request body, for the docs
	Unasked     bool   // nobody asks who calls, so that it is answered while accounts cannot be looked up. Of Public routes
	Shape       any    // of a reply whose Body is the bytes of its JSON: what they are the JSON of, for the docs
}

// Router takes a room's routes.
type Router struct {
	s    *Server
	room string
	errs []error
}

// Get adds a route that reads. I and O are huma's input and output structs, here and below.
func Get[I, O any](r *Router, path string, op Op, h func(context.Context, *I) (*O, error)) {
	add(r, http.MethodGet, path, op, h)
}

// Post adds a route that makes something.
func Post[I, O any](r *Router, path string, op Op, h func(context.Context, *I) (*O, error)) {
	add(r, http.MethodPost, path, op, h)
}

// Put adds a route that replaces something.
func Put[I, O any](r *Router, path string, op Op, h func(context.Context, *I) (*O, error)) {
	add(r, http.MethodPut, path, op, h)
}

// Patch adds a route that changes a part of something.
func Patch[I, O any](r *Router, path string, op Op, h func(context.Context, *I) (*O, error)) {
	add(r, http.MethodPatch, path, op, h)
}

// Delete adds a route that removes or ends something.
func Delete[I, O any](r *Router, path string, op Op, h func(context.Context, *I) (*O, error)) {
	add(r, http.MethodDelete, path, op, h)
}

func add[I, O any](r *Router, method, path string, op Op, h func(context.Context, *I) (*O, error)) {
	r.route(method, path, op, func(o huma.Operation) {
		huma.Register(r.s.api, o, func(ctx context.Context, in *I) (*O, error) {
			x := exchangeFrom(ctx)
			// The deadline was for reading the body. Left in place it would end the context of a handler that
			// takes longer than a body may.
			x.bodyIsRead()
			out, err := h(ctx, in)
			if err != nil {
				return nil, x.problem(err)
			}
			return out, nil
		})
	})
}

// Raw adds a route whose handler reads and writes bytes itself: media, downloads, WHEP. path is a ServeMux pattern
// without the method. Errors leave by Fail.
func (r *Router) Raw(method, path string, op Op, h http.Handler) {
	r.route(method, path, op, func(o huma.Operation) {
		for _, m := range wildcard.FindAllStringSubmatch(path, -1) {
			o.Parameters = append(o.Parameters, &huma.Param{Name: m[1], In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}})
		}
		status := op.Status
		if status == 0 {
			status = http.StatusOK
		}
		reply := &huma.Response{Description: http.StatusText(status)}
		if op.Replies != "" {
			reply.Content = map[string]*huma.MediaType{op.Replies: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
		}
		if op.Accepts != "" {
			o.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
				op.Accepts: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
			}}
		}
		o.Responses = map[string]*huma.Response{fmt.Sprint(status): reply, "default": r.s.problemResponse()}
		o.Path = strings.ReplaceAll(strings.TrimSuffix(path, "{$}"), "...}", "}")
		guarded{r.s}.HandleFunc(method+" "+path, h.ServeHTTP)
		r.s.api.OpenAPI().AddOperation(&o)
	})
}

// route checks an operation and registers it; what huma and ServeMux have against it becomes an error of Add.
func (r *Router) route(method, path string, op Op, register func(huma.Operation)) {
	bad := func(format string, args ...any) {
		r.errs = append(r.errs, fmt.Errorf("room %s: %s %s: %s", r.room, method, path, fmt.Sprintf(format, args...)))
	}
	switch {
	case op.Permission == "":
		bad("it names no permission; every route does: %q, %q or \"room.verb\"", Public, SignedIn)
		return
	case op.Permission != Public && op.Permission != SignedIn && !permissionForm.MatchString(op.Permission):
		bad("the permission %q is not of the form \"room.verb\"", op.Permission)
		return
	case op.Unasked && op.Permission != Public:
		bad("nobody asks who calls, and it needs %q", op.Permission)
		return
	case !idForm.MatchString(op.ID):
		bad("the operation id %q is not camelCase", op.ID)
		return
	case r.s.ids[op.ID]:
		bad("the operation id %q is taken", op.ID)
		return
	case op.Summary == "":
		bad("it has no summary")
		return
	}
	if op.Tag == "" {
		op.Tag = r.room
	}
	if op.MaxBody == 0 {
		op.MaxBody = 1 << 20
	}
	o := huma.Operation{
		OperationID: op.ID, Method: method, Path: path, Summary: op.Summary, Description: op.Description,
		Tags: []string{op.Tag}, DefaultStatus: op.Status, MaxBodyBytes: op.MaxBody, BodyReadTimeout: bodyTime(op.MaxBody),
		Extensions: map[string]any{"x-permission": op.Permission}, Responses: map[string]*huma.Response{},
	}
	if op.Shape != nil {
		shape := r.s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(op.Shape), true, "")
		o.Responses["200"] = &huma.Response{Description: http.StatusText(http.StatusOK), Content: map[string]*huma.MediaType{"application/json": {Schema: shape}}}
	}
	if op.Permission != Public {
		o.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	}
	defer func() {
		r.s.pending = nil
		if p := recover(); p != nil {
			bad("%v", p)
		}
	}()
	r.s.pending = &op
	register(o)
	r.s.ids[op.ID] = true
	r.s.routes = append(r.s.routes, Route{Method: method, Path: path, ID: op.ID, Permission: op.Permission, Room: r.room})
}

// bodyTime allows 30 s, and for large bodies what an uplink of 1 Mbit/s takes.
func bodyTime(size int64) time.Duration {
	return max(30*time.Second, time.Duration(size/(128<<10))*time.Second)
}

// methodsAt tells which methods a path is served for, so that a wrong method is told from a wrong path.
func (s *Server) methodsAt(r *http.Request) []string {
	var found []string
	for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		probe := &http.Request{Method: m, URL: r.URL, Host: r.Host}
		if _, pattern := s.mux.Handler(probe); strings.HasPrefix(pattern, m+" ") && pattern != rootPattern {
			found = append(found, m)
		}
	}
	return slices.Compact(found)
}
