package rtp

import (
	"encoding/binary"
	"testing"
)

// packets takes a fuzzer's bytes apart into packets: length, sequence step, flags, payload.
func packets(data []byte, f func(h Header, payload []byte)) {
	h := Header{Sequence: 65530}
	for len(data) >= 4 {
		n := int(binary.BigEndian.Uint16(data)) % 2048
		h.Sequence += uint16(int8(data[2]))
		h.Marker = data[3]&1 != 0
		h.Timestamp += uint32(data[3] >> 1)
		data = data[4:]
		n = min(n, len(data))
		f(h, append([]byte(nil), data[:n]...))
		data = data[n:]
	}
}

func seeds(f *testing.F) {
	add := func(payloads ...[]byte) {
		var b []byte
		for i, p := range payloads {
			b = binary.BigEndian.AppendUint16(b, uint16(len(p)))
			marker := byte(0)
			if i == len(payloads)-1 {
				marker = 3
			}
			b = append(b, 1, marker)
			b = append(b, p...)
		}
		f.Add(b)
	}
	add([]byte{0x65, 1, 2})
	add([]byte{0x78, 0, 2, 0x67, 3, 0, 2, 0x68, 4})
	add([]byte{0x7c, 0x85, 1}, []byte{0x7c, 5, 2}, []byte{0x7c, 0x45, 3})
	add([]byte{0, 0, 0, 1, 0x67, 3, 0, 0, 1, 0x65, 9})
	add([]byte{0x60, 1, 0, 3, 0x40, 1, 5, 0, 3, 0x26, 1, 2})
	add([]byte{0x62, 1, 0x93, 1}, []byte{0x62, 1, 0x13, 2}, []byte{0x62, 1, 0x53, 3})
	add([]byte{0, 16, 0, 40, 1, 2, 3}, []byte{0, 16, 0, 40, 4, 5})
	add([]byte{0, 32, 0, 8, 0, 16, 1, 2, 3})
}

func FuzzH264(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) { packets(data, NewH264(&notebook{}).Push) })
}

func FuzzH265(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) { packets(data, NewH265(&notebook{}).Push) })
}

func FuzzAAC(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		packets(data, NewAAC(&notebook{}, nil).Push)
		packets(data, NewAAC(&notebook{}, map[string]string{"sizelength": "6", "indexlength": "2", "indexdeltalength": "2"}).Push)
		packets(data, NewAAC(&notebook{}, map[string]string{"sizelength": "32", "indexlength": "0", "constantduration": "960"}).Push)
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte{0x80, 0xe0, 0x12, 0x34, 0, 0, 0, 5, 0, 0, 0, 6, 1, 2, 3})
	f.Add([]byte{0xb1, 0xe0, 0x12, 0x34, 0, 0, 0, 5, 0, 0, 0, 6, 9, 9, 9, 9, 0xbe, 0xde, 0, 1, 9, 9, 9, 9, 1, 0, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		h, payload, err := Parse(data)
		if err == nil && len(payload) > len(data)-HeaderSize {
			t.Fatalf("%+v: %d bytes of %d", h, len(payload), len(data))
		}
	})
}

func FuzzReports(f *testing.F) {
	f.Add(ReceiverReport{}.Append(SenderReport{SSRC: 1}.Append(nil, "linli"), "x"))
	f.Fuzz(func(t *testing.T, data []byte) { ParseReports(data) })
}

// What was cut, whatever it was, comes together again: units of a packer are never damaged.
func FuzzPacker(f *testing.F) {
	f.Add(avcc([]byte{0x67, 1}, []byte{0x65, 2, 3}), uint16(100))
	f.Fuzz(func(t *testing.T, data []byte, mtu uint16) {
		for _, h265 := range []bool{false, true} {
			p := Packer{MTU: int(mtu), Channel: -1}
			nb := &notebook{}
			var run []byte
			var d Depacketiser
			if h265 {
				run, d = p.AppendH265(nil, 1, data), NewH265(nb)
			} else {
				run, d = p.AppendH264(nil, 1, data), NewH264(nb)
			}
			for pkt, rest := p.Next(run); pkt != nil; pkt, rest = p.Next(rest) {
				h, payload, err := Parse(pkt)
				if err != nil {
					t.Fatal(err)
				}
				if room := max(1400, int(mtu)); len(pkt) > room {
					t.Fatalf("%d bytes", len(pkt))
				}
				d.Push(h, payload)
			}
		}
	})
}

func FuzzReorder(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 0, 4, 0, 3, 255, 255})
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		r := NewReorder(16, 50, func([]byte) { n++ })
		now := int64(0)
		for i := 0; i+1 < len(data); i += 2 {
			now += int64(data[i] & 15)
			r.Push(now, numbered(binary.BigEndian.Uint16(data[i:])))
		}
		r.Expire(now + 100)
		if r.Waiting() != 0 {
			t.Fatalf("%d wait", r.Waiting())
		}
		if n > len(data)/2 {
			t.Fatalf("%d came out of %d", n, len(data)/2)
		}
	})
}
