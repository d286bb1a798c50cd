package camsim_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/demo/camsim"
	"linli.dev/linli/demo/clips"
	"linli.dev/linli/protocol/rtp"
	"linli.dev/linli/protocol/rtsp"
)

// viewer keeps the headers of what it gets.
type viewer struct {
	mu      sync.Mutex
	heads   map[int][]rtp.Header
	bytes   int
	reports map[int]int
	err     error
	gone    chan struct{}
}

func (v *viewer) Packet(media int, _ int64, pkt []byte) {
	h, payload, err := rtp.Parse(pkt)
	v.mu.Lock()
	defer v.mu.Unlock()
	if err != nil {
		v.err = err
		return
	}
	v.heads[media] = append(v.heads[media], h)
	v.bytes += len(payload)
}

func (v *viewer) SenderReport(media int, _ uint64, _ uint32, _ int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.reports[media]++
}
func (v *viewer) Batch() {}
func (v *viewer) Closed(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err == nil {
		v.err = err
	}
	close(v.gone)
}

func (v *viewer) count(media int) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.heads[media])
}

func (v *viewer) copyOf(media int) []rtp.Header {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]rtp.Header(nil), v.heads[media]...)
}

func simulate(t *testing.T, o camsim.Options) *camsim.Simulator {
	t.Helper()
	o.Listen = "127.0.0.1:0"
	s, err := camsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func loop(t *testing.T) *rtsp.Loop {
	t.Helper()
	l, err := rtsp.NewLoop(rtsp.LoopOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func watch(t *testing.T, l *rtsp.Loop, o rtsp.Options) (*viewer, *rtsp.Session) {
	t.Helper()
	v, s, err := try(l, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return v, s
}

func try(l *rtsp.Loop, o rtsp.Options) (*viewer, *rtsp.Session, error) {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	s, err := rtsp.Dial(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	v := &viewer{heads: map[int][]rtp.Header{}, reports: map[int]int{}, gone: make(chan struct{})}
	var all []int
	for i := range s.Medias {
		all = append(all, i)
	}
	if err := s.Play(ctx, all, l, v); err != nil {
		return nil, nil, err
	}
	return v, s, nil
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(8 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s: not within 8 s", what)
}

// Numbers run on without a hole also where the clip begins anew.
func TestPacketsRunOn(t *testing.T) {
	for _, pacing := range []string{"frame", "packet"} {
		t.Run(pacing, func(t *testing.T) {
			s := simulate(t, camsim.Options{Count: 4, Pacing: pacing})
			l := loop(t)
			// Camera 3 began 2.9 s before the end of its clip.
			v, _ := watch(t, l, rtsp.Options{URL: s.URL(3, "main"), Transport: "tcp"})
			wait(t, "three seconds of pictures", func() bool {
				h := v.copyOf(0)
				return len(h) > 0 && h[len(h)-1].Timestamp-h[0].Timestamp > 3*90000
			})
			heads := v.copyOf(0)
			if at := heads[0].Timestamp; at == 0 {
				t.Error("it begins at 0: a camera runs for longer")
			}
			for i := 1; i < len(heads); i++ {
				a, b := heads[i-1], heads[i]
				if b.Sequence != a.Sequence+1 || b.SSRC != a.SSRC || b.PayloadType != a.PayloadType {
					t.Fatalf("packet %d: %+v after %+v", i, b, a)
				}
				if step := b.Timestamp - a.Timestamp; a.Marker && step != 3600 || !a.Marker && step != 0 {
					t.Fatalf("packet %d: %+v after %+v", i, b, a)
				}
			}
			v.mu.Lock()
			defer v.mu.Unlock()
			if v.reports[0] == 0 {
				t.Error("no sender report")
			}
		})
	}
}

func TestEveryDrawnSceneIsServed(t *testing.T) {
	scenes := clips.Scenes()
	s := simulate(t, camsim.Options{Count: len(scenes)})
	l := loop(t)
	codecs := map[string]bool{}
	for i := range scenes {
		for _, which := range []string{"main", "sub"} {
			v, session := watch(t, l, rtsp.Options{URL: s.URL(i, which)})
			for m, media := range session.Medias {
				codecs[media.Codec] = true
				wait(t, fmt.Sprintf("%s %s %s", scenes[i].Name, which, media.Codec), func() bool { return v.count(m) > 3 })
			}
		}
	}
	for _, want := range []string{"H264", "H265", "AAC"} {
		if !codecs[want] {
			t.Errorf("no scene is in %s", want)
		}
	}
}

func TestPassword(t *testing.T) {
	s := simulate(t, camsim.Options{User: "linli", Password: "secret"})
	l := loop(t)
	for _, p := range []string{"", "wrong"} {
		if _, _, err := try(l, rtsp.Options{URL: s.URL(0, "main"), User: "linli", Password: p}); !errors.Is(err, rtsp.ErrUnauthorized) {
			t.Errorf("%q: %v", p, err)
		}
	}
	v, _ := watch(t, l, rtsp.Options{URL: s.URL(0, "main"), User: "linli", Password: "secret"})
	wait(t, "pictures", func() bool { return v.count(0) > 0 })
}

func TestWrongPaths(t *testing.T) {
	s := simulate(t, camsim.Options{Count: 2})
	l := loop(t)
	for _, path := range []string{"cam0002/main", "cam0000/other", "cam-1/main", "x", "", "cam0000"} {
		var status *rtsp.StatusError
		if _, _, err := try(l, rtsp.Options{URL: "rtsp://" + s.Addr() + "/" + path}); !errors.As(err, &status) || status.Code != 404 {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func TestFaults(t *testing.T) {
	s := simulate(t, camsim.Options{Count: 8})
	l := loop(t)
	main := func(n int) rtsp.Options { return rtsp.Options{URL: s.URL(n, "main"), Transport: "tcp"} }

	t.Run("drop", func(t *testing.T) {
		v, _ := watch(t, l, main(0))
		wait(t, "pictures", func() bool { return v.count(0) > 0 })
		if err := s.Stop(0); err != nil {
			t.Fatal(err)
		}
		select {
		case <-v.gone:
		case <-time.After(5 * time.Second):
			t.Fatal("the connection stays")
		}
		if _, _, err := try(l, main(0)); err == nil {
			t.Error("a camera that is away answers")
		}
		if err := s.Start(0); err != nil {
			t.Fatal(err)
		}
		again, _ := watch(t, l, main(0))
		wait(t, "pictures again", func() bool { return again.count(0) > 0 })
	})
	t.Run("stall", func(t *testing.T) {
		v, _ := watch(t, l, main(1))
		wait(t, "pictures", func() bool { return v.count(0) > 0 })
		if err := s.Fault(1, "stall", 700*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		time.Sleep(150 * time.Millisecond)
		before := v.count(0)
		time.Sleep(300 * time.Millisecond)
		if after := v.count(0); after != before {
			t.Errorf("%d packets while stalled", after-before)
		}
		wait(t, "it ends by itself", func() bool { return v.count(0) > before })
	})
	t.Run("clock-jump", func(t *testing.T) {
		v, _ := watch(t, l, main(2))
		sub, _ := watch(t, l, rtsp.Options{URL: s.URL(2, "sub")})
		wait(t, "pictures", func() bool { return v.count(0) > 0 && sub.count(0) > 0 })
		if err := s.Fault(2, "clock-jump", time.Second); err != nil {
			t.Fatal(err)
		}
		for name, one := range map[string]*viewer{"main": v, "sub": sub} {
			wait(t, name, func() bool {
				h := one.copyOf(0)
				for i := 1; i < len(h); i++ {
					if step := int32(h[i].Timestamp - h[i-1].Timestamp); step > 3599*90000 {
						return true
					}
				}
				return false
			})
		}
		if err := s.Fault(2, "clock-jump", 0); err != nil {
			t.Fatal(err)
		}
		wait(t, "the clock is set right", func() bool {
			h := v.copyOf(0)
			for i := 1; i < len(h); i++ {
				if step := int32(h[i].Timestamp - h[i-1].Timestamp); step < -3599*90000 {
					return true
				}
			}
			return false
		})
	})
	t.Run("corrupt", func(t *testing.T) {
		v, _ := watch(t, l, main(4))
		wait(t, "pictures", func() bool { return v.count(0) > 0 })
		if err := s.Fault(4, "corrupt", 10*time.Second); err != nil {
			t.Fatal(err)
		}
		wait(t, "holes", func() bool {
			h := v.copyOf(0)
			for i := 1; i < len(h); i++ {
				if h[i].Sequence != h[i-1].Sequence+1 || h[i].SSRC != h[i-1].SSRC {
					return true
				}
			}
			select {
			case <-v.gone: // the framing was beyond help
				return true
			default:
				return false
			}
		})
	})
	t.Run("refuse-tcp", func(t *testing.T) {
		if err := s.Fault(5, "refuse-tcp", time.Minute); err != nil {
			t.Fatal(err)
		}
		if _, _, err := try(l, main(5)); err == nil {
			t.Error("TCP is served")
		}
		v, session := watch(t, l, rtsp.Options{URL: s.URL(5, "main"), Transport: "auto"})
		wait(t, "pictures over "+session.Transport(), func() bool { return v.count(0) > 0 })
		if session.Transport() != "udp" {
			t.Error(session.Transport())
		}
	})
	t.Run("no-key", func(t *testing.T) {
		v, _ := watch(t, l, main(6))
		wait(t, "pictures", func() bool { return v.count(0) > 0 })
		if err := s.Fault(6, "no-key", 3*time.Second); err != nil {
			t.Fatal(err)
		}
		wait(t, "a frame is missing", func() bool {
			h := v.copyOf(0)
			for i := 1; i < len(h); i++ {
				if h[i].Timestamp-h[i-1].Timestamp == 7200 {
					if h[i].Sequence != h[i-1].Sequence+1 {
						t.Errorf("%d comes after %d: that is a loss", h[i].Sequence, h[i-1].Sequence)
					}
					return true
				}
			}
			return false
		})
	})
	t.Run("resize", func(t *testing.T) {
		v, _ := watch(t, l, main(1))
		wait(t, "pictures", func() bool { return v.count(0) > 60 })
		if err := s.Fault(1, "resize", time.Minute); err != nil {
			t.Fatal(err)
		}
		mean := func(from int) int {
			v.mu.Lock()
			defer v.mu.Unlock()
			return (v.bytes - from) / 3
		}
		time.Sleep(100 * time.Millisecond)
		v.mu.Lock()
		from := v.bytes
		v.mu.Unlock()
		time.Sleep(2500 * time.Millisecond)
		if got := mean(from); got <= 0 || got > 120_000 {
			t.Errorf("%d bytes a second are no small picture's", got)
		}
	})
	for _, bad := range []func() error{
		func() error { return s.Fault(8, "drop", time.Second) },
		func() error { return s.Fault(-1, "drop", time.Second) },
		func() error { return s.Fault(0, "explode", time.Second) },
	} {
		if bad() == nil {
			t.Error("taken")
		}
	}
}

func TestControl(t *testing.T) {
	s := simulate(t, camsim.Options{Count: 2, Ctl: "127.0.0.1:0"})
	l := loop(t)
	v, _ := watch(t, l, rtsp.Options{URL: s.URL(1, "main"), Transport: "tcp"})
	wait(t, "pictures", func() bool { return v.count(0) > 0 })
	post := func(path, body string) int {
		resp, err := http.Post(s.ControlURL()+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"/cam/0000/fault", `{"kind":"stall","seconds":0.1}`, 204},
		{"/cam/0002/fault", `{"kind":"stall","seconds":1}`, 400},
		{"/cam/0000/fault", `{"kind":"explode","seconds":1}`, 400},
		{"/cam/0000/fault", `{"kind":"stall","seconds":1e300}`, 204},
		{"/cam/0000/fault", `{`, 400},
		{"/cam/x/fault", `{"kind":"stall","seconds":1}`, 400},
		{"/stats", ``, 405},
	} {
		if got := post(c.path, c.body); got != c.status {
			t.Errorf("%s %s: %d", c.path, c.body, got)
		}
	}
	get := func(path string) (out camsim.Stats) {
		resp, err := http.Get(s.ControlURL() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, _ := io.ReadAll(resp.Body)
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatalf("%s: %s", path, raw)
		}
		return out
	}
	if st := get("/stats"); st.Cameras != 2 || st.Readers != 1 || st.Frames == 0 || st.Bytes == 0 || st.CPU == 0 {
		t.Errorf("%+v", st)
	}
	if st := get("/cam/0000/stats"); st.Frames != 0 || st.Readers != 0 {
		t.Errorf("%+v", st)
	}
	if st := get("/cam/0001/stats"); st.Frames == 0 || st.Readers != 1 {
		t.Errorf("%+v", st)
	}
}

// A reader that reads nothing loses frames, is counted, and holds nobody up.
func TestFullBuffer(t *testing.T) {
	s := simulate(t, camsim.Options{Count: 1})
	sleepy, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer sleepy.Close()
	_ = sleepy.(*net.TCPConn).SetReadBuffer(4096)
	ask := func(request string) (answer string) {
		if _, err := sleepy.Write([]byte(request + "\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 1024)
		n, err := sleepy.Read(buf)
		if err != nil || !strings.HasPrefix(string(buf[:n]), "RTSP/1.0 200") {
			t.Fatalf("%v %s", err, buf[:n])
		}
		return string(buf[:n])
	}
	_, rest, _ := strings.Cut(ask("SETUP "+s.URL(0, "main")+"/trackID=0 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1"), "Session: ")
	id, _, _ := strings.Cut(rest, ";")
	ask("PLAY " + s.URL(0, "main") + " RTSP/1.0\r\nCSeq: 2\r\nSession: " + id)

	l := loop(t)
	v, _ := watch(t, l, rtsp.Options{URL: s.URL(0, "main"), Transport: "tcp"})
	wait(t, "dropped frames", func() bool { return s.Stats().Dropped > 0 })
	before := v.count(0)
	wait(t, "the other reader's pictures", func() bool { return v.count(0) > before+50 })
	heads := v.copyOf(0)
	for i := 1; i < len(heads); i++ {
		if heads[i].Sequence != heads[i-1].Sequence+1 {
			t.Fatal("the other reader lost something")
		}
	}
}

// A reader's wish for a key frame is heard, and counted.
func TestKeyRequestsAreCounted(t *testing.T) {
	s := simulate(t, camsim.Options{Count: 1})
	v, session := watch(t, loop(t), rtsp.Options{URL: s.URL(0, "main"), Transport: "tcp"})
	wait(t, "pictures", func() bool { return v.count(0) > 10 })
	session.RequestKey()
	wait(t, "the wish", func() bool { return s.Stats().Asked == 1 })
}

func TestWrongOptions(t *testing.T) {
	for name, o := range map[string]camsim.Options{
		"pacing":   {Pacing: "drip", Listen: "127.0.0.1:0"},
		"address":  {Listen: "256.0.0.1:1"},
		"control":  {Listen: "127.0.0.1:0", Ctl: "256.0.0.1:1"},
		"no file":  {Listen: "127.0.0.1:0", Clip: "testdata/none.mp4"},
		"no clip":  {Listen: "127.0.0.1:0", Clip: "camsim_test.go"},
		"sub only": {Listen: "127.0.0.1:0", SubClip: "testdata/none.mp4", Clip: "testdata/none.mp4"},
	} {
		if s, err := camsim.New(o); err == nil {
			_ = s.Close()
			t.Errorf("%s is taken", name)
		}
	}
}

func TestRun(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- camsim.Run(ctx, camsim.Options{Listen: "127.0.0.1:0"}) }()
	time.Sleep(100 * time.Millisecond)
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("it does not end")
	}
}

// A thousand cameras and more, each read a few times a second: what it costs, and that nothing is lost in the small send buffers meanwhile. (A hundred and
// fifty in the short form.)
func TestManyCameras(t *testing.T) {
	count, lasts := 150, 2*time.Second
	if os.Getenv("LINLI_SOAK") != "" {
		count, lasts = 1200, 20*time.Second
	}
	s := simulate(t, camsim.Options{Count: count})
	l := loop(t)
	for i := range count {
		_, session := watch(t, l, rtsp.Options{URL: s.URL(i, "main"), Transport: "tcp"})
		session.SetLazy(300 * time.Millisecond)
	}
	time.Sleep(2100 * time.Millisecond) // until each has had its first key frame
	a := s.Stats()
	time.Sleep(lasts)
	b := s.Stats()
	frames := float64(b.Frames-a.Frames) / lasts.Seconds() / float64(count)
	t.Logf("%d cameras: %.1f frames/s each, %.1f Mbit/s in all, %.2f cores with the readers, dropped %d, latest %v late", count, frames,
		float64(b.Bytes-a.Bytes)*8/lasts.Seconds()/1e6, (b.CPU-a.CPU).Seconds()/lasts.Seconds(), b.Dropped-a.Dropped, b.Late)
	// A simulator that is itself seconds late sends seconds at once; a hundredth is for that.
	if lost := float64(b.Dropped-a.Dropped) / float64(b.Frames-a.Frames+1); lost > .01 {
		t.Errorf("%.1f %% of the frames dropped", 100*lost)
	}
	if frames < 20 && count < 1000 {
		t.Errorf("%.1f frames a second", frames)
	}
}

// The scene with an H.265 main stream has no other pictures of its codec: a fault that would change nothing is refused.
func TestResizeNeedsOtherPictures(t *testing.T) {
	s := simulate(t, camsim.Options{Count: 4})
	refused := 0
	for i := range 4 {
		if s.Fault(i, "resize", time.Second) != nil {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d of 4 scenes refused, want the one with H.265", refused)
	}
}
