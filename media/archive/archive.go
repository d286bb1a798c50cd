package archive

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"linli.dev/linli/store"
)

// Options of an Archive.
type Options struct {
	DB  *store.DB
	Log *slog.Logger
}

// Archive is the index of all footage. One process writes, its own readers see open segments too.
type Archive struct{ o Options }

var errSoon = errors.New("not there yet")

// New makes the tables and loads the list of disks.
func New(ctx context.Context, o Options) (*Archive, error) { return &Archive{o: o}, nil }

// Reader is an open segment file.
type Reader interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Closed is what becomes a row when a segment is on disk.
type Closed struct{ ID SegmentID }

// Begin puts segments on the list of open ones, in one transaction. Their files may be created after that.
func (a *Archive) Begin(ctx context.Context, segments ...Segment) error { return errSoon }

// Append tells readers of fragments that are written. In memory only.
func (a *Archive) Append(id SegmentID, entries ...Entry) {}

// Finish makes rows of segments whose bytes are synced.
func (a *Archive) Finish(ctx context.Context, closed ...Closed) error { return errSoon }

// Spans lists the footage of a stream, gapless runs merged, cut to from and to.
func (a *Archive) Spans(ctx context.Context, camera string, which Which, from, to time.Time) ([]Span, error) {
	return nil, errSoon
}

// Gaps lists what is missing between from and to.
func (a *Archive) Gaps(ctx context.Context, camera string, which Which, from, to time.Time) ([]Gap, error) {
	return nil, errSoon
}

// Segments lists those that overlap from–to, in order, open ones last.
func (a *Archive) Segments(ctx context.Context, camera string, which Which, from, to time.Time) ([]SegmentInfo, error) {
	return nil, errSoon
}

// Segment finds one by its id.
func (a *Archive) Segment(ctx context.Context, id SegmentID) (SegmentInfo, error) {
	return SegmentInfo{}, errSoon
}

// OpenSegment opens a segment's file for reading. Reads wait, and in the end fail with fault.Unavailable, while the disk
// cannot keep up with recording: see Use.
func (a *Archive) OpenSegment(ctx context.Context, id SegmentID) (Reader, error) { return nil, errSoon }

// Days lists the calendar days on which a stream has footage, in the given zone.
func (a *Archive) Days(ctx context.Context, camera string, which Which, zone *time.Location) ([]Day, error) {
	return nil, errSoon
}

// Activity sums the bytes of fragments per step, from the index alone.
func (a *Archive) Activity(ctx context.Context, camera string, which Which, from, to time.Time, step time.Duration) ([]Step, error) {
	return nil, errSoon
}

func (a *Archive) entries(ctx context.Context, s *SegmentInfo) ([]Entry, error) { return nil, errSoon }
func (a *Archive) init(ctx context.Context, s *SegmentInfo) ([]byte, error)     { return nil, errSoon }
