package whep

import (
	"slices"
	"time"
)

// join lets a viewer receive: the cached pictures at once if there are any, else from the next key frame.
func (f *Feed) join(v *Peer) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || v.send.joined {
		return false
	}
	select {
	case <-v.done:
		return false
	default:
	}
	v.send.joined = true
	f.viewers = append(f.viewers, v)
	f.count.Add(1)
	f.fill(v)
	return true
}

// fill puts a viewer at the newest key frame of the history.
func (f *Feed) fill(v *Peer) {
	s := &v.send
	if f.keyAt < 0 {
		s.mode = waiting
		f.askKey()
		return
	}
	first, last := f.history[f.keyAt], f.history[len(f.history)-1]
	s.mode, s.cursor = filling, first.first
	s.burstFrom, s.burstTo, s.burstEnd = first.ts, last.ts, f.next
	s.video.startAt(first.first)
	s.video.since = s.video.next // what was sent before had other stamps and must not be sealed again
	f.poke()
}

// leave takes a viewer out. When it returns, nothing more is sent to it.
func (f *Feed) leave(v *Peer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.Index(f.viewers, v)
	if i < 0 {
		return
	}
	f.viewers = slices.Delete(f.viewers, i, i+1)
	f.count.Add(-1)
	if at := v.at.Load(); at != nil && v.send.video.on {
		l := &v.send.video
		at.write(v.send.keys.sealRTCP(nil, appendBye(nil, f.videoSSRC, f.lastAt[0], f.lastTS[0], l.packets, l.octets)))
	}
}

// clogged reports whether the viewer's TCP path cannot take more now.
func (v *Peer) clogged() bool {
	at := v.at.Load()
	return at.tcp != nil && at.tcp.clogged()
}

func (f *Feed) poke() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// askKey passes the wish for a key frame on, at most once a second for all viewers together. f.mu is held.
func (f *Feed) askKey() {
	if now := time.Now(); f.o.AskKey != nil && now.Sub(f.asked) >= time.Second {
		f.asked = now
		go f.o.AskKey() // it may take a round trip to the camera
	}
}

// wish takes what a viewer asked for; a reader of packets must not wait for the feed.
func (f *Feed) wish(v *Peer, w wish) {
	select {
	case f.wishes <- viewerWish{v, w}:
	default: // it will ask again
	}
}

// serve does what is not driven by frames: bursts, retransmission, reports.
func (f *Feed) serve() {
	report := time.NewTicker(reportEvery)
	defer report.Stop()
	burst := time.NewTicker(time.Hour)
	defer burst.Stop()
	busy := false
	for {
		select {
		case <-f.stop:
			return
		case vw := <-f.wishes:
			f.fulfil(vw.v, vw.w)
			continue
		case <-report.C:
			f.report()
			continue
		case <-f.wake:
		case <-burst.C:
		}
		more := f.burst()
		if more != busy {
			busy = more
			if more {
				burst.Reset(burstEvery)
			} else {
				burst.Reset(time.Hour)
			}
		}
	}
}

// burst sends each viewer that catches up its next packets, and reports whether anyone still lags.
func (f *Feed) burst() (more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, v := range f.viewers {
		s := &v.send
		if s.mode != filling || v.clogged() {
			more = more || s.mode == filling
			continue
		}
		for left := burstPackets; left > 0 && s.cursor < f.next; {
			fr, at, ok := f.find(s.cursor)
			if !ok { // the history moved on without it
				s.burstEnd = 0
				f.fill(v)
				break
			}
			n := min(left, len(fr.packets)-at)
			f.sendPackets(v, fr, at, at+n)
			s.cursor += uint64(n)
			left -= n
		}
		if s.mode == filling && s.cursor >= f.next {
			s.mode = live
			f.reportTo(v)
		}
		more = more || s.mode == filling
	}
	return more
}

// fulfil sends lost packets once more, or passes the wish for a key frame on.
func (f *Feed) fulfil(v *Peer, w wish) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Contains(f.viewers, v) {
		return
	}
	f.stats.Wishes++
	s := &v.send
	if w.key {
		f.askKey()
		return
	}
	if w.ssrc != f.videoSSRC || v.clogged() {
		return
	}
	now := time.Now()
	at := v.at.Load()
	for _, seq := range w.seq {
		index, ok := s.video.original(seq)
		if !ok {
			continue
		}
		fr, i, ok := f.find(index)
		if !ok || !s.mayResend(now) {
			continue
		}
		p := fr.packets[i]
		full := index + s.video.shift
		var head [rtpHeader]byte
		header(&head, s.video.pt, p.marker, uint16(full), s.stamp(index, fr.ts), f.videoSSRC)
		f.out = s.keys.sealRTP(f.out[:0], head[:], fr.buf[p.from:p.to], f.videoSSRC, full)
		at.write(f.out)
		f.counted(1, len(f.out))
		f.stats.Resent++
	}
}

// report sends sender reports: they tie sound to picture.
func (f *Feed) report() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, v := range f.viewers {
		f.reportTo(v)
	}
}

func (f *Feed) reportTo(v *Peer) {
	at := v.at.Load()
	for i, l := range []*line{&v.send.video, &v.send.audio} {
		if !l.on || f.lastAt[i].IsZero() {
			continue
		}
		ssrc := [2]uint32{f.videoSSRC, f.audioSSRC}[i]
		at.write(v.send.keys.sealRTCP(nil, appendReport(nil, ssrc, f.lastAt[i], f.lastTS[i], l.packets, l.octets)))
	}
}
