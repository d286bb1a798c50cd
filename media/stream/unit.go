package stream

import (
	"encoding/binary"

	"linli.dev/linli/protocol/cmaf"
)

// unit collects the parts of one access unit in the current block: NAL units behind 4-byte lengths. Delimiters and filler
// are left out, parameter sets are taken out into sets.
type unit struct {
	codec cmaf.Codec
	pool  *blocks
	heap  func() bool // readers are there

	cur   *block // held by the writer
	start int    // of the unit, in cur.buf
	size  int    // of the unit so far
	nal   int    // where the open NAL unit's length stands, from start; -1 = none
	fate  fate   // of the open NAL unit
	key   int    // bytes of the latest key unit: room to take at once
	mean  int    // bytes of a unit

	broken   bool // parts are missing, or it is too large
	slices   int
	idr      bool // decoding begins here, says the standard
	recovery bool // decoding may begin here, says the encoder
	onlyI    bool // all slices so far are intra (H.264)

	scratch []byte    // the open parameter set
	sets    [3][]byte // VPS, SPS, PPS in force
	fresh   [3][]byte // changed ones, to be in force from the next key unit on
}

type fate uint8

const (
	write fate = iota
	skip
	keep // into sets
)

const maxSet = 4096 // bytes of a parameter set

func newUnit(codec cmaf.Codec, pool *blocks, heap func() bool) *unit {
	u := &unit{codec: codec, pool: pool, heap: heap, nal: -1}
	u.clear()
	return u
}

// clear forgets the unit; its place is written anew.
func (u *unit) clear() {
	u.size, u.nal, u.slices, u.broken = 0, -1, 0, false
	u.idr, u.recovery, u.onlyI = false, false, true
	if u.cur != nil {
		u.start = u.cur.used
	}
}

// close gives the block back.
func (u *unit) close() {
	if u.cur != nil {
		u.pool.drop(u.cur)
		u.cur = nil
	}
}

// kind of a NAL unit, from the first byte of its header.
func (u *unit) kind(b byte) byte {
	if u.codec == cmaf.H265 {
		return b >> 1 & 0x3f
	}
	return b & 0x1f
}

// set says which parameter set a kind of NAL unit is: 0 VPS, 1 SPS, 2 PPS, -1 none.
func (u *unit) set(kind byte) int {
	if u.codec == cmaf.H265 {
		if kind >= 32 && kind <= 34 {
			return int(kind) - 32
		}
	} else if kind == 7 || kind == 8 {
		return int(kind) - 6
	}
	return -1
}

func (u *unit) dispensable(kind byte) bool {
	if u.codec == cmaf.H265 {
		return kind >= 35 && kind <= 38 || kind >= 48 // delimiter, ends, filler; reserved for transport
	}
	return kind == 0 || kind >= 9 && kind <= 12 || kind >= 24
}

// add takes a part of a NAL unit.
func (u *unit) add(part []byte, start, end bool) {
	if start {
		if u.nal >= 0 {
			u.broken = true
		}
		u.begin(part)
	} else if u.nal < 0 {
		return // its start was lost; the unit will be called damaged
	}
	switch u.fate {
	case write:
		u.write(part)
	case keep:
		if len(u.scratch)+len(part) <= maxSet {
			u.scratch = append(u.scratch, part...)
		} else {
			u.fate = skip
		}
	}
	if end && u.nal >= 0 {
		u.end()
	}
}

func (u *unit) begin(part []byte) {
	u.nal = u.size
	if len(part) == 0 {
		u.fate = skip
		return
	}
	kind := u.kind(part[0])
	switch {
	case u.set(kind) >= 0:
		u.fate = keep
		u.scratch = u.scratch[:0]
	case u.dispensable(kind):
		u.fate = skip
	default:
		u.fate = write
		if room := u.key + u.key/8; room > 0 && u.cur != nil && u.cur.left() < u.size+room && u.starts(kind) {
			u.move(room)
		}
		u.write([]byte{0, 0, 0, 0})
	}
}

// starts says whether a NAL unit of this kind belongs to a key picture, in which case room is taken for all of it.
func (u *unit) starts(kind byte) bool {
	if u.codec == cmaf.H265 {
		return kind >= 16 && kind <= 23
	}
	return kind == 5
}

func (u *unit) write(part []byte) {
	if u.size+len(part) > maxUnit {
		u.broken = true
		return
	}
	if u.cur == nil || u.cur.left() < u.size+len(part) {
		u.move(len(part))
	}
	copy(u.cur.buf[u.start+u.size:], part)
	u.size += len(part)
}

// move takes the unit so far to a new block with room for more behind it. A block holds some six units: fewer would be
// moved too often, more would hold memory for nothing.
func (u *unit) move(more int) {
	need := u.size + more
	if need > plainBlock {
		need += need / 2
	}
	b := u.pool.get(max(need, plainBlock, min(6*u.mean, 1<<20)), u.heap())
	if u.cur != nil {
		copy(b.buf, u.cur.buf[u.start:u.start+u.size])
		u.pool.drop(u.cur)
	}
	u.cur, u.start = b, 0
}

// end closes the open NAL unit and looks at what it is.
func (u *unit) end() {
	at := u.nal
	u.nal = -1
	switch u.fate {
	case keep:
		u.keepSet()
	case write:
		if u.broken {
			return
		}
		nal := u.cur.buf[u.start+at+4 : u.start+u.size]
		binary.BigEndian.PutUint32(u.cur.buf[u.start+at:], uint32(len(nal)))
		u.look(nal)
	}
}

// take finishes the unit. The bytes are the block's; the caller holds it before the writer lets go.
func (u *unit) take() (b *block, from, to int) {
	b, from, to = u.cur, u.start, u.start+u.size
	if u.idr {
		u.key = u.size
	}
	u.mean += (u.size - u.mean) / 16
	b.used = to
	u.clear()
	return b, from, to
}
