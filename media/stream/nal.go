package stream

import "linli.dev/linli/protocol/cmaf"

func (u *unit) look(nal []byte) {
	kind := u.kind(nal[0])
	if u.codec == cmaf.H265 {
		switch {
		case kind < 32:
			u.slices++
			u.onlyI = false
			u.idr = u.idr || kind >= 16 && kind <= 23
		case kind == 39 && len(nal) > 2:
			u.recovery = u.recovery || recoveryPoint(nal[2:])
		}
		return
	}
	switch kind {
	case 1, 2, 5:
		u.slices++
		u.idr = u.idr || kind == 5
		u.onlyI = u.onlyI && intra(nal[1:])
	case 3, 4:
		u.slices++
	case 6:
		u.recovery = u.recovery || recoveryPoint(nal[1:])
	}
}

// recoveryPoint looks for payload type 6 among the messages of an SEI (H.264 and H.265 alike).
func recoveryPoint(b []byte) bool {
	for len(b) >= 2 {
		kind, size := 0, 0
		for len(b) > 0 && b[0] == 0xff {
			kind, b = kind+255, b[1:]
		}
		if len(b) == 0 {
			return false
		}
		kind, b = kind+int(b[0]), b[1:]
		for len(b) > 0 && b[0] == 0xff {
			size, b = size+255, b[1:]
		}
		if len(b) == 0 {
			return false
		}
		size, b = size+int(b[0]), b[1:]
		if kind == 6 {
			return true
		}
		if size > len(b) {
			return false
		}
		b = b[size:]
	}
	return false
}

// intra says whether an H.264 slice is of type I: the second number of its header.
func intra(b []byte) bool {
	_, at := golomb(b, 0)
	kind, at := golomb(b, at)
	return at > 0 && kind%5 == 2
}

// golomb reads an unsigned Exp-Golomb number at bit at; next 0 when the bytes end.
func golomb(b []byte, at int) (v, next int) {
	zeros := 0
	for ; ; at++ {
		if at>>3 >= len(b) || zeros > 24 {
			return 0, 0
		}
		if b[at>>3]>>(7-at&7)&1 == 1 {
			break
		}
		zeros++
	}
	for range zeros + 1 {
		if at>>3 >= len(b) {
			return 0, 0
		}
		v = v<<1 | int(b[at>>3]>>(7-at&7)&1)
		at++
	}
	return v - 1, at
}
