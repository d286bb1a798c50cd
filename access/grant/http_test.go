package grant_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// These stories go over HTTP, with the real identity and the real server in front of the door.

type gate struct{}

func (gate) LookCamera(_ context.Context, id grant.CameraID) (grant.CameraFacts, error) {
	if id != "gate" {
		return grant.CameraFacts{}, fault.New(fault.NotFound, "camera", "camera.unknown")
	}
	return grant.CameraFacts{ID: id, Name: "东门", Area: "大门", Common: true, HasSub: true}, nil
}

// room sends bytes under a lease.
type room struct{ media http.Handler }

func (room) Name() string    { return "pictures" }
func (room) Messages() fs.FS { return nil }

func (m room) Routes(r *api.Router) {
	r.Raw("GET", "/media/{lease}/test", api.Op{ID: "getTest", Permission: api.Public, Summary: "Bytes"}, m.media)
}

type town struct {
	t    *testing.T
	url  string
	door *grant.Door
	ids  *identity.Service
}

func build(t *testing.T, db *store.DB, media http.Handler) *town {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ids, err := identity.New(ctx, db, identity.Options{Cost: identity.Cost{Memory: 64, Passes: 1, Threads: 1}, SignIns: 4})
	if err != nil {
		t.Fatal(err)
	}
	door, err := grant.New(ctx, grant.Options{DB: db, Facts: gate{}, Sessions: ids})
	if err != nil {
		t.Fatal(err)
	}
	for name, role := range map[string]identity.Role{"zhao": identity.Guard, "wu": identity.Guard, "sun": identity.Operator} {
		n := identity.NewAccount{Name: name, Role: role, Password: name + "-long-password", Keep: true}
		if _, _, err := ids.CreateAccount(ctx, n); err != nil {
			t.Fatal(err)
		}
	}
	door.AddURLs(grant.Live, func(l *grant.Lease) map[string]string { return map[string]string{"test": "/media/" + l.ID + "/test"} })
	server := api.New(api.Options{Auth: ids, Journal: db})
	if err := server.Add(ids, door, room{door.Guard(grant.Live)(media)}); err != nil {
		t.Fatal(err)
	}
	for _, r := range server.Routes() {
		if r.Permission != api.Public && r.Permission != api.SignedIn && !identity.Known(r.Permission) {
			t.Errorf("%s %s asks for %s, which nobody can hold", r.Method, r.Path, r.Permission)
		}
	}
	web := httptest.NewServer(server.Handler())
	var run sync.WaitGroup
	run.Go(func() { _ = ids.Run(ctx) })
	run.Go(func() { _ = door.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		run.Wait()
		_ = door.Close()
		web.Close()
	})
	return &town{t: t, url: web.URL, door: door, ids: ids}
}

// browser keeps cookies, as one does.
type browser struct {
	*town
	client *http.Client
	site   string // Sec-Fetch-Site
	bearer string
}

func (o *town) browser() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{town: o, client: &http.Client{Jar: jar}, site: "same-origin"}
}

func (o *town) signedIn(name string) *browser {
	o.t.Helper()
	b := o.browser()
	var who identity.SessionBody
	b.do("POST", "/api/session", map[string]string{"name": name, "password": name + "-long-password"}, 201, &who)
	if !who.SignedIn {
		o.t.Fatalf("%+v", who)
	}
	return b
}

// do sends JSON and wants this status; out takes the answer. It gives the problem's code.
func (b *browser) do(method, path string, in any, want int, out any) string {
	b.t.Helper()
	var body io.Reader
	if in != nil {
		raw, _ := json.Marshal(in)
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequest(method, b.url+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Sec-Fetch-Site", b.site)
	if b.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+b.bearer)
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != want {
		b.t.Fatalf("%s %s: %s, want %d\n%s", method, path, resp.Status, want, raw)
	}
	if resp.StatusCode < 300 && out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			b.t.Fatalf("%s %s: %v\n%s", method, path, err, raw)
		}
	}
	var p api.Problem
	if resp.StatusCode >= 400 {
		if err := json.Unmarshal(raw, &p); err != nil || p.Detail == "" || strings.Contains(p.Detail, "?") && strings.Contains(p.Detail, "{") {
			b.t.Errorf("%s %s: a problem without words: %s", method, path, raw)
		}
	}
	if told, ok := out.(*api.Problem); ok {
		*told = p
	}
	return p.Code
}

