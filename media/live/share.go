package live

import (
	"context"
	"sync"
	"time"

	"linli.dev/linli/media/stream"
)

// sender is one way of watching one stream, shared by all of its viewers.
type sender interface {
	run(ctx context.Context) // until the stream or ctx ends
	stop()                   // lets go of all viewers
}

// share keeps one sender per stream while it has users, and a little longer: a page that reloads finds it running.
type share[S sender] struct {
	linger time.Duration
	make   func(stream.ID) (S, error)

	mu      sync.Mutex
	running map[stream.ID]*shared[S]
	closed  bool
	wait    sync.WaitGroup
}

type shared[S sender] struct {
	sender S
	users  int
	idle   *time.Timer
	cancel context.CancelFunc
}

func newShare[S sender](linger time.Duration, make func(stream.ID) (S, error)) *share[S] {
	return &share[S]{linger: linger, make: make, running: map[stream.ID]*shared[S]{}}
}

// use takes part in a stream's sender, and starts it for the first one. release must be called once.
func (h *share[S]) use(id stream.ID) (s S, release func(), err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return s, nil, errClosing
	}
	one := h.running[id]
	if one == nil {
		made, err := h.make(id)
		if err != nil {
			return s, nil, err
		}
		ctx, cancel := context.WithCancel(context.Background())
		one = &shared[S]{sender: made, cancel: cancel}
		h.running[id] = one
		h.wait.Go(func() {
			made.run(ctx)
			h.mu.Lock()
			if h.running[id] == one {
				delete(h.running, id)
			}
			h.mu.Unlock()
			made.stop()
			cancel()
		})
	}
	one.users++
	if one.idle != nil {
		one.idle.Stop()
		one.idle = nil
	}
	var once sync.Once
	return one.sender, func() { once.Do(func() { h.release(id, one) }) }, nil
}

func (h *share[S]) release(id stream.ID, one *shared[S]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if one.users--; one.users > 0 || h.closed {
		return
	}
	one.idle = time.AfterFunc(h.linger, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if one.users == 0 {
			if h.running[id] == one {
				delete(h.running, id)
			}
			one.cancel()
		}
	})
}

// each calls f for every running sender.
func (h *share[S]) each(f func(stream.ID, S)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, one := range h.running {
		f(id, one.sender)
	}
}

// close stops all senders and waits for them.
func (h *share[S]) close() {
	h.mu.Lock()
	h.closed = true
	for _, one := range h.running {
		if one.idle != nil {
			one.idle.Stop()
		}
		one.cancel()
	}
	h.mu.Unlock()
	h.wait.Wait()
}
