package rtp

// G711 passes on A-law or µ-law (RFC 3551): a packet is a run of samples of one byte.
type G711 struct {
	order
	to Receiver
}

// NewG711 tells to about the samples of the packets pushed.
func NewG711(to Receiver) *G711 { return &G711{to: to} }

// Push takes the next packet.
func (d *G711) Push(h Header, p []byte) {
	if use, _ := d.take(h.Sequence); use && len(p) > 0 {
		d.to.Sound(h.Timestamp, p)
	}
}
