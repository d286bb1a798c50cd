package live

import (
	"context"

	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/cmaf"
)

// Source is a running stream, as far as this room needs it.
type Source interface {
	Tracks() []cmaf.Track
	Status() stream.Status
	RequestKey()
	Frames() Frames
	Chunks() Chunks
}

// Frames reads access units, from the cached key frame on.
type Frames interface {
	Next(ctx context.Context) (stream.Frame, error)
	Close()
}

// Chunks reads chunks, from the cached group of pictures on.
type Chunks interface {
	Next(ctx context.Context) (*stream.Chunk, error)
	Close()
}

// Sources finds a running stream.
type Sources interface {
	Source(id stream.ID) (Source, bool)
}

// FromHub gives the streams of a hub.
func FromHub(h *stream.Hub) Sources { return hubSources{h} }

type hubSources struct{ hub *stream.Hub }

func (h hubSources) Source(id stream.ID) (Source, bool) {
	s, ok := h.hub.Get(id)
	if !ok {
		return nil, false
	}
	return hubSource{s}, true
}

type hubSource struct{ *stream.Stream }

func (s hubSource) Frames() Frames { return s.Stream.Frames(stream.FrameOptions{}) }
func (s hubSource) Chunks() Chunks { return s.Stream.Chunks() }

// pick finds the picture's track, and the sound's among the codecs that a way of watching can carry.
func pick(tracks []cmaf.Track, sound ...cmaf.Codec) (video, audio cmaf.Track, ok bool) {
	for _, t := range tracks {
		if t.Codec.Video() && video.ID == 0 {
			video = t
		}
		for _, c := range sound {
			if t.Codec == c && audio.ID == 0 {
				audio = t
			}
		}
	}
	return video, audio, video.ID != 0
}
