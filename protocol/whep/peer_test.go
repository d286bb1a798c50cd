package whep

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var testParams = [][]byte{{0x67, 0x64, 0, 0x1f, 0xac, 1, 2, 3}, {0x68, 0xee, 0x3c, 0x80}}

func avcc(nals ...[]byte) (b []byte) {
	for _, n := range nals {
		b = append(b, 0, 0, byte(len(n)>>8), byte(len(n)))
		b = append(b, n...)
	}
	return b
}

// picture is a NAL unit whose bytes tell which one it is.
func picture(n int, key bool, size int) []byte {
	b := bytes.Repeat([]byte{byte(n)}, size)
	b[0] = 0x41
	if key {
		b[0] = 0x65
	}
	return b
}

// viewer is a WebRTC client written by others.
type viewer struct {
	t     *testing.T
	pc    *webrtc.PeerConnection
	peer  *Peer
	rtp   chan *rtp.Packet
	sound chan *rtp.Packet
}

func watch(t *testing.T, p *Port, f *Feed, c Content, set func(*webrtc.SettingEngine)) *viewer {
	t.Helper()
	return watchBy(t, p, f, c, set, func(answer string) string { return answer })
}

func watchBy(t *testing.T, p *Port, f *Feed, c Content, set func(*webrtc.SettingEngine), by func(answer string) string) *viewer {
	t.Helper()
	se := webrtc.SettingEngine{}
	se.SetIncludeLoopbackCandidate(true)
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	if set != nil {
		set(&se)
	}
	me := &webrtc.MediaEngine{}
	if err := me.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(se), webrtc.WithMediaEngine(me)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	v := &viewer{t: t, pc: pc, rtp: make(chan *rtp.Packet, 4096), sound: make(chan *rtp.Packet, 4096)}
	t.Cleanup(func() { pc.GracefulClose() })
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		out := v.rtp
		if track.Kind() == webrtc.RTPCodecTypeAudio {
			out = v.sound
		}
		for {
			pkt, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			out <- pkt
		}
	})
	kinds := []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo}
	if c.Audio != "" {
		kinds = append(kinds, webrtc.RTPCodecTypeAudio)
	}
	for _, k := range kinds {
		if _, err := pc.AddTransceiverFromKind(k, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			t.Fatal(err)
		}
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	parsed, err := ParseOffer(offer.SDP)
	if err != nil {
		t.Fatal(err)
	}
	peer, answer, err := p.Answer(t.Context(), parsed, f, c, Viewer{Reached: netip.MustParseAddr("127.0.0.1")})
	if err != nil {
		t.Fatal(err)
	}
	v.peer = peer
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: by(answer)}); err != nil {
		t.Fatalf("answer refused: %v\n%s", err, answer)
	}
	return v
}

func (v *viewer) packet() *rtp.Packet {
	v.t.Helper()
	select {
	case p := <-v.rtp:
		return p
	case <-time.After(10 * time.Second):
		v.t.Fatal("no packet came")
		return nil
	}
}

