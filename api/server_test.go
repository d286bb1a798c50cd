package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// room is a room made of functions.
type room struct {
	name   string
	routes func(*api.Router)
	words  fs.FS
}

func (r room) Name() string          { return r.name }
func (r room) Routes(to *api.Router) { r.routes(to) }
func (r room) Messages() fs.FS       { return r.words }

// who authenticates by a header that names the caller.
type who map[string]api.Caller

func (a who) Authenticate(r *http.Request) (api.Caller, error) {
	name := r.Header.Get("X-Who")
	if name == "" {
		return api.Caller{}, nil
	}
	c, ok := a[name]
	if !ok {
		return api.Caller{}, fault.New(fault.Unauthenticated, "test", "api.sign-in")
	}
	return c, nil
}

var people = who{
	"guard": {Account: "a1", Name: "王", Kind: "account", Permissions: map[string]bool{"lamp.read": true, "journal.read": true}},
	"new":   {Account: "a2", Name: "新", Kind: "account", Permissions: map[string]bool{"lamp.read": true}, MustChange: true},
	"op":    {Account: "a3", Kind: "account", Permissions: map[string]bool{"system.read": true, "lamp.write": true}},
}

type lampInput struct {
	ID   string `path:"id" maxLength:"8"`
	Body struct {
		Name  string   `json:"name" minLength:"1" maxLength:"5"`
		Watts int      `json:"watts,omitempty" minimum:"1" maximum:"100"`
		Kind  string   `json:"kind,omitempty" enum:"led,neon"`
		Tags  []string `json:"tags,omitempty" maxItems:"2"`
	}
}

type lampOutput struct {
	Body struct {
		ID   string            `json:"id"`
		Tags []string          `json:"tags"`
		More map[string]string `json:"more"`
	}
}

var lampWords = fstest.MapFS{
	"zh.json": {Data: []byte(`{"lamp.out": "路灯 {name} 已熄灭 {for}。", "lamp.bad": "“{path}”太亮"}`)},
	"en.json": {Data: []byte(`{"lamp.out": "Lamp {name} has been out for {for}.", "lamp.bad": "“{path}” is too bright"}`)},
}

func lamps(r *api.Router) {
	api.Put(r, "/api/lamps/{id}", api.Op{ID: "putLamp", Permission: "lamp.read", Summary: "Set a lamp"},
		func(ctx context.Context, in *lampInput) (*lampOutput, error) {
			out := &lampOutput{}
			switch in.Body.Name {
			case "out":
				return nil, fault.New(fault.Conflict, "lamp.put", "lamp.out", "name", "七号", "for", 35*time.Minute)
			case "bad":
				return nil, &fault.Error{Kind: fault.Invalid, Fields: []fault.Field{fault.At("watts", "lamp.bad")}}
			case "wrong":
				return nil, errors.New("secret chain: password=hunter2")
			case "later":
				f := fault.New(fault.TooMany, "lamp.put", "")
				f.RetryAfter = 1500 * time.Millisecond
				return nil, f
			case "panic":
				panic("short circuit")
			}
			out.Body.ID = in.ID
			return out, nil
		})
	r.Raw("GET", "/media/{lease}/lamp.mp4", api.Op{ID: "lampMedia", Permission: api.Public, Summary: "A picture"},
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain") // compressible by type, but media
			_, _ = w.Write(bytes.Repeat([]byte("x"), 5000))
		}))
	r.Raw("GET", "/api/broken", api.Op{ID: "broken", Permission: api.Public, Summary: "Panics"},
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("raw") }))
	r.Raw("GET", "/api/known", api.Op{ID: "known", Permission: api.SignedIn, Summary: "Says who"},
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, api.CallerFrom(r.Context()).Name)
		}))
}

func serve(t *testing.T, opt api.Options, rooms ...api.Room) (*api.Server, *httptest.Server) {
	t.Helper()
	if opt.Auth == nil {
		opt.Auth = people
	}
	s := api.New(opt)
	if rooms == nil {
		rooms = []api.Room{room{"lamp", lamps, lampWords}}
	}
	if err := s.Add(rooms...); err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s.Handler())
	t.Cleanup(h.Close)
	return s, h
}

