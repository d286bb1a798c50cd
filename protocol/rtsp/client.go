package rtsp

import (
	"crypto/tls"
	"log/slog"
	"time"
)

// Options says how to reach a camera.
type Options struct {
	URL            string // rtsp:// or rtsps://; a user in it is used when User is empty, and never sent or logged
	User, Password string
	Transport      string        // "tcp", "udp", or "auto" (the default): TCP, and UDP when the camera refuses TCP
	TLS            *tls.Config   // for rtsps
	Log            *slog.Logger  // nil: silent
	UserAgent      string        // default "linli"
	Timeout        time.Duration // for each answer, and for silence while playing; default 10 s
	ReceiveBuffer  int           // bytes of stream that the kernel may hold, two seconds of the peak; default 1 MiB

	viaRelay bool // in tests: always ask the other library
}