func (b *browser) look() grant.LeaseBody {
	b.t.Helper()
	var l grant.LeaseBody
	b.do("POST", "/api/looks", map[string]string{"camera": "gate", "purpose": "duty", "kind": "live", "stream": "sub"}, 201, &l)
	return l
}

func TestZhaosEveningOverHTTP(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := build(t, db, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, string(grant.LeaseFrom(r.Context()).Camera))
		}))

		nobody := o.browser()
		var who identity.SessionBody
		nobody.do("GET", "/api/session", nil, 200, &who)
		if who.SignedIn || who.Roles == nil {
			t.Errorf("%+v", who)
		}
		nobody.do("POST", "/api/looks", map[string]string{"camera": "gate", "purpose": "duty", "kind": "live"}, 401, nil)
		if code := nobody.do("GET", "/media/none/test", nil, 403, nil); code != "door.lease-required" {
			t.Error(code)
		}
		if code := nobody.do("POST", "/api/session", map[string]string{"name": "zhao", "password": "wrong wrong wrong"}, 401, nil); code != "identity.wrong-password" {
			t.Error(code)
		}

		zhao := o.signedIn("zhao")
		l := zhao.look()
		if l.Policy != "guard-live" || !strings.Contains(l.Sentence, "保安") || l.IdleS != 15 || l.Stream != "sub" || l.URLs["test"] == "" {
			t.Errorf("%+v", l)
		}
		zhao.do("GET", l.URLs["test"], nil, 200, nil)

		// The URL alone is not enough: not for a stranger, not for his colleague.
		wu := o.signedIn("wu")
		for _, b := range []*browser{nobody, wu} {
			if code := b.do("GET", l.URLs["test"], nil, 403, nil); code != "door.lease-required" {
				t.Error(code)
			}
			b.do("DELETE", "/api/looks/"+l.Lease, nil, map[*browser]int{nobody: 401, wu: 404}[b], nil)
		}
		wu.do("POST", "/api/looks/"+l.Lease+"/beat", nil, 403, nil)
		zhao.do("POST", "/api/looks/"+l.Lease+"/beat", nil, 200, nil)
		zhao.do("POST", "/api/looks/"+l.Lease+"/beat", map[string]float64{"speed": 2}, 200, nil)
		zhao.do("POST", "/api/looks/"+l.Lease+"/beat", map[string]float64{"speed": 99}, 422, nil)

		// A page of another site can neither look nor sign somebody in.
		zhao.site = "cross-site"
		if code := zhao.do("POST", "/api/looks", map[string]string{"camera": "gate", "purpose": "duty", "kind": "live"}, 403, nil); code != "identity.cross-origin" {
			t.Error(code)
		}
		if code := zhao.do("POST", "/api/session", map[string]string{"name": "sun", "password": "sun-long-password"}, 403, nil); code != "identity.cross-origin" {
			t.Error(code)
		}
		zhao.site = "same-origin"

		// Sun sees who looks, without the lease, and takes it back.
		sun := o.signedIn("sun")
		var page grant.LookPage
		sun.do("GET", "/api/looks?active=true", nil, 200, &page)
		if len(page.Looks) != 1 || page.Looks[0].ID != l.Look || page.Looks[0].Name != "zhao" {
			t.Errorf("%+v", page)
		}
		// Who is refused reads who may, and for what: no name of a policy or of a permission.
		var no api.Problem
		if code := sun.do("POST", "/api/looks", map[string]string{"camera": "gate", "purpose": "duty", "kind": "live"}, 403, &no); code != "door.refused-no-permit" {
			t.Error(code)
		}
		if !strings.Contains(no.Detail, "保安因值勤") || !strings.Contains(no.Detail, "运维人员因检修维护") || strings.Contains(no.Detail, "permit") {
			t.Error(no.Detail)
		}
		if zhao.do("GET", "/api/accounts", nil, 403, &no); no.Code != "api.not-allowed" || !strings.Contains(no.Detail, "查阅账号。有此权限的有：运维人员") || strings.Contains(no.Detail, "account.read") {
			t.Error(no.Detail)
		}
		// What she may do she is told beforehand: an hour of footage, and no clip.
		var told struct{ Permits []grant.PermitView }
		sun.do("GET", "/api/looks/permits", nil, 200, &told)
		kinds := map[grant.Kind]int{}
		for _, p := range told.Permits {
			if kinds[p.Kind] = p.LongestS; p.Purpose != "maintenance" || p.Sentence == "" || p.LastsS == 0 {
				t.Errorf("%+v", p)
			}
		}
		if _, clip := kinds[grant.Export]; clip || kinds[grant.Playback] != 3600 || len(kinds) != 3 {
			t.Errorf("%+v", told)
		}
		nobody.do("GET", "/api/looks/permits", nil, 401, nil)
		sun.do("DELETE", "/api/looks/"+string(l.Look), nil, 204, nil)
		if code := zhao.do("GET", l.URLs["test"], nil, 410, nil); code != "door.lease-ended" {
			t.Error(code)
		}

		// Signing out ends what is left, and the cookie.
		l = zhao.look()
		zhao.do("DELETE", "/api/session", nil, 204, nil)
		zhao.do("GET", "/api/session", nil, 200, &who)
		if who.SignedIn {
			t.Errorf("%+v", who)
		}
		if code := zhao.do("GET", l.URLs["test"], nil, 410, nil); code != "door.lease-ended" {
			t.Error(code)
		}
	})
}