type reply struct {
	*http.Response
	body []byte
}

func (r reply) problem(t *testing.T) api.Problem {
	t.Helper()
	var p api.Problem
	if r.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("no problem but %d %s: %s", r.StatusCode, r.Header.Get("Content-Type"), r.body)
	}
	if err := json.Unmarshal(r.body, &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != r.StatusCode {
		t.Errorf("the problem says %d, HTTP says %d", p.Status, r.StatusCode)
	}
	return p
}

// ask sends a request; headers are key, value pairs.
func ask(t *testing.T, method, url, body string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept-Encoding", "identity")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp, raw}
}

func TestWhoMay(t *testing.T) {
	_, h := serve(t, api.Options{})
	for _, c := range []struct {
		who, method, path string
		status            int
		code              string
	}{
		{"", "PUT", "/api/lamps/1", 401, "api.sign-in"},
		{"stranger", "PUT", "/api/lamps/1", 401, "api.sign-in"},
		{"op", "PUT", "/api/lamps/1", 403, "api.not-allowed"},
		{"new", "PUT", "/api/lamps/1", 403, "api.change-password"},
		{"new", "GET", "/api/known", 200, ""},
		{"", "GET", "/api/known", 401, "api.sign-in"},
		{"guard", "PUT", "/api/lamps/1", 200, ""},
		{"guard", "GET", "/metrics", 403, "api.not-allowed"},
		{"op", "GET", "/metrics", 200, ""},
		{"stranger", "GET", "/media/x/lamp.mp4", 200, ""}, // an ended session does not stand in the way of what is public
	} {
		r := ask(t, c.method, h.URL+c.path, map[string]string{"PUT": `{"name":"a"}`}[c.method], "X-Who", c.who)
		if r.StatusCode != c.status {
			t.Errorf("%s %s %s: %d, want %d: %s", c.who, c.method, c.path, r.StatusCode, c.status, r.body)
			continue
		}
		if c.code != "" && r.problem(t).Code != c.code {
			t.Errorf("%s %s %s: %s", c.who, c.method, c.path, r.body)
		}
	}
}

