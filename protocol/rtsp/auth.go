package rtsp

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// challenge is one WWW-Authenticate line.
type challenge struct {
	basic     bool
	sha256    bool
	realm     string
	nonce     string
	opaque    string
	hasOpaque bool
	qop       bool // "auth" is offered
	stale     bool
	algorithm string // as written, "" when left out
}

// parseChallenges reads all challenges of a 401 and returns the best that we can answer: SHA-256, MD5, Basic.
func parseChallenges(h Header) (challenge, bool) {
	var best challenge
	rank := 0
	for _, line := range h.All("WWW-Authenticate") {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		p := authParams(rest)
		c := challenge{realm: p["realm"], nonce: p["nonce"], opaque: p["opaque"], algorithm: p["algorithm"]}
		_, c.hasOpaque = p["opaque"]
		c.stale = strings.EqualFold(p["stale"], "true")
		for q := range strings.SplitSeq(p["qop"], ",") {
			c.qop = c.qop || strings.EqualFold(strings.TrimSpace(q), "auth")
		}
		r := 0
		switch {
		case strings.EqualFold(scheme, "Basic"):
			c.basic = true
			r = 1
		case !strings.EqualFold(scheme, "Digest") || c.nonce == "":
		case c.algorithm == "" || strings.EqualFold(c.algorithm, "MD5"):
			r = 2
		case strings.EqualFold(c.algorithm, "SHA-256"):
			c.sha256 = true
			r = 3
		}
		if r > rank {
			best, rank = c, r
		}
	}
	return best, rank > 0
}

// authParams reads name=value pairs with commas between them, quoted or not.
func authParams(s string) map[string]string {
	all := map[string]string{}
	for {
		s = strings.TrimLeft(s, " \t,")
		key, rest, ok := strings.Cut(s, "=")
		if !ok {
			return all
		}
		rest = strings.TrimLeft(rest, " \t")
		var value string
		if strings.HasPrefix(rest, `"`) {
			value, rest = unquote(rest[1:])
		} else {
			value, rest, _ = strings.Cut(rest, ",")
			value = strings.TrimSpace(value)
		}
		key = strings.ToLower(strings.TrimSpace(key))
		if _, twice := all[key]; !twice {
			all[key] = value
		}
		s = rest
	}
}

func unquote(s string) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}

// authorization answers challenges with one user and password.
type authorization struct {
	user, password string
	c              challenge
	have           bool
	count          uint32 // requests with this nonce
}

func (a *authorization) take(c challenge) { a.c, a.have, a.count = c, true, 0 }

// header is the Authorization of a request; "" as long as nobody asked for one.
func (a *authorization) header(method, uri string) string {
	if !a.have {
		return ""
	}
	if a.c.basic {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(a.user+":"+a.password))
	}
	a.count++
	var b strings.Builder
	fmt.Fprintf(&b, `Digest username="%s", realm="%s", nonce="%s", uri="%s"`, quote(a.user), quote(a.c.realm), quote(a.c.nonce), uri)
	d := digest{user: a.user, realm: a.c.realm, nonce: a.c.nonce, uri: uri, method: method, sha256: a.c.sha256}
	if a.c.qop {
		d.nc, d.cnonce, d.qop = fmt.Sprintf("%08x", a.count), randomHex(8), "auth"
		fmt.Fprintf(&b, `, qop=auth, nc=%s, cnonce="%s"`, d.nc, d.cnonce)
	}
	fmt.Fprintf(&b, `, response="%s"`, d.response(a.password))
	if a.c.hasOpaque {
		fmt.Fprintf(&b, `, opaque="%s"`, quote(a.c.opaque))
	}
	if a.c.algorithm != "" {
		fmt.Fprintf(&b, `, algorithm=%s`, a.c.algorithm)
	}
	return b.String()
}

func quote(s string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) }

// digest is what a response is computed of (RFC 7616; without qop, RFC 2069).
type digest struct {
	user, realm, nonce, uri, method string
	nc, cnonce, qop                 string
	sha256                          bool
}

func (d digest) response(password string) string {
	ha1 := d.hash(d.user + ":" + d.realm + ":" + password)
	ha2 := d.hash(d.method + ":" + d.uri)
	if d.qop == "" {
		return d.hash(ha1 + ":" + d.nonce + ":" + ha2)
	}
	return d.hash(strings.Join([]string{ha1, d.nonce, d.nc, d.cnonce, d.qop, ha2}, ":"))
}

func (d digest) hash(s string) string {
	if d.sha256 {
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:])
	}
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// verify checks an Authorization line against one credential. fresh: the nonce is the one we gave; it is looked at last,
// so that a wrong password is never called stale.
func verify(line, method, realm, nonce string, c Credential) (ok, stale bool) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	if strings.EqualFold(scheme, "Basic") {
		if !c.Basic {
			return false, false
		}
		plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
		want := sha256.Sum256([]byte(c.User + ":" + c.Password))
		got := sha256.Sum256(plain)
		return err == nil && subtle.ConstantTimeCompare(want[:], got[:]) == 1, false
	}
	if !strings.EqualFold(scheme, "Digest") {
		return false, false
	}
	p := authParams(rest)
	d := digest{user: p["username"], realm: p["realm"], nonce: p["nonce"], uri: p["uri"], method: method, nc: p["nc"], cnonce: p["cnonce"], qop: p["qop"]}
	d.sha256 = len(p["response"]) == sha256.Size*2
	if d.user != c.User || d.realm != realm || subtle.ConstantTimeCompare([]byte(strings.ToLower(p["response"])), []byte(d.response(c.Password))) != 1 {
		return false, false
	}
	return d.nonce == nonce, d.nonce != nonce
}
