package role

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// open lists what anybody may ask for without signing in. Adding to it is a decision, not an accident.
var open = []string{
	"GET /healthz", "GET /readyz", "GET /openapi.json", "GET /docs", "GET /docs/docs.css",
	"GET /api/session", "POST /api/session",
	"GET /api/disclosure",        // help money is public by its nature: sums and closed words, no compound (people/pairing/disclosure.go)
	"GET /api/other-ways",        // the ways to the cameras that do not pass through here are public (red line 3)
	"GET /api/published-notices", // notices to residents are posted at the gate; drafts and who wrote them are not among them
	// Published forms of inspections and how their versions differ are public (red line 8).
	"GET /api/published-forms", "GET /api/published-forms/{form}/{number}", "GET /api/published-forms/{form}/{number}/differences", "GET /api/published-forms/{form}/{number}/xlsform",
}

// The pages' types are made from web/openapi.json, so it has to be what the server serves.
func TestTheDocumentIsUpToDate(t *testing.T) {
	served, err := OpenAPI(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile("../web/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(served, kept) {
		t.Error("web/openapi.json is not what the routes say: run make generate")
	}
}

// TestEveryRouteIsGuarded asks every route there is without signing in, and with a lease that nobody gave.
func TestEveryRouteIsGuarded(t *testing.T) {
	storetest.EachOptions(t, everyRouteIsGuarded)
}

func everyRouteIsGuarded(t *testing.T, opt store.Options) {
	ctx := context.Background()
	a, err := Open(ctx, Config{Data: t.TempDir(), Listen: "127.0.0.1:0", Database: opt.URL}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	handler := a.server.Handler()
	named := regexp.MustCompile(`\{[a-z_]+\}`)
	ask := func(r api.Route) (int, string) {
		req := httptest.NewRequest(r.Method, named.ReplaceAllString(r.Path, "x"), strings.NewReader("{}"))
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		var p api.Problem
		_ = json.Unmarshal(w.Body.Bytes(), &p)
		return w.Code, p.Code
	}
	routes := a.server.Routes()
	if len(routes) < 30 {
		t.Fatalf("%d routes: rooms are missing", len(routes))
	}
	for _, r := range routes {
		name := r.Method + " " + r.Path
		switch {
		case strings.HasPrefix(r.Path, "/media/"):
			if code, problem := ask(r); code != http.StatusForbidden || problem != "door.lease-required" {
				t.Errorf("%s without a lease: %d %s", name, code, problem)
			}
		case r.Permission == api.Public:
			if !slices.Contains(open, name) {
				t.Errorf("%s is open to anybody", name)
			}
		default:
			if r.Permission != api.SignedIn && !identity.Known(r.Permission) {
				t.Errorf("%s asks for %s, which no role holds", name, r.Permission)
			}
			if code, problem := ask(r); code != http.StatusUnauthorized {
				t.Errorf("%s for nobody: %d %s", name, code, problem)
			}
		}
	}
}
