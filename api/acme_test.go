package api_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/letsencrypt/challtestsrv"
	pebbleca "github.com/letsencrypt/pebble/v2/ca"
	pebbledb "github.com/letsencrypt/pebble/v2/db"
	pebbleva "github.com/letsencrypt/pebble/v2/va"
	pebblewfe "github.com/letsencrypt/pebble/v2/wfe"

	"linli.dev/linli/api"
)

// public is the name that the authority certifies; its DNS says that it is this machine.
const public = "gate.linli.example"

// authority is Let's Encrypt's own test authority, Pebble, on loopback: the protocol with its real checks, its habit of
// refusing good nonces included.
type authority struct {
	*httptest.Server
	trust *x509.CertPool // for its own https
	roots *x509.CertPool // for what it certifies
}

// newAuthority makes one that asks for HTTP-01 at one port and for TLS-ALPN-01 at another.
func newAuthority(t *testing.T, httpPort, tlsPort int) *authority {
	t.Helper()
	return authorityFor(t, httpPort, tlsPort, 90*24*time.Hour)
}

// authorityFor makes one whose certificates are good for so long.
func authorityFor(t *testing.T, httpPort, tlsPort int, good time.Duration) *authority {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	quiet := log.New(io.Discard, "", 0)
	at := net.JoinHostPort("127.0.0.1", strconv.Itoa(freePort(t)))
	names, err := challtestsrv.New(challtestsrv.Config{Log: quiet, DNSAddrs: []string{at}})
	if err != nil {
		t.Fatal(err)
	}
	names.SetDefaultDNSIPv4("127.0.0.1")
	names.SetDefaultDNSIPv6("")
	go names.Run()
	t.Cleanup(names.Shutdown)

	db := pebbledb.NewMemoryStore()
	ca := pebbleca.New(quiet, db, "", "ecdsa", 0, 1, map[string]pebbleca.Profile{"default": {ValidityPeriod: uint64(good.Seconds())}})
	va := pebbleva.New(quiet, httpPort, tlsPort, true, at, db)
	front := pebblewfe.New(quiet, db, va, ca, []string{"pebble.example"}, true, false, 1, 1)
	a := &authority{Server: httptest.NewTLSServer(front.Handler()), trust: x509.NewCertPool(), roots: x509.NewCertPool()}
	t.Cleanup(a.Close)
	a.trust.AddCert(a.Certificate())
	a.roots.AddCert(ca.GetRootCert(0).Cert)
	return a
}

// acmeDir is a data folder that may get another file at the very end: certmagic lets go of a try by itself, a moment
// after the server has.
func acmeDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "linli-acme-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 20 {
			if os.RemoveAll(dir) == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Errorf("%s is still being written to", dir)
	})
	return dir
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// keepsOff fails the test when somebody begins to listen at the well-known ports meanwhile: a server that was told to
// listen elsewhere has no business there, and mostly no right either.
func keepsOff(t *testing.T) {
	t.Helper()
	taken := func(port string) bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}
	var watched []string
	for _, port := range []string{"80", "443"} {
		if !taken(port) {
			watched = append(watched, port)
		}
	}
	ended, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			select {
			case <-ended:
				return
			case <-time.After(2 * time.Millisecond):
			}
			for _, port := range watched {
				if taken(port) {
					t.Errorf("port %s is taken", port)
					return
				}
			}
		}
	}()
	t.Cleanup(func() { close(ended); <-over })
}

// said collects log lines.
type said struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// shown is the certificate that the server shows for its name to whoever trusts the authority.
func shown(port int, roots *x509.CertPool) (*x509.Certificate, error) {
	conn, err := tls.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), &tls.Config{ServerName: public, RootCAs: roots})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0], nil
}

// certified waits until the server shows a certificate that the authority made for its name.
func certified(t *testing.T, port int, roots *x509.CertPool, log *said) *x509.Certificate {
	t.Helper()
	var err error
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		var cert *x509.Certificate
		if cert, err = shown(port, roots); err == nil {
			return cert
		}
	}
	t.Fatalf("no certificate: %v\n%s", err, log)
	return nil
}

// serveACME runs a server at a port that is known beforehand.
func serveACME(t *testing.T, port int, dir string, conf api.TLS) (log *said, stop func()) {
	t.Helper()
	log = &said{}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	conf.ACME = []string{public}
	go func() {
		ended <- api.Serve(ctx, api.ServeOptions{
			Listen: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), TLS: conf, Dir: dir,
			PublicURL: "https://" + public, Log: slog.New(slog.NewTextHandler(log, nil)),
		}, hello())
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Error("it does not end")
		}
	})
	t.Cleanup(stop)
	return log, stop
}

// A public authority reaches port 443 of most boxes through a forwarded port: the server itself listens somewhere else,
// and answers there.
func TestACMEByTLS(t *testing.T) {
	keepsOff(t)
	port, dir := freePort(t), acmeDir(t)
	ca := newAuthority(t, freePort(t), port)
	conf := api.TLS{Directory: ca.URL + "/dir", Roots: ca.trust, Email: "office@linli.example"}
	log, stop := serveACME(t, port, dir, conf)
	first := certified(t, port, ca.roots, log)
	if !strings.Contains(log.String(), "certificate obtained") {
		t.Errorf("nobody is told:\n%s", log)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{ServerName: public, RootCAs: ca.roots}, ForceAttemptHTTP2: true}}
	if _, body := get(t, client, "https://127.0.0.1:"+strconv.Itoa(port)); body != "hello HTTP/2.0" {
		t.Errorf("the page: %q", body)
	}
	stop()

	// It lies in the data folder: the next start needs no authority.
	ca.Close()
	log, _ = serveACME(t, port, dir, conf)
	if again := certified(t, port, ca.roots, log); again.SerialNumber.Cmp(first.SerialNumber) != 0 {
		t.Error("another certificate after a restart")
	}
}

