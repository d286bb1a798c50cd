package identity

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
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

func TestFirstPasswords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		dir := t.TempDir()
		path := filepath.Join(dir, "first-passwords")
		h := open(t, db, func(o *Options) { o.Dir = dir })
		first := []First{{Name: "operator", Display: "运维", Role: Operator}, {Name: "guard", Display: "保安", Role: Guard}}
		made, err := h.EnsureFirst(h.ctx, dir, first)
		if err != nil || len(made) != 2 {
			t.Fatal(made, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatal(info, err)
		}
		text, _ := os.ReadFile(path)
		for _, p := range made {
			if !strings.Contains(string(text), p.Name+"\t"+p.Password) {
				t.Errorf("%s is not in the file", p.Name)
			}
		}
		// A second start makes nothing and leaves the file.
		if again, err := h.EnsureFirst(h.ctx, dir, first); again != nil || err != nil {
			t.Error(again, err)
		}
		for i, p := range made {
			in := h.signIn(p.Name, p.Password)
			if !in.Caller.MustChange {
				t.Error("the first password need not be changed")
			}
			in, err := h.ChangePassword(h.ctx, in.Caller, p.Password, "chosen by myself", gatehouse, firefox)
			if err != nil || in.Caller.MustChange {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path)
			if strings.Contains(string(text), p.Password) {
				t.Error("a password that was changed is still in the file")
			}
			if gone := errors.Is(err, fs.ErrNotExist); gone != (i == len(made)-1) {
				t.Errorf("after %d changes: %v", i+1, err)
			}
		}
	})
}

func TestThereIsAlwaysAnOperator(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		guard, yes := Guard, true
		for says, err := range map[string]error{
			"demoted":  second(h.ChangeAccount(h.ctx, h.sun.ID, AccountChange{Role: &guard})),
			"disabled": second(h.ChangeAccount(h.ctx, h.sun.ID, AccountChange{Disabled: &yes})),
			"deleted":  h.DeleteAccount(h.ctx, h.sun.ID),
		} {
			if fault.CodeOf(err) != "identity.last-operator" {
				t.Errorf("%s: %v", says, err)
			}
		}
		h.account("wu", "吴工", Operator, "tin-whistle-eleven")
		if err := h.DeleteAccount(h.ctx, h.sun.ID); err != nil {
			t.Error(err)
		}
	})
}

