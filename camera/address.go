package camera

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// address is where a stream of a device is: a path, with the port and scheme
// only where they are not the device's. It is sealed at rest, because many
// cameras carry credentials in the query.
type address struct {
	Path string `json:"path"` // with its query, as the device spells it
	Port int    `json:"port,omitempty"`
	TLS  *bool  `json:"tls,omitempty"`
}

// given is a source as a person wrote it: a path or a whole URL.
type given struct {
	scheme string // "", rtsp, rtsps, http, https
	host   string
	port   int
	path   string
	secret Secret
}

// parseGiven reads a source by hand: url.Parse refuses what people really
// have in passwords (#, %, @), and must not repeat it in an error.
func parseGiven(s string) (g given, code string) {
	s = tidy(s, false)
	if len(s) > 1000 {
		return g, "camera.source.too-long"
	}
	for _, r := range s {
		if r <= 0x20 || r == 0x7f {
			return g, "camera.source.blank"
		}
	}
	scheme, rest, whole := strings.Cut(s, "://")
	if !whole {
		if i := strings.IndexByte(s, ':'); i >= 0 && !strings.ContainsAny(s[:i], "/?") {
			return g, "camera.source.shape" // "192.168.1.2:554/x", "file:/etc/x"
		}
		if s == "" {
			return g, "camera.field.required"
		}
		if !strings.HasPrefix(s, "/") {
			s = "/" + s
		}
		g.path = s
		return g, g.checkPath()
	}
	g.scheme = strings.ToLower(scheme)
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	authority, path := rest[:end], rest[end:]
	// A password may hold "/": then the last "@" stands behind it.
	if at := strings.LastIndexByte(rest, '@'); at > end && !strings.Contains(authority, "@") && strings.Contains(authority, ":") {
		if _, port, _ := strings.Cut(authority, ":"); !digits(port) {
			tail := rest[at+1:]
			end = strings.IndexAny(tail, "/?")
			if end < 0 {
				end = len(tail)
			}
			authority, path = rest[:at+1]+tail[:end], tail[end:]
		}
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, password, _ := strings.Cut(authority[:at], ":")
		g.secret = Secret{unescape(user), unescape(password)}
		authority = authority[at+1:]
	}
	g.host = authority
	if h, p, err := net.SplitHostPort(authority); err == nil {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 || n > 65535 {
			return g, "camera.source.port"
		}
		g.host, g.port = h, n
	}
	g.host = normaliseHost(g.host)
	if g.host == "" {
		return g, "camera.source.shape"
	}
	if path == "" || path[0] == '?' {
		path = "/" + path
	}
	g.path = path
	return g, g.checkPath()
}

func (g *given) checkPath() string {
	if _, err := url.ParseRequestURI(g.path); err != nil {
		return "camera.source.path"
	}
	for _, r := range g.path {
		if r > 0x7e {
			return "camera.source.path"
		}
	}
	return ""
}

func digits(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// onDevice turns what was given into an address of the device. A whole URL
// must name the device's own host: its secret goes nowhere else. "{channel}"
// in a path stands for the number of the channel.
func (g given) onDevice(d *Device, channel int, schemes ...string) (address, string) {
	a := address{Path: strings.ReplaceAll(g.path, "{channel}", strconv.Itoa(channel))}
	if g.scheme == "" {
		return a, ""
	}
	ok := false
	for _, s := range schemes {
		ok = ok || s == g.scheme
	}
	if !ok {
		return a, "camera.source.scheme"
	}
	if g.host != d.Host {
		return a, "camera.source.other-host"
	}
	if tls := strings.HasSuffix(g.scheme, "s"); tls != d.TLS || strings.HasPrefix(g.scheme, "http") {
		a.TLS = &tls
	}
	if port := g.portOr(); port != d.Port || strings.HasPrefix(g.scheme, "http") {
		a.Port = port
	}
	return a, ""
}

// portOr is the port as given, else the scheme's.
func (g given) portOr() int {
	if g.port != 0 {
		return g.port
	}
	switch g.scheme {
	case "rtsps":
		return 322
	case "http":
		return 80
	case "https":
		return 443
	}
	return 554
}

// url builds the address for a connection; base is "rtsp" or "http". It never
// holds the secret.
func (a address) url(d *Device, base string) string {
	port, tls := a.Port, d.TLS
	if a.TLS != nil {
		tls = *a.TLS
	} else if base == "http" {
		tls = false
	}
	if port == 0 {
		port = d.Port
		if base == "http" {
			port = 80
		}
	}
	if tls {
		base += "s"
	}
	return base + "://" + net.JoinHostPort(d.Host, strconv.Itoa(port)) + a.Path
}