func TestNoTokenLooks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := build(t, db, http.NotFoundHandler())
		sun := o.signedIn("sun")
		for permission, code := range map[string]string{
			"look.begin": "identity.token-no-pictures", "account.write": "identity.token-no-accounts", "nonsense": "identity.permission-unknown",
		} {
			status := map[bool]int{true: 422, false: 403}[permission == "nonsense"]
			if got := sun.do("POST", "/api/tokens", map[string]any{"name": "外送", "permissions": []string{permission}}, status, nil); got != code {
				t.Error(got)
			}
		}
		var made struct{ Secret string }
		sun.do("POST", "/api/tokens", map[string]any{"name": "看板", "permissions": []string{"camera.read", "journal.read"}, "days": 30}, 201, &made)
		script := o.browser()
		script.bearer = made.Secret
		for _, c := range [][2]string{{"POST", "/api/looks"}, {"GET", "/api/looks"}, {"GET", "/api/accounts"}, {"PUT", "/api/preferences/wall"}, {"GET", "/api/sessions"}} {
			var body any
			if c[0] == "PUT" {
				body = map[string]any{"value": 1}
			} else if c[0] == "POST" {
				body = map[string]string{"camera": "gate", "purpose": "duty", "kind": "live"}
			}
			script.do(c[0], c[1], body, 403, nil)
		}
		// A lease that fell into a script's hands does not help it either.
		l := o.signedIn("zhao").look()
		script.do("GET", l.URLs["test"], nil, 403, nil)
	})
}

