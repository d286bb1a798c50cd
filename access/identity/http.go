package identity

import (
	"context"
	"encoding/json"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// Name is the room's.
func (s *Service) Name() string { return room }

// Messages are the room's sentences.
func (s *Service) Messages() fs.FS { return Sentences() }

// Sentences are the room's words, for commands that have no server.
func Sentences() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return nil // embedded: cannot be
	}
	return sub
}

// Routes hands the room's routes to the server.
func (s *Service) Routes(r *api.Router) {
	const session, account, token = "Session", "Accounts", "Tokens"
	api.Post(r, "/api/session", api.Op{
		ID: "signIn", Permission: api.Public, Tag: session, Summary: "Sign in", Status: http.StatusCreated,
		Description: "Sets the session cookie. A session that the request came with ends. After five wrong passwords the name waits at this address; Retry-After says how long.",
	}, s.postSession)
	api.Get(r, "/api/session", api.Op{
		ID: "getSession", Permission: api.Public, Tag: session, Summary: "Who is signed in here",
		Description: "Answers 200 in any case: asking is no mistake.",
	}, s.getSession)
	api.Delete(r, "/api/session", api.Op{
		ID: "signOut", Permission: api.SignedIn, Tag: session, Summary: "Sign out", Status: http.StatusNoContent,
		Description: "Ends the session, and with it every look of it.",
	}, s.deleteSession)
	api.Post(r, "/api/session/password", api.Op{
		ID: "changePassword", Permission: api.SignedIn, Tag: session, Summary: "Choose a new password",
		Description: "Every session of the account ends; a new one takes the place of this one.",
	}, s.postPassword)
	api.Get(r, "/api/sessions", api.Op{
		ID: "listSessions", Permission: api.SignedIn, Tag: session, Summary: "Living sessions",
		Description: "One's own; with all=true everybody's, for who holds session.read-all.",
	}, s.getSessions)
	api.Delete(r, "/api/sessions/{id}", api.Op{
		ID: "endSession", Permission: api.SignedIn, Tag: session, Summary: "End a session", Status: http.StatusNoContent,
		Description: "One's own; anybody's for who holds session.end-all.",
	}, s.deleteSessions)

	api.Get(r, "/api/permissions", api.Op{ID: "listPermissions", Permission: api.SignedIn, Tag: account, Summary: "Every permission, with its words"}, s.getPermissions)
	api.Get(r, "/api/accounts", api.Op{ID: "listAccounts", Permission: "account.read", Tag: account, Summary: "Accounts"}, s.getAccounts)
	api.Post(r, "/api/accounts", api.Op{
		ID: "createAccount", Permission: "account.write", Tag: account, Summary: "Make an account", Status: http.StatusCreated,
		Description: "Without a password one is made and shown this once. Either must be changed at the first sign-in.",
	}, s.postAccount)
	api.Patch(r, "/api/accounts/{id}", api.Op{
		ID: "changeAccount", Permission: "account.write", Tag: account, Summary: "Change an account",
		Description: "A new role, a new password or disabling ends the account's sessions and looks.",
	}, s.patchAccount)
	api.Delete(r, "/api/accounts/{id}", api.Op{
		ID: "deleteAccount", Permission: "account.write", Tag: account, Summary: "Delete an account", Status: http.StatusNoContent,
		Description: "Its looks stay on record.",
	}, s.deleteAccount)

	api.Get(r, "/api/tokens", api.Op{ID: "listTokens", Permission: "token.read", Tag: token, Summary: "Tokens for programs"}, s.getTokens)
	api.Post(r, "/api/tokens", api.Op{
		ID: "createToken", Permission: "token.write", Tag: token, Summary: "Make a token", Status: http.StatusCreated,
		Description: "Its secret is shown this once. No token can hold a permission for pictures.",
	}, s.postToken)
	api.Delete(r, "/api/tokens/{id}", api.Op{ID: "revokeToken", Permission: "token.write", Tag: token, Summary: "Revoke a token", Status: http.StatusNoContent}, s.deleteToken)

	api.Get(r, "/api/preferences/{key}", api.Op{
		ID: "getPreference", Permission: api.SignedIn, Tag: session, Summary: "What a page kept for this account",
		Description: "null when nothing was kept.",
	}, s.getPreference)
	api.Put(r, "/api/preferences/{key}", api.Op{
		ID: "putPreference", Permission: api.SignedIn, Tag: session, Summary: "Keep something for this account", Status: http.StatusNoContent,
		Description: "JSON, 64 KiB at most; null forgets it.", MaxBody: maxPreference + 1024,
	}, s.putPreference)
}

