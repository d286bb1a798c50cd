package camera

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
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
