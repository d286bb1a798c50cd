package rtsp

import (
	"crypto/tls"
	"log/slog"
	"syscall"
	"time"
)

// Options says how to reach a camera.
type Options struct {
	URL            string // rtsp:// or rtsps://; a user in it is used when User is empty, and never sent or logged
	User, Password string
	Transport      string        // "tcp", "udp", or "auto" (the default): TCP, and UDP when the camera refuses TCP
	TLS            *tls.Config   // for rtsps; see Believe
	Log            *slog.Logger  // nil: silent
	UserAgent      string        // default "linli"
	Timeout        time.Duration // for each answer, and for silence while playing; default 10 s
	ReceiveBuffer  int           // bytes of stream that the kernel may hold, two seconds of the peak; default 1 MiB

	// Control is asked before each connection is made, with the very address that is called (see net.Dialer): a name may have come to mean another one since it was
	// looked at. Its error ends the attempt as ErrForbidden.
	Control func(network, address string, c syscall.RawConn) error

	// Opened is told what the camera calls a session over UDP, by the second way or multicast too, before it plays: a camera goes on sending to one
	// whose client has died.
	Opened func(id string)

	viaRelay bool // in tests: always ask the other library
}
