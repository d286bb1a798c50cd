package cmaf

import (
	"errors"
	"fmt"
	"io"
	"iter"
)

var (
	// ErrTorn is wrapped when a file ends inside a chunk.
	ErrTorn = errors.New("ends inside a chunk")
	// ErrForm is wrapped when bytes are not what an MP4 box should be.
	ErrForm = errors.New("not a well-formed box")
)

// ChunkInfo describes one moof + mdat.
type ChunkInfo struct {
	Offset        int64 // of the moof, in the file
	Size          int64 // moof + mdat, bytes
	PayloadOffset int64 // of the first sample's first byte, in the file
	Sequence      uint32
	Track         uint32
	DecodeTime    uint64   // of the first sample, ticks
	Duration      uint64   // of all samples, ticks
	Payload       int64    // bytes of all samples
	Samples       []Sample // valid until the next chunk is read
}

// Bounds against rubbish: a chunk of ours has at most some hundred samples.
const (
	maxMoof    = 4 << 20
	maxSamples = maxMoof / 4
)

// ScanChunks walks the chunks of a file between off and end. Other boxes are stepped over. When the bytes are not a whole
// chunk, the last value is an error (ErrTorn or ErrForm) with ChunkInfo.Offset saying how far the file is good.
func ScanChunks(r io.ReaderAt, off, end int64) iter.Seq2[ChunkInfo, error] {
	return func(yield func(ChunkInfo, error) bool) {
		var buf []byte
		var samples []Sample
		var head [16]byte
		for off < end {
			c, next, err := scanOne(r, off, end, head[:], &buf, samples)
			if err != nil {
				yield(ChunkInfo{Offset: off}, err)
				return
			}
			if next == 0 { // a box of another kind
				off = c.Offset
				continue
			}
			samples = c.Samples
			if !yield(c, nil) {
				return
			}
			off = next
		}
	}
}

// scanOne reads the box at off. next 0: no chunk, c.Offset says where to go on.
func scanOne(r io.ReaderAt, off, end int64, head []byte, buf *[]byte, samples []Sample) (c ChunkInfo, next int64, err error) {
	kind, size, hn, err := boxAt(r, off, end, head)
	if err != nil {
		return c, 0, err
	}
	if kind != "moof" {
		if size > end-off {
			return c, 0, fmt.Errorf("%s at %d: %w", kind, off, ErrTorn)
		}
		c.Offset = off + size
		return c, 0, nil
	}
	if size > maxMoof {
		return c, 0, fmt.Errorf("moof of %d bytes at %d: %w", size, off, ErrForm)
	}
	if size > end-off {
		return c, 0, fmt.Errorf("moof at %d: %w", off, ErrTorn)
	}
	if int64(cap(*buf)) < size {
		*buf = make([]byte, size)
	}
	moof := (*buf)[:size]
	if err := readFull(r, moof, off); err != nil {
		return c, 0, err
	}
	c, err = parseMoof(moof[hn:], samples)
	if err != nil {
		return c, 0, fmt.Errorf("moof at %d: %w", off, err)
	}
	kind, msize, mhn, err := boxAt(r, off+size, end, head)
	if err != nil {
		return c, 0, err
	}
	if kind != "mdat" {
		return c, 0, fmt.Errorf("%s behind moof at %d: %w", kind, off, ErrForm)
	}
	if msize > end-off-size {
		return c, 0, fmt.Errorf("mdat at %d: %w", off+size, ErrTorn)
	}
	data := c.PayloadOffset // from the moof's start until now
	if data < size+mhn || data+c.Payload > size+msize {
		return c, 0, fmt.Errorf("samples outside the mdat at %d: %w", off, ErrForm)
	}
	c.Offset, c.Size, c.PayloadOffset = off, size+msize, off+data
	return c, off + c.Size, nil
}

func boxAt(r io.ReaderAt, off, end int64, head []byte) (kind string, size, headSize int64, err error) {
	n := min(16, end-off)
	if n < 8 {
		return "", 0, 0, fmt.Errorf("box at %d: %w", off, ErrTorn)
	}
	if err := readFull(r, head[:n], off); err != nil {
		return "", 0, 0, err
	}
	size, headSize = int64(be.Uint32(head)), 8
	switch {
	case size == 0: // to the end of the file; preallocated zeros look like this too
		if be.Uint32(head[4:]) == 0 {
			return "", 0, 0, fmt.Errorf("zeros at %d: %w", off, ErrTorn)
		}
		size = end - off
	case size == 1:
		if n < 16 {
			return "", 0, 0, fmt.Errorf("box at %d: %w", off, ErrTorn)
		}
		size, headSize = int64(be.Uint64(head[8:])), 16
	}
	if size < headSize {
		return "", 0, 0, fmt.Errorf("box of %d bytes at %d: %w", size, off, ErrForm)
	}
	for _, c := range head[4:8] {
		if c < 0x20 || c > 0x7e {
			return "", 0, 0, fmt.Errorf("box kind %q at %d: %w", head[4:8], off, ErrForm)
		}
	}
	return string(head[4:8]), size, headSize, nil
}

