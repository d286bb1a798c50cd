package stream

import (
	"sync/atomic"
	"testing"
	"time"

	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/rtp"
	"linli.dev/linli/protocol/rtsp"
)

// A connection to a camera that is in the middle of a long group of pictures asks for a key frame, once a second until one comes; a viewer who finds
// one in the cache does not; and a damaged picture does.
func TestAsksForKeyFrames(t *testing.T) {
	c := encode(t, cmaf.H264, 4, "-g", "100", "-bf", "0")
	asked := func(st *street) int {
		st.mu.Lock()
		defer st.mu.Unlock()
		return len(st.asked)
	}
	var damage atomic.Bool
	st := &street{clip: c}
	st.play = func(h rtsp.Handler, l *line1) {
		p := rtp.Packer{PayloadType: 96, SSRC: 1, Channel: -1}
		send := func(i int) {
			run := p.AppendH264(nil, uint32(i*3600), c.units[i%100].avcc)
			for pkt, rest := p.Next(run); pkt != nil; pkt, rest = p.Next(rest) {
				h.Packet(0, time.Now().UnixNano(), pkt)
				if damage.Swap(false) {
					p.Sequence += 3 // and so the next ones are another's
				}
			}
			h.Batch()
		}
		for i := 30; ; i++ {
			send(i)
			select {
			case <-l.end:
				return
			case <-time.After(40 * time.Millisecond):
			}
		}
	}
	st.open1(t, Options{}, func(h *Hub, _ time.Time) {
		h.Apply([]Source{channel(1)})
		time.Sleep(2500 * time.Millisecond) // the key frame is 2.8 s away
		if n := asked(st); n != 3 {
			t.Errorf("asked %d times in 2.5 s without a key frame", n)
		}
		time.Sleep(1500 * time.Millisecond)
		before := asked(st)
		s, _ := h.Get(channel(1).ID)
		r := s.Frames(FrameOptions{})
		time.Sleep(time.Second)
		r.Close()
		if n := asked(st); n != before || status(h, 1).State != Online {
			t.Errorf("asked %d times more although a key frame is in the cache (%s)", n-before, status(h, 1).State)
		}
		damage.Store(true)
		time.Sleep(200 * time.Millisecond)
		if n := asked(st); n != before+1 {
			t.Errorf("asked %d times after damage", n-before)
		}
		s.RequestKey()
		time.Sleep(time.Second)
		s.RequestKey()
		if n := asked(st); n != before+2 {
			t.Errorf("asked %d times in a second", n-before)
		}
	})
}

// A camera that hangs up as soon as it is asked is not asked a second time.
func TestCameraThatTakesItIll(t *testing.T) {
	c := encode(t, cmaf.H264, 4, "-g", "100", "-bf", "0")
	st := &street{clip: c}
	st.play = func(h rtsp.Handler, l *line1) {
		p := rtp.Packer{PayloadType: 96, SSRC: 1, Channel: -1}
		for i := 30; i < 100; i++ {
			st.mu.Lock()
			asked := len(st.asked)
			st.asked = nil
			st.mu.Unlock()
			if asked > 0 {
				return
			}
			run := p.AppendH264(nil, uint32(i*3600), c.units[i].avcc)
			for pkt, rest := p.Next(run); pkt != nil; pkt, rest = p.Next(rest) {
				h.Packet(0, time.Now().UnixNano(), pkt)
			}
			h.Batch()
			select {
			case <-l.end:
				return
			case <-time.After(40 * time.Millisecond):
			}
		}
		<-l.end
	}
	st.open1(t, Options{}, func(h *Hub, begun time.Time) {
		h.Apply([]Source{channel(1)})
		time.Sleep(8 * time.Second)
		if n := len(st.times("", begun)); n != 2 {
			t.Errorf("%d connections in 8 s: the first, and the one without asking, are two", n)
		}
	})
}
