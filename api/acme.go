package api

import (
	"context"
	"crypto/tls"
	"net"
	"path/filepath"
	"strconv"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"

	"linli.dev/linli/fault"
)

// acme gets and renews certificates for public names. Its keys lie in the data folder, under tls/acme. at is
// where the server listens.
func (t TLS) acme(ctx context.Context, opt ServeOptions, at *net.TCPAddr, conf *tls.Config) (*secured, error) {
	quiet := zap.NewNop() // its events are told below, in our own log
	storage := &certmagic.FileStorage{Path: filepath.Join(opt.Dir, "tls", "acme")}
	var magic *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil },
		Logger:           quiet, RenewCheckInterval: t.Look,
	})
	magic = certmagic.New(cache, certmagic.Config{
		Storage: storage, Logger: quiet,
		OnEvent: func(_ context.Context, event string, data map[string]any) error {
			switch event {
			case "cert_obtained":
				if renewed, _ := data["renewal"].(bool); renewed {
					opt.Log.Info("certificate renewed", "name", data["identifier"])
				} else {
					opt.Log.Info("certificate obtained", "name", data["identifier"])
				}
			case "cert_failed":
				opt.Log.Warn("no certificate could be got", "name", data["identifier"], "err", data["error"])
			}
			return nil
		},
	})
	directory := t.Directory
	if directory == "" {
		directory = certmagic.LetsEncryptProductionCA
	}
	// The listeners of this server answer the authority. Unless it is told of them, certmagic opens 443 and 80 itself:
	// ports that are somebody else's when 443 is forwarded to us, and which we mostly may not open.
	_, plain, _ := net.SplitHostPort(t.HTTP)
	plainPort, _ := strconv.Atoi(plain)
	issuer := certmagic.NewACMEIssuer(magic, certmagic.ACMEIssuer{
		CA: directory, TrustedRoots: t.Roots, Email: t.Email, Agreed: true, Logger: quiet, DisableHTTPChallenge: t.HTTP == "",
		ListenHost: at.IP.String(), AltTLSALPNPort: at.Port, AltHTTPPort: plainPort,
	})
	magic.Issuers = []certmagic.Issuer{issuer}
	conf.GetCertificate, conf.NextProtos = magic.GetCertificate, append(conf.NextProtos, "acme-tls/1")
	start := func() error {
		// In the background: the pages must be there also while the authority is not.
		if err := magic.ManageAsync(ctx, t.ACME); err != nil {
			cache.Stop()
			return fault.Wrap(err, fault.Invalid, "api.acme", "api.acme")
		}
		context.AfterFunc(ctx, cache.Stop)
		return nil
	}
	return &secured{conf: conf, plain: issuer.HTTPChallengeHandler, start: start}, nil
}
