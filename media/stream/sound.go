package stream

import (
	"time"

	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/rtsp"
)

const (
	maxSound  = 8 << 10 // bytes of one frame
	soundLoop = 10 * time.Second
)

// sound follows the sound of one connection and lays it on the pictures' time line: by sender reports where the camera
// sends them for both, else by arrival. Under the stream's lock.
type sound struct {
	in    *intake
	s     *Stream
	media int
	track cmaf.Track
	stamp unwrap
	clock clock // only for its least delay
	shift int64 // ticks from the unwrapped timestamp to media time in the run
	set   bool  // shift is valid
	cur   *block

	open    bool // a frame waits for its duration
	pending cmaf.Sample
	decode  int64 // of the pending frame
	wall    time.Time
	place   span
	odd     int   // frames in a row that did not fit
	astray  int64 // ticks of sound in a row that lay far off

	srAt, srTime int64 // sender report: unwrapped timestamp in ns, camera's clock
}

func newSound(in *intake, m rtsp.Media) *sound {
	t := cmaf.Track{
		ID: soundTrack, Codec: cmaf.Codec(m.Codec), Timescale: uint32(m.ClockRate), SampleRate: m.ClockRate, Channels: max(m.Channels, 1),
	}
	if t.Codec == cmaf.AAC && len(m.Params) > 0 {
		t.ASC = m.Params[0]
	}
	return &sound{in: in, s: in.s, track: t}
}

func (a *sound) rate() int64 { return int64(a.track.Timescale) }

func (a *sound) ns(ticks int64) int64 { r := a.rate(); return ticks/r*1e9 + ticks%r*1e9/r }

// at gives the sound's tick for a tick of the pictures, both in the run.
func (a *sound) at(ticks int64) uint64 {
	r := a.in.video.rate
	return uint64(max(ticks/r*a.rate()+ticks%r*a.rate()/r, 0))
}

// offset is how many nanoseconds have to be added to the sound's own time to lie on the pictures' own time.
func (a *sound) offset() int64 {
	v := a.in.video
	byArrival := a.clock.target() - v.clock.target()
	if a.srTime != 0 && v.srTime != 0 {
		if byReport := (v.srAt - v.srTime) - (a.srAt - a.srTime); byReport-byArrival < 2e9 && byArrival-byReport < 2e9 {
			return byReport // else the reports contradict what is seen; some cameras send nonsense
		}
	}
	return byArrival
}

// want is the shift that the present knowledge asks for.
func (a *sound) want() int64 {
	v := a.in.video
	ns := a.offset() - v.ns(v.zero)
	return ns/1e9*a.rate() + ns%1e9*a.rate()/1e9 + base*a.rate()
}

// align begins anew with a run of the pictures.
func (a *sound) align() {
	a.open = false
	if a.set = a.clock.begun; a.set {
		a.shift = a.want()
	}
}

// restart forgets the clock: time jumped.
func (a *sound) restart() {
	a.clock, a.srTime, a.set = clock{}, 0, false
}

// redate forgets when sound arrives, because its date begins anew. What reports say of the camera's own time still holds.
func (a *sound) redate() { a.clock, a.set = clock{}, false }

func (a *sound) usual(size int) int64 {
	if a.track.Codec == cmaf.AAC {
		return 1024
	}
	return int64(size / a.track.Channels)
}

// add takes one frame.
func (a *sound) add(stamp uint32, data []byte) {
	if len(data) == 0 || len(data) > maxSound {
		return
	}
	if d := int64(int32(stamp - a.stamp.last)); a.stamp.begun && (d > a.rate()*int64(soundLoop/time.Second) || d < -a.rate()) {
		a.restart() // its time jumped; the pictures' may not have
	}
	at := a.stamp.next(stamp)
	a.clock.observe(a.in.now, a.ns(at))
	v := a.in.video
	if !v.running || !v.s.build.begun {
		return
	}
	if !a.set {
		a.shift, a.set = a.want(), true
	}
	a.follow(a.usual(len(data)))
	dts := at + a.shift
	if dts < 0 {
		return
	}
	if a.open {
		d := dts - a.decode
		if d <= 0 || d > 30*a.rate() {
			if a.odd++; a.odd > 5 { // lay it on anew
				a.odd = 0
				a.restart()
			}
			return
		}
		a.pending.Duration = uint32(d)
		a.put()
	}
	a.odd = 0
	a.store(data)
	a.pending = cmaf.Sample{Duration: uint32(a.usual(len(data))), Size: uint32(len(data)), Key: true}
	a.decode, a.open = dts, true
	a.wall = time.Unix(0, v.clock.wall(a.ns(at)+a.offset()))
	f := Frame{
		Track: soundTrack, Data: a.cur.buf[a.place.from:a.place.to:a.place.to], PTS: dts, DTS: dts,
		Duration: a.pending.Duration, Key: true, Run: a.s.run, Wall: a.wall,
	}
	a.s.ring.add(frame{Frame: f, block: a.cur, from: a.place.from, fragment: a.s.build.seq}, a.s.watched(), a.s.cache())
	a.in.fresh = true
}

// follow moves the sound towards where it belongs, slowly: nobody hears it, and decode times keep running on. What lies far off for a second is laid anew.
func (a *sound) follow(duration int64) {
	e := a.want() - a.shift
	if far := 2 * a.rate(); e < -far || e > far {
		if a.astray += duration; a.astray > a.rate() {
			a.shift, a.astray = a.shift+e, 0
			a.odd = int(min(e, 0) / duration) // decode times never go back: what comes before its time has come is left out
			return
		}
	} else {
		a.astray = 0
	}
	still := a.rate() / 25 // 40 ms
	if a.srTime == 0 {
		still = a.rate() / 5 // arrival is a rough guide only
	}
	if e > -still && e < still {
		return
	}
	most := max(duration/50, 1)
	a.shift += min(max(e, -most), most)
}

// store copies the frame into the sound's block.
func (a *sound) store(data []byte) {
	if a.cur == nil || a.cur.left() < len(data) {
		if a.cur != nil {
			a.s.pool.drop(a.cur)
		}
		a.cur = a.s.pool.get(smallBlock, a.s.watched())
	}
	from := a.cur.used
	a.cur.used += copy(a.cur.buf[from:], data)
	a.place = span{a.cur, from, a.cur.used}
	a.cur.hold() // until put
}

// put gives the waiting frame to the fragment.
func (a *sound) put() {
	if !a.open {
		return
	}
	a.open = false
	if b := &a.s.build; b.begun {
		b.add(&b.sound, a.pending, a.decode, a.wall, a.place)
	}
	a.s.pool.drop(a.place.block)
}

// flush gives the last frame of a run to its fragment, with the usual duration.
func (a *sound) flush() { a.put() }

func (a *sound) close() {
	a.put()
	if a.cur != nil {
		a.s.pool.drop(a.cur)
		a.cur = nil
	}
}

func (a *sound) report(at int64, stamp uint32) {
	if a.stamp.begun {
		a.srAt, a.srTime = a.ns(a.stamp.near(stamp)), at
	}
}
