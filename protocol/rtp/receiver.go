package rtp

// Receiver is told what packets contained. Every slice is valid only during the call.
type Receiver interface {
	// NAL gets a part of a NAL unit, aggregation and fragmentation already undone. start: its first byte is the NAL
	// header; end: the unit is complete. A unit that loss cut off gets no end, and its access unit ends damaged.
	NAL(part []byte, start, end bool)
	// EndUnit closes an access unit: its marker came, or a packet of the next timestamp. damaged: a packet of it is missing.
	EndUnit(timestamp uint32, damaged bool)
	// Sound gets one AAC access unit, or a run of G.711 bytes, and the timestamp of its first sample.
	Sound(timestamp uint32, frame []byte)
}

// Depacketiser is what all codecs share. Push may overwrite single bytes of the payload (it rebuilds NAL headers in place).
type Depacketiser interface {
	Push(h Header, payload []byte)
}
