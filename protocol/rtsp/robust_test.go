package rtsp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli.dev/linli/protocol/rtp"
)

// Datagrams that come in the wrong order, twice and not at all; and some of a stranger.
func TestBadNetwork(t *testing.T) {
	out, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	_, port, _ := net.SplitHostPort(out.LocalAddr().String())
	var to *net.UDPAddr
	cam := openOdd(t, func(m *message) string {
		if m.Method == "SETUP" {
			v, _ := parameter(m.Header.Get("Transport"), "client_port")
			first, _, _ := strings.Cut(v, "-")
			to, _ = net.ResolveUDPAddr("udp", "127.0.0.1:"+first)
			return ok(m, "Transport: RTP/AVP;unicast;source=127.0.0.1;client_port="+v+";server_port="+port+"-"+port, "Session: 1")
		}
		return usual(m)
	})
	_, e := watch(t, Options{URL: "rtsp://" + cam.addr + "/", Transport: "udp"}, newLoop(t))
	stranger, err := net.ListenPacket("udp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()

	p := rtp.Packer{PayloadType: 96, SSRC: 7, Sequence: 65000, Channel: -1}
	rnd := rand.New(rand.NewPCG(5, 6))
	const units = 150
	lost := 0
	var waiting [][]byte
	for i := range units {
		run := p.AppendH264(nil, uint32(i*3600), unitBytes(i, 5000, i%10 == 0))
		for pkt, rest := p.Next(run); pkt != nil; pkt, rest = p.Next(rest) {
			waiting = append(waiting, pkt)
		}
		if i == 75 { // one unit loses a packet for good
			waiting = append(waiting[:len(waiting)-2], waiting[len(waiting)-1])
			lost++
		}
		stranger.WriteTo(bytes.Repeat([]byte{0x80}, 100), to)
		if i%3 == 2 {
			rnd.Shuffle(len(waiting)/2, func(a, b int) { waiting[a], waiting[b] = waiting[b], waiting[a] })
			for _, pkt := range waiting {
				out.WriteTo(pkt, to)
				if rnd.IntN(5) == 0 {
					out.WriteTo(pkt, to)
				}
			}
			waiting = nil
			time.Sleep(3 * time.Millisecond)
		}
	}
	e.until("the last unit is there", func() bool { return e.count.last == units-1 })
	if got := e.seen(); got.units != units || got.damaged < lost || got.damaged > 2*lost {
		t.Errorf("%+v; %d lost a packet", got, lost)
	}
}

// A receive buffer that does not hold the interval: the session is read more often, and the camera is never held up.
func TestLazyWithSmallBuffer(t *testing.T) {
	g := openGate(t, func(g *gate) { g.srv.Queue = -1; g.srv.SendBuffer = 64 << 10 })
	s, e := watch(t, Options{URL: g.url(), ReceiveBuffer: 128 << 10}, newLoop(t))
	s.SetLazy(time.Second)
	for i := range 200 { // 1.6 MB/s, 13 times what the buffer holds
		g.group.WriteUnit(0, uint32(i*3600), 0, unitBytes(i, 8000, i%10 == 0), i%10 == 0)
		time.Sleep(5 * time.Millisecond)
	}
	s.SetLazy(0)
	e.until("the last is there", func() bool { return e.count.last == 199 })
	if got := e.seen(); got.units != 200 || got.damaged != 0 {
		t.Errorf("%+v: the camera was held up", got)
	}
}

// A camera with the small send buffer of a real one and large key frames, read only twice a second: nothing is lost in its buffer, because what it
// sends is acknowledged although nobody has read it.
func TestLazyLosesNoLargeKeyFrame(t *testing.T) {
	for _, pacing := range []string{"frame", "packet"} {
		t.Run(pacing, func(t *testing.T) {
			t.Parallel()
			outs := make(chan *Out, 1)
			f := &costFarm{d: &Description{Medias: videoAndSound().Medias[:1]}, outs: outs}
			srv := &Server{Handler: f, Loop: newLoop(t), SendBuffer: 64 << 10, Queue: -1}
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var served sync.WaitGroup
			ctx, cancel := context.WithCancel(context.Background())
			served.Go(func() { srv.Serve(ctx, ln) })
			defer served.Wait()
			defer cancel()
			s, e := watch(t, Options{URL: "rtsp://" + ln.Addr().String() + "/gate/main"}, newLoop(t))
			s.SetLazy(500 * time.Millisecond)
			o := <-outs
			pack := rtp.Packer{PayloadType: 96, SSRC: 7, Channel: 0}
			const frames = 75
			tick := time.NewTicker(40 * time.Millisecond)
			defer tick.Stop()
			for i := range frames {
				<-tick.C
				key, size := i%25 == 0, 6000
				if key {
					size = 195 << 10
				}
				run := pack.AppendH264(nil, uint32(i*3600), unitBytes(i, size, key))
				for first := true; len(run) > 0; first = false {
					n := len(run)
					if pacing == "packet" {
						n = 4 + int(run[2])<<8 + int(run[3])
					}
					o.WriteFrame(0, run[:n], key && first)
					run = run[n:]
				}
			}
			e.until("the last is there", func() bool { return e.count.last == frames-1 })
			if got := e.seen(); o.Dropped() > 0 || got.units != frames || got.damaged > 0 {
				t.Errorf("the camera's send buffer dropped %d; seen %+v", o.Dropped(), got)
			}
		})
	}
}

// A camera that floods takes turns with the others of its thread.
func TestFlood(t *testing.T) {
	loop := newLoop(t)
	bad := openOdd(t, usual)
	_, noise := watch(t, Options{URL: "rtsp://" + bad.addr + "/", ReceiveBuffer: 4 << 20}, loop)
	stop, done := make(chan bool), make(chan bool)
	defer func() { close(stop); <-done }()
	go func() {
		defer close(done)
		flood := framedUnits(0, 1, 30000)
		for len(flood) < 1<<20 {
			flood = append(flood, flood...)
		}
		for {
			select {
			case <-stop:
				return
			default:
				bad.write(flood)
			}
		}
	}()
	noise.until("the flood is there", func() bool { return noise.count.packets > 0 })
	g := openGate(t, nil)
	_, e := watch(t, Options{URL: g.url()}, loop)
	var worst time.Duration
	for i := range 50 {
		start := time.Now()
		g.send(i, i+1, 5000)
		e.until("a frame is there", func() bool { return e.count.last == i })
		worst = max(worst, time.Since(start))
	}
	if worst > 500*time.Millisecond {
		t.Errorf("beside a flood, a frame took %v", worst)
	}
}

func openFiles() int {
	all, _ := os.ReadDir("/proc/self/fd")
	return len(all)
}

// Connecting and leaving, on every way, leaves nothing behind.
func TestNothingIsLeft(t *testing.T) {
	rounds := 100
	if os.Getenv("LINLI_SOAK") != "" {
		rounds = 1000
	}
	g := openGate(t, func(g *gate) { g.srv.UDP = true })
	loop := newLoop(t)
	goroutines, files := 0, 0
	for i := range rounds {
		if i == 10 { // everything that stays is there
			time.Sleep(1200 * time.Millisecond)
			goroutines, files = runtime.NumGoroutine(), openFiles()
		}
		o := Options{URL: g.url(), Transport: []string{"tcp", "udp"}[i%2]}
		s, err := Dial(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		switch i % 5 {
		case 0: // leaves before it plays
		case 1:
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := s.Play(ctx, []int{0, 1}, loop, newEye(t, s.Medias)); err == nil {
				t.Error("played in spite of a context that had ended")
			}
		default:
			e := newEye(t, s.Medias)
			if err := s.Play(t.Context(), []int{0, 1}, loop, e); err != nil {
				t.Fatal(err)
			}
			s.SetLazy(time.Duration(i%3) * 100 * time.Millisecond)
			g.send(0, 2, 3000)
			if i%7 == 0 {
				g.srv.closeAll()
				e.until("it is hung up", func() bool { return e.closed != nil })
			}
		}
		s.Close()
		s.Close()
	}
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		n, f := runtime.NumGoroutine(), openFiles()
		if n <= goroutines && f <= files {
			break
		}
		if time.Now().After(end) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines (were %d), %d files (were %d)\n%s", n, goroutines, f, files, buf[:runtime.Stack(buf, true)])
		}
	}
	if n := g.group.Len(); n != 0 {
		t.Errorf("%d readers are left", n)
	}
}

