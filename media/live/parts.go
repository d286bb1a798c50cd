package live

import (
	"context"
	"time"

	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/hls"
)

// longestPart is what a part may last; a longer chunk was made before anybody watched.
const longestPart = 650 * time.Millisecond

// playlist turns one stream's chunks into low-latency HLS for all of its readers.
type playlist struct {
	source Source
	live   *hls.Live

	started    bool
	runNumber  uint64
	fragment   uint64
	joining    bool // in the fragment that had begun before anybody watched
	part       int
	video, snd cmaf.Track // snd.ID 0: no sound that HLS can carry
	size       int        // of pending
	pending    []*stream.Chunk
}

func newPlaylist(src Source) (*playlist, error) {
	if _, _, ok := pick(src.Tracks()); !ok {
		return nil, errNoPicture(src)
	}
	return &playlist{source: src, live: hls.NewLive(hls.Options{Part: stream.DefaultPart, Header: expressHeader})}, nil
}

func (p *playlist) stop() { p.live.Close() }

// run hands chunks over until the stream ends.
func (p *playlist) run(ctx context.Context) {
	chunks := p.source.Chunks()
	defer chunks.Close()
	for {
		c, err := chunks.Next(ctx)
		if err != nil {
			return
		}
		p.take(c)
	}
}

// take sorts chunks into parts: one per track, of the same number, belong together.
func (p *playlist) take(c *stream.Chunk) {
	if p.started && (c.Fragment != p.fragment || c.Part != p.part) {
		p.flush()
	}
	if p.started && c.Fragment != p.fragment {
		p.live.End()
		p.joining = false
	}
	// A run that changes, or a hole because this reader was too slow: players must begin anew.
	if !p.started || c.Run != p.runNumber || c.Fragment > p.fragment+1 {
		video, sound, ok := pick(c.Tracks, cmaf.AAC)
		if !ok {
			return
		}
		p.joining = !p.started
		p.video, p.snd, p.runNumber, p.started = video, sound, c.Run, true
		tracks := []cmaf.Track{video}
		if sound.ID != 0 {
			tracks = append(tracks, sound)
		}
		p.live.Init(cmaf.AppendInit(nil, tracks, nil))
	}
	p.fragment, p.part = c.Fragment, c.Part
	if c.Track == p.video.ID || c.Track == p.snd.ID {
		p.pending = append(p.pending, c)
		p.size += c.Size()
	}
	if c.PartEnd || c.Last {
		p.flush()
	}
	if c.Last {
		p.live.End()
	}
}

// flush makes a part of what is pending: one run of bytes, shared by all readers.
func (p *playlist) flush() {
	if len(p.pending) == 0 {
		return
	}
	part := hls.Part{Data: make([]byte, 0, p.size), Wall: p.pending[0].Wall}
	for _, c := range p.pending {
		part.Data = append(part.Data, c.Head...)
		for _, b := range c.Body {
			part.Data = append(part.Data, b...)
		}
		track := p.video
		if c.Track == p.snd.ID {
			track = p.snd
		}
		if d := ticks(c.Duration, track.Timescale); c.Track == p.video.ID || part.Duration == 0 {
			part.Duration = d
		}
		if c.Track == p.video.ID {
			part.Wall = c.Wall
			part.Independent = c.Key
		}
	}
	// What had begun before anybody watched was not cut into parts: its length says nothing of those that follow.
	part.Bulk = part.Duration > longestPart || p.joining
	p.pending, p.size = p.pending[:0], 0
	p.live.Add(part)
}

func ticks(n, scale uint32) time.Duration {
	if scale == 0 {
		return 0
	}
	return time.Duration(uint64(n) * uint64(time.Second) / uint64(scale))
}
