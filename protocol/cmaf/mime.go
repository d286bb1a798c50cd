package cmaf

import (
	"fmt"
	"math/bits"
	"strings"
)

// MIME is the codec string of RFC 6381, e.g. avc1.64001f, hvc1.1.6.L93.B0, mp4a.40.2; "" when the parameters are missing.
func (t Track) MIME() string {
	switch t.Codec {
	case H264:
		if len(t.SPS) < 4 {
			return ""
		}
		return fmt.Sprintf("avc1.%02x%02x%02x", t.SPS[1], t.SPS[2], t.SPS[3])
	case H265:
		ptl, ok := profileTierLevel(t.SPS)
		if !ok {
			return ""
		}
		return hvc1(ptl)
	case AAC:
		kind := 2
		if len(t.ASC) > 0 && t.ASC[0]>>3 != 31 {
			kind = int(t.ASC[0] >> 3)
		}
		return fmt.Sprintf("mp4a.40.%d", kind)
	case PCMA:
		return "alaw"
	case PCMU:
		return "ulaw"
	}
	return ""
}

// hvc1 spells the twelve bytes of general profile, tier and level as ISO/IEC 14496-15 annex E wants it.
func hvc1(ptl [12]byte) string {
	var s strings.Builder
	s.WriteString("hvc1.")
	if space := ptl[0] >> 6; space > 0 {
		s.WriteByte('A' + space - 1)
	}
	tier := byte('L')
	if ptl[0]&0x20 != 0 {
		tier = 'H'
	}
	compat := bits.Reverse32(be.Uint32(ptl[1:5]))
	fmt.Fprintf(&s, "%d.%X.%c%d", ptl[0]&0x1f, compat, tier, ptl[11])
	last := 10
	for last >= 5 && ptl[last] == 0 {
		last--
	}
	for _, c := range ptl[5 : last+1] {
		fmt.Fprintf(&s, ".%X", c)
	}
	return s.String()
}

// profileTierLevel takes the twelve bytes out of an H.265 SPS: two bytes NAL header, one of ids, then they follow.
func profileTierLevel(sps []byte) (ptl [12]byte, ok bool) {
	n, zero := 0, 0
	for i := 0; i < len(sps) && n < 15; i++ {
		c := sps[i]
		if zero >= 2 && c == 3 { // emulation prevention
			zero = 0
			continue
		}
		if c == 0 {
			zero++
		} else {
			zero = 0
		}
		if n >= 3 {
			ptl[n-3] = c
		}
		n++
	}
	return ptl, n == 15
}
