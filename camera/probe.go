package camera

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/protocol/rtsp"
)

// TestRequest asks what a camera sends: a registered camera, paths on a
// registered device, or whole URLs.
type TestRequest struct {
	Camera    ID       `json:"camera,omitempty" doc:"Test a registered camera with its own sources, or with those given"`
	Device    DeviceID `json:"device,omitempty" doc:"Test paths on a registered device with its secret"`
	Channel   int      `json:"channel,omitempty"`
	Main      string   `json:"main,omitempty" doc:"Path or URL"`
	Sub       string   `json:"sub,omitempty" doc:"Path or URL"`
	User      string   `json:"user,omitempty"`
	Password  string   `json:"password,omitempty"`
	Transport string   `json:"transport,omitempty" enum:"auto,tcp,udp"`
	// Certificate: the one that the person who tests has seen and believes.
	Certificate string `json:"certificate,omitempty" doc:"Fingerprint to believe instead of the device's registered one"`
}

// TestAnswer has a report per stream.
type TestAnswer struct {
	Streams []*StreamReport `json:"streams"`
}

// probeTarget is one stream to test.
type probeTarget struct {
	which     Which
	host      string
	port      int
	tls       bool
	path      string
	secret    Secret
	transport string
	believed  string // fingerprint of its certificate; "": an authority vouches for it
}

// shown is what a test shows to the device.
func (t *probeTarget) shown() lockout.Secret {
	return lockout.Secret{Device: net.JoinHostPort(t.host, strconv.Itoa(t.port)), User: t.secret.User, Password: t.secret.Password}
}

const (
	maxTests     = 4 // at a time, over all
	wrongFor     = lockout.For
	wrongPerHost = 3 // most lock out at five or six
)

// testGate bounds source tests: in number, to one per host, and in wrong
// passwords, because a recorder that is asked too often locks this server
// out, and with it the running recording.
type testGate struct {
	mu    sync.Mutex
	key   []byte
	n     int
	hosts map[string]bool
	wrong map[string][]wrongSecret
}

type wrongSecret struct {
	mark string // keyed hash; the secret itself is not kept
	at   time.Time
}

func (g *testGate) init() {
	g.key = make([]byte, 32)
	_, _ = rand.Read(g.key) // never fails since Go 1.24
	g.hosts, g.wrong = map[string]bool{}, map[string][]wrongSecret{}
}

func (g *testGate) mark(host string, s Secret) string {
	m := hmac.New(sha256.New, g.key)
	fmt.Fprintf(m, "%s\x00%s\x00%s", host, s.User, s.Password)
	return string(m.Sum(nil))
}

// enter lets a test of a host begin.
func (g *testGate) enter(op, host string, secrets []Secret, now time.Time) (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for h, list := range g.wrong {
		if list = slices.DeleteFunc(list, func(w wrongSecret) bool { return now.Sub(w.at) > wrongFor }); len(list) == 0 {
			delete(g.wrong, h)
		} else {
			g.wrong[h] = list
		}
	}
	list := g.wrong[host]
	for _, s := range secrets {
		for _, w := range list {
			if w.mark == g.mark(host, s) {
				return nil, sameSecret(op, w.at.Add(wrongFor).Sub(now))
			}
		}
	}
	if len(list) >= wrongPerHost {
		e := fault.New(fault.TooMany, op, "camera.test.near-lock-out", "tries", len(list), "minutes", minutes(list[0].at.Add(wrongFor).Sub(now)))
		e.RetryAfter = list[0].at.Add(wrongFor).Sub(now)
		return nil, e
	}
	if g.n >= maxTests || g.hosts[host] {
		e := fault.New(fault.TooMany, op, "camera.test.busy")
		e.RetryAfter = 10 * time.Second
		return nil, e
	}
	g.n++
	g.hosts[host] = true
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.n--
		delete(g.hosts, host)
	}, nil
}

// sameSecret says that a device has refused a secret that would be shown to it again.
func sameSecret(op string, wait time.Duration) error {
	e := fault.New(fault.TooMany, op, "camera.test.same-secret", "minutes", minutes(wait))
	e.RetryAfter = wait
	return e
}

