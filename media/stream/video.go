package stream

import (
	"time"

	"linli.dev/linli/protocol/cmaf"
)

const (
	minFragment = 900 * time.Millisecond  // a key frame earlier than that does not cut
	maxFragment = 2000 * time.Millisecond // without a key frame it is cut then
	maxFragSize = 4 << 20                 // bytes, for cameras that send far more than usual
	maxPause    = 5 * time.Second         // longer without a picture is a gap in the footage
	mendAfter   = 2500 * time.Millisecond // see video.broken
	softKey     = 4 * time.Second         // after that an intra picture will do as a key frame
)

// video follows the pictures of one connection. Under the stream's lock.
type video struct {
	in    *intake
	s     *Stream
	unit  *unit
	codec cmaf.Codec
	rate  int64 // ticks per second
	stamp unwrap
	clock clock
	order order
	pic   cmaf.Picture

	running bool
	zero    int64  // unwrapped timestamp that is media time base in the run
	lead    int64  // ticks between decode and presentation of the run's first picture
	depth   int    // of reordering: from the SPS, or found
	step    int64  // usual distance of pictures, ticks
	last    int64  // unwrapped timestamp of the latest picture: of the run, taken; without one, seen
	highest int64  // of any picture of the run
	prev    int64  // decode time of the latest picture, in the run
	due     string // a new run has to begin at the next key frame, why
	lastKey int64  // unwrapped timestamp of the latest key frame
	keyStep int64  // ticks between key frames, 0 = not known
	keyless int64  // unwrapped timestamp since which there was no key frame
	any     bool   // a picture came since the connection began
	units   int    // whole pictures seen, taken or not
	heard   int64  // its arrival

	// After a damaged picture everything up to the next key frame would be smeared, in the file and on every screen. It is
	// dropped, and counted. But a camera with a key frame every twelve seconds, or with none at all, would go dark for
	// long: after mendAfter the undamaged pictures are taken again, smeared as they are.
	broken   bool
	brokenAt int64

	srAt, srTime int64 // sender report: unwrapped timestamp in ns, camera's clock
}

func newVideo(in *intake, codec cmaf.Codec, rate int) *video {
	if rate <= 0 {
		rate = 90000
	}
	return &video{in: in, s: in.s, codec: codec, rate: int64(rate), unit: newUnit(codec, in.s.pool, in.s.watched), depth: -1}
}

// ns turns ticks into nanoseconds.
func (v *video) ns(ticks int64) int64 { return ticks/v.rate*1e9 + ticks%v.rate*1e9/v.rate }

func (v *video) ticks(d time.Duration) int64 { return int64(d) * v.rate / int64(time.Second) }

// endUnit takes a complete access unit, or what there is of it.
func (v *video) endUnit(stamp uint32, damaged bool) {
	u := v.unit
	if u.slices == 0 && !damaged && !u.broken {
		return // parameter sets and messages that go with the next picture
	}
	at := v.stamp.next(stamp)
	v.units++
	if damaged || u.broken || u.size == 0 {
		u.clear()
		v.drop(at)
		return
	}
	if !v.any {
		v.any, v.keyless = true, at
	}
	v.jumps(at) // before the clock hears of it: a wrong timestamp must not date what comes after it
	v.clock.observe(v.in.now, v.ns(at))
	if v.running && v.due == "" && v.clock.lags() { // where time stands still no fragment ends, which would find that out
		v.due = ReasonTimeJump
	}
	key := u.idr || u.recovery
	if !key && u.onlyI && v.codec == cmaf.H264 && at-v.keyless > v.ticks(softKey) {
		key = true
	}
	if key {
		v.keyed(at)
	}
	if key && (u.changed() || !v.running || v.due != "") {
		if !v.start(at) {
			u.clear()
			return
		}
	}
	if !v.running {
		v.s.askKey()
		u.clear()
		return
	}
	if passed := max(at-v.brokenAt, v.brokenAt-at); v.broken && !key && passed < v.ticks(mendAfter) {
		u.clear()
		v.s.status.Damaged++
		return
	}
	v.broken = false
	v.take(at, key)
}

// drop counts a damaged picture.
func (v *video) drop(at int64) {
	v.s.status.Damaged++
	v.s.askKey()
	if !v.broken {
		v.broken, v.brokenAt = true, at
	}
}

// jumps looks whether time went on as it should, in a run or on the way to one.
func (v *video) jumps(at int64) {
	elapsed := v.in.now - v.heard
	switch d := at - v.last; {
	case d > v.ticks(maxPause):
		reason := ReasonTimeJump
		if elapsed > int64(maxPause)/2 {
			reason = ReasonPause
		}
		v.interrupt(reason, at)
	case d < -v.ticks(time.Second):
		v.interrupt(ReasonTimeJump, at)
	}
	if !v.running {
		v.last, v.heard = at, v.in.now
	}
}

// interrupt ends the run; the next begins with a key frame and a clock of its own.
func (v *video) interrupt(reason string, at int64) {
	v.stop(reason)
	v.clock = clock{}
	v.clock.observe(v.in.now, v.ns(at))
	v.keyless, v.keyStep = at, 0
	v.srTime = 0
	if v.in.sound != nil {
		v.in.sound.restart()
	}
}