// Sender is where a request comes from, for routes that sign in.
type Sender struct {
	address, agent, cookie string
	tls                    bool
	request                *http.Request // the headers by which another site's request is known
}

// Resolve is called by huma before the handler.
func (f *Sender) Resolve(ctx huma.Context) []error {
	f.address = clientAddress(ctx.RemoteAddr(), ctx.Header("X-Forwarded-For"))
	f.agent = ctx.Header("User-Agent")
	f.tls = ctx.TLS() != nil
	r := &http.Request{Method: ctx.Method(), Host: ctx.Host(), Header: http.Header{}}
	for _, k := range []string{"Cookie", "Origin", "Sec-Fetch-Site"} {
		if v := ctx.Header(k); v != "" {
			r.Header.Set(k, v)
		}
	}
	u := ctx.URL()
	r.URL = &u
	f.cookie, f.request = cookieOf(r), r
	return nil
}

// clientAddress believes X-Forwarded-For only from a proxy on this machine, and of it only what that
// proxy itself has added: the last one.
func clientAddress(remote, forwarded string) string {
	if forwarded == "" {
		return remote
	}
	ap, err := netip.ParseAddrPort(remote)
	if err != nil || !ap.Addr().Unmap().IsLoopback() {
		return remote
	}
	last := strings.TrimSpace(forwarded[strings.LastIndexByte(forwarded, ',')+1:])
	if _, err := netip.ParseAddr(last); err != nil {
		return remote
	}
	return net.JoinHostPort(last, "0")
}

// SessionBody is who is signed in.
type SessionBody struct {
	SignedIn    bool       `json:"signed_in"`
	Account     string     `json:"account,omitempty" doc:"Id of the account, or of the token."`
	Name        string     `json:"name,omitempty" doc:"As others see it."`
	Kind        string     `json:"kind,omitempty" enum:"account,token" doc:"A person, or a program."`
	Session     string     `json:"session,omitempty" doc:"Id of the session in lists."`
	Roles       []string   `json:"roles"`
	Permissions []string   `json:"permissions"`
	MustChange  bool       `json:"must_change" doc:"The password must be changed before anything else."`
	Until       *time.Time `json:"until,omitempty" doc:"The session ends then at the latest; only in answer to a sign-in."`
}

func sessionBody(c api.Caller) SessionBody {
	b := SessionBody{
		SignedIn: c.Kind != "", Account: c.Account, Name: c.Name, Kind: c.Kind, Session: c.Session, MustChange: c.MustChange,
		Roles: slices.Clone(c.Roles), Permissions: slices.Sorted(maps.Keys(c.Permissions)),
	}
	if b.Roles == nil {
		b.Roles = []string{}
	}
	if b.Permissions == nil {
		b.Permissions = []string{}
	}
	return b
}

// SessionReply comes with the session cookie.
type SessionReply struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      SessionBody
}

func (s *Service) sessionReply(in SignedIn, tls bool) *SessionReply {
	body := sessionBody(in.Caller)
	body.Until = &in.Until
	return &SessionReply{SetCookie: s.cookie(in.Cookie, in.Until, tls), Body: body}
}

type none struct{}

func (s *Service) postSession(ctx context.Context, in *struct {
	Sender
	Body struct {
		Name     string `json:"name" maxLength:"64"`
		Password string `json:"password" maxLength:"800"`
	}
},
) (*SessionReply, error) {
	// Nobody is signed in yet, so Authenticate asked for no origin: another site must not sign our
	// visitors in as somebody else.
	if err := s.origins.refuse(in.request); err != nil {
		return nil, err
	}
	got, err := s.SignIn(ctx, in.Body.Name, in.Body.Password, in.address, in.agent, in.cookie)
	if err != nil {
		return nil, err
	}
	return s.sessionReply(got, in.tls), nil
}

