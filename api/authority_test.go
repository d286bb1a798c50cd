package api

import (
	"crypto/x509"
	"log/slog"
	"path/filepath"
	"testing"
	"time"
)

// A box makes its authority at its first start, perhaps before anybody has set its clock. Whoever installs it trusts it for years all
// the same, and its pages open while the clock is wrong, and when it is right.
func TestAuthorityOfAWrongClock(t *testing.T) {
	right := time.Now().UTC().Truncate(time.Second) // files that are made here say so too
	for says, wrong := range map[string]time.Time{"1970": time.Unix(60, 0), "2031": right.AddDate(5, 0, 0), "right": right} {
		dir := t.TempDir()
		at, believed := wrong, says == "right"
		a := &Authority{log: slog.New(slog.DiscardHandler), now: func() time.Time { return at }, believed: func() bool { return believed }, names: []string{"gate.test"}}
		crt, key := filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key")
		if err := a.make(crt, key, a.names); err != nil {
			t.Fatal(err)
		}
		if err := a.read(crt, key); err != nil {
			t.Fatal(err)
		}
		opens := func(when string, now time.Time) {
			t.Helper()
			c, err := a.certificate(nil)
			if err != nil {
				t.Fatal(err)
			}
			roots := x509.NewCertPool()
			roots.AddCert(a.cert)
			if _, err := c.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "gate.test", CurrentTime: now}); err != nil {
				t.Errorf("made in %s, %s: %v", says, when, err)
			}
			if life := c.Leaf.NotAfter.Sub(c.Leaf.NotBefore); life > 825*24*time.Hour {
				t.Errorf("made in %s, %s: no phone takes a certificate of %s", says, when, life)
			}
		}
		if says == "2031" { // nobody believes that, and with the next start it is forgotten
			if _, err := a.certificate(nil); err != nil {
				t.Fatal(err)
			}
			a.leaf, at = nil, time.Unix(60, 0)
		}
		opens("looked at by somebody who knows the time", right)
		at, believed = right, true
		opens("when the clock is set", right)
		for range 8 {
			at = at.AddDate(1, 0, 0)
			opens("years later", at)
		}
		// A box that has run until the day before wakes up in 1970: those who look know the time.
		for _, day := range []time.Time{right.AddDate(0, 6, 8), right.AddDate(2, 6, 8)} {
			for _, at = range []time.Time{day.Add(-24 * time.Hour), time.Unix(60, 0)} {
				a = &Authority{log: a.log, now: a.now, believed: a.believed, names: a.names}
				if err := a.read(crt, key); err != nil {
					t.Fatal(err)
				}
				opens("after the power came back", day)
			}
		}
	}
}
