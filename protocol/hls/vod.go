package hls

import (
	"strconv"
	"time"
)

// Run is footage of one init, in order and without a gap.
type Run struct {
	Init   Range
	Pieces []Piece
}

// Range is a byte range of a file at an address; Size 0: the whole of it.
type Range struct {
	URI          string
	Offset, Size int64
}

// Piece is one media segment of a VOD playlist.
type Piece struct {
	Range
	Start    time.Time
	Duration time.Duration
}

// AppendVOD writes a finished playlist: byte ranges, a discontinuity between runs, the time of day on each segment.
func AppendVOD(b []byte, runs []Run) []byte {
	target := time.Second
	for _, r := range runs {
		for _, p := range r.Pieces {
			target = max(target, p.Duration.Round(time.Second))
		}
	}
	b = append(b, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-TARGETDURATION:"...)
	b = strconv.AppendInt(b, int64(target/time.Second), 10)
	b = append(b, "\n#EXT-X-MEDIA-SEQUENCE:0\n"...)
	for i, r := range runs {
		if i > 0 {
			b = append(b, "#EXT-X-DISCONTINUITY\n"...)
		}
		b = append(b, "#EXT-X-MAP:URI=\""...)
		b = append(b, r.Init.URI...)
		if r.Init.Size > 0 {
			b = append(b, "\",BYTERANGE=\""...)
			b = byteRange(b, r.Init)
		}
		b = append(b, "\"\n"...)
		for _, p := range r.Pieces {
			b = programTime(b, p.Start)
			b = append(b, "#EXTINF:"...)
			b = decimal(b, p.Duration)
			b = append(b, ",\n"...)
			if p.Size > 0 {
				b = append(b, "#EXT-X-BYTERANGE:"...)
				b = byteRange(b, p.Range)
				b = append(b, '\n')
			}
			b = append(b, p.URI...)
			b = append(b, '\n')
		}
	}
	return append(b, "#EXT-X-ENDLIST\n"...)
}

func byteRange(b []byte, r Range) []byte {
	b = strconv.AppendInt(b, r.Size, 10)
	b = append(b, '@')
	return strconv.AppendInt(b, r.Offset, 10)
}
