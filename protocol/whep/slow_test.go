package whep

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
)

// slowWay is a slow line between a viewer and the port: of what the server sends it takes in next to nothing while it stands.
type slowWay struct {
	l      net.Listener
	up     chan net.Conn // to the server
	stands atomic.Bool
	over   chan struct{}
	wait   sync.WaitGroup
}

func lay(t *testing.T, p *Port) *slowWay {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &slowWay{l: l, up: make(chan net.Conn, 8), over: make(chan struct{})}
	dial := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4<<10) })
	}}
	s.wait.Go(func() {
		for {
			down, err := l.Accept()
			if err != nil {
				return
			}
			up, err := dial.DialContext(t.Context(), "tcp4", fmt.Sprintf("127.0.0.1:%d", p.Number()))
			if err != nil {
				down.Close()
				continue
			}
			s.up <- up
			s.wait.Go(func() { _, _ = io.Copy(up, down); up.Close() })
			s.wait.Go(func() {
				defer down.Close()
				buf := make([]byte, 2<<10)
				for !s.stands.Load() {
					_ = up.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
					n, err := up.Read(buf)
					if _, e := down.Write(buf[:n]); e != nil {
						return
					}
					if ne, ok := err.(net.Error); err != nil && !(ok && ne.Timeout()) {
						return
					}
				}
				<-s.over
			})
		}
	})
	return s
}

// through has a viewer come by way of the line.
func (s *slowWay) through(answer string) string {
	var lines []string
	for one := range strings.Lines(answer) {
		if f := strings.Fields(one); strings.HasPrefix(one, "a=candidate:") && len(f) > 5 {
			if !strings.EqualFold(f[2], "tcp") {
				continue
			}
			_, f[5], _ = net.SplitHostPort(s.l.Addr().String())
			one = strings.Join(f, " ") + "\r\n"
		}
		lines = append(lines, one)
	}
	return strings.Join(lines, "")
}

func (s *slowWay) end() {
	s.l.Close()
	close(s.over)
	s.wait.Wait()
}

// A viewer behind a slow line has megabytes coming in the system when his time is over. None of them come.
func TestASlowViewerOverTCPGetsNothingAfterTheEnd(t *testing.T) {
	p := open(t)
	f := NewFeed(FeedOptions{Video: "H264"})
	defer f.Close()
	s := lay(t, p)
	defer s.end()
	v := watchBy(t, p, f, Content{Video: "H264"}, func(se *webrtc.SettingEngine) {
		se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	}, s.through)
	waitFor(t, "join", func() bool { return f.Viewers() == 1 })
	up := <-s.up
	defer up.Close()
	f.Video(avcc(picture(0, true, 3000)), 0, true, time.Now())
	v.packet()
	s.stands.Store(true)
	begun := time.Now()
	for i := 1; f.Stats().LeftOut == 0; i++ { // until neither the system nor we hold more
		if time.Since(begun) > 8*time.Second {
			t.Fatal("there is room without end")
		}
		f.Video(avcc(picture(i, true, 30_000)), int64(i)*3600, true, time.Now())
		time.Sleep(time.Millisecond)
	}
	waits := unsent(v.peer.at.Load().tcp.conn)
	v.peer.Close()
	time.Sleep(farewell + 200*time.Millisecond)
	_ = up.SetReadDeadline(time.Now().Add(5 * time.Second))
	left, err := io.Copy(io.Discard, up)
	if e, ok := err.(net.Error); ok && e.Timeout() {
		t.Error("the connection stays open")
	}
	if waits < 200<<10 {
		t.Errorf("only %d bytes were on the way", waits)
	}
	if left > 64<<10 {
		t.Errorf("%d of %d bytes came after the end", left, waits)
	}
	t.Logf("%d of %d bytes came after the end: %v", left, waits, err)
}

// A viewer over TCP who keeps up is told of the end at once, as over UDP.
func TestAViewerOverTCPIsTold(t *testing.T) {
	p := open(t)
	f := NewFeed(FeedOptions{Video: "H264"})
	defer f.Close()
	v := watch(t, p, f, Content{Video: "H264"}, func(se *webrtc.SettingEngine) {
		se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	})
	told := make(chan struct{})
	v.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateClosed {
			close(told)
		}
	})
	waitFor(t, "join", func() bool { return f.Viewers() == 1 })
	f.Video(avcc(picture(0, true, 20_000)), 0, true, time.Now())
	for !v.packet().Marker {
	}
	v.peer.Close()
	select {
	case <-told: // by DTLS: a connection that only broke is "failed", and much later
	case <-time.After(3 * time.Second):
		t.Error("the viewer was not told of the end")
	}
}
