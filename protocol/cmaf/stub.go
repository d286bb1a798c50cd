package cmaf

import (
	"io"
	"iter"
)

// AppendInit appends ftyp + moov. start holds per track the decode time that the edit list maps to 0; nil: no edit list.
func AppendInit(dst []byte, tracks []Track, start []uint64) []byte { return dst }

// AppendChunkHead appends moof and the header of the mdat that follows; the payload is the caller's to write behind it.
func AppendChunkHead(dst []byte, seq uint32, track uint32, decodeTime uint64, samples []Sample) []byte {
	return dst
}

// ParseInit reads what AppendInit wrote.
func ParseInit(b []byte) ([]Track, []uint64, error) { return nil, nil, nil }

// ChunkInfo describes one moof + mdat.
type ChunkInfo struct {
	Offset        int64 // of the moof, in the file
	Size          int64 // moof + mdat, bytes
	PayloadOffset int64 // of the first sample's first byte, in the file
	Sequence      uint32
	Track         uint32
	DecodeTime    uint64   // of the first sample, ticks
	Duration      uint64   // of all samples, ticks
	Samples       []Sample // valid until the next chunk is read
}

// ScanChunks walks the chunks of a file between off and end. Other boxes are stepped over. When the bytes end inside a
// chunk, the last value is an error that wraps ErrTorn, with ChunkInfo.Offset saying how far the file is whole.
func ScanChunks(r io.ReaderAt, off, end int64) iter.Seq2[ChunkInfo, error] {
	return func(func(ChunkInfo, error) bool) {}
}

// ParseChunkHead reads one moof (with or without the mdat header behind it). into is reused for the samples.
func ParseChunkHead(b []byte, into []Sample) (ChunkInfo, error) { return ChunkInfo{}, nil }

// MIME is the codec string of RFC 6381, e.g. avc1.64001f, hvc1.1.6.L93.B0, mp4a.40.2.
func (t Track) MIME() string { return "" }

// Table collects the samples of one track of a progressive file, in decode order. The zero value is ready to use.
type Table struct{}

// Add tells of samples that lie one behind the other from offset, counted from the first byte of the mdat's payload.
func (t *Table) Add(offset int64, samples []Sample) {}

// Edit says which part is shown: from start ticks of composition time (0 = the first sample's decode time), for duration
// ticks, after a pause of delay ticks. Without it all is shown from the first sample's decode time.
func (t *Table) Edit(delay, start, duration uint64) {}

// AppendProgressive appends ftyp + moov + the header of an mdat with payload bytes. All sizes are known before the body.
func AppendProgressive(dst []byte, tracks []Track, tables []*Table, payload int64) []byte { return dst }
