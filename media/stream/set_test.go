package stream

import (
	"errors"
	"testing"
	"time"
	"unsafe"

	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/rtsp"
)

// setBy is a Time with its wall clock set, and only that: a Time carries both readings, the wall's seconds from bit 30 on.
func setBy(t time.Time, by time.Duration) time.Time {
	wall, since := t.Round(0), t
	*(*uint64)(unsafe.Pointer(&t)) += uint64(by/time.Second) << 30
	if t.Round(0).Sub(wall) != by || t.Sub(since) != 0 {
		panic("a Time is laid out in another way")
	}
	return t
}

// The node's clock is set while a camera plays: it is not given up, though its last picture has another hour than the clock; and one whose
// pictures cease afterwards is.
func TestWatchdogsWhenTheClockIsSet(t *testing.T) {
	c := encode(t, cmaf.H264, 1, "-g", "25", "-bf", "0")
	for _, by := range []time.Duration{-8 * time.Hour, time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			f := plug(t, New(Options{}), c, "", nil)
			now := time.Now()
			f.in.begun = now.Add(-10 * time.Minute) // it has played for long
			given := func() bool {
				select {
				case <-f.in.kill:
					return true
				default:
					return false
				}
			}
			for _, p := range c.units { // pictures from before, and the clock is set
				f.picture(p, p.pts, now.UnixNano())
			}
			f.s.check(setBy(time.Now(), by))
			if st := f.s.Status(); given() || st.State != Online {
				t.Fatalf("at once: %s %s", st.State, st.Reason)
			}
			for i, p := range c.units { // from after it
				f.picture(p, p.pts+90000, now.Add(by+time.Second).UnixNano()+int64(i)*40e6)
			}
			f.s.check(setBy(time.Now(), by))
			if st := f.s.Status(); given() || st.State != Online {
				t.Fatalf("with pictures: %s %s", st.State, st.Reason)
			}
			later := setBy(time.Now().Add(noPicture+time.Second), by)
			f.in.heard = later // packets still come
			f.s.check(later)
			if st := f.s.Status(); given() || st.State != NoPicture {
				t.Errorf("no more pictures: %s %s", st.State, st.Reason)
			}
			later = setBy(time.Now().Add(redial+time.Second), by)
			f.in.heard = later
			f.s.check(later)
			if !given() {
				t.Error("nor for a minute: it is not dialled anew")
			}
		})
	}
}

// By whatever hour packets are dated: the flood is measured in what has come in five seconds. And a camera that has played is dialled at once
// when it hangs up, however often.
func TestClockIsSetAgainAndAgain(t *testing.T) {
	c := encode(t, cmaf.H264, 6, "-g", "25", "-bf", "0")
	for _, by := range []time.Duration{-8 * time.Hour, 8 * time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			st := &street{clip: c}
			var hung []time.Time
			st.play = func(h rtsp.Handler, l *line1) {
				f := &feeder{codec: c.codec, medias: c.medias("", true), in: h.(*intake)}
				f.video.Channel = -1
				for n := int64(0); n < 45*25; n++ {
					select {
					case <-l.end:
						return
					case <-time.After(40 * time.Millisecond):
					}
					at := time.Now()
					if n > 25 {
						at = at.Add(by)
					}
					f.picture(c.units[n%int64(len(c.units))], n*3600, at.UnixNano())
				}
				st.mu.Lock()
				hung = append(hung, time.Now())
				st.mu.Unlock()
				l.hang(errors.New("the camera hung up"))
			}
			bytes := 0
			for _, p := range c.units {
				bytes += len(p.avcc)
			}
			limit := int64(bytes) * 5 // in five seconds it may bring five eighths of that: its six seconds bring a fifth
			st.open1(t, Options{MaxBitRate: limit}, func(h *Hub, begun time.Time) {
				h.Apply([]Source{channel(0)})
				time.Sleep(5 * time.Minute)
				calls := st.times("", begun)
				st.mu.Lock()
				defer st.mu.Unlock()
				if len(hung) < 5 {
					t.Errorf("it played to its end %d times in five minutes, of %d", len(hung), len(calls))
				}
				for i := range min(len(hung), len(calls)-1) {
					if wait := calls[i+1] - hung[i].Sub(begun); wait < 0 || wait > 1300*time.Millisecond {
						t.Errorf("after it hung up for the %dth time it was dialled after %v", i+1, wait)
					}
				}
			})
		})
	}
}
