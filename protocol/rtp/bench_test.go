package rtp

import "testing"

type nobody struct{ n int }

func (r *nobody) NAL(part []byte, _, _ bool)   { r.n += len(part) }
func (r *nobody) EndUnit(uint32, bool)         {}
func (r *nobody) Sound(_ uint32, frame []byte) { r.n += len(frame) }

func frame() []byte { return avcc(append([]byte{0x41}, make([]byte, 9999)...)) }

func BenchmarkDepacketise(b *testing.B) {
	for _, codec := range []string{"H264", "H265"} {
		b.Run(codec, func(b *testing.B) {
			p := Packer{Channel: 0}
			run := p.AppendH264(nil, 0, frame())
			var d Depacketiser = NewH264(&nobody{})
			if codec == "H265" {
				run = (&Packer{Channel: 0}).AppendH265(nil, 0, frame())
				d = NewH265(&nobody{})
			}
			var pkts [][]byte
			for pkt, rest := p.Next(run); pkt != nil; pkt, rest = p.Next(rest) {
				pkts = append(pkts, pkt)
			}
			seq := uint16(0)
			second := make([][3]byte, len(pkts)) // Push overwrites what we push again
			for i, pkt := range pkts {
				copy(second[i][:], pkt[HeaderSize:])
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				pkt := pkts[n%len(pkts)]
				copy(pkt[HeaderSize:], second[n%len(pkts)][:])
				h, payload, err := Parse(pkt)
				if err != nil {
					b.Fatal(err)
				}
				h.Sequence = seq
				h.Timestamp = uint32(n / len(pkts))
				seq++
				n++
				d.Push(h, payload)
			}
		})
	}
}

func BenchmarkPack(b *testing.B) {
	p := Packer{Channel: 0}
	unit := frame()
	var buf []byte
	b.ReportAllocs()
	b.SetBytes(int64(len(unit)))
	for b.Loop() {
		buf = p.AppendH264(buf[:0], 0, unit)
	}
}

func BenchmarkReorder(b *testing.B) {
	r := NewReorder(256, 1e9, func([]byte) {})
	pkt := numbered(0)
	b.ReportAllocs()
	seq := uint16(0)
	for b.Loop() {
		Header{Sequence: seq}.Put(pkt)
		seq++
		r.Push(0, pkt)
	}
}
