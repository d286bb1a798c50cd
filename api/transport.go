package api

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"linli.dev/linli/fault"
)

// TLS says how the server shows who it is. The zero TLS is plain http: good on the machine itself and behind a proxy.
// At most one of the three ways is set.
type TLS struct {
	Cert, Key string // own certificate files, PEM; read again when they change

	ACME      []string       // public names to get certificates for, from Let's Encrypt or Directory
	Email     string         // for the authority's warnings; optional
	Directory string         // of another ACME authority; "": Let's Encrypt
	Roots     *x509.CertPool // that certify the authority itself; nil: those of the system
	Look      time.Duration  // between two looks at whether a certificate is due for renewal; 0: 10 minutes
	HTTP      string         // an address for plain http, ":80": answers the authority's question, redirects all else

	LocalCA bool     // a certificate authority of this server's own, made in the data folder
	Names   []string // host names and addresses to certify, beside those found
}

// On says whether there is TLS at all.
func (t TLS) On() bool { return t.Cert != "" || len(t.ACME) > 0 || t.LocalCA }

// ServeOptions of Serve.
type ServeOptions struct {
	Listen    string // "127.0.0.1:8080"
	TLS       TLS
	Dir       string       // the data folder: for the local CA, and what ACME keeps
	PublicURL string       //
	Log       *slog.Logger //
	Ready     func(url string, authority *Authority)
	Believed  func() bool // whether the machine's clock can be; nil: always
	Refused   func()      // told of each connection that is too much; Server.Refused counts them
}

// grace is how long running requests may go on when the server stops. Streams are told at once.
const grace = 1500 * time.Millisecond

// Serve listens and serves until ctx ends, then lets running requests finish for a moment. With a local CA it also
// serves /ca and /ca.crt, also by plain http, where everything else is sent on to https.
func Serve(ctx context.Context, opt ServeOptions, h http.Handler) error {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	l, err := net.Listen("tcp", opt.Listen)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "api.listen", "api.listen", "address", opt.Listen)
	}
	defer l.Close()
	return serveOn(ctx, opt, bound(l.(*net.TCPListener), opt.Refused), h)
}

func serveOn(ctx context.Context, opt ServeOptions, l net.Listener, h http.Handler) error {
	at := l.Addr().(*net.TCPAddr)
	sec, err := opt.TLS.config(ctx, opt, at)
	if err != nil {
		return err
	}
	live, stop := context.WithCancel(context.Background())
	defer stop()
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(quietHandler{opt.Log.Handler()}, slog.LevelDebug),
		// Streams live on the base context: it ends first, so that they do not hold up the end.
		BaseContext: func(net.Listener) context.Context { return live },
		ConnContext: shortQueue,
	}
	ended := make(chan error, 3)
	var plain []*http.Server
	if sec == nil {
		go func() { ended <- srv.Serve(l) }()
	} else {
		if sec.auth != nil {
			srv.Handler = sec.auth.pages(h)
		}
		open := func(l net.Listener, port int) {
			redirect := toHTTPS(port)
			if sec.plain != nil {
				redirect = sec.plain(redirect)
			}
			s := &http.Server{
				Handler: redirect, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 20 * time.Second,
				IdleTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10, ErrorLog: srv.ErrorLog,
			}
			plain = append(plain, s)
			go func() { _ = s.Serve(l) }()
		}
		if opt.TLS.HTTP != "" {
			l80, err := net.Listen("tcp", opt.TLS.HTTP)
			if err != nil {
				return fault.Wrap(err, fault.Unavailable, "api.listen", "api.listen", "address", opt.TLS.HTTP)
			}
			open(bound(l80.(*net.TCPListener), opt.Refused), publicPort(opt, at.Port))
		}
		a, b := split(l)
		open(b, at.Port)
		go func() { ended <- srv.Serve(tls.NewListener(a, sec.conf)) }()
		if sec.start != nil {
			if err := sec.start(); err != nil {
				return err
			}
		}
	}
	url := address(opt, at, sec != nil)
	var auth *Authority
	if sec != nil && sec.auth != nil {
		auth = sec.auth
		// Whoever installs the certificate compares it with this line.
		opt.Log.Info("the certificate to install is offered", "page", url+"/ca", "sha256", auth.Fingerprint())
	}
	if opt.Ready != nil {
		opt.Ready(url, auth)
	}
	select {
	case err := <-ended:
		stop()
		for _, p := range plain {
			p.Close()
		}
		return fault.Wrap(err, fault.Internal, "api.serve", "api.listen", "address", opt.Listen)
	case <-ctx.Done():
	}
	stop()
	for _, p := range plain {
		p.Close()
	}
	over, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := srv.Shutdown(over); err != nil {
		opt.Log.Warn("requests were cut off at the end", "err", err)
		srv.Close()
	}
	return nil
}

