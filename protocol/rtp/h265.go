package rtp

// H265 undoes RFC 7798 without decoding order numbers (sprop-max-don-diff of 0, the only thing cameras send).
type H265 struct {
	unit
}

// NewH265 tells to about the NAL units of the packets pushed.
func NewH265(to Receiver) *H265 { return &H265{unit{to: to, isVCL: isVCL265, header: 2}} }

const (
	h265AP = 48
	h265FU = 49
)

// Push takes the next packet. It may overwrite the second and third byte of the payload.
func (d *H265) Push(h Header, p []byte) {
	if !d.begin(h) {
		return
	}
	switch {
	case len(p) == 0:
	case len(p) < 3:
		d.damaged = true
	default:
		switch t := p[0] >> 1 & 0x3f; {
		case t == 0 && p[0]&1 == 0 && p[1] == 0 && (p[2] == 1 || p[2] == 0): // a start code; a slice of type 0 has a temporal id of 1 or more in its second byte
			d.annexB(p)
		case t < h265AP:
			d.whole(p)
		case t == h265FU:
			d.fragment(p)
		case t == h265AP:
			d.aggregate(p[2:])
		default:
			d.damaged = true
		}
	}
	if h.Marker {
		d.marker()
	}
}

func (d *H265) fragment(p []byte) {
	if len(p) < 4 {
		d.damaged = true
		return
	}
	start, end := p[2]&0x80 != 0, p[2]&0x40 != 0
	if start {
		p[2], p[1] = p[1], p[0]&0x81|p[2]&0x3f<<1 // the NAL header as it was
	}
	d.part(p[1:], start, end)
}

func isVCL265(b byte) bool { return b>>1&0x3f < 32 }
