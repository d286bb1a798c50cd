package identity

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// The people of these stories: Zhao is a guard, Sun the operator, and a stranger sits in the network.
const (
	zhaosPassword = "gate-lantern-seven"
	sunsPassword  = "copper-kettle-nine"
	gatehouse     = "192.0.2.7:51000"
	firefox       = "Firefox"
)

type house struct {
	*Service
	t         *testing.T
	ctx       context.Context
	clock     *clock
	zhao, sun Account
	ended     func() []string
}

func open(t *testing.T, db *store.DB, more ...func(*Options)) *house {
	t.Helper()
	h := &house{t: t, ctx: context.Background(), clock: &clock{time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}}
	opt := Options{Cost: cheap, SignIns: 4, Now: h.clock.read}
	for _, m := range more {
		m(&opt)
	}
	var err error
	if h.Service, err = New(h.ctx, db, opt); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var ended []string
	h.OnSessionEnd(func(session, account, why string) {
		mu.Lock()
		defer mu.Unlock()
		ended = append(ended, session+" "+why)
	})
	h.ended = func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string{}, ended...)
	}
	return h
}

// settled has Zhao and Sun, who both chose their passwords.
func settled(t *testing.T, db *store.DB, more ...func(*Options)) *house {
	h := open(t, db, more...)
	h.zhao = h.account("zhao", "赵师傅", Guard, zhaosPassword)
	h.sun = h.account("sun", "孙工", Operator, sunsPassword)
	return h
}

func (h *house) account(name, display string, role Role, password string) Account {
	h.t.Helper()
	a, made, err := h.CreateAccount(h.ctx, NewAccount{Name: name, Display: display, Role: role, Password: password, Keep: true})
	if err != nil || made != "" {
		h.t.Fatal(err, made)
	}
	return a
}

func (h *house) signIn(name, password string) SignedIn {
	h.t.Helper()
	in, err := h.SignIn(h.ctx, name, password, gatehouse, firefox, "")
	if err != nil {
		h.t.Fatal(err)
	}
	return in
}

// asks is a request with this cookie, as a browser's page sends it.
func asks(method, cookie string) *http.Request {
	r := httptest.NewRequest(method, "http://linli.test/api/cameras", nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: CookieName, Value: cookie})
	}
	return r
}

func (h *house) is(cookie string) string {
	h.t.Helper()
	c, err := h.Authenticate(asks("GET", cookie))
	if err != nil {
		return fault.CodeOf(err)
	}
	return c.Name
}

func TestZhaoSignsIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		in := h.signIn(" Zhao ", zhaosPassword)
		c, err := h.Authenticate(asks("POST", in.Cookie))
		if err != nil {
			t.Fatal(err)
		}
		if c.Name != "赵师傅" || c.Kind != "account" || c.Account != string(h.zhao.ID) || !c.Permissions["look.begin"] || c.Permissions["account.write"] {
			t.Errorf("%+v", c)
		}
		if h.is("") != "" || h.is("made-up") != "identity.session-ended" || h.is(newSecret()) != "identity.session-ended" {
			t.Error("a made-up cookie was taken")
		}
		// A copy of the database holds nothing that signs in.
		var rows []sessionRow
		if err := db.NewSelect().Model(&rows).Scan(h.ctx); err != nil || len(rows) != 1 {
			t.Fatal(err, len(rows))
		}
		if rows[0].Token == in.Cookie || h.is(rows[0].Token) != "identity.session-ended" {
			t.Error("what is stored signs in")
		}
		if c, err := h.CallerOf(h.ctx, string(rows[0].ID)); err != nil || c.Account != string(h.zhao.ID) {
			t.Errorf("%+v %v", c, err)
		}
	})
}

func TestASignInTakesNoCookieFromBefore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		planted := h.signIn("zhao", zhaosPassword).Cookie
		in, err := h.SignIn(h.ctx, "sun", sunsPassword, gatehouse, firefox, planted)
		if err != nil || in.Cookie == planted {
			t.Fatal(err)
		}
		if h.is(planted) != "identity.session-ended" || h.is(in.Cookie) != "孙工" {
			t.Error("the cookie from before the sign-in still opens")
		}
	})
}

func TestWrongPasswordsTellNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		off := true
		if _, _, err := h.ChangeAccount(h.ctx, h.zhao.ID, AccountChange{Disabled: &off}); err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, who := range []string{"zhao", "sun", "nobody", "", strings.Repeat("x", 80)} {
			_, err := h.SignIn(h.ctx, who, "not this one", gatehouse, firefox, "")
			codes = append(codes, fault.CodeOf(err))
		}
		for _, c := range codes {
			if c != "identity.wrong-password" {
				t.Errorf("answers differ: %v", codes)
			}
		}
		// Who has the right password is told why it does not help.
		if _, err := h.SignIn(h.ctx, "zhao", zhaosPassword, gatehouse, firefox, ""); fault.CodeOf(err) != "identity.account-disabled" {
			t.Error(err)
		}
	})
}

func TestTheStrangerIsTimedOutAndZhaoIsNot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		const stranger = "198.51.100.4:1"
		for _, name := range []string{"zhao", "not-an-account"} { // a name that does not exist is locked alike
			var err error
			for range freeTries {
				_, err = h.SignIn(h.ctx, name, "guess guess guess", stranger, firefox, "")
			}
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != "identity.locked-out" || f.Kind != fault.TooMany || f.RetryAfter < firstWait {
				t.Fatalf("%s: %v", name, err)
			}
		}
		// Not even the right password helps before the wait is over.
		if _, err := h.SignIn(h.ctx, "zhao", zhaosPassword, stranger, firefox, ""); fault.CodeOf(err) != "identity.locked-out" {
			t.Error(err)
		}
		h.signIn("zhao", zhaosPassword)
		h.clock.now = h.clock.now.Add(firstWait + time.Second)
		if _, err := h.SignIn(h.ctx, "zhao", zhaosPassword, stranger, firefox, ""); err != nil {
			t.Error(err)
		}
	})
}

func TestAnotherSitesPageSendsNothingInZhaosName(t *testing.T) {
	h := settled(t, storetest.SQLite(t), func(o *Options) { o.PublicURL = "https://linli.example" })
	cookie := h.signIn("zhao", zhaosPassword).Cookie
	for _, c := range []struct {
		says, method, site, origin, want string
	}{
		{"our page", "POST", "same-origin", "", "赵师傅"},
		{"a foreign page", "POST", "cross-site", "https://evil.example", "identity.cross-origin"},
		{"a neighbour's page", "DELETE", "same-site", "https://other.linli.test", "identity.cross-origin"},
		{"an old browser, a foreign page", "POST", "", "https://evil.example", "identity.cross-origin"},
		{"an old browser, our page", "POST", "", "http://linli.test", "赵师傅"},
		{"our public name, behind a proxy that renames us", "POST", "", "https://linli.example", "赵师傅"},
		{"a page without an origin", "POST", "", "null", "identity.cross-origin"},
		{"a foreign page that only reads", "GET", "cross-site", "", "赵师傅"}, // it cannot see the answer, and SameSite keeps the cookie out
		{"curl", "POST", "", "", "赵师傅"},
	} {
		r := asks(c.method, cookie)
		r.Header.Del("Sec-Fetch-Site")
		if c.site != "" {
			r.Header.Set("Sec-Fetch-Site", c.site)
		}
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		who, err := h.Authenticate(r)
		if got := who.Name + fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %s, want %s", c.says, got, c.want)
		}
	}
	two := asks("GET", cookie)
	two.AddCookie(&http.Cookie{Name: CookieName, Value: newSecret()})
	if who, _ := h.Authenticate(two); who.Kind != "" {
		t.Error("two session cookies were sent and one was taken")
	}
}

