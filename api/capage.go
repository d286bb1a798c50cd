package api

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"sync"
	"time"

	"linli.dev/linli/fault"
)

//go:embed capage.html
var caPage string

var caTemplate = sync.OnceValues(func() (*template.Template, error) { return template.New("ca").Parse(caPage) })

type caView struct {
	EN          bool
	Names       []string
	Fingerprint string
	Until       string
	Name        string
}

// pages serves /ca and /ca.crt before everything else, over http too: they have to be read before there is trust.
func (a *Authority) pages(next http.Handler) http.Handler {
	w := newWords(time.UTC)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(rw, r)
			return
		}
		h := rw.Header()
		switch r.URL.Path {
		case "/ca.crt":
			h.Set("Content-Type", "application/x-x509-ca-cert") // what makes phones offer to install it
			h.Set("Content-Disposition", `attachment; filename="linli-ca.crt"`)
			h.Set("X-Content-Type-Options", "nosniff")
			_, _ = rw.Write(a.PEM())
		case "/ca":
			t, err := caTemplate()
			var b bytes.Buffer
			if err == nil {
				err = t.Execute(&b, caView{
					EN: w.pick(r.Header.Get("Accept-Language")) == "en", Names: a.names, Fingerprint: a.Fingerprint(),
					Until: a.cert.NotAfter.Format("2006-01-02"), Name: a.cert.Subject.CommonName,
				})
			}
			if err != nil {
				outside(rw, r, fault.Wrap(err, fault.Internal, "api.ca", "api.ca-page"))
				return
			}
			h.Set("Content-Type", "text/html; charset=utf-8")
			h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Vary", "Accept-Language")
			_, _ = rw.Write(b.Bytes())
		default:
			next.ServeHTTP(rw, r)
		}
	})
}
