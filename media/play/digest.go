package play

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/protocol/rtsp"
)

var errRefusedLately = errors.New("the camera has refused this password lately; it is not shown again yet")

// fetchPicture gets the camera's own snapshot: Digest (MD5, SHA-256) or Basic, asked for once. A password that was refused is
// not shown again for a while, or clicks would lock this machine out of the camera, and with it the recording.
func (m *Room) fetchPicture(ctx context.Context, at SnapshotAt) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 6*time.Second)
	defer cancel()
	client := &http.Client{
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext:       (&net.Dialer{Timeout: 5 * time.Second, Control: m.o.Control}).DialContext,
			TLSClientConfig:   rtsp.Believe(at.Certificate), // a camera's certificate is its own; the one that a person has believed counts
		},
		// A redirect could lead the secret, or this server, anywhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	ask := func(authorization string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.URL, nil)
		if err != nil {
			return nil, err
		}
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		return client.Do(req)
	}
	resp, err := ask("")
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusUnauthorized && at.Secret.User != "" {
		resp.Body.Close()
		if m.o.Lockouts.Wait(lockout.HTTP, at.Secret) > 0 {
			return nil, errRefusedLately
		}
		answer, err := authorize(resp.Header.Values("WWW-Authenticate"), resp.Request.URL.RequestURI(), at.Secret.User, at.Secret.Password)
		if err != nil {
			return nil, err
		}
		if resp, err = ask(answer); err != nil {
			return nil, err
		}
		if resp.StatusCode == http.StatusUnauthorized {
			if err := m.o.Lockouts.Refused(lockout.HTTP, at.Secret); err != nil {
				m.log.Warn("a refused password is forgotten with the next restart", "err", err)
			}
		}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the camera answers %s", resp.Status)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxPicture+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxPicture || !bytes.HasPrefix(b, []byte{0xff, 0xd8, 0xff}) {
		return nil, fmt.Errorf("the camera's answer of %d bytes is no JPEG", len(b))
	}
	return b, nil
}

// authorize answers a challenge (RFC 7616), the strongest that we know.
func authorize(challenges []string, uri, user, password string) (string, error) {
	best, rank := "", 0
	var hashed func() hash.Hash
	for _, c := range challenges {
		kind, rest, _ := strings.Cut(strings.TrimSpace(c), " ")
		switch {
		case strings.EqualFold(kind, "basic") && rank < 1:
			best, rank = "basic", 1
		case strings.EqualFold(kind, "digest"):
			algorithm := strings.ToUpper(parameters(rest)["algorithm"])
			if (algorithm == "" || algorithm == "MD5") && rank < 2 {
				best, rank, hashed = rest, 2, md5.New
			}
			if algorithm == "SHA-256" && rank < 3 {
				best, rank, hashed = rest, 3, sha256.New
			}
		}
	}
	switch rank {
	case 0:
		return "", fmt.Errorf("no challenge that can be answered: %q", challenges)
	case 1:
		req := http.Request{Header: http.Header{}}
		req.SetBasicAuth(user, password)
		return req.Header.Get("Authorization"), nil
	}
	p := parameters(best)
	sum := func(parts ...string) string {
		h := hashed()
		io.WriteString(h, strings.Join(parts, ":"))
		return hex.EncodeToString(h.Sum(nil))
	}
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace
	a1, a2 := sum(user, p["realm"], password), sum(http.MethodGet, uri)
	out := fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s"`, quote(user), quote(p["realm"]), quote(p["nonce"]), uri)
	if qopHas(p["qop"], "auth") {
		var raw [8]byte
		_, _ = rand.Read(raw[:])
		cnonce := hex.EncodeToString(raw[:])
		out += fmt.Sprintf(`, qop=auth, nc=00000001, cnonce="%s", response="%s"`, cnonce, sum(a1, p["nonce"], "00000001", cnonce, "auth", a2))
	} else {
		out += fmt.Sprintf(`, response="%s"`, sum(a1, p["nonce"], a2))
	}
	if p["algorithm"] != "" {
		out += ", algorithm=" + p["algorithm"]
	}
	if p["opaque"] != "" {
		out += fmt.Sprintf(`, opaque="%s"`, quote(p["opaque"]))
	}
	return out, nil
}

func qopHas(list, want string) bool {
	for q := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(q), want) {
			return true
		}
	}
	return false
}

// parameters reads name=value and name="value" pairs, commas between them.
func parameters(s string) map[string]string {
	out := map[string]string{}
	for s = strings.TrimLeft(s, ", \t"); s != ""; s = strings.TrimLeft(s, ", \t") {
		name, rest, ok := strings.Cut(s, "=")
		if !ok {
			break
		}
		var value strings.Builder
		if strings.HasPrefix(rest, `"`) {
			i := 1
			for ; i < len(rest) && rest[i] != '"'; i++ {
				if rest[i] == '\\' && i+1 < len(rest) {
					i++
				}
				value.WriteByte(rest[i])
			}
			rest = rest[min(i+1, len(rest)):]
		} else {
			end := strings.IndexByte(rest, ',')
			if end < 0 {
				end = len(rest)
			}
			value.WriteString(strings.TrimSpace(rest[:end]))
			rest = rest[end:]
		}
		out[strings.ToLower(strings.TrimSpace(name))] = value.String()
		s = rest
	}
	return out
}
