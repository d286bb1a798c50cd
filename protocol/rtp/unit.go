package rtp

import (
	"bytes"
	"encoding/binary"
)

// unit is the access unit being put together; H.264 and H.265 share its rules.
type unit struct {
	order
	to     Receiver
	isVCL  func(byte) bool // by the first byte of a NAL unit
	header int             // bytes of a NAL unit's header

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

func (u *unit) whole(nal []byte) {
	u.cut()
	u.vcl = u.vcl || u.isVCL(nal[0])
	u.to.NAL(nal, true, true)
}

// part takes a fragment of a NAL unit, behind a header that counts only at its start.
func (u *unit) part(p []byte, start, end bool) {
	switch {
	case start:
		u.cut()
		u.vcl = u.vcl || u.isVCL(p[0])
	case u.inNAL:
		p = p[u.header:]
	default:
		u.damaged = true
		return
	}
	u.inNAL = !end
	u.to.NAL(p, start, end)
}

// aggregate takes NAL units with their sizes in front.
func (u *unit) aggregate(p []byte) {
	for len(p) > 2 {
		n := int(binary.BigEndian.Uint16(p))
		p = p[2:]
		if n == 0 { // padding at the end, by some
			continue
		}
		if n > len(p) || n < u.header {
			u.damaged = true
			return
		}
		u.whole(p[:n])
		p = p[n:]
	}
}

// annexB splits a payload that begins with a start code.
func (u *unit) annexB(p []byte) {
	n := 0
	for nal := range splitAnnexB(p) {
		if len(nal) >= u.header {
			u.whole(nal)
			n++
		}
	}
	if n == 0 {
		u.damaged = true
	}
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
