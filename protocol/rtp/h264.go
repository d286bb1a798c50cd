package rtp

// H264 undoes RFC 6184 (non-interleaved mode). It also bears with cameras that set the marker on parameter sets, forget it, or leave
// Annex B start codes in the payload.
type H264 struct {
	unit
}

// NewH264 tells to about the NAL units of the packets pushed.
func NewH264(to Receiver) *H264 { return &H264{unit{to: to, isVCL: isVCL264, header: 1}} }

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
		case t == 0: // a start code; a NAL type of 0 does not exist otherwise
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

func (d *H264) fragment(p []byte) {
	if len(p) < 3 {
		d.damaged = true
		return
	}
	start, end := p[1]&0x80 != 0, p[1]&0x40 != 0
	if start {
		p[1] = p[0]&0xe0 | p[1]&0x1f // the NAL header as it was
	}
	d.part(p[1:], start, end)
}

func isVCL264(b byte) bool { t := b & 0x1f; return t >= 1 && t <= 5 }
