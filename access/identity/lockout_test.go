package identity

import (
	"fmt"
	"testing"
	"time"
)

type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

func TestGuessingGetsSlower(t *testing.T) {
	c := &clock{time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	l := newLockout(c.read)
	const stranger, gatehouse = "192.0.2.66:40000", "192.0.2.7:51000"

	// Five wrong passwords are free of waiting, the fifth begins the first wait.
	for i := range freeTries {
		if wait := l.begin("zhao", stranger); wait != 0 {
			t.Fatalf("try %d waits %s", i+1, wait)
		}
	}
	if wait := l.begin("zhao", stranger); wait != firstWait {
		t.Fatalf("the sixth try waits %s", wait)
	}
	// Another port, or the name in capitals, is no way around; asking again does not lengthen it.
	if wait := l.begin("ZHAO", "192.0.2.66:40001"); wait != firstWait {
		t.Fatalf("waits %s", wait)
	}
	// Zhao himself, at the gatehouse, is not locked out by a stranger.
	if wait := l.begin("zhao", gatehouse); wait != 0 {
		t.Fatalf("Zhao waits %s", wait)
	}
	l.right("zhao", gatehouse)

	// Each further wrong password doubles the wait, up to an hour.
	want := firstWait
	for range 12 {
		c.now = c.now.Add(want)
		if wait := l.begin("zhao", stranger); wait != 0 {
			t.Fatalf("after the wait: %s", wait)
		}
		want = min(2*want, longestWait)
		if wait := l.waits("zhao", stranger); wait != want {
			t.Fatalf("waits %s, want %s", wait, want)
		}
	}
	// A new password from the operator forgives.
	l.forgive("Zhao")
	if wait := l.begin("zhao", stranger); wait != 0 {
		t.Errorf("after forgiving: %s", wait)
	}
}

func TestTheRightPasswordStartsAfresh(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	l := newLockout(c.read)
	for range 10 {
		for range freeTries - 1 {
			if wait := l.begin("zhao", "192.0.2.7:1"); wait != 0 {
				t.Fatalf("waits %s", wait)
			}
		}
		l.right("zhao", "192.0.2.7:1")
	}
}

func TestOneMachineCannotTryEveryName(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	l := newLockout(c.read)
	for i := range addressTries {
		// An IPv6 line has a whole /64; it is one machine all the same.
		if wait := l.begin(fmt.Sprintf("name%d", i), fmt.Sprintf("[2001:db8::%x]:443", i+1)); wait != 0 {
			t.Fatalf("try %d waits %s", i, wait)
		}
	}
	if l.begin("another", "[2001:db8::ffff]:1") == 0 {
		t.Error("one more name was let through")
	}
	if l.begin("another", "[2001:db8:0:1::1]:1") != 0 {
		t.Error("the neighbour waits too")
	}
}

func TestTheListOfTriesIsBounded(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	l := newLockout(c.read)
	for range freeTries {
		l.begin("zhao", "192.0.2.66:1")
	}
	for i := range 3 * maxEntries {
		l.begin(fmt.Sprintf("n%d", i), fmt.Sprintf("10.%d.%d.%d:1", i>>16&255, i>>8&255, i&255))
	}
	if n := len(l.entries); n > maxEntries {
		t.Errorf("%d entries", n)
	}
	if l.begin("zhao", "192.0.2.66:1") == 0 {
		t.Error("filling the list up opened a way around the wait")
	}
}
