package rtsp

import (
	"context"
	"crypto/tls"
	"errors"
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
}

// Session is a connection to a camera: described by Dial, playing after Play.
type Session struct {
	Medias []Media
	// Server is the camera's own name for its software, for the operator.
	Server string
	// Title is the session name of its description.
	Title string
}

// Dial connects, asks what the server can do and describes its streams. Errors: ErrUnauthorized, ErrUnreachable, *StatusError, ErrProtocol.
func Dial(ctx context.Context, o Options) (*Session, error) { return nil, errors.ErrUnsupported }

// Play sets up the medias (indices of s.Medias) and starts them. From now on the loop owns the socket and calls h; keep-alive included.
func (s *Session) Play(ctx context.Context, medias []int, loop *Loop, h Handler) error {
	return errors.ErrUnsupported
}

// SetLazy: 0 reads as soon as something comes; more reads by a timer, in big gulps, at most that late. Any goroutine may call it, at any time.
func (s *Session) SetLazy(interval time.Duration) {}

// Close says TEARDOWN where it can, and ends the session. It may be called at any time and more than once.
func (s *Session) Close() error { return nil }