// Sun and Wu demote each other at the same moment: one of them stays.
func TestTwoOperatorsDemoteEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		wu := h.account("wu", "吴工", Operator, "tin-whistle-eleven")
		guard, operator := Guard, Operator
		for round := range 10 {
			var wg sync.WaitGroup
			errs := make([]error, 2)
			for i, id := range []AccountID{h.sun.ID, wu.ID} {
				wg.Go(func() { errs[i] = second(h.ChangeAccount(h.ctx, id, AccountChange{Role: &guard})) })
			}
			wg.Wait()
			if codes := fault.CodeOf(errs[0]) + fault.CodeOf(errs[1]); codes != "identity.last-operator" {
				t.Fatalf("round %d: %v, %v", round, errs[0], errs[1])
			}
			for _, id := range []AccountID{h.sun.ID, wu.ID} {
				if err := second(h.ChangeAccount(h.ctx, id, AccountChange{Role: &operator})); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// Zhao signs in while Sun gives him a new password, or shuts him out: nothing of the old state is written back, and no
// session with the old password is left.
func TestSigningInWhileTheAccountChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		passwords := []string{"gate-lantern-seven", "pear-orchard-three"}
		for round := range 10 {
			old, next := passwords[round%2], passwords[(round+1)%2]
			row, err := findAccount(h.ctx, db.DB, "id = ?", h.zhao.ID)
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			var in SignedIn
			wg.Go(func() { in, _ = h.begin(h.ctx, row, gatehouse, firefox, "", row.Password) })
			wg.Go(func() {
				if err := second(h.ChangeAccount(h.ctx, h.zhao.ID, AccountChange{Password: &next})); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			if in.Cookie != "" && h.is(in.Cookie) == "赵师傅" {
				t.Fatalf("round %d: a session with the old password goes on", round)
			}
			if _, err := h.SignIn(h.ctx, "zhao", old, gatehouse, firefox, ""); fault.CodeOf(err) != "identity.wrong-password" {
				t.Fatalf("round %d: the old password: %v", round, err)
			}
			h.signIn("zhao", next)
		}
	})
}

func TestARestartForgivesNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		const stranger = "198.51.100.4:1"
		for range freeTries {
			_, _ = h.SignIn(h.ctx, "zhao", "guess guess guess", stranger, firefox, "")
		}
		again := func() *house {
			next := open(t, db)
			next.clock.now = h.clock.now
			return next
		}
		if _, err := again().SignIn(h.ctx, "zhao", zhaosPassword, stranger, firefox, ""); fault.CodeOf(err) != "identity.locked-out" {
			t.Errorf("after a restart: %v", err)
		}
		var names []string
		if err := db.NewSelect().Table("sign_in_tries").Column("name").Where("name LIKE ?", "%zhao%").Scan(h.ctx, &names); err != nil || len(names) > 0 {
			t.Errorf("what was typed is written down: %q, %v", names, err)
		}
		// The next wrong one after the wait is the sixth, not the first.
		h.clock.now = h.clock.now.Add(firstWait + time.Second)
		next := again()
		_, err := next.SignIn(h.ctx, "zhao", "guess guess guess", stranger, firefox, "")
		var f *fault.Error
		if !errors.As(err, &f) || f.RetryAfter < 2*firstWait {
			t.Errorf("the sixth: %v", err)
		}
		// The right password starts afresh, after a restart too.
		h.clock.now = h.clock.now.Add(2*firstWait + time.Second)
		next = again()
		if _, err := next.SignIn(h.ctx, "zhao", zhaosPassword, stranger, firefox, ""); err != nil {
			t.Fatal(err)
		}
		if wait := again().lockout.waits("zhao", stranger); wait > 0 {
			t.Errorf("waits %s", wait)
		}
		var left int64
		if left, err = db.NewSelect().Table("sign_in_tries").Where("name <> ?", "").Count(h.ctx); err != nil || left != 0 {
			t.Errorf("%d names left, %v", left, err)
		}
		// A day later nothing of it is left.
		h.clock.now = h.clock.now.Add(forgetAfter + time.Second)
		if err := again().forgetTries(h.ctx); err != nil {
			t.Fatal(err)
		}
		if left, err = db.NewSelect().Table("sign_in_tries").Count(h.ctx); err != nil || left != 0 {
			t.Errorf("%d rows left, %v", left, err)
		}
	})
}

// A new password from Sun forgives, after a restart too.
func TestANewPasswordForgivesForGood(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		for range freeTries {
			_, _ = h.SignIn(h.ctx, "zhao", "guess guess guess", gatehouse, firefox, "")
		}
		made, err := h.ResetPassword(h.ctx, "zhao")
		if err != nil {
			t.Fatal(err)
		}
		next := open(t, db)
		next.clock.now = h.clock.now
		if _, err := next.SignIn(h.ctx, "zhao", made, gatehouse, firefox, ""); err != nil {
			t.Error(err)
		}
	})
}

func second(_ Account, _ string, err error) error { return err }

func TestNamesOfAccounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		for name, code := range map[string]string{
			"ZHAO": "identity.name-taken", "x": "identity.name-shape", "a b": "identity.name-shape", "-a": "identity.name-shape",
			"<b>": "identity.name-shape", "王师傅": "", "li.si": "", strings.Repeat("y", 33): "identity.name-shape",
		} {
			_, made, err := h.CreateAccount(h.ctx, NewAccount{Name: name, Role: Guard})
			if fault.CodeOf(err) != code || (code == "" && made == "") {
				t.Errorf("%q: %v", name, err)
			}
		}
		if _, _, err := h.CreateAccount(h.ctx, NewAccount{Name: "chen", Role: "emperor"}); fault.CodeOf(err) != "identity.role-unknown" {
			t.Error(err)
		}
	})
}

