package cmaf

import (
	"errors"
	"fmt"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
)

// Picture is what a sequence parameter set says.
type Picture struct {
	Width, Height int
	FPS           float64 // 0 = not said
	Reorder       int     // pictures that may come before one in decode order and after it in output order; -1 = not said
	Chroma        uint8   // chroma_format_idc
	Luma8, Color8 uint8   // bit depths minus 8
	Layers        uint8   // H.265 temporal layers
	Nested        bool    // H.265 temporal_id_nesting_flag
}

// ErrPicture is wrapped when a parameter set cannot be read.
var ErrPicture = errors.New("unreadable sequence parameter set")

// Probe reads an SPS.
func Probe(c Codec, sps []byte) (p Picture, err error) {
	// The parsers are other people's and the bytes a stranger's: a panic in there must stay in there.
	defer func() {
		if r := recover(); r != nil {
			p, err = Picture{}, fmt.Errorf("%w: %v", ErrPicture, r)
		}
	}()
	switch c {
	case H264:
		return probeH264(sps)
	case H265:
		return probeH265(sps)
	}
	return Picture{}, fmt.Errorf("%w: %s", ErrPicture, c)
}

func probeH264(b []byte) (Picture, error) {
	var s h264.SPS
	if err := s.Unmarshal(b); err != nil {
		return Picture{}, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	p := Picture{Width: s.Width(), Height: s.Height(), Reorder: -1, Chroma: 1, Layers: 1}
	if highProfile(b[1]) {
		p.Chroma, p.Luma8, p.Color8 = uint8(s.ChromaFormatIdc), uint8(s.BitDepthLumaMinus8), uint8(s.BitDepthChromaMinus8)
	}
	if v := s.VUI; v != nil {
		if v.TimingInfo != nil && v.TimingInfo.NumUnitsInTick > 0 {
			p.FPS = s.FPS()
		}
		if v.BitstreamRestriction != nil {
			p.Reorder = int(v.BitstreamRestriction.MaxNumReorderFrames)
		}
	}
	// Baseline has no B pictures, and order count type 2 says output order is decode order.
	if s.ProfileIdc == 66 || s.PicOrderCntType == 2 {
		p.Reorder = 0
	}
	return p.check()
}

func probeH265(b []byte) (Picture, error) {
	var s h265.SPS
	if err := s.Unmarshal(b); err != nil {
		return Picture{}, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	p := Picture{
		Width: s.Width(), Height: s.Height(), Reorder: -1, Chroma: uint8(s.ChromaFormatIdc),
		Luma8: uint8(s.BitDepthLumaMinus8), Color8: uint8(s.BitDepthChromaMinus8),
		Layers: s.MaxSubLayersMinus1 + 1, Nested: s.TemporalIDNestingFlag,
	}
	if n := len(s.MaxNumReorderPics); n > 0 {
		p.Reorder = int(s.MaxNumReorderPics[n-1])
	}
	if v := s.VUI; v != nil && v.TimingInfo != nil && v.TimingInfo.NumUnitsInTick > 0 {
		p.FPS = s.FPS()
	}
	return p.check()
}

func (p Picture) check() (Picture, error) {
	if p.Width <= 0 || p.Height <= 0 || p.Width > 16384 || p.Height > 16384 || p.Reorder > 16 {
		return Picture{}, fmt.Errorf("%w: %dx%d, reorder %d", ErrPicture, p.Width, p.Height, p.Reorder)
	}
	if p.FPS < 0.1 || p.FPS > 300 {
		p.FPS = 0
	}
	return p, nil
}

func highProfile(idc byte) bool {
	switch idc {
	case 100, 110, 122, 144, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		return true
	}
	return false
}
