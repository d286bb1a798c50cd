package live

import (
	"context"
	"errors"
	"net"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/rtsp"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// counting is a desktop player that counts.
type counting struct {
	packets [2]atomic.Int64
	closed  chan error
}

func (c *counting) Packet(media int, _ int64, _ []byte)     { c.packets[media].Add(1) }
func (c *counting) SenderReport(int, uint64, uint32, int64) {}
func (c *counting) Batch()                                  {}
func (c *counting) Closed(err error)                        { c.closed <- err }

// serveRTSP opens the house's RTSP door and gives its address.
func serveRTSP(t *testing.T, c *compound) (address string, loop *rtsp.Loop) {
	t.Helper()
	loop, err := rtsp.NewLoop(rtsp.LoopOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	server := &rtsp.Server{Handler: c.room.RTSP(), Loop: loop}
	go func() { defer close(done); _ = server.Serve(ctx, ln) }()
	t.Cleanup(func() { cancel(); <-done; loop.Close() })
	return ln.Addr().String(), loop
}

func TestADesktopPlayerUntilTheLeaseEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := buildOn(t, db)
		c.sound = true
		c.put("gate", start(t, gateClip(t), cmaf.Track{ID: 2, Codec: cmaf.PCMA, Timescale: 8000, SampleRate: 8000, Channels: 1}))
		address, loop := serveRTSP(t, c)
		l := c.look(grant.RTSP)
		play := func() (*counting, *rtsp.Session, error) {
			s, err := rtsp.Dial(t.Context(), rtsp.Options{URL: "rtsp://" + address + "/" + l.ID, Transport: "tcp", Timeout: 5 * time.Second})
			if err != nil {
				return nil, nil, err
			}
			if len(s.Medias) != 2 || s.Medias[0].Codec != "H264" || s.Medias[1].Codec != "PCMA" {
				t.Errorf("medias: %+v", s.Medias)
			}
			got := &counting{closed: make(chan error, 1)}
			return got, s, s.Play(t.Context(), []int{0, 1}, loop, got)
		}
		begun := time.Now()
		one, s, err := play()
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		waitFor(t, "a picture", func() bool { return one.packets[0].Load() > 0 })
		t.Logf("first picture after %v", time.Since(begun).Round(time.Millisecond))
		two, s2, err := play()
		if err != nil {
			t.Fatal(err)
		}
		defer s2.Close()
		if _, _, err := play(); err == nil {
			t.Error("a third player on one lease")
		}
		waitFor(t, "pictures and sound for both", func() bool {
			return one.packets[0].Load() > 30 && one.packets[1].Load() > 10 && two.packets[0].Load() > 30 && two.packets[1].Load() > 10
		})
		if err := c.door.End(t.Context(), l.ID, grant.EndRevoked); err != nil {
			t.Fatal(err)
		}
		for _, p := range []*counting{one, two} {
			select {
			case <-p.closed:
			case <-time.After(2 * time.Second):
				t.Fatal("the connection stays open after the end of its lease")
			}
		}
		before := one.packets[0].Load() + two.packets[0].Load()
		time.Sleep(300 * time.Millisecond)
		if after := one.packets[0].Load() + two.packets[0].Load(); after != before {
			t.Errorf("%d packets came after the end", after-before)
		}
		_, _, err = play()
		var status *rtsp.StatusError
		if !errors.As(err, &status) || status.Code != 403 {
			t.Errorf("after the end: %v", err)
		}
	})
}

// A desktop player that lost pictures asks for a key frame; the camera hears of it, and not more than once a second, however
// often and from however many players.
func TestADesktopPlayerAsksForAKeyFrame(t *testing.T) {
	c := build(t)
	camera := start(t, gateClip(t))
	c.put("gate", camera)
	address, loop := serveRTSP(t, c)
	l := c.look(grant.RTSP)
	var sessions []*rtsp.Session
	for range 2 {
		s, err := rtsp.Dial(t.Context(), rtsp.Options{URL: "rtsp://" + address + "/" + l.ID, Transport: "tcp", Timeout: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		got := &counting{closed: make(chan error, 1)}
		if err := s.Play(t.Context(), []int{0}, loop, got); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "a picture", func() bool { return got.packets[0].Load() > 0 })
		sessions = append(sessions, s)
	}
	asked := func() int { camera.mu.Lock(); defer camera.mu.Unlock(); return camera.asked }
	before := asked()
	for begin := time.Now(); time.Since(begin) < 2500*time.Millisecond; time.Sleep(20 * time.Millisecond) {
		for _, s := range sessions {
			s.RequestKey()
		}
	}
	if n := asked() - before; n < 2 || n > 4 {
		t.Errorf("within 2.5 s the camera was asked %d times", n)
	}
}

// The node's clock is set back while players ask: their wishes go on to the camera as before.
func TestWishesWhenTheClockIsSet(t *testing.T) {
	source := &camera{}
	now := time.Now()
	d := &desktop{source: source, begun: now.Add(-time.Hour)}
	for i := range 10 { // each 0.6 s, on the wall eight hours earlier from the third on
		at := now.Add(time.Duration(i) * 600 * time.Millisecond)
		if i > 1 {
			wall := at.Round(0)
			*(*uint64)(unsafe.Pointer(&at)) -= uint64(8*3600) << 30 // a Time carries both readings: the wall's seconds from bit 30 on
			if wall.Sub(at.Round(0)) != 8*time.Hour {
				t.Fatal("a Time is laid out in another way")
			}
		}
		d.askKey(at)
	}
	if source.asked != 5 {
		t.Errorf("in six seconds the camera was asked %d times", source.asked)
	}
}

func TestFFprobeAsADesktopPlayer(t *testing.T) {
	program, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Skip(err)
	}
	c := build(t)
	c.put("gate", start(t, gateClip(t)))
	address, _ := serveRTSP(t, c)
	l := c.look(grant.RTSP)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, "-v", "error", "-rtsp_transport", "tcp", "-read_intervals", "%+#40", "-show_entries", "frame=pict_type",
		"-of", "csv=p=0", "rtsp://"+address+"/"+l.ID).CombinedOutput()
	if n := strings.Count(string(out), "P") + strings.Count(string(out), "I"); err != nil || n < 30 || strings.Contains(string(out), "error") {
		t.Errorf("%v: %d frames\n%s", err, n, out)
	}
}
