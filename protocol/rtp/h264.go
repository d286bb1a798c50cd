package rtp

import "encoding/binary"

// H264 undoes RFC 6184 (non-interleaved mode). It also bears with cameras that set the marker on parameter sets, forget it, or leave
// Annex B start codes in the payload.
type H264 struct {
	unit
}

// NewH264 tells to about the NAL units of the packets pushed.
func NewH264(to Receiver) *H264 { return &H264{unit{to: to}} }

const (
	h264STAPA = 24
	h264STAPB = 25
	h264FUA   = 28
)

// Push takes the next packet. It may overwrite the second byte of the payload.
func (d *H264) Push(h Header, p []byte) {
	if !d.begin(h) {
		return
	}
	if len(p) > 0 {
		switch t := p[0] & 0x1f; {
		case t == 0:
			d.annexB(p)
		case t < h264STAPA:
			d.whole(p)
		case t == h264FUA:
			d.fragment(p)
		case t == h264STAPA:
			d.aggregate(p[1:])
		case t == h264STAPB && len(p) > 3: // a decoding order number follows; it is that of the packets as long as nobody interleaves
			d.aggregate(p[3:])
		default:
			d.damaged = true
		}
	}
	if h.Marker {
		d.marker()
	}
}

func (d *H264) whole(nal []byte) {
	d.cut()
	d.vcl = d.vcl || isVCL264(nal[0])
	d.to.NAL(nal, true, true)
}

func (d *H264) fragment(p []byte) {
	if len(p) < 3 {
		d.damaged = true
		return
	}
	start, end := p[1]&0x80 != 0, p[1]&0x40 != 0
	if start {
		d.cut()
		p[1] = p[0]&0xe0 | p[1]&0x1f // the NAL header as it was
		d.vcl = d.vcl || isVCL264(p[1])
		d.inNAL = !end
		d.to.NAL(p[1:], true, end)
		return
	}
	if !d.inNAL {
		d.damaged = true
		return
	}
	d.inNAL = !end
	d.to.NAL(p[2:], false, end)
}

func (d *H264) aggregate(p []byte) {
	for len(p) > 2 {
		n := int(binary.BigEndian.Uint16(p))
		p = p[2:]
		if n == 0 { // padding at the end, by some
			continue
		}
		if n > len(p) {
			d.damaged = true
			return
		}
		d.whole(p[:n])
		p = p[n:]
	}
}

// annexB splits a payload that begins with a start code; a NAL type of 0 does not exist otherwise.
func (d *H264) annexB(p []byte) {
	n := 0
	for nal := range splitAnnexB(p) {
		d.whole(nal)
		n++
	}
	if n == 0 {
		d.damaged = true
	}
}

func isVCL264(b byte) bool { t := b & 0x1f; return t >= 1 && t <= 5 }
