package rtp

import (
	"bytes"
	"errors"
	"testing"

	"github.com/pion/rtcp"
)

func TestParse(t *testing.T) {
	plain := []byte{0x80, 0xe0, 0x12, 0x34, 0, 0, 0, 5, 0, 0, 0, 6, 1, 2, 3}
	with := func(first byte, more ...byte) []byte {
		b := append([]byte(nil), plain[:12]...)
		b[0] = first
		return append(b, more...)
	}
	for name, c := range map[string]struct {
		in      []byte
		payload []byte
		err     error
	}{
		"plain":             {plain, []byte{1, 2, 3}, nil},
		"nothing in it":     {plain[:12], nil, nil},
		"source":            {with(0x81, 9, 9, 9, 9, 1), []byte{1}, nil},
		"extension":         {with(0x90, 0xbe, 0xde, 0, 1, 9, 9, 9, 9, 1), []byte{1}, nil},
		"padding":           {with(0xa0, 1, 0, 2), []byte{1}, nil},
		"short":             {plain[:11], nil, ErrShort},
		"version 1":         {with(0x40), nil, ErrVersion},
		"no source":         {with(0x81, 9), nil, ErrShort},
		"no extension":      {with(0x90, 9), nil, ErrShort},
		"long extension":    {with(0x90, 0, 0, 0, 9, 1), nil, ErrShort},
		"padding of nobody": {with(0xa0), nil, ErrPadding},
		"too much padding":  {with(0xa0, 1, 9), nil, ErrPadding},
	} {
		h, payload, err := Parse(c.in)
		if !errors.Is(err, c.err) || !bytes.Equal(payload, c.payload) {
			t.Errorf("%s: %x %v", name, payload, err)
		}
		if err == nil && h != (Header{Marker: true, PayloadType: 96, Sequence: 0x1234, Timestamp: 5, SSRC: 6}) {
			t.Errorf("%s: %+v", name, h)
		}
	}
	h, _, _ := Parse(plain)
	var b [HeaderSize]byte
	h.Put(b[:])
	if !bytes.Equal(b[:], plain[:12]) {
		t.Errorf("written back: %x", b)
	}
}

func TestNTP(t *testing.T) {
	for _, nanos := range []int64{0, 1, 999999999, 1790000000123456789, -1, 1e9, 2085978496e9 + 5} {
		if got := UnixNanos(NTP(nanos)); got != nanos {
			t.Errorf("%d there and back: %d", nanos, got)
		}
	}
	if got := NTP(0); got != 2208988800<<32 {
		t.Errorf("1970 is %x", got)
	}
}

func TestReports(t *testing.T) {
	sr := SenderReport{SSRC: 1, NTP: 2<<32 | 3, RTP: 4, Packets: 5, Octets: 6}
	rr := ReceiverReport{SSRC: 7, About: 8, Fraction: 9, Lost: -10, Highest: 11, Jitter: 12, LSR: 13, DLSR: 14}
	b := rr.Append(sr.Append(nil, "linli"), "x")
	b = AppendBye(b, 1)
	b = AppendPLI(b, 1, 2)
	if len(b)%4 != 0 {
		t.Errorf("%d bytes", len(b))
	}
	got, ok := ParseReports(b)
	if !ok || !got.IsSender || !got.IsReceive || !got.Bye || got.Sender != sr || got.Receiver != rr {
		t.Errorf("%+v", got)
	}
	for name, b := range map[string][]byte{"PLI": AppendPLI(nil, 1, 2), "FIR": AppendFIR(nil, 1, 2, 3)} {
		theirs, err := rtcp.Unmarshal(b) // another's reading
		if got, ok := ParseReports(b); err != nil || len(theirs) != 1 || !ok || !got.WantsKey || len(theirs[0].DestinationSSRC()) != 1 || theirs[0].DestinationSSRC()[0] != 2 {
			t.Errorf("%s: %+v, %v %v", name, got, theirs, err)
		}
	}
	if got, _ := ParseReports(rr.Append(nil, "x")); got.WantsKey {
		t.Error("a report is no wish for a key frame")
	}
	if _, ok := ParseReports([]byte("nonsense")); ok {
		t.Error("nonsense is a report")
	}
}

func TestReception(t *testing.T) {
	var r Reception
	if _, ok := r.Report(1, 0); ok {
		t.Error("a report of nothing")
	}
	at := int64(1790000000e9)
	for i := range 1000 {
		if i%10 == 3 {
			continue // every tenth is lost
		}
		at := at + int64(i)*40e6 + int64(i%2)*10e6
		r.Take(Header{SSRC: 5, Sequence: uint16(65000 + i), Timestamp: uint32(i * 3600)}, at, 90000)
	}
	r.Sender(0x0000111122223333, at)
	rep, ok := r.Report(1, at+5e8)
	if !ok || rep.Lost != 100 || rep.About != 5 || rep.Highest != 65000+999 || rep.Fraction != 25 || rep.LSR != 0x11112222 || rep.DLSR != 32768 {
		t.Errorf("%+v", rep)
	}
	if rep.Jitter < 700 || rep.Jitter > 1000 { // 10 ms are 900 ticks
		t.Errorf("jitter %d", rep.Jitter)
	}
	if rep, _ := r.Report(1, at); rep.Fraction != 0 {
		t.Errorf("nothing came, and yet a share of it is lost: %+v", rep)
	}
}
