package rtsp

import (
	"errors"
	"fmt"
)

// What can go wrong, for errors.Is.
var (
	ErrUnauthorized = errors.New("rtsp: wrong user name or password")
	ErrUnreachable  = errors.New("rtsp: unreachable")
	ErrProtocol     = errors.New("rtsp: not understood")
	ErrTimeout      = errors.New("rtsp: silent for too long")
	ErrClosed       = errors.New("rtsp: closed")
	ErrForbidden    = errors.New("rtsp: an address that may not be called")
	ErrNoTransport  = errors.New("rtsp: no transport in common")
)

// StatusError is an answer other than 200.
type StatusError struct {
	Method string
	Code   int
	Reason string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("rtsp: %s: %d %s", e.Method, e.Code, e.Reason)
}
