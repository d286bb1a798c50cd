package whep

import (
	"encoding/binary"
	"time"
)

// wish is what a viewer asks for: packets once more, or a key frame.
type wish struct {
	key  bool
	ssrc uint32
	seq  []uint16
}

// maxResend bounds one NACK message.
const maxResend = 512

// parseRTCP reads a compound packet and tells the wishes in it; the rest is of no interest to a sender without
// congestion control. Torn packets end the walk.
func parseRTCP(b []byte, tell func(wish)) {
	for len(b) >= 4 && b[0]>>6 == 2 {
		size := 4 * (int(binary.BigEndian.Uint16(b[2:])) + 1)
		if size > len(b) {
			return
		}
		one := b[:size]
		b = b[size:]
		count := one[0] & 31
		switch {
		case len(one) < 12:
		case one[1] == 205 && count == 1: // generic NACK (RFC 4585 §6.2.1)
			w := wish{ssrc: binary.BigEndian.Uint32(one[8:])}
			for fci := one[12:]; len(fci) >= 4 && len(w.seq) < maxResend; fci = fci[4:] {
				seq, mask := binary.BigEndian.Uint16(fci), binary.BigEndian.Uint16(fci[2:])
				w.seq = append(w.seq, seq)
				for i := range uint16(16) {
					if mask>>i&1 == 1 {
						w.seq = append(w.seq, seq+i+1)
					}
				}
			}
			if len(w.seq) > 0 {
				tell(w)
			}
		case one[1] == 206 && (count == 1 || count == 4): // PLI, FIR
			tell(wish{key: true})
		}
	}
}

// appendReport writes a sender report and the name that ties sound to picture.
func appendReport(b []byte, ssrc uint32, wall time.Time, ts, packets, octets uint32) []byte {
	b = append(b, 0x80, 200, 0, 6)
	b = binary.BigEndian.AppendUint32(b, ssrc)
	b = binary.BigEndian.AppendUint32(b, uint32(wall.Unix()+2208988800)) // NTP counts from 1900
	b = binary.BigEndian.AppendUint32(b, uint32(uint64(wall.Nanosecond())<<32/1e9))
	b = binary.BigEndian.AppendUint32(b, ts)
	b = binary.BigEndian.AppendUint32(b, packets)
	b = binary.BigEndian.AppendUint32(b, octets)
	b = append(b, 0x81, 202, 0, 3)
	b = binary.BigEndian.AppendUint32(b, ssrc)
	return append(b, 1, 5, 'l', 'i', 'n', 'l', 'i', 0)
}

// appendBye says that a source ends.
func appendBye(b []byte, ssrc uint32, wall time.Time, ts, packets, octets uint32) []byte {
	b = appendReport(b, ssrc, wall, ts, packets, octets)
	b = append(b, 0x81, 203, 0, 1)
	return binary.BigEndian.AppendUint32(b, ssrc)
}