func open(t *testing.T) *Port {
	t.Helper()
	p, err := Listen(Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestViewerGetsTheCachedPicturesAndThenLive(t *testing.T) {
	p := open(t)
	f := NewFeed(FeedOptions{Video: "H264"})
	defer f.Close()
	f.SetParams(testParams...)
	for i := range 10 {
		f.Video(avcc(picture(i, i == 0, 5000)), int64(i)*9000, i == 0, time.Now())
	}
	v := watch(t, p, f, Content{Video: "H264", Profile: "64001f"}, nil)
	var units codecs.H264Packet
	seen, last := 0, uint16(0)
	var stream []byte
	var firstTS, lastTS uint32
	for i := 0; seen < 10; i++ {
		pkt := v.packet()
		if i == 0 {
			firstTS = pkt.Timestamp
		} else if pkt.SequenceNumber != last+1 {
			t.Fatalf("sequence %d after %d", pkt.SequenceNumber, last)
		}
		last, lastTS = pkt.SequenceNumber, pkt.Timestamp
		raw, err := units.Unmarshal(pkt.Payload)
		if err != nil {
			t.Fatal(err)
		}
		stream = append(stream, raw...)
		if pkt.Marker {
			seen++
		}
	}
	want := append([]byte{0, 0, 0, 1}, testParams[0]...)
	want = append(append(want, 0, 0, 0, 1), testParams[1]...)
	for i := range 10 {
		want = append(append(want, 0, 0, 0, 1), picture(i, i == 0, 5000)...)
	}
	if !bytes.Equal(stream, want) {
		t.Fatalf("pictures arrived changed: %d bytes, want %d", len(stream), len(want))
	}
	if span := lastTS - firstTS; span > 9000 {
		t.Errorf("the burst spans %d ticks; a viewer would lag behind by as much", span)
	}
	f.Video(avcc(picture(77, false, 300)), 90000, false, time.Now())
	pkt := v.packet()
	if got := pkt.Timestamp - lastTS; got != 9000 || !pkt.Marker || pkt.Payload[1] != 77 {
		t.Errorf("live picture: %d ticks after the last, %v", got, pkt.Header)
	}
	if p.Offload() {
		t.Log("with segmentation offload")
	}
}

func TestLostPacketsComeAgainAndKeyFramesAreAskedForOncePerSecond(t *testing.T) {
	p := open(t)
	asked := atomic.Int32{}
	f := NewFeed(FeedOptions{Video: "H264", AskKey: func() { asked.Add(1) }})
	defer f.Close()
	v := watch(t, p, f, Content{Video: "H264"}, nil)
	waitFor(t, "join", func() bool { return f.Viewers() == 1 })
	waitFor(t, "a key frame asked for at the start", func() bool { return asked.Load() == 1 })
	f.Video(avcc(picture(1, true, 3000)), 0, true, time.Now())
	first := v.packet()
	for range 2 {
		v.packet()
	}
	nack := &rtcp.TransportLayerNack{MediaSSRC: first.SSRC, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{first.SequenceNumber, first.SequenceNumber + 2, first.SequenceNumber + 900})}
	if err := v.pc.WriteRTCP([]rtcp.Packet{nack}); err != nil {
		t.Fatal(err)
	}
	// pion's replay window swallows the copies: count at our side.
	waitFor(t, "two packets again", func() bool { return f.Stats().Resent == 2 })
	for range 20 {
		_ = v.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: first.SSRC}})
	}
	waitFor(t, "wishes heard", func() bool { return f.Stats().Wishes >= 10 })
	if n := asked.Load(); n > 2 {
		t.Errorf("the camera was asked %d times within a second", n)
	}
}

func TestSoundGoesAlong(t *testing.T) {
	p := open(t)
	f := NewFeed(FeedOptions{Video: "H264"})
	defer f.Close()
	v := watch(t, p, f, Content{Video: "H264", Audio: "PCMA"}, nil)
	waitFor(t, "join", func() bool { return f.Viewers() == 1 })
	if !v.peer.Sound() {
		t.Fatal("no sound agreed")
	}
	for i := range 5 {
		f.Audio(bytes.Repeat([]byte{byte(i)}, 160), int64(i)*160, time.Now())
	}
	for i := range 5 {
		select {
		case pkt := <-v.sound:
			if len(pkt.Payload) != 160 || pkt.Payload[0] != byte(i) || pkt.PayloadType != 8 {
				t.Fatalf("sound %d: %v", i, pkt)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("no sound came")
		}
	}
}

func TestOverTCPOnTheSameNumber(t *testing.T) {
	p := open(t)
	f := NewFeed(FeedOptions{Video: "H264"})
	defer f.Close()
	f.Video(avcc(picture(9, true, 20000)), 0, true, time.Now())
	v := watch(t, p, f, Content{Video: "H264"}, func(se *webrtc.SettingEngine) {
		se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	})
	for !v.packet().Marker {
	}
	if v.peer.at.Load().tcp == nil {
		t.Error("the picture did not come over TCP")
	}
}

// outOfFiles is a listener that fails some times before it goes on.
type outOfFiles struct {
	net.Listener
	times atomic.Int32
}

func (l *outOfFiles) Accept() (net.Conn, error) {
	if l.times.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return l.Listener.Accept()
}

// A moment without file descriptors does not make the port deaf for TCP until the next start.
func TestTCPGoesOnAfterAnError(t *testing.T) {
	p := open(t)
	for _, l := range p.listeners {
		l.Close()
	}
	l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Number())))
	if err != nil {
		t.Fatal(err)
	}
	out := &outOfFiles{Listener: l}
	out.times.Store(2)
	p.listeners = []net.Listener{out}
	p.running.Add(1)
	go func() { defer p.running.Done(); p.acceptTCP(out) }()
	f := NewFeed(FeedOptions{Video: "H264"})
	defer f.Close()
	f.Video(avcc(picture(9, true, 20000)), 0, true, time.Now())
	v := watch(t, p, f, Content{Video: "H264"}, func(se *webrtc.SettingEngine) {
		se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	})
	for !v.packet().Marker {
	}
}

