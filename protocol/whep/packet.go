package whep

import "encoding/binary"

const (
	rtpHeader = 12
	// maxDatagram keeps every packet below what any path carries, PPPoE and tunnels included.
	maxDatagram = 1200
	maxPayload  = maxDatagram - rtpHeader - maxTag
)

// packet is one RTP payload inside its frame's buffer.
type packet struct {
	from, to int
	marker   bool
}

// frame is one access unit, or one run of sound, cut into packets once for all viewers.
type frame struct {
	first   uint64 // index of its first packet; indexes run on over the life of the feed
	ts      uint32
	key     bool
	buf     []byte
	packets []packet
}

func (f *frame) reset() {
	f.buf, f.packets = f.buf[:0], f.packets[:0]
}

func (f *frame) add(parts ...[]byte) {
	from := len(f.buf)
	for _, p := range parts {
		f.buf = append(f.buf, p...)
	}
	f.packets = append(f.packets, packet{from: from, to: len(f.buf)})
}

func (f *frame) end() {
	if n := len(f.packets); n > 0 {
		f.packets[n-1].marker = true
	}
}

// nals walks length-prefixed NAL units; a torn tail is left out.
func nals(avcc []byte, yield func(nal []byte) bool) {
	for len(avcc) >= 4 {
		n := binary.BigEndian.Uint32(avcc)
		if uint64(n) > uint64(len(avcc)-4) {
			return
		}
		if n > 0 && !yield(avcc[4:4+n]) {
			return
		}
		avcc = avcc[4+n:]
	}
}

// sets puts the parameter sets before a key frame: in one aggregation packet with the given head, or each by itself where
// they do not fit.
func (f *frame) sets(params [][]byte, fragment func(*frame, []byte), head ...byte) {
	if !f.key || len(params) == 0 {
		return
	}
	size := len(head)
	for _, p := range params {
		size += 2 + len(p)
	}
	if size > maxPayload {
		for _, p := range params {
			fragment(f, p)
		}
		return
	}
	from := len(f.buf)
	f.buf = append(f.buf, head...)
	for _, p := range params {
		f.buf = binary.BigEndian.AppendUint16(f.buf, uint16(len(p)))
		f.buf = append(f.buf, p...)
	}
	f.packets = append(f.packets, packet{from: from, to: len(f.buf)})
}

// cutH264 packs an access unit by RFC 6184, packetization-mode 1. Parameter sets go first, together in one
// STAP-A; fragments all have the same size but the last, which is what segmentation offload wants.
func cutH264(f *frame, avcc []byte, params [][]byte) {
	f.sets(params, fragmentH264, 24|3<<5)
	nals(avcc, func(nal []byte) bool {
		switch nal[0] & 31 {
		case 9, 12: // delimiter, filler: of no use to a decoder behind RTP
		case 7, 8:
			if len(params) == 0 {
				fragmentH264(f, nal)
			}
		default:
			fragmentH264(f, nal)
		}
		return true
	})
	f.end()
}

func fragmentH264(f *frame, nal []byte) {
	if len(nal) <= maxPayload {
		f.add(nal)
		return
	}
	indicator, kind := nal[0]&0xe0|28, nal[0]&31
	head := [2]byte{indicator, kind | 0x80}
	for rest := nal[1:]; len(rest) > 0; {
		n := min(len(rest), maxPayload-2)
		if n == len(rest) {
			head[1] |= 0x40
		}
		f.add(head[:], rest[:n])
		rest, head[1] = rest[n:], kind
	}
}

// cutH265 packs an access unit by RFC 7798, with one aggregation packet for the parameter sets.
func cutH265(f *frame, avcc []byte, params [][]byte) {
	f.sets(params, fragmentH265, 48<<1, 1)
	nals(avcc, func(nal []byte) bool {
		if len(nal) < 3 {
			return true
		}
		switch nal[0] >> 1 & 63 {
		case 35, 38: // delimiter, filler
		case 32, 33, 34:
			if len(params) == 0 {
				fragmentH265(f, nal)
			}
		default:
			fragmentH265(f, nal)
		}
		return true
	})
	f.end()
}

func fragmentH265(f *frame, nal []byte) {
	if len(nal) <= maxPayload {
		f.add(nal)
		return
	}
	kind := nal[0] >> 1 & 63
	head := [3]byte{nal[0]&0x81 | 49<<1, nal[1], kind | 0x80}
	for rest := nal[2:]; len(rest) > 0; {
		n := min(len(rest), maxPayload-3)
		if n == len(rest) {
			head[2] |= 0x40
		}
		f.add(head[:], rest[:n])
		rest, head[2] = rest[n:], kind
	}
}
