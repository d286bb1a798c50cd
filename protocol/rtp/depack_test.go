package rtp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// notebook writes down what a depacketiser tells.
type notebook struct {
	nals  [][]byte
	units []string // "timestamp:number of NAL units" with "!" when damaged
	inNAL bool
	count int
	sound []string
}

func (n *notebook) NAL(part []byte, start, end bool) {
	if len(part) == 0 {
		panic("an empty part")
	}
	if start {
		n.nals = append(n.nals, nil)
		n.count++
	} else if !n.inNAL {
		panic("a part of nothing")
	}
	last := len(n.nals) - 1
	n.nals[last] = append(n.nals[last], part...)
	n.inNAL = !end
}

func (n *notebook) EndUnit(ts uint32, damaged bool) {
	s := fmt.Sprintf("%d:%d", ts, n.count)
	if damaged {
		s += "!"
	}
	if n.inNAL && !damaged {
		panic("a unit that is whole ends in the middle of a NAL unit")
	}
	n.inNAL = false
	n.units = append(n.units, s)
	n.count = 0
}

func (n *notebook) Sound(ts uint32, frame []byte) {
	n.sound = append(n.sound, fmt.Sprintf("%d:%d", ts, len(frame)))
}

func avcc(nals ...[]byte) (b []byte) {
	for _, n := range nals {
		b = binary.BigEndian.AppendUint32(b, uint32(len(n)))
		b = append(b, n...)
	}
	return b
}

func random(r *rand.Rand, head []byte, n int) []byte {
	b := append([]byte(nil), head...)
	for len(b) < n {
		b = append(b, byte(r.Uint32())|1) // no start codes
	}
	return b
}

// What is cut into packets comes together again, whatever the sizes.
func TestThereAndBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, codec := range []string{"H264", "H265"} {
		for _, channel := range []int{-1, 4} {
			p := Packer{PayloadType: 96, SSRC: 9, Sequence: 65500, MTU: 200, Channel: channel}
			nb := &notebook{}
			var d Depacketiser = NewH264(nb)
			if codec == "H265" {
				d = NewH265(nb)
			}
			var want [][]byte
			var units []string
			for u := range 300 {
				var nals [][]byte
				for i := range 1 + r.IntN(4) {
					head := []byte{byte(0x61), 0x11} // a slice
					if codec == "H265" {
						head = []byte{0x02, 0x01}
					}
					if i == 0 && r.IntN(3) == 0 {
						head[0] = map[string]byte{"H264": 0x67, "H265": 0x42}[codec]
					}
					nals = append(nals, random(r, head, 3+r.IntN(700)))
				}
				nals = append(nals, random(r, []byte{map[string]byte{"H264": 0x41, "H265": 0x02}[codec], 0x01}, 3+r.IntN(190)))
				want = append(want, nals...)
				units = append(units, fmt.Sprintf("%d:%d", u*3600, len(nals)))
				var run []byte
				if codec == "H264" {
					run = p.AppendH264(nil, uint32(u*3600), avcc(nals...))
				} else {
					run = p.AppendH265(nil, uint32(u*3600), avcc(nals...))
				}
				markers := 0
				for pkt, rest := p.Next(run); pkt != nil; pkt, rest = p.Next(rest) {
					h, payload, err := Parse(pkt)
					if err != nil || len(pkt) > 200 || h.PayloadType != 96 || h.SSRC != 9 {
						t.Fatalf("%v %+v of %d bytes", err, h, len(pkt))
					}
					if h.Marker {
						markers++
					}
					d.Push(h, payload)
				}
				if markers != 1 {
					t.Fatalf("%d markers", markers)
				}
			}
			if len(nb.nals) != len(want) {
				t.Fatalf("%s: %d NAL units, want %d", codec, len(nb.nals), len(want))
			}
			for i := range want {
				if !bytes.Equal(nb.nals[i], want[i]) {
					t.Fatalf("%s: NAL unit %d differs:\n%x\n%x", codec, i, nb.nals[i], want[i])
				}
			}
			if got, want := strings.Join(nb.units, " "), strings.Join(units, " "); got != want {
				t.Errorf("%s: units\n%s\nwant\n%s", codec, got, want)
			}
		}
	}
}

// packet is a shorthand for the tables below: sequence, timestamp, marker, payload.
type packet struct {
	seq     uint16
	ts      uint32
	marker  bool
	payload []byte
}

