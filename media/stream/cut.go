package stream

import "time"

// cutAt ends part or fragment before the picture with decode time dts, where it is time.
func (v *video) cutAt(dts int64, key bool) {
	s, b := v.s, &v.s.build
	if !b.begun {
		return
	}
	length := dts - b.begin
	switch {
	case key && length >= v.ticks(minFragment), length >= v.force(dts), b.size >= maxFragSize:
		v.cut(dts, false)
	case s.chunkReaders > 0 && dts-b.partAt+v.step/2 >= v.ticks(s.hub.o.Part):
		b.cut(dts, false)
	}
}

// force is the length at which a fragment is cut without a key frame. A long group is divided evenly; a key frame that is
// about to come is waited for.
func (v *video) force(dts int64) int64 {
	most := v.ticks(maxFragment)
	if v.keyStep <= 0 || v.keyStep > v.ticks(time.Minute) {
		return most
	}
	slack := v.ticks(100 * time.Millisecond)
	n := (v.keyStep - slack + most - 1) / most
	if n <= 1 {
		return most + v.ticks(500*time.Millisecond)
	}
	passed := dts - (v.lastKey - v.zero + base*v.rate - v.lead)
	if left := v.keyStep - passed; left > 0 && left < v.step*2+slack {
		return most + v.ticks(500*time.Millisecond)
	}
	return v.keyStep/n - v.step/2
}

// cut ends the fragment at decode time end and posts it. flush: the run ends too.
func (v *video) cut(end int64, flush bool) {
	s, b := v.s, &v.s.build
	if !b.begun {
		return
	}
	begin := b.begin
	if flush && v.in.sound != nil {
		v.in.sound.flush()
	}
	media := v.ns(begin + v.lead - base*v.rate + v.zero)
	to := v.ns(end + v.lead - base*v.rate + v.zero)
	ok := v.clock.adjust(media)
	f := b.finish(end, s.sink != nil)
	if f != nil {
		f.Start = time.Unix(0, v.clock.wall(media))
		f.Duration = time.Duration(to - media)
		f.Unconfirmed = !v.in.trusted
		f.starts[0] = uint64(begin + v.lead)
		if v.in.sound != nil {
			f.starts[1] = v.in.sound.at(begin + v.lead)
		}
		v.in.out = append(v.in.out, parcel{f: f})
	}
	if flush {
		return
	}
	if !v.in.settled && v.ns(v.last-v.zero) > int64(3*time.Second) {
		v.in.settled = true
	}
	switch epoch, trusted := s.hub.epoch.Load(), s.hub.trusted(); {
	case epoch != v.in.epoch || trusted != v.in.trusted:
		v.due = ReasonClockStep
	case !ok && v.clock.lags():
		v.due = ReasonTimeJump
	case !ok:
		v.due = ReasonClockStep
	}
}

// stop ends the run, if one is running.
func (v *video) stop(reason string) {
	if !v.running {
		return
	}
	v.cut(v.prev+v.step, true)
	v.running = false
	v.in.out = append(v.in.out, parcel{gap: reason})
}

// until gives the latest picture its duration and ends the fragment there.
func (v *video) until(end int64) {
	end = max(end, v.prev+1)
	if n := len(v.s.build.video.samples); n > 0 {
		v.s.build.video.samples[n-1].Duration = uint32(end - v.prev)
	}
	v.cut(end, true)
}
