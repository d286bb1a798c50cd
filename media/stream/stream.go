package stream

import (
	"context"
	"log/slog"
	"time"

	"linli.dev/linli/protocol/cmaf"
)

// Which of a camera's two streams.
type Which string

const (
	Main Which = "main"
	Sub  Which = "sub"
)

// ID names a stream.
type ID struct {
	Camera string
	Which  Which
}

func (id ID) String() string { return id.Camera + "/" + string(id.Which) }

// Source says where a stream comes from.
type Source struct {
	ID             ID
	URL            string // rtsp:// or rtsps://
	User, Password string
	Transport      string // "tcp", "udp", "auto" or "" (= auto: TCP, UDP where the camera refuses TCP)
	Sound          bool   // take sound too
	Host           string // key of back-off, lock-out and connection limit; "" = the URL's host
	Limit          int    // connections that the host allows at a time; 0 = no limit
}

// State of a stream.
type State string

const (
	Connecting   State = "connecting"
	Online       State = "online"
	NoPicture    State = "no-picture"
	WrongClock   State = "wrong-clock"
	Stalled      State = "stalled"
	Unauthorised State = "unauthorised"
	Unreachable  State = "unreachable"
	Disabled     State = "disabled"
)

// Status is what is known about a stream now.
type Status struct {
	ID               ID
	State            State
	Reason           string // message key, see reason.go
	Detail           string // for the operator: the error's text
	Since            time.Time
	BitRate          int64   // bits per second over the last seconds
	FrameRate        float64 // pictures per second
	KeyInterval      time.Duration
	BFrames          bool
	Tracks           []cmaf.Track
	Drift            time.Duration // camera's media clock against the node's, per hour
	ClockOffset      time.Duration // camera's clock minus the node's, from sender reports
	Lost             uint64        // packets
	Damaged          uint64        // access units dropped
	DroppedToReaders uint64        // frames that slow readers lost
	LastPicture      time.Time
	Readers          int
}

// Frame is one access unit or one sound frame. Data is read-only and stays valid as long as it is referred to.
type Frame struct {
	Track    uint32
	Data     []byte // video: NAL units behind 4-byte lengths; sound: one frame
	PTS, DTS int64  // ticks of the track's timescale, running on within a run
	Duration uint32 // ticks; for video the previous frame's, as the next is not known yet
	Key      bool
	Run      uint64
	Wall     time.Time // node's clock
}

// Chunk is one moof + mdat of one track.
type Chunk struct {
	Track      uint32
	Head       []byte   // moof + mdat header
	Body       [][]byte // payload
	Samples    []cmaf.Sample
	DecodeTime uint64
	Duration   uint32 // ticks
	Wall       time.Time
	Key        bool   // begins with a key frame
	Last       bool   // last of its fragment
	Run        uint64 // as its fragment
	Fragment   uint64 // Seq of its fragment
	Part       int    // chunks of the same part (one per track) belong together; counts from 0 in a fragment
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
	Run         uint64 // changes after a gap and with changed parameters
	Tracks      []cmaf.Track
	Chunks      []*Chunk
	Start       time.Time // node's clock
	Duration    time.Duration
	Key         bool // begins with a key frame
	Size        int  // bytes of all chunks
	Unconfirmed bool // the node's clock was not trusted
	Seq         uint64
}

// Starts gives per track the decode time at which the fragment begins, on one time line for all tracks: what AppendInit
// takes for a segment that begins with this fragment.
func (f *Fragment) Starts() []uint64 { return nil }

// Buffers appends the fragment's bytes in file order, for writev.
func (f *Fragment) Buffers(dst [][]byte) [][]byte {
	for _, c := range f.Chunks {
		dst = append(append(dst, c.Head), c.Body...)
	}
	return dst
}

// Release gives the fragment back; once per delivery to a Sink. Nothing of it may be used afterwards.
func (f *Fragment) Release() {}

// Sink takes what is recorded. Its methods are called on the thread that reads the camera and must not block.
type Sink interface {
	Fragment(f *Fragment) // the sink owns one reference and calls f.Release
	Gap(reason string)    // footage ends here; what follows is another run
}

// Options of a Hub.
type Options struct {
	Log          *slog.Logger
	Observe      func(Status)  // called on each change of state or reason, and about each 10 s; must not block
	Sink         func(ID) Sink // asked when a stream starts; nil result: not recorded
	ClockTrusted func() bool   // nil = always
	CacheLimit   int           // bytes of the cached group of pictures per stream; 0 = 4 MiB
}

// Hub keeps the wanted sources running.
type Hub struct{}

func New(o Options) *Hub                     { return &Hub{} }
func (h *Hub) Apply(sources []Source)        {}
func (h *Hub) Get(id ID) (*Stream, bool)     { return nil, false }
func (h *Hub) Streams() []*Stream            { return nil }
func (h *Hub) Record(id ID, sink Sink)       {}
func (h *Hub) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Stream is one source with its readers.
type Stream struct{}

func (s *Stream) ID() ID                             { return ID{} }
func (s *Stream) Status() Status                     { return Status{} }
func (s *Stream) Tracks() []cmaf.Track               { return nil }
func (s *Stream) Init() (init []byte, run uint64)    { return nil, 0 }
func (s *Stream) RequestKey()                        {}
func (s *Stream) Frames(o FrameOptions) *FrameReader { return &FrameReader{} }
func (s *Stream) Chunks() *ChunkReader               { return &ChunkReader{} }

// FrameOptions of a reader.
type FrameOptions struct {
	Live    bool // begin with what comes next, not with the cached key frame
	NoSound bool
}

// FrameReader hands out frames one by one.
type FrameReader struct{}

// Next blocks until a frame is there. io.EOF: the stream is no longer wanted.
func (r *FrameReader) Next(ctx context.Context) (Frame, error) { return Frame{}, nil }

// Dropped counts the frames that this reader was too slow for.
func (r *FrameReader) Dropped() uint64 { return 0 }
func (r *FrameReader) Close()          {}

// ChunkReader hands out chunks, from the start of the cached group of pictures.
type ChunkReader struct{}

func (r *ChunkReader) Next(ctx context.Context) (*Chunk, error) { return nil, nil }
func (r *ChunkReader) Close()                                   {}
