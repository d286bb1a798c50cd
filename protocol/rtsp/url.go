package rtsp

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// address is a camera's URL, taken apart by hand: what stands in the address books of recorders is often no proper URL.
type address struct {
	TLS            bool
	User, Password string
	Host           string // host:port
	Rest           string // path and query as written, from the slash on
}

func parseAddress(s string) (address, error) {
	var a address
	scheme, rest, ok := strings.Cut(strings.TrimSpace(s), "://")
	switch {
	case ok && strings.EqualFold(scheme, "rtsp"):
	case ok && strings.EqualFold(scheme, "rtsps"):
		a.TLS = true
	default:
		return a, fmt.Errorf("%w: not an rtsp:// or rtsps:// address", ErrProtocol) // never with the text: it may hold a password
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, a.Rest = rest[:i], rest[i:]
	}
	if user, host, ok := cutLast(authority, "@"); ok {
		authority = host
		name, password, _ := strings.Cut(user, ":")
		a.User, a.Password = unescape(name), unescape(password)
	}
	host, port := authority, ""
	if h, p, err := net.SplitHostPort(authority); err == nil {
		host, port = h, p
	}
	host = strings.Trim(host, "[]")
	if port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return a, fmt.Errorf("%w: the port is none", ErrProtocol)
		}
	}
	if host == "" || strings.ContainsAny(host+a.Rest, " \r\n\t") {
		return a, fmt.Errorf("%w: the address has no host, or a space in it", ErrProtocol)
	}
	if port == "" {
		port = "554"
		if a.TLS {
			port = "322"
		}
	}
	a.Host = net.JoinHostPort(host, port)
	return a, nil
}

func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// String is the URL without the user; the default port is left out, as cameras write it.
func (a address) String() string {
	scheme, host := "rtsp://", a.Host
	if a.TLS {
		scheme = "rtsps://"
		host = strings.TrimSuffix(host, ":322")
	} else {
		host = strings.TrimSuffix(host, ":554")
	}
	return scheme + host + a.Rest
}

// hostname is the host without its port.
func (a address) hostname() string {
	h, _, _ := net.SplitHostPort(a.Host)
	return h
}

// withoutUser takes a user out of a URL that a camera gave us.
func withoutUser(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	if i := strings.LastIndex(rest[:end], "@"); i >= 0 {
		rest = rest[i+1:]
	}
	return scheme + "://" + rest
}

// baseURL is what relative controls hang on (RFC 2326, section C.1.1).
func baseURL(h Header, request string) string {
	for _, key := range []string{"Content-Base", "Content-Location"} {
		v := withoutUser(h.Get(key))
		switch {
		case strings.Contains(v, "://"):
			return v
		case strings.HasPrefix(v, "/"): // a path only, by some
			if scheme, rest, ok := strings.Cut(request, "://"); ok {
				host, _, _ := strings.Cut(rest, "/")
				return scheme + "://" + host + v
			}
		}
	}
	return request
}

// resolve makes the URL of a control. Cameras expect the text joined, behind a query string too; that is no RFC 3986.
func resolve(base, control string) string {
	control = strings.TrimSpace(control)
	switch {
	case control == "" || control == "*":
		return base
	case strings.Contains(control, "://"):
		return withoutUser(control)
	case strings.HasSuffix(base, "/") && strings.HasPrefix(control, "/"):
		return base + control[1:]
	case strings.HasSuffix(base, "/") || control[0] == '/' || control[0] == '?':
		return base + control
	}
	return base + "/" + control
}
