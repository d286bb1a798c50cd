package rtp

import (
	"encoding/binary"
	"strconv"
)

// AAC undoes RFC 3640 (mpeg4-generic, AAC-hbr and AAC-lbr, no interleaving).
type AAC struct {
	order
	to                 Receiver
	size, index, delta int    // bits of the fields of an AU header
	step               uint32 // samples per access unit
	partial            []byte // an access unit that is larger than a packet
	want               int    // its full size
	partialAt          uint32
}

// maxAAC is more than any access unit of two channels (6144 bits per channel) and little enough to keep.
const maxAAC = 8192

// NewAAC tells to about the access units of the packets pushed; fmtp is that of the description, keys in lower case.
func NewAAC(to Receiver, fmtp map[string]string) *AAC {
	d := &AAC{to: to, size: 13, index: 3, delta: 3, step: 1024}
	num := func(key string, into *int) {
		if n, err := strconv.Atoi(fmtp[key]); err == nil && n >= 0 && n <= 32 {
			*into = n
		}
	}
	num("sizelength", &d.size)
	num("indexlength", &d.index)
	num("indexdeltalength", &d.delta)
	if d.size == 0 {
		d.size = 13
	}
	if n, err := strconv.Atoi(fmtp["constantduration"]); err == nil && n > 0 && n <= 4096 {
		d.step = uint32(n)
	}
	return d
}

// Push takes the next packet.
func (d *AAC) Push(h Header, p []byte) {
	use, gap := d.take(h.Sequence)
	if !use {
		return
	}
	if gap {
		d.want = 0
	}
	if len(p) < 2 {
		return
	}
	bits := int(binary.BigEndian.Uint16(p))
	heads := p[2:]
	n := (bits + 7) / 8
	if bits == 0 || n > len(heads) {
		return
	}
	data := heads[n:]
	heads = heads[:n]

	if d.want > 0 { // in the middle of a fragmented unit
		if h.Timestamp == d.partialAt && len(d.partial)+len(data) <= d.want {
			d.partial = append(d.partial, data...)
			if len(d.partial) == d.want {
				d.want = 0
				d.sound(h.Timestamp, d.partial)
			}
			return
		}
		d.want = 0
	}
	at := h.Timestamp
	pos, second := 0, false
	for {
		skip := d.index
		if second {
			skip = d.delta
		}
		if pos+d.size+skip > bits {
			return
		}
		size := readBits(heads, pos, d.size)
		pos += d.size + skip
		second = true
		if size > len(data) {
			if pos+d.size <= bits || size > maxAAC { // a fragment stands alone
				return
			}
			d.partial = append(d.partial[:0], data...)
			d.want, d.partialAt = size, at
			return
		}
		if size > 0 {
			d.sound(at, data[:size])
		}
		data = data[size:]
		at += d.step
	}
}

// sound strips the ADTS header that some cameras leave on.
func (d *AAC) sound(at uint32, frame []byte) {
	if len(frame) > 7 && frame[0] == 0xff && frame[1]&0xf6 == 0xf0 {
		size := int(frame[3]&3)<<11 | int(frame[4])<<3 | int(frame[5])>>5
		head := 7
		if frame[1]&1 == 0 {
			head = 9
		}
		if size == len(frame) && head < size {
			frame = frame[head:]
		}
	}
	d.to.Sound(at, frame)
}

func readBits(b []byte, pos, n int) int {
	v := 0
	for i := pos; i < pos+n; i++ {
		v = v<<1 | int(b[i>>3]>>(7-i&7)&1)
	}
	return v
}
