package camera

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/json"
	"log/slog"
	"math"
	"math/big"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/protocol/rtp"
	"linli.dev/linli/protocol/rtsp"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// clip cuts an Annex B file into access units with 4-byte lengths. Each unit
// of our clips begins with a delimiter.
func clip4(t testing.TB, name string) (units [][]byte, key []bool) {
	t.Helper()
	b, err := os.ReadFile("testdata/clip/" + name)
	if err != nil {
		t.Fatal(err)
	}
	h265 := strings.HasSuffix(name, "h265")
	b = bytes.ReplaceAll(b, []byte{0, 0, 0, 1}, []byte{0, 0, 1})
	for _, nal := range bytes.Split(b, []byte{0, 0, 1})[1:] {
		typ := nal[0] & 0x1f
		delimiter, isKey := typ == 9, typ == 5
		if h265 {
			typ = nal[0] >> 1 & 0x3f
			delimiter, isKey = typ == 35, typ >= 16 && typ <= 21
		}
		if delimiter {
			units, key = append(units, nil), append(key, false)
		}
		n := len(units) - 1
		units[n] = append(binary.BigEndian.AppendUint32(units[n], uint32(len(nal))), nal...)
		key[n] = key[n] || isKey
	}
	return units, key
}

// play feeds a listener with a clip at 25 frames a second, over and over, as
// a camera would send it for span.
type sender struct {
	codec  string
	clip   string
	every  func(frame int) bool // whether a key frame may go out as one; nil: all
	order  []uint32             // display order within a group, for B-frames
	drop   func(packet int) bool
	offset time.Duration // of the camera's clock
	report bool
}

func (s sender) listen(t testing.TB, span time.Duration) *listener {
	t.Helper()
	units, key := clip4(t, s.clip)
	l := newListener([]rtsp.Media{{Kind: "video", Codec: s.codec, ClockRate: 90000}, {Kind: "audio", Codec: "PCMA", ClockRate: 8000, Channels: 1}})
	p := rtp.Packer{PayloadType: 96, Channel: -1}
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	n, sent := 0, 0
	for frame := 0; frame < int(span.Seconds()*25); frame++ {
		u := units[n%len(units)]
		if key[n%len(units)] && s.every != nil && !s.every(frame) {
			n++ // send the next frame instead: a camera that saves key frames
			u = units[n%len(units)]
		}
		n++
		shown := uint32(frame)
		if s.order != nil {
			shown = uint32(frame/len(s.order)*len(s.order)) + s.order[frame%len(s.order)]
		}
		at := start.Add(time.Duration(frame) * 40 * time.Millisecond)
		run := []byte(nil)
		if s.codec == "H265" {
			run = p.AppendH265(nil, shown*3600, u)
		} else {
			run = p.AppendH264(nil, shown*3600, u)
		}
		for len(run) > 0 {
			var pkt []byte
			pkt, run = p.Next(run)
			if sent++; s.drop == nil || !s.drop(sent) {
				l.Packet(0, at.UnixNano(), pkt)
			}
		}
		if s.report && frame%50 == 10 {
			l.SenderReport(0, rtp.NTP(at.Add(s.offset).UnixNano()), shown*3600, at.UnixNano())
		}
	}
	return l
}

func codes(r *StreamReport) (said, advised []string) {
	for _, w := range r.Words {
		said = append(said, strings.TrimPrefix(w.Code, "camera.says."))
	}
	for _, a := range r.Advice {
		advised = append(advised, a.Weight+" "+strings.TrimPrefix(a.Code, "camera.advice."))
	}
	return said, advised
}