func (s *Service) getSession(ctx context.Context, _ *none) (*struct{ Body SessionBody }, error) {
	return &struct{ Body SessionBody }{sessionBody(api.CallerFrom(ctx))}, nil
}

func (s *Service) deleteSession(ctx context.Context, in *Sender) (*struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}, error,
) {
	who := api.CallerFrom(ctx)
	if who.Kind != "account" {
		return nil, fault.New(fault.Denied, "identity.sign-out", "identity.people-only")
	}
	err := s.EndSession(ctx, SessionID(who.Session), AccountID(who.Account), false, EndSignOut)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	return &struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
	}{s.cookie("", time.Time{}, in.tls)}, nil
}

func (s *Service) postPassword(ctx context.Context, in *struct {
	Sender
	Body struct {
		Old string `json:"old" maxLength:"800"`
		New string `json:"new" maxLength:"800" doc:"At least 10 characters, not one of those that are guessed first."`
	}
},
) (*SessionReply, error) {
	got, err := s.ChangePassword(ctx, api.CallerFrom(ctx), in.Body.Old, in.Body.New, in.address, in.agent)
	if err != nil {
		return nil, err
	}
	return s.sessionReply(got, in.tls), nil
}

// person refuses tokens where something belongs to an account.
func person(ctx context.Context) (api.Caller, error) {
	who := api.CallerFrom(ctx)
	if who.Kind != "account" {
		return who, fault.New(fault.Denied, "identity", "identity.people-only")
	}
	return who, nil
}

type sessionList struct {
	Body struct {
		Sessions []Session `json:"sessions"`
	}
}

func (s *Service) getSessions(ctx context.Context, in *struct {
	All bool `query:"all" doc:"Everybody's."`
},
) (*sessionList, error) {
	who := api.CallerFrom(ctx)
	account := AccountID(who.Account)
	if in.All {
		if !who.May("session.read-all") {
			return nil, fault.New(fault.Denied, "identity.sessions", "api.not-allowed", "permission", "session.read-all")
		}
		account = ""
	} else if who.Kind != "account" {
		return nil, fault.New(fault.Denied, "identity.sessions", "identity.people-only")
	}
	list, err := s.ListSessions(ctx, account)
	if err != nil {
		return nil, err
	}
	out := &sessionList{}
	out.Body.Sessions = list
	return out, nil
}

func (s *Service) deleteSessions(ctx context.Context, in *struct {
	ID SessionID `path:"id"`
},
) (*none, error) {
	who := api.CallerFrom(ctx)
	why := EndForced
	if mine, err := s.readSession(ctx, "id = ?", in.ID); err == nil && string(mine.account.ID) == who.Account {
		why = EndByOwner
	}
	return nil, s.EndSession(ctx, in.ID, AccountID(who.Account), who.May("session.end-all"), why)
}

func (s *Service) getPermissions(context.Context, *none) (*struct {
	Body struct {
		Permissions []Permission `json:"permissions"`
	}
}, error,
) {
	out := &struct {
		Body struct {
			Permissions []Permission `json:"permissions"`
		}
	}{}
	out.Body.Permissions = Permissions()
	return out, nil
}

type accountList struct {
	Body struct {
		Accounts []Account `json:"accounts"`
	}
}

func (s *Service) getAccounts(ctx context.Context, _ *none) (*accountList, error) {
	list, err := s.ListAccounts(ctx)
	if err != nil {
		return nil, err
	}
	out := &accountList{}
	out.Body.Accounts = list
	return out, nil
}

// AccountReply is an account, with the password that was made for it, this once.
type AccountReply struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Account  Account `json:"account"`
		Password string  `json:"password,omitempty" doc:"Made just now; shown this once."`
	}
}

func accountReply(a Account, made string) *AccountReply {
	out := &AccountReply{CacheControl: "no-store"}
	out.Body.Account, out.Body.Password = a, made
	return out
}

