package rtsp

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"linli.dev/linli/protocol/rtp"
)

// Group writes each frame of one source to all its readers: packetised once, one system call per reader.
type Group struct {
	mu     sync.Mutex
	outs   []*Out
	medias []Media
	tracks []groupTrack
	gop    []byte // framed packets since the last key frame, for those who come
	parts  []part // of gop
	whole  bool   // gop begins at a key frame and nothing is missing
	video  bool   // there is a video media; key frames count
	frames atomic.Uint64
}

type groupTrack struct {
	pack   rtp.Packer
	last   uint32 // timestamp of the last unit
	ntp    int64  // its moment
	report int64  // when the last sender report went out
}

type part struct {
	media, from, to int
	key             bool
}

const (
	maxGOP      = 8 << 20
	reportEvery = int64(5e9)
)

// NewGroup makes a group for a description; mtu is the size of an RTP packet at most, 0: 1400.
func NewGroup(medias []Media, mtu int) *Group {
	g := &Group{medias: medias, tracks: make([]groupTrack, len(medias))}
	for i, m := range medias {
		g.video = g.video || m.Kind == "video"
		g.tracks[i].pack = rtp.Packer{PayloadType: m.PayloadType, SSRC: rand.Uint32(), Sequence: uint16(rand.Uint32()), MTU: mtu, Channel: 2 * i}
	}
	return g
}

// Add lets o take part. now: it gets what there is since the last key frame at once; otherwise it waits for the next one.
func (g *Group) Add(o *Out, now bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now && g.whole && len(g.parts) > 0 {
		reported := make([]bool, len(g.tracks))
		for _, p := range g.parts {
			if t := &g.tracks[p.media]; !reported[p.media] && t.ntp != 0 { // a report first: it ties sound to picture
				reported[p.media] = true
				o.write(p.media, g.appendReport(nil, p.media), true, maxGOP)
			}
			o.write(p.media, g.gop[p.from:p.to], p.key || g.medias[p.media].Kind != "video", maxGOP)
		}
	} else {
		for i, m := range g.medias {
			if m.Kind == "video" {
				o.SkipToKey(i)
			}
		}
	}
	g.outs = append(g.outs, o)
}

// Remove takes o out; it may be called for an Out that is not in.
func (g *Group) Remove(o *Out) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.outs {
		if other == o {
			last := len(g.outs) - 1
			g.outs[i], g.outs[last] = g.outs[last], nil
			g.outs = g.outs[:last]
			return
		}
	}
}

// Len is the number of readers.
func (g *Group) Len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.outs)
}

// WriteUnit packetises one access unit once, and sends it to every reader. data: NAL units with 4-byte lengths; or one AAC frame, or a run of G.711.
// ntp (Unix nanoseconds of the same moment) goes into the sender reports; 0: none are sent.
func (g *Group) WriteUnit(media int, timestamp uint32, ntp int64, data []byte, key bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if media >= len(g.tracks) {
		return
	}
	t, m := &g.tracks[media], &g.medias[media]
	if m.Kind != "video" {
		key = true
	}
	start := g.room(m, key)
	t.last, t.ntp = timestamp, ntp
	if ntp != 0 && (ntp-t.report >= reportEvery || ntp < t.report) {
		t.report = ntp
		g.gop = g.appendReport(g.gop, media)
	}
	switch m.Codec {
	case "H264":
		g.gop = t.pack.AppendH264(g.gop, timestamp, data)
	case "H265":
		g.gop = t.pack.AppendH265(g.gop, timestamp, data)
	case "AAC":
		g.gop = t.pack.AppendAAC(g.gop, timestamp, data)
	default:
		g.gop = t.pack.AppendG711(g.gop, timestamp, data)
	}
	g.send(media, start, key)
}

// WriteFramed sends already framed packets of a media.
func (g *Group) WriteFramed(media int, buf []byte, key bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if media >= len(g.tracks) {
		return
	}
	m := &g.medias[media]
	if m.Kind != "video" {
		key = true
	}
	start := g.room(m, key)
	g.gop = append(g.gop, buf...)
	g.send(media, start, key)
}

// room says where in gop the next frame goes: a key frame begins it anew.
func (g *Group) room(m *Media, key bool) int {
	switch {
	case m.Kind == "video" && key:
		g.gop, g.parts, g.whole = g.gop[:0], g.parts[:0], true
	case !g.whole:
		g.gop, g.parts = g.gop[:0], g.parts[:0]
	case len(g.gop) > maxGOP:
		g.gop, g.parts, g.whole = nil, nil, false
	}
	return len(g.gop)
}

func (g *Group) send(media, start int, key bool) {
	frame := g.gop[start:]
	if len(frame) == 0 {
		return
	}
	if g.whole {
		g.parts = append(g.parts, part{media, start, len(g.gop), key})
	}
	g.frames.Add(1)
	for _, o := range g.outs {
		o.WriteFrame(media, frame, key)
	}
}

// appendReport adds an interleaved sender report of a media.
func (g *Group) appendReport(dst []byte, media int) []byte {
	t := &g.tracks[media]
	at := len(dst)
	dst = append(dst, '$', byte(2*media+1), 0, 0)
	dst = t.pack.Report(t.ntp, t.last).Append(dst, "linli")
	n := len(dst) - at - 4
	dst[at+2], dst[at+3] = byte(n>>8), byte(n)
	return dst
}
