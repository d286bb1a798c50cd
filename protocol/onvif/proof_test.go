package onvif

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/protocol/lockout"
)

// watchful is a device that counts the wrong proofs of a password, as those that lock addresses out do.
type watchful struct {
	mu       sync.Mutex
	now      func() time.Time // ours; its own is clock ahead
	clock    time.Duration
	tokens   bool // wants tokens, not HTTP digest
	password string
	stale    int  // so many proofs are by a nonce that it has forgotten
	once     bool // each nonce is good for one request, and it does not say that one is old
	both     bool // wants a token in the envelope beside the digest
	given    int  // nonces, where each is good once
	closed   bool // its time neither is told without a password
	wrong    int
	frames   int
}

func (d *watchful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now().Add(d.clock).UTC()
	timely := strings.Contains(string(raw), "<GetSystemDateAndTime")
	if (d.closed || !timely) && !d.allowed(w, r, string(raw), now) {
		return
	}
	switch {
	case timely:
		soap(w, 200, fmt.Sprintf(`<x><SystemDateAndTime><UTCDateTime><Time><Hour>%d</Hour><Minute>%d</Minute><Second>%d</Second></Time><Date><Year>%d</Year><Month>%d</Month><Day>%d</Day></Date></UTCDateTime></SystemDateAndTime></x>`,
			now.Hour(), now.Minute(), now.Second(), now.Year(), now.Month(), now.Day()))
	case strings.Contains(string(raw), "<GetServices"):
		soap(w, 200, `<x><Service><Namespace>`+nsMedia+`</Namespace><XAddr>http://10.9.9.9/onvif/m1</XAddr></Service></x>`)
	default:
		d.frames++
		soap(w, 200, `<x/>`)
	}
}

func (d *watchful) allowed(w http.ResponseWriter, r *http.Request, body string, now time.Time) bool {
	if d.tokens {
		return d.token(w, body, now)
	}
	stale, nonce := "", fmt.Sprint("n", d.given)
	if a := r.Header.Get("Authorization"); a != "" {
		c := challenge{realm: "box", nonce: nonce, qop: true}
		p := map[string]string{}
		for _, s := range splitParams(strings.TrimPrefix(a, "Digest ")) {
			k, v, _ := strings.Cut(strings.TrimSpace(s), "=")
			p[k] = strings.Trim(v, `"`)
		}
		right := p["response"] == c.hash(c.hash("u:box:"+d.password)+":"+nonce+":"+p["nc"]+":"+p["cnonce"]+":auth:"+c.hash("POST:"+r.URL.RequestURI()))
		switch {
		case right && d.stale == 0:
			if d.once {
				d.given++
			}
			return !d.both || d.token(w, body, now)
		case d.once && p["nonce"] != nonce: // proved with the one before
		default:
			d.wrong++
		}
		if d.stale > 0 {
			d.stale--
			stale = ", stale=true"
		}
	}
	w.Header().Add("WWW-Authenticate", `Digest realm="box", nonce="`+nonce+`", qop="auth"`+stale)
	w.WriteHeader(401)
	return false
}

func (d *watchful) token(w http.ResponseWriter, body string, now time.Time) bool {
	if m := tokenShape.FindStringSubmatch(body); m != nil {
		nonce, _ := base64.StdEncoding.DecodeString(m[3])
		at, err := time.Parse("2006-01-02T15:04:05.000Z", m[4])
		if err == nil && now.Sub(at).Abs() < 3*time.Second && m[2] == passwordDigest(nonce, m[4], d.password) {
			return true
		}
		d.wrong++
	}
	soap(w, 400, `<env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode><env:Value>ter:NotAuthorized</env:Value></env:Subcode></env:Code></env:Fault>`)
	return false
}

func (d *watchful) seen() (wrong, frames int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.wrong, d.frames
}

