package rtsp

import (
	"errors"
	"log/slog"
)

// LoopOptions sets up a Loop.
type LoopOptions struct {
	Threads int          // default: number of CPUs, at most 4
	Log     *slog.Logger // nil: silent
}

// Loop reads the sockets of playing sessions on a few threads of its own, outside Go's netpoller.
type Loop struct{}

// NewLoop starts the threads.
func NewLoop(o LoopOptions) (*Loop, error) { return nil, errors.ErrUnsupported }

// Do runs f on the thread of s, between two batches; soon, not now. After the session has ended, f does not run.
func (l *Loop) Do(s *Session, f func()) {}

// Close ends all sessions (their Closed is called with ErrClosed) and the threads.
func (l *Loop) Close() error { return nil }
