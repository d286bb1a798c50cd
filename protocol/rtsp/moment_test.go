package rtsp

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
)

// townClock is the clock of a node: it can be set, while what has passed goes on as it does.
type townClock struct{ by atomic.Int64 } // seconds

func (d *townClock) set(by time.Duration) { d.by.Store(int64(by / time.Second)) }

// now is time.Now with its wall clock set, and only that: a Time carries both readings, the wall's seconds from bit 30 on.
func (d *townClock) now() time.Time {
	t := time.Now()
	*(*uint64)(unsafe.Pointer(&t)) += uint64(d.by.Load()) << 30
	return t
}

func TestTownClock(t *testing.T) {
	var d townClock
	for _, by := range []time.Duration{time.Hour, -8 * time.Hour} {
		d.set(by)
		begun := time.Now()
		got := d.now()
		after := time.Now()
		if off := got.Round(0).Sub(begun.Round(0)) - by; off < 0 || off > after.Round(0).Sub(begun.Round(0)) {
			t.Errorf("set by %v, the wall is off by %v", by, off)
		}
		if passed := got.Sub(begun); passed < 0 || passed > after.Sub(begun) {
			t.Errorf("set by %v, %v have passed", by, passed)
		}
	}
}

// setLoop is a loop by a clock that the test sets.
func setLoop(t *testing.T) (*Loop, *townClock) {
	t.Helper()
	d := &townClock{}
	l, err := NewLoop(LoopOptions{Threads: 1, clock: d.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, d
}

// The node's clock is set while cameras play: they play on, read as often as before, and what comes is dated by the new hour.
func TestClockIsSetWhilePlaying(t *testing.T) {
	for _, by := range []time.Duration{-8 * time.Hour, time.Hour} {
		for _, way := range []string{"tcp", "udp"} {
			for _, lazy := range []time.Duration{0, 200 * time.Millisecond} {
				t.Run(way+" "+lazy.String()+" set by "+by.String(), func(t *testing.T) {
					t.Parallel()
					g := openGate(t, func(g *gate) { g.srv.UDP = true })
					loop, clock := setLoop(t)
					s, err := Dial(t.Context(), Options{URL: g.url(), Transport: way, Timeout: 5 * time.Second})
					if err != nil {
						t.Fatal(err)
					}
					e := &dated{eye: newEye(t, s.Medias)}
					if err := s.Play(t.Context(), []int{0, 1}, loop, e); err != nil {
						t.Fatal(err)
					}
					defer s.Close()
					s.SetLazy(lazy)
					g.send(0, 1, 3000)
					e.until("it plays", func() bool { return e.count.last == 0 })
					clock.set(by)
					for i := 1; i < 6; i++ { // over more than two seconds: what is done each second is done too
						sent := time.Now()
						g.send(i, i+1, 3000)
						e.until("a frame comes", func() bool { return e.count.last == i || e.closed != nil })
						if e.closed != nil { // else until's own patience judges: this machine may be busy
							t.Fatalf("frame %d: closed: %v", i, e.closed)
						}
						came := time.Now()
						if at := time.Unix(0, e.arrival.Load()).Add(-by); at.Before(sent.Round(0)) || at.After(came.Round(0)) {
							t.Errorf("frame %d, sent at %v, here at %v, is dated %v", i, sent.Round(0), came.Round(0), at)
						}
						time.Sleep(500 * time.Millisecond)
					}
				})
			}
		}
	}
}

type dated struct {
	*eye
	arrival atomic.Int64
}

func (d *dated) Packet(media int, arrival int64, pkt []byte) {
	d.arrival.Store(arrival)
	d.eye.Packet(media, arrival, pkt)
}

// Cameras hang up on whoever gives no sign of life: it goes on, for sessions from before the clock was set and for new ones; and who is
// silent is still found silent.
func TestSignsOfLifeWhenTheClockIsSet(t *testing.T) {
	for _, by := range []time.Duration{-8 * time.Hour, time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			t.Parallel()
			loop, clock := setLoop(t)
			open := func() (*odd, *eye) {
				cam := openOdd(t, func(m *message) string {
					if m.Method == "SETUP" {
						return ok(m, "Transport: "+m.Header.Get("Transport"), "Session: 77;timeout=2")
					}
					return usual(m)
				})
				_, e := watch(t, Options{URL: "rtsp://" + cam.addr + "/", Timeout: 4 * time.Second}, loop)
				return cam, e
			}
			old, oldEye := open()
			old.until(t, "it is kept alive", func() bool { return old.times("GET_PARAMETER") > 0 })
			clock.set(by)
			young, youngEye := open()
			had := old.times("GET_PARAMETER")
			old.until(t, "it is kept alive after the clock was set", func() bool { return old.times("GET_PARAMETER") > had+1 })
			young.until(t, "a new session is kept alive", func() bool { return young.times("GET_PARAMETER") > 1 })
			for _, cam := range []*odd{old, young} {
				cam.mu.Lock()
				cam.answer = func(*message) string { return "" } // it falls silent
				cam.mu.Unlock()
			}
			for _, e := range []*eye{oldEye, youngEye} {
				e.until("silence ends it", func() bool { return e.closed != nil })
				if !errors.Is(e.closed, ErrTimeout) {
					t.Errorf("it ended with %v", e.closed)
				}
			}
		})
	}
}

// A thread that slept for long, or whose time went on by years, takes one turn of the wheel, not one step for each 25 ms.
func TestWheelAfterALongSleep(t *testing.T) {
	var w wheel
	w.count, w.last = 1, 1
	done := make(chan bool)
	go func() {
		w.turn(int64(26*365*24*time.Hour), nil)
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("it is still turning")
	}
}
