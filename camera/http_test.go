package camera

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// door lets everybody in as the one that the header names.
type doorman struct{}

func (doorman) Authenticate(r *http.Request) (api.Caller, error) {
	switch r.Header.Get("X-Who") {
	case "operator":
		return api.Caller{Account: "op", Kind: "account", Permissions: map[string]bool{MayRead: true, MayWrite: true, MayImport: true, MayTest: true}}, nil
	case "guard":
		return api.Caller{Account: "guard", Kind: "account", Permissions: map[string]bool{MayRead: true}}, nil
	}
	return api.Caller{}, nil
}

type site struct {
	t    *testing.T
	s    *Service
	c    *clock
	http http.Handler
}

// newSite is for tests in which the kind of database does not matter.
func newSite(t *testing.T) *site {
	t.Helper()
	return siteOn(t, storetest.SQLite(t))
}

// eachSite runs f on both.
func eachSite(t *testing.T, f func(t *testing.T, st *site)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, siteOn(t, db)) })
}

func siteOn(t *testing.T, db *store.DB) *site {
	t.Helper()
	c := newClock()
	s := newService(t, db, c)
	server := api.New(api.Options{Auth: doorman{}})
	if err := server.Add(s); err != nil {
		t.Fatal(err)
	}
	return &site{t, s, c, server.Handler()}
}

type answer struct {
	*httptest.ResponseRecorder
	t *testing.T
}

func (a answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.Body.Bytes(), v); err != nil {
		a.t.Fatalf("%v: %s", err, a.Body)
	}
}

