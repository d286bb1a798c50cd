package link

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Why an address, a token or an authority is refused before anything is sent.
var (
	ErrURL   = errors.New("the hub's address must be https://NAME, without a path, a user or a query")
	ErrPlain = errors.New("plain http would show the token to the network: it is for a hub on this machine only")
	ErrToken = errors.New("the hub's token must be a file with nothing but a token in it")
	ErrOpen  = errors.New("the file with the hub's token can be read by everybody on this machine: chmod 600")
	ErrCA    = errors.New("the file of the hub's authority has no certificate in it")
)

// CheckURL reads the address of a hub.
func CheckURL(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil, u.Host == "", u.Hostname() == "", u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "", u.Opaque != "", u.Path != "" && u.Path != "/":
		return nil, ErrURL
	case u.Scheme == "http" && !onThisMachine(u.Hostname()):
		return nil, ErrPlain
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, ErrURL
	}
	u.Path = ""
	return u, nil
}

func onThisMachine(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// readToken reads the token anew each time, so that another one needs no restart.
func readToken(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o007 != 0 {
		return "", ErrOpen
	}
	raw, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(raw))
	if !strings.HasPrefix(token, "linli_") || strings.ContainsAny(token, " \t\r\n") {
		return "", ErrToken
	}
	return token, nil
}

// hub is the way to it. It is one goroutine's.
type hub struct {
	url       *url.URL
	tokenFile string
	caFile    string // still to be read; "": nothing is
	tls       *tls.Config
	client    *http.Client
}

func newHub(o Options) (*hub, error) {
	u, err := CheckURL(o.URL)
	if err != nil {
		return nil, err
	}
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second, MaxIdleConns: 1, IdleConnTimeout: 30 * time.Second,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	if u.Scheme == "http" { // whatever the name has come to mean
		t.Proxy, dialer.Control = nil, loopbackOnly
	}
	t.DialContext = dialer.DialContext
	return &hub{u, o.TokenFile, o.CAFile, t.TLSClientConfig, &http.Client{
		Transport: t, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// believe reads the further authority, before anything is sent.
func (h *hub) believe() error {
	if h.caFile == "" {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	raw, err := os.ReadFile(h.caFile)
	if err != nil {
		return err
	}
	if !pool.AppendCertsFromPEM(raw) {
		return ErrCA
	}
	h.tls.RootCAs, h.caFile = pool, ""
	return nil
}

func loopbackOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().IsLoopback() {
		return ErrPlain
	}
	return nil
}

// Problem is why a report did not arrive.
type Problem string

const (
	TokenFile   Problem = "token-file"  // it cannot be read, or is none
	CAFile      Problem = "ca-file"     // that of the hub's authority cannot be read, or has none in it
	Unreachable Problem = "unreachable" // no connection
	Certificate Problem = "certificate" // the hub's is not one that is believed
	Token       Problem = "token"       // the hub does not take the token
	Conflict    Problem = "conflict"    // another machine is the compound's
	Refused     Problem = "refused"     // the hub takes the token and not what was said
	Busy        Problem = "busy"        // later
	NoHub       Problem = "no-hub"      // what answers there is none
)

// trouble is a report that did not arrive.
type trouble struct {
	problem Problem
	status  int
	code    string // the hub's
	field   string // of what was said, the first that the hub does not take
	wait    time.Duration
	err     error
}

func (t *trouble) Error() string {
	switch {
	case t.err != nil:
		return fmt.Sprintf("%s: %v", t.problem, t.err)
	case t.field != "":
		return fmt.Sprintf("%s: %d %s %s", t.problem, t.status, t.code, t.field)
	}
	return fmt.Sprintf("%s: %d %s", t.problem, t.status, t.code)
}

func (t *trouble) Unwrap() error { return t.err }

// compound is the one that the token is for.
type compound struct {
	ID   string `json:"compound"`
	Name string `json:"name"`
}

func (h *hub) own(ctx context.Context) (c compound, err error) {
	err = h.ask(ctx, http.MethodGet, "/api/register", nil, &c)
	if err == nil && c.ID == "" {
		err = &trouble{problem: NoHub, status: http.StatusOK}
	}
	return c, err
}

func (h *hub) report(ctx context.Context, id string, list []Camera) (c compound, err error) {
	body := struct {
		Cameras []Camera `json:"cameras"`
	}{list}
	err = h.ask(ctx, http.MethodPut, "/api/compounds/"+url.PathEscape(id)+"/register", body, &c)
	return c, err
}

// mostAnswer is more than any answer of a hub has.
const mostAnswer = 64 << 10

// ask sends one request. Every error is a trouble.
func (h *hub) ask(ctx context.Context, method, path string, body, answer any) error {
	token, err := readToken(h.tokenFile)
	if err != nil {
		return &trouble{problem: TokenFile, err: err}
	}
	if err := h.believe(); err != nil {
		return &trouble{problem: CAFile, err: err}
	}
	var raw []byte
	if body != nil {
		if raw, err = json.Marshal(body); err != nil {
			return &trouble{problem: Refused, err: err}
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, h.url.String()+path, bytes.NewReader(raw))
	if err != nil {
		return &trouble{problem: Unreachable, err: err}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := h.client.Do(req)
	if err != nil {
		var verify *tls.CertificateVerificationError
		if errors.As(err, &verify) {
			return &trouble{problem: Certificate, err: err}
		}
		return &trouble{problem: Unreachable, err: err}
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err != nil {
		return &trouble{problem: Unreachable, err: err}
	}
	if resp.StatusCode == http.StatusOK {
		if json.Unmarshal(said, answer) != nil {
			return &trouble{problem: NoHub, status: resp.StatusCode}
		}
		return nil
	}
	return refusal(resp.StatusCode, resp.Header.Get("Retry-After"), said)
}

// refusal reads what the hub has against a request.
func refusal(status int, after string, said []byte) *trouble {
	var p struct {
		Code   string
		Fields []struct{ Path, Code string }
	}
	t := &trouble{problem: NoHub, status: status}
	if json.Unmarshal(said, &p) == nil {
		t.code = short(p.Code)
	}
	switch {
	case status == http.StatusTooManyRequests || status >= 500:
		t.problem = Busy
		if n, err := strconv.Atoi(after); err == nil && n > 0 {
			t.wait = time.Duration(min(n, 24*3600)) * time.Second
		}
	case t.code == "": // something else answers there
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		t.problem = Token
	case status == http.StatusConflict:
		t.problem = Conflict
	case status >= 400:
		t.problem = Refused
		if len(p.Fields) > 0 {
			t.field, t.code = short(p.Fields[0].Path), short(p.Fields[0].Code)
		}
	}
	return t
}

// short bounds what a server said before it is kept or shown.
func short(s string) string {
	s = strings.ToValidUTF8(s, "")
	if r := []rune(s); len(r) > 80 {
		return string(r[:80])
	}
	return s
}
