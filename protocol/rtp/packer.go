package rtp

import "encoding/binary"

// Packer cuts access units into packets of one source. Packets are appended behind each other, each behind Lead bytes of room.
type Packer struct {
	PayloadType uint8
	SSRC        uint32
	Sequence    uint16 // of the next packet
	MTU         int    // bytes of an RTP packet at most, header included; below 64: 1400
	Channel     int    // >= 0: each packet stands behind '$', this channel and its length (RFC 2326, section 10.12); < 0: bare, behind its length in two bytes
	Packets     uint32 // so far, for sender reports
	Octets      uint32
}

// lead is what stands before each packet.
func (p *Packer) lead() int {
	if p.Channel < 0 {
		return 2
	}
	return 4
}

func (p *Packer) room() int {
	if p.MTU < 64 {
		return 1400 - HeaderSize
	}
	return p.MTU - HeaderSize
}

// open appends lead and header of a packet with n bytes of payload; the payload is appended next, by the caller.
func (p *Packer) open(dst []byte, n int, timestamp uint32, marker bool) []byte {
	size := HeaderSize + n
	if p.Channel >= 0 {
		dst = append(dst, '$', byte(p.Channel))
	}
	dst = append(dst, byte(size>>8), byte(size))
	var head [HeaderSize]byte
	Header{Marker: marker, PayloadType: p.PayloadType, Sequence: p.Sequence, Timestamp: timestamp, SSRC: p.SSRC}.Put(head[:])
	p.Sequence++
	p.Packets++
	p.Octets += uint32(n)
	return append(dst, head[:]...)
}

// AppendH264 cuts one access unit of length-prefixed (4 bytes) NAL units; the last packet has the marker.
func (p *Packer) AppendH264(dst []byte, timestamp uint32, avcc []byte) []byte {
	for {
		nal, rest, ok := nextNAL(avcc)
		if !ok {
			return dst
		}
		avcc = rest
		if len(nal) > 0 {
			dst = p.h264(dst, timestamp, nal, !moreNALs(rest, 1))
		}
	}
}

func (p *Packer) h264(dst []byte, timestamp uint32, nal []byte, last bool) []byte {
	room := p.room()
	if len(nal) <= room {
		return append(p.open(dst, len(nal), timestamp, last), nal...)
	}
	indicator, typ := nal[0]&0xe0|h264FUA, nal[0]&0x1f
	nal = nal[1:]
	for start := byte(0x80); len(nal) > 0; start = 0 {
		n := min(len(nal), room-2)
		end := byte(0)
		if n == len(nal) {
			end = 0x40
		}
		dst = p.open(dst, n+2, timestamp, last && end != 0)
		dst = append(dst, indicator, start|end|typ)
		dst = append(dst, nal[:n]...)
		nal = nal[n:]
	}
	return dst
}

// AppendH265 cuts one access unit of length-prefixed (4 bytes) NAL units; the last packet has the marker.
func (p *Packer) AppendH265(dst []byte, timestamp uint32, avcc []byte) []byte {
	for {
		nal, rest, ok := nextNAL(avcc)
		if !ok {
			return dst
		}
		avcc = rest
		if len(nal) > 2 {
			dst = p.h265(dst, timestamp, nal, !moreNALs(rest, 3))
		}
	}
}

func (p *Packer) h265(dst []byte, timestamp uint32, nal []byte, last bool) []byte {
	room := p.room()
	if len(nal) <= room {
		return append(p.open(dst, len(nal), timestamp, last), nal...)
	}
	b0, b1, typ := nal[0]&0x81|h265FU<<1, nal[1], nal[0]>>1&0x3f
	nal = nal[2:]
	for start := byte(0x80); len(nal) > 0; start = 0 {
		n := min(len(nal), room-3)
		end := byte(0)
		if n == len(nal) {
			end = 0x40
		}
		dst = p.open(dst, n+3, timestamp, last && end != 0)
		dst = append(dst, b0, b1, start|end|typ)
		dst = append(dst, nal[:n]...)
		nal = nal[n:]
	}
	return dst
}

// AppendAAC packs one access unit (AAC-hbr: 13 bits of size, 3 of index), in fragments where it is larger than a packet.
func (p *Packer) AppendAAC(dst []byte, timestamp uint32, frame []byte) []byte {
	room, size := p.room()-4, len(frame)
	if size >= 1<<13 {
		return dst
	}
	for len(frame) > 0 {
		n := min(len(frame), room)
		dst = p.open(dst, n+4, timestamp, n == len(frame))
		dst = append(dst, 0, 16, byte(size>>5), byte(size<<3))
		dst = append(dst, frame[:n]...)
		frame = frame[n:]
	}
	return dst
}

// AppendG711 packs a run of samples.
func (p *Packer) AppendG711(dst []byte, timestamp uint32, samples []byte) []byte {
	for len(samples) > 0 {
		n := min(len(samples), p.room())
		dst = append(p.open(dst, n, timestamp, false), samples[:n]...)
		samples = samples[n:]
		timestamp += uint32(n)
	}
	return dst
}

// Report is the sender report of the moment in which the sample of timestamp was taken.
func (p *Packer) Report(unixNanos int64, timestamp uint32) SenderReport {
	return SenderReport{SSRC: p.SSRC, NTP: NTP(unixNanos), RTP: timestamp, Packets: p.Packets, Octets: p.Octets}
}

// Next takes the first packet off a run made by a Packer with this Channel; nil at the end.
func (p *Packer) Next(run []byte) (pkt, rest []byte) {
	lead := p.lead()
	if len(run) < lead {
		return nil, nil
	}
	n := lead + int(binary.BigEndian.Uint16(run[lead-2:]))
	if n > len(run) {
		return nil, nil
	}
	return run[lead:n], run[n:]
}

// nextNAL takes one length-prefixed NAL unit off b.
func nextNAL(b []byte) (nal, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := int(binary.BigEndian.Uint32(b))
	if n < 0 || n > len(b)-4 {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}

// moreNALs says whether a NAL unit of at least so many bytes follows, so that the marker stands on the last packet and on no other.
func moreNALs(b []byte, atLeast int) bool {
	for {
		nal, rest, ok := nextNAL(b)
		if !ok {
			return false
		}
		if len(nal) >= atLeast {
			return true
		}
		b = rest
	}
}
