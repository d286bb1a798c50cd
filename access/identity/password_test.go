package identity

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"linli.dev/linli/fault"
)

// cheap keeps tests quick; the format and the ways are the same.
var cheap = Cost{Memory: 64, Passes: 1, Threads: 1}

func testKitchen(t testing.TB, slots int) *kitchen {
	t.Helper()
	k, err := newKitchen(cheap, slots)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAPasswordIsKnownAgain(t *testing.T) {
	k, ctx := testKitchen(t, 1), context.Background()
	one, err := k.hash(ctx, "月亮出来亮汪汪，晒谷场")
	if err != nil {
		t.Fatal(err)
	}
	two, _ := k.hash(ctx, "月亮出来亮汪汪，晒谷场")
	if one == two {
		t.Error("two hashes of a password are the same: no salt")
	}
	for _, c := range []struct {
		encoded, password string
		want              bool
	}{
		{one, "月亮出来亮汪汪，晒谷场", true},
		{two, "月亮出来亮汪汪，晒谷场", true},
		{one, "月亮出来亮汪汪", false},
		{one, "", false},
		{"", "", false}, // nobody: no password opens an account that is not there
	} {
		if ok, _, err := k.check(ctx, c.encoded, c.password); ok != c.want || err != nil {
			t.Errorf("%q with %q: %v %v, want %v", c.encoded, c.password, ok, err, c.want)
		}
	}
}

func TestACheaperHashIsMadeAnew(t *testing.T) {
	old, ctx := testKitchen(t, 1), context.Background()
	encoded, _ := old.hash(ctx, "correct horse battery")
	dear, err := newKitchen(Cost{Memory: 128, Passes: 2, Threads: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if ok, stale, err := dear.check(ctx, encoded, "correct horse battery"); !ok || !stale || err != nil {
		t.Errorf("ok %v stale %v err %v", ok, stale, err)
	}
}

func TestDamagedHashesAreNamed(t *testing.T) {
	for _, bad := range []string{
		"x", "$argon2id$v=19$m=64,t=1,p=1$AAAA$", "$argon2i$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=16$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", // 4 TiB
		"$argon2id$v=19$m=64,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=64,t=1,p=0$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=64,t=1,p=1 $AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	} {
		if _, _, _, err := parseHash(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=8,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		c, salt, key, err := parseHash(s)
		if err == nil && (c.Memory > maxMemory || c.Passes > maxPasses || len(salt) < 8 || len(key) < 16) {
			t.Errorf("%q: %+v %d %d", s, c, len(salt), len(key))
		}
	})
}

// A hundred people, or one script, sign in at once: two are checked at a time, the line is bounded,
// and who stands too long is sent away with a word when to come back.
func TestARushOfSignInsIsBounded(t *testing.T) {
	k := testKitchen(t, 2)
	synctest.Test(t, func(t *testing.T) {
		k.slots = make(chan struct{}, 2)
		k.queue = make(chan struct{}, 8)
		var mu sync.Mutex
		inside, most, sent := 0, 0, 0
		for range 100 {
			go func() {
				done, err := k.turn(context.Background())
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					var f *fault.Error
					if !errors.As(err, &f) || f.Kind != fault.TooMany || f.RetryAfter <= 0 {
						t.Errorf("sent away with %v", err)
					}
					sent++
					return
				}
				inside++
				most = max(most, inside)
				mu.Unlock()
				time.Sleep(5 * time.Second)
				mu.Lock()
				inside--
				done()
			}()
		}
		time.Sleep(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		if most > 2 {
			t.Errorf("%d at a time", most)
		}
		if sent < 90 || sent == 100 {
			t.Errorf("%d were sent away", sent)
		}
	})
}

func TestWornPasswordsAreRefused(t *testing.T) {
	for password, code := range map[string]string{
		"short":                  "identity.password-short",
		"一二三四五":                  "identity.password-short",
		"1234567890":             "identity.password-worn",
		"PASSWORD123":            "identity.password-worn",
		"aaaaaaaaaaaa":           "identity.password-worn",
		"gatekeeper":             "identity.password-worn", // the name itself
		strings.Repeat("好", 201): "identity.password-long",
		"一个很长的口令没有数字":            "",
		"correct horse battery":  "",
	} {
		if got := fault.CodeOf(checkNew("gatekeeper", password)); got != code {
			t.Errorf("%q: %q, want %q", password, got, code)
		}
	}
}

func TestFirstPasswordsCanBeReadAloud(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		p := firstPassword()
		if len(p) != 19 || strings.Count(p, "-") != 3 || strings.ContainsAny(p, "0o1li") {
			t.Fatalf("%q", p)
		}
		if seen[p] {
			t.Fatalf("%q twice", p)
		}
		seen[p] = true
		if err := checkNew("guard", p); err != nil {
			t.Fatal(err)
		}
	}
}