func TestAccountsOverHTTP(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := build(t, db, http.NotFoundHandler())
		sun, zhao := o.signedIn("sun"), o.signedIn("zhao")
		zhao.do("GET", "/api/accounts", nil, 403, nil)
		var made identity.AccountReply
		sun.do("POST", "/api/accounts", map[string]string{"name": "qian", "display": "钱师傅", "role": "guard"}, 201, &made.Body)
		if made.Body.Password == "" || !made.Body.Account.MustChange {
			t.Errorf("%+v", made.Body)
		}
		qian := o.browser()
		qian.do("POST", "/api/session", map[string]string{"name": "qian", "password": made.Body.Password}, 201, nil)
		if code := qian.do("POST", "/api/looks", map[string]string{"camera": "gate", "purpose": "duty", "kind": "live"}, 403, nil); code != "api.change-password" {
			t.Error(code)
		}
		qian.do("POST", "/api/session/password", map[string]string{"old": made.Body.Password, "new": "chosen by Qian"}, 200, nil)
		l := qian.look()

		// Qian is made an operator: the picture ends with the session.
		sun.do("PATCH", "/api/accounts/"+string(made.Body.Account.ID), map[string]string{"role": "operator"}, 200, nil)
		qian.do("GET", l.URLs["test"], nil, 410, nil)
		var list struct{ Accounts []identity.Account }
		sun.do("GET", "/api/accounts", nil, 200, &list)
		if len(list.Accounts) != 4 {
			t.Errorf("%+v", list)
		}
		sun.do("DELETE", "/api/accounts/"+string(made.Body.Account.ID), nil, 204, nil)

		wall := map[string]any{"value": map[string]any{"layout": 9, "cameras": []string{"gate"}}}
		zhao.do("PUT", "/api/preferences/wall", wall, 204, nil)
		var kept identity.PreferenceBody
		zhao.do("GET", "/api/preferences/wall", nil, 200, &kept)
		if m, ok := kept.Value.(map[string]any); !ok || m["layout"] != 9.0 {
			t.Errorf("%+v", kept)
		}
		var sessions struct{ Sessions []identity.Session }
		zhao.do("GET", "/api/sessions", nil, 200, &sessions)
		if len(sessions.Sessions) != 1 || !sessions.Sessions[0].Current {
			t.Errorf("%+v", sessions)
		}
		zhao.do("GET", "/api/sessions?all=true", nil, 403, nil)
		sun.do("DELETE", "/api/sessions/"+string(sessions.Sessions[0].ID), nil, 204, nil)
		zhao.do("GET", "/api/sessions", nil, 401, nil)
	})
}

// A big file goes to a slow viewer when the lease ends: bytes that arrive afterwards are those that were on their way, in the buffers of two
// sockets (a few hundred KiB as a rule; a kernel lets the sender's grow to 4 MiB), and the connection breaks.
func TestAnEndedLeaseSendsNoMore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const all = 1 << 30
		over := make(chan error, 1)
		o := build(t, db, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1073741824")
			_, err := io.CopyN(w, zeroes{}, all)
			over <- err
		}))
		zhao := o.signedIn("zhao")
		l := zhao.look()
		slow := *zhao.client
		slow.Transport = &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err == nil {
				err = c.(*net.TCPConn).SetReadBuffer(256 << 10)
			}
			return c, err
		}}
		resp, err := slow.Get(o.url + l.URLs["test"])
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if _, err := io.CopyN(io.Discard, resp.Body, 1<<20); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond) // the viewer reads no more; the write hangs
		if err := o.door.End(context.Background(), l.Lease, grant.EndRevoked); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-over:
			if err == nil {
				t.Error("all of it was sent")
			}
		case <-time.After(2 * time.Second):
			t.Fatal("the write still hangs")
		}
		n, err := io.Copy(io.Discard, resp.Body)
		if err == nil || n > 8<<20 {
			t.Errorf("%d bytes came after the end, %v", n, err)
		}
	})
}

// Who waits for the next part of a playlist hears at once that the lease ended.
func TestAWaitingRequestIsLetGo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		cause := make(chan error, 1)
		o := build(t, db, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			cause <- context.Cause(r.Context())
		}))
		zhao := o.signedIn("zhao")
		l := zhao.look()
		go func() {
			time.Sleep(20 * time.Millisecond)
			o.door.EndCamera("gate", grant.EndCamera)
		}()
		resp, err := zhao.client.Get(o.url + l.URLs["test"])
		if err == nil {
			_ = resp.Body.Close()
		}
		if err := <-cause; fault.CodeOf(err) != "door.lease-ended" {
			t.Error(err)
		}
	})
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }
