package camera

import (
	"slices"
	"sync"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"

	"linli.dev/linli/protocol/rtp"
	"linli.dev/linli/protocol/rtsp"
)

// listener is what a source test holds up to a playing camera. It keeps
// numbers, never a picture.
type listener struct {
	mu     sync.Mutex
	medias []*heard
	failed error
	closed chan struct{} // closed with the session
	news   chan struct{} // a key interval has been measured
}

// heard is what one media of a camera sent.
type heard struct {
	kind, codec string
	rate        int // ticks a second
	channels    int
	depack      rtp.Depacketiser

	packets, lost int
	bytes         int64
	first, last   int64 // arrival, Unix nanoseconds
	seq           uint16

	frames, damaged int
	key             bool // the unit that is being received is a key frame
	slice           bool // it has a slice at all
	refresh         bool // it has a recovery point
	keys, refreshes int
	keyGaps         []int64  // ticks between key frames
	lastKey         uint32   // RTP time
	gaps            []int64  // ticks between frames in decode order
	lastTime        uint32   // RTP time of the frame before
	firstTime       uint32   // RTP time of the first frame
	back            int      // frames shown before one that came before them
	bSlices         int      // H.264 slices of type B
	sets            [][]byte // parameter sets by type, in band or from the description
	unit            []byte   // the NAL unit that is being received, its head only
	unitBytes       int

	offset   time.Duration // camera's clock minus ours
	reports  int
	wallless bool // reports without a wall clock
}

func newListener(medias []rtsp.Media) *listener {
	l := &listener{closed: make(chan struct{}), news: make(chan struct{}, 1)}
	for _, m := range medias {
		h := &heard{kind: m.Kind, codec: m.Codec, rate: m.ClockRate, channels: m.Channels}
		for _, set := range m.Params {
			h.keepSet(set)
		}
		switch m.Codec {
		case "H264":
			h.depack = rtp.NewH264(h)
		case "H265":
			h.depack = rtp.NewH265(h)
		}
		l.medias = append(l.medias, h)
	}
	return l
}

// Packet, SenderReport, Batch and Closed are called one after the other.
func (l *listener) Packet(media int, arrival int64, pkt []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if media < 0 || media >= len(l.medias) {
		return
	}
	h := l.medias[media]
	keys := len(h.keyGaps)
	h.packet(arrival, pkt)
	if len(h.keyGaps) > keys {
		select {
		case l.news <- struct{}{}:
		default:
		}
	}
}

func (h *heard) packet(arrival int64, pkt []byte) {
	head, payload, err := rtp.Parse(pkt)
	if err != nil {
		h.damaged++
		return
	}
	if h.packets == 0 {
		h.first = arrival
	} else if gap := head.Sequence - h.seq; gap > 1 && gap < 1<<15 {
		h.lost += int(gap) - 1
	}
	h.seq, h.last = head.Sequence, arrival
	h.packets++
	h.bytes += int64(len(payload))
	if h.depack != nil {
		h.depack.Push(head, payload)
	}
}

func (l *listener) SenderReport(media int, ntp uint64, _ uint32, arrival int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if media < 0 || media >= len(l.medias) {
		return
	}
	h := l.medias[media]
	h.reports++
	const since1900 = 2208988800
	sec := int64(ntp>>32) - since1900
	nano := int64((ntp & 0xffffffff) * 1e9 >> 32)
	at := time.Unix(sec, nano)
	// Some cameras send the time since they were switched on.
	if h.wallless = at.Year() < 2000 || at.Year() > 2100; !h.wallless {
		h.offset = at.Sub(time.Unix(0, arrival)).Round(time.Millisecond)
	}
}

func (l *listener) Batch() {}

func (l *listener) Closed(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.closed:
	default:
		l.failed = err
		close(l.closed)
	}
}

// NAL keeps the head of each unit: its type, and of parameter sets the whole.
func (h *heard) NAL(part []byte, start, end bool) {
	if start {
		h.unit, h.unitBytes = h.unit[:0], 0
	}
	h.unitBytes += len(part)
	if room := 1024 - len(h.unit); room > 0 {
		h.unit = append(h.unit, part[:min(room, len(part))]...)
	}
	if end && len(h.unit) > 2 {
		h.nal(h.unit)
	}
}

