package stream

import (
	"time"

	"linli.dev/linli/protocol/cmaf"
)

// builder makes the fragment that is being filled. It belongs to the stream's lock.
type builder struct {
	s    *Stream
	seq  uint64 // of fragments
	moof uint32 // of chunks

	begun        bool
	begin        int64 // decode time of its first picture
	key          bool
	part         int
	partAt       int64 // decode time at which the open part begins
	size         int   // payload bytes
	video, sound lane
	chunks       []*Chunk
	held         []*block
}

// lane is one track's share of the open part.
type lane struct {
	track   uint32
	samples []cmaf.Sample
	spans   []span
	decode  int64
	wall    time.Time
	key     bool
	block   *block // the latest one held for the fragment
}

// span is a run of bytes in a block.
type span struct {
	block    *block
	from, to int
}

func newBuilder(s *Stream) builder {
	return builder{s: s, video: lane{track: videoTrack}, sound: lane{track: soundTrack}}
}

// add puts a sample into its lane.
func (b *builder) add(l *lane, sample cmaf.Sample, decode int64, wall time.Time, at span) {
	if len(l.samples) == 0 {
		l.decode, l.wall, l.key = decode, wall, sample.Key
	}
	l.samples = append(l.samples, sample)
	if l.block != at.block {
		if b.held == nil {
			b.held = make([]*block, 0, 8)
		}
		at.block.hold()
		b.held = append(b.held, at.block)
		l.block = at.block
	}
	if n := len(l.spans); n > 0 && l.spans[n-1].block == at.block && l.spans[n-1].to == at.from {
		l.spans[n-1].to = at.to
	} else {
		l.spans = append(l.spans, at)
	}
	b.size += int(sample.Size)
}

// cut ends the open part: a chunk for each track that has something. end is the decode time of the next picture.
func (b *builder) cut(end int64, last bool) {
	n := len(b.chunks)
	for _, l := range [2]*lane{&b.video, &b.sound} {
		if len(l.samples) > 0 {
			b.chunks = append(b.chunks, b.chunk(l))
		}
		l.samples, l.spans = l.samples[:0], l.spans[:0]
	}
	if len(b.chunks) == n {
		return
	}
	if last {
		b.chunks[len(b.chunks)-1].Last = true
	}
	b.chunks[len(b.chunks)-1].PartEnd = true
	b.part++
	b.partAt = end
	for _, c := range b.chunks[n:] {
		b.s.hang(c)
	}
}

func (b *builder) chunk(l *lane) *Chunk {
	b.moof++
	c := &Chunk{
		Track: l.track, DecodeTime: uint64(l.decode), Wall: l.wall, Key: l.key && l.track == videoTrack,
		Run: b.s.run, Fragment: b.seq, Part: b.part, Tracks: b.s.tracks,
		Samples: append(make([]cmaf.Sample, 0, len(l.samples)), l.samples...),
		Body:    make([][]byte, 0, len(l.spans)),
	}
	for _, s := range l.samples {
		c.Duration += s.Duration
	}
	for _, p := range l.spans {
		c.Body = append(c.Body, p.block.buf[p.from:p.to:p.to])
	}
	c.Head = cmaf.AppendChunkHead(make([]byte, 0, 160+16*len(c.Samples)), b.moof, c.Track, c.DecodeTime, c.Samples)
	return c
}

// finish ends the fragment at decode time end and returns it; nil when nobody wants it.
func (b *builder) finish(end int64, wanted bool) *Fragment {
	if !b.begun {
		return nil
	}
	defer b.reset()
	if !wanted && b.s.chunkReaders == 0 {
		b.s.pool.dropAll(b.held)
		b.held = nil
		return nil
	}
	b.cut(end, true)
	if !wanted || len(b.chunks) == 0 {
		b.s.pool.dropAll(b.held)
		b.held = nil
		return nil
	}
	f := &Fragment{
		Run: b.s.run, Tracks: b.s.tracks, Chunks: b.chunks, Key: b.key, Seq: b.seq,
		pool: b.s.pool, held: b.held,
	}
	for _, c := range b.chunks {
		f.Size += c.Size()
	}
	b.held, b.chunks = nil, nil
	return f
}

func (b *builder) reset() {
	for _, l := range [2]*lane{&b.video, &b.sound} {
		l.samples, l.spans, l.block = l.samples[:0], l.spans[:0], nil
	}
	b.held, b.chunks = b.held[:0], b.chunks[:0]
	b.begun, b.part, b.size = false, 0, 0
}

func (p *blocks) dropAll(held []*block) {
	for _, b := range held {
		p.drop(b)
	}
}
