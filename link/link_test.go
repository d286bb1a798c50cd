package link

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestWhereAHubMayBe(t *testing.T) {
	for text, want := range map[string]error{
		"https://hub.example.org": nil, "https://hub.example.org:8443/": nil, " https://10.1.2.3 ": nil, "https://[2001:db8::1]:443": nil,
		"http://127.0.0.1:8080": nil, "http://localhost:8080": nil, "http://[::1]:8080": nil, "http://127.9.9.9": nil,
		"http://hub.example.org": ErrPlain, "http://10.1.2.3": ErrPlain, "http://127.0.0.1.example.org": ErrPlain, "http://localhost.example.org": ErrPlain, "http://0.0.0.0:8080": ErrPlain, "http://[::]": ErrPlain,
		"hub.example.org": ErrURL, "": ErrURL, "ftp://127.0.0.1": ErrURL, "https://": ErrURL, "https://:443": ErrURL, "https:hub.example.org": ErrURL,
		"https://user:secret@hub.example.org": ErrURL, "https://hub.example.org/linli": ErrURL, "https://hub.example.org?x=1": ErrURL, "https://hub.example.org/#x": ErrURL,
	} {
		if _, err := CheckURL(text); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

func FuzzCheckURL(f *testing.F) {
	for _, s := range []string{"https://hub.example.org", "http://127.0.0.1:8080", "http://[::1%25lo]:1", "http://localhost@evil/", "https://a/b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := CheckURL(text)
		if err != nil {
			return
		}
		if u.Scheme != "https" && !onThisMachine(u.Hostname()) || u.User != nil || u.Path != "" {
			t.Errorf("%q: %v", text, u)
		}
		if again, err := CheckURL(u.String()); err != nil || again.String() != u.String() {
			t.Errorf("%q: %v is not read back: %v", text, u, err)
		}
	})
}

func TestPlainHTTPLeavesTheMachineUnderNoName(t *testing.T) {
	for address, ok := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "10.1.2.3:80": false, "[2001:db8::1]:80": false, "": false} {
		if err := loopbackOnly("tcp", address, nil); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// The red lines, as bytes: these fields and no others leave a compound.
func TestThisIsAllThatLeavesACompound(t *testing.T) {
	var b daybook
	raw, err := json.Marshal(b.cameras(time.Now(), []Local{{ID: "01JD0SECRETOFTHECAMERA", Name: "大门", Area: "gate", InUse: true, Picture: true}}))
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(list[0])); !slices.Equal(got, []string{"area", "in_use", "key", "name", "seen"}) {
		t.Errorf("%v", got)
	}
	if bytes.Contains(raw, []byte("SECRET")) {
		t.Errorf("the camera's id leaves: %s", raw)
	}
}

// That a camera failed, and when, stays at home: of a day it is told once that it was seen.
func TestAnOutageIsNotTold(t *testing.T) {
	var b daybook
	at := time.Date(2026, 11, 27, 9, 0, 0, 0, zone)
	say := func(at time.Time, picture, use bool) Camera {
		return b.cameras(at, []Local{{ID: "a", Name: "大门", Area: "gate", InUse: use, Picture: picture}})[0]
	}
	if say(at, false, true).Seen {
		t.Error("it was not seen yet")
	}
	seen := say(at.Add(time.Hour), true, true)
	if !seen.Seen || say(at.Add(2*time.Hour), false, true) != seen || say(at.Add(14*time.Hour+59*time.Minute), false, true) != seen {
		t.Error("what is told changes with an outage")
	}
	if say(at.Add(15*time.Hour), false, true).Seen {
		t.Error("it was not seen on the next day")
	}
	if say(at.Add(16*time.Hour), true, false).Seen {
		t.Error("a camera out of use is not seen")
	}
}

func FuzzRefusal(f *testing.F) {
	f.Add(409, "", []byte(`{"code":"place.node.here"}`))
	f.Add(422, "5", []byte(`{"code":"place.invalid","fields":[{"path":"cameras[0].name","code":"x"}]}`))
	f.Add(503, "99999999999999999999", []byte("<html>"))
	f.Fuzz(func(t *testing.T, status int, after string, said []byte) {
		r := refusal(status, after, said)
		if r.problem == "" || r.wait < 0 || r.wait > 24*time.Hour || !utf8.ValidString(r.code+r.field) || utf8.RuneCountInString(r.code) > 80 || utf8.RuneCountInString(r.field) > 80 {
			t.Errorf("%+v", r)
		}
	})
}

func TestBackOffDoublesAndEnds(t *testing.T) {
	for fails, want := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 600, 600} {
		want *= time.Second
		for range 20 {
			if got := backOff(5*time.Second, 10*time.Minute, fails); got < want*8/10 || got > min(want*12/10, 10*time.Minute) {
				t.Errorf("after %d failures %v, want about %v", fails, got, want)
			}
		}
	}
	if got := backOff(5*time.Second, 10*time.Minute, 1<<40); got > 10*time.Minute || got < 8*time.Minute {
		t.Error(got)
	}
}