func TestWhatACameraSends(t *testing.T) {
	for name, c := range map[string]struct {
		which   Which
		from    sender
		want    VideoReport
		advised []string
		says    string
	}{
		"a good sub stream": {
			Sub,
			sender{codec: "H264", clip: "gate.h264", report: true},
			VideoReport{Codec: "H264", Profile: "High", Width: 160, Height: 90, FrameRate: 25, KeyInterval: 2, KeyFrames: 3},
			[]string{"may sound-off"},
			"clock-right",
		},
		"H.265 on the sub stream": {
			Sub,
			sender{codec: "H265", clip: "gate.h265", report: true, offset: -90 * time.Second},
			VideoReport{Codec: "H265", Profile: "Main", Width: 160, Height: 90, FrameRate: 25, KeyInterval: 2, KeyFrames: 3},
			[]string{"must sub-h264", "may sound-off", "must clock"},
			"clock-behind",
		},
		"H.265 on the main stream": {
			Main,
			sender{codec: "H265", clip: "gate.h265"},
			VideoReport{Codec: "H265", Profile: "Main", Width: 160, Height: 90, FrameRate: 25, KeyInterval: 2, KeyFrames: 3},
			[]string{"should main-h265", "may sound-off"},
			"clock-unknown",
		},
		"one key frame and no more": {
			Main,
			sender{codec: "H264", clip: "gate.h264", every: func(f int) bool { return f == 0 }},
			VideoReport{Codec: "H264", Profile: "High", Width: 160, Height: 90, FrameRate: 25, KeyInterval: 12, KeyIntervalOpen: true, KeyFrames: 1},
			[]string{"should smart-codec", "may sound-off"},
			"key-open",
		},
		"a key frame each six seconds": {
			Main,
			sender{codec: "H264", clip: "gate.h264", every: func(f int) bool { return f%150 < 4 || f%150 > 140 }},
			VideoReport{Codec: "H264", Profile: "High", Width: 160, Height: 90, FrameRate: 25, KeyFrames: 3},
			[]string{"should key-interval", "may sound-off"},
			"key",
		},
		"B-frames": {
			Main,
			sender{codec: "H264", clip: "gate-b.h264", order: []uint32{0, 2, 1, 4, 3, 6, 5, 8, 7, 9}},
			VideoReport{Codec: "H264", Profile: "Main", Width: 160, Height: 90, FrameRate: 25, KeyInterval: 2, KeyFrames: 3, BFrames: true},
			[]string{"should b-frames", "may sound-off"},
			"b-frames",
		},
		"packets lost": {
			Sub,
			sender{codec: "H264", clip: "gate.h264", drop: func(n int) bool { return n%20 == 11 }},
			VideoReport{Codec: "H264", Profile: "High", Width: 160, Height: 90, FrameRate: 25, KeyInterval: 2, KeyFrames: 3},
			[]string{"may sound-off", "should loss"},
			"lost",
		},
	} {
		span := 6 * time.Second
		if c.want.KeyIntervalOpen || strings.Contains(name, "six") {
			span = 12 * time.Second
		}
		r := c.from.listen(t, span).report(c.which, span)
		r.say()
		r.advise(nil)
		if !r.OK || r.Video == nil {
			t.Errorf("%s: no picture: %+v", name, r)
			continue
		}
		said, advised := codes(r)
		if !slices.Contains(said, c.says) {
			t.Errorf("%s: said %v, want %s", name, said, c.says)
		}
		if !slices.Equal(advised, c.advised) {
			t.Errorf("%s: advised %v, want %v", name, advised, c.advised)
		}
		got := *r.Video
		if got.BitRate < 1000 || got.BitRate > 500_000 {
			t.Errorf("%s: bit rate %d", name, got.BitRate)
		}
		if c.want.KeyInterval == 0 && math.Abs(got.KeyInterval-6) > 0.3 {
			t.Errorf("%s: key interval %v", name, got.KeyInterval)
		} else if c.want.KeyInterval == 0 {
			got.KeyInterval = 0
		}
		if math.Abs(got.FrameRate-25) < 1 {
			got.FrameRate = 25
		}
		got.BitRate, got.Level, got.Varying = 0, "", false
		if got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, c.want)
		}
	}
}

