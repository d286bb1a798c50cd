package cmaf

// appendEntry appends the sample entry: avc1, hvc1, mp4a, alaw or ulaw.
func appendEntry(b []byte, t Track) []byte {
	switch t.Codec {
	case H264:
		b, at := visual(b, "avc1", t)
		b = appendAvcC(b, t)
		return shut(b, at)
	case H265:
		b, at := visual(b, "hvc1", t)
		b = appendHvcC(b, t)
		return shut(b, at)
	case PCMA:
		b, at := audio(b, "alaw", t)
		return shut(b, at)
	case PCMU:
		b, at := audio(b, "ulaw", t)
		return shut(b, at)
	default:
		b, at := audio(b, "mp4a", t)
		b = appendEsds(b, t)
		return shut(b, at)
	}
}

func visual(b []byte, kind string, t Track) ([]byte, int) {
	b, at := open(b, kind)
	b = zeros(b, 6)
	b = u16(b, 1)
	b = zeros(b, 16)
	b = u16(b, uint16(t.Width))
	b = u16(b, uint16(t.Height))
	b = u32(b, 0x480000) // 72 dpi
	b = u32(b, 0x480000)
	b = zeros(b, 4)
	b = u16(b, 1)
	b = zeros(b, 32)
	b = u16(b, 24)
	return u16(b, 0xffff), at
}

func audio(b []byte, kind string, t Track) ([]byte, int) {
	b, at := open(b, kind)
	b = zeros(b, 6)
	b = u16(b, 1)
	b = zeros(b, 8)
	b = u16(b, uint16(max(t.Channels, 1)))
	b = u16(b, 16)
	b = zeros(b, 4)
	rate := uint32(t.SampleRate)
	if rate > 0xffff { // the field has 16 bits; the AudioSpecificConfig has the truth
		rate = 0
	}
	return u32(b, rate<<16), at
}

func appendAvcC(b []byte, t Track) []byte {
	b, at := open(b, "avcC")
	var profile [3]byte
	if len(t.SPS) > 3 {
		copy(profile[:], t.SPS[1:4])
	}
	b = append(b, 1, profile[0], profile[1], profile[2], 0xff) // lengths of four bytes
	b = list(b, 0xe0, t.SPS)
	b = list(b, 0, t.PPS)
	if highProfile(profile[0]) {
		p, err := Probe(H264, t.SPS)
		if err != nil {
			p.Chroma = 1
		}
		b = append(b, 0xfc|p.Chroma, 0xf8|p.Luma8, 0xf8|p.Color8, 0)
	}
	return shut(b, at)
}

// list writes none or one NAL unit with count and length; the bits above the count are reserved.
func list(b []byte, reserved byte, nal []byte) []byte {
	if len(nal) == 0 {
		return append(b, reserved)
	}
	b = append(b, reserved|1)
	b = u16(b, uint16(len(nal)))
	return append(b, nal...)
}

func appendHvcC(b []byte, t Track) []byte {
	ptl, _ := profileTierLevel(t.SPS)
	p, err := Probe(H265, t.SPS)
	if err != nil {
		p.Chroma, p.Layers = 1, 1
	}
	nested := byte(0)
	if p.Nested {
		nested = 4
	}
	b, at := open(b, "hvcC")
	b = append(b, 1)
	b = append(b, ptl[:]...)
	b = append(b, 0xf0, 0, 0xfc, 0xfc|p.Chroma, 0xf8|p.Luma8, 0xf8|p.Color8, 0, 0)
	b = append(b, p.Layers<<3|nested|3) // lengths of four bytes
	count := byte(0)
	for _, n := range [3][]byte{t.VPS, t.SPS, t.PPS} {
		if len(n) > 0 {
			count++
		}
	}
	b = append(b, count)
	for i, n := range [3][]byte{t.VPS, t.SPS, t.PPS} {
		if len(n) > 0 {
			b = append(b, 0x80|32+byte(i), 0, 1) // complete: all of this kind are here
			b = u16(b, uint16(len(n)))
			b = append(b, n...)
		}
	}
	return shut(b, at)
}

// appendEsds writes the descriptors of ISO/IEC 14496-1 around the AudioSpecificConfig.
func appendEsds(b []byte, t Track) []byte {
	b, at := openFull(b, "esds", 0, 0)
	n := byte(min(len(t.ASC), 64))
	b = append(b, 3, 3+15+2+n+3)
	b = u16(b, uint16(t.ID))
	b = append(b, 0)
	b = append(b, 4, 13+2+n, 0x40, 0x15, 0, 0, 0) // MPEG-4 audio, audio stream
	b = zeros(b, 8)                               // bit rates: not said
	b = append(b, 5, n)
	b = append(b, t.ASC[:n]...)
	b = append(b, 6, 1, 2)
	return shut(b, at)
}
