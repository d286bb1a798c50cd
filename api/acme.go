package api

import (
	"context"
	"crypto/tls"
	"path/filepath"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"

	"linli.dev/linli/fault"
)

// acme gets and renews certificates for public names. Its keys lie in the data folder, under tls/acme.
func (t TLS) acme(ctx context.Context, opt ServeOptions, conf *tls.Config) (*secured, error) {
	quiet := zap.NewNop() // its events are told below, in our own log
	storage := &certmagic.FileStorage{Path: filepath.Join(opt.Dir, "tls", "acme")}
	var magic *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil },
		Logger:           quiet,
	})
	magic = certmagic.New(cache, certmagic.Config{
		Storage: storage, Logger: quiet,
		OnEvent: func(_ context.Context, event string, data map[string]any) error {
			switch event {
			case "cert_obtained":
				opt.Log.Info("certificate obtained", "name", data["identifier"])
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
	issuer := certmagic.NewACMEIssuer(magic, certmagic.ACMEIssuer{
		CA: directory, Email: t.Email, Agreed: true, Logger: quiet, DisableHTTPChallenge: t.HTTP == "",
	})
	magic.Issuers = []certmagic.Issuer{issuer}
	// In the background: the pages must be there also while the authority is not.
	if err := magic.ManageAsync(ctx, t.ACME); err != nil {
		cache.Stop()
		return nil, fault.Wrap(err, fault.Invalid, "api.acme", "api.acme")
	}
	go func() {
		<-ctx.Done()
		cache.Stop()
	}()
	conf.GetCertificate, conf.NextProtos = magic.GetCertificate, append(conf.NextProtos, "acme-tls/1")
	return &secured{conf: conf, plain: issuer.HTTPChallengeHandler}, nil
}
