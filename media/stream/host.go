package stream

import (
	"math/rand/v2"
	"sync"
	"time"

	"linli.dev/linli/protocol/lockout"
)

var steps = [...]time.Duration{1 * time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second}

// backoff is how long to wait after the nth failure in a row, from 1, with ±20 % jitter so that a compound's cameras do
// not come back in one beat.
func backoff(n int) time.Duration {
	d := steps[min(max(n, 1), len(steps))-1]
	return d*8/10 + rand.N(d*4/10)
}

// host is a device as the network sees it. All its channels share back-off, lock-out and connection limit: a recorder that
// is off is knocked at by one channel, not by 16.
type host struct {
	mu      sync.Mutex
	limit   int
	open    int
	playing int // of them
	fails   int
	next    time.Time
	reason  string // of the latest failure
	detail  string
	probe   int // the number of the attempt that knocks alone, 0 = none
	tries   int
	taken   map[lockout.Secret]bool      // in this process
	shown   map[lockout.Secret]time.Time // by a channel that waits for the answer
	changed chan struct{}                // closed when something changed
}

// patience is how long a channel's answer is waited for before another one may show the same secret: a dead channel must not hold up the rest.
const patience = 3 * time.Second

func newHost() *host {
	return &host{taken: map[lockout.Secret]bool{}, shown: map[lockout.Secret]time.Time{}, changed: make(chan struct{})}
}

// admit lets a channel try now, or says why not, for how long, and what to wait on. A secret that the device has not taken yet
// is shown by one channel alone: sixteen wrong passwords at a time are a lock-out. Who is let in gets a number, and gives it back with leave; 0: not let in.
func (h *host) admit(refused *lockout.Memory, s lockout.Secret, now time.Time) (try int, c cause, wait time.Duration, changed <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	changed = h.changed
	if wait := refused.Wait(lockout.RTSP, s); wait > 0 {
		return 0, cause{Unauthorised, ReasonUnauthorised, ""}, wait, changed
	}
	if h.fails > 0 {
		if now.Before(h.next) {
			return 0, cause{Unreachable, h.reason, h.detail}, h.next.Sub(now), changed
		}
		if h.probe != 0 {
			return 0, cause{Unreachable, h.reason, h.detail}, time.Minute, changed
		}
	}
	if h.limit > 0 && h.open >= h.limit {
		return 0, cause{Unreachable, ReasonLimit, ""}, time.Minute, changed
	}
	if !h.taken[s] {
		if wait := patience - now.Sub(h.shown[s]); wait > 0 {
			return 0, cause{Connecting, ReasonWaitingForHost, ""}, wait, changed
		}
		h.shown[s] = now
	}
	h.open++
	h.tries++
	if h.probe = 0; h.fails > 0 {
		h.probe = h.tries
	}
	return h.tries, cause{}, 0, changed
}

// played tells that a channel plays: nothing that happens to another one is the host's fault any more.
func (h *host) played(n int) {
	h.mu.Lock()
	h.playing += n
	h.mu.Unlock()
}

// took tells that the device takes a secret: its other channels may show it all at once.
func (h *host) took(s lockout.Secret) {
	h.mu.Lock()
	if !h.taken[s] {
		h.taken[s] = true
		delete(h.shown, s)
		h.tell()
	}
	h.mu.Unlock()
}

// leave gives the place back. Who knocked and leaves without having learnt anything, because it is not wanted any more, lets another one knock.
func (h *host) leave(s lockout.Secret, try int) {
	h.mu.Lock()
	h.open--
	if h.probe == try {
		h.probe = 0
	}
	delete(h.shown, s)
	h.tell()
	h.mu.Unlock()
}

// answered tells that the host is there: its other channels may try.
func (h *host) answered() {
	h.mu.Lock()
	if h.fails > 0 || h.probe != 0 {
		h.fails, h.probe = 0, 0
		h.tell()
	}
	h.mu.Unlock()
}

// failed tells that the host is not there.
func (h *host) failed(c cause, now time.Time) {
	h.mu.Lock()
	if h.playing > 0 { // a dead channel of a recorder that is well
		h.mu.Unlock()
		return
	}
	// Channels that were already under way when the first one failed do not each take a step.
	if h.probe != 0 || !now.Before(h.next) {
		h.fails++
		h.next = now.Add(backoff(h.fails))
	}
	h.reason, h.detail, h.probe = c.reason, c.detail, 0
	h.tell()
	h.mu.Unlock()
}

// refused tells that the host is there, and does not take a secret.
func (h *host) refused(s lockout.Secret) {
	h.mu.Lock()
	delete(h.taken, s)
	delete(h.shown, s)
	h.fails, h.probe = 0, 0
	h.tell()
	h.mu.Unlock()
}

// forgive forgets the failures, because somebody asked for another try.
func (h *host) forgive() {
	h.mu.Lock()
	h.fails, h.next = 0, time.Time{}
	h.tell()
	h.mu.Unlock()
}

func (h *host) setLimit(n int) {
	h.mu.Lock()
	if h.limit != n {
		h.limit = n
		h.tell()
	}
	h.mu.Unlock()
}

func (h *host) tell() {
	close(h.changed)
	h.changed = make(chan struct{})
}
