package rtp

// order watches the sequence numbers of one source.
type order struct {
	next    uint16
	started bool
}

// late is how far behind a packet may be to be taken for a straggler and not for a source that counts anew.
const late = 64

// take says whether a packet is to be used, and whether something before it is missing.
func (o *order) take(seq uint16) (use, gap bool) {
	behind := int16(seq - o.next)
	switch {
	case !o.started:
		o.started = true
	case behind == 0:
	case behind < 0 && behind > -late:
		return false, false
	default:
		gap = true
	}
	o.next = seq + 1
	return true, gap
}
