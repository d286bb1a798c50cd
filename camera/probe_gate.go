package camera

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/protocol/lockout"
)

const (
	maxTests     = 4 // at a time, over all
	wrongFor     = lockout.For
	wrongPerHost = 3 // most lock out at five or six
)

// testGate bounds source tests: in number, to one per host, and in wrong
// passwords, because a recorder that is asked too often locks this server
// out, and with it the running recording.
type testGate struct {
	mu    sync.Mutex
	key   []byte
	n     int
	hosts map[string]bool
	wrong map[string][]wrongSecret
}

type wrongSecret struct {
	mark string // keyed hash; the secret itself is not kept
	at   time.Time
}

func (g *testGate) init() {
	g.key = make([]byte, 32)
	_, _ = rand.Read(g.key) // never fails since Go 1.24
	g.hosts, g.wrong = map[string]bool{}, map[string][]wrongSecret{}
}

func (g *testGate) mark(host string, s Secret) string {
	m := hmac.New(sha256.New, g.key)
	fmt.Fprintf(m, "%s\x00%s\x00%s", host, s.User, s.Password)
	return string(m.Sum(nil))
}

// enter lets a test of a host begin.
func (g *testGate) enter(op, host string, secrets []Secret, now time.Time) (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for h, list := range g.wrong {
		if list = slices.DeleteFunc(list, func(w wrongSecret) bool { return now.Sub(w.at) > wrongFor }); len(list) == 0 {
			delete(g.wrong, h)
		} else {
			g.wrong[h] = list
		}
	}
	list := g.wrong[host]
	for _, s := range secrets {
		for _, w := range list {
			if w.mark == g.mark(host, s) {
				return nil, sameSecret(op, w.at.Add(wrongFor).Sub(now))
			}
		}
	}
	if len(list) >= wrongPerHost {
		e := fault.New(fault.TooMany, op, "camera.test.near-lock-out", "tries", len(list), "minutes", minutes(list[0].at.Add(wrongFor).Sub(now)))
		e.RetryAfter = list[0].at.Add(wrongFor).Sub(now)
		return nil, e
	}
	if g.n >= maxTests || g.hosts[host] {
		e := fault.New(fault.TooMany, op, "camera.test.busy")
		e.RetryAfter = 10 * time.Second
		return nil, e
	}
	g.n++
	g.hosts[host] = true
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.n--
		delete(g.hosts, host)
	}, nil
}

// sameSecret says that a device has refused a secret that would be shown to it again.
func sameSecret(op string, wait time.Duration) error {
	e := fault.New(fault.TooMany, op, "camera.test.same-secret", "minutes", minutes(wait))
	e.RetryAfter = wait
	return e
}

func minutes(d time.Duration) int { return max(1, int((d+time.Minute-1)/time.Minute)) }

// forgive lets a secret be tested again: it was put right at the device.
func (g *testGate) forgive(host string, s Secret) {
	g.mu.Lock()
	defer g.mu.Unlock()
	mark := g.mark(host, s)
	g.wrong[host] = slices.DeleteFunc(g.wrong[host], func(w wrongSecret) bool { return w.mark == mark })
}

func (g *testGate) refused(host string, s Secret, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	mark := g.mark(host, s)
	for _, w := range g.wrong[host] {
		if w.mark == mark {
			return
		}
	}
	g.wrong[host] = append(g.wrong[host], wrongSecret{mark, now})
}
