package rtp

// Reception keeps the numbers of a receiver report for one source (RFC 3550, appendix A). The zero value is ready.
type Reception struct {
	ssrc     uint32
	started  bool
	base     uint16
	highest  uint16
	cycles   uint32
	received uint32
	prior    uint32 // packets expected at the last report
	priorGot uint32
	transit  int64
	jitter   int64 // times 16
	lastNTP  uint32
	lastSR   int64
}

// Take counts a packet. arrival is in nanoseconds of a clock that nobody sets, rate the clock rate of the media.
func (r *Reception) Take(h Header, arrival int64, rate int) {
	if !r.started || h.SSRC != r.ssrc {
		*r = Reception{ssrc: h.SSRC, started: true, base: h.Sequence, highest: h.Sequence, received: 1}
		r.transit = scale(arrival, rate) - int64(h.Timestamp)
		return
	}
	if step := int16(h.Sequence - r.highest); step > 0 {
		if h.Sequence < r.highest {
			r.cycles += 1 << 16
		}
		r.highest = h.Sequence
	}
	r.received++
	transit := scale(arrival, rate) - int64(h.Timestamp)
	d := transit - r.transit
	r.transit = transit
	if d < 0 {
		d = -d
	}
	if d < 1<<31 { // else the timestamp went round
		r.jitter += d - (r.jitter+8)>>4
	}
}

// Sender notes when a sender report came, for the round trip.
func (r *Reception) Sender(ntp uint64, arrival int64) {
	r.lastNTP, r.lastSR = uint32(ntp>>16), arrival
}

// Lost is the number of packets that never came.
func (r *Reception) Lost() int64 {
	if !r.started {
		return 0
	}
	return int64(r.cycles) + int64(r.highest) - int64(r.base) + 1 - int64(r.received)
}

// Report is the report of this moment; false: nothing has come yet.
func (r *Reception) Report(ssrc uint32, now int64) (ReceiverReport, bool) {
	if !r.started {
		return ReceiverReport{}, false
	}
	highest := r.cycles + uint32(r.highest)
	expected := highest - uint32(r.base) + 1
	lost := max(-1<<23, min(1<<23-1, r.Lost()))
	rep := ReceiverReport{SSRC: ssrc, About: r.ssrc, Lost: int32(lost), Highest: highest, Jitter: uint32(r.jitter >> 4), LSR: r.lastNTP}
	if want, got := expected-r.prior, r.received-r.priorGot; want > 0 && got < want {
		rep.Fraction = uint8(uint64(want-got) << 8 / uint64(want))
	}
	r.prior, r.priorGot = expected, r.received
	if r.lastSR > 0 && now > r.lastSR {
		rep.DLSR = uint32((now - r.lastSR) * 65536 / 1e9)
	}
	return rep, true
}

// scale turns nanoseconds into units of a clock without overflow.
func scale(nanos int64, rate int) int64 {
	return nanos/1e9*int64(rate) + nanos%1e9*int64(rate)/1e9
}
