package play

import (
	"context"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/cmaf"
)

// Footage is what this room needs of the archive.
type Footage interface {
	// Segments lists those that overlap from–to, in order.
	Segments(ctx context.Context, camera string, which archive.Which, from, to time.Time) ([]archive.SegmentInfo, error)
	Segment(ctx context.Context, id archive.SegmentID) (archive.SegmentInfo, error)
	Entries(ctx context.Context, s *archive.SegmentInfo) ([]archive.Entry, error)
	OpenSegment(ctx context.Context, id archive.SegmentID) (archive.Reader, error)
}

// FromArchive gives the footage of an archive.
func FromArchive(a *archive.Archive) Footage { return recorded{a} }

type recorded struct{ *archive.Archive }

func (recorded) Entries(ctx context.Context, s *archive.SegmentInfo) ([]archive.Entry, error) {
	return s.Entries(ctx)
}

// piece is one fragment of a run.
type piece struct {
	segment *archive.SegmentInfo
	entry   archive.Entry
}

func (p piece) end() time.Time { return p.entry.End() }

// run is footage without a gap and without a change of parameters: what one decoder can play through.
type run struct {
	number int64
	tracks []cmaf.Track
	pieces []piece
}

func (r *run) to() time.Time { return r.pieces[len(r.pieces)-1].end() }

// slack is how far two fragments of a run may be apart: the clock is slewed between them.
const slack = 1500 * time.Millisecond

// collect lists the runs between from and to. Each begins with the key frame at or before from, or with the first one
// after it where there is none: a decoder can begin nowhere else.
func collect(ctx context.Context, f Footage, camera string, which archive.Which, from, to time.Time) ([]run, error) {
	segments, err := f.Segments(ctx, camera, which, from, to)
	if err != nil {
		return nil, err
	}
	var runs []run
	for i := range segments {
		s := &segments[i]
		entries, err := f.Entries(ctx, s)
		if err != nil {
			return nil, err
		}
		first, last := within(entries, from, to)
		for _, e := range entries[first:last] {
			n := len(runs)
			if n == 0 || runs[n-1].number != s.Run || e.Start.Sub(runs[n-1].to()) > slack {
				if !e.Key {
					continue
				}
				runs = append(runs, run{number: s.Run, tracks: s.Tracks})
				n++
			}
			runs[n-1].pieces = append(runs[n-1].pieces, piece{s, e})
		}
	}
	// What ends before the span begins was only taken for its key frame.
	for len(runs) > 0 && !runs[0].to().After(from) {
		runs = runs[1:]
	}
	return runs, nil
}

// within gives the fragments that overlap from–to, and those before from that decoding needs.
func within(entries []archive.Entry, from, to time.Time) (first, last int) {
	for first < len(entries) && !entries[first].End().After(from) {
		first++
	}
	last = first
	for last < len(entries) && entries[last].Start.Before(to) {
		last++
	}
	if last == first {
		return first, last
	}
	for back := first; back >= 0; back-- {
		if entries[back].Key {
			return back, last
		}
	}
	return first, last
}
