package stream

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	rtspbase "github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
	pion "github.com/pion/rtp"
	"go.uber.org/goleak"

	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/rtp"
	"linli.dev/linli/protocol/rtsp"
)

// foreign is a camera by somebody else: gortsplib's server, with a clip that runs in a loop.
type foreign struct {
	t      testing.TB
	clip   clip
	addr   string
	server *gortsplib.Server
	stream *gortsplib.ServerStream
	end    chan struct{}
	done   sync.WaitGroup
	n      int64 // pictures sent, over restarts
	tls    *tls.Config
}

func (f *foreign) start() {
	t := f.t
	t.Helper()
	if f.addr == "" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		f.addr = l.Addr().String()
		l.Close()
	}
	f.server = &gortsplib.Server{Handler: f, RTSPAddress: f.addr, TLSConfig: f.tls}
	_, port, _ := net.SplitHostPort(f.addr)
	var p int
	fmt.Sscan(port, &p)
	p = 20000 + p%20000&^1
	if f.tls == nil {
		f.server.UDPRTPAddress, f.server.UDPRTCPAddress = fmt.Sprintf("127.0.0.1:%d", p), fmt.Sprintf("127.0.0.1:%d", p+1)
	}
	if err := f.server.Start(); err != nil {
		t.Fatal(err)
	}
	var form format.Format
	if f.clip.codec == cmaf.H265 {
		form = &format.H265{PayloadTyp: 96, VPS: f.clip.sets[0], SPS: f.clip.sets[1], PPS: f.clip.sets[2]}
	} else {
		form = &format.H264{PayloadTyp: 96, SPS: f.clip.sets[0], PPS: f.clip.sets[1], PacketizationMode: 1}
	}
	f.stream = &gortsplib.ServerStream{Server: f.server, Desc: &description.Session{Medias: []*description.Media{
		{Type: description.MediaTypeVideo, Formats: []format.Format{form}},
	}}}
	if err := f.stream.Initialize(); err != nil {
		t.Fatal(err)
	}
	f.end = make(chan struct{})
	f.done.Go(f.send)
}

func (f *foreign) stop() {
	close(f.end)
	f.done.Wait()
	f.stream.Close()
	f.server.Close()
}

func (f *foreign) send() {
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	p := rtp.Packer{PayloadType: 96, SSRC: 7, Channel: -1}
	media := f.stream.Desc.Medias[0]
	var buf []byte
	for {
		select {
		case <-f.end:
			return
		case <-tick.C:
		}
		u := f.clip.units[f.n%int64(len(f.clip.units))]
		if ts := uint32(f.n * 3600); f.clip.codec == cmaf.H265 {
			buf = p.AppendH265(buf[:0], ts, u.avcc)
		} else {
			buf = p.AppendH264(buf[:0], ts, u.avcc)
		}
		f.n++
		for b := buf; len(b) > 0; {
			n := int(b[0])<<8 | int(b[1])
			var k pion.Packet
			if err := k.Unmarshal(append([]byte{}, b[2:2+n]...)); err != nil {
				panic(err)
			}
			f.stream.WritePacketRTP(media, &k)
			b = b[2+n:]
		}
	}
}

func (f *foreign) allowed(c *gortsplib.ServerConn, req *rtspbase.Request) (*rtspbase.Response, error) {
	if c.VerifyCredentials(req, "admin", "geheim") {
		return nil, nil
	}
	return &rtspbase.Response{StatusCode: rtspbase.StatusUnauthorized}, liberrors.ErrServerAuth{}
}

func (f *foreign) OnDescribe(c *gortsplib.ServerHandlerOnDescribeCtx) (*rtspbase.Response, *gortsplib.ServerStream, error) {
	if res, err := f.allowed(c.Conn, c.Request); err != nil {
		return res, nil, err
	}
	return &rtspbase.Response{StatusCode: rtspbase.StatusOK}, f.stream, nil
}

func (f *foreign) OnSetup(c *gortsplib.ServerHandlerOnSetupCtx) (*rtspbase.Response, *gortsplib.ServerStream, error) {
	if res, err := f.allowed(c.Conn, c.Request); err != nil {
		return res, nil, err
	}
	return &rtspbase.Response{StatusCode: rtspbase.StatusOK}, f.stream, nil
}

func (f *foreign) OnPlay(c *gortsplib.ServerHandlerOnPlayCtx) (*rtspbase.Response, error) {
	return &rtspbase.Response{StatusCode: rtspbase.StatusOK}, nil
}

// until waits for something to come true.
func until(t testing.TB, what string, limit time.Duration, f func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !f(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not after %v", what, limit)
		}
	}
}

func (k *tape) count() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.frags)
}

// A camera that nobody here wrote is recorded and watched, goes away, and comes back by itself.
func TestForeignCamera(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("by", foreignCameras)
	goleak.VerifyNone(t, before)
}