// A certificate that is due is renewed while the server runs: new connections get the new one, and whoever is connected stays
// connected. The authority asks at the very port where people are.
//
// A certificate of a few seconds is due a few seconds before it runs out: a machine with other work may need longer for one. It is told the same
// story with more time, thrice as much each time. Whoever renews nothing, or too late by his own doing, is too late at every pace.
func TestACMERenewal(t *testing.T) {
	for _, good := range []time.Duration{8 * time.Second, 24 * time.Second, 72 * time.Second} {
		late := ""
		t.Run(good.String(), func(t *testing.T) { late = renewal(t, good) })
		if late == "" {
			return
		}
		t.Logf("of %v: %s", good, late)
	}
	t.Error("the certificate was renewed too late at every pace")
}

// renewal tells it with certificates that are good for so long, and says what was too late; "" is a renewal in time.
func renewal(t *testing.T, good time.Duration) (late string) {
	port := freePort(t)
	ca := authorityFor(t, freePort(t), port, good)
	conf := api.TLS{Directory: ca.URL + "/dir", Roots: ca.trust, Look: 500 * time.Millisecond}
	log, _ := serveACME(t, port, acmeDir(t), conf)
	var first *x509.Certificate
	for end := time.Now().Add(30 * time.Second); first == nil || time.Until(first.NotAfter) < good/2; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Sprintf("none was seen in the first half of its time:\n%s", log)
		}
		first, _ = shown(port, ca.roots)
	}

	dials := 0
	client := &http.Client{Transport: &http.Transport{DialTLSContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		dials++
		d := tls.Dialer{Config: &tls.Config{ServerName: public, RootCAs: ca.roots}}
		return d.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	}}}
	visits := 0
	visit := func() {
		if _, body := get(t, client, "https://"+public); body != "hello HTTP/1.1" {
			t.Fatalf("after %d visits: %q", visits, body)
		}
		visits++
	}
	for visit(); ; time.Sleep(20 * time.Millisecond) {
		visit()
		if visits%10 == 0 {
			now, err := shown(port, ca.roots)
			if time.Now().After(first.NotAfter) {
				return fmt.Sprintf("it ran out at %v: %v\n%s", first.NotAfter, err, log)
			}
			if err != nil {
				t.Fatalf("a new connection, %v before the end of the first certificate: %v", time.Until(first.NotAfter), err)
			}
			if now.SerialNumber.Cmp(first.SerialNumber) != 0 {
				if !now.NotAfter.After(first.NotAfter) {
					t.Errorf("good until %v, the first until %v", now.NotAfter, first.NotAfter)
				}
				break
			}
		}
	}
	// The first one runs out, and nobody notices.
	for time.Now().Before(first.NotAfter.Add(500 * time.Millisecond)) {
		visit()
		time.Sleep(20 * time.Millisecond)
	}
	certified(t, port, ca.roots, log)
	if dials != 1 {
		t.Errorf("%d connections for %d visits", dials, visits)
	}
	if said := log.String(); !strings.Contains(said, "certificate renewed") || strings.Contains(said, "no certificate could be got") {
		t.Errorf("told:\n%s", said)
	}
	return ""
}

// Only port 80 comes through: the plain address answers the authority, and sends everybody else on.
func TestACMEByHTTP(t *testing.T) {
	keepsOff(t)
	port, plain := freePort(t), freePort(t)
	ca := newAuthority(t, plain, freePort(t)) // nobody is at the port where it would ask by TLS
	log, _ := serveACME(t, port, acmeDir(t), api.TLS{Directory: ca.URL + "/dir", Roots: ca.trust, HTTP: net.JoinHostPort("127.0.0.1", strconv.Itoa(plain))})
	certified(t, port, ca.roots, log)
	// To the port that the public URL names, not to the one behind it.
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, _ := get(t, client, "http://127.0.0.1:"+strconv.Itoa(plain)+"/wall")
	if to := r.Header.Get("Location"); r.StatusCode/100 != 3 || to != "https://127.0.0.1/wall" {
		t.Errorf("%d to %q", r.StatusCode, to)
	}
}

// The authority cannot reach the box: that is told, with its reason, and the server stays up.
func TestACMEOutOfReach(t *testing.T) {
	ca := newAuthority(t, freePort(t), freePort(t))
	log, stop := serveACME(t, freePort(t), acmeDir(t), api.TLS{Directory: ca.URL + "/dir", Roots: ca.trust})
	for end := time.Now().Add(60 * time.Second); !strings.Contains(log.String(), "no certificate could be got"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("nobody is told:\n%s", log)
		}
	}
	if !strings.Contains(log.String(), "Failed to connect to 127.0.0.1") {
		t.Errorf("the reason is not told:\n%s", log)
	}
	stop()
}