// A password that was changed at the device is proved to it once, whatever a client at hand thinks of its nonce and its clock, and not
// again after a restart: with the streams' own try, more would lock this machine out of the recording.
func TestAWrongPasswordIsProvedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		d      *watchful
		at     bool          // a client is at hand, the password was right before
		after  time.Duration // since that was used
		change func(d *watchful)
		wrong  int
		frame  bool // it gets one all the same
	}{
		"digest":                     {d: &watchful{}, wrong: 1},
		"token":                      {d: &watchful{tokens: true}, wrong: 1},
		"digest, for the time too":   {d: &watchful{closed: true}, wrong: 1},
		"token, for the time too":    {d: &watchful{closed: true, tokens: true}, wrong: 1},
		"digest at hand":             {d: &watchful{}, at: true, after: 4 * time.Second, wrong: 1},
		"digest of minutes ago":      {d: &watchful{}, at: true, after: 4 * time.Minute, wrong: 1},
		"token at hand":              {d: &watchful{tokens: true}, at: true, after: 4 * time.Second, wrong: 1},
		"its nonce is forgotten":     {d: &watchful{}, at: true, after: 4 * time.Second, change: func(d *watchful) { d.stale = 1 }, wrong: 2},
		"only its nonce is old":      {d: &watchful{}, at: true, after: 4 * time.Second, change: func(d *watchful) { d.stale, d.password = 1, "p" }, wrong: 1, frame: true},
		"each nonce once":            {d: &watchful{once: true}, at: true, after: 4 * time.Second, change: func(d *watchful) { d.password = "p" }, frame: true},
		"each nonce once, wrong":     {d: &watchful{once: true}, at: true, after: 4 * time.Second, wrong: 1},
		"digest and token":           {d: &watchful{both: true}, at: true, after: 4 * time.Second, change: func(d *watchful) { d.password = "p" }, frame: true},
		"its clock was set, no more": {d: &watchful{tokens: true}, at: true, after: 4 * time.Second, change: func(d *watchful) { d.clock, d.password = -time.Hour, "p" }, wrong: 1, frame: true},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			ahead := time.Duration(0)
			now := func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(ahead) }
			d := c.d
			d.now, d.password = now, "p"
			srv := httptest.NewServer(d)
			defer srv.Close()
			as := func(b []byte) ([]byte, error) { return bytes.Clone(b), nil }
			dir := t.TempDir()
			start := func() (*Keys, *lockout.Memory) {
				m, err := lockout.Open(lockout.Options{File: filepath.Join(dir, "lockouts"), Seal: as, Open: as})
				if err != nil {
					t.Fatal(err)
				}
				k := NewKeys(KeysOptions{Now: now, Lockouts: m})
				t.Cleanup(func() { _ = k.Close() })
				k.Apply(map[string]Target{"a": {URL: srv.URL + "/onvif/device_service", User: "u", Password: "p", Profile: "P0", Device: "10.0.0.7:554"}})
				return k, m
			}
			k, m := start()
			had := 0
			if c.at {
				k.Ask("a")
				k.idle(t)
				wrong, frames := d.seen()
				if had = frames; wrong != 0 || frames != 1 {
					t.Fatal(wrong, frames)
				}
				mu.Lock()
				ahead += c.after
				mu.Unlock()
			}
			d.mu.Lock()
			d.password = "another"
			if c.change != nil {
				c.change(d)
			}
			d.mu.Unlock()
			if !k.Ask("a") {
				t.Fatal("not asked")
			}
			k.idle(t)
			wrong, frames := d.seen()
			if wrong != c.wrong || (frames > had) != c.frame {
				t.Fatalf("proved wrongly %d times, %d key frames", wrong, frames-had)
			}
			if c.frame {
				return
			}
			s := lockout.Secret{Device: "10.0.0.7:554", User: "u", Password: "p"}
			if m.Wait(lockout.ONVIF, s) == 0 || m.Wait(lockout.RTSP, s) != 0 || m.Wait(lockout.HTTP, s) != 0 {
				t.Error("what others may show:", m.Wait(lockout.ONVIF, s), m.Wait(lockout.RTSP, s), m.Wait(lockout.HTTP, s))
			}
			k, _ = start()
			if k.Ask("a") {
				t.Error("a restart has forgotten it")
			}
			k.idle(t)
			if again, _ := d.seen(); again != wrong {
				t.Errorf("proved %d times after a restart", again-wrong)
			}
		})
	}
}
