package stream

import (
	"context"
	"io"
)

// FrameOptions of a reader.
type FrameOptions struct {
	Live    bool // begin with the next key frame, not with the cached one
	NoSound bool
}

// FrameReader hands out frames one by one. One goroutine may call Next at a time.
type FrameReader struct {
	s       *Stream
	o       FrameOptions
	wake    chan struct{}
	next    int64
	key     bool // wait for a key frame
	dropped uint64
	closed  bool
}

// Frames opens a reader. While one is open, the camera is read at once.
func (s *Stream) Frames(o FrameOptions) *FrameReader {
	r := &FrameReader{s: s, o: o, wake: make(chan struct{}, 1), key: true}
	s.mu.Lock()
	if !s.watched() {
		s.surface()
	}
	r.next = s.ring.end()
	if s.ring.key >= 0 && !o.Live {
		r.next = s.ring.key
	}
	s.frames[r] = struct{}{}
	if s.ring.key < 0 || o.Live {
		s.askKey()
	}
	s.mu.Unlock()
	s.pace()
	return r
}

// Next blocks until a frame is there. io.EOF: the stream is not wanted any more, or the reader is closed. A reader that
// was too slow goes on at the latest key frame and is told only by Dropped: the source never waits.
func (r *FrameReader) Next(ctx context.Context) (Frame, error) {
	for {
		f, ok, over := r.take()
		if ok {
			return f, nil
		}
		if over {
			return Frame{}, io.EOF
		}
		select {
		case <-r.wake:
		case <-r.s.ended:
			return Frame{}, io.EOF
		case <-ctx.Done():
			return Frame{}, ctx.Err()
		}
	}
}

func (r *FrameReader) take() (f Frame, ok, over bool) {
	s := r.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.closed || s.over {
		return Frame{}, false, true
	}
	g := &s.ring
	if r.next < g.first {
		to := g.end()
		if g.key >= 0 {
			to = g.key
		}
		r.dropped += uint64(to - r.next)
		s.status.DroppedToReaders += uint64(to - r.next)
		r.next, r.key = to, true
	}
	for r.next < g.end() {
		at := g.at(r.next)
		r.next++
		if r.key && (!at.Key || at.Track != videoTrack) || r.o.NoSound && at.Track == soundTrack {
			continue
		}
		r.key = false
		return at.Frame, true, false
	}
	return Frame{}, false, false
}

// Dropped counts the frames that this reader was too slow for.
func (r *FrameReader) Dropped() uint64 {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	return r.dropped
}

// Close ends the reader; a Next that waits returns io.EOF.
func (r *FrameReader) Close() {
	r.s.mu.Lock()
	r.closed = true
	delete(r.s.frames, r)
	r.s.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
	r.s.pace()
}
