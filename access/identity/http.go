package identity

import (
	"context"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"strings"

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
	return api.Messages(messages)
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

	s.appointmentRoutes(r)

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

type none struct{}

// person refuses tokens where something belongs to an account.
func person(ctx context.Context) (api.Caller, error) {
	who := api.CallerFrom(ctx)
	if who.Kind != "account" {
		return who, fault.New(fault.Denied, "identity", "identity.people-only")
	}
	return who, nil
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
