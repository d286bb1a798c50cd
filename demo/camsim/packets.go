package camsim

import (
	"encoding/binary"

	"linli.dev/linli/protocol/rtp"
)

// cut is a track whose samples are cut into interleaved packets. A pacing thread owns it, as it writes running numbers
// into the packets before each send.
type cut struct {
	frames []cutFrame
	length int64 // ticks of one turn
	count  int   // packets of one turn
	rate   int64
}

type cutFrame struct {
	at      int64
	cts     int32
	key     bool
	run     []byte  // '$', channel, length, packet; several behind each other
	packets []int32 // offsets of the RTP headers in run
	first   int     // packets of the turn before this frame
	octets  int     // payload
}

func cutTrack(t track, channel int) *cut {
	c := &cut{length: t.length, rate: int64(t.media.ClockRate)}
	pack := rtp.Packer{PayloadType: t.media.PayloadType, Channel: channel}
	for _, s := range t.samples {
		f := cutFrame{at: s.at, cts: s.cts, key: s.key, first: c.count}
		switch t.media.Codec {
		case "H264":
			f.run = pack.AppendH264(nil, 0, withSets(s, t.media.Params))
		case "H265":
			f.run = pack.AppendH265(nil, 0, withSets(s, t.media.Params))
		case "AAC":
			f.run = pack.AppendAAC(nil, 0, s.data)
		case "PCMA", "PCMU":
			f.run = pack.AppendG711(nil, 0, s.data)
		}
		for off := 0; off+4 <= len(f.run); {
			size := int(binary.BigEndian.Uint16(f.run[off+2:]))
			f.packets = append(f.packets, int32(off+4))
			f.octets += size - rtp.HeaderSize
			off += 4 + size
		}
		c.count += len(f.packets)
		c.frames = append(c.frames, f)
	}
	return c
}

// withSets puts the parameter sets before a key frame that lacks them, as cameras do.
func withSets(s sample, sets [][]byte) []byte {
	if !s.key || len(s.data) < 5 || len(sets) == 0 {
		return s.data
	}
	head := sets[0][0]
	for b := s.data; len(b) > 4; {
		n := int(binary.BigEndian.Uint32(b))
		if n < 1 || 4+n > len(b) {
			break
		}
		if b[4]&0x7e == head&0x7e {
			return s.data
		}
		b = b[4+n:]
	}
	var out []byte
	for _, set := range sets {
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(set))), set...)
	}
	return append(out, s.data...)
}

// stamp writes a camera's own numbers into the packets of a frame.
func (f *cutFrame) stamp(sequence uint16, timestamp, ssrc uint32) {
	for i, off := range f.packets {
		p := f.run[off:]
		binary.BigEndian.PutUint16(p[2:], sequence+uint16(i))
		binary.BigEndian.PutUint32(p[4:], timestamp)
		binary.BigEndian.PutUint32(p[8:], ssrc)
	}
}