// address is what a person types.
func address(opt ServeOptions, at *net.TCPAddr, secure bool) string {
	if opt.PublicURL != "" {
		return opt.PublicURL
	}
	scheme := "http://"
	if secure {
		scheme = "https://"
	}
	if at.IP.IsUnspecified() {
		name, err := os.Hostname()
		if err != nil || name == "" {
			name = "127.0.0.1"
		}
		_, port, _ := net.SplitHostPort(at.String())
		return scheme + net.JoinHostPort(name, port)
	}
	return scheme + at.String()
}

// publicPort is the one that browsers use for https: a forwarded one, where the public URL says so.
func publicPort(opt ServeOptions, own int) int {
	u, err := url.Parse(opt.PublicURL)
	if err != nil || u.Scheme != "https" {
		return own
	}
	if port, err := strconv.Atoi(u.Port()); err == nil {
		return port
	}
	return 443
}

// toHTTPS sends a browser that was told http to https, at a port.
func toHTTPS(port int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			// What was sent has already gone over the wire in the clear; a redirect would hide that.
			outside(w, r, fault.New(fault.Denied, "api.https", "api.https-only"))
			return
		}
		u := url.URL{Scheme: "https", Host: hostPort(r.Host, port), Path: r.URL.Path, RawQuery: r.URL.RawQuery}
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, u.String(), http.StatusTemporaryRedirect)
	})
}

func hostPort(h string, port int) string {
	if bare, _, err := net.SplitHostPort(h); err == nil {
		h = bare
	}
	h = strings.Trim(h, "[]")
	if port == 443 {
		if strings.Contains(h, ":") {
			return "[" + h + "]"
		}
		return h
	}
	return net.JoinHostPort(h, strconv.Itoa(port))
}

// secured is how TLS is done.
type secured struct {
	conf  *tls.Config
	auth  *Authority                      // the local CA, or nil
	plain func(http.Handler) http.Handler // what plain http answers before it redirects, or nil
	start func() error                    // once the ports are open, or nil
}

// config makes the TLS configuration; nil for plain http.
func (t TLS) config(ctx context.Context, opt ServeOptions, at *net.TCPAddr) (*secured, error) {
	ways := 0
	for _, on := range []bool{t.Cert != "" || t.Key != "", len(t.ACME) > 0, t.LocalCA} {
		if on {
			ways++
		}
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	switch {
	case ways == 0:
		return nil, nil
	case ways > 1:
		return nil, fault.New(fault.Invalid, "api.tls", "api.tls-ways")
	case t.LocalCA:
		auth, err := OpenAuthority(opt.Dir, t.names(opt), opt.Log)
		if err != nil {
			return nil, err
		}
		auth.believed = opt.Believed
		conf.GetCertificate = auth.certificate
		return &secured{conf: conf, auth: auth, plain: auth.pages}, nil
	case len(t.ACME) > 0:
		return t.acme(ctx, opt, at, conf)
	}
	files := &files{cert: t.Cert, key: t.Key, log: opt.Log}
	if _, err := files.certificate(nil); err != nil {
		return nil, err
	}
	conf.GetCertificate = files.certificate
	return &secured{conf: conf}, nil
}

// names are the hosts that a local certificate is for: what people may type to get here.
func (t TLS) names(opt ServeOptions) []string {
	names := append([]string{"localhost", "127.0.0.1", "::1"}, t.Names...)
	if u, err := url.Parse(opt.PublicURL); err == nil && u.Hostname() != "" {
		names = append(names, u.Hostname())
	}
	h, _, err := net.SplitHostPort(opt.Listen)
	if ip, bad := netip.ParseAddr(h); err == nil && bad == nil && !ip.IsUnspecified() {
		names = append(names, ip.String())
	} else {
		// Listening everywhere: every address of this machine, and its name.
		if name, err := os.Hostname(); err == nil && strings.Trim(name, ".") != "" {
			names = append(names, strings.ToLower(name))
		}
		if all, err := net.InterfaceAddrs(); err == nil {
			for _, a := range all {
				if n, ok := a.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() && !n.IP.IsLoopback() {
					names = append(names, n.IP.String())
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// files are own certificate files. They are looked at once a minute, so that a renewed one needs no restart.
type files struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	have   *tls.Certificate
	stamp  time.Time
	looked time.Time
}

func (f *files) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.have != nil && time.Since(f.looked) < time.Minute {
		return f.have, nil
	}
	f.looked = time.Now()
	stamp := latest(f.cert, f.key)
	if f.have != nil && stamp.Equal(f.stamp) {
		return f.have, nil
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		if f.have != nil { // half-written, perhaps: the old one is better than none
			f.log.Warn("the certificate files cannot be read; the old certificate is used on", "err", err)
			return f.have, nil
		}
		return nil, fault.Wrap(err, fault.Invalid, "api.tls", "api.tls-files", "path", f.cert)
	}
	f.have, f.stamp = &pair, stamp
	return f.have, nil
}

func latest(paths ...string) (t time.Time) {
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil && info.ModTime().After(t) {
			t = info.ModTime()
		}
	}
	return t
}

// quietHandler lets through what net/http has to say, without the noise that strangers make at will.
type quietHandler struct{ slog.Handler }

func (q quietHandler) Handle(ctx context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "TLS handshake error") || strings.Contains(r.Message, "superfluous") {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}
