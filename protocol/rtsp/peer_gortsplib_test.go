package rtsp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/auth"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
	"github.com/pion/rtcp"
	pionrtp "github.com/pion/rtp"
)

// theirs is a camera by gortsplib.
type theirs struct {
	srv     *gortsplib.Server
	stream  *gortsplib.ServerStream
	desc    *description.Session
	addr    string
	user    string
	tried   atomic.Int32 // requests with a password
	refused bool         // TCP is refused
	asked   atomic.Int32 // for a key frame
	played  atomic.Int32
}

func (c *theirs) OnDescribe(ctx *gortsplib.ServerHandlerOnDescribeCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if ctx.Request.Header["Authorization"] != nil {
		c.tried.Add(1)
	}
	if c.user != "" && !ctx.Conn.VerifyCredentials(ctx.Request, c.user, "tea & cake") {
		return &base.Response{StatusCode: base.StatusUnauthorized}, nil, liberrors.ErrServerAuth{}
	}
	return &base.Response{StatusCode: base.StatusOK}, c.stream, nil
}

func (c *theirs) OnSetup(ctx *gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if c.refused && ctx.Transport.Protocol == gortsplib.ProtocolTCP {
		return &base.Response{StatusCode: base.StatusUnsupportedTransport}, nil, nil
	}
	return &base.Response{StatusCode: base.StatusOK}, c.stream, nil
}

func (c *theirs) OnPlay(ctx *gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) {
	c.played.Add(1)
	ctx.Session.OnPacketRTCPAny(func(m *description.Media, pkt rtcp.Packet) {
		if p, ok := pkt.(*rtcp.PictureLossIndication); ok && m.Type == description.MediaTypeVideo && p.MediaSSRC != 0 {
			c.asked.Add(1)
		}
	})
	return &base.Response{StatusCode: base.StatusOK}, nil
}

func openTheirs(t *testing.T, change func(c *theirs)) *theirs {
	t.Helper()
	c := &theirs{desc: &description.Session{Title: "gate", Medias: []*description.Media{
		{Type: description.MediaTypeVideo, Formats: []format.Format{&format.H264{PayloadTyp: 96, PacketizationMode: 1, SPS: testSPS, PPS: testPPS}}},
		{Type: description.MediaTypeAudio, Formats: []format.Format{&format.G711{PayloadTyp: 8, SampleRate: 8000, ChannelCount: 1}}},
	}}}
	for port := 20000; port < 30000; port += 100 { // gortsplib wants its ports named
		c.srv = &gortsplib.Server{Handler: c, RTSPAddress: fmt.Sprintf("127.0.0.1:%d", port+2), UDPRTPAddress: fmt.Sprintf("127.0.0.1:%d", port), UDPRTCPAddress: fmt.Sprintf("127.0.0.1:%d", port+1)}
		change(c)
		c.addr = c.srv.RTSPAddress
		if err := c.srv.Start(); err == nil {
			break
		}
	}
	t.Cleanup(c.srv.Close)
	c.stream = &gortsplib.ServerStream{Server: c.srv, Desc: c.desc}
	if err := c.stream.Initialize(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.stream.Close)
	return c
}

// run sends frames until the test ends.
func (c *theirs) run(t *testing.T) {
	enc := &rtph264.Encoder{PayloadType: 96, PacketizationMode: 1}
	if err := enc.Init(); err != nil {
		t.Fatal(err)
	}
	stop, done := make(chan bool), make(chan bool)
	t.Cleanup(func() { close(stop); <-done })
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			var nals [][]byte
			for avcc := unitBytes(i, 6000, i%10 == 0); len(avcc) > 0; {
				n := 4 + int(avcc[2])<<8 + int(avcc[3])
				nals = append(nals, avcc[4:n])
				avcc = avcc[n:]
			}
			pkts, _ := enc.Encode(nals)
			for _, p := range pkts {
				p.Timestamp = uint32(i * 3600)
				c.stream.WritePacketRTP(c.desc.Medias[0], p)
			}
			c.stream.WritePacketRTP(c.desc.Medias[1], &pionrtp.Packet{Header: pionrtp.Header{Version: 2, PayloadType: 8, SequenceNumber: uint16(i), Timestamp: uint32(i * 320)}, Payload: make([]byte, 320)})
		}
	}()
}

