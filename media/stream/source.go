package stream

import (
	"net"
	"net/url"

	"linli.dev/linli/protocol/lockout"
)

// Which of a camera's two streams.
type Which string

const (
	Main Which = "main"
	Sub  Which = "sub"
)

// ID names a stream.
type ID struct {
	Camera string
	Which  Which
}

func (id ID) String() string { return id.Camera + "/" + string(id.Which) }

// Source says where a stream comes from.
type Source struct {
	ID             ID
	URL            string // rtsp:// or rtsps://
	User, Password string
	Transport      string // "tcp", "udp", "auto" or "" (= auto: TCP, UDP where the camera refuses TCP)
	Sound          bool   // take sound too
	Certificate    string // of rtsps: the fingerprint that it has to have, as rtsp.Fingerprint writes it; "" = an authority vouches for it
	Host           string // key of back-off, lock-out and connection limit; "" = the URL's host
	Limit          int    // connections that the host allows at a time; 0 = no limit
}

// secret is what the device is shown.
func (s Source) secret() lockout.Secret {
	return lockout.Secret{Device: s.host(), User: s.User, Password: s.Password}
}

// host is the key under which a device's channels share back-off, lock-out and limit.
func (s Source) host() string {
	if s.Host != "" {
		return s.Host
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		return s.URL
	}
	if u.Port() == "" {
		return net.JoinHostPort(u.Hostname(), "554")
	}
	return u.Host
}
