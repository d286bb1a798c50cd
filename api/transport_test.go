package api_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// run serves on a free port until the test ends.
func run(t *testing.T, opt api.ServeOptions, h http.Handler) (url string, auth *api.Authority, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan struct{})
	ended := make(chan error, 1)
	opt.Listen = "127.0.0.1:0"
	opt.Ready = func(u string, a *api.Authority) { url, auth = u, a; close(ready) }
	go func() { ended <- api.Serve(ctx, opt, h) }()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	case <-time.After(10 * time.Second):
		t.Fatal("it does not start")
	}
	stop = func() error {
		cancel()
		select {
		case err := <-ended:
			return err
		case <-time.After(5 * time.Second):
			t.Fatal("it does not end within 5 s")
			return nil
		}
	}
	t.Cleanup(cancel)
	return url, auth, stop
}

func hello() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello "+r.Proto) })
}

func get(t *testing.T, c *http.Client, url string) (*http.Response, string) {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(raw)
}

func TestPlain(t *testing.T) {
	url, _, stop := run(t, api.ServeOptions{}, hello())
	if _, body := get(t, http.DefaultClient, url); !strings.HasPrefix(url, "http://127.0.0.1:") || body != "hello HTTP/1.1" {
		t.Error(url, body)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if err := api.Serve(context.Background(), api.ServeOptions{Listen: "256.0.0.1:1"}, hello()); fault.CodeOf(err) != "api.listen" {
		t.Error(err)
	}
}

// A stream that nobody would end by itself does not hold up the end.
func TestTheEndDoesNotWaitForStreams(t *testing.T) {
	inside := make(chan struct{})
	url, _, stop := run(t, api.ServeOptions{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(inside)
		<-r.Context().Done()
	}))
	go func() { _, _ = http.Get(url) }()
	<-inside
	begun := time.Now()
	if err := stop(); err != nil || time.Since(begun) > 2*time.Second {
		t.Error(err, time.Since(begun))
	}
}