func (s *Service) postAccount(ctx context.Context, in *struct {
	Body struct {
		Name     string `json:"name" doc:"What is typed at sign-in."`
		Display  string `json:"display,omitempty" doc:"What others see; the name when empty."`
		Role     Role   `json:"role" enum:"guard,operator"`
		Password string `json:"password,omitempty" doc:"Empty: one is made."`
	}
},
) (*AccountReply, error) {
	a, made, err := s.CreateAccount(ctx, NewAccount{Name: in.Body.Name, Display: in.Body.Display, Role: in.Body.Role, Password: in.Body.Password})
	if err != nil {
		return nil, err
	}
	return accountReply(a, made), nil
}

func (s *Service) patchAccount(ctx context.Context, in *struct {
	ID   AccountID `path:"id"`
	Body struct {
		Display  *string `json:"display,omitempty"`
		Role     *Role   `json:"role,omitempty" enum:"guard,operator"`
		Disabled *bool   `json:"disabled,omitempty"`
		Password *string `json:"password,omitempty" doc:"To be changed at the next sign-in; empty: one is made."`
	}
},
) (*AccountReply, error) {
	a, made, err := s.ChangeAccount(ctx, in.ID, AccountChange{Display: in.Body.Display, Role: in.Body.Role, Disabled: in.Body.Disabled, Password: in.Body.Password})
	if err != nil {
		return nil, err
	}
	return accountReply(a, made), nil
}

func (s *Service) deleteAccount(ctx context.Context, in *struct {
	ID AccountID `path:"id"`
},
) (*none, error) {
	return nil, s.DeleteAccount(ctx, in.ID)
}

type tokenList struct {
	Body struct {
		Tokens []Token `json:"tokens"`
	}
}

func (s *Service) getTokens(ctx context.Context, _ *none) (*tokenList, error) {
	list, err := s.ListTokens(ctx)
	if err != nil {
		return nil, err
	}
	out := &tokenList{}
	out.Body.Tokens = list
	return out, nil
}

// TokenReply is a new token with its secret, this once.
type TokenReply struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Token  Token  `json:"token"`
		Secret string `json:"secret" doc:"For Authorization: Bearer; shown this once."`
	}
}

func (s *Service) postToken(ctx context.Context, in *struct {
	Body struct {
		Name        string   `json:"name"`
		Permissions []string `json:"permissions" maxItems:"64"`
		Days        int      `json:"days,omitempty" minimum:"0" maximum:"3660" doc:"How long it lasts; 0: until revoked."`
	}
},
) (*TokenReply, error) {
	t, secret, err := s.CreateToken(ctx, NewToken{Name: in.Body.Name, Permissions: in.Body.Permissions, Lasts: time.Duration(in.Body.Days) * 24 * time.Hour})
	if err != nil {
		return nil, err
	}
	out := &TokenReply{CacheControl: "no-store"}
	out.Body.Token, out.Body.Secret = t, secret
	return out, nil
}

func (s *Service) deleteToken(ctx context.Context, in *struct {
	ID string `path:"id" doc:"Id or name."`
},
) (*none, error) {
	return nil, s.RevokeToken(ctx, in.ID)
}

// PreferenceBody is what a page kept.
type PreferenceBody struct {
	Value any `json:"value" doc:"Any JSON; null for nothing."`
}

func (s *Service) getPreference(ctx context.Context, in *struct {
	Key string `path:"key"`
},
) (*struct{ Body PreferenceBody }, error) {
	who, err := person(ctx)
	if err != nil {
		return nil, err
	}
	raw, err := s.Preference(ctx, AccountID(who.Account), in.Key)
	if err != nil {
		return nil, err
	}
	return &struct{ Body PreferenceBody }{PreferenceBody{raw}}, nil
}

func (s *Service) putPreference(ctx context.Context, in *struct {
	Key  string `path:"key"`
	Body PreferenceBody
},
) (*none, error) {
	who, err := person(ctx)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(in.Body.Value)
	if err != nil {
		return nil, badField("value", "identity.preference-json")
	}
	return nil, s.SetPreference(ctx, AccountID(who.Account), in.Key, raw)
}
