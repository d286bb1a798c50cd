package stream

import (
	"context"
	"io"
	"slices"
	"time"

	"linli.dev/linli/protocol/cmaf"
)

// ChunkReader hands out chunks in the order of the recorded file, from a fragment that begins with a key frame. While one
// is open, fragments are cut into parts of about Options.Part.
type ChunkReader struct {
	s       *Stream
	wake    chan struct{}
	next    int64
	key     bool
	dropped uint64
	closed  bool
}

// Chunks opens a reader. It begins with the cached group of pictures, a whole fragment per chunk where that is over.
func (s *Stream) Chunks() *ChunkReader {
	r := &ChunkReader{s: s, wake: make(chan struct{}, 1), key: true}
	s.mu.Lock()
	if !s.watched() {
		s.surface()
	}
	s.chunkReaders++
	if s.chunkReaders == 1 {
		s.hung = s.past()
	}
	r.next = s.hungAt + int64(len(s.hung))
	for i, c := range slices.Backward(s.hung) {
		if c.Key && c.Part == 0 {
			r.next = s.hungAt + int64(i)
			break
		}
	}
	s.chunks[r] = struct{}{}
	if s.ring.key < 0 {
		s.askKey()
	}
	s.mu.Unlock()
	s.pace()
	return r
}

// past makes chunks of the cached group of pictures, except for the fragment that is being filled: that comes by itself.
func (s *Stream) past() (out []*Chunk) {
	g := &s.ring
	if g.key < 0 || !s.build.begun {
		return nil
	}
	type open struct {
		c      *Chunk
		frames []*frame
	}
	var tracks [2]open
	seal := func() {
		n := len(out)
		for _, o := range &tracks {
			if o.c == nil {
				continue
			}
			for i, f := range o.frames {
				d := f.Duration
				if i+1 < len(o.frames) {
					d = uint32(o.frames[i+1].DTS - f.DTS)
				}
				o.c.Duration += d
				o.c.Samples = append(o.c.Samples, cmaf.Sample{Duration: d, CTS: f.cts, Size: uint32(len(f.Data)), Key: f.Key})
				o.c.Body = append(o.c.Body, f.Data)
			}
			s.build.moof++
			o.c.Head = cmaf.AppendChunkHead(nil, s.build.moof, o.c.Track, o.c.DecodeTime, o.c.Samples)
			out = append(out, o.c)
		}
		if len(out) > n {
			out[len(out)-1].Last = true
		}
		tracks = [2]open{}
	}
	// A sound frame waits for the next one, and goes to the fragment that is open then.
	place := make(map[int64]uint64)
	waits := int64(-1)
	for pos := g.key; pos < g.end(); pos++ {
		if f := g.at(pos); f.Track == soundTrack {
			if waits >= 0 {
				place[waits] = f.fragment
			}
			waits = pos
		}
	}
	if waits >= 0 {
		place[waits] = s.build.seq
	}
	var last uint64
	for pos := g.key; pos < g.end(); pos++ {
		f := g.at(pos)
		fragment := f.fragment
		if f.Track == soundTrack {
			fragment = max(place[pos], last)
		}
		if f.Run != s.run || fragment == s.build.seq {
			continue
		}
		if fragment != last && f.Track == videoTrack {
			seal()
			last = fragment
		}
		o := &tracks[f.Track-1]
		if o.c == nil {
			o.c = &Chunk{
				Track: f.Track, DecodeTime: uint64(f.DTS), Wall: f.Wall, Key: f.Key && f.Track == videoTrack,
				Run: f.Run, Fragment: fragment, Tracks: s.tracks,
			}
		}
		o.frames = append(o.frames, f)
	}
	seal()
	if len(out) > 0 && !out[0].Key { // sound that was caught before the first picture
		out = out[1:]
	}
	return out
}

// Next blocks until a chunk is there. io.EOF: the stream is not wanted any more, or the reader is closed.
func (r *ChunkReader) Next(ctx context.Context) (*Chunk, error) {
	for {
		c, over := r.take()
		if c != nil {
			return c, nil
		}
		if over {
			return nil, io.EOF
		}
		select {
		case <-r.wake:
		case <-r.s.ended:
			return nil, io.EOF
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (r *ChunkReader) take() (c *Chunk, over bool) {
	s := r.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.closed || s.over {
		return nil, true
	}
	if r.next < s.hungAt {
		r.dropped += uint64(s.hungAt - r.next)
		s.status.DroppedToReaders += uint64(s.hungAt - r.next)
		r.next, r.key = s.hungAt, true
	}
	for r.next < s.hungAt+int64(len(s.hung)) {
		c := s.hung[r.next-s.hungAt]
		r.next++
		if r.key && !(c.Key && c.Part == 0) {
			continue
		}
		r.key = false
		return c, false
	}
	return nil, false
}

// Dropped counts the chunks that this reader was too slow for.
func (r *ChunkReader) Dropped() uint64 {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	return r.dropped
}

// Close ends the reader; a Next that waits returns io.EOF.
func (r *ChunkReader) Close() {
	s := r.s
	s.mu.Lock()
	if !r.closed {
		r.closed = true
		delete(s.chunks, r)
		if s.chunkReaders--; s.chunkReaders == 0 {
			s.hungAt += int64(len(s.hung))
			s.hung = nil
		}
	}
	s.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
	s.pace()
}

// DefaultPart is how long a part is while chunk readers are there.
const DefaultPart = 200 * time.Millisecond