func readFull(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == io.EOF || err == nil {
		err = ErrTorn
	}
	return fmt.Errorf("read at %d: %w", off, err)
}

// ParseChunkHead reads a moof, whether or not an mdat follows in b. Offset is 0, PayloadOffset counts from the moof's
// first byte, Size is the moof's alone. into is reused for the samples.
func ParseChunkHead(b []byte, into []Sample) (ChunkInfo, error) {
	if len(b) < 8 || string(b[4:8]) != "moof" {
		return ChunkInfo{}, fmt.Errorf("no moof: %w", ErrForm)
	}
	size := int64(be.Uint32(b))
	if size < 8 || size > maxMoof {
		return ChunkInfo{}, fmt.Errorf("moof of %d bytes: %w", size, ErrForm)
	}
	if size > int64(len(b)) {
		return ChunkInfo{}, fmt.Errorf("moof: %w", ErrTorn)
	}
	c, err := parseMoof(b[8:size], into)
	c.Size = size
	return c, err
}

// parseMoof reads the content of a moof with one traf and one trun.
func parseMoof(b []byte, into []Sample) (c ChunkInfo, err error) {
	bad := func(what string) (ChunkInfo, error) { return ChunkInfo{}, fmt.Errorf("%s: %w", what, ErrForm) }
	mfhd, ok := child(b, "mfhd")
	if !ok || len(mfhd) < 8 {
		return bad("mfhd")
	}
	c.Sequence = be.Uint32(mfhd[4:])
	traf, ok := child(b, "traf")
	if !ok {
		return bad("traf")
	}
	tfhd, ok := child(traf, "tfhd")
	if !ok || len(tfhd) < 8 {
		return bad("tfhd")
	}
	c.Track = be.Uint32(tfhd[4:])
	flags, rest := be.Uint32(tfhd)&0xffffff, tfhd[8:]
	var duration, size, sampleFlags uint32
	for _, f := range [5]struct {
		bit  uint32
		n    int
		into *uint32
	}{{0x1, 8, nil}, {0x2, 4, nil}, {0x8, 4, &duration}, {0x10, 4, &size}, {0x20, 4, &sampleFlags}} {
		if flags&f.bit == 0 {
			continue
		}
		if len(rest) < f.n {
			return bad("tfhd")
		}
		if f.into != nil {
			*f.into = be.Uint32(rest)
		}
		rest = rest[f.n:]
	}
	if flags&0x1 != 0 {
		return bad("tfhd with a base offset")
	}
	tfdt, ok := child(traf, "tfdt")
	switch {
	case ok && len(tfdt) >= 12 && tfdt[0] == 1:
		c.DecodeTime = be.Uint64(tfdt[4:])
	case ok && len(tfdt) >= 8 && tfdt[0] == 0:
		c.DecodeTime = uint64(be.Uint32(tfdt[4:]))
	default:
		return bad("tfdt")
	}
	trun, ok := child(traf, "trun")
	if !ok || len(trun) < 8 {
		return bad("trun")
	}
	return parseTrun(c, trun, duration, size, sampleFlags, into)
}

func parseTrun(c ChunkInfo, b []byte, duration, size, sampleFlags uint32, into []Sample) (ChunkInfo, error) {
	bad := fmt.Errorf("trun: %w", ErrForm)
	flags, count := be.Uint32(b)&0xffffff, be.Uint32(b[4:])
	b = b[8:]
	if flags&0x1 == 0 || len(b) < 4 {
		return c, bad
	}
	c.PayloadOffset = int64(int32(be.Uint32(b)))
	b = b[4:]
	firstFlags := sampleFlags
	if flags&0x4 != 0 {
		if len(b) < 4 {
			return c, bad
		}
		firstFlags = be.Uint32(b)
		b = b[4:]
	}
	each := 0
	for bit := uint32(0x100); bit <= 0x800; bit <<= 1 {
		if flags&bit != 0 {
			each += 4
		}
	}
	if count > maxSamples || uint64(len(b)) != uint64(count)*uint64(each) {
		return c, bad
	}
	c.Samples = into[:0]
	for i := range count {
		s := Sample{Duration: duration, Size: size}
		f := sampleFlags
		if i == 0 {
			f = firstFlags
		}
		if flags&0x100 != 0 {
			s.Duration, b = be.Uint32(b), b[4:]
		}
		if flags&0x200 != 0 {
			s.Size, b = be.Uint32(b), b[4:]
		}
		if flags&0x400 != 0 {
			f, b = be.Uint32(b), b[4:]
		}
		if flags&0x800 != 0 {
			s.CTS, b = int32(be.Uint32(b)), b[4:]
		}
		s.Key = f&0x10000 == 0
		c.Duration += uint64(s.Duration)
		c.Payload += int64(s.Size)
		c.Samples = append(c.Samples, s)
	}
	return c, nil
}