// desk is a hub as the node sees it.
type desk struct {
	mu      sync.Mutex
	answers []int // of the next reports; then 200
	code    string
	field   string
	got     [][]Camera
	tokens  []string
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tokens = append(d.tokens, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	if r.Method == http.MethodGet && r.URL.Path == "/api/register" {
		_, _ = io.WriteString(w, `{"compound":"jinyang","name":"金阳花园","day":"2026-11-27"}`)
		return
	}
	if r.Method != http.MethodPut || r.URL.Path != "/api/compounds/jinyang/register" {
		http.NotFound(w, r)
		return
	}
	if len(d.answers) > 0 {
		status := d.answers[0]
		d.answers = d.answers[1:]
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		p := map[string]any{"code": d.code}
		if d.field != "" {
			p["fields"] = []map[string]string{{"path": d.field, "code": d.code}}
		}
		_ = json.NewEncoder(w).Encode(p)
		return
	}
	var in struct{ Cameras []Camera }
	_ = json.NewDecoder(r.Body).Decode(&in)
	d.got = append(d.got, in.Cameras)
	_, _ = io.WriteString(w, `{"compound":"jinyang","name":"金阳花园"}`)
}

func (d *desk) reports() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.got)
}

func tokenFile(t *testing.T, token string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// box is a node whose register the test changes.
type box struct {
	t    *testing.T
	r    *Reporter
	db   *store.DB
	news chan struct{}

	mu      sync.Mutex
	cameras []Local
}

func (b *box) list(context.Context) ([]Local, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.cameras), nil
}

func (b *box) add(name string) {
	b.mu.Lock()
	b.cameras = append(b.cameras, Local{ID: name, Name: name, Area: "gate", InUse: true, Picture: true})
	b.mu.Unlock()
	b.news <- struct{}{}
}

func newBox(t *testing.T, db *store.DB, o Options) *box {
	t.Helper()
	b := &box{t: t, db: db, news: make(chan struct{}), cameras: []Local{{ID: "a", Name: "大门", Area: "gate", InUse: true, Picture: true}}}
	o.Cameras, o.Quiet = b.list, time.Millisecond
	if o.First == 0 {
		o.First = 5 * time.Millisecond
	}
	var err error
	if b.r, err = New(t.Context(), db, o); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *box) run() {
	ctx, stop := context.WithCancel(b.t.Context())
	done := make(chan error, 1)
	go func() { done <- b.r.Run(ctx, b.news) }()
	b.t.Cleanup(func() {
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			b.t.Error(err)
		}
	})
}