func TestCameraByGortsplib(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(c *theirs)
		options Options
		way     string
	}{
		{"plain", func(*theirs) {}, Options{}, "tcp"},
		{"basic", func(c *theirs) { c.user = "guard"; c.srv.AuthMethods = []auth.VerifyMethod{auth.VerifyMethodBasic} }, Options{User: "guard", Password: "tea & cake"}, "tcp"},
		{"md5", func(c *theirs) { c.user = "guard"; c.srv.AuthMethods = []auth.VerifyMethod{auth.VerifyMethodDigestMD5} }, Options{User: "guard", Password: "tea & cake"}, "tcp"},
		{"sha256", func(c *theirs) {
			c.user = "guard"
			c.srv.AuthMethods = []auth.VerifyMethod{auth.VerifyMethodDigestSHA256}
		}, Options{User: "guard", Password: "tea & cake"}, "tcp"},
		{"all", func(c *theirs) { c.user = "guard" }, Options{User: "guard", Password: "tea & cake"}, "tcp"},
		{"udp", func(*theirs) {}, Options{Transport: "udp"}, "udp"},
		{"second opinion", func(c *theirs) { c.user = "guard" }, Options{User: "guard", Password: "tea & cake", Transport: "tcp", viaRelay: true}, "relay"},
		{"461", func(c *theirs) { c.refused = true }, Options{}, "udp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cam := openTheirs(t, c.change)
			cam.run(t)
			c.options.URL = "rtsp://" + cam.addr + "/gate?channel=1&subtype=0"
			s, e := watch(t, c.options, newLoop(t))
			e.until("30 frames came", func() bool { return e.count.units > 30 && e.count.keys > 1 && e.count.sound > 10 })
			if s.Transport() != c.way {
				t.Errorf("by %s, want %s", s.Transport(), c.way)
			}
			s.SetLazy(300 * time.Millisecond)
			n := e.seen().units
			e.until("more came, lazily", func() bool { return e.count.units > n+30 })
			if d := e.seen().damaged; d > 1 {
				t.Errorf("%d damaged units", d)
			}
			s.RequestKey()
			s.RequestKey() // within a second: not passed on
			for end := time.Now().Add(5 * time.Second); cam.asked.Load() == 0; time.Sleep(10 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("the camera heard no wish for a key frame")
				}
			}
			time.Sleep(50 * time.Millisecond)
			if n := cam.asked.Load(); n != 1 {
				t.Errorf("asked %d times", n)
			}
			s.Close()
			e.until("it is closed", func() bool { return errors.Is(e.closed, ErrClosed) })
		})
	}
}

func TestTLSCamera(t *testing.T) {
	cert, pool := localhost(t)
	cam := openTheirs(t, func(c *theirs) {
		c.srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
		c.srv.UDPRTPAddress, c.srv.UDPRTCPAddress = "", ""
	})
	cam.run(t)
	url := "rtsps://" + cam.addr + "/gate"
	if _, err := Dial(t.Context(), Options{URL: url}); err == nil {
		t.Error("a certificate of nobody was believed")
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	fingerprint := Fingerprint(leaf)
	other := strings.Repeat("AB:", 31) + "AB"
	for _, pin := range []string{"", other} {
		var e *CertificateError
		_, err := Dial(t.Context(), Options{URL: url, User: "guard", Password: "tea & cake", TLS: Believe(pin)})
		if !errors.As(err, &e) || e.Seen != fingerprint || e.Want != pin || !errors.Is(err, ErrUnreachable) {
			t.Errorf("pinned to %q: %v", pin, err)
		}
	}
	if n := cam.tried.Load(); n != 0 {
		t.Errorf("%d requests with a password to a certificate that is not believed", n)
	}
	pinned, err := Dial(t.Context(), Options{URL: url, TLS: Believe(fingerprint)})
	if err != nil {
		t.Fatal(err)
	}
	pinned.Close()
	s, e := watch(t, Options{URL: url, TLS: &tls.Config{RootCAs: pool}}, newLoop(t))
	e.until("30 frames came", func() bool { return e.count.units > 30 && e.count.keys > 1 })
	s.SetLazy(100 * time.Millisecond)
	n := e.seen().units
	e.until("and more, lazily", func() bool { return e.count.units > n+100 })
	s.SetLazy(0)
	n = e.seen().units
	e.until("and more, at once", func() bool { return e.count.units > n+20 })
}

func localhost(t *testing.T) (tls.Certificate, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, _ := x509.ParseCertificate(der)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestPlayerByGortsplib(t *testing.T) {
	cert, pool := localhost(t)
	for _, way := range []string{"tcp", "udp", "tls", "md5", "sha256"} {
		t.Run(way, func(t *testing.T) {
			g := openGate(t, func(g *gate) {
				g.srv.UDP = true
				if way == "tls" {
					g.srv.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
				}
				if way == "md5" || way == "sha256" {
					g.credentials = []Credential{{User: "guard", Password: "tea"}}
				}
			})
			u, _ := base.ParseURL(g.url())
			protocol := gortsplib.ProtocolTCP
			switch way {
			case "udp":
				protocol = gortsplib.ProtocolUDP
			case "tls":
				u.Scheme = "rtsps"
			case "md5", "sha256":
				u, _ = base.ParseURL("rtsp://guard:tea@" + g.addr + "/gate/main")
			}
			c := gortsplib.Client{Scheme: u.Scheme, Host: u.Host, Protocol: &protocol, TLSConfig: &tls.Config{RootCAs: pool}}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			desc, _, err := c.Describe(u)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.SetupAll(desc.BaseURL, desc.Medias); err != nil {
				t.Fatal(err)
			}
			var h264 *format.H264
			media := desc.FindFormat(&h264)
			if media == nil || h264.SPS == nil {
				t.Fatalf("described: %+v", desc)
			}
			dec, _ := h264.CreateDecoder()
			units := make(chan int, 1000)
			c.OnPacketRTP(media, h264, func(pkt *pionrtp.Packet) {
				if au, err := dec.Decode(pkt); err == nil {
					units <- len(au)
				}
			})
			if _, err := c.Play(nil); err != nil {
				t.Fatal(err)
			}
			for i := range 40 {
				g.send(i, i+1, 7000)
				time.Sleep(2 * time.Millisecond)
			}
			for i := range 40 {
				select {
				case n := <-units:
					want := 1
					if i%10 == 0 {
						want = 3
					}
					if n != want {
						t.Fatalf("unit %d has %d NAL units, want %d", i, n, want)
					}
				case <-time.After(3 * time.Second):
					t.Fatalf("%d units came, then none", i)
				}
			}
		})
	}
}
