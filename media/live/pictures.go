package live

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/whep"
)

// pictures sends one stream to all of its WebRTC viewers.
type pictures struct {
	source Source
	feed   *whep.Feed
	codec  cmaf.Codec

	line timeline
}

func newPictures(src Source) (*pictures, error) {
	video, _, ok := pick(src.Tracks())
	if !ok {
		return nil, errNoPicture(src)
	}
	p := &pictures{source: src, codec: video.Codec}
	p.feed = whep.NewFeed(whep.FeedOptions{Video: string(video.Codec), AskKey: src.RequestKey})
	p.setParams(video)
	return p, nil
}

func (p *pictures) setParams(t cmaf.Track) {
	if t.Codec == cmaf.H265 {
		p.feed.SetParams(t.VPS, t.SPS, t.PPS)
		return
	}
	p.feed.SetParams(t.SPS, t.PPS)
}

// content is what can be offered to a viewer now.
func (p *pictures) content(sound bool) whep.Content {
	video, audio, _ := pick(p.source.Tracks(), cmaf.PCMA, cmaf.PCMU)
	c := whep.Content{Video: string(p.codec)}
	if video.Codec == cmaf.H264 && len(video.SPS) > 3 {
		c.Profile = hex.EncodeToString(video.SPS[1:4])
	}
	if sound && audio.ID != 0 && audio.SampleRate == 8000 && audio.Channels <= 1 {
		c.Audio = string(audio.Codec)
	}
	return c
}

func (p *pictures) stop() { p.feed.Close() }

// run hands frames to the feed until the stream ends, or sends another codec: then viewers must agree anew.
func (p *pictures) run(ctx context.Context) {
	frames := p.source.Frames()
	defer frames.Close()
	var video, audio cmaf.Track
	for {
		f, err := frames.Next(ctx)
		if err != nil {
			return
		}
		if fresh := !p.line.begun || f.Run != p.line.run; fresh || f.Track != video.ID && f.Track != audio.ID {
			var ok bool
			video, audio, ok = pick(p.source.Tracks(), cmaf.PCMA, cmaf.PCMU)
			if !ok || video.Codec != p.codec {
				return
			}
			if fresh {
				p.setParams(video)
				p.line.begin(f, [2]cmaf.Track{video, audio}, [2]int64{90000, 8000})
			}
		}
		switch f.Track {
		case video.ID:
			p.feed.Video(f.Data, p.line.at(0, f), f.Key, f.Wall)
		case audio.ID:
			p.feed.Audio(f.Data, p.line.at(1, f), f.Wall)
		}
	}
}

func errNoPicture(src Source) error {
	f := fault.New(fault.Unavailable, "live.start", "live.no-picture")
	if state := src.Status().State; state != "" {
		f.Err = errors.New(string(state)) // for the log: the page has the state in words
	}
	f.RetryAfter = 2 * time.Second
	return f
}
