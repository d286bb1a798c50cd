package api_test

import (
	"net/http"
	"testing"
	"time"

	"linli.dev/linli/api"
)

// mute is a database that answers nothing.
type mute struct{}

func (mute) Authenticate(r *http.Request) (api.Caller, error) {
	<-r.Context().Done()
	return api.Caller{}, r.Context().Err()
}

func TestNobodyWaitsForADatabaseThatHangs(t *testing.T) {
	_, h := serve(t, api.Options{Auth: mute{}, Patience: 50 * time.Millisecond})
	client := http.Client{Timeout: 20 * time.Second}
	get := func(path string) int {
		t.Helper()
		resp, err := client.Get(h.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	if code := get("/api/known"); code != http.StatusServiceUnavailable {
		t.Errorf("what needs a caller: %d", code)
	}
	if code := get("/openapi.json"); code != http.StatusOK {
		t.Errorf("what anybody may read: %d", code)
	}
}

// asked says whether anybody asked who calls.
type asked struct{ t *testing.T }

func (a asked) Authenticate(r *http.Request) (api.Caller, error) {
	a.t.Errorf("%s asks who calls", r.URL.Path)
	return api.Caller{}, nil
}

func TestWhetherTheProcessIsAliveIsAskedWithoutADatabase(t *testing.T) {
	_, h := serve(t, api.Options{Auth: asked{t}})
	for _, path := range []string{"/healthz", "/readyz"} {
		resp, err := http.Get(h.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
}