func (h *heard) nal(u []byte) {
	if h.codec == "H264" {
		switch typ := u[0] & 0x1f; typ {
		case 1, 5:
			h.slice = true
			h.key = h.key || typ == 5
			if t, ok := sliceType(u[1:]); ok && t%5 == 1 {
				h.bSlices++
			}
		case 6:
			h.refresh = h.refresh || u[1] == 6 // recovery point
		case 7, 8:
			h.keepSet(u)
		}
		return
	}
	switch typ := u[0] >> 1 & 0x3f; {
	case typ < 32:
		h.slice = true
		h.key = h.key || typ >= 16 && typ <= 21
	case typ <= 34:
		h.keepSet(u)
	case typ == 39:
		h.refresh = h.refresh || u[2] == 6
	}
}

func (h *heard) keepSet(u []byte) {
	if len(u) == 0 {
		return
	}
	for i, s := range h.sets {
		if s[0] == u[0] {
			h.sets[i] = append(s[:0], u...)
			return
		}
	}
	h.sets = append(h.sets, slices.Clone(u))
}

func (h *heard) EndUnit(timestamp uint32, damaged bool) {
	if damaged {
		h.damaged++
	}
	if h.slice {
		if h.frames > 0 {
			if gap := int64(int32(timestamp - h.lastTime)); gap < 0 {
				h.back++
			} else if len(h.gaps) < 2000 {
				h.gaps = append(h.gaps, gap)
			}
		}
		if h.frames == 0 {
			h.firstTime = timestamp
		}
		h.frames++
		h.lastTime = timestamp
		if h.refresh && !h.key {
			h.refreshes++
		}
		if h.key {
			if h.keys > 0 {
				h.keyGaps = append(h.keyGaps, int64(int32(timestamp-h.lastKey)))
			}
			h.keys, h.lastKey = h.keys+1, timestamp
		}
	}
	h.key, h.slice, h.refresh = false, false, false
}

func (h *heard) Sound(uint32, []byte) {}

// sliceType reads first_mb_in_slice and slice_type (H.264, 7.3.3). The few
// bytes at the start of a slice hold no emulation prevention that matters.
func sliceType(b []byte) (uint64, bool) {
	r := bitReader{b: b}
	if _, ok := r.golomb(); !ok {
		return 0, false
	}
	return r.golomb()
}

type bitReader struct {
	b  []byte
	at int
}

func (r *bitReader) bit() (uint64, bool) {
	if r.at>>3 >= len(r.b) {
		return 0, false
	}
	v := uint64(r.b[r.at>>3]>>(7-r.at&7)) & 1
	r.at++
	return v, true
}

func (r *bitReader) golomb() (uint64, bool) {
	zeros := 0
	for {
		v, ok := r.bit()
		if !ok || zeros > 32 {
			return 0, false
		}
		if v == 1 {
			break
		}
		zeros++
	}
	v := uint64(1)
	for range zeros {
		b, ok := r.bit()
		if !ok {
			return 0, false
		}
		v = v<<1 | b
	}
	return v - 1, true
}

// picture describes the parameter sets.
type picture struct {
	profile, level string
	width, height  int
	fps            float64
}

func (h *heard) picture() (p picture, ok bool) {
	for _, set := range h.sets {
		switch {
		case h.codec == "H264" && set[0]&0x1f == 7:
			var s h264.SPS
			if s.Unmarshal(set) != nil {
				continue
			}
			return picture{h264Profile(s.ProfileIdc, s.ConstraintSet1Flag), level(float64(s.LevelIdc) / 10), s.Width(), s.Height(), s.FPS()}, true
		case h.codec == "H265" && set[0]>>1&0x3f == 33:
			var s h265.SPS
			if s.Unmarshal(set) != nil {
				continue
			}
			ptl := s.ProfileTierLevel
			return picture{h265Profile(int(ptl.GeneralProfileIdc)), level(float64(ptl.GeneralLevelIdc) / 30), s.Width(), s.Height(), s.FPS()}, true
		}
	}
	return p, false
}

func median(v []int64) int64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}