func TestH264(t *testing.T) {
	slice, sps, pps := []byte{0x65, 1, 2}, []byte{0x67, 3}, []byte{0x68, 4}
	fu := func(flags byte, b ...byte) []byte { return append([]byte{0x7c, flags | 5}, b...) }
	stap := append([]byte{0x78, 0, 2, 0x67, 3, 0, 2, 0x68, 4}, 0, 3, 0x65, 1, 2)
	for name, c := range map[string]struct {
		in    []packet
		units string
		nals  string
	}{
		"single":                      {[]packet{{1, 10, true, slice}, {2, 20, true, slice}}, "10:1 20:1", "650102 650102"},
		"no markers":                  {[]packet{{1, 10, false, slice}, {2, 20, false, slice}, {3, 30, false, slice}}, "10:1 20:1", "650102 650102 650102"},
		"marker on every NAL unit":    {[]packet{{1, 10, true, sps}, {2, 10, true, pps}, {3, 10, true, slice}}, "10:3", "6703 6804 650102"},
		"STAP-A":                      {[]packet{{1, 10, true, stap}}, "10:3", "6703 6804 650102"},
		"FU-A":                        {[]packet{{1, 10, false, fu(0x80, 1)}, {2, 10, false, fu(0, 2)}, {3, 10, true, fu(0x40, 3)}}, "10:1", "65010203"},
		"start and end in one":        {[]packet{{1, 10, true, fu(0xc0, 1)}}, "10:1", "6501"},
		"annex B in the payload":      {[]packet{{1, 10, true, []byte{0, 0, 0, 1, 0x67, 3, 0, 0, 0, 1, 0x68, 4, 0, 0, 1, 0x65, 9}}}, "10:3", "6703 6804 6509"},
		"middle lost":                 {[]packet{{1, 10, false, fu(0x80, 1)}, {3, 10, true, fu(0x40, 3)}}, "10:1!", "6501"},
		"head lost":                   {[]packet{{1, 10, true, slice}, {3, 20, true, fu(0x40, 3)}, {4, 30, true, slice}}, "10:1 20:0! 30:1", "650102 650102"},
		"tail lost":                   {[]packet{{1, 10, false, fu(0x80, 1)}, {3, 20, true, slice}, {4, 30, true, slice}}, "10:1! 20:1! 30:1", "6501 650102 650102"},
		"whole unit lost":             {[]packet{{1, 10, true, slice}, {3, 30, true, slice}, {4, 40, true, slice}}, "10:1 30:1! 40:1", "650102 650102 650102"},
		"twice":                       {[]packet{{1, 10, true, slice}, {1, 10, true, slice}, {2, 20, true, slice}}, "10:1 20:1", "650102 650102"},
		"wraps":                       {[]packet{{65535, 10, true, slice}, {0, 20, true, slice}}, "10:1 20:1", "650102 650102"},
		"end never came":              {[]packet{{1, 10, false, fu(0x80, 1)}, {2, 20, true, slice}}, "10:1! 20:1", "6501 650102"},
		"STAP-A that lies":            {[]packet{{1, 10, true, []byte{0x78, 0, 9, 0x67}}}, "10:0!", ""},
		"FU-A too short":              {[]packet{{1, 10, true, []byte{0x7c, 0x85}}}, "10:0!", ""},
		"interleaved mode, not known": {[]packet{{1, 10, true, []byte{0x1a, 0, 0, 0, 0}}}, "10:0!", ""},
		"counts anew":                 {[]packet{{1000, 10, true, slice}, {1, 20, true, slice}, {2, 30, true, slice}}, "10:1 20:1! 30:1", "650102 650102 650102"},
		"empty":                       {[]packet{{1, 10, false, nil}, {2, 10, true, slice}}, "10:1", "650102"},
	} {
		check(t, name, c.in, c.units, c.nals, func(r Receiver) Depacketiser { return NewH264(r) })
	}
}

func TestH265(t *testing.T) {
	slice := []byte{0x26, 0x01, 2}
	fu := func(flags byte, b ...byte) []byte { return append([]byte{0x62, 0x01, flags | 19}, b...) }
	ap := []byte{0x60, 0x01, 0, 3, 0x40, 0x01, 5, 0, 3, 0x26, 0x01, 2}
	for name, c := range map[string]struct {
		in    []packet
		units string
		nals  string
	}{
		"single":           {[]packet{{1, 10, true, slice}}, "10:1", "260102"},
		"AP":               {[]packet{{1, 10, true, ap}}, "10:2", "400105 260102"},
		"FU":               {[]packet{{1, 10, false, fu(0x80, 1)}, {2, 10, false, fu(0, 2)}, {3, 10, true, fu(0x40, 3)}}, "10:1", "2601010203"},
		"middle lost":      {[]packet{{1, 10, false, fu(0x80, 1)}, {3, 10, true, fu(0x40, 3)}}, "10:1!", "260101"},
		"marker on VPS":    {[]packet{{1, 10, true, []byte{0x40, 1, 7}}, {2, 10, true, slice}}, "10:2", "400107 260102"},
		"annex B":          {[]packet{{1, 10, true, []byte{0, 0, 0, 1, 0x40, 1, 7, 0, 0, 1, 0x26, 1, 2}}}, "10:2", "400107 260102"},
		"trailing picture": {[]packet{{1, 10, true, []byte{0x00, 0x01, 0x01, 9}}}, "10:1", "00010109"},
		"too short":        {[]packet{{1, 10, true, []byte{0x26}}}, "10:0!", ""},
		"AP that lies":     {[]packet{{1, 10, true, []byte{0x60, 1, 0, 9, 1}}}, "10:0!", ""},
		"PACI, not known":  {[]packet{{1, 10, true, []byte{0x64, 1, 0, 9, 1}}}, "10:0!", ""},
	} {
		check(t, name, c.in, c.units, c.nals, func(r Receiver) Depacketiser { return NewH265(r) })
	}
}

