package rtp

import "bytes"

// unit is the access unit being put together; H.264 and H.265 share its rules.
type unit struct {
	order
	to        Receiver
	timestamp uint32
	open      bool // packets of timestamp have come, and it is not ended
	damaged   bool
	vcl       bool // a slice has begun
	inNAL     bool // between the first and the last fragment of a NAL unit
}

// begin sorts a packet into its access unit; false: it is a duplicate or a straggler.
func (u *unit) begin(h Header) bool {
	use, gap := u.take(h.Sequence)
	if !use {
		return false
	}
	if gap {
		u.inNAL = false
		u.damaged = u.open
	}
	if u.open && h.Timestamp != u.timestamp {
		u.cut()
		u.end()
	}
	u.open = true
	u.timestamp = h.Timestamp
	if gap {
		u.damaged = true // whether the head of this unit or whole units before it are missing cannot be told
	}
	return true
}

// cut gives up a NAL unit whose last fragment never came.
func (u *unit) cut() {
	if u.inNAL {
		u.inNAL = false
		u.damaged = true
	}
}

// marker ends the unit, but not behind parameter sets alone: some cameras mark every NAL unit.
func (u *unit) marker() {
	if u.vcl || u.damaged {
		u.cut()
		u.end()
	}
}

func (u *unit) end() {
	damaged := u.damaged
	u.open, u.damaged, u.vcl = false, false, false
	u.to.EndUnit(u.timestamp, damaged)
}

// splitAnnexB yields the NAL units of a byte stream that begins with a start code.
func splitAnnexB(p []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		code := []byte{0, 0, 1}
		i := bytes.Index(p, code)
		if i < 0 || i > 1 {
			return
		}
		p = p[i+3:]
		for len(p) > 0 {
			nal, rest, more := bytes.Cut(p, code)
			if more {
				nal = bytes.TrimRight(nal, "\x00") // the zero byte of a four-byte code, and trailing zeros
			}
			if len(nal) > 0 && !yield(nal) {
				return
			}
			p = rest
		}
	}
}
