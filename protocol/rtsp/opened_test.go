package rtsp

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// A session over UDP goes on when its client dies, so its id is told while there is still time to write it down: before the camera is asked to
// play. It is told whichever way the camera is spoken to. Over TCP, and of a session that never came to be, nobody is told.
func TestOpened(t *testing.T) {
	type told struct {
		id     string
		played int // by then
	}
	var list []told
	begin := func(t *testing.T, o Options, played func() int) *Session {
		t.Helper()
		list = nil
		o.Opened = func(id string) { list = append(list, told{id, played()}) }
		s, e := watch(t, o, newLoop(t))
		e.until("it plays", func() bool { return played() == 1 })
		return s
	}
	for _, way := range []string{"udp", "tcp"} {
		t.Run(way, func(t *testing.T) {
			g := openGate(t, func(g *gate) { g.srv.UDP = true })
			s := begin(t, Options{URL: "rtsp://" + g.addr + "/gate/main", Transport: way}, func() int {
				g.mu.Lock()
				defer g.mu.Unlock()
				return g.asked["PLAY"]
			})
			checkTold(t, way, s, slices.Equal(list, []told{{s.ID(), 0}}), len(list) == 0)
		})
		t.Run(way+" by the second way", func(t *testing.T) {
			cam := openTheirs(t, func(*theirs) {})
			cam.run(t)
			o := Options{URL: "rtsp://" + cam.addr + "/gate", viaRelay: true}
			if way == "tcp" {
				o.Transport = way
			}
			s := begin(t, o, func() int { return int(cam.played.Load()) })
			if s.Transport() != "relay" {
				t.Fatalf("by %s", s.Transport())
			}
			checkTold(t, way, s, slices.Equal(list, []told{{s.ID(), 0}}), len(list) == 0)
		})
	}
	t.Run("refused", func(t *testing.T) {
		cam := openOdd(t, func(m *message) string {
			if m.Method == "SETUP" {
				return "RTSP/1.0 461 Unsupported Transport\r\nCSeq: " + m.Header.Get("CSeq") + "\r\n\r\n"
			}
			return usual(m)
		})
		s, err := Dial(t.Context(), Options{URL: "rtsp://" + cam.addr + "/", Timeout: time.Second, Opened: func(id string) { t.Errorf("told of %q", id) }})
		if err != nil {
			t.Fatal(err)
		}
		var se *StatusError
		if err := s.Play(t.Context(), []int{0}, newLoop(t), newEye(t, s.Medias)); !errors.As(err, &se) || se.Code != 461 {
			t.Error(err)
		}
	})
}

func checkTold(t *testing.T, way string, s *Session, once, never bool) {
	t.Helper()
	if s.ID() == "" {
		t.Error("the session has no id")
	}
	if way == "udp" && !once || way == "tcp" && !never {
		t.Errorf("over %s it was told once, before it played: %v; never: %v", way, once, never)
	}
}
