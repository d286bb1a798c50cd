package rtsp

import "time"

const (
	grain   = int64(25 * time.Millisecond)
	spokes  = 128
	maxLazy = 2 * time.Second // less than a turn of the wheel
)

// wheel says which lazy sessions are to be read when. Sessions of one interval share their moments, so that one
// wake-up of the thread serves many of them.
type wheel struct {
	slots [spokes][]*Session
	spare []*Session
	last  int64 // the tick that was served last
	count int
}

// add puts s onto the wheel, about its interval from now.
func (w *wheel) add(s *Session, now int64) {
	ticks := max(1, int64(s.state.interval)/grain)
	step := max(1, ticks/4)
	due := (now/grain + ticks + step - 1) / step * step
	if w.count == 0 {
		w.last = now / grain
	}
	if !s.state.wheeled {
		s.state.wheeled = true
		w.count++
	}
	s.state.due = due
	w.slots[due%spokes] = append(w.slots[due%spokes], s)
}

// remove takes s off; its entry is passed over when its time comes.
func (w *wheel) remove(s *Session) {
	if s.state.wheeled {
		s.state.wheeled = false
		w.count--
	}
}

// wait is how many milliseconds may be slept.
func (w *wheel) wait(now, nextSecond int64) int {
	until := nextSecond
	if w.count > 0 {
		for tick := w.last + 1; tick < w.last+spokes && tick*grain < until; tick++ {
			if len(w.slots[tick%spokes]) > 0 {
				until = tick * grain
				break
			}
		}
	}
	return int(max(0, (until-now+1e6-1)/1e6))
}

// turn reads those whose time has come.
func (w *wheel) turn(now int64, t *thread) {
	tick := now / grain
	if w.count == 0 {
		w.last = tick
		return
	}
	for behind := max(w.last+1, tick-spokes+1); behind <= tick; behind++ { // after more than a turn, one serves all
		slot := behind % spokes
		due := w.slots[slot]
		if len(due) == 0 {
			continue
		}
		w.slots[slot] = w.spare[:0] // a session may put itself into this very slot again
		for i, s := range due {
			due[i] = nil
			if s.state.wheeled && s.state.due <= tick {
				s.gulp(t)
			}
		}
		w.spare = due[:0]
	}
	w.last = tick
}
