package cmaf

// Codec names what a track holds. The payload of a video sample is NAL units, each behind its length in 4 bytes.
type Codec string

const (
	H264 Codec = "H264"
	H265 Codec = "H265"
	AAC  Codec = "AAC"
	PCMA Codec = "PCMA" // G.711 A-law
	PCMU Codec = "PCMU" // G.711 µ-law
)

// Video says whether the codec carries pictures.
func (c Codec) Video() bool { return c == H264 || c == H265 }

// Track is one elementary stream with its parameter sets. Changed sets make another run, never another sample entry.
type Track struct {
	ID            uint32 // from 1
	Codec         Codec
	Timescale     uint32 // ticks per second: 90000 for video, the RTP clock for sound
	Width, Height int    // pixels, video only

	VPS, SPS, PPS []byte // one NAL unit each, without start code; VPS in H.265 only

	SampleRate, Channels int    // sound only
	ASC                  []byte // AudioSpecificConfig, AAC only
}

// Sample is one access unit or one sound frame inside a chunk.
type Sample struct {
	Duration uint32 // ticks
	CTS      int32  // presentation minus decode time, ticks; negative is allowed (trun version 1)
	Size     uint32 // bytes
	Key      bool   // decoding may begin here
}
