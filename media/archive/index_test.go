package archive

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestIndexRoundTrip(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n := rnd.IntN(400)
		entries := make([]Entry, 0, n)
		at, off, dec := epoch, int64(700), uint64(90000)
		for range n {
			e := Entry{
				Offset: off, Size: rnd.Uint32N(1 << 20), Start: at, Duration: time.Duration(rnd.IntN(3_000_000)) * time.Microsecond,
				Decode: dec, Key: rnd.IntN(5) > 0,
			}
			for i := range e.Hash {
				e.Hash[i] = byte(rnd.Uint32())
			}
			entries = append(entries, e)
			off = after(e) + int64(rnd.IntN(2)*100)
			at = e.End().Add(time.Duration(rnd.IntN(3)-1) * time.Millisecond)
			dec += uint64(e.Duration.Microseconds() * 9 / 100)
		}
		got, err := parseIndex(appendIndex(nil, epoch, entries), appendHashes(nil, entries), epoch, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(entries, got); d != "" && n > 0 {
			t.Fatal(d)
		}
	}
}

// A steady camera's index is small: this is what 30 days of 64 streams have to fit into.
func TestIndexIsCompact(t *testing.T) {
	_, entries, _ := draft("gate", Main, "d", 1, epoch, 300, 2*time.Second, 3000)
	rnd := rand.New(rand.NewPCG(1, 2))
	off := entries[0].Offset
	for i := range entries {
		entries[i].Offset, entries[i].Size = off, 480_000+rnd.Uint32N(40_000)
		off = after(entries[i])
	}
	if n := len(appendIndex(nil, epoch, entries)); n > 300*8 {
		t.Errorf("%d bytes for 300 fragments", n)
	}
}

func FuzzIndex(f *testing.F) {
	_, entries, _ := draft("gate", Main, "d", 1, epoch, 5, 2*time.Second, 100)
	f.Add(appendIndex(nil, epoch, entries), appendHashes(nil, entries))
	f.Add([]byte{1, 0}, []byte{})
	f.Add([]byte{1, 255, 255, 255, 255, 15}, []byte{})
	f.Fuzz(func(t *testing.T, b, hashes []byte) {
		got, err := parseIndex(b, hashes, epoch, nil)
		if err != nil {
			return
		}
		again, err := parseIndex(appendIndex(nil, epoch, got), appendHashes(nil, got), epoch, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(got, again); d != "" {
			t.Fatal(d)
		}
	})
}

func FuzzScan(f *testing.F) {
	s, _, b := draft("gate", Main, "d", 1, epoch, 3, 2*time.Second, 40)
	body := b[len(s.Init):]
	f.Add(body)
	f.Add(body[:len(body)-7])
	f.Add(append(bytes.Clone(body), make([]byte, 512)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		var last int64
		good, err := scanFile(bytes.NewReader(b), 0, int64(len(b)), false, nil, func(s scanned) error {
			if s.Offset != last || !s.good {
				t.Fatalf("a fragment at %d, expected at %d", s.Offset, last)
			}
			last = after(s.Entry)
			return nil
		})
		if good != last || (err == nil) != (good == int64(len(b))) {
			t.Fatalf("good up to %d, fragments up to %d of %d: %v", good, last, len(b), err)
		}
	})
}

// The numbers are those of RFC 6962's own example trees: the root of n leaves is made of the roots of its halves.
func TestMerkleRoot(t *testing.T) {
	leaves := make([][32]byte, 7)
	for i := range leaves {
		leaves[i][0] = byte(i)
	}
	seen := map[[32]byte]int{}
	for n := range leaves {
		r := merkleRoot(leaves[:n])
		if m, ok := seen[r]; ok {
			t.Errorf("%d and %d leaves have one root", m, n)
		}
		seen[r] = n
	}
	leaves[3][5] = 1
	if seen[merkleRoot(leaves[:6])] != 0 {
		t.Error("another leaf gives the same root")
	}
}
