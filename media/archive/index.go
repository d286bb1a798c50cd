package archive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// The compact index of a segment: every value is the difference to what the fragment before lets one expect, so a fragment
// of a steady camera takes about seven bytes. Hashes stand apart: most readers do not need them.
//
//	version 1, count, then per fragment
//	  size·2 + key
//	  offset   − end of the one before − the gap there
//	  start    − end of the one before                      µs, the first one from the segment's start
//	  duration − that of the one before                     µs
//	  decode   − that of the one before − its step before   ticks
//
// Signed values are zigzag. Times are stored from the segment's start: re-dating a segment does not touch its index.
const indexVersion = 1

const maxFragments = 1 << 20

var errIndex = errors.New("not a fragment index")

// appendIndex writes entries without hashes.
func appendIndex(dst []byte, base time.Time, entries []Entry) []byte {
	dst = append(dst, indexVersion)
	dst = binary.AppendUvarint(dst, uint64(len(entries)))
	var p predictor
	for _, e := range entries {
		size := uint64(e.Size) << 1
		if e.Key {
			size |= 1
		}
		start, dur := micros(e.Start.Sub(base)), micros(e.Duration)
		dst = binary.AppendUvarint(dst, size)
		dst = binary.AppendVarint(dst, e.Offset-p.offset())
		dst = binary.AppendVarint(dst, start-p.end)
		dst = binary.AppendVarint(dst, dur-p.dur)
		dst = binary.AppendVarint(dst, int64(e.Decode-p.decode()))
		p.next(e.Offset, int64(e.Size), start, dur, e.Decode)
	}
	return dst
}

// parseIndex reads what appendIndex wrote, behind what is in into. hashes may be nil.
func parseIndex(b, hashes []byte, base time.Time, into []Entry) ([]Entry, error) {
	if len(b) == 0 || b[0] != indexVersion {
		return into, fmt.Errorf("%w: version", errIndex)
	}
	b = b[1:]
	count, n := binary.Uvarint(b)
	// Each fragment takes at least five bytes: a wrong count cannot make us reserve much.
	if n <= 0 || count > maxFragments || count*5 > uint64(len(b)-n) {
		return into, fmt.Errorf("%w: count", errIndex)
	}
	if len(hashes) != 0 && uint64(len(hashes)) != count*32 {
		return into, fmt.Errorf("%w: %d bytes of hashes for %d fragments", errIndex, len(hashes), count)
	}
	b = b[n:]
	if into == nil {
		into = make([]Entry, 0, count)
	}
	var p predictor
	for i := range count {
		size, n := binary.Uvarint(b)
		if n <= 0 || size>>1 > 1<<32-1 {
			return into, fmt.Errorf("%w: size of %d", errIndex, i)
		}
		b = b[n:]
		var v [4]int64
		for j := range v {
			if v[j], n = binary.Varint(b); n <= 0 {
				return into, fmt.Errorf("%w: fragment %d", errIndex, i)
			}
			b = b[n:]
		}
		e := Entry{Size: uint32(size >> 1), Key: size&1 == 1}
		e.Offset = p.offset() + v[0]
		start, dur := p.end+v[1], p.dur+v[2]
		e.Decode = p.decode() + uint64(v[3])
		if e.Offset < 0 || e.Offset > 1<<50 || dur < 0 || dur > int64(time.Hour/time.Microsecond) || start < -maxRelative || start > maxRelative {
			return into, fmt.Errorf("%w: fragment %d is out of bounds", errIndex, i)
		}
		e.Start = base.Add(time.Duration(start) * time.Microsecond)
		e.Duration = time.Duration(dur) * time.Microsecond
		if len(hashes) != 0 {
			copy(e.Hash[:], hashes[i*32:])
		}
		p.next(e.Offset, int64(e.Size), start, dur, e.Decode)
		into = append(into, e)
	}
	if len(b) != 0 {
		return into, fmt.Errorf("%w: %d bytes too many", errIndex, len(b))
	}
	return into, nil
}

// maxRelative is how far, in µs, a fragment may lie from its segment's start.
const maxRelative = int64(7 * 24 * time.Hour / time.Microsecond)

// predictor says what the next fragment should look like if nothing changes.
type predictor struct {
	n                   int
	after, gap          int64 // file offset behind the last one; the gap before it
	end, dur            int64
	lastDecode, decStep uint64
}

func (p *predictor) offset() int64  { return p.after + p.gap }
func (p *predictor) decode() uint64 { return p.lastDecode + p.decStep }

func (p *predictor) next(offset, size, start, dur int64, decode uint64) {
	if p.n > 0 {
		p.gap = offset - p.after
		p.decStep = decode - p.lastDecode
	}
	p.after, p.end, p.dur, p.lastDecode = offset+size, start+dur, dur, decode
	p.n++
}

func appendHashes(dst []byte, entries []Entry) []byte {
	for i := range entries {
		dst = append(dst, entries[i].Hash[:]...)
	}
	return dst
}

func micros(d time.Duration) int64 { return int64(d / time.Microsecond) }
