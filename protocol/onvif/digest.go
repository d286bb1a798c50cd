package onvif

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// challenge is one WWW-Authenticate: Digest (RFC 7616).
type challenge struct {
	realm, nonce, opaque string
	sha256, qop, stale   bool
	algorithm            string
}

// parseChallenge takes the best digest of several; Basic is not answered, the
// password would travel in the clear.
func parseChallenge(lines []string) (best challenge, ok bool) {
	for _, line := range lines {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !strings.EqualFold(scheme, "Digest") {
			continue
		}
		c := challenge{}
		for _, p := range splitParams(rest) {
			key, value, _ := strings.Cut(p, "=")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.ToLower(strings.TrimSpace(key)) {
			case "realm":
				c.realm = value
			case "nonce":
				c.nonce = value
			case "opaque":
				c.opaque = value
			case "stale":
				c.stale = strings.EqualFold(value, "true")
			case "algorithm":
				c.algorithm = value
				c.sha256 = strings.EqualFold(value, "SHA-256")
			case "qop":
				for q := range strings.SplitSeq(value, ",") {
					c.qop = c.qop || strings.TrimSpace(q) == "auth"
				}
			}
		}
		known := c.algorithm == "" || c.sha256 || strings.EqualFold(c.algorithm, "MD5")
		if c.nonce != "" && known && (!ok || c.sha256) {
			best, ok = c, true
		}
	}
	return best, ok
}

// splitParams cuts at commas outside quotes.
func splitParams(s string) []string {
	var out []string
	quoted, from := false, 0
	for i := range len(s) {
		switch s[i] {
		case '"':
			quoted = !quoted
		case ',':
			if !quoted {
				out = append(out, s[from:i])
				from = i + 1
			}
		}
	}
	return append(out, s[from:])
}

func (c *challenge) hash(s string) string {
	if c.sha256 {
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:])
	}
	sum := md5.Sum([]byte(s)) // what devices ask for
	return hex.EncodeToString(sum[:])
}

func (c *challenge) answer(user, password, method, uri string, count int) string {
	ha1, ha2 := c.hash(user+":"+c.realm+":"+password), c.hash(method+":"+uri)
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace
	var b strings.Builder
	fmt.Fprintf(&b, `Digest username="%s", realm="%s", nonce="%s", uri="%s"`, quote(user), quote(c.realm), quote(c.nonce), uri)
	if c.algorithm != "" {
		b.WriteString(", algorithm=" + c.algorithm)
	}
	if c.opaque != "" {
		fmt.Fprintf(&b, `, opaque="%s"`, quote(c.opaque))
	}
	if !c.qop {
		fmt.Fprintf(&b, `, response="%s"`, c.hash(ha1+":"+c.nonce+":"+ha2))
		return b.String()
	}
	own := make([]byte, 8)
	_, _ = rand.Read(own)
	cnonce, nc := hex.EncodeToString(own), fmt.Sprintf("%08x", count)
	fmt.Fprintf(&b, `, qop=auth, nc=%s, cnonce="%s", response="%s"`, nc, cnonce, c.hash(ha1+":"+c.nonce+":"+nc+":"+cnonce+":auth:"+ha2))
	return b.String()
}
