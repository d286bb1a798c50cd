package cmaf

// Sample flags of ISO/IEC 14496-12 8.8.3.1.
const (
	flagsKey   = 0x02000000 // depends on no other
	flagsOther = 0x01010000 // depends on others, not a sync sample
)

// AppendChunkHead appends moof and the header of the mdat that follows; the payload is the caller's to write behind it.
// Whatever is the same for all samples is written once, so a fragment of sound costs few bytes.
func AppendChunkHead(dst []byte, seq uint32, track uint32, decodeTime uint64, samples []Sample) []byte {
	var payload uint64
	var cts bool
	same := struct{ duration, size, key, tail bool }{true, true, true, true}
	for i, s := range samples {
		payload += uint64(s.Size)
		cts = cts || s.CTS != 0
		if i > 0 {
			same.duration = same.duration && s.Duration == samples[0].Duration
			same.size = same.size && s.Size == samples[0].Size
			same.key = same.key && s.Key == samples[0].Key
			same.tail = same.tail && !s.Key
		}
	}

	b, moof := open(dst, "moof")
	b, at := openFull(b, "mfhd", 0, 0)
	b = u32(b, seq)
	b = shut(b, at)

	b, traf := open(b, "traf")
	tf, tr := uint32(0x20020), uint32(0x1) // base is moof, default flags; data offset
	if same.duration && len(samples) > 0 {
		tf |= 0x8
	} else {
		tr |= 0x100
	}
	if same.size && len(samples) > 0 {
		tf |= 0x10
	} else {
		tr |= 0x200
	}
	first := false
	if !same.key {
		if first = samples[0].Key && same.tail; first {
			tr |= 0x4
		} else {
			tr |= 0x400
		}
	}
	if cts {
		tr |= 0x800
	}

	b, at = openFull(b, "tfhd", 0, tf)
	b = u32(b, track)
	if tf&0x8 != 0 {
		b = u32(b, samples[0].Duration)
	}
	if tf&0x10 != 0 {
		b = u32(b, samples[0].Size)
	}
	if same.key && len(samples) > 0 && samples[0].Key {
		b = u32(b, flagsKey)
	} else {
		b = u32(b, flagsOther)
	}
	b = shut(b, at)

	b, at = openFull(b, "tfdt", 1, 0)
	b = u64(b, decodeTime)
	b = shut(b, at)

	b, at = openFull(b, "trun", 1, tr)
	b = u32(b, uint32(len(samples)))
	offset := len(b)
	b = u32(b, 0)
	if first {
		b = u32(b, flagsKey)
	}
	if tr&0xf00 != 0 {
		for _, s := range samples {
			if tr&0x100 != 0 {
				b = u32(b, s.Duration)
			}
			if tr&0x200 != 0 {
				b = u32(b, s.Size)
			}
			if tr&0x400 != 0 {
				if s.Key {
					b = u32(b, flagsKey)
				} else {
					b = u32(b, flagsOther)
				}
			}
			if tr&0x800 != 0 {
				b = u32(b, uint32(s.CTS))
			}
		}
	}
	b = shut(b, at)
	b = shut(b, traf)
	b = shut(b, moof)
	b = appendMdatHead(b, payload, moof, offset)
	return b
}

// appendMdatHead writes the mdat's header and the data offset, which counts from the moof.
func appendMdatHead(b []byte, payload uint64, moof, offset int) []byte {
	if payload+8 > 1<<32-1 {
		b = u32(b, 1)
		b = append(b, "mdat"...)
		b = u64(b, payload+16)
	} else {
		b = u32(b, uint32(payload+8))
		b = append(b, "mdat"...)
	}
	be.PutUint32(b[offset:], uint32(len(b)-moof))
	return b
}
