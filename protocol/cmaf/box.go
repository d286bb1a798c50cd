package cmaf

import "encoding/binary"

var be = binary.BigEndian

// open begins a box; shut(b, at) fills in its size.
func open(b []byte, kind string) ([]byte, int) {
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	return append(b, kind...), at
}

// openFull begins a box with version and flags.
func openFull(b []byte, kind string, version byte, flags uint32) ([]byte, int) {
	b, at := open(b, kind)
	return u32(b, uint32(version)<<24|flags), at
}

func shut(b []byte, at int) []byte {
	be.PutUint32(b[at:], uint32(len(b)-at))
	return b
}

func u16(b []byte, v uint16) []byte { return be.AppendUint16(b, v) }
func u32(b []byte, v uint32) []byte { return be.AppendUint32(b, v) }
func u64(b []byte, v uint64) []byte { return be.AppendUint64(b, v) }

func zeros(b []byte, n int) []byte {
	for range n {
		b = append(b, 0)
	}
	return b
}

// matrix of mvhd and tkhd: the picture as it is.
func matrix(b []byte) []byte {
	for _, v := range [9]uint32{0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000} {
		b = u32(b, v)
	}
	return b
}

// boxes steps over the boxes in b and calls f with each kind and content. False: a size does not fit, or f said stop.
func boxes(b []byte, f func(kind string, body []byte) bool) bool {
	for len(b) >= 8 {
		size, head := uint64(be.Uint32(b)), uint64(8)
		switch size {
		case 0:
			size = uint64(len(b))
		case 1:
			if len(b) < 16 {
				return false
			}
			size, head = be.Uint64(b[8:]), 16
		}
		if size < head || size > uint64(len(b)) {
			return false
		}
		if !f(string(b[4:8]), b[head:size]) {
			return false
		}
		b = b[size:]
	}
	return len(b) == 0
}

// child finds the first box of a kind.
func child(b []byte, kind string) (body []byte, ok bool) {
	boxes(b, func(k string, c []byte) bool {
		if k == kind {
			body, ok = c, true
		}
		return !ok
	})
	return body, ok
}
