package rtp

import "encoding/binary"

// RTCP packet types (RFC 3550, section 12.1; feedback: RFC 4585).
const (
	typeSR    = 200
	typeRR    = 201
	typeSDES  = 202
	typeBye   = 203
	typePSFB  = 206
	fmtPLI    = 1
	fmtFIR    = 4 // RFC 5104, section 4.3.1
	sizeSR    = 28
	sizeRR    = 32
	srLength  = sizeSR/4 - 1
	rrLength  = sizeRR/4 - 1
	pliLength = 2
	firLength = 4
)

// SenderReport ties a source's RTP timestamps to its clock.
type SenderReport struct {
	SSRC            uint32
	NTP             uint64 // 32.32 seconds since 1900
	RTP             uint32
	Packets, Octets uint32
}

// ReceiverReport is one report block of somebody who receives.
type ReceiverReport struct {
	SSRC     uint32 // who reports
	About    uint32 // whom
	Fraction uint8  // of 256 lost since the last report
	Lost     int32  // in all; 24 bits
	Highest  uint32 // sequence number with its cycles
	Jitter   uint32 // in timestamp units
	LSR      uint32 // the middle of the last sender report's NTP
	DLSR     uint32 // 1/65536 s since that report
}

// Append writes a compound packet: the report and a source description, as RFC 3550 demands.
func (r SenderReport) Append(dst []byte, cname string) []byte {
	dst = append(dst, 0x80, typeSR, 0, srLength)
	dst = binary.BigEndian.AppendUint32(dst, r.SSRC)
	dst = binary.BigEndian.AppendUint64(dst, r.NTP)
	dst = binary.BigEndian.AppendUint32(dst, r.RTP)
	dst = binary.BigEndian.AppendUint32(dst, r.Packets)
	dst = binary.BigEndian.AppendUint32(dst, r.Octets)
	return appendSDES(dst, r.SSRC, cname)
}

// Append writes a compound packet: one report block and a source description.
func (r ReceiverReport) Append(dst []byte, cname string) []byte {
	dst = append(dst, 0x81, typeRR, 0, rrLength)
	dst = binary.BigEndian.AppendUint32(dst, r.SSRC)
	dst = binary.BigEndian.AppendUint32(dst, r.About)
	dst = binary.BigEndian.AppendUint32(dst, uint32(r.Fraction)<<24|uint32(r.Lost)&0xffffff)
	dst = binary.BigEndian.AppendUint32(dst, r.Highest)
	dst = binary.BigEndian.AppendUint32(dst, r.Jitter)
	dst = binary.BigEndian.AppendUint32(dst, r.LSR)
	dst = binary.BigEndian.AppendUint32(dst, r.DLSR)
	return appendSDES(dst, r.SSRC, cname)
}

// AppendBye says that a source stops.
func AppendBye(dst []byte, ssrc uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, 0x81, typeBye, 0, 1), ssrc)
}

// AppendPLI asks the source about for a key frame.
func AppendPLI(dst []byte, ssrc, about uint32) []byte {
	dst = append(dst, 0x80|fmtPLI, typePSFB, 0, pliLength)
	dst = binary.BigEndian.AppendUint32(dst, ssrc)
	return binary.BigEndian.AppendUint32(dst, about)
}

// AppendFIR asks the source about for a key frame as RFC 5104 has it; count goes up by one with each new wish.
func AppendFIR(dst []byte, ssrc, about uint32, count uint8) []byte {
	dst = append(dst, 0x80|fmtFIR, typePSFB, 0, firLength)
	dst = binary.BigEndian.AppendUint32(dst, ssrc)
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, about)
	return append(dst, count, 0, 0, 0)
}

func appendSDES(dst []byte, ssrc uint32, cname string) []byte {
	if len(cname) > 255 {
		cname = cname[:255]
	}
	start := len(dst)
	dst = append(dst, 0x81, typeSDES, 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, ssrc)
	dst = append(dst, 1, byte(len(cname)))
	dst = append(dst, cname...)
	dst = append(dst, 0)
	for (len(dst)-start)%4 != 0 {
		dst = append(dst, 0)
	}
	binary.BigEndian.PutUint16(dst[start+2:], uint16((len(dst)-start)/4-1))
	return dst
}

// Reports is what a compound RTCP packet held, as far as we care.
type Reports struct {
	Sender    SenderReport
	Receiver  ReceiverReport // the first block
	IsSender  bool
	IsReceive bool
	Bye       bool
	WantsKey  bool // a picture loss indication or a full intra request
}

// ParseReports reads a compound RTCP packet; parts that it does not know are passed over. ok: it was RTCP at all.
func ParseReports(b []byte) (r Reports, ok bool) {
	for len(b) >= 4 {
		if b[0]>>6 != 2 {
			return r, ok
		}
		n := 4 + 4*int(binary.BigEndian.Uint16(b[2:]))
		if n > len(b) {
			return r, ok
		}
		p, count := b[:n], int(b[0]&0x1f)
		b = b[n:]
		ok = true
		switch p[1] {
		case typeSR:
			if len(p) < sizeSR {
				continue
			}
			r.IsSender = true
			r.Sender = SenderReport{
				SSRC: binary.BigEndian.Uint32(p[4:]), NTP: binary.BigEndian.Uint64(p[8:]), RTP: binary.BigEndian.Uint32(p[16:]),
				Packets: binary.BigEndian.Uint32(p[20:]), Octets: binary.BigEndian.Uint32(p[24:]),
			}
		case typeRR:
			if len(p) < sizeRR || count == 0 {
				continue
			}
			lost := binary.BigEndian.Uint32(p[12:])
			r.IsReceive = true
			r.Receiver = ReceiverReport{
				SSRC: binary.BigEndian.Uint32(p[4:]), About: binary.BigEndian.Uint32(p[8:]),
				Fraction: uint8(lost >> 24), Lost: int32(lost<<8) >> 8, Highest: binary.BigEndian.Uint32(p[16:]),
				Jitter: binary.BigEndian.Uint32(p[20:]), LSR: binary.BigEndian.Uint32(p[24:]), DLSR: binary.BigEndian.Uint32(p[28:]),
			}
		case typePSFB:
			r.WantsKey = r.WantsKey || count == fmtPLI || count == fmtFIR
		case typeBye:
			r.Bye = true
		}
	}
	return r, ok
}
