package lockout

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// For is how long a refused secret is not tried again.
const For = 35 * time.Minute

// Way is what a secret was shown to. A device may keep other accounts for each.
type Way string

const (
	RTSP  Way = "rtsp"
	HTTP  Way = "http"  // a still picture
	ONVIF Way = "onvif" // many devices keep users of its own for it: what it refuses, a still picture may still show
)

// Secret is what was shown, and to whom.
type Secret struct {
	Device         string // host and port of its RTSP service, whichever way is meant
	User, Password string
}

// String and GoString keep the secret out of logs.
func (s Secret) String() string   { return "‹secret›" }
func (s Secret) GoString() string { return "‹secret›" }

// Options of a Memory.
type Options struct {
	// File is where it is kept over a restart; "": nowhere.
	File string
	// Seal and Open encrypt the file; needed with File.
	Seal, Open func([]byte) ([]byte, error)
}

// Memory is safe for use by many at once. It holds keyed hashes, never a
// secret.
type Memory struct {
	o     Options
	file  sync.Mutex // held while it is written; before mu
	mu    sync.Mutex
	key   []byte
	until map[string]time.Time // by mark
}

type kept struct {
	Key   []byte               `json:"key"`
	Until map[string]time.Time `json:"until"`
}

// Open reads what an earlier process has learned. A file that cannot be read
// or opened is an error beside an empty Memory, which works.
func Open(o Options) (*Memory, error) {
	m := &Memory{o: o, key: make([]byte, 32), until: map[string]time.Time{}}
	_, _ = rand.Read(m.key) // never fails
	if o.File == "" {
		return m, nil
	}
	sealed, err := os.ReadFile(o.File)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	var k kept
	if err == nil {
		var plain []byte
		if plain, err = o.Open(sealed); err == nil {
			err = json.Unmarshal(plain, &k)
		}
	}
	if err == nil && len(k.Key) != len(m.key) {
		err = errors.New("its key is too short")
	}
	if err != nil {
		return m, fmt.Errorf("refused passwords of before, in %s: %w", o.File, err)
	}
	m.key = k.Key
	latest := time.Now().Add(For)
	for mark, until := range k.Until {
		if until.After(latest) { // written while the clock was wrong
			until = latest
		}
		m.until[mark] = until
	}
	m.forget(time.Now())
	return m, nil
}

func (m *Memory) mark(w Way, s Secret) string {
	h := hmac.New(sha256.New, m.key)
	for _, part := range []string{string(w), s.Device, s.User, s.Password} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return base64.RawStdEncoding.EncodeToString(h.Sum(nil))
}

// Wait is how long a secret must not be shown; 0: it may be. What was refused
// over RTSP, the device's main way, is not shown in any other way.
func (m *Memory) Wait(w Way, s Secret) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	wait := m.until[m.mark(w, s)].Sub(now)
	if w != RTSP {
		wait = max(wait, m.until[m.mark(RTSP, s)].Sub(now))
	}
	return max(wait, 0)
}

// Refused notes that a device did not take a secret. An error means that it is
// not kept over a restart.
func (m *Memory) Refused(w Way, s Secret) error {
	m.mu.Lock()
	now := time.Now()
	m.forget(now)
	m.until[m.mark(w, s)] = now.Add(For)
	m.mu.Unlock()
	return m.save()
}

// Taken notes that a device took a secret.
func (m *Memory) Taken(s Secret) error {
	m.mu.Lock()
	before := len(m.until)
	m.take(s)
	taken := len(m.until) < before
	m.mu.Unlock()
	if !taken {
		return nil
	}
	return m.save()
}

// again is not a way: it notes by device, whatever the secret, that somebody had what it refused tried again.
const again Way = "again"

// Again lets a refused secret be shown before its time, because somebody says that it was put right at the device: once in
// 35 minutes for a device, or clicks would do what this package is against. wait is how long it is to be waited for that; 0: it may be shown.
func (m *Memory) Again(s Secret) (wait time.Duration, err error) {
	if wait := m.again(s); wait > 0 {
		return wait, nil
	}
	return 0, m.save()
}

func (m *Memory) again(s Secret) (wait time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	mark := m.mark(again, Secret{Device: s.Device})
	if wait := m.until[mark].Sub(now); wait > 0 {
		return wait
	}
	m.forget(now)
	m.until[mark] = now.Add(For)
	m.take(s)
	return 0
}

func (m *Memory) take(s Secret) {
	for _, w := range []Way{RTSP, HTTP, ONVIF} {
		delete(m.until, m.mark(w, s))
	}
}

func (m *Memory) forget(now time.Time) {
	for mark, until := range m.until {
		if !now.Before(until) {
			delete(m.until, mark)
		}
	}
}

// save writes the file anew, whole or not at all, and without mu: who asks does not wait for a disk.
func (m *Memory) save() error {
	if m.o.File == "" {
		return nil
	}
	m.file.Lock()
	defer m.file.Unlock()
	m.mu.Lock()
	plain, err := json.Marshal(kept{m.key, m.until})
	m.mu.Unlock()
	if err != nil {
		return err
	}
	sealed, err := m.o.Seal(plain)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(m.o.File), ".lockouts-*") // 0600
	if err != nil {
		return err
	}
	_, err = bytes.NewReader(sealed).WriteTo(f)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), m.o.File)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