func TestCameraThatTellsNoTime(t *testing.T) {
	l := newListener([]rtsp.Media{{Kind: "video", Codec: "H264", ClockRate: 90000}})
	l.SenderReport(0, 90<<32, 0, time.Now().UnixNano()) // ninety seconds since it was switched on
	if r := l.report(Main, time.Second); r.Clock != nil {
		t.Errorf("clock %v", *r.Clock)
	}
	// Rubbish harms nobody.
	l.Packet(7, 0, nil)
	l.Packet(-1, 0, nil)
	l.Packet(0, 0, []byte{1, 2, 3})
	l.SenderReport(9, 0, 0, 0)
	l.Closed(nil)
	l.Closed(nil)
	r := l.report(Main, time.Second)
	r.say()
	r.advise(nil)
	if r.OK {
		t.Error("rubbish is a picture")
	}
}

// hut is a camera on this machine.
type hut struct {
	addr   string
	group  *rtsp.Group
	medias []rtsp.Media
	mu     sync.Mutex
	tries  int // requests that carried a password
	status int // answered to DESCRIBE, 0: 200
	silent bool
}

func (h *hut) Describe(r *rtsp.Request) (*rtsp.Description, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.status != 0 {
		return nil, &rtsp.StatusError{Code: h.status, Reason: "no"}
	}
	if r.Path != "main" && r.Path != "sub" {
		return nil, &rtsp.StatusError{Code: 404, Reason: "Not Found"}
	}
	return &rtsp.Description{Name: "hut", Medias: h.medias}, nil
}

func (h *hut) Credentials(r *rtsp.Request) []rtsp.Credential {
	if r.Header.Get("Authorization") != "" {
		h.mu.Lock()
		h.tries++
		h.mu.Unlock()
	}
	return []rtsp.Credential{{User: "viewer", Password: "Sesame#1"}}
}

func (h *hut) Play(r *rtsp.Request, o *rtsp.Out) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.group.Add(o, !h.silent)
	return nil
}
func (h *hut) Closed(o *rtsp.Out, err error) { h.group.Remove(o) }

func (h *hut) set(status int, silent bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status, h.silent = status, silent
}

func newHut(t *testing.T, change ...func(*rtsp.Server)) *hut {
	t.Helper()
	h := &hut{medias: []rtsp.Media{{Kind: "video", Codec: "H264", PayloadType: 96, ClockRate: 90000}}}
	h.group = rtsp.NewGroup(h.medias, 0)
	loop, err := rtsp.NewLoop(rtsp.LoopOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.addr = ln.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	srv := &rtsp.Server{Handler: h, Loop: loop}
	for _, f := range change {
		f(srv)
	}
	wg.Go(func() { _ = srv.Serve(ctx, ln) })
	units, key := clip4(t, "gate.h264")
	wg.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond) // four times as fast: the test need not last
		defer tick.Stop()
		for n := 0; ctx.Err() == nil; n++ {
			h.mu.Lock()
			silent := h.silent
			h.mu.Unlock()
			if !silent {
				h.group.WriteUnit(0, uint32(n)*900, time.Now().Add(time.Hour).UnixNano(), units[n%len(units)], key[n%len(units)])
			}
			<-tick.C
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait(); loop.Close() })
	return h
}

func TestSourceTest(t *testing.T) {
	storetest.Each(t, sourceTest)
}