func TestTokens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		bearer := func(secret string) (api.Caller, error) {
			r := asks("GET", "")
			r.Header.Set("Authorization", "Bearer "+secret)
			return h.Authenticate(r)
		}
		_, _, err := h.CreateToken(h.ctx, NewToken{Name: "录像外送", Permissions: []string{"camera.read", "look.begin"}})
		if fault.CodeOf(err) != "identity.token-no-pictures" || fault.KindOf(err) != fault.Denied {
			t.Error(err)
		}
		token, secret, err := h.CreateToken(h.ctx, NewToken{Name: "看板", Permissions: []string{"recording.read", " camera.read"}, Lasts: 24 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"camera.read", "recording.read"}, token.Permissions); diff != "" {
			t.Error(diff)
		}
		if _, _, err := h.CreateToken(h.ctx, NewToken{Name: "看板", Permissions: []string{"camera.read"}}); fault.CodeOf(err) != "identity.token-name-taken" {
			t.Error(err)
		}
		c, err := bearer(secret)
		if err != nil || c.Kind != "token" || c.Session != "" || len(c.Permissions) != 2 || !c.Permissions["camera.read"] {
			t.Fatalf("%+v %v", c, err)
		}
		h.flush(h.ctx)
		if list, err := h.ListTokens(h.ctx); err != nil || len(list) != 1 || list[0].Used == nil {
			t.Errorf("%+v %v", list, err)
		}

		// A row that somebody wrote by hand opens no picture either.
		if _, err := db.ExecContext(h.ctx, "UPDATE tokens SET permissions = ?", "camera.read,look.begin,account.write"); err != nil {
			t.Fatal(err)
		}
		h.tokens.drop(nil)
		if c, err := bearer(secret); err != nil || len(c.Permissions) != 1 || c.Permissions["look.begin"] {
			t.Errorf("%+v %v", c, err)
		}

		h.clock.now = h.clock.now.Add(24 * time.Hour)
		if _, err := bearer(secret); fault.CodeOf(err) != "identity.token-expired" {
			t.Error(err)
		}
		if err := h.RevokeToken(h.ctx, string(token.ID)); err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{secret, "linli_", "", newSecret(), "linli_" + newSecret()} {
			if _, err := bearer(s); fault.CodeOf(err) != "identity.token-refused" {
				t.Errorf("%q: %v", s, err)
			}
		}
		if err := h.RevokeToken(h.ctx, "看板"); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
	})
}

func TestPreferencesAreOnesOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		wall := json.RawMessage(`{"layout":9,"cameras":["gate","road"]}`)
		for range 2 {
			if err := h.SetPreference(h.ctx, h.zhao.ID, "wall", wall); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := h.Preference(h.ctx, h.zhao.ID, "wall"); err != nil || string(got) != string(wall) {
			t.Errorf("%s %v", got, err)
		}
		if got, err := h.Preference(h.ctx, h.sun.ID, "wall"); err != nil || string(got) != "null" {
			t.Errorf("Sun sees %s %v", got, err)
		}
		for says, err := range map[string]error{
			"identity.preference-large": h.SetPreference(h.ctx, h.zhao.ID, "wall", json.RawMessage(`"`+strings.Repeat("x", maxPreference)+`"`)),
			"identity.preference-json":  h.SetPreference(h.ctx, h.zhao.ID, "wall", json.RawMessage(`{`)),
			"identity.preference-name":  h.SetPreference(h.ctx, h.zhao.ID, "../wall", wall),
		} {
			if fault.CodeOf(err) != says {
				t.Errorf("%s: %v", says, err)
			}
		}
		if err := h.SetPreference(h.ctx, h.zhao.ID, "wall", json.RawMessage("null")); err != nil {
			t.Fatal(err)
		}
		if got, _ := h.Preference(h.ctx, h.zhao.ID, "wall"); string(got) != "null" {
			t.Errorf("%s", got)
		}
	})
}
