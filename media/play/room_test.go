package play

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// compound is a house with one door, one camera at the gate, and the guard Zhao.
type compound struct {
	t      testing.TB
	door   *grant.Door
	room   *Room
	shelf  *shelf
	server *httptest.Server
}

func (c *compound) LookCamera(_ context.Context, id grant.CameraID) (grant.CameraFacts, error) {
	return grant.CameraFacts{ID: id, Name: "东门/出入口", Area: "大门", Common: true}, nil
}
func (c *compound) CallerOf(context.Context, string) (api.Caller, error) { return zhao(), nil }
func (c *compound) SessionOf(r *http.Request) string {
	if cookie, err := r.Cookie("linli_session"); err == nil {
		return cookie.Value
	}
	return ""
}
func (c *compound) OnSessionEnd(func(session, account, why string)) {}
func (c *compound) Authenticate(*http.Request) (api.Caller, error)  { return zhao(), nil }

func zhao() api.Caller {
	return api.Caller{Account: "zhao", Name: "赵师傅", Kind: "account", Roles: []string{"guard"}, Session: "zhao-pc"}
}

// build is for tests in which the kind of database does not matter.
func build(t testing.TB, s *shelf, change ...func(*Options)) *compound {
	t.Helper()
	return buildOn(t, storetest.SQLite(t), s, change...)
}

func buildOn(t testing.TB, db *store.DB, s *shelf, change ...func(*Options)) *compound {
	t.Helper()
	c := &compound{t: t, shelf: s}
	var err error
	if c.door, err = grant.New(context.Background(), grant.Options{DB: db, Facts: c, Sessions: c}); err != nil {
		t.Fatal(err)
	}
	o := Options{
		Door: c.door, Footage: s, Version: "1.2.3", Session: c.SessionOf,
		Clock: func(string, archive.Which) (Clock, bool) {
			return Clock{Offset: time.Second, Drift: 20 * time.Millisecond}, true
		},
	}
	for _, f := range change {
		f(&o)
	}
	if c.room, err = New(o); err != nil {
		t.Fatal(err)
	}
	house := api.New(api.Options{Auth: c})
	if err := house.Add(c.room); err != nil {
		t.Fatal(err)
	}
	c.server = httptest.NewServer(house.Handler())
	t.Cleanup(func() {
		c.door.Close()
		http.DefaultClient.CloseIdleConnections()
		c.server.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.opened != 0 {
			t.Errorf("%d segments were left open", s.opened)
		}
	})
	return c
}

func (c *compound) look(kind grant.Kind, from, to time.Duration) *grant.Lease {
	c.t.Helper()
	q := grant.Request{Camera: "gate", Kind: kind, Purpose: "duty"}
	if kind != grant.Snapshot {
		q.From, q.To = noon.Add(from), noon.Add(to)
	}
	l, err := c.door.Begin(context.Background(), zhao(), q)
	if err != nil {
		c.t.Fatal(err)
	}
	return l
}

func (c *compound) get(l *grant.Lease, path string, header ...string) (*http.Response, []byte) {
	c.t.Helper()
	req, err := http.NewRequest("GET", c.server.URL+"/media/"+l.ID+"/"+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Cookie", "linli_session=zhao-pc")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp, b
}

func (c *compound) refused(resp *http.Response, body []byte, status int, code string) {
	c.t.Helper()
	var p struct{ Code string }
	_ = json.Unmarshal(body, &p)
	if resp.StatusCode != status || p.Code != code {
		c.t.Errorf("answered %d %q, want %d %q\n%.300s", resp.StatusCode, p.Code, status, code, body)
	}
}

func TestEveryMessageHasBothLanguages(t *testing.T) {
	all := map[string]map[string]string{}
	for _, name := range []string{"zh", "en"} {
		raw, err := messages.ReadFile("messages/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]string
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		all[name] = m
	}
	for k := range all["zh"] {
		if all["en"][k] == "" || len(all["zh"]) != len(all["en"]) {
			t.Errorf("%s is missing in English", k)
		}
	}
}

// A stranger who got hold of an address is refused as often as he asks, and none of it keeps the look going.
func TestAStrangerKeepsNobodysLook(t *testing.T) {
	c := build(t, tape(gateFilm(t), nil, 1))
	door, err := grant.New(t.Context(), grant.Options{DB: storetest.SQLite(t), Facts: c, Sessions: c, Idle: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer door.Close()
	c.room.o.Door = door
	l, err := door.Begin(t.Context(), zhao(), grant.Request{Camera: "gate", Kind: grant.Playback, Purpose: "duty", From: noon, To: noon.Add(10 * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	if resp, body := c.get(l, "fragments.json"); resp.StatusCode != 200 {
		t.Fatalf("%s %s", resp.Status, body)
	}
	for begun := time.Now(); l.Err() == nil; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > 5*time.Second {
			t.Fatal("a stranger's requests keep it going")
		}
		if resp, body := c.get(l, "fragments.json", "Cookie", "linli_session=wu-pc"); resp.StatusCode != 410 {
			c.refused(resp, body, 403, "door.lease-required")
		}
	}
	if l.Why() != grant.EndIdle {
		t.Error(l.Why())
	}
}

// What pages show says what to do too.
func TestTroubleSaysWhatToDo(t *testing.T) {
	apitest.SayWhatToDo(t, messages, "play.no-picture", "play.not-drawn", "play.empty-span", "play.no-footage", "play.unreadable", "play.damaged")
}