// keyed notes the distance of key frames.
func (v *video) keyed(at int64) {
	if v.running && at > v.lastKey {
		v.keyStep = at - v.lastKey
		v.s.status.KeyInterval = time.Duration(v.ns(v.keyStep))
	}
	v.lastKey, v.keyless = at, at
}

// start begins a run at the key picture that is complete in unit. False: it cannot, parameters are missing.
func (v *video) start(at int64) bool {
	u := v.unit
	changed := u.changed()
	if !u.enforce() {
		return false
	}
	pic, err := cmaf.Probe(v.codec, u.sets[1])
	if err != nil {
		return false
	}
	if v.running {
		reason := v.due
		if reason == "" && changed {
			reason = ReasonParametersChanged
		}
		// The date goes on where the old run ended: only the media time begins anew, unless the clock was the reason.
		v.until(at - v.zero + base*v.rate - v.lead)
		v.stop(reason)
		if v.due == ReasonClockStep || v.due == ReasonTimeJump {
			v.clock = clock{}
			v.clock.observe(v.in.now, v.ns(at))
			if v.in.sound != nil {
				v.in.sound.redate()
			}
		}
	}
	v.due = ""
	if !v.in.mayRun() {
		return false
	}
	if v.depth < pic.Reorder || changed {
		v.depth = pic.Reorder
	}
	v.pic = pic
	if v.step == 0 {
		v.step = v.rate / 25
		if pic.FPS > 0 {
			v.step = int64(float64(v.rate) / pic.FPS)
		}
	}
	s := v.s
	tracks := []cmaf.Track{{
		ID: videoTrack, Codec: v.codec, Timescale: uint32(v.rate), Width: pic.Width, Height: pic.Height,
		VPS: u.sets[0], SPS: u.sets[1], PPS: u.sets[2],
	}}
	if v.in.sound != nil {
		tracks = append(tracks, v.in.sound.track)
	}
	s.tracks = tracks
	s.run = max(s.run+1, uint64(time.Now().UnixMicro()))
	v.zero, v.running, v.highest = at, true, at
	depth := max(v.depth, 0)
	v.lead = int64(depth) * v.step
	v.order.begin(depth, base*v.rate, v.step)
	v.prev = base*v.rate - v.lead - v.step
	v.in.epoch, v.in.trusted = s.hub.epoch.Load(), s.hub.trusted()
	if v.in.sound != nil {
		v.in.sound.align()
	}
	return true
}

// take puts the picture that is complete in unit into ring and fragment.
func (v *video) take(at int64, key bool) {
	s, b := v.s, &v.s.build
	pts := at - v.zero + base*v.rate
	dts, late := v.order.next(pts)
	switch {
	case v.depth == 0: // no B pictures: a step back is the camera's jitter
		pts = max(pts, dts)
	case at < v.highest:
		s.status.BFrames = true
		if late && v.depth < 4 { // the parameters did not say how deep: begin anew with more, at the next key frame
			v.depth = max(v.depth, 0) + 2
			v.due = ReasonParametersChanged
		}
	case v.depth < 0:
		pts = max(pts, dts)
	}
	v.highest = max(v.highest, at)
	if d := dts - v.prev; b.begun && d > 0 {
		if n := len(b.video.samples); n > 0 {
			b.video.samples[n-1].Duration = uint32(d)
		}
		if d < v.rate {
			v.step = d
		}
	}
	s.meter.media += time.Duration(v.ns(max(dts-v.prev, 0)))
	v.cutAt(dts, key)
	cts := int32(pts - dts)
	blk, from, to := v.unit.take()
	wall := time.Unix(0, v.clock.wall(v.ns(at)))
	if !b.begun {
		b.begun, b.begin, b.key, b.partAt = true, dts, key, dts
		b.seq++
	}
	sample := cmaf.Sample{Duration: uint32(v.step), CTS: cts, Size: uint32(to - from), Key: key}
	b.add(&b.video, sample, dts, wall, span{blk, from, to})
	s.ring.add(frame{
		Frame: Frame{
			Track: videoTrack, Data: blk.buf[from:to:to], PTS: pts, DTS: dts, Duration: uint32(v.step), Key: key,
			Run: s.run, Wall: wall,
		},
		block: blk, from: from, fragment: b.seq, cts: cts,
	}, s.watched(), s.cache())
	v.last, v.prev, v.heard = at, dts, v.in.now
	s.meter.pictures++
	s.status.LastPicture = time.Unix(0, v.in.now)
	v.in.picture = true
	if s.status.State != Online && s.status.State != WrongClock && !v.in.ruined {
		s.online()
	}
	v.in.fresh = true
}

// report takes a sender report: what the camera's clock said at a timestamp.
func (v *video) report(at int64, stamp uint32) {
	if !v.any {
		return
	}
	v.srAt, v.srTime = v.ns(v.stamp.near(stamp)), at
	if v.running {
		v.s.clockOffset(time.Duration(at - v.clock.wall(v.srAt)))
	}
}
