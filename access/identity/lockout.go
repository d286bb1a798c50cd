package identity

import (
	"net/netip"
	"strings"
	"sync"
	"time"
)

const (
	freeTries    = 5                // wrong passwords before the first wait
	firstWait    = 30 * time.Second // doubled with each further one
	longestWait  = time.Hour
	forgetAfter  = 24 * time.Hour
	addressTries = 60        // wrong passwords from one address, for whatever names, before it waits
	forgetLine   = time.Hour // an address may have many people behind it
	maxEntries   = 20_000
)

// lockout slows guessing down: per account and address, so that a stranger cannot lock a guard out
// from elsewhere, and per address, so that one machine cannot try every name. It works in memory; what
// it counts is written down beside it (tries.go), so that a restart forgives nobody.
type lockout struct {
	mu      sync.Mutex
	entries map[lockKey]*tries
	now     func() time.Time
}

// lockKey is a name at an address. The name is a hash: what was typed may be a password in the wrong
// field. "" is the address as a whole.
type lockKey struct{ name, address string }

func nameKey(name string) string { return digest(strings.ToLower(name)) }

func (k lockKey) memory() time.Duration {
	if k.name == "" {
		return forgetLine
	}
	return forgetAfter
}

type tries struct {
	wrong int
	last  time.Time
	until time.Time
}

func newLockout(now func() time.Time) *lockout {
	return &lockout{entries: map[lockKey]*tries{}, now: now}
}

// network is the address that is counted: an IPv6 line has a whole /64 to hop around in.
func network(address string) string {
	if ap, err := netip.ParseAddrPort(address); err == nil {
		address = ap.Addr().String()
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap().WithZone("")
	if a.Is6() && !a.IsLoopback() {
		p, _ := a.Prefix(64)
		return p.String()
	}
	return a.String()
}

func keys(name, address string) (pair, line lockKey) {
	address = network(address)
	return lockKey{nameKey(name), address}, lockKey{"", address}
}

// wait says how long this name must wait at this address; zero: try. A try that is let through is
// counted as wrong at once, so that a hundred tries sent together are not all let through; right takes it back.
func (l *lockout) begin(name, address string) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	pair, line := keys(name, address)
	for _, k := range []lockKey{pair, line} {
		if t := l.entries[k]; t != nil && now.Before(t.until) {
			wait = max(wait, t.until.Sub(now))
		}
	}
	if wait > 0 {
		return wait
	}
	l.count(pair, now, freeTries)
	l.count(line, now, addressTries)
	return 0
}

func (l *lockout) count(k lockKey, now time.Time, free int) {
	t := l.entries[k]
	if t == nil || now.Sub(t.last) > k.memory() {
		l.make(now)
		t = &tries{}
		l.entries[k] = t
	}
	t.wrong++
	t.last = now
	if over := t.wrong - free; over >= 0 {
		t.until = now.Add(min(longestWait, firstWait<<min(over, 10)))
	}
}

// make room: forget what is old, and if everything is fresh (somebody is filling us up), the entries
// of single wrong tries, which cost the guesser least to lose.
func (l *lockout) make(now time.Time) {
	if len(l.entries) < maxEntries {
		return
	}
	for k, t := range l.entries {
		if now.Sub(t.last) > k.memory() || (t.wrong < freeTries && now.After(t.until)) {
			delete(l.entries, k)
		}
	}
	for k := range l.entries {
		if len(l.entries) < maxEntries {
			return
		}
		if k.name != "" {
			delete(l.entries, k)
		}
	}
}

// right forgets the wrong tries of a name at an address, and this try of the address. It says whether
// there were any besides this one.
func (l *lockout) right(name, address string) (others bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	pair, line := keys(name, address)
	others = l.entries[pair] != nil && l.entries[pair].wrong > 1
	delete(l.entries, pair)
	l.takeBack(line, addressTries)
	return others
}

// undo takes back a try that could not be checked.
func (l *lockout) undo(name, address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	pair, line := keys(name, address)
	l.takeBack(pair, freeTries)
	l.takeBack(line, addressTries)
}

func (l *lockout) takeBack(k lockKey, free int) {
	t := l.entries[k]
	if t == nil {
		return
	}
	t.wrong--
	if t.wrong < free {
		t.until = time.Time{}
	}
	if t.wrong <= 0 {
		delete(l.entries, k)
	}
}

// waits says how long the name waits at the address now, after a wrong try.
func (l *lockout) waits(name, address string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	pair, line := keys(name, address)
	now := l.now()
	var wait time.Duration
	for _, k := range []lockKey{pair, line} {
		if t := l.entries[k]; t != nil {
			wait = max(wait, t.until.Sub(now))
		}
	}
	return wait
}

// forgive forgets a name at every address: an operator gave it a new password.
func (l *lockout) forgive(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := nameKey(name)
	for k := range l.entries {
		if k.name == key {
			delete(l.entries, k)
		}
	}
}