func TestLocalAuthority(t *testing.T) {
	dir := t.TempDir()
	url, auth, stop := run(t, api.ServeOptions{Dir: dir, TLS: api.TLS{LocalCA: true, Names: []string{"gate.linli.test"}}}, hello())
	if !strings.HasPrefix(url, "https://") {
		t.Fatal(url)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(auth.PEM())
	addr := strings.TrimPrefix(url, "https://")
	client := func(name string) *http.Client {
		return &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: name}, ForceAttemptHTTP2: true,
				DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
					return (&net.Dialer{}).DialContext(ctx, network, addr)
				},
			},
		}
	}
	for _, name := range []string{"localhost", "127.0.0.1", "gate.linli.test"} {
		if _, body := get(t, client(name), "https://"+name); body != "hello HTTP/2.0" {
			t.Error(name, body)
		}
	}
	if _, err := client("bank.example").Get("https://bank.example"); err == nil {
		t.Error("it vouches for a bank")
	}
	if _, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{}}}).Get(url); err == nil {
		t.Error("trusted without being installed")
	}

	// http at the same port: the page that explains, the certificate, and for the rest the way to https.
	plain := strings.Replace(url, "https://", "http://", 1)
	c := client("")
	if resp, _ := get(t, c, plain+"/wall?x=1"); resp.StatusCode != 307 || resp.Header.Get("Location") != url+"/wall?x=1" {
		t.Error(resp.Status, resp.Header)
	}
	for lang, want := range map[string]string{"zh": "https://", "en": "please change the address"} {
		req, _ := http.NewRequest("POST", plain+"/api/session", strings.NewReader("{}"))
		req.Header.Set("Accept-Language", lang)
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var p api.Problem
		err = json.NewDecoder(resp.Body).Decode(&p)
		resp.Body.Close()
		if resp.StatusCode != 403 || err != nil || p.Code != "api.https-only" || resp.Header.Get("Content-Type") != "application/problem+json" ||
			!strings.Contains(p.Detail, want) || lang == "zh" != strings.Contains(p.Detail, "密码") {
			t.Errorf("a password sent in the clear is answered in %s with %s %v %+v", lang, resp.Status, err, p)
		}
	}
	if resp, body := get(t, c, plain+"/ca.crt"); resp.Header.Get("Content-Type") != "application/x-x509-ca-cert" || body != string(auth.PEM()) {
		t.Error(resp.Header)
	}
	for _, base := range []string{plain, url} {
		req, _ := http.NewRequest("GET", base+"/ca", nil)
		req.Header.Set("Accept-Language", "en")
		resp, err := client("localhost").Do(req)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if !bytes.Contains(raw, []byte(auth.Fingerprint())) || !bytes.Contains(raw, []byte("gate.linli.test")) || bytes.Contains(raw, []byte("<script")) {
			t.Errorf("%s/ca: %s", base, raw)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}

	info, err := os.Stat(filepath.Join(dir, "tls", "ca.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	again, err := api.OpenAuthority(dir, []string{"localhost", "elsewhere.test"}, nil)
	if err != nil || again.Fingerprint() != auth.Fingerprint() {
		t.Errorf("after a restart it is another authority: %v", err)
	}
	if names := again.Names(); len(names) != 1 || names[0] != "localhost" {
		t.Errorf("a name that the constraints forbid would spoil the whole certificate: %v", names)
	}
	if _, err := api.OpenAuthority(dir, []string{"elsewhere.test"}, nil); fault.CodeOf(err) != "api.tls-names" {
		t.Error(err)
	}
	if err := os.Chmod(filepath.Join(dir, "tls", "ca.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := api.OpenAuthority(dir, []string{"localhost"}, nil); fault.CodeOf(err) != "store.key-open" {
		t.Error("a key that others can read is taken:", err)
	}
}

// A stolen authority key is no use for other names: whoever checks constraints refuses such a certificate.
func TestConstraintsHold(t *testing.T) {
	dir := t.TempDir()
	auth, err := api.OpenAuthority(dir, []string{"localhost", "192.168.1.5"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "tls", "ca.crt"), filepath.Join(dir, "tls", "ca.key"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(auth.PEM())
	for name, ok := range map[string]bool{"localhost": true, "192.168.1.5": true, "192.168.1.6": false, "bank.example": false} {
		k, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		leaf := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
		if ip := net.ParseIP(name); ip != nil {
			leaf.IPAddresses = []net.IP{ip}
		} else {
			leaf.DNSNames = []string{name}
		}
		der, err := x509.CreateCertificate(rand.Reader, leaf, pair.Leaf, k.Public(), pair.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cert.Verify(x509.VerifyOptions{Roots: pool, DNSName: name}); (err == nil) != ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOwnCertificateFiles(t *testing.T) {
	dir := t.TempDir()
	crt, key := filepath.Join(dir, "a.crt"), filepath.Join(dir, "a.key")
	k, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"linli.test"}},
		&x509.Certificate{SerialNumber: big.NewInt(1)}, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, _ := x509.MarshalPKCS8PrivateKey(k)
	for path, block := range map[string]*pem.Block{crt: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	url, _, _ := run(t, api.ServeOptions{TLS: api.TLS{Cert: crt, Key: key}}, hello())
	conn, err := tls.Dial("tcp", strings.TrimPrefix(url, "https://"), &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // it is compared below
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if !bytes.Equal(conn.ConnectionState().PeerCertificates[0].Raw, der) {
		t.Error("another certificate")
	}
	for _, bad := range []api.TLS{{Cert: crt, Key: crt}, {Cert: filepath.Join(dir, "none"), Key: key}, {Cert: crt, Key: key, LocalCA: true}} {
		if err := api.Serve(context.Background(), api.ServeOptions{Listen: "127.0.0.1:0", TLS: bad, Dir: dir}, hello()); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// The authority on the other side may be away: the server starts all the same.
func TestACMEWithoutAnAuthority(t *testing.T) {
	url, _, stop := run(t, api.ServeOptions{Dir: acmeDir(t), TLS: api.TLS{ACME: []string{"linli.test"}, Directory: "https://127.0.0.1:1/dir", HTTP: "127.0.0.1:0"}}, hello())
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if resp, _ := get(t, c, strings.Replace(url, "https://", "http://", 1)); resp.StatusCode != 307 {
		t.Error(resp.Status)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestASlowHeaderHoldsNobodyUp(t *testing.T) {
	url, _, _ := run(t, api.ServeOptions{Dir: t.TempDir(), TLS: api.TLS{LocalCA: true}}, hello())
	addr := strings.TrimPrefix(url, "https://")
	for range 20 { // they say nothing
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: 3 * time.Second} //nolint:gosec // a local test
	if _, body := get(t, c, url); body == "" {
		t.Error("nothing")
	}
}