func (b *box) until(what string, f func(State) bool) State {
	b.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		s := b.r.State()
		if f(s) {
			return s
		}
		if time.Now().After(end) {
			b.t.Fatalf("%s: never; %+v", what, s)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (b *box) told() (kinds []string) {
	b.t.Helper()
	events, err := b.db.Events(b.t.Context(), 0, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range events {
		if strings.HasPrefix(e.Kind, "hub.") {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

func well(s State) bool { return s.Problem == "" && !s.Success.IsZero() }

func TestAReportArrivesAfterTheHubIsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := &desk{answers: []int{503, 503, 503}, code: "place.store"}
		hub := httptest.NewServer(d)
		defer hub.Close()
		b := newBox(t, db, Options{URL: hub.URL, TokenFile: tokenFile(t, "linli_box")})
		b.run()
		s := b.until("a report", well)
		if s.Name != "金阳花园" || s.Cameras != 1 || s.Next.Before(s.Success) {
			t.Errorf("%+v", s)
		}
		b.until("the journal tells of it", func(State) bool { return slices.Contains(b.told(), "hub.reported") })
		if got := b.told(); !slices.Equal(got, []string{"hub.failed", "hub.reported"}) {
			t.Errorf("the journal tells of every attempt: %v", got)
		}
		// Nothing new, nothing sent; something new is sent at once.
		b.news <- struct{}{}
		b.add("西门")
		b.until("the second camera", func(s State) bool { return s.Cameras == 2 })
		if n := d.reports(); n != 2 {
			t.Errorf("%d reports", n)
		}
		b.until("that is written down", func(State) bool { return len(b.told()) == 3 })
		// Another process that starts on this data knows when the last report arrived.
		again, err := New(t.Context(), db, Options{URL: hub.URL, TokenFile: tokenFile(t, "linli_box"), Cameras: b.list})
		if err != nil {
			t.Fatal(err)
		}
		if s := again.State(); s.Success.IsZero() || s.Name != "金阳花园" || s.Cameras != 2 {
			t.Errorf("%+v", s)
		}
		if other, err := New(t.Context(), db, Options{URL: "https://other.example.org", TokenFile: tokenFile(t, "linli_box"), Cameras: b.list}); err != nil || !other.State().Success.IsZero() {
			t.Errorf("what one hub took, another did not: %v", err)
		}
	})
}

func TestWhatAHubHasAgainstAReport(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		field  string
		want   Problem
		camera string
	}{
		{401, "identity.token-refused", "", Token, ""},
		{403, "place.not-permitted", "", Token, ""},
		{409, "place.node.here", "", Conflict, ""},
		{422, "place.field.about-people", "cameras[0].name", Refused, "大门"},
		{422, "place.field.about-people", "cameras[7].name", Refused, ""},
		{429, "api.busy", "", Busy, ""},
		{302, "", "", NoHub, ""},
		{404, "", "", NoHub, ""},
	} {
		d := &desk{answers: slices.Repeat([]int{c.status}, 1000), code: c.code, field: c.field}
		hub := httptest.NewServer(d)
		b := newBox(t, storetest.SQLite(t), Options{URL: hub.URL, TokenFile: tokenFile(t, "linli_box"), First: time.Millisecond, Every: 10 * time.Millisecond})
		b.run()
		s := b.until(c.code, func(s State) bool { return s.Problem != "" })
		if s.Problem != c.want || s.Code != c.code || s.Camera != c.camera || !s.Success.IsZero() {
			t.Errorf("%d %s: %+v", c.status, c.code, s)
		}
		d.mu.Lock()
		d.answers = nil
		d.mu.Unlock()
		b.until("it goes on by itself", well)
		hub.Close()
	}
}

// A redirect is not followed: whoever stands there would be shown the token.
func TestTheTokenIsShownToTheHubAlone(t *testing.T) {
	other := &desk{}
	elsewhere := httptest.NewServer(other)
	defer elsewhere.Close()
	hub := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/api/register", http.StatusTemporaryRedirect))
	defer hub.Close()
	b := newBox(t, storetest.SQLite(t), Options{URL: hub.URL, TokenFile: tokenFile(t, "linli_box")})
	b.run()
	b.until("a problem", func(s State) bool { return s.Problem == NoHub })
	other.mu.Lock()
	defer other.mu.Unlock()
	if len(other.tokens) != 0 {
		t.Errorf("shown elsewhere: %v", other.tokens)
	}
}

func TestAnAuthorityOfTheOwn(t *testing.T) {
	d := &desk{}
	hub := httptest.NewUnstartedServer(d)
	hub.Config.ErrorLog = log.New(io.Discard, "", 0) // a handshake is refused on purpose
	hub.StartTLS()
	defer hub.Close()
	ca := filepath.Join(t.TempDir(), "ca.crt")
	raw := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: hub.Certificate().Raw})
	if err := os.WriteFile(ca, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	stranger := newBox(t, storetest.SQLite(t), Options{URL: hub.URL, TokenFile: tokenFile(t, "linli_box")})
	stranger.run()
	stranger.until("the certificate is not believed", func(s State) bool { return s.Problem == Certificate })
	d.mu.Lock()
	if len(d.tokens) != 0 {
		t.Errorf("the token was shown: %v", d.tokens)
	}
	d.mu.Unlock()
	friend := newBox(t, storetest.SQLite(t), Options{URL: hub.URL, TokenFile: tokenFile(t, "linli_box"), CAFile: ca})
	friend.run()
	friend.until("a report", well)
	if _, err := New(t.Context(), storetest.SQLite(t), Options{URL: "http://hub.example.org", TokenFile: tokenFile(t, "linli_box"), CAFile: ca}); !errors.Is(err, ErrPlain) {
		t.Error(err)
	}
}

// What is wrong with the hub's settings keeps nothing from starting: it is said, tried again, and mended without a restart.
func TestAFaultInTheSettingsIsMendedWhileItRuns(t *testing.T) {
	d := &desk{}
	hub := httptest.NewUnstartedServer(d)
	hub.StartTLS()
	defer hub.Close()
	token, ca := filepath.Join(t.TempDir(), "hub-token"), tokenFile(t, "no certificate")
	b := newBox(t, storetest.SQLite(t), Options{URL: hub.URL, TokenFile: token, CAFile: ca, Every: 10 * time.Millisecond})
	b.run()
	b.until("no token", func(s State) bool { return s.Problem == TokenFile })
	for _, wrong := range []struct {
		text string
		mode os.FileMode
	}{{"", 0o600}, {"linli_box", 0o644}} {
		if err := errors.Join(os.WriteFile(token, []byte(wrong.text), 0o600), os.Chmod(token, wrong.mode)); err != nil {
			t.Fatal(err)
		}
		before := b.r.State().Tried
		b.until("still none", func(s State) bool { return s.Problem == TokenFile && s.Tried.After(before) })
	}
	if err := os.Chmod(token, 0o600); err != nil {
		t.Fatal(err)
	}
	b.until("no authority", func(s State) bool { return s.Problem == CAFile })
	d.mu.Lock()
	if len(d.tokens) != 0 {
		t.Errorf("the token was shown: %v", d.tokens)
	}
	d.mu.Unlock()
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: hub.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	b.until("a report", well)
}

func TestTheTokenIsReadAnew(t *testing.T) {
	d := &desk{}
	hub := httptest.NewServer(d)
	defer hub.Close()
	file := tokenFile(t, "linli_first")
	b := newBox(t, storetest.SQLite(t), Options{URL: hub.URL, TokenFile: file, Every: 10 * time.Millisecond})
	b.run()
	b.until("a report", well)
	if err := os.WriteFile(file, []byte("password"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.until("no token", func(s State) bool { return s.Problem == TokenFile })
	if err := os.WriteFile(file, []byte("linli_second\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.until("a report", well)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tokens[0] != "linli_first" || d.tokens[len(d.tokens)-1] != "linli_second" || slices.Contains(d.tokens, "password") {
		t.Errorf("%v", d.tokens)
	}
}

func TestATokenThatEverybodyCanReadIsRefused(t *testing.T) {
	file := tokenFile(t, "linli_box")
	for mode, want := range map[os.FileMode]error{0o600: nil, 0o440: nil, 0o644: ErrOpen} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := readToken(file); !errors.Is(err, want) {
			t.Errorf("%o: %v", mode, err)
		}
	}
	for _, text := range []string{"", "secret", "linli_a linli_b"} {
		if _, err := readToken(tokenFile(t, text)); !errors.Is(err, ErrToken) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := readToken(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