func TestEveryRouteNamesItsPermission(t *testing.T) {
	ok := func(context.Context, *struct{}) (*struct{}, error) { return nil, nil }
	for name, c := range map[string]struct {
		routes func(*api.Router)
		says   string
	}{
		"none": {func(r *api.Router) { api.Get(r, "/api/x", api.Op{ID: "x", Summary: "x"}, ok) }, "names no permission"},
		"unasked": {func(r *api.Router) {
			r.Raw("GET", "/api/x", api.Op{ID: "x", Summary: "x", Permission: "lamp.read", Unasked: true}, http.NotFoundHandler())
		}, "nobody asks who calls"},
		"none on raw": {func(r *api.Router) { r.Raw("GET", "/api/x", api.Op{ID: "x", Summary: "x"}, http.NotFoundHandler()) }, "names no permission"},
		"odd":         {func(r *api.Router) { api.Get(r, "/api/x", api.Op{ID: "x", Summary: "x", Permission: "anything"}, ok) }, "not of the form"},
		"no id":       {func(r *api.Router) { api.Get(r, "/api/x", api.Op{Summary: "x", Permission: "a.b"}, ok) }, "not camelCase"},
		"id twice":    {func(r *api.Router) { api.Get(r, "/api/x", api.Op{ID: "healthz", Summary: "x", Permission: "a.b"}, ok) }, "is taken"},
		"no summary":  {func(r *api.Router) { api.Get(r, "/api/x", api.Op{ID: "x", Permission: "a.b"}, ok) }, "no summary"},
		"path twice":  {func(r *api.Router) { api.Get(r, "/healthz", api.Op{ID: "x", Summary: "x", Permission: "a.b"}, ok) }, "conflicts"},
		"bad pattern": {func(r *api.Router) {
			r.Raw("GET", "/api/{a}.mp4", api.Op{ID: "x", Summary: "x", Permission: "a.b"}, http.NotFoundHandler())
		}, "/api/{a}.mp4"},
	} {
		s := api.New(api.Options{})
		err := s.Add(room{"x", c.routes, nil})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := api.New(api.Options{})
	for _, r := range s.Routes() {
		if r.Permission == "" || r.ID == "" {
			t.Errorf("%+v", r)
		}
	}
}

func TestSentencesInBothLanguages(t *testing.T) {
	for name, c := range map[string]struct{ zh, en, says string }{
		"missing":     {`{"a.b": "甲"}`, `{}`, "missing"},
		"other names": {`{"a.b": "甲{x}"}`, `{"a.b": "a {y}"}`, "{x}"},
		"taken":       {`{"api.sign-in": "甲"}`, `{"api.sign-in": "a"}`, "another room's"},
		"no JSON":     {`{`, `{}`, "zh.json"},
	} {
		err := api.New(api.Options{}).Add(room{"x", func(*api.Router) {}, fstest.MapFS{"zh.json": {Data: []byte(c.zh)}, "en.json": {Data: []byte(c.en)}}})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProblems(t *testing.T) {
	var log bytes.Buffer
	_, h := serve(t, api.Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	for _, c := range []struct {
		name, path, body, lang string
		status                 int
		kind, detail           string
	}{
		{"ours, zh", "1", `{"name":"out"}`, "", 409, "urn:linli:problem:out", "路灯 七号 已熄灭 35 分钟。"},
		{"ours, en", "1", `{"name":"out"}`, "en-GB,en;q=0.9,zh;q=0.1", 409, "urn:linli:problem:out", "Lamp 七号 has been out for 35 minutes."},
		{"neither", "1", `{"name":"out"}`, "fr", 409, "urn:linli:problem:out", "路灯 七号 已熄灭 35 分钟。"},
		{"our field", "1", `{"name":"bad"}`, "en", 422, "urn:linli:problem:invalid", "“watts” is too bright"},
		{"not a fault", "1", `{"name":"wrong"}`, "en", 500, "urn:linli:problem:internal", ""},
		{"unknown field", "1", `{"name":"a","colour":"red"}`, "en", 422, "urn:linli:problem:invalid", "“colour” is not a field that can be set here."},
		{"unknown field, zh", "1", `{"name":"a","colour":"red"}`, "zh-CN", 422, "urn:linli:problem:invalid", "“colour”不是可填写的字段。"},
		{"required", "1", `{}`, "en", 422, "urn:linli:problem:invalid", "“name” must be filled in."},
		{"empty", "1", `{"name":""}`, "en", 422, "urn:linli:problem:invalid", "“name” must not be empty."},
		{"too long", "1", `{"name":"一二三四五六"}`, "zh", 422, "urn:linli:problem:invalid", "“name”最多 5 个字。"},
		{"choice", "1", `{"name":"a","kind":"gas"}`, "en", 422, "urn:linli:problem:invalid", "“kind” must be one of: led, neon."},
		{"number", "1", `{"name":"a","watts":"x"}`, "en", 422, "urn:linli:problem:invalid", "“watts” must be a whole number."},
		{"two", "1", `{"name":"a","watts":101,"tags":["a","b","c"]}`, "en", 422, "urn:linli:problem:invalid", "“tags” must have at most 2 entries. “watts” must be at most 100."},
		{"path", "123456789", `{"name":"a"}`, "en", 422, "urn:linli:problem:invalid", "“id” must have at most 8 characters."},
		{"no JSON", "1", `{"name":`, "en", 400, "urn:linli:problem:invalid", "The request is not valid JSON."},
		{"no body", "1", ``, "en", 400, "urn:linli:problem:body-missing", "The request has no content."},
		{"too large", "1", `{"name":"` + strings.Repeat("a", 1<<20) + `"}`, "en", 413, "urn:linli:problem:body-too-large", "What was sent is larger than the limit of 1 MiB."},
		{"panic", "1", `{"name":"panic"}`, "en", 500, "urn:linli:problem:internal", ""},
	} {
		r := ask(t, "PUT", h.URL+"/api/lamps/"+c.path, c.body, "X-Who", "guard", "Accept-Language", c.lang)
		p := r.problem(t)
		if r.StatusCode != c.status || p.Type != c.kind || c.detail != "" && p.Detail != c.detail {
			t.Errorf("%s: %s", c.name, r.body)
		}
		if p.Title == "" || p.Detail == "" || p.Request == "" || strings.Contains(p.Detail, "hunter2") || strings.Contains(p.Detail, "{") {
			t.Errorf("%s: %s", c.name, r.body)
		}
	}
	if r := ask(t, "PUT", h.URL+"/api/lamps/1", `{"name":"later"}`, "X-Who", "guard"); r.Header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After: %v", r.Header)
	}
	if r := ask(t, "GET", h.URL+"/api/broken", "", "Accept-Language", "en"); r.StatusCode != 500 || r.problem(t).Code != "api.kind.internal" {
		t.Errorf("a raw handler that panics: %s", r.body)
	}
	if !strings.Contains(log.String(), "hunter2") || !strings.Contains(log.String(), "short circuit") {
		t.Error("the operator's log lacks the cause")
	}
}

func TestWrongPathsAndMethods(t *testing.T) {
	_, h := serve(t, api.Options{})
	for _, c := range []struct {
		method, path string
		status       int
		code, allow  string
	}{
		{"GET", "/api/lamps", 404, "api.no-route", ""},
		{"POST", "/api/lamps/1", 405, "api.wrong-method", "PUT"},
		{"GET", "/media/secret-lease/nothing", 404, "api.no-route", ""},
		{"GET", "/nothing.js", 404, "api.no-page", ""},
		{"POST", "/", 404, "api.no-route", ""},
	} {
		r := ask(t, c.method, h.URL+c.path, "")
		if r.StatusCode != c.status || r.problem(t).Code != c.code || r.Header.Get("Allow") != c.allow {
			t.Errorf("%s %s: %d %s, Allow %q", c.method, c.path, r.StatusCode, r.body, r.Header.Get("Allow"))
		}
		if strings.Contains(string(r.body), "secret-lease") {
			t.Errorf("a lease is sent back: %s", r.body)
		}
	}
}

// What is no text, or of a type that is not taken, is refused at the edge, each by its own name.
func TestRubbishIsRefusedAtTheEdge(t *testing.T) {
	_, h := serve(t, api.Options{})
	for _, c := range []struct {
		path, body, kind string
		status           int
		code, title      string
	}{
		{"/api/lamps/%00", `{"name":"a"}`, "application/json", 404, "api.not-text", "Not found"},
		{"/api/lamps/1?x=%ff", `{"name":"a"}`, "application/json", 422, "api.not-text", "Something is filled in wrongly"},
		{"/api/lamps/1", `{"name":"a\u0000"}`, "application/json", 400, "api.invalid", "Something is filled in wrongly"},
		{"/api/lamps/1", `{"name":`, "application/json", 400, "api.invalid", "Something is filled in wrongly"},
		{"/api/lamps/1", `<lamp/>`, "application/xml", 415, "api.content-type", "Wrong type of content"},
	} {
		r := ask(t, "PUT", h.URL+c.path, c.body, "X-Who", "guard", "Accept-Language", "en", "Content-Type", c.kind)
		if p := r.problem(t); r.StatusCode != c.status || p.Code != c.code || p.Title != c.title {
			t.Errorf("%s %s: %d %s", c.path, c.body, r.StatusCode, r.body)
		}
	}
}

func TestListsAreNeverNull(t *testing.T) {
	s, h := serve(t, api.Options{})
	r := ask(t, "PUT", h.URL+"/api/lamps/7", `{"name":"a"}`, "X-Who", "guard")
	if got := strings.TrimSpace(string(r.body)); got != `{"id":"7","tags":[],"more":{}}` {
		t.Error(got)
	}
	spec, err := s.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(spec, []byte(`"array",`)) {
		t.Error("the description says that lists may be null")
	}
}

func TestOpenAPI(t *testing.T) {
	_, h := serve(t, api.Options{PublicURL: "https://linli.example/"})
	r := ask(t, "GET", h.URL+"/openapi.json", "")
	var spec struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Permission  string `json:"x-permission"`
			Responses   map[string]struct{ Content map[string]any }
			Parameters  []struct{ Name string }
		}
		Servers    []struct{ URL string }
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(r.body, &spec); err != nil {
		t.Fatal(err)
	}
	put, media := spec.Paths["/api/lamps/{id}"]["put"], spec.Paths["/media/{lease}/lamp.mp4"]["get"]
	if spec.OpenAPI != "3.1.0" || put.OperationID != "putLamp" || put.Permission != "lamp.read" || media.Parameters[0].Name != "lease" {
		t.Errorf("%+v", spec)
	}
	if spec.Components.Schemas["Problem"] == nil || spec.Components.Schemas["ErrorModel"] != nil {
		t.Error("problems are described as huma's errors")
	}
	for path, methods := range spec.Paths {
		for method, op := range methods {
			if op.Permission == "" {
				t.Errorf("%s %s is described without its permission", method, path)
			}
			if _, ok := op.Responses["default"].Content["application/problem+json"]; !ok {
				t.Errorf("%s %s: %v", method, path, op.Responses)
			}
		}
	}
	for _, lang := range []string{"zh", "en"} {
		docs := ask(t, "GET", h.URL+"/docs", "", "Accept-Language", lang)
		text := string(docs.body)
		for _, want := range []string{"/api/lamps/{id}", "lamp.read", "Set a lamp", `href="#type-Problem"`, map[string]string{"zh": "所需权限", "en": "Permission"}[lang]} {
			if !strings.Contains(text, want) {
				t.Errorf("docs in %s lack %q", lang, want)
			}
		}
		if strings.Contains(text, "<script") || strings.Contains(text, "//cdn") || strings.Contains(text, `src="http`) {
			t.Error("docs load something")
		}
	}
}

// Two rooms may have types of one name.
func TestTypesOfOneName(t *testing.T) {
	type Status struct {
		A string `json:"a"`
	}
	type first struct{ Body Status }
	second := func(r *api.Router) {
		type Status struct {
			B string `json:"b"`
		}
		type out struct{ Body Status }
		api.Get(r, "/api/b", api.Op{ID: "b", Permission: api.Public, Summary: "b"}, func(context.Context, *struct{}) (*out, error) { return &out{}, nil })
	}
	s := api.New(api.Options{})
	err := s.Add(room{"one", func(r *api.Router) {
		api.Get(r, "/api/a", api.Op{ID: "a", Permission: api.Public, Summary: "a"}, func(context.Context, *struct{}) (*first, error) { return &first{}, nil })
	}, nil}, room{"two", second, nil})
	if err != nil {
		t.Fatal(err)
	}
	if spec, err := s.OpenAPI(); err != nil || !bytes.Contains(spec, []byte("Status")) {
		t.Error(err)
	}
}

func TestTheLogHasNoSecrets(t *testing.T) {
	var log bytes.Buffer
	_, h := serve(t, api.Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	for _, path := range []string{"/media/LEASE123/lamp.mp4?token=SECRET", "/media/LEASE123/nothing?x=SECRET", "/api/lamps/LEASE123?x=SECRET", "/LEASE123?x=SECRET"} {
		ask(t, "GET", h.URL+path, "", "X-Who", "guard")
	}
	if strings.Contains(log.String(), "LEASE123") || strings.Contains(log.String(), "SECRET") {
		t.Error(log.String())
	}
	if !strings.Contains(log.String(), "route=/media/{lease}/lamp.mp4") || !strings.Contains(log.String(), "account=a1") {
		t.Error(log.String())
	}
}

func TestHealth(t *testing.T) {
	s, h := serve(t, api.Options{})
	if r := ask(t, "GET", h.URL+"/healthz", ""); r.StatusCode != 200 {
		t.Error(r.Status)
	}
	s.Ready("store", func(context.Context) error { return nil })
	if r := ask(t, "GET", h.URL+"/readyz", ""); r.StatusCode != 200 || string(r.body) != "store ok\n" {
		t.Errorf("%s %s", r.Status, r.body)
	}
	s.Ready("disk", func(context.Context) error { return errors.New("/secret/path is gone") })
	s.Ready("odd", func(context.Context) error { panic("x") })
	if r := ask(t, "GET", h.URL+"/readyz", ""); r.StatusCode != 503 || string(r.body) != "store ok\ndisk failed\nodd failed\n" {
		t.Errorf("%s %s", r.Status, r.body)
	}
	ask(t, "GET", h.URL+"/media/x/lamp.mp4", "")
	m := string(ask(t, "GET", h.URL+"/metrics", "", "X-Who", "op").body)
	for _, want := range []string{`linli_http_requests_total{method="GET",route="/media/{lease}/lamp.mp4",status="200"} 1`, "linli_http_request_seconds_bucket", "process_resident_memory_bytes"} {
		if !strings.Contains(m, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}

func TestPages(t *testing.T) {
	s, h := serve(t, api.Options{})
	script := strings.Repeat("console.log('邻里');", 200)
	s.Pages(fstest.MapFS{
		"index.html":          {Data: []byte("<!doctype html><title>Linli</title>")},
		"assets/app-1a2b3.js": {Data: []byte(script)},
		".keep":               {Data: []byte("x")},
	})
	for _, path := range []string{"/", "/index.html", "/wall", "/cameras/01J/playback"} {
		r := ask(t, "GET", h.URL+path, "")
		if r.StatusCode != 200 || !strings.Contains(string(r.body), "Linli") || r.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %s %v", path, r.Status, r.Header)
		}
		csp := r.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "script-src 'self'") || strings.Contains(strings.Split(csp, "style-src")[0], "unsafe-inline") {
			t.Errorf("%s: %s", path, csp)
		}
	}
	r := ask(t, "GET", h.URL+"/assets/app-1a2b3.js", "")
	if string(r.body) != script || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") || r.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%s %v", r.Status, r.Header)
	}
	z := ask(t, "GET", h.URL+"/assets/app-1a2b3.js", "", "Accept-Encoding", "gzip")
	if z.Header.Get("Content-Encoding") != "gzip" || len(z.body) > len(script)/4 || gunzip(t, z.body) != script {
		t.Errorf("compressed: %v", z.Header)
	}
	if again := ask(t, "GET", h.URL+"/assets/app-1a2b3.js", "", "If-None-Match", r.Header.Get("Etag")); again.StatusCode != 304 {
		t.Errorf("asked again: %s", again.Status)
	}
	for _, path := range []string{"/assets/other.js", "/favicon.ico", "/.keep", "/../go.mod"} {
		if r := ask(t, "GET", h.URL+path, ""); r.StatusCode != 404 {
			t.Errorf("%s: %s", path, r.Status)
		}
	}
	s.Pages(fstest.MapFS{})
	if r := ask(t, "GET", h.URL+"/", "", "Accept-Language", "en"); r.StatusCode != 503 || r.problem(t).Code != "api.not-built" {
		t.Errorf("without a build: %s", r.body)
	}
}

func gunzip(t *testing.T, b []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestCompression(t *testing.T) {
	_, h := serve(t, api.Options{})
	r := ask(t, "GET", h.URL+"/openapi.json", "", "Accept-Encoding", "br, gzip;q=0.8")
	if r.Header.Get("Content-Encoding") != "gzip" || !json.Valid([]byte(gunzip(t, r.body))) {
		t.Errorf("JSON: %v", r.Header)
	}
	for _, c := range [][2]string{{"/media/x/lamp.mp4", "gzip"}, {"/openapi.json", "gzip;q=0"}, {"/healthz", "gzip"}} {
		if r := ask(t, "GET", h.URL+c[0], "", "Accept-Encoding", c[1]); r.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s with %s is compressed", c[0], c[1])
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	_, h := serve(t, api.Options{})
	for _, path := range []string{"/media/x/lamp.mp4", "/api/known", "/docs", "/nothing"} {
		r := ask(t, "GET", h.URL+path, "")
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Content-Security-Policy": "default-src 'none'"} {
			if !strings.Contains(r.Header.Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, r.Header.Get(name))
			}
		}
	}
	if r := ask(t, "GET", h.URL+"/api/known", "", "X-Who", "guard"); r.Header.Get("Cache-Control") != "no-store" {
		t.Error("replies of the API may be kept by a cache")
	}
}
