package stream

import (
	"time"

	"linli.dev/linli/protocol/cmaf"
)

// Tracks are numbered the same in every stream.
const (
	videoTrack = 1
	soundTrack = 2
)

// Frame is one access unit or one sound frame. Data is read-only and stays valid as long as it is referred to.
type Frame struct {
	Track    uint32
	Data     []byte // video: NAL units behind 4-byte lengths; sound: one frame
	PTS, DTS int64  // ticks of the track's timescale, running on within a run
	Duration uint32 // ticks; for video an estimate, as the next picture is not known yet
	Key      bool   // decoding may begin here
	Run      uint64
	Wall     time.Time // node's clock
}

// Chunk is one moof + mdat of one track. It is read-only and stays valid as long as it is referred to, except what came
// with a Fragment, which ends with the fragment's Release.
type Chunk struct {
	Track      uint32
	Head       []byte   // moof + mdat header
	Body       [][]byte // payload
	Samples    []cmaf.Sample
	DecodeTime uint64
	Duration   uint32    // ticks
	Wall       time.Time // of the first sample
	Key        bool      // begins with a key frame
	Last       bool      // last of its fragment
	PartEnd    bool      // last of its part
	Run        uint64    // as its fragment
	Fragment   uint64    // Seq of its fragment
	Part       int       // chunks of one part, one per track, belong together; counts from 0 in a fragment
	Tracks     []cmaf.Track
}

// Size in bytes, head included.
func (c *Chunk) Size() int {
	n := len(c.Head)
	for _, b := range c.Body {
		n += len(b)
	}
	return n
}

// Fragment is 1–2 s of a stream: video and sound in chunks of their own.
type Fragment struct {
	Run         uint64 // changes after a gap and with changed parameters; rises
	Tracks      []cmaf.Track
	Chunks      []*Chunk
	Start       time.Time // node's clock; the next fragment of the run starts at Start + Duration, to 500 ppm
	Duration    time.Duration
	Key         bool // begins with a key frame
	Size        int  // bytes of all chunks
	Unconfirmed bool // the node's clock was not trusted
	Seq         uint64

	starts [2]uint64
	pool   *blocks
	held   []*block
}

// Starts gives per track the decode time at which the fragment begins, on one time line for all tracks: what AppendInit
// takes for a segment that begins with this fragment.
func (f *Fragment) Starts() []uint64 { return f.starts[:len(f.Tracks)] }

// Buffers appends the fragment's bytes in file order, for writev.
func (f *Fragment) Buffers(dst [][]byte) [][]byte {
	for _, c := range f.Chunks {
		dst = append(append(dst, c.Head), c.Body...)
	}
	return dst
}

// Release gives the fragment's blocks back; once per delivery to a Sink. Its payload may not be read afterwards.
func (f *Fragment) Release() {
	for _, b := range f.held {
		f.pool.drop(b)
	}
	f.held = nil
}

// Sink takes what is recorded. Its methods are called one after the other, on the thread that reads the camera: they must
// not block.
type Sink interface {
	Fragment(f *Fragment) // the sink owns one reference and calls f.Release
	Gap(reason string)    // footage ends here; what follows is another run
}
