package api

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"linli.dev/linli/fault"
)

const (
	caLife   = 10 * 365 * 24 * time.Hour
	leafLife = 90 * 24 * time.Hour
	renewAt  = 30 * 24 * time.Hour // before the end
	behind   = 24 * time.Hour      // a phone's clock may be
	// longLife is what a leaf may have at most where nobody knows the time: phones take none that lasts longer.
	longLife = 824 * 24 * time.Hour
)

// earliest is a time before which this software did not exist: a clock that shows less was not set yet.
var earliest = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// Authority is a certificate authority of this server's own, for a machine that no public authority can certify.
// Whoever installs its certificate trusts it for the names it was made for and for no others: it says so itself, in
// its name constraints, and could not vouch for a bank if its key were stolen.
type Authority struct {
	cert  *x509.Certificate
	key   *ecdsa.PrivateKey
	der   []byte
	names []string // those that a certificate is made for
	log   *slog.Logger
	now   func() time.Time
	file  string // of the certificate; its time tells when this server last knew what time it is
	// believed says whether the machine's clock can be; nil: always.
	believed func() bool

	mu         sync.Mutex
	leaf       *tls.Certificate
	remembered time.Time // the time of file
}

// OpenAuthority reads the authority from dir/tls/ca.crt and ca.key (0600), or makes it for these names.
func OpenAuthority(dir string, names []string, log *slog.Logger) (*Authority, error) {
	const op = "api.authority"
	at := filepath.Join(dir, "tls")
	if err := os.MkdirAll(at, 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, op, "api.tls-files", "path", at)
	}
	crt, key := filepath.Join(at, "ca.crt"), filepath.Join(at, "ca.key")
	a := &Authority{log: log, now: time.Now}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	err := a.read(crt, key)
	if errors.Is(err, fs.ErrNotExist) {
		if err = a.make(crt, key, names); err == nil {
			a.log.Info("a certificate authority was made for this server", "names", names, "file", crt)
			err = a.read(crt, key)
		}
	}
	if err != nil {
		if fault.CodeOf(err) != "" {
			return nil, err
		}
		return nil, fault.Wrap(err, fault.Unavailable, op, "api.tls-files", "path", crt)
	}
	for _, n := range names {
		if a.covers(n) {
			a.names = append(a.names, n)
		} else {
			a.log.Warn("the certificate authority was not made for this name; people who use it are warned. "+
				"Remove ca.crt and ca.key to make a new one, which everybody must install anew", "name", n, "file", crt)
		}
	}
	if len(a.names) == 0 {
		return nil, fault.New(fault.Conflict, op, "api.tls-names", "path", crt)
	}
	return a, nil
}

func (a *Authority) read(crt, key string) error {
	rawKey, err := os.ReadFile(key)
	if err != nil {
		return err
	}
	if info, err := os.Stat(key); err != nil {
		return err
	} else if info.Mode().Perm()&0o077 != 0 {
		return fault.New(fault.Denied, "api.authority", "store.key-open", "path", key, "mode", info.Mode().Perm().String())
	}
	rawCrt, err := os.ReadFile(crt)
	if err != nil {
		// A key without its certificate must not be replaced: somebody has to look.
		return fault.Wrap(err, fault.Conflict, "api.authority", "api.tls-files", "path", crt)
	}
	pair, err := tls.X509KeyPair(rawCrt, rawKey)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "api.authority", "api.tls-files", "path", crt)
	}
	k, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || pair.Leaf == nil || !pair.Leaf.IsCA {
		return fault.New(fault.Invalid, "api.authority", "api.tls-files", "path", crt)
	}
	a.cert, a.key, a.der, a.file = pair.Leaf, k, pair.Certificate[0], crt
	return nil
}

