package cmaf

// movieScale of every moov: exact for video, and for sound to 1/90000 s.
const movieScale = 90000

// AppendInit appends ftyp + moov. start holds per track the decode time that the edit list maps to 0; nil: no edit list.
func AppendInit(dst []byte, tracks []Track, start []uint64) []byte {
	b, at := open(dst, "ftyp")
	b = append(b, "iso6\x00\x00\x00\x00iso6iso5mp41cmfc"...)
	b = shut(b, at)

	b, moov := open(b, "moov")
	b = appendMvhd(b, 0, tracks)
	for i, t := range tracks {
		b, at = open(b, "trak")
		b = appendTkhd(b, t, 0)
		if start != nil {
			b = appendEdits(b, edit{start: start[i]})
		}
		b = appendMedia(b, t, 0, nil)
		b = shut(b, at)
	}
	b, mvex := open(b, "mvex")
	for _, t := range tracks {
		b, at = openFull(b, "trex", 0, 0)
		b = u32(b, t.ID)
		b = u32(b, 1) // sample description
		b = zeros(b, 12)
		b = shut(b, at)
	}
	b = shut(b, mvex)
	return shut(b, moov)
}

func appendMvhd(b []byte, duration uint64, tracks []Track) []byte {
	next := uint32(1)
	for _, t := range tracks {
		next = max(next, t.ID+1)
	}
	b, at := openFull(b, "mvhd", 1, 0)
	b = zeros(b, 16)
	b = u32(b, movieScale)
	b = u64(b, duration)
	b = u32(b, 0x10000)
	b = u16(b, 0x100)
	b = zeros(b, 10)
	b = matrix(b)
	b = zeros(b, 24)
	b = u32(b, next)
	return shut(b, at)
}

func appendTkhd(b []byte, t Track, duration uint64) []byte {
	b, at := openFull(b, "tkhd", 1, 3) // enabled, in movie
	b = zeros(b, 16)
	b = u32(b, t.ID)
	b = zeros(b, 4)
	b = u64(b, duration)
	b = zeros(b, 12)
	if t.Codec.Video() {
		b = u16(b, 0)
	} else {
		b = u16(b, 0x100)
	}
	b = zeros(b, 2)
	b = matrix(b)
	b = u32(b, uint32(t.Width)<<16)
	b = u32(b, uint32(t.Height)<<16)
	return shut(b, at)
}

// edit is what of a track is shown. delay and duration in movie ticks, start in the track's.
type edit struct{ delay, start, duration uint64 }

func appendEdits(b []byte, e edit) []byte {
	b, at := open(b, "edts")
	b, elst := openFull(b, "elst", 1, 0)
	n := uint32(1)
	if e.delay > 0 {
		n = 2
	}
	b = u32(b, n)
	if e.delay > 0 {
		b = u64(b, e.delay)
		b = u64(b, ^uint64(0)) // an empty edit
		b = u32(b, 0x10000)
	}
	b = u64(b, e.duration)
	b = u64(b, e.start)
	b = u32(b, 0x10000)
	b = shut(b, elst)
	return shut(b, at)
}

// appendMedia appends mdia. tables nil: the empty tables of a fragmented file.
func appendMedia(b []byte, t Track, duration uint64, tables func([]byte) []byte) []byte {
	b, mdia := open(b, "mdia")
	b, at := openFull(b, "mdhd", 1, 0)
	b = zeros(b, 16)
	b = u32(b, t.Timescale)
	b = u64(b, duration)
	b = u16(b, 0x55c4) // und
	b = zeros(b, 2)
	b = shut(b, at)

	b, at = openFull(b, "hdlr", 0, 0)
	b = zeros(b, 4)
	if t.Codec.Video() {
		b = append(b, "vide"...)
	} else {
		b = append(b, "soun"...)
	}
	b = zeros(b, 13)
	b = shut(b, at)

	b, minf := open(b, "minf")
	if t.Codec.Video() {
		b, at = openFull(b, "vmhd", 0, 1)
		b = zeros(b, 8)
	} else {
		b, at = openFull(b, "smhd", 0, 0)
		b = zeros(b, 4)
	}
	b = shut(b, at)
	b, at = open(b, "dinf")
	b, dref := openFull(b, "dref", 0, 0)
	b = u32(b, 1)
	b, url := openFull(b, "url ", 0, 1) // in this file
	b = shut(b, url)
	b = shut(b, dref)
	b = shut(b, at)

	b, stbl := open(b, "stbl")
	b, at = openFull(b, "stsd", 0, 0)
	b = u32(b, 1)
	b = appendEntry(b, t)
	b = shut(b, at)
	if tables != nil {
		b = tables(b)
	} else {
		for _, kind := range [3]string{"stts", "stsc", "stco"} {
			b, at = openFull(b, kind, 0, 0)
			b = u32(b, 0)
			b = shut(b, at)
		}
		b, at = openFull(b, "stsz", 0, 0)
		b = zeros(b, 8)
		b = shut(b, at)
	}
	b = shut(b, stbl)
	b = shut(b, minf)
	return shut(b, mdia)
}