func check(t *testing.T, name string, in []packet, units, nals string, make func(Receiver) Depacketiser) {
	t.Helper()
	nb := &notebook{}
	d := make(nb)
	for _, p := range in {
		d.Push(Header{Sequence: p.seq, Timestamp: p.ts, Marker: p.marker}, append([]byte(nil), p.payload...))
	}
	var got []string
	for _, n := range nb.nals {
		got = append(got, fmt.Sprintf("%x", n))
	}
	if s := strings.Join(nb.units, " "); s != units {
		t.Errorf("%s: units %q, want %q", name, s, units)
	}
	if s := strings.Join(got, " "); s != nals {
		t.Errorf("%s: NAL units %q, want %q", name, s, nals)
	}
}

func TestSound(t *testing.T) {
	for name, c := range map[string]struct {
		fmtp map[string]string
		in   []packet
		want string
	}{
		"one":           {nil, []packet{{1, 10, true, []byte{0, 16, 0, 3 << 3, 1, 2, 3}}}, "10:3"},
		"two":           {nil, []packet{{1, 10, true, []byte{0, 32, 0, 1 << 3, 0, 2 << 3, 1, 2, 3}}}, "10:1 1034:2"},
		"fragmented":    {nil, []packet{{1, 10, false, []byte{0, 16, 0, 5 << 3, 1, 2, 3}}, {2, 10, true, []byte{0, 16, 0, 5 << 3, 4, 5}}}, "10:5"},
		"fragment lost": {nil, []packet{{1, 10, false, []byte{0, 16, 0, 5 << 3, 1, 2}}, {3, 10, true, []byte{0, 16, 0, 5 << 3, 5}}, {4, 20, true, []byte{0, 16, 0, 1 << 3, 1}}}, "20:1"},
		"low rate":      {map[string]string{"sizelength": "6", "indexlength": "2", "indexdeltalength": "2"}, []packet{{1, 10, true, []byte{0, 8, 2 << 2, 1, 2}}}, "10:2"},
		"ADTS":          {nil, []packet{{1, 10, true, []byte{0, 16, 0, 9 << 3, 0xff, 0xf1, 0x60, 0x40, 0x01, 0x3f, 0xfc, 7, 8}}}, "10:2"},
		"lies":          {nil, []packet{{1, 10, true, []byte{0xff, 0xff, 0}}, {2, 20, true, []byte{0, 0}}, {3, 30, true, nil}}, ""},
	} {
		nb := &notebook{}
		d := NewAAC(nb, c.fmtp)
		for _, p := range c.in {
			d.Push(Header{Sequence: p.seq, Timestamp: p.ts, Marker: p.marker}, p.payload)
		}
		if got := strings.Join(nb.sound, " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}

	p := Packer{PayloadType: 97, MTU: 300, Channel: 2}
	run := p.AppendAAC(nil, 1024, make([]byte, 200))
	run = append(run, p.AppendAAC(nil, 2048, make([]byte, 900))...)
	nb := &notebook{}
	d := NewAAC(nb, nil)
	for pkt, rest := p.Next(run); pkt != nil; pkt, rest = p.Next(rest) {
		h, payload, _ := Parse(pkt)
		d.Push(h, payload)
	}
	if got := strings.Join(nb.sound, " "); got != "1024:200 2048:900" {
		t.Errorf("there and back: %q", got)
	}

	run = p.AppendG711(nil, 160, make([]byte, 500))
	nb = &notebook{}
	g := NewG711(nb)
	for pkt, rest := p.Next(run); pkt != nil; pkt, rest = p.Next(rest) {
		h, payload, _ := Parse(pkt)
		g.Push(h, payload)
	}
	if got := strings.Join(nb.sound, " "); got != "160:288 448:212" {
		t.Errorf("G.711 there and back: %q", got)
	}
}
