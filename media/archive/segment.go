package archive

import (
	"context"
	"time"

	"linli.dev/linli/protocol/cmaf"
)

// Which of a camera's two streams.
type Which string

const (
	Main Which = "main"
	Sub  Which = "sub"
)

// Valid says whether w is one of the two.
func (w Which) Valid() bool { return w == Main || w == Sub }

// SegmentID and DiskID are ULIDs.
type (
	SegmentID string
	DiskID    string
)

// Segment is one file of footage, as its writer begins it.
type Segment struct {
	ID          SegmentID
	Camera      string
	Which       Which
	Disk        DiskID
	Path        string // below the disk's folder, with slashes
	Run         int64  // names the recording run within camera and stream; decode times run on within it
	Start       time.Time
	Init        []byte // the bytes that the file begins with: ftyp, moov
	Tracks      []cmaf.Track
	Unconfirmed bool          // dated by a clock that nobody had set
	Boot        string        // names the setting of the clock that dated it: see Archive.Dating
	Slack       time.Duration // it may be younger than it is dated, by so much at most: see ConfirmDates
}

// Entry is one fragment in a segment: a run of chunks (moof + mdat) of 1–2 s.
type Entry struct {
	Offset   int64 // in the file, of its first moof
	Size     uint32
	Start    time.Time
	Duration time.Duration
	Decode   uint64 // decode time of the first track's first sample in it, ticks of that track
	Key      bool   // begins with a key frame
	Hash     [32]byte
}

// End is where the fragment's time ends.
func (e Entry) End() time.Time { return e.Start.Add(e.Duration) }

// SegmentInfo is a segment as readers see it, closed or still open.
type SegmentInfo struct {
	ID          SegmentID
	Camera      string
	Which       Which
	Disk        DiskID
	Path        string
	Run         int64
	Start, End  time.Time
	Bytes       int64 // of the file, as far as it is indexed
	InitSize    int64 // the file's first bytes: ftyp, moov
	Fragments   int
	Tracks      []cmaf.Track
	Unconfirmed bool
	Open        bool // still being written; ask again for more

	archive *Archive
	live    []Entry // of an open segment
	head    []byte  // of an open segment
}

// Entries gives the segment's fragments in order, hashes included, from a small cache where it can. The slice is shared:
// do not change it.
func (s *SegmentInfo) Entries(ctx context.Context) ([]Entry, error) {
	return s.archive.entries(ctx, s)
}

// Init reads the file's first bytes: ftyp and moov, with the edit list that maps the segment's start to 0.
func (s *SegmentInfo) Init(ctx context.Context) ([]byte, error) {
	return s.archive.init(ctx, s)
}

// Span is footage without a gap and without a change of parameters.
type Span struct {
	From        time.Time
	To          time.Time
	Run         int64
	Codecs      []string // RFC 6381, as a browser asks for them: avc1.64001f, mp4a.40.2, alaw
	Bytes       int64
	Unconfirmed bool
}

// Gap is a span without footage.
type Gap struct {
	From, To time.Time
	Reason   string // a code of the message file, or "" where nobody knows
	Lost     int    // fragments that were received and could not be written
}

// Day says how much footage a calendar day has.
type Day struct {
	Date    string // 2006-01-02 in the zone that was asked for
	Seconds int64
	Bytes   int64
}

// Step is one column of the activity strip.
type Step struct {
	Start time.Time `json:"start"`
	Bytes int64     `json:"bytes"`
}

// codecs names what tracks hold, as a browser asks for it.
func codecs(tracks []cmaf.Track) []string {
	list := make([]string, len(tracks))
	for i, t := range tracks {
		list[i] = t.MIME()
	}
	return list
}
