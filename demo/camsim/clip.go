package camsim

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4/codecs"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/pmp4"

	"linli.dev/linli/protocol/rtsp"
)

// sample is one access unit or one sound frame; times are ticks from the clip's start.
type sample struct {
	at   int64
	cts  int32
	key  bool
	data []byte // video: NAL units behind 4-byte lengths
}

// track is one medium of a clip.
type track struct {
	media   rtsp.Media
	samples []sample
	length  int64 // ticks; after it the clip begins anew
}

// parseClip reads an MP4 file, or a raw H.264 or H.265 stream (Annex B) at 25 fps.
func parseClip(raw []byte) ([]track, error) {
	if len(raw) > 8 && string(raw[4:8]) == "ftyp" {
		return parseMP4(raw)
	}
	if bytes.HasPrefix(raw, []byte{0, 0, 1}) || bytes.HasPrefix(raw, []byte{0, 0, 0, 1}) {
		return parseAnnexB(raw)
	}
	return nil, errors.New("neither MP4 nor a raw H.264 or H.265 stream")
}

func parseMP4(raw []byte) ([]track, error) {
	var p pmp4.Presentation
	if err := p.Unmarshal(bytes.NewReader(raw)); err != nil {
		return nil, fmt.Errorf("MP4: %w", err)
	}
	var out []track
	for _, t := range p.Tracks {
		m, ok, err := mediaOf(t.Codec)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		one := track{media: m}
		scale := func(v int64) int64 { return v * int64(m.ClockRate) / int64(t.TimeScale) }
		var at int64
		for _, s := range t.Samples {
			data, err := s.GetPayload()
			if err != nil {
				return nil, fmt.Errorf("MP4: %w", err)
			}
			one.samples = append(one.samples, sample{at: scale(at), cts: int32(scale(int64(s.PTSOffset))), key: !s.IsNonSyncSample, data: data})
			at += int64(s.Duration)
		}
		one.length = scale(at)
		if len(one.samples) > 0 && one.length > 0 {
			out = append(out, one)
		}
	}
	if len(out) == 0 || out[0].media.Kind != "video" {
		return nil, errors.New("MP4: it has no H.264 or H.265 video as its first track")
	}
	return out, nil
}

// mediaOf says how a codec is described in SDP; ok is false for those that are left out.
func mediaOf(c codecs.Codec) (m rtsp.Media, ok bool, err error) {
	switch c := c.(type) {
	case *codecs.H264:
		return rtsp.Media{Kind: "video", Codec: "H264", PayloadType: 96, ClockRate: 90000, Params: [][]byte{c.SPS, c.PPS}}, true, nil
	case *codecs.H265:
		return rtsp.Media{Kind: "video", Codec: "H265", PayloadType: 96, ClockRate: 90000, Params: [][]byte{c.VPS, c.SPS, c.PPS}}, true, nil
	case *codecs.MPEG4Audio:
		asc, err := c.Config.Marshal()
		return rtsp.Media{
			Kind: "audio", Codec: "AAC", PayloadType: 97, ClockRate: c.Config.SampleRate, Channels: int(c.Config.ChannelConfig), Params: [][]byte{asc},
		}, true, err
	}
	return m, false, nil
}

// parseAnnexB cuts a raw stream into access units: a new one begins at a delimiter, a parameter set, an SEI, or a first
// slice, once the one before has a slice.
func parseAnnexB(raw []byte) ([]track, error) {
	var nals [][]byte
	for _, part := range bytes.Split(raw, []byte{0, 0, 1}) {
		part = bytes.TrimRight(part, "\x00")
		if len(part) > 2 {
			nals = append(nals, part)
		}
	}
	if len(nals) == 0 {
		return nil, errors.New("no NAL units in it")
	}
	h265Stream := nals[0][0]>>1&0x3f == byte(h265.NALUType_VPS_NUT) || nals[0][0] == byte(h265.NALUType_AUD_NUT)<<1
	t := track{media: rtsp.Media{Kind: "video", Codec: "H264", PayloadType: 96, ClockRate: 90000}}
	kind := kindH264
	if h265Stream {
		t.media.Codec = "H265"
		kind = kindH265
	}
	var unit []byte
	sets := map[int][]byte{}
	sliced, key := false, false
	flush := func() {
		if sliced {
			t.samples = append(t.samples, sample{at: int64(len(t.samples)) * 3600, key: key, data: unit})
		}
		unit, sliced, key = nil, false, false
	}
	for _, n := range nals {
		k := kind(n)
		if sliced && (!k.slice || k.first) {
			flush()
		}
		if k.set > 0 && sets[k.set] == nil {
			sets[k.set] = n
		}
		sliced, key = sliced || k.slice, key || k.key
		unit = append(binary.BigEndian.AppendUint32(unit, uint32(len(n))), n...)
	}
	flush()
	for i := 1; i <= 3; i++ {
		if sets[i] != nil {
			t.media.Params = append(t.media.Params, sets[i])
		}
	}
	t.length = int64(len(t.samples)) * 3600
	if len(t.samples) == 0 || len(t.media.Params) < 2 {
		return nil, errors.New("the raw stream has no pictures or no parameter sets")
	}
	return []track{t}, nil
}

// nalKind is what cutting needs of a NAL unit; set is the order of a parameter set in the description.
type nalKind struct {
	slice, first, key bool
	set               int
}

func kindH264(n []byte) nalKind {
	switch t := h264.NALUType(n[0] & 0x1f); t {
	case h264.NALUTypeSPS:
		return nalKind{set: 1}
	case h264.NALUTypePPS:
		return nalKind{set: 2}
	case h264.NALUTypeIDR, h264.NALUTypeNonIDR:
		return nalKind{slice: true, first: n[1]&0x80 != 0, key: t == h264.NALUTypeIDR}
	}
	return nalKind{}
}

func kindH265(n []byte) nalKind {
	switch t := h265.NALUType(n[0] >> 1 & 0x3f); {
	case t == h265.NALUType_VPS_NUT:
		return nalKind{set: 1}
	case t == h265.NALUType_SPS_NUT:
		return nalKind{set: 2}
	case t == h265.NALUType_PPS_NUT:
		return nalKind{set: 3}
	case t < 32:
		return nalKind{slice: true, first: n[2]&0x80 != 0, key: t >= 16 && t <= 21}
	}
	return nalKind{}
}