func minutes(d time.Duration) int { return max(1, int((d+time.Minute-1)/time.Minute)) }

func (g *testGate) refused(host string, s Secret, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	mark := g.mark(host, s)
	for _, w := range g.wrong[host] {
		if w.mark == mark {
			return
		}
	}
	g.wrong[host] = append(g.wrong[host], wrongSecret{mark, now})
}

// Test connects and listens for a few seconds. An error is a request that
// makes no sense or may not be tried now; a camera that does not answer is an
// answer, with the exact reason.
func (s *Service) Test(ctx context.Context, q TestRequest) (*TestAnswer, error) {
	const op = "camera.Test"
	targets, err := s.probeTargets(ctx, q)
	if err != nil {
		return nil, err
	}
	host := targets[0].host // the lock-out of a device counts all its ports
	var secrets []Secret
	for _, t := range targets {
		if !t.secret.empty() {
			secrets = append(secrets, t.secret)
		}
	}
	for _, t := range targets {
		if wait := s.o.Lockouts.Wait(lockout.RTSP, t.shown()); wait > 0 {
			return nil, sameSecret(op, wait)
		}
	}
	leave, err := s.tests.enter(op, host, secrets, s.now())
	if err != nil {
		return nil, err
	}
	defer leave()

	ctx, cancel := context.WithTimeout(ctx, 3*s.o.TestFor+10*time.Second)
	defer cancel()
	loop := s.o.Loop
	if loop == nil {
		if loop, err = rtsp.NewLoop(rtsp.LoopOptions{Threads: 1}); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, op, "camera.test.no-loop")
		}
		defer loop.Close()
	}
	a := &TestAnswer{Streams: make([]*StreamReport, len(targets))}
	// The first one alone up to its answer: a wrong password is tried once,
	// not once per stream.
	first := make(chan bool, 1)
	var wg sync.WaitGroup
	for i, t := range targets {
		wg.Go(func() {
			a.Streams[i] = s.probe(ctx, t, loop, func(ok bool) {
				if i == 0 {
					first <- ok
				}
			})
		})
		if i == 0 && !<-first {
			wg.Wait()
			for j := 1; j < len(targets); j++ {
				a.Streams[j] = &StreamReport{Which: targets[j].which, Failure: &Sentence{Code: "camera.test.not-tried"}}
			}
			break
		}
	}
	wg.Wait()
	for i, r := range a.Streams {
		if r.Failure != nil && r.Failure.Code == "camera.test.unauthorised" {
			s.tests.refused(host, targets[i].secret, s.now())
			if err := s.o.Lockouts.Refused(lockout.RTSP, targets[i].shown()); err != nil {
				s.log.Warn("a refused password is forgotten with the next restart", "err", err)
			}
		}
		var sibling *StreamReport
		if len(a.Streams) == 2 {
			sibling = a.Streams[1-i]
		}
		r.say()
		r.advise(sibling)
	}
	return a, nil
}

