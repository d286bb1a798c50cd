package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"linli.dev/linli/fault"
)

// Cost is what one password check costs, for us and for whoever tries a stolen database.
// The zero value is RFC 9106's second recommendation with one lane: 64 MiB, 3 passes.
type Cost struct {
	Memory  uint32 // KiB; 65536
	Passes  uint32 // 3
	Threads uint8  // 1: sign-ins are bounded, so one core each
}

func (c Cost) orDefault() Cost {
	if c.Memory == 0 {
		c.Memory = 64 << 10
	}
	if c.Passes == 0 {
		c.Passes = 3
	}
	if c.Threads == 0 {
		c.Threads = 1
	}
	return c
}

const (
	saltBytes = 16
	hashBytes = 32
	// What an encoded hash may ask of us when it is checked; a row that asks for more is damaged.
	maxMemory = 1 << 20 // KiB
	maxPasses = 64
)

// kitchen makes and checks password hashes, a few at a time: each one takes 64 MiB, and a rush of
// sign-ins must not starve the recorder. Who waits too long is told to try again.
type kitchen struct {
	cost  Cost
	slots chan struct{}
	queue chan struct{}
	wait  time.Duration
	decoy string // checked for names that do not exist, so that they take as long as those that do

	mu      sync.Mutex
	cooking int
	tidy    *time.Timer // runs when nothing has cooked for a while
}

// tidyAfter is how long after the last of a rush of sign-ins its memory goes back to the system. Left to itself the garbage
// collector would keep it: 64 MiB each is more than a small compound's footage in memory, and it lets the heap grow to
// twice as much before it looks again. One collection costs a tenth of a sign-in.
const tidyAfter = 2 * time.Second

// begin and end stand around each hash.
func (k *kitchen) begin() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cooking++
	if k.tidy != nil {
		k.tidy.Stop()
	}
}

func (k *kitchen) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cooking--; k.cooking > 0 || k.cost.Memory < 16<<10 {
		return
	}
	if k.tidy == nil {
		k.tidy = time.AfterFunc(tidyAfter, debug.FreeOSMemory)
	} else {
		k.tidy.Reset(tidyAfter)
	}
}

// key is the hash itself.
func (k *kitchen) key(password string, salt []byte, c Cost, size int) []byte {
	k.begin()
	defer k.end()
	return argon2.IDKey([]byte(password), salt, c.Passes, c.Memory, c.Threads, uint32(size))
}

func newKitchen(cost Cost, slots int) (*kitchen, error) {
	k := &kitchen{cost: cost.orDefault(), slots: make(chan struct{}, slots), queue: make(chan struct{}, 16*slots), wait: 8 * time.Second}
	var err error
	k.decoy, err = k.cook(rand.Text())
	return k, err
}

// turn waits for a free slot; the caller gives it back.
func (k *kitchen) turn(ctx context.Context) (func(), error) {
	busy := func() error {
		f := fault.New(fault.TooMany, "identity.password", "identity.sign-in-busy")
		f.RetryAfter = 5 * time.Second
		return f
	}
	select {
	case k.queue <- struct{}{}:
		defer func() { <-k.queue }()
	default:
		return nil, busy()
	}
	timer := time.NewTimer(k.wait)
	defer timer.Stop()
	select {
	case k.slots <- struct{}{}:
		return func() { <-k.slots }, nil
	case <-timer.C:
		return nil, busy()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hash encodes a new password.
func (k *kitchen) hash(ctx context.Context, password string) (string, error) {
	done, err := k.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return k.cook(password)
}

func (k *kitchen) cook(password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	c := k.cost
	key := k.key(password, salt, c, hashBytes)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, c.Memory, c.Passes, c.Threads, b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// check compares in constant time. An empty encoded hash is nobody's: the decoy is checked and the
// answer is no, after the same time. stale says that the hash was made at another cost.
func (k *kitchen) check(ctx context.Context, encoded, password string) (ok, stale bool, err error) {
	done, err := k.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	nobody := encoded == ""
	if nobody {
		encoded = k.decoy
	}
	cost, salt, want, err := parseHash(encoded)
	if err != nil {
		return false, false, fault.Wrap(err, fault.Internal, "identity.password", "identity.password-damaged")
	}
	got := k.key(password, salt, cost, len(want))
	same := subtle.ConstantTimeCompare(got, want) == 1
	return same && !nobody, cost != k.cost, nil
}

// parseHash reads the PHC string format, argon2id version 19 only.
func parseHash(encoded string) (c Cost, salt, key []byte, err error) {
	bad := func(what string) (Cost, []byte, []byte, error) {
		return Cost{}, nil, nil, errors.New("password hash: " + what)
	}
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return bad("not argon2id version 19")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Passes, &c.Threads); err != nil ||
		parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", c.Memory, c.Passes, c.Threads) {
		return bad("parameters")
	}
	if c.Memory < 8*uint32(c.Threads) || c.Memory > maxMemory || c.Passes < 1 || c.Passes > maxPasses || c.Threads < 1 {
		return bad("parameters out of range")
	}
	b64 := base64.RawStdEncoding.Strict()
	if salt, err = b64.DecodeString(parts[4]); err != nil || len(salt) < 8 || len(salt) > 64 {
		return bad("salt")
	}
	if key, err = b64.DecodeString(parts[5]); err != nil || len(key) < 16 || len(key) > 64 {
		return bad("key")
	}
	return c, salt, key, nil
}

const (
	minPassword = 10  // characters
	maxPassword = 200 // characters; argon2 would take more, a form need not
)

// The first that anybody tries; compared in lower case. Length keeps the rest of the usual list out.
var worn = []string{
	"1234567890", "0123456789", "12345678910", "123456789a", "a123456789", "9876543210", "0987654321", "1q2w3e4r5t",
	"qwertyuiop", "password12", "password123", "passw0rd123", "admin12345", "admin123456", "administrator", "woaini1314", "woaini5201314",
	"1111111111", "0000000000", "8888888888", "6666666666", "1qaz2wsx3edc", "abcd123456", "abc1234567", "iloveyou12", "linli12345", "changeme123",
}

// checkNew refuses a password that is guessed first. No rules about kinds of characters: length does more.
func checkNew(name, password string) error {
	refuse := func(code string, args ...any) error {
		f := fault.New(fault.Invalid, "identity.password", code, args...)
		f.Fields = []fault.Field{{Path: "password", Code: code, Args: f.Args}}
		return f
	}
	low := strings.ToLower(password)
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return refuse("identity.password-short", "min", minPassword)
	case n > maxPassword:
		return refuse("identity.password-long", "max", maxPassword)
	case strings.Trim(low, low[:1]) == "", low == strings.ToLower(name):
		return refuse("identity.password-worn")
	}
	for _, w := range worn {
		if low == w || (name != "" && low == strings.ToLower(name)+w) {
			return refuse("identity.password-worn")
		}
	}
	return nil
}

// firstPassword makes one that can be read aloud and typed on a gatehouse keyboard: 16 letters and
// digits of 31, none of them easily mistaken, about 79 bits.
func firstPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789"
	var out []byte
	raw := make([]byte, 64)
	for len(out) < 19 {
		_, _ = rand.Read(raw) // never fails
		for _, b := range raw {
			if int(b) >= len(letters)*(256/len(letters)) { // no letter more often than another
				continue
			}
			if len(out)%5 == 4 {
				out = append(out, '-')
			}
			if out = append(out, letters[int(b)%len(letters)]); len(out) >= 19 {
				break
			}
		}
	}
	return string(out)
}