func TestNoByteAfterClose(t *testing.T) {
	p := open(t)
	f := NewFeed(FeedOptions{Video: "H264"})
	defer f.Close()
	v := watch(t, p, f, Content{Video: "H264"}, nil)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
				f.Video(avcc(picture(i, i%10 == 0, 4000)), int64(i)*180, i%10 == 0, time.Now())
			}
		}
	}()
	defer func() { close(stop); <-done }()
	for range 20 {
		v.packet()
	}
	told := make(chan struct{})
	v.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateClosed {
			close(told)
		}
	})
	v.peer.Close()
	before := f.Stats()
	select {
	case <-told: // by DTLS, not by silence
	case <-time.After(3 * time.Second):
		t.Error("the viewer was not told of the end")
	}
	late := time.After(2 * time.Second)
	for here := true; here; { // what was on its way, or in the socket's buffer
		select {
		case <-v.rtp:
		case <-time.After(200 * time.Millisecond):
			here = false
		case <-late:
			t.Fatal("packets go on coming after the end")
		}
	}
	time.Sleep(300 * time.Millisecond)
	if after := f.Stats(); after.Packets != before.Packets || after.Viewers != 0 {
		t.Errorf("%d packets were sent after the end", after.Packets-before.Packets)
	}
	if n := len(v.rtp); n > 0 {
		t.Errorf("%d packets arrived after the end", n)
	}
	if !errors.Is(v.peer.Err(), ErrClosed) {
		t.Errorf("ended by %v", v.peer.Err())
	}
}

func TestTheViewerSaysGoodbye(t *testing.T) {
	p := open(t)
	f := NewFeed(FeedOptions{Video: "H264"})
	defer f.Close()
	v := watch(t, p, f, Content{Video: "H264"}, nil)
	waitFor(t, "join", func() bool { return f.Viewers() == 1 })
	// The server joins a moment before the viewer has its last handshake message. Who leaves in that moment has no keys to
	// say goodbye with, and is noticed by its silence.
	waitFor(t, "the viewer's end of the handshake", func() bool { return v.pc.ConnectionState() == webrtc.PeerConnectionStateConnected })
	v.pc.Close()
	select {
	case <-v.peer.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("the goodbye went unnoticed")
	}
	if f.Viewers() != 0 || !errors.Is(v.peer.Err(), ErrLeft) {
		t.Errorf("%d viewers, ended by %v", f.Viewers(), v.peer.Err())
	}
}

func TestAStrangersCertificateIsRefused(t *testing.T) {
	p := open(t)
	f := NewFeed(FeedOptions{Video: "H264"})
	defer f.Close()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	defer pc.GracefulClose()
	_, _ = pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	offer, _ := pc.CreateOffer(nil)
	_ = pc.SetLocalDescription(offer)
	parsed, err := ParseOffer(offer.SDP)
	if err != nil {
		t.Fatal(err)
	}
	parsed.fingerprint[3] ^= 1
	peer, answer, err := p.Answer(context.Background(), parsed, f, Content{Video: "H264"}, Viewer{})
	if err != nil {
		t.Fatal(err)
	}
	_ = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer})
	select {
	case <-peer.Done():
		if !strings.Contains(peer.Err().Error(), "handshake") {
			t.Errorf("ended by %v", peer.Err())
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the handshake was not refused")
	}
	if f.Viewers() != 0 {
		t.Error("a stranger got in")
	}
}

func TestRestartKeepsThePictureGoing(t *testing.T) {
	p := open(t)
	f := NewFeed(FeedOptions{Video: "H264"})
	defer f.Close()
	v := watch(t, p, f, Content{Video: "H264"}, nil)
	waitFor(t, "join", func() bool { return f.Viewers() == 1 })
	before := v.peer.ETag()
	offer, err := v.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	fragment, err := v.peer.Restart("fresh")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseFragment(fragment)
	if err != nil || got.Candidates == 0 || v.peer.ETag() == before {
		t.Fatalf("%v %+v %s", err, got, v.peer.ETag())
	}
	old := v.pc.CurrentRemoteDescription().SDP
	var lines []string
	for line := range strings.Lines(old) {
		switch {
		case strings.HasPrefix(line, "a=ice-ufrag:"):
			line = "a=ice-ufrag:" + got.Ufrag + "\r\n"
		case strings.HasPrefix(line, "a=ice-pwd:"):
			line = "a=ice-pwd:" + got.Pwd + "\r\n"
		}
		lines = append(lines, line)
	}
	if err := v.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: strings.Join(lines, "")}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the new path", func() bool { v.peer.mu.Lock(); defer v.peer.mu.Unlock(); return v.peer.nominated })
	f.Video(avcc(picture(5, true, 3000)), 0, true, time.Now())
	for !v.packet().Marker {
	}
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s: not within 10 s", what)
}
