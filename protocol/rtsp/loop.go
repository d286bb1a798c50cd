package rtsp

import (
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// LoopOptions sets up a Loop.
type LoopOptions struct {
	// Threads: half the CPUs by default, at most 4: the rest of the program needs the others.
	Threads int
	Log     *slog.Logger // nil: silent

	clock func() time.Time // time.Now but in tests
}

// Loop reads the sockets of playing sessions, and of our server's readers, on a few threads of its own. The sockets are outside
// Go's netpoller, which only watches the threads' epolls. A session stays with one thread for life.
type Loop struct {
	log     *slog.Logger
	clock   func() time.Time
	begun   time.Time // see moment
	threads []*thread
	next    atomic.Uint32
	done    sync.WaitGroup
}

// NewLoop starts the threads.
func NewLoop(o LoopOptions) (*Loop, error) {
	if o.Threads <= 0 {
		o.Threads = max(1, min(4, runtime.NumCPU()/2))
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.clock == nil {
		o.clock = time.Now
	}
	l := &Loop{log: o.Log, clock: o.clock, begun: time.Now().Add(-before)}
	for range o.Threads {
		t, err := newThread(l)
		if err != nil {
			l.Close()
			return nil, err
		}
		l.threads = append(l.threads, t)
		l.done.Go(t.run)
	}
	return l, nil
}

// pick returns the thread that has the fewest sockets.
func (l *Loop) pick() *thread {
	start := int(l.next.Add(1))
	best := l.threads[start%len(l.threads)]
	for i := range l.threads {
		if t := l.threads[(start+i)%len(l.threads)]; t.load.Load() < best.load.Load() {
			best = t
		}
	}
	best.load.Add(1)
	return best
}

// Do runs f on the thread of s, between two batches; soon, not now. After the session has ended, f does not run.
func (l *Loop) Do(s *Session, f func()) {
	s.mu.Lock()
	th := s.th
	s.mu.Unlock()
	if th != nil {
		th.post(func() {
			if !s.state.ended {
				f()
			}
		})
	}
}

// Close ends all sessions (their Closed is called with ErrClosed) and the threads, and waits for that; so no Handler may call it.
func (l *Loop) Close() error {
	var errs []error
	for _, t := range l.threads {
		errs = append(errs, t.stop())
	}
	l.done.Wait()
	return errors.Join(errs...)
}