func (st *site) do(who, method, path string, body any, headers ...string) answer {
	st.t.Helper()
	var r io.Reader
	contentType := "application/json"
	switch b := body.(type) {
	case nil:
	case []byte:
		r, contentType = bytes.NewReader(b), ""
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			st.t.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	req := httptest.NewRequest(method, path, r)
	req.Header.Set("X-Who", who)
	if contentType != "" && body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	st.http.ServeHTTP(w, req)
	return answer{w, st.t}
}

func TestRoutes(t *testing.T) {
	eachSite(t, func(t *testing.T, st *site) {
		refused := st.do("operator", "POST", "/api/cameras", func() Edit { e := gate("更衣室"); return e }())
		if refused.Code != 422 || !strings.Contains(refused.Body.String(), "依法不得") || !strings.Contains(refused.Body.String(), `"urn:linli:problem:forbidden-place"`) {
			t.Fatal(refused.Code, refused.Body)
		}
		asked := st.do("operator", "POST", "/api/cameras", gate("更衣室外走廊"), "Accept-Language", "en")
		if asked.Code != 422 || !strings.Contains(asked.Body.String(), `confirm-outside`) || !strings.Contains(asked.Body.String(), "only its outside") {
			t.Fatal(asked.Code, asked.Body)
		}
		made := st.do("operator", "POST", "/api/cameras", gate("东门 1"))
		var cam View
		made.into(&cam)
		if made.Code != 201 || made.Header().Get("ETag") != `"1"` || made.Header().Get("Location") != "/api/cameras/"+string(cam.ID) {
			t.Fatal(made.Code, made.Header(), made.Body)
		}
		if cam.Health.State != Connecting || cam.Health.Says == "" || !cam.HasSub {
			t.Errorf("%+v", cam)
		}

		// A guard sees the camera and whom to call; not the host, and cannot edit.
		for _, path := range []string{"/api/cameras", "/api/cameras/" + string(cam.ID), "/api/devices", "/api/devices/" + string(cam.Device)} {
			a := st.do("guard", "GET", path, nil)
			if a.Code != 200 || strings.Contains(a.Body.String(), "192.168") || strings.Contains(a.Body.String(), "Sesame") || strings.Contains(a.Body.String(), "Streaming") {
				t.Errorf("%s: %d %s", path, a.Code, a.Body)
			}
		}
		if a := st.do("operator", "GET", "/api/devices", nil); !strings.Contains(a.Body.String(), "192.168.1.64") {
			t.Error(a.Body)
		}
		if a := st.do("guard", "PATCH", "/api/cameras/"+string(cam.ID), map[string]any{"name": "x", "version": 1}); a.Code != 403 {
			t.Error(a.Code)
		}
		if a := st.do("", "GET", "/api/cameras", nil); a.Code != 401 {
			t.Error(a.Code)
		}

		// Versions: by header and in the body.
		if a := st.do("operator", "PATCH", "/api/cameras/"+string(cam.ID), map[string]any{"range": "30 米"}); a.Code != 422 {
			t.Error(a.Code, a.Body)
		}
		if a := st.do("operator", "PATCH", "/api/cameras/"+string(cam.ID), map[string]any{"range": "30 米"}, "If-Match", `"1"`); a.Code != 200 || a.Header().Get("ETag") != `"2"` {
			t.Error(a.Code, a.Body)
		}
		if a := st.do("operator", "PATCH", "/api/cameras/"+string(cam.ID), map[string]any{"range": "40 米", "version": 1}); a.Code != 409 {
			t.Error(a.Code, a.Body)
		}

		// Health in words, the operator's detail for the operator only.
		st.s.Observe(Status{Camera: cam.ID, Which: Main, State: Unauthorised, Reason: "stream.unauthorised", Detail: "401 from recorder", NextTry: st.c.now().Add(35 * time.Minute)})
		for who, sees := range map[string]bool{"operator": true, "guard": false} {
			a := st.do(who, "GET", "/api/cameras/"+string(cam.ID)+"/health", nil)
			var h Health
			a.into(&h)
			if h.State != Unauthorised || !strings.Contains(h.Says, "35 分钟") || !strings.Contains(h.Do, "更正密码") || h.NextTry == nil {
				t.Errorf("%+v", h)
			}
			if (h.Detail != "") != sees {
				t.Errorf("%s sees detail %q", who, h.Detail)
			}
		}
		st.c.add(time.Second)
		if err := st.s.health.tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		st.c.add(time.Hour)
		var list struct{ Outages []Outage }
		st.do("guard", "GET", "/api/cameras/"+string(cam.ID)+"/outages", nil, "Accept-Language", "en").into(&list)
		if len(list.Outages) != 1 || !strings.Contains(list.Outages[0].Says, "password") || list.Outages[0].Detail != "" {
			t.Errorf("%+v", list)
		}
		st.do("guard", "GET", "/api/outages?from=2026-11-01T00:00:00Z", nil).into(&list)
		if len(list.Outages) != 1 {
			t.Errorf("%+v", list)
		}
		var av struct {
			Zone         string
			Availability []Availability
			Since        time.Time
		}
		st.do("guard", "GET", "/api/cameras/"+string(cam.ID)+"/availability?by=month&from=2026-11-01T00:00:00%2B08:00", nil).into(&av)
		if len(av.Availability) != 1 || av.Availability[0].Outages != 1 || av.Availability[0].Share == nil || av.Zone != "Asia/Shanghai" || !av.Since.Equal(cam.Created) {
			t.Errorf("%+v", av)
		}
		if a := st.do("guard", "GET", "/api/outages?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", nil); a.Code != 422 {
			t.Error(a.Code, a.Body)
		}
		var choices struct {
			AreaKinds []ChoiceView `json:"area_kinds"`
			Bases     []ChoiceView `json:"bases"`
			Keep      int          `json:"retention_days"`
		}
		st.do("guard", "GET", "/api/camera-choices", nil).into(&choices)
		if len(choices.AreaKinds) != len(AreaKinds) || len(choices.Bases) != len(basisRules) || choices.Bases[1].LeastDays != 90 || choices.Keep != DefaultRetention {
			t.Errorf("%+v", choices)
		}

		if a := st.do("operator", "DELETE", "/api/cameras/"+string(cam.ID), nil); a.Code != 204 {
			t.Error(a.Code, a.Body)
		}
		if a := st.do("operator", "GET", "/api/cameras/"+string(cam.ID), nil); a.Code != 404 {
			t.Error(a.Code, a.Body)
		}
		var devices struct{ Devices []DeviceView }
		st.do("operator", "GET", "/api/devices", nil).into(&devices)
		if len(devices.Devices) != 0 {
			t.Errorf("%+v", devices)
		}
		d := st.do("operator", "POST", "/api/devices", map[string]any{"kind": "recorder", "name": "1 号录像机", "host": "192.168.1.10", "user": "a", "password": "b"})
		if d.Code != 201 || strings.Contains(d.Body.String(), `"password"`) {
			t.Fatal(d.Code, d.Body)
		}
		if a := st.do("operator", "PATCH", d.Header().Get("Location"), map[string]any{"connection_limit": 8}, "If-Match", d.Header().Get("ETag")); a.Code != 200 {
			t.Error(a.Code, a.Body)
		}
		if a := st.do("operator", "DELETE", d.Header().Get("Location"), nil); a.Code != 204 {
			t.Error(a.Code, a.Body)
		}
	})
}
