package identity

import (
	"net"
	"net/http"
	"strings"
	"time"

	"linli.dev/linli/api"
)

// CookieName is the session cookie's.
const CookieName = "linli_session"

// Authenticate tells who sends a request: by a token in Authorization, else by the session cookie.
// Without either it is nobody, without an error. A cookie or token that holds no longer is
// Unauthenticated; a change that another site had the browser send is Denied.
func (s *Service) Authenticate(r *http.Request) (api.Caller, error) {
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		// No browser adds a bearer token by itself, so no origin is asked for.
		return s.program(r.Context(), strings.TrimSpace(token))
	}
	cookie := cookieOf(r)
	if cookie == "" {
		return api.Caller{}, nil
	}
	if err := s.origins.refuse(r); err != nil {
		return api.Caller{}, err
	}
	e, err := s.lookUp(r.Context(), cookie)
	if err != nil {
		return api.Caller{}, err
	}
	return e.caller(s.opt.Now()), nil
}

// SessionOf gives the session of a request's cookie, "" when there is no living one.
func (s *Service) SessionOf(r *http.Request) string {
	cookie := cookieOf(r)
	if cookie == "" {
		return ""
	}
	e, err := s.lookUp(r.Context(), cookie)
	if err != nil {
		return ""
	}
	return string(e.session.ID)
}

// cookieOf takes the cookie only when there is exactly one: a second one was put there by somebody
// who can write cookies for a neighbouring name, and wants us to take it.
func cookieOf(r *http.Request) string {
	if found := r.CookiesNamed(CookieName); len(found) == 1 {
		return found[0].Value
	}
	return ""
}

func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// cookie makes the session cookie; value "" deletes it. It has no Domain, so that no other host of
// the same site gets it.
func (s *Service) cookie(value string, until time.Time, tls bool) http.Cookie {
	c := http.Cookie{
		Name: CookieName, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: tls || s.origins.secure,
		MaxAge: max(1, int(until.Sub(s.opt.Now()).Seconds())), // not a date: the browser's clock and this one may stand years apart
	}
	if value == "" {
		c.MaxAge, c.Expires = -1, time.Unix(1, 0)
	}
	return c
}

var _ api.Authenticator = (*Service)(nil)
