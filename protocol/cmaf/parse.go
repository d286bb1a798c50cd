package cmaf

import (
	"bytes"
	"fmt"
)

// ParseInit reads an init or a moov that AppendInit or AppendProgressive wrote (ftyp and other boxes may stand before it).
// start holds per track what the edit list maps to 0, or is nil where no track has one. The tracks own their bytes.
func ParseInit(b []byte) (tracks []Track, start []uint64, err error) {
	moov, ok := child(b, "moov")
	if !ok {
		return nil, nil, fmt.Errorf("no moov: %w", ErrForm)
	}
	edited := false
	whole := boxes(moov, func(kind string, body []byte) bool {
		if kind != "trak" {
			return true
		}
		var t Track
		var at uint64
		var has bool
		if t, at, has, err = parseTrak(body); err != nil {
			return false
		}
		edited = edited || has
		tracks, start = append(tracks, t), append(start, at)
		return len(tracks) <= 16
	})
	switch {
	case err != nil:
		return nil, nil, err
	case !whole:
		return nil, nil, fmt.Errorf("moov: %w", ErrForm)
	case len(tracks) == 0:
		return nil, nil, fmt.Errorf("no track: %w", ErrForm)
	case !edited:
		start = nil
	}
	return tracks, start, nil
}

func parseTrak(b []byte) (t Track, start uint64, edited bool, err error) {
	bad := func(what string) (Track, uint64, bool, error) {
		return Track{}, 0, false, fmt.Errorf("%s: %w", what, ErrForm)
	}
	tkhd, ok := child(b, "tkhd")
	if !ok || len(tkhd) < 84 {
		return bad("tkhd")
	}
	idAt := 12
	if tkhd[0] == 1 {
		idAt = 20
	}
	t.ID = be.Uint32(tkhd[idAt:])
	if edts, ok := child(b, "edts"); ok {
		if start, edited, ok = parseEdits(edts); !ok {
			return bad("elst")
		}
	}
	mdia, ok := child(b, "mdia")
	if !ok {
		return bad("mdia")
	}
	mdhd, ok := child(mdia, "mdhd")
	if !ok || len(mdhd) < 24 || (mdhd[0] == 1 && len(mdhd) < 36) {
		return bad("mdhd")
	}
	t.Timescale = be.Uint32(mdhd[12:])
	if mdhd[0] == 1 {
		t.Timescale = be.Uint32(mdhd[20:])
	}
	minf, _ := child(mdia, "minf")
	stbl, _ := child(minf, "stbl")
	stsd, ok := child(stbl, "stsd")
	if !ok || len(stsd) < 8 {
		return bad("stsd")
	}
	ok = false
	boxes(stsd[8:], func(kind string, body []byte) bool {
		ok = parseEntry(&t, kind, body)
		return false
	})
	if !ok {
		return bad("sample entry")
	}
	return t, start, edited, nil
}

func parseEdits(edts []byte) (start uint64, edited, ok bool) {
	elst, ok := child(edts, "elst")
	if !ok || len(elst) < 8 {
		return 0, false, false
	}
	n, each := be.Uint32(elst[4:]), 12
	if elst[0] == 1 {
		each = 20
	}
	if n > 2 || len(elst) != 8+int(n)*each {
		return 0, false, false
	}
	for e := elst[8:]; len(e) > 0; e = e[each:] {
		at := uint64(int64(int32(be.Uint32(e[4:]))))
		if each == 20 {
			at = be.Uint64(e[8:])
		}
		if at != ^uint64(0) {
			return at, true, true
		}
	}
	return 0, false, true
}

func parseEntry(t *Track, kind string, b []byte) bool {
	switch kind {
	case "avc1", "avc3", "hvc1", "hev1":
		if len(b) < 78 {
			return false
		}
		t.Width, t.Height = int(be.Uint16(b[24:])), int(be.Uint16(b[26:]))
		if kind[0] == 'a' {
			t.Codec = H264
			c, ok := child(b[78:], "avcC")
			return ok && parseAvcC(t, c)
		}
		t.Codec = H265
		c, ok := child(b[78:], "hvcC")
		return ok && parseHvcC(t, c)
	case "mp4a", "alaw", "ulaw":
		if len(b) < 28 {
			return false
		}
		t.Channels, t.SampleRate = int(be.Uint16(b[16:])), int(be.Uint32(b[24:])>>16)
		if t.SampleRate == 0 {
			t.SampleRate = int(t.Timescale)
		}
		switch kind {
		case "alaw":
			t.Codec = PCMA
			return true
		case "ulaw":
			t.Codec = PCMU
			return true
		}
		t.Codec = AAC
		c, ok := child(b[28:], "esds")
		return ok && parseEsds(t, c)
	}
	return false
}

func parseAvcC(t *Track, b []byte) bool {
	if len(b) < 7 {
		return false
	}
	n := int(b[5] & 0x1f)
	b = b[6:]
	for _, into := range [2]*[]byte{&t.SPS, &t.PPS} {
		for i := range n {
			if len(b) < 2 || len(b) < 2+int(be.Uint16(b)) {
				return false
			}
			size := int(be.Uint16(b))
			if i == 0 {
				*into = bytes.Clone(b[2 : 2+size])
			}
			b = b[2+size:]
		}
		if into == &t.SPS {
			if len(b) < 1 {
				return false
			}
			n, b = int(b[0]), b[1:]
		}
	}
	return true
}

func parseHvcC(t *Track, b []byte) bool {
	if len(b) < 23 {
		return false
	}
	arrays := int(b[22])
	b = b[23:]
	for range arrays {
		if len(b) < 3 {
			return false
		}
		kind, n := b[0]&0x3f, int(be.Uint16(b[1:]))
		b = b[3:]
		for i := range n {
			if len(b) < 2 || len(b) < 2+int(be.Uint16(b)) {
				return false
			}
			size := int(be.Uint16(b))
			if i == 0 {
				nal := bytes.Clone(b[2 : 2+size])
				switch kind {
				case 32:
					t.VPS = nal
				case 33:
					t.SPS = nal
				case 34:
					t.PPS = nal
				}
			}
			b = b[2+size:]
		}
	}
	return true
}

// parseEsds finds the AudioSpecificConfig: descriptor 3, in it 4, in it 5.
func parseEsds(t *Track, b []byte) bool {
	if len(b) < 4 {
		return false
	}
	b = b[4:]
	for _, step := range [3]struct{ tag, skip byte }{{3, 3}, {4, 13}, {5, 0}} {
		if len(b) < 2 || b[0] != step.tag {
			return false
		}
		size, n := 0, 1
		for { // sizes of up to four bytes, seven bits each
			if n >= len(b) || n > 4 {
				return false
			}
			size = size<<7 | int(b[n]&0x7f)
			n++
			if b[n-1]&0x80 == 0 {
				break
			}
		}
		if len(b)-n < size || size < int(step.skip) {
			return false
		}
		b = b[n+int(step.skip) : n+size]
	}
	t.ASC = bytes.Clone(b)
	return true
}
