package apitest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"linli.dev/linli/api"
)

// Page asks a room's routes, without a network in between. Who asks stands in the header X-Who, which Doorman reads.
type Page struct {
	T    *testing.T
	HTTP http.Handler
}

// Do asks, fails the test unless status comes back, and reads the answer into into: a *string takes the text, anything else
// is JSON. headers are pairs of a name and a value.
func (p Page) Do(status int, who, method, path, body string, into any, headers ...string) http.Header {
	p.T.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("X-Who", who)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.HTTP.ServeHTTP(w, req)
	if w.Code != status {
		p.T.Fatalf("%s %s: %d, want %d: %s", method, path, w.Code, status, w.Body)
	}
	switch into := into.(type) {
	case nil:
	case *string:
		*into = w.Body.String()
	default:
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			p.T.Fatalf("%v: %s", err, w.Body)
		}
	}
	return w.Header()
}

// Doorman lets in whom the header X-Who names, with the permissions that stand beside the name. Nobody else has any. Who
// has no role at a place among them (At) is an operator, who may do there what the permissions say.
type Doorman map[string][]string

// At is a role held at a place, to stand among the permissions of a Doorman.
func At[ID ~string](role string, place ID) string { return "at " + role + " " + string(place) }

// For is a role held for a member unit, to stand among the permissions of a Doorman.
func For[ID ~string](role string, unit ID) string { return "for " + role + " " + string(unit) }

// Authenticate implements api.Authenticator.
func (d Doorman) Authenticate(r *http.Request) (api.Caller, error) {
	name := r.Header.Get("X-Who")
	held, known := d[name]
	if !known {
		return api.Caller{}, nil
	}
	who := api.Caller{Account: name, Kind: "account", Permissions: map[string]bool{}}
	for _, p := range held {
		if at := strings.Fields(p); len(at) == 3 {
			o := api.Office{Role: at[1], Place: at[2]}
			if at[0] == "for" {
				o.Place, o.Unit = "", at[2]
			}
			who.Offices = append(who.Offices, o)
			continue
		}
		who.Permissions[p] = true
	}
	if len(who.Offices) == 0 {
		who.Roles = []string{"operator"}
	}
	return who, nil
}