// Many goroutines do everything at once to the same sessions.
func TestAllAtOnce(t *testing.T) {
	g := openGate(t, func(g *gate) { g.now = true })
	loop := newLoop(t)
	var all sync.WaitGroup
	for range 8 {
		s, e := watch(t, Options{URL: g.url()}, loop)
		all.Go(func() {
			for i := range 20 {
				s.SetLazy(time.Duration(i%2) * 50 * time.Millisecond)
				loop.Do(s, func() {})
				time.Sleep(time.Millisecond)
			}
			s.Close()
			e.until("it is closed", func() bool { return errors.Is(e.closed, ErrClosed) })
		})
	}
	all.Go(func() { g.send(0, 60, 20000) })
	all.Wait()
	loop.Close()
	if _, err := Dial(t.Context(), Options{URL: g.url()}); err != nil {
		t.Error(err)
	}
	s, err := Dial(t.Context(), Options{URL: g.url()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Play(t.Context(), []int{0}, loop, newEye(t, s.Medias)); !errors.Is(err, ErrClosed) {
		t.Errorf("on a closed loop: %v", err)
	}
}

// A camera that hangs up after it has asked for a password is called again.
func TestHangsUpAfterAsking(t *testing.T) {
	var cam *odd
	var tries atomic.Int32
	cam = openOdd(t, func(m *message) string {
		if m.Method == "DESCRIBE" {
			if line := m.Header.Get("Authorization"); line == "" {
				go func() { time.Sleep(5 * time.Millisecond); cam.hangUp() }()
				return "RTSP/1.0 401 Unauthorized\r\nCSeq: " + m.Header.Get("CSeq") + "\r\nConnection: close\r\nWWW-Authenticate: Digest realm=\"c\", nonce=\"n\"\r\n\r\n"
			}
			tries.Add(1)
		}
		return usual(m)
	})
	s, err := Dial(t.Context(), Options{URL: fmt.Sprintf("rtsp://guard:tea@%s/", cam.addr)})
	if err != nil || tries.Load() != 1 {
		t.Fatalf("%v, %d tries", err, tries.Load())
	}
	s.Close()
}

// GStreamer as a viewer.
func TestPlayerByGStreamer(t *testing.T) {
	t.Parallel()
	need(t, "gst-launch-1.0")
	for _, way := range []string{"tcp", "udp"} {
		units, keys, params := clip(t, "libx264", func(n []byte) bool { return n[0]&0x1f == 5 }, func(n []byte) bool { return n[0]&0x1f == 7 || n[0]&0x1f == 8 })
		g := openGate(t, func(g *gate) {
			g.now, g.srv.UDP = true, true
			g.d.Medias = g.d.Medias[:1]
			g.d.Medias[0].Params = params
			g.credentials = []Credential{{User: "guard", Password: "tea"}}
		})
		stop, done := make(chan bool), make(chan bool)
		go func() {
			defer close(done)
			for i := 0; ; i++ {
				g.group.WriteUnit(0, uint32(i*3600), time.Now().UnixNano(), units[i%len(units)], keys[i%len(units)])
				select {
				case <-stop:
					return
				case <-time.After(40 * time.Millisecond):
				}
			}
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		out, err := exec.CommandContext(ctx, "gst-launch-1.0", "-q", "rtspsrc", "location="+g.url(), "user-id=guard", "user-pw=tea", "latency=100", "protocols="+way,
			"!", "rtph264depay", "!", "h264parse", "!", "identity", "eos-after=40", "!", "fakesink").CombinedOutput()
		cancel()
		close(stop)
		<-done
		if err != nil || bytes.Contains(out, []byte("ERROR")) {
			t.Errorf("%s: %v\n%s", way, err, out)
		}
	}
}