func sourceTest(t *testing.T, db *store.DB) {
	t.Parallel() // it waits, mostly
	h := newHut(t)
	var logged bytes.Buffer
	vault, err := store.OpenVault(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := newClock()
	s, err := New(t.Context(), db, Options{
		Vault: vault, Now: c.now, Targets: Targets{AllowLoopback: true}, TestFor: 1200 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	test := func(q TestRequest) (*TestAnswer, string) {
		t.Helper()
		a, err := s.Test(t.Context(), q)
		raw, _ := json.Marshal(a)
		text := string(raw) + logged.String()
		if err != nil {
			text += err.Error()
		}
		for _, secret := range []string{"Sesame", "viewer", "Wrong"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q leaks: %s", secret, text)
			}
		}
		if err != nil {
			return a, fault.CodeOf(err)
		}
		for _, r := range a.Streams {
			if r.Failure != nil {
				return a, r.Failure.Code
			}
		}
		return a, ""
	}
	good := TestRequest{Main: "rtsp://viewer:Sesame%231@" + h.addr + "/main", Sub: "rtsp://viewer:Sesame%231@" + h.addr + "/sub"}
	a, code := test(good)
	if code != "" || len(a.Streams) != 2 || !a.Streams[0].OK || !a.Streams[1].OK {
		t.Fatalf("%s %+v", code, a)
	}
	if v := a.Streams[0].Video; v.Width != 160 || v.KeyInterval != 0.5 || v.FrameRate != 100 || a.Streams[0].Server == "" {
		t.Errorf("%+v", v)
	}
	if o := a.Streams[0].Clock; o == nil {
		t.Error("nothing is said of its clock")
	} else if math.Abs(*o-3600) > 60 { // a busy machine has its reports late
		t.Errorf("an hour ahead is %v s", *o)
	}

	_, code = test(TestRequest{Main: "rtsp://viewer:Sesame%231@" + h.addr + "/nowhere"})
	if code != "camera.test.no-path" {
		t.Error(code)
	}
	for status, want := range map[int]string{403: "forbidden", 453: "full", 500: "status", 461: "transport"} {
		h.set(status, false)
		if _, code = test(good); code != "camera.test."+want {
			t.Error(status, code)
		}
	}
	h.set(0, true)
	if a, code = test(good); code != "camera.test.no-packets" {
		t.Errorf("%s %+v", code, a.Streams[0])
	}
	h.set(0, false)
	if _, code = test(TestRequest{Main: "rtsps://viewer:Sesame%231@" + h.addr + "/main"}); code != "camera.test.not-tls" && code != "camera.test.hung-up" {
		t.Error(code)
	}
	free, _ := net.Listen("tcp", "127.0.0.1:0")
	closed := free.Addr().String()
	free.Close()
	if _, code = test(TestRequest{Main: "rtsp://" + closed + "/main"}); code != "camera.test.refused" {
		t.Error(code)
	}
	mute, _ := net.Listen("tcp", "127.0.0.1:0") // accepts and hangs up
	defer mute.Close()
	go func() {
		for {
			nc, err := mute.Accept()
			if err != nil {
				return
			}
			_, _ = nc.Write([]byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"))
			nc.Close()
		}
	}()
	if _, code = test(TestRequest{Main: "rtsp://" + mute.Addr().String() + "/main"}); code != "camera.test.not-rtsp" && code != "camera.test.hung-up" {
		t.Error(code)
	}

	// Two streams with a wrong password: one try, not two; and no more after
	// that until it changes or the time is over.
	h.mu.Lock()
	h.tries = 0
	h.mu.Unlock()
	bad := TestRequest{Main: "rtsp://" + h.addr + "/main", Sub: "rtsp://" + h.addr + "/sub", User: "viewer", Password: "Wrong1"}
	if a, code = test(bad); code != "camera.test.unauthorised" || a.Streams[1].Failure.Code != "camera.test.not-tried" {
		t.Error(code)
	}
	h.mu.Lock()
	// One test is at most the try and its fresh nonce.
	if h.tries > 2 {
		t.Errorf("%d tries with a wrong password", h.tries)
	}
	before := h.tries
	h.mu.Unlock()
	if _, code = test(bad); code != "camera.test.same-secret" {
		t.Error(code)
	}
	// The running streams know of it, and the test of what they were refused.
	shown := lockout.Secret{Device: h.addr, User: "viewer", Password: "Wrong1"}
	if s.o.Lockouts.Wait(lockout.RTSP, shown) == 0 {
		t.Error("only the test knows what was refused")
	}
	shown.Password = "Of a stream"
	if err := s.o.Lockouts.Refused(lockout.RTSP, shown); err != nil {
		t.Fatal(err)
	}
	bad.Password = shown.Password
	if _, code = test(bad); code != "camera.test.same-secret" {
		t.Error(code)
	}
	bad.Password = "Wrong2"
	_, _ = test(bad)
	bad.Password = "Wrong3"
	_, _ = test(bad)
	bad.Password = "Wrong4"
	if _, code = test(bad); code != "camera.test.near-lock-out" {
		t.Error(code)
	}
	if h.mu.Lock(); h.tries > 3*before {
		t.Errorf("%d tries", h.tries)
	}
	h.mu.Unlock()
	c.add(36 * time.Minute)
	if _, code = test(good); code != "" {
		t.Error("still locked out:", code)
	}

	// A registered device is tested with its own secret, which goes nowhere else.
	w, err := s.Add(t.Context(), "op", func() Edit {
		e := gate("东门 1")
		e.Main, e.Sub = p("rtsp://viewer:Sesame%231@"+h.addr+"/main"), p("/sub")
		return e
	}())
	if err != nil {
		t.Fatal(err)
	}
	if a, code = test(TestRequest{Camera: w.Value.ID}); code != "" || len(a.Streams) != 2 {
		t.Error(code)
	}
	if a, code = test(TestRequest{Device: w.Value.Device, Sub: "/sub"}); code != "" || a.Streams[0].Which != Sub {
		t.Error(code)
	}
	if _, code = test(TestRequest{Device: w.Value.Device, Main: "rtsp://192.168.77.77/main"}); code != "camera.invalid" {
		t.Error(code)
	}
	if _, code = test(TestRequest{}); code != "camera.invalid" {
		t.Error(code)
	}

	// Outside the demo this machine is no target, whatever its name.
	s.o.Targets.AllowLoopback = false
	for _, u := range []string{"rtsp://" + h.addr + "/main", "rtsp://localhost:1/x", "rtsp://[::1]:1/x", "rtsp://169.254.169.254/latest", "http://10.0.0.1/x", "rtsp://0/x"} {
		if a, code := test(TestRequest{Main: u}); code != "camera.invalid" {
			t.Errorf("%s: %s %+v", u, code, a)
		}
	}
}

// selfSigned is a certificate as a camera makes it for itself: the name is the model's, and no authority knows it.
func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "IPC-42"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// A camera with a certificate of its own: a person sees its fingerprint and believes it, and from then on it must show that one. Where it is not believed, no
// password leaves the house.
func TestCertificateThatAPersonBelieves(t *testing.T) {
	storetest.Each(t, certificateThatAPersonBelieves)
}

func certificateThatAPersonBelieves(t *testing.T, db *store.DB) {
	t.Parallel()
	cert := selfSigned(t)
	h := newHut(t, func(s *rtsp.Server) { s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}} })
	s := newService(t, db, newClock())
	s.o.Targets.AllowLoopback, s.o.TestFor = true, 800*time.Millisecond
	url := "rtsps://viewer:Sesame%231@" + h.addr + "/main"
	test := func(q TestRequest) *StreamReport {
		t.Helper()
		a, err := s.Test(t.Context(), q)
		if err != nil {
			t.Fatal(fields(err), err)
		}
		return a.Streams[0]
	}
	tries := func() int { h.mu.Lock(); defer h.mu.Unlock(); return h.tries }

	r := test(TestRequest{Main: url})
	if r.OK || r.Failure.Code != "camera.test.certificate" || r.Certificate == "" || r.Failure.Args["seen"] != r.Certificate || tries() != 0 {
		t.Fatalf("a certificate of nobody: %+v, %d passwords sent", r, tries())
	}
	seen := r.Certificate
	sloppy := strings.ToLower(strings.ReplaceAll(seen, ":", ""))
	if r = test(TestRequest{Main: url, Certificate: sloppy}); !r.OK || r.Certificate != seen {
		t.Fatalf("believed: %+v", r)
	}
	e := gate("东门 1")
	e.Main, e.Sub, e.Certificate = &url, nil, &sloppy
	cam := mustAdd(t, s, e)
	dev, err := s.Device(t.Context(), cam.Device)
	if err != nil || dev.Certificate != seen {
		t.Fatalf("registered with %q, %v", dev.Certificate, err)
	}
	if src, err := s.Sources(t.Context()); err != nil || src[0].Certificate != seen {
		t.Error(src, err)
	}
	if r = test(TestRequest{Camera: cam.ID}); !r.OK {
		t.Errorf("by its registered certificate: %+v", r)
	}

	other := strings.Replace(seen, seen[:2], map[bool]string{true: "00", false: "FF"}[seen[:2] == "FF"], 1)
	if _, err = s.ChangeDevice(t.Context(), "op", dev.ID, dev.Version, DeviceEdit{Certificate: &other}); err != nil {
		t.Fatal(err)
	}
	before := tries()
	if r = test(TestRequest{Camera: cam.ID}); r.OK || r.Failure.Code != "camera.test.certificate-changed" || r.Failure.Args["want"] != other || tries() != before {
		t.Errorf("another certificate: %+v, %d passwords sent", r, tries()-before)
	}
	if _, err = s.Test(t.Context(), TestRequest{Main: url, Certificate: "12:34"}); !strings.Contains(fields(err), "certificate camera.field.fingerprint") {
		t.Error(err)
	}
	if _, err = s.ChangeDevice(t.Context(), "op", dev.ID, dev.Version+1, DeviceEdit{Certificate: p("yes")}); !strings.Contains(fields(err), "certificate camera.field.fingerprint") {
		t.Error(err)
	}
}

// The address that is called is looked at, not the name.
func TestControlOfTargets(t *testing.T) {
	for to, want := range map[string]string{
		"192.168.1.64:554": "", "[fd00::64]:554": "", "127.0.0.1:554": "camera.target.loopback", "[::1]:80": "camera.target.loopback",
		"[::ffff:127.0.0.1]:554": "camera.target.loopback", "169.254.169.254:80": "camera.target.link-local", "0.0.0.0:22": "camera.target.loopback",
	} {
		if got := fault.CodeOf(Targets{}.Control("tcp", to, nil)); got != want {
			t.Errorf("%s: %q, want %q", to, got, want)
		}
	}
	if err := (Targets{AllowLoopback: true}).Control("tcp", "127.0.0.1:554", nil); err != nil {
		t.Error(err)
	}
}

func TestOneTestPerHost(t *testing.T) {
	var g testGate
	g.init()
	now := time.Now()
	leave, err := g.enter("x", "a", nil, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.enter("x", "a", nil, now); fault.CodeOf(err) != "camera.test.busy" {
		t.Error(err)
	}
	leave()
	for _, h := range []string{"a", "b", "c", "d"} {
		if _, err := g.enter("x", h, nil, now); err != nil {
			t.Error(err)
		}
	}
	if _, err := g.enter("x", "e", nil, now); fault.KindOf(err) != fault.TooMany {
		t.Error(err)
	}
}

func FuzzListen(f *testing.F) {
	f.Add([]byte{0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x65, 0x88, 0x80}, true)
	f.Add([]byte{0x80, 224, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x7c, 0x85, 1}, true)
	f.Add([]byte{0x80, 224, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x26, 0x01, 1}, false)
	f.Fuzz(func(t *testing.T, b []byte, h264 bool) {
		codec := "H265"
		if h264 {
			codec = "H264"
		}
		l := newListener([]rtsp.Media{{Kind: "video", Codec: codec, ClockRate: 90000, Params: [][]byte{b}}})
		for i := 0; len(b) > 0; i++ {
			n := min(len(b), 40)
			l.Packet(0, int64(i)*1e8, b[:n])
			b = b[n:]
		}
		r := l.report(Sub, time.Second)
		r.say()
		r.advise(nil)
	})
}
