package camsim

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"linli.dev/linli/protocol/rtp"
	"linli.dev/linli/protocol/rtsp"
)

// camera is one simulated camera with a main and perhaps a sub stream.
type camera struct {
	number  int
	streams [2]*feed // main, sub

	jumps atomic.Uint32 // how often its clock jumped an hour ahead

	mu       sync.Mutex
	fault    map[string]time.Time // kind → until
	troubles atomic.Int32         // how many there are, so that the healthy path takes no lock
}

// feed is one running stream of a camera. Its numbers belong to its pacing thread.
type feed struct {
	cam    *camera
	clip   int // index into the pacing thread's clips
	other  int // the clip of the resize fault; -1: none
	ssrc   uint32
	base   uint32 // timestamp at the camera's start
	seq    [2]uint16
	turns  [2]int64
	next   [2]int       // frame to send, per track
	shift  int64        // phase: ticks of 90 kHz that this camera is ahead of the clip
	jumped [2]int64     // ticks of the clip that were left out for a key frame, per track
	report [2]time.Time // of the next sender report, per track

	mu   sync.Mutex
	outs []*reader

	packets, octets [2]uint32
	sent, dropped   atomic.Uint64 // frames × readers
	bytes           atomic.Uint64
	asked           atomic.Uint64 // for a key frame
	wanted          atomic.Bool   // a key frame is to come at once
}

// has tells whether a fault is on.
func (c *camera) has(kind string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	until, ok := c.fault[kind]
	return ok && now.Before(until)
}

// faulty tells whether any fault is on.
func (c *camera) faulty() bool { return c.troubles.Load() > 0 }

// reader is one that plays. It begins with a key frame, as with most cameras; what it is not sent before is not lost.
type reader struct {
	*rtsp.Out
	begun bool
}

func (f *feed) add(o *rtsp.Out) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.outs = append(f.outs, &reader{Out: o})
}

func (f *feed) remove(o *rtsp.Out) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.outs = slices.DeleteFunc(f.outs, func(r *reader) bool { return r.Out == o })
}

// hangUp closes all connections.
func (f *feed) hangUp() {
	f.mu.Lock()
	outs := slices.Clone(f.outs)
	f.mu.Unlock()
	for _, o := range outs {
		_ = o.Close()
	}
}

// send gives one frame to the readers. frame: one write; otherwise one per packet.
func (f *feed) send(media int, fr *cutFrame, timestamp uint32, now time.Time, perPacket bool, rate int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	seq := f.seq[media]
	f.seq[media] += uint16(len(fr.packets))
	f.packets[media] += uint32(len(fr.packets))
	f.octets[media] += uint32(fr.octets)
	if len(f.outs) == 0 {
		return
	}
	hour := f.cam.jumps.Load() * 3600
	timestamp += uint32(rate) * hour
	run, begins := fr.run, media == 0 && fr.key
	fr.stamp(seq, timestamp, f.ssrc+uint32(media))
	if f.cam.faulty() {
		switch {
		case f.cam.has("stall", now):
			return
		case f.cam.has("no-key", now) && media == 0:
			if fr.key { // not sent, which is not lost: the numbers run on
				f.seq[media] -= uint16(len(fr.packets))
				f.packets[media] -= uint32(len(fr.packets))
				f.octets[media] -= uint32(fr.octets)
				return
			}
			begins = true
		case f.cam.has("corrupt", now):
			run = spoil(run)
		}
	}
	var report []byte
	if now.After(f.report[media]) {
		f.report[media] = now.Add(5 * time.Second)
		report = f.senderReport(media, timestamp, now.Add(time.Duration(hour)*time.Second))
	}
	for _, o := range f.outs {
		if !o.begun && begins {
			o.begun = true
			f.report = [2]time.Time{} // the next frame brings a report: by it sound and pictures are laid side by side
		}
		if !o.begun {
			continue
		}
		if report != nil {
			// Not as a key frame: that would end the wait for one of a reader that lost frames.
			o.WriteFrame(media, report, false)
		}
		ok := true
		if perPacket {
			for i, off := range fr.packets {
				end := len(run)
				if i+1 < len(fr.packets) {
					end = int(fr.packets[i+1]) - 4
				}
				ok = o.WriteFrame(media, run[off-4:end], media > 0 || fr.key && i == 0) && ok
			}
		} else {
			ok = o.WriteFrame(media, run, media > 0 || fr.key)
		}
		if ok {
			f.sent.Add(1)
			f.bytes.Add(uint64(len(run)))
		} else {
			f.dropped.Add(1)
		}
	}
}

// senderReport is an RTCP packet in its frame, on the channel beside the media's.
func (f *feed) senderReport(media int, timestamp uint32, now time.Time) []byte {
	sr := rtp.SenderReport{SSRC: f.ssrc + uint32(media), NTP: rtp.NTP(now.UnixNano()), RTP: timestamp, Packets: f.packets[media], Octets: f.octets[media]}
	b := sr.Append([]byte{'$', byte(2*media + 1), 0, 0}, "camsim")
	n := len(b) - 4
	b[2], b[3] = byte(n>>8), byte(n)
	return b
}

// spoil flips bytes of a copy, framing included: what a broken cable or a broken camera sends.
func spoil(run []byte) []byte {
	b := append([]byte(nil), run...)
	for range 1 + len(b)/500 {
		b[rand.IntN(len(b))] ^= byte(1 + rand.IntN(255))
	}
	return b
}

func (c *camera) clear(kind string) {
	if kind == "clock-jump" {
		c.jumps.Store(0)
		return
	}
	c.mu.Lock()
	delete(c.fault, kind)
	c.troubles.Store(int32(len(c.fault)))
	c.mu.Unlock()
}

// resizes tells whether the resize fault has pictures to show.
func (c *camera) resizes() bool {
	for _, f := range c.streams {
		if f != nil && f.other >= 0 {
			return true
		}
	}
	return false
}
