package rtsp

import "time"

// moment is one reading of the clock, in nanoseconds. The node's clock can be set while a camera plays, by hours where a machine
// boots with the local time: what is waited for, and for how long, goes by since, which only goes on. wall is for dating what has come, and for nothing else.
type moment struct {
	since int64 // an hour before the loop began, so that 0 is long ago
	wall  int64 // Unix
}

func (l *Loop) moment() moment {
	t := l.clock()
	return moment{int64(t.Sub(l.begun)), t.UnixNano()} // by the monotonic reading that both have
}

// now is where the thread's time stands.
func (t *thread) now() int64 { return t.loop.moment().since }

// before is how far ahead of its beginning a loop's time begins.
const before = time.Hour
