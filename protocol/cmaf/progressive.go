package cmaf

// Table collects the samples of one track of a progressive file, in decode order. The zero value is ready to use.
// It keeps about five bytes per sample.
type Table struct {
	sizes    []uint32
	times    []run    // durations
	offsets  []run    // composition offsets
	keys     []uint32 // numbers of key samples, from 1
	chunks   []chunkRow
	duration uint64 // ticks
	cts      bool

	edit edit // delay and duration in track ticks
	cut  bool
}

type run struct{ count, value uint32 }

type chunkRow struct {
	offset  int64 // from the payload's first byte
	end     int64
	samples uint32
}

// Add tells of samples that lie one behind the other from offset, counted from the first byte of the mdat's payload.
func (t *Table) Add(offset int64, samples []Sample) {
	if len(samples) == 0 {
		return
	}
	end := offset
	for _, s := range samples {
		t.sizes = append(t.sizes, s.Size)
		t.times = count(t.times, s.Duration)
		t.offsets = count(t.offsets, uint32(s.CTS))
		t.cts = t.cts || s.CTS != 0
		if s.Key {
			t.keys = append(t.keys, uint32(len(t.sizes)))
		}
		t.duration += uint64(s.Duration)
		end += int64(s.Size)
	}
	if n := len(t.chunks); n > 0 && t.chunks[n-1].end == offset {
		t.chunks[n-1].samples += uint32(len(samples))
		t.chunks[n-1].end = end
		return
	}
	t.chunks = append(t.chunks, chunkRow{offset, end, uint32(len(samples))})
}

func count(runs []run, v uint32) []run {
	if n := len(runs); n > 0 && runs[n-1].value == v {
		runs[n-1].count++
		return runs
	}
	return append(runs, run{1, v})
}

// Edit says which part is shown, in ticks of the track: after a pause of delay, from start of composition time (0 = the
// first sample's decode time), for duration (0 = to the end). Without it all is shown from the first decode time on.
func (t *Table) Edit(delay, start, duration uint64) {
	t.edit, t.cut = edit{delay, start, duration}, true
}

// Samples counts what was added; Duration is their sum in ticks.
func (t *Table) Samples() int     { return len(t.sizes) }
func (t *Table) Duration() uint64 { return t.duration }

// AppendProgressive appends ftyp + moov + the header of an mdat of payload bytes: everything before the first media byte,
// so a server knows the size of the whole file, and any range of it, before it has read any media.
func AppendProgressive(dst []byte, tracks []Track, tables []*Table, payload int64) []byte {
	b, at := open(dst, "ftyp")
	b = append(b, "isom\x00\x00\x02\x00isomiso2iso6mp41"...)
	b = shut(b, at)

	// 64-bit chunk offsets where the file may pass 4 GiB; the moov itself never comes near the half.
	large := payload > 1<<31
	var movie uint64
	edits := make([]edit, len(tracks))
	for i, t := range tracks {
		edits[i] = tables[i].movieEdit(t.Timescale)
		movie = max(movie, edits[i].delay+edits[i].duration)
	}
	type patch struct {
		at    int
		table *Table
	}
	patches := make([]patch, 0, len(tracks))
	b, moov := open(b, "moov")
	b = appendMvhd(b, movie, tracks)
	for i, t := range tracks {
		b, at = open(b, "trak")
		b = appendTkhd(b, t, edits[i].delay+edits[i].duration)
		b = appendEdits(b, edits[i])
		b = appendMedia(b, t, tables[i].duration, func(b []byte) []byte {
			b = tables[i].append(b, t.Codec.Video())
			kind := "stco"
			if large {
				kind = "co64"
			}
			b, at := openFull(b, kind, 0, 0)
			b = u32(b, uint32(len(tables[i].chunks)))
			patches = append(patches, patch{len(b), tables[i]})
			n := 4
			if large {
				n = 8
			}
			b = zeros(b, n*len(tables[i].chunks))
			return shut(b, at)
		})
		b = shut(b, at)
	}
	b = shut(b, moov)
	if payload+8 > 1<<32-1 {
		b = u32(b, 1)
		b = append(b, "mdat"...)
		b = u64(b, uint64(payload)+16)
	} else {
		b = u32(b, uint32(payload+8))
		b = append(b, "mdat"...)
	}
	head := int64(len(b) - len(dst))
	for _, p := range patches {
		for i, c := range p.table.chunks {
			if large {
				be.PutUint64(b[p.at+8*i:], uint64(head+c.offset))
			} else {
				be.PutUint32(b[p.at+4*i:], uint32(head+c.offset))
			}
		}
	}
	return b
}

// movieEdit gives the edit with delay and duration in movie ticks, rounded so that no frame is lost at the end.
func (t *Table) movieEdit(scale uint32) edit {
	e := t.edit
	if e.duration == 0 && t.duration > e.start {
		e.duration = t.duration - e.start
	}
	s := uint64(max(scale, 1))
	e.delay = (e.delay*movieScale + s/2) / s
	e.duration = (e.duration*movieScale + s/2) / s
	return e
}

func (t *Table) append(b []byte, video bool) []byte {
	b, at := openFull(b, "stts", 0, 0)
	b = u32(b, uint32(len(t.times)))
	for _, r := range t.times {
		b = u32(u32(b, r.count), r.value)
	}
	b = shut(b, at)
	if t.cts {
		b, at = openFull(b, "ctts", 1, 0)
		b = u32(b, uint32(len(t.offsets)))
		for _, r := range t.offsets {
			b = u32(u32(b, r.count), r.value)
		}
		b = shut(b, at)
	}
	if video && len(t.keys) < len(t.sizes) {
		b, at = openFull(b, "stss", 0, 0)
		b = u32(b, uint32(len(t.keys)))
		for _, k := range t.keys {
			b = u32(b, k)
		}
		b = shut(b, at)
	}
	b, at = openFull(b, "stsz", 0, 0)
	b = u32(b, 0)
	b = u32(b, uint32(len(t.sizes)))
	for _, s := range t.sizes {
		b = u32(b, s)
	}
	b = shut(b, at)

	b, at = openFull(b, "stsc", 0, 0)
	n := len(b)
	b = u32(b, 0)
	rows, last := uint32(0), uint32(0)
	for i, c := range t.chunks {
		if c.samples != last {
			b = u32(u32(u32(b, uint32(i+1)), c.samples), 1)
			rows, last = rows+1, c.samples
		}
	}
	be.PutUint32(b[n:], rows)
	return shut(b, at)
}
