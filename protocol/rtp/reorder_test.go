package rtp

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func numbered(seq uint16) []byte {
	b := make([]byte, HeaderSize+2)
	Header{Sequence: seq}.Put(b)
	return b
}

func TestReorder(t *testing.T) {
	for name, c := range map[string]struct {
		in   []uint16
		want string
	}{
		"in order":    {[]uint16{1, 2, 3}, "1 2 3"},
		"swapped":     {[]uint16{1, 3, 2, 4}, "1 2 3 4"},
		"twice":       {[]uint16{1, 2, 2, 1, 3}, "1 2 3"},
		"over zero":   {[]uint16{65534, 0, 65535, 1}, "65534 65535 0 1"},
		"lost":        {[]uint16{1, 3, 4, 5, 6, 7, 8, 9, 10, 11}, "1 3 4 5 6 7 8 9 10 11"}, // more than eight wait
		"counts anew": {[]uint16{1, 2, 30000, 30001}, "1 2 30000 30001"},
		"far back":    {[]uint16{30000, 1, 2}, "30000 1 2"},
	} {
		var got []string
		r := NewReorder(8, 100, func(pkt []byte) { got = append(got, fmt.Sprint(binary.BigEndian.Uint16(pkt[2:]))) })
		for _, seq := range c.in {
			r.Push(0, numbered(seq))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", name, s, c.want)
		}
	}

	var got []uint16
	r := NewReorder(8, 100, func(pkt []byte) { got = append(got, binary.BigEndian.Uint16(pkt[2:])) })
	r.Push(0, numbered(1))
	r.Push(10, numbered(3))
	r.Expire(109)
	if len(got) != 1 || r.Waiting() != 1 {
		t.Errorf("too early: %v", got)
	}
	r.Expire(110)
	if !slices.Equal(got, []uint16{1, 3}) {
		t.Errorf("the hole is not given up: %v", got)
	}
}

// Whatever the network does within the window, the order is right and nothing comes twice.
func TestReorderShuffled(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var last, count int
	last = 64999
	r := NewReorder(64, 1<<40, func(pkt []byte) {
		seq := int(binary.BigEndian.Uint16(pkt[2:]))
		if step := int(int16(uint16(seq - last))); step <= 0 {
			t.Fatalf("%d after %d", seq, last)
		}
		last = seq
		count++
	})
	const n = 20000
	r.Push(0, numbered(65000))
	queue := make([]uint16, 0, n)
	for i := 1; i < n; i++ {
		queue = append(queue, uint16(65000+i))
	}
	for i := 0; i+20 < len(queue); i += 20 {
		rnd.Shuffle(20, func(a, b int) { queue[i+a], queue[i+b] = queue[i+b], queue[i+a] })
	}
	for _, seq := range queue {
		r.Push(0, numbered(seq))
		if rnd.IntN(10) == 0 {
			r.Push(0, numbered(seq))
		}
	}
	if count != n {
		t.Errorf("%d packets, want %d", count, n)
	}
}
