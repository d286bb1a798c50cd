package archive

import (
	"bytes"
	"crypto/sha256"
	"io"
	"testing"
	"time"

	"linli.dev/linli/media/archive/file"
)

// held is a file in memory.
type held struct {
	file.File // nothing else of it is asked for
	b         []byte
}

func (h held) ReadAt(p []byte, off int64) (int, error) { return bytes.NewReader(h.b).ReadAt(p, off) }
func (h held) Size() (int64, error)                    { return int64(len(h.b)), nil }

// hurtFiles are files to which something has happened.
func hurtFiles() (init []byte, bodies [][]byte) {
	s, entries, b := draft("gate", Main, "d", 1, epoch, 4, 2*time.Second, 40)
	head := len(s.Init)
	at := func(i int) int { return int(entries[i].Offset) - head }
	add := func(change func(b []byte) []byte) { bodies = append(bodies, change(bytes.Clone(b[head:]))) }
	put := func(at int, p ...byte) { add(func(b []byte) []byte { copy(b[at:], p); return b }) }
	add(func(b []byte) []byte { return b })
	add(func(b []byte) []byte { return b[:len(b)-7] })
	add(func(b []byte) []byte { return append(b, make([]byte, 512)...) })
	add(func(b []byte) []byte { return append(b[:at(1)], b[at(2):]...) })
	add(func(b []byte) []byte { return append(bytes.Clone(b[at(1)+9:]), b...) })
	put(at(1)+60, 1, 2, 3)                         // rot
	put(at(1), 0xff, 0xff, 0xff, 0xff, 'x')        // a box
	put(at(2)-SealSize+30, 0xff, 0xff)             // a seal
	put(at(1)+4, 'u', 'u', 'i', 'd')               // a box that is taken for a seal
	put(at(0), 0, 0, 0, 1, 'm', 'o', 'o', 'f')     // a long size
	put(at(2), make([]byte, at(3)-at(2))...)       // nothing was written
	put(at(3)-SealSize, make([]byte, SealSize)...) // the seal alone was not
	return s.Init, bodies
}

// Whatever has become of a file, salvage ends, and what it calls whole is: fragments one behind the other, within the file, each with the bytes
// of its hash; behind the last of them is no seal.
func FuzzSalvage(f *testing.F) {
	_, bodies := hurtFiles()
	for _, b := range bodies {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		found, err := (&walk{r: &Report{}, eager: true}).salvage(t.Context(), held{b: b}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if found.size != int64(len(b)) || found.whole > found.size || len(found.good) > len(found.seals) {
			t.Fatalf("%d whole of %d bytes, %d fragments of %d seals", found.whole, len(b), len(found.good), len(found.seals))
		}
		last := int64(0)
		for _, x := range found.good {
			end := x.Offset + int64(x.Size)
			if x.Offset < last || end+SealSize > found.whole {
				t.Fatalf("a fragment of %d bytes at %d; the one before ends at %d, the last at %d", x.Size, x.Offset, last, found.whole)
			}
			last = end + SealSize
			if seal, ok := parseSeal(b[end:last]); !ok || seal != x.seal {
				t.Fatalf("no seal behind the fragment at %d", x.Offset)
			}
			if x.seal.Hashed && sha256.Sum256(b[x.Offset:end]) != x.Hash {
				t.Fatalf("the fragment at %d is rotten", x.Offset)
			}
		}
		if _, p, err := nextSeal(bytes.NewReader(b), found.whole, found.size, func(int) error { return nil }); err != nil || p >= 0 {
			t.Fatalf("a seal at %d, behind the end at %d: %v", p, found.whole, err)
		}
	})
}

// The next seal is the next one, also where it lies across what is read at a time.
func FuzzNextSeal(f *testing.F) {
	_, bodies := hurtFiles()
	for i, b := range bodies {
		f.Add(uint32(i*97), b)
		f.Add(uint32(256<<10-i*13), b)
	}
	f.Fuzz(func(t *testing.T, before uint32, b []byte) {
		b = append(make([]byte, before%(300<<10)), b...)
		want := int64(-1)
		for p := 0; p+SealSize <= len(b); p++ {
			if b[p+4] != 'u' {
				continue
			}
			if _, ok := parseSeal(b[p : p+SealSize]); ok {
				want = int64(p)
				break
			}
		}
		read := 0
		seal, p, err := nextSeal(bytes.NewReader(b), 0, int64(len(b)), func(n int) error { read += n; return nil })
		if err != nil || p != want {
			t.Fatalf("a seal at %d, the next one is at %d: %v", p, want, err)
		}
		if p < 0 {
			return
		}
		if again, ok := parseSeal(b[p : p+SealSize]); !ok || again != seal {
			t.Fatalf("not the seal at %d", p)
		}
		if read > len(b)+(len(b)>>18+1)*SealSize {
			t.Fatalf("%d bytes read of %d", read, len(b))
		}
	})
}

// What is taken for a file's first bytes is a beginning of the file, with all that a player needs before the first fragment.
func FuzzReadInit(f *testing.F) {
	init, bodies := hurtFiles()
	for i, b := range bodies {
		f.Add(append(bytes.Clone(init), b...))
		f.Add(init[:len(init)-i])
		hurt := bytes.Clone(init)
		hurt[i*7%len(hurt)] ^= 0xff
		f.Add(hurt)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := readInit(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		if !bytes.HasPrefix(b, got) || len(got) < 16 || string(got[4:8]) != "ftyp" || !bytes.Contains(got, []byte("moov")) || !bytes.Contains(got, []byte("mvex")) {
			t.Fatalf("taken for first bytes: %q", got)
		}
		if _, err := readInit(io.NewSectionReader(bytes.NewReader(b), 0, int64(len(got))), int64(len(got))); err != nil {
			t.Fatalf("not for itself: %v", err)
		}
	})
}
