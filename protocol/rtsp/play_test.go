package rtsp

import (
	"errors"
	"testing"
	"time"
)

func TestCameraToViewer(t *testing.T) {
	for _, way := range []string{"tcp", "udp"} {
		t.Run(way, func(t *testing.T) {
			g := openGate(t, func(g *gate) { g.srv.UDP = true })
			s, e := watch(t, Options{URL: g.url(), Transport: way}, newLoop(t))
			if s.Transport() != way {
				t.Errorf("transport %q, want %q", s.Transport(), way)
			}
			if len(s.Medias) != 2 || s.Medias[0].Codec != "H264" || len(s.Medias[0].Params) != 2 || s.Medias[1].Codec != "PCMA" {
				t.Fatalf("described: %+v", s.Medias)
			}
			for i := 0; i < 60; i += 10 {
				g.send(i, i+10, 9000)
				time.Sleep(5 * time.Millisecond)
			}
			e.until("60 frames are there", func() bool { return e.count.last == 59 && e.count.sound >= 59 })
			if e.seen().units != 60 || e.seen().keys != 6 || e.seen().damaged != 0 {
				t.Errorf("units %d, keys %d, damaged %d; want 60, 6, 0", e.seen().units, e.seen().keys, e.seen().damaged)
			}
			e.until("a sender report came", func() bool { return e.count.reports > 0 })
			s.Close()
			e.until("it is closed", func() bool { return errors.Is(e.closed, ErrClosed) })
			select {
			case <-g.closed:
			case <-time.After(5 * time.Second):
				t.Error("the camera did not hear that the viewer left")
			}
			if n := g.group.Len(); n != 0 {
				t.Errorf("%d readers are left", n)
			}
		})
	}
}

func TestLazyAndBack(t *testing.T) {
	g := openGate(t, nil)
	loop := newLoop(t)
	s, e := watch(t, Options{URL: g.url()}, loop)
	s.SetLazy(400 * time.Millisecond)
	number := 0
	feed := func(d time.Duration) {
		for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(4 * time.Millisecond) {
			g.send(number, number+1, 5000)
			number++
		}
	}
	feed(900 * time.Millisecond)
	lazy := e.seen().batches
	feed(800 * time.Millisecond)
	if n := e.seen().batches - lazy; n > 6 {
		t.Errorf("%d batches in 800 ms of lazy reading", n)
	}
	s.SetLazy(0)
	last := number - 1
	start := time.Now()
	e.until("what waited is read at once", func() bool { return e.count.last == last })
	if d := time.Since(start); d > 100*time.Millisecond {
		t.Errorf("switching back took %v", d)
	}
	for range 20 {
		g.send(number, number+1, 5000)
		number++
		start := time.Now()
		e.until("a frame comes at once", func() bool { return e.count.last == number-1 })
		if d := time.Since(start); d > 50*time.Millisecond {
			t.Errorf("a frame took %v", d)
		}
	}
	if e.seen().damaged > 0 || e.seen().units != number {
		t.Errorf("units %d of %d, damaged %d", e.seen().units, number, e.seen().damaged)
	}
	ran := make(chan bool)
	loop.Do(s, func() { close(ran) })
	select {
	case <-ran:
	case <-time.After(time.Second):
		t.Error("Do did not run")
	}
}

// A viewer who comes gets the frames since the last key frame at once, and then the rest without a gap.
func TestViewerComesInTheMiddle(t *testing.T) {
	g := openGate(t, func(g *gate) { g.now = true })
	g.send(0, 17, 20000)
	_, e := watch(t, Options{URL: g.url()}, newLoop(t))
	e.until("the cached frames are there", func() bool { return e.count.last == 16 })
	g.send(17, 40, 20000)
	e.until("all is there", func() bool { return e.count.last == 39 })
	if e.seen().units != 30 || e.seen().damaged != 0 {
		t.Errorf("units %d, damaged %d; want 30 (from the key frame 10 on), 0", e.seen().units, e.seen().damaged)
	}
}

func TestKeyRequestAsTheDescriptionSays(t *testing.T) {
	for _, way := range []string{"pli", "fir", ""} {
		g := openGate(t, func(g *gate) { g.d.Medias[0].KeyRequest = way })
		s, e := watch(t, Options{URL: g.url()}, newLoop(t))
		if got := s.Medias[0].KeyRequest; got != way {
			t.Errorf("described as %q, read as %q", way, got)
		}
		s.RequestKey() // nothing has come yet: there is nobody to ask
		g.send(0, 2, 3000)
		e.until("a frame is there", func() bool { return e.count.last == 1 })
		s.RequestKey()
		select {
		case media := <-g.wishes:
			if media != 0 {
				t.Errorf("%q: asked for a key frame of the sound", way)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%q: nobody asked", way)
		}
		s.Close()
	}
}

func TestCameraRefusesTCP(t *testing.T) {
	g := openGate(t, func(g *gate) { g.srv.UDP, g.d.NoTCP = true, true })
	s, e := watch(t, Options{URL: g.url()}, newLoop(t))
	if s.Transport() != "udp" {
		t.Fatalf("transport %q", s.Transport())
	}
	g.send(0, 20, 3000)
	e.until("frames come by UDP", func() bool { return e.count.last == 19 })

	d, err := Dial(t.Context(), Options{URL: g.url(), Transport: "tcp"})
	if err != nil {
		t.Fatal(err)
	}
	var se *StatusError
	if err := d.Play(t.Context(), []int{0}, newLoop(t), newEye(t, d.Medias)); !errors.As(err, &se) || se.Code != 461 {
		t.Errorf("TCP only: %v, want 461", err)
	}
}

// A reader that does not read loses whole frames and starts again at a key frame; the others notice nothing.
func TestSlowReader(t *testing.T) {
	g := openGate(t, func(g *gate) { g.srv.Queue = 64 << 10; g.srv.SendBuffer = 64 << 10 })
	slowLoop := newLoop(t)
	s, slow := watch(t, Options{URL: g.url(), ReceiveBuffer: 32 << 10}, slowLoop)
	_, quick := watch(t, Options{URL: g.url()}, newLoop(t))
	hold, held := make(chan bool), make(chan bool)
	slowLoop.Do(s, func() { close(held); <-hold })
	<-held
	for i := range 100 {
		g.send(i, i+1, 20000)
		quick.until("the quick one has it", func() bool { return quick.count.last == i })
	}
	close(hold)
	i := 100
	for ; slow.seen().last <= 100; i++ {
		if i > 1000 {
			t.Fatal("the slow one has not begun again")
		}
		g.send(i, i+1, 20000)
		time.Sleep(2 * time.Millisecond)
	}
	if slow.seen().damaged == 0 {
		t.Error("the gap went unnoticed")
	}
	if slow.seen().units > i-20 {
		t.Errorf("%d units of %d; some must have been dropped", slow.seen().units, i)
	}
	if quick.seen().damaged > 0 || quick.wrong != nil || slow.wrong != nil {
		t.Errorf("quick: damaged %d, %v; slow: %v", quick.seen().damaged, quick.wrong, slow.wrong)
	}
}