// probeTargets resolves a request to streams. A stored secret goes only to
// its own device.
func (s *Service) probeTargets(ctx context.Context, q TestRequest) ([]probeTarget, error) {
	const op = "camera.Test"
	var p problems
	var dev *deviceRow
	var row *cameraRow
	var err error
	if q.Camera != "" {
		if row, err = s.cameraRow(ctx, s.db, q.Camera); err != nil {
			return nil, err
		}
		q.Device = row.Device
		if q.Channel == 0 {
			q.Channel = row.Channel
		}
	}
	if q.Device != "" {
		if dev, err = s.deviceRow(ctx, s.db, q.Device); err != nil {
			return nil, err
		}
	}
	if q.Channel == 0 {
		q.Channel = 1
	}
	own := Secret{q.User, q.Password}
	own.check(&p)
	if dev != nil && own.empty() {
		if err := s.open(dev.Secret, secretContext(dev.ID), &own); err != nil {
			return nil, err
		}
	}
	believed := ""
	if dev != nil {
		believed = dev.Certificate
	}
	if q.Certificate != "" {
		if believed, err = rtsp.ParseFingerprint(q.Certificate); err != nil {
			p.add("certificate", "camera.field.fingerprint")
		}
	}
	var targets []probeTarget
	for _, f := range []struct {
		which Which
		value string
	}{{Main, q.Main}, {Sub, q.Sub}} {
		var a address
		var d Device
		secret := own
		switch {
		case tidy(f.value, false) != "":
			g, code := parseGiven(f.value)
			if code == "" && dev == nil {
				if g.scheme != "rtsp" && g.scheme != "rtsps" {
					code = "camera.source.scheme"
				}
				d = Device{Host: g.host, Port: g.portOr(), TLS: g.scheme == "rtsps", Transport: q.Transport}
			} else if dev != nil {
				d = dev.device()
			}
			if code == "" {
				a, code = g.onDevice(&d, q.Channel, rtspSchemes...)
			}
			if code == "" {
				code = s.o.Targets.refuseHost(d.Host)
			}
			if code != "" {
				p.add(string(f.which), code, "host", clip(g.host))
				continue
			}
			if !g.secret.empty() {
				secret = g.secret
			}
		case row != nil && len(*row.where(string(f.which))) > 0 && q.Main == "" && q.Sub == "":
			d = dev.device()
			if err := s.open(*row.where(string(f.which)), addressContext(row.ID, string(f.which)), &a); err != nil {
				return nil, err
			}
		default:
			continue
		}
		u, err := url.Parse(a.url(&d, "rtsp"))
		if err != nil {
			p.add(string(f.which), "camera.source.path")
			continue
		}
		port, _ := strconv.Atoi(u.Port())
		targets = append(targets, probeTarget{f.which, d.Host, port, u.Scheme == "rtsps", a.Path, secret, firstOf(q.Transport, d.Transport, "auto"), believed})
	}
	if len(targets) == 2 && targets[0].host != targets[1].host {
		p.add("sub", "camera.source.other-host")
	}
	if len(targets) == 0 && len(p) == 0 {
		p.add("main", "camera.field.required")
	}
	return targets, p.asFault(op)
}

func firstOf(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}

// probe tests one stream. answered is called once, as soon as it is known
// whether the camera let us in.
func (s *Service) probe(ctx context.Context, t probeTarget, loop *rtsp.Loop, answered func(bool)) *StreamReport {
	var once sync.Once
	tell := func(ok bool) { once.Do(func() { answered(ok) }) }
	defer tell(false)
	certificate := ""
	fail := func(err error) *StreamReport {
		code, args := explain(err)
		// An Args map may not carry the error's text: it can hold the URL.
		return &StreamReport{
			Which:       t.which,
			Certificate: certificate,
			Failure:     &Sentence{Code: code, Args: args},
			Do:          &Sentence{Code: code + ".do", Args: args},
		}
	}
	addrs, err := s.o.Targets.Resolve(ctx, t.host)
	if err != nil {
		return fail(err)
	}
	scheme := "rtsp"
	if t.tls {
		scheme = "rtsps"
	}
	// The address that was checked is the one that is called: a name could
	// point elsewhere a moment later.
	target := scheme + "://" + net.JoinHostPort(addrs[0].String(), strconv.Itoa(t.port)) + t.path
	believe := rtsp.Believe(t.believed)
	believe.ServerName = t.host
	verify := believe.VerifyConnection
	believe.VerifyConnection = func(cs tls.ConnectionState) error {
		if len(cs.PeerCertificates) > 0 {
			certificate = rtsp.Fingerprint(cs.PeerCertificates[0])
		}
		return verify(cs)
	}
	session, err := rtsp.Dial(ctx, rtsp.Options{
		URL: target, User: t.secret.User, Password: t.secret.Password, Transport: t.transport,
		TLS: believe, Control: s.o.Targets.Control, Timeout: 8 * time.Second,
	})
	if err != nil {
		return fail(err)
	}
	defer session.Close()
	tell(true)
	var play []int
	video := false
	for i, m := range session.Medias {
		if !m.BackChannel && (m.Kind == "video" || m.Kind == "audio") {
			play = append(play, i)
			video = video || m.Kind == "video"
		}
	}
	if !video {
		return fail(errNoVideo)
	}
	l := newListener(session.Medias)
	if err := session.Play(ctx, play, loop, l); err != nil {
		return fail(err)
	}
	begin := time.Now()
	l.listen(ctx, s.o.TestFor)
	listened := time.Since(begin)
	_ = session.Close()
	select {
	case <-l.closed:
	case <-time.After(2 * time.Second):
	}
	r := l.report(t.which, listened)
	r.Server, r.Certificate = tidy(session.Server, false), certificate
	if !r.OK {
		l.mu.Lock()
		broke := l.failed
		l.mu.Unlock()
		cause := errNoKey
		switch {
		case r.Packets == 0 && broke != nil && !errors.Is(broke, rtsp.ErrClosed):
			cause = broke
		case r.Packets == 0:
			cause = errNoPackets
		}
		code, args := explain(cause)
		r.Failure, r.Do = &Sentence{Code: code, Args: args}, &Sentence{Code: code + ".do", Args: args}
	}
	return r
}