func (a *Authority) make(crt, key string, names []string) error {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	now := a.now()
	if now.Before(earliest) {
		now = earliest
	}
	t := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{Organization: []string{"Linli 邻里"}, CommonName: "Linli on " + host + " " + now.Format("2006-01-02")},
		NotBefore: earliest, // a clock that runs ahead when it is made must not keep it from being believed for years
		NotAfter:  now.Add(caLife), IsCA: true, BasicConstraintsValid: true,
		MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign, PermittedDNSDomainsCritical: true,
	}
	for _, n := range names {
		if ip, err := netip.ParseAddr(n); err == nil {
			t.PermittedIPRanges = append(t.PermittedIPRanges, &net.IPNet{IP: ip.AsSlice(), Mask: net.CIDRMask(ip.BitLen(), ip.BitLen())})
		} else {
			t.PermittedDNSDomains = append(t.PermittedDNSDomains, n)
		}
	}
	// A kind of name that is not mentioned would be unconstrained.
	if t.PermittedDNSDomains == nil {
		t.PermittedDNSDomains = []string{"localhost"}
	}
	if t.PermittedIPRanges == nil {
		t.PermittedIPRanges = []*net.IPNet{{IP: net.IPv4(127, 0, 0, 1).To4(), Mask: net.CIDRMask(32, 32)}}
	}
	t.PermittedEmailAddresses, t.PermittedURIDomains = []string{"none.invalid"}, []string{"none.invalid"}
	der, err := x509.CreateCertificate(rand.Reader, t, t, k.Public(), k)
	if err != nil {
		return err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return err
	}
	if err := writeNew(crt, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		return err
	}
	// The key comes last: while it is missing, the next start makes both anew.
	return writeNew(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600)
}

// writeNew writes a file whole or not at all.
func writeNew(path string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return n
}

// covers: whether the constraints allow a name.
func (a *Authority) covers(name string) bool {
	if ip, err := netip.ParseAddr(name); err == nil {
		return slices.ContainsFunc(a.cert.PermittedIPRanges, func(n *net.IPNet) bool { return n.Contains(ip.AsSlice()) })
	}
	name = strings.ToLower(name)
	return slices.ContainsFunc(a.cert.PermittedDNSDomains, func(d string) bool {
		d = strings.ToLower(d)
		return name == d || strings.HasSuffix(name, "."+d)
	})
}

// certificate gives the server's certificate, made anew in time.
func (a *Authority) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	a.remember(now)
	if a.leaf != nil && now.Before(a.leaf.Leaf.NotAfter.Add(-renewAt)) && now.After(a.leaf.Leaf.NotBefore) {
		return a.leaf, nil
	}
	if a.leaf != nil && now.Before(earliest) {
		return a.leaf, nil
	}
	from, to := now.Add(-behind), now.Add(leafLife)
	if now.Before(earliest) { // those who look know the time
		from = a.passed()
		to = from.Add(longLife)
	}
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: a.names[0]},
		NotBefore: from, NotAfter: to, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, n := range a.names {
		if ip := net.ParseIP(n); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, k.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	a.leaf = &tls.Certificate{Certificate: [][]byte{der, a.der}, PrivateKey: k, Leaf: leaf}
	return a.leaf, nil
}

// remember notes once a day what time it is, where that can be believed.
func (a *Authority) remember(now time.Time) {
	if now.Before(earliest) || now.Sub(a.remembered).Abs() < 24*time.Hour || a.believed != nil && !a.believed() {
		return
	}
	a.remembered = now
	if err := os.Chtimes(a.file, now, now); err != nil {
		a.log.Debug("what time it is is not remembered", "file", a.file, "err", err)
	}
}

// passed is the latest time of which it is known that it has passed, for phones whose clock is behind, too.
func (a *Authority) passed() time.Time {
	if info, err := os.Stat(a.file); err == nil && info.ModTime().Add(-behind).After(earliest) {
		return info.ModTime().Add(-behind)
	}
	return earliest
}

// PEM is the authority's certificate, to install.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.der})
}

// Fingerprint is the SHA-256 of the certificate, as systems show it before they install one.
func (a *Authority) Fingerprint() string {
	sum := sha256.Sum256(a.der)
	var b bytes.Buffer
	for i, c := range sum {
		if i > 0 {
			b.WriteByte(':')
		}
		fmt.Fprintf(&b, "%02X", c)
	}
	return b.String()
}

// Names are the names that it may vouch for.
func (a *Authority) Names() []string { return slices.Clone(a.names) }