func foreignCameras(t *testing.T) {
	for _, c := range []struct {
		name, transport string
		clip            clip
	}{
		{"tcp", "tcp", encode(t, cmaf.H264, 4, "-g", "25", "-bf", "0")},
		{"udp H265", "udp", encode(t, cmaf.H265, 4, "-bf", "0", "-x265-params", "log-level=error:keyint=25:min-keyint=25:pools=1")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &foreign{t: t, clip: c.clip}
			f.start()
			loop, err := rtsp.NewLoop(rtsp.LoopOptions{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer loop.Close()
			k := &tape{}
			h := New(Options{Loop: loop, Sink: func(ID) Sink { return k }})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- h.Run(ctx) }()
			id := ID{"gate", Main}
			src := Source{ID: id, URL: "rtsp://" + f.addr + "/main", User: "admin", Password: "geheim", Transport: c.transport}
			h.Apply([]Source{src})
			until(t, "recorded", 10*time.Second, func() bool { return k.count() >= 2 })
			s, _ := h.Get(id)
			r := s.Frames(FrameOptions{})
			for range 30 {
				if _, err := r.Next(ctx); err != nil {
					t.Fatal(err)
				}
			}
			f.stop()
			until(t, "gone", 12*time.Second, func() bool { return s.Status().State != Online })
			t.Logf("gone: %s, %s", s.Status().State, s.Status().Reason)
			before := k.count()
			f.start()
			until(t, "back", 15*time.Second, func() bool { return s.Status().State == Online && k.count() >= before+2 })
			for { // the viewer stayed, and sees the new run
				fr, err := r.Next(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if fr.Run != k.frags[0].Run {
					if !fr.Key {
						t.Error("the new run begins without a key frame")
					}
					break
				}
			}
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			f.stop()
			if len(k.files) < 2 {
				t.Fatalf("%d runs", len(k.files))
			}
			for _, b := range k.files {
				if p := probe(t, b); p.frames == 0 {
					t.Error("an empty file")
				}
			}
		})
	}
}

// A camera with a certificate of its own is read while it shows the one that was believed; a name that has come to mean another address is not called.
func TestWhoIsNotCalled(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	f := &foreign{t: t, clip: encode(t, cmaf.H264, 4, "-g", "25", "-bf", "0")}
	f.tls = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	f.start()
	defer f.stop()
	loop, err := rtsp.NewLoop(rtsp.LoopOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer loop.Close()
	var forbidden atomic.Bool
	h := New(Options{Loop: loop, Control: func(_, to string, _ syscall.RawConn) error {
		if forbidden.Load() {
			return errors.New(to + " is no camera's")
		}
		return nil
	}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	defer func() { cancel(); <-done }()
	src := Source{ID: ID{"gate", Main}, URL: "rtsps://" + f.addr + "/main", User: "admin", Password: "geheim", Host: "one"}
	for _, c := range []struct {
		certificate string
		forbidden   bool
		state       State
		reason      string
	}{
		{rtsp.Fingerprint(leaf), false, Online, ""},
		{strings.Repeat("00:", 31) + "00", false, Unreachable, ReasonCertificate},
		{"", false, Unreachable, ReasonTLS},
		{rtsp.Fingerprint(leaf), true, Unreachable, ReasonAddress},
	} {
		forbidden.Store(c.forbidden)
		src.Certificate = c.certificate
		src.Host += "+" // without the back-off of the one before
		h.Apply([]Source{src})
		until(t, string(c.state)+" "+c.reason, 10*time.Second, func() bool {
			s, ok := h.Get(src.ID)
			return ok && s.Status().State == c.state && s.Status().Reason == c.reason
		})
	}
}

// A thousand cameras plugged in and out leave nothing behind. (Thirty in the short form.)
func TestNothingLeaks(t *testing.T) {
	rounds := 30
	if os.Getenv("LINLI_SOAK") != "" {
		rounds = 1000
	}
	f := &foreign{t: t, clip: encode(t, cmaf.H264, 4, "-g", "3", "-keyint_min", "1", "-bf", "0")}
	f.start()
	defer f.stop()
	loop, err := rtsp.NewLoop(rtsp.LoopOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer loop.Close()
	h := New(Options{Loop: loop, Sink: func(ID) Sink { return &discard{} }})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go h.Run(ctx)
	id := ID{"gate", Main}
	src := Source{ID: id, URL: "rtsp://" + f.addr + "/main", User: "admin", Password: "geheim", Transport: "tcp"}
	once := func() {
		h.Apply([]Source{src})
		until(t, "started", time.Second, func() bool { _, ok := h.Get(id); return ok })
		s, _ := h.Get(id)
		r, c := s.Frames(FrameOptions{}), s.Chunks()
		if _, err := r.Next(ctx); err != nil {
			t.Fatal(err)
		}
		r.Close()
		c.Close()
		h.Apply(nil)
		<-s.ended
	}
	once()
	files := func() int { d, _ := os.ReadDir("/proc/self/fd"); return len(d) }
	time.Sleep(100 * time.Millisecond)
	before, routines := files(), goleak.IgnoreCurrent()
	for range rounds {
		once()
	}
	goleak.VerifyNone(t, routines)
	until(t, "all files closed", 5*time.Second, func() bool { return files() <= before+1 })
}
