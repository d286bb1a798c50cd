package rtsp

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// CertificateError is a certificate that was not believed. Nothing was sent on its connection, a password least of all.
type CertificateError struct {
	Seen string // fingerprint of the camera's certificate
	Want string // the fingerprint that it should have; "" when an authority should have vouched for it
	Err  error  // why no authority does; nil with Want
}

func (e *CertificateError) Error() string {
	if e.Want != "" {
		return fmt.Sprintf("rtsp: the certificate is %s, not %s", e.Seen, e.Want)
	}
	return fmt.Sprintf("rtsp: certificate %s: %v", e.Seen, e.Err)
}

func (e *CertificateError) Unwrap() error { return e.Err }

// Believe is a configuration for rtsps that takes exactly the certificate with a fingerprint, whoever signed it and whenever it ends: a camera's is its own as a
// rule, and says another name than its address. With no fingerprint, an authority that this machine knows has to vouch for it.
func Believe(fingerprint string) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // because VerifyConnection does it
		VerifyConnection: func(cs tls.ConnectionState) error {
			if len(cs.PeerCertificates) == 0 {
				return &CertificateError{Want: fingerprint, Err: errors.New("it has none")}
			}
			leaf := cs.PeerCertificates[0]
			seen := Fingerprint(leaf)
			if fingerprint != "" {
				if seen != fingerprint {
					return &CertificateError{Seen: seen, Want: fingerprint}
				}
				return nil
			}
			o := x509.VerifyOptions{DNSName: cs.ServerName, Intermediates: x509.NewCertPool()}
			for _, c := range cs.PeerCertificates[1:] {
				o.Intermediates.AddCert(c)
			}
			if _, err := leaf.Verify(o); err != nil {
				return &CertificateError{Seen: seen, Err: err}
			}
			return nil
		},
	}
}

// Fingerprint is the SHA-256 of a certificate as browsers and cameras show it: "AB:CD:…".
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	s, _ := ParseFingerprint(hex.EncodeToString(sum[:]))
	return s
}

// ParseFingerprint reads a fingerprint as people copy it, with and without colons, and writes it as Fingerprint does.
func ParseFingerprint(s string) (string, error) {
	b, err := hex.DecodeString(strings.NewReplacer(":", "", " ", "").Replace(s))
	if err != nil || len(b) != sha256.Size {
		return "", fmt.Errorf("%w: a fingerprint has 64 hexadecimal digits", ErrProtocol)
	}
	var out strings.Builder
	for i, v := range b {
		if i > 0 {
			out.WriteByte(':')
		}
		fmt.Fprintf(&out, "%02X", v)
	}
	return out.String(), nil
}
