package rtp

import (
	"encoding/binary"
	"errors"
)

// HeaderSize is the length of a header without contributing sources and extensions.
const HeaderSize = 12

// Header is the fixed part of an RTP packet (RFC 3550, section 5.1) that receivers care for.
type Header struct {
	Marker      bool
	PayloadType uint8
	Sequence    uint16
	Timestamp   uint32
	SSRC        uint32
}

// What is wrong with a packet that Parse refuses.
var (
	ErrShort   = errors.New("rtp: packet is too short")
	ErrVersion = errors.New("rtp: not version 2")
	ErrPadding = errors.New("rtp: padding is longer than the payload")
)

// Parse reads the header of a packet and returns its payload, a slice of b without extension and padding.
func Parse(b []byte) (Header, []byte, error) {
	if len(b) < HeaderSize {
		return Header{}, nil, ErrShort
	}
	b0 := b[0]
	if b0>>6 != 2 {
		return Header{}, nil, ErrVersion
	}
	h := Header{
		Marker:      b[1]&0x80 != 0,
		PayloadType: b[1] & 0x7f,
		Sequence:    binary.BigEndian.Uint16(b[2:]),
		Timestamp:   binary.BigEndian.Uint32(b[4:]),
		SSRC:        binary.BigEndian.Uint32(b[8:]),
	}
	if b0&0x3f == 0 { // no padding, no extension, no sources: nearly every packet of a camera
		return h, b[HeaderSize:], nil
	}
	off := HeaderSize + 4*int(b0&0x0f)
	if len(b) < off {
		return Header{}, nil, ErrShort
	}
	if b0&0x10 != 0 {
		if len(b) < off+4 {
			return Header{}, nil, ErrShort
		}
		off += 4 + 4*int(binary.BigEndian.Uint16(b[off+2:]))
		if len(b) < off {
			return Header{}, nil, ErrShort
		}
	}
	end := len(b)
	if b0&0x20 != 0 {
		if end == off {
			return Header{}, nil, ErrPadding
		}
		end -= int(b[end-1])
		if end < off {
			return Header{}, nil, ErrPadding
		}
	}
	return h, b[off:end], nil
}

// Put writes h as the first HeaderSize bytes of b, which must be long enough.
func (h Header) Put(b []byte) {
	_ = b[HeaderSize-1]
	b[0] = 0x80
	b[1] = h.PayloadType & 0x7f
	if h.Marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], h.Sequence)
	binary.BigEndian.PutUint32(b[4:], h.Timestamp)
	binary.BigEndian.PutUint32(b[8:], h.SSRC)
}
