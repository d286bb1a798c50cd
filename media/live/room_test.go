package live

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/whep"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// compound is a house with one door, one camera at the gate, and the guard Zhao at the gatehouse PC.
type compound struct {
	t      testing.TB
	door   *grant.Door
	room   *Room
	server *httptest.Server
	port   *whep.Port

	mu      sync.Mutex
	cameras map[string]Source
	sound   bool
}

func (c *compound) LookCamera(_ context.Context, id grant.CameraID) (grant.CameraFacts, error) {
	return grant.CameraFacts{ID: id, Name: "东门", Area: "大门", Common: true, SoundAllowed: c.sound}, nil
}
func (c *compound) CallerOf(context.Context, string) (api.Caller, error) { return zhao(), nil }
func (c *compound) SessionOf(*http.Request) string                       { return "" }
func (c *compound) OnSessionEnd(func(session, account, why string))      {}
func (c *compound) Authenticate(*http.Request) (api.Caller, error)       { return zhao(), nil }

func zhao() api.Caller {
	return api.Caller{Account: "zhao", Name: "赵师傅", Kind: "account", Roles: []string{"guard"}, Session: "zhao-pc"}
}

func (c *compound) Source(id stream.ID) (Source, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.cameras[id.Camera]
	return s, ok
}

func (c *compound) put(name string, s Source) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cameras[name] = s
}

// build is for tests in which the kind of database does not matter.
func build(t testing.TB, extra ...func(*http.ServeMux)) *compound {
	t.Helper()
	return buildOn(t, storetest.SQLite(t), extra...)
}

func buildOn(t testing.TB, db *store.DB, extra ...func(*http.ServeMux)) *compound {
	t.Helper()
	c := &compound{t: t, cameras: map[string]Source{}}
	var err error
	if c.door, err = grant.New(context.Background(), grant.Options{DB: db, Facts: c, Sessions: c}); err != nil {
		t.Fatal(err)
	}
	if c.port, err = whep.Listen(whep.Options{Listen: "127.0.0.1:0"}); err != nil {
		t.Fatal(err)
	}
	if c.room, err = New(Options{Door: c.door, Sources: c, Port: c.port, Linger: 50 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	house := api.New(api.Options{Auth: c})
	if err := house.Add(c.room); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/media/", house.Handler())
	for _, f := range extra {
		f(mux)
	}
	c.server = httptest.NewServer(mux)
	t.Cleanup(func() {
		c.door.Close()
		http.DefaultClient.CloseIdleConnections()
		c.server.Close()
		c.room.Close()
		c.port.Close()
	})
	return c
}

func (c *compound) look(kind grant.Kind) *grant.Lease {
	c.t.Helper()
	l, err := c.door.Begin(context.Background(), zhao(), grant.Request{Camera: "gate", Kind: kind, Purpose: "duty"})
	if err != nil {
		c.t.Fatal(err)
	}
	return l
}

func (c *compound) do(method, path, kind, body string, header ...string) (*http.Response, string) {
	c.t.Helper()
	req, err := http.NewRequest(method, c.server.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
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
	return resp, string(b)
}

// problem checks that a refusal says what it should.
func (c *compound) problem(resp *http.Response, body string, status int, code string) {
	c.t.Helper()
	var p struct{ Code string }
	_ = json.Unmarshal([]byte(body), &p)
	if resp.StatusCode != status || p.Code != code {
		c.t.Errorf("answered %d %q, want %d %q\n%s", resp.StatusCode, p.Code, status, code, body)
	}
}

// known are words of other languages that a Chinese sentence may have.
var known = regexp.MustCompile(`WebRTC|HLS|H\.26[45]|If-Match|ETag|application/[a-z.-]+|B 帧`)

// sentence makes sure that a problem is a sentence in Chinese: nothing in it that a program says to programs, nothing missing.
func (c *compound) sentence(resp *http.Response, body string) {
	c.t.Helper()
	var p struct{ Title, Detail string }
	if err := json.Unmarshal([]byte(body), &p); err != nil || resp.Header.Get("Content-Type") != "application/problem+json" {
		c.t.Errorf("no problem reply: %v %s %q", err, resp.Header.Get("Content-Type"), body)
		return
	}
	said := known.ReplaceAllString(p.Detail, "")
	if !regexp.MustCompile(`^\p{Han}`).MatchString(p.Title+said) || regexp.MustCompile(`[A-Za-z?{}]|（）|：$`).MatchString(said) {
		c.t.Errorf("%s: no sentence for a person: %q %q", resp.Status, p.Title, p.Detail)
	}
}

func TestEveryMessageHasBothLanguages(t *testing.T) {
	var zh, en map[string]string
	for name, into := range map[string]*map[string]string{"zh.json": &zh, "en.json": &en} {
		raw, err := messages.ReadFile("messages/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	if len(zh) != len(en) {
		t.Errorf("%d sentences in Chinese, %d in English", len(zh), len(en))
	}
	for k := range zh {
		if en[k] == "" {
			t.Errorf("%s is missing in English", k)
		}
	}
	if fault.CodeOf(errClosing) == "" {
		t.Error("no code")
	}
}

func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s: not within 10 s", what)
}

// What pages show says what to do too.
func TestTroubleSaysWhatToDo(t *testing.T) {
	apitest.SayWhatToDo(t, messages, "live.no-picture", "live.no-stream", "live.bad-offer")
}