// listen waits for the time of a test, and up to as long again while no key
// interval has been seen: smart codecs send key frames rarely, and a camera
// that begins with one may say nothing at all for so long.
func (l *listener) listen(ctx context.Context, span time.Duration) {
	short, long := time.NewTimer(span), time.NewTimer(2*span)
	defer short.Stop()
	defer long.Stop()
	measured, over := false, false
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.closed:
			return
		case <-l.news:
			measured = true
			if over {
				return
			}
		case <-short.C:
			if over = true; measured {
				return
			}
		case <-long.C:
			return
		}
	}
}

var (
	errNoVideo   = errors.New("no video in the description")
	errNoPackets = errors.New("no packets")
	errNoKey     = errors.New("no key frame")
)

// explain finds the exact reason. Only codes and harmless values leave here.
func explain(err error) (code string, args map[string]any) {
	var status *rtsp.StatusError
	var dns *net.DNSError
	var record tls.RecordHeaderError
	var other *rtsp.CertificateError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var expired x509.CertificateInvalidError
	switch {
	case errors.As(err, &status):
		args = map[string]any{"status": status.Code}
		switch status.Code {
		case 401:
			return "camera.test.unauthorised", nil
		case 403:
			return "camera.test.forbidden", args
		case 404, 454:
			return "camera.test.no-path", args
		case 453, 503:
			return "camera.test.full", args
		case 461:
			return "camera.test.transport", args
		case 301, 302:
			return "camera.test.moved", args
		}
		return "camera.test.status", args
	case errors.Is(err, rtsp.ErrUnauthorized):
		return "camera.test.unauthorised", nil
	case errors.Is(err, rtsp.ErrNoTransport):
		return "camera.test.transport", map[string]any{"status": 461}
	case errors.As(err, &record):
		return "camera.test.not-tls", nil
	case errors.As(err, &other) && other.Want != "":
		return "camera.test.certificate-changed", map[string]any{"seen": other.Seen, "want": other.Want}
	case errors.As(err, &other):
		return "camera.test.certificate", map[string]any{"seen": other.Seen}
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &expired):
		return "camera.onvif.certificate", nil // of https
	case errors.As(err, &dns), fault.CodeOf(err) == "camera.test.no-such-host":
		return "camera.test.no-such-host", nil
	case fault.CodeOf(err) != "" && fault.KindOf(err) == fault.Invalid:
		return fault.CodeOf(err), nil
	case errors.Is(err, syscall.ECONNREFUSED):
		return "camera.test.refused", nil
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "camera.test.no-route", nil
	case errors.Is(err, rtsp.ErrTimeout), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "camera.test.timeout", nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "camera.test.hung-up", nil
	case errors.Is(err, rtsp.ErrUnreachable):
		return "camera.test.unreachable", nil
	case errors.Is(err, rtsp.ErrProtocol):
		return "camera.test.not-rtsp", nil
	case errors.Is(err, errNoVideo):
		return "camera.test.no-video", nil
	case errors.Is(err, errNoPackets):
		return "camera.test.no-packets", nil
	case errors.Is(err, errNoKey):
		return "camera.test.no-key", nil
	}
	return "camera.test.broke", nil
}