func TestTheCookieKeepsToItself(t *testing.T) {
	db := storetest.SQLite(t)
	for _, c := range []struct {
		url    string
		tls    bool
		secure bool
	}{{"", false, false}, {"", true, true}, {"https://linli.example", false, true}, {"http://linli.example", false, false}} {
		h := open(t, db, func(o *Options) { o.PublicURL = c.url })
		got := h.cookie("x", time.Now(), c.tls)
		if !got.HttpOnly || got.SameSite != http.SameSiteStrictMode || got.Path != "/" || got.Domain != "" || got.Secure != c.secure {
			t.Errorf("%+v: %+v", c, got)
		}
	}
	if _, err := New(context.Background(), db, Options{PublicURL: "linli.example", Cost: cheap}); fault.CodeOf(err) != "identity.public-url" {
		t.Error(err)
	}
}

// Whatever shuts somebody out ends the sessions, and whoever listens (the door) hears it at once.
func TestWhatEndsASession(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		yes, operator, empty := true, Operator, ""
		for why, shutOut := range map[string]func(h *house, in SignedIn) error{
			EndRole: func(h *house, _ SignedIn) error {
				_, _, err := h.ChangeAccount(h.ctx, h.zhao.ID, AccountChange{Role: &operator})
				return err
			},
			EndDisabled: func(h *house, _ SignedIn) error {
				_, _, err := h.ChangeAccount(h.ctx, h.zhao.ID, AccountChange{Disabled: &yes})
				return err
			},
			EndPassword: func(h *house, _ SignedIn) error {
				_, _, err := h.ChangeAccount(h.ctx, h.zhao.ID, AccountChange{Password: &empty})
				return err
			},
			EndDeleted: func(h *house, _ SignedIn) error { return h.DeleteAccount(h.ctx, h.zhao.ID) },
			EndForced: func(h *house, in SignedIn) error {
				return h.EndSession(h.ctx, SessionID(in.Caller.Session), h.sun.ID, true, EndForced)
			},
			EndExpired: func(h *house, _ SignedIn) error {
				h.clock.now = h.clock.now.Add(h.opt.Idle)
				return h.expire(h.ctx)
			},
		} {
			t.Run(why, func(t *testing.T) {
				wipe(t, db)
				h := settled(t, db)
				in := h.signIn("zhao", zhaosPassword)
				if h.is(in.Cookie) != "赵师傅" {
					t.Fatal("not signed in")
				}
				if err := shutOut(h, in); err != nil {
					t.Fatal(err)
				}
				if got := h.is(in.Cookie); got != "identity.session-ended" {
					t.Errorf("the cookie says %q", got)
				}
				if _, err := h.CallerOf(h.ctx, in.Caller.Session); fault.KindOf(err) != fault.Unauthenticated {
					t.Errorf("the door is told %v", err)
				}
				if diff := cmp.Diff([]string{in.Caller.Session + " " + why}, h.ended()); diff != "" {
					t.Error(diff)
				}
			})
		}
	})
}

func wipe(t *testing.T, db *store.DB) {
	t.Helper()
	for _, table := range []string{"accounts", "sessions", "tokens", "preferences"} {
		_, _ = db.ExecContext(context.Background(), "DELETE FROM "+table)
	}
}

// A command beside the server disables Zhao: the server hears it in the journal.
func TestACommandBesideTheServer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		server := settled(t, db)
		ctx, stop := context.WithCancel(context.Background())
		over := make(chan error, 1)
		go func() { over <- server.Run(ctx) }()
		in := server.signIn("zhao", zhaosPassword)
		token, secret, err := server.CreateToken(ctx, NewToken{Name: "看板", Permissions: []string{"camera.read"}})
		if err != nil {
			t.Fatal(err)
		}
		bearer := asks("GET", "")
		bearer.Header.Set("Authorization", "Bearer "+secret)
		if who, err := server.Authenticate(bearer); err != nil || who.Name != "看板" {
			t.Fatal(who, err)
		}
		for range freeTries {
			_, _ = server.SignIn(ctx, "sun", "guess guess guess", gatehouse, firefox, "")
		}

		command := open(t, db)
		if err := command.Disable(ctx, "zhao", true); err != nil {
			t.Fatal(err)
		}
		if err := command.RevokeToken(ctx, token.Name); err != nil {
			t.Fatal(err)
		}
		suns, err := command.ResetPassword(ctx, "sun")
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool {
			_, err := server.Authenticate(bearer)
			return server.is(in.Cookie) == "identity.session-ended" && fault.KindOf(err) == fault.Unauthenticated && len(server.ended()) == 1
		})
		eventually(t, func() bool { return server.lockout.waits("sun", gatehouse) <= 0 })
		if in := server.signIn("sun", suns); !in.Caller.MustChange {
			t.Error("the password of the command need not be changed")
		}
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come about")
		}
	}
}

func TestUseKeepsASessionAndTimeEndsIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		in := h.signIn("zhao", zhaosPassword)
		for range 13 { // seven days, used twice a day
			h.clock.now = h.clock.now.Add(11 * time.Hour)
			if h.is(in.Cookie) != "赵师傅" {
				t.Fatalf("ended at %s though it was used", h.clock.now)
			}
			h.flush(h.ctx)
			if err := h.expire(h.ctx); err != nil {
				t.Fatal(err)
			}
		}
		h.clock.now = h.clock.now.Add(26 * time.Hour) // beyond the seventh day
		if h.is(in.Cookie) != "identity.session-ended" {
			t.Error("a session lives for ever")
		}
	})
}

func TestZhaoSeesHisSessionsAndSunSeesAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		zhao, sun := h.signIn("zhao", zhaosPassword), h.signIn("sun", sunsPassword)
		mine, err := h.ListSessions(api.WithCaller(h.ctx, zhao.Caller), h.zhao.ID)
		if err != nil || len(mine) != 1 || !mine[0].Current || mine[0].Name != "zhao" || mine[0].Address != "192.0.2.7" {
			t.Errorf("%+v %v", mine, err)
		}
		if all, err := h.ListSessions(h.ctx, ""); err != nil || len(all) != 2 {
			t.Errorf("%+v %v", all, err)
		}
		// Zhao cannot end Sun's, nor learn that there is one.
		err = h.EndSession(h.ctx, SessionID(sun.Caller.Session), h.zhao.ID, false, EndByOwner)
		if fault.KindOf(err) != fault.NotFound || h.is(sun.Cookie) != "孙工" {
			t.Error(err)
		}
		if err := h.EndSession(h.ctx, SessionID(zhao.Caller.Session), h.zhao.ID, false, EndByOwner); err != nil || h.is(zhao.Cookie) == "赵师傅" {
			t.Error(err)
		}
	})
}

func TestZhaoChangesHisPassword(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		phone, pc := h.signIn("zhao", zhaosPassword), h.signIn("zhao", zhaosPassword)
		change := func(old, new string) (SignedIn, error) {
			return h.ChangePassword(h.ctx, pc.Caller, old, new, gatehouse, firefox)
		}
		if _, err := change("not the old one", "a new long password"); fault.CodeOf(err) != "identity.old-password-wrong" {
			t.Error(err)
		}
		if _, err := change(zhaosPassword, "short"); fault.CodeOf(err) != "identity.password-short" {
			t.Error(err)
		}
		if _, err := change(zhaosPassword, zhaosPassword); fault.CodeOf(err) != "identity.password-same" {
			t.Error(err)
		}
		in, err := change(zhaosPassword, "a new long password")
		if err != nil {
			t.Fatal(err)
		}
		if h.is(phone.Cookie) == "赵师傅" || h.is(pc.Cookie) == "赵师傅" || h.is(in.Cookie) != "赵师傅" {
			t.Error("the old cookies still open, or the new one does not")
		}
		h.signIn("zhao", "a new long password")
	})
}

// Days, and the times of grants, are those of the product's zone on every page; a browser's own may be another.
func TestASessionNamesTheZone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		nobody, err := settled(t, db).getSession(context.Background(), nil)
		if err != nil || nobody.Body.SignedIn || nobody.Body.Zone != "Asia/Shanghai" {
			t.Fatal(nobody, err)
		}
		kathmandu := time.FixedZone("Asia/Kathmandu", 345*60)
		h := open(t, db, func(o *Options) { o.Zone = kathmandu })
		if got := h.sessionReply(h.signIn("zhao", zhaosPassword), false).Body.Zone; got != "Asia/Kathmandu" {
			t.Error(got)
		}
	})
}
