package play

import (
	"net/http"
	"strconv"
	"strings"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/hls"
)

// wireIndex is fragments.json: what a page needs to fetch and play fragments by itself.
type wireIndex struct {
	Runs []wireRun `json:"runs"`
}

type wireRun struct {
	Run       string         `json:"run"`
	Codec     string         `json:"codec"`
	Init      wireInit       `json:"init"`
	Fragments []wireFragment `json:"fragments"`
}

type wireInit struct {
	URL    string `json:"url"`
	Offset int64  `json:"offset"`
	Size   int64  `json:"size"`
}

type wireFragment struct {
	Segment    string `json:"segment"`
	Offset     int64  `json:"offset"`
	Size       uint32 `json:"size"`
	Start      string `json:"start"`
	DurationMS int64  `json:"duration_ms"`
	Key        bool   `json:"key"`
}

const milliseconds = "2006-01-02T15:04:05.000Z07:00"

// fragments answers GET …/fragments.json.
func (m *Room) fragments(w http.ResponseWriter, r *http.Request) error {
	l, from, to, err := m.asked(r, grant.Playback)
	if err != nil {
		return err
	}
	runs, err := collect(r.Context(), m.o.Footage, string(l.Camera), archive.Which(l.Stream), from, to)
	if err != nil {
		return err
	}
	out := wireIndex{Runs: []wireRun{}}
	for _, run := range runs {
		first := run.pieces[0].segment
		one := wireRun{
			Run: strconv.FormatInt(run.number, 10), Codec: codecs(run.tracks),
			Init:      wireInit{segmentURL(l, first), 0, first.InitSize},
			Fragments: make([]wireFragment, 0, len(run.pieces)),
		}
		for _, p := range run.pieces {
			one.Fragments = append(one.Fragments, wireFragment{
				Segment: string(p.segment.ID), Offset: p.entry.Offset, Size: p.entry.Size,
				Start: p.entry.Start.UTC().Format(milliseconds), DurationMS: p.entry.Duration.Milliseconds(), Key: p.entry.Key,
			})
		}
		out.Runs = append(out.Runs, one)
	}
	return writeJSON(w, out)
}

func segmentURL(l *grant.Lease, s *archive.SegmentInfo) string {
	return "/media/" + l.ID + "/segments/" + string(s.ID) + ".mp4"
}

// codecs lists all tracks' codec strings, the picture's first.
func codecs(tracks []cmaf.Track) string {
	var list []string
	for _, t := range tracks {
		if s := t.MIME(); s != "" {
			list = append(list, s)
		}
	}
	return strings.Join(list, ",")
}

// vod answers GET …/vod.m3u8: byte ranges into the segments. Footage with G.711 sound, which HLS cannot carry, is
// listed fragment by fragment, at an address that leaves the sound out.
func (m *Room) vod(w http.ResponseWriter, r *http.Request) error {
	l, from, to, err := m.asked(r, grant.Playback)
	if err != nil {
		return err
	}
	runs, err := m.runs(r.Context(), l, from, to)
	if err != nil {
		return err
	}
	list := make([]hls.Run, 0, len(runs))
	for _, run := range runs {
		first := run.pieces[0].segment
		strip := len(playable(run.tracks)) != len(run.tracks)
		// The head of the file itself has an edit list that maps its start to 0. Players of HLS take the decode times as
		// they are and move them by themselves; a browser's media source would move them a second time. Its size is given
		// because ffmpeg, where the fragments are byte ranges, waits for more of an init without one.
		one := hls.Run{Init: hls.Range{URI: "fragments/" + string(first.ID) + ".init.mp4"}}
		if !strip {
			one.Init.Size = int64(len(cmaf.AppendInit(nil, run.tracks, nil)))
		}
		for _, p := range run.pieces {
			at := hls.Range{URI: "segments/" + string(p.segment.ID) + ".mp4", Offset: p.entry.Offset, Size: int64(p.entry.Size)}
			if strip {
				at = hls.Range{URI: "fragments/" + string(p.segment.ID) + "." + strconv.FormatInt(p.entry.Offset, 10) + ".mp4"}
			}
			one.Pieces = append(one.Pieces, hls.Piece{Range: at, Start: p.entry.Start, Duration: p.entry.Duration})
		}
		list = append(list, one)
	}
	body := hls.AppendVOD(make([]byte, 0, 64<<10), list)
	w.Header().Set("Content-Type", "application/vnd.apple.mpegurl")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body)
	return nil
}

// playable are the tracks that HLS and the browsers' media sources can carry.
func playable(tracks []cmaf.Track) []cmaf.Track {
	var out []cmaf.Track
	for _, t := range tracks {
		if t.Codec.Video() || t.Codec == cmaf.AAC {
			out = append(out, t)
		}
	}
	return out
}

// cutName splits "ID.REST.mp4".
func cutName(file string) (archive.SegmentID, string, error) {
	stem, ok := strings.CutSuffix(file, ".mp4")
	if !ok {
		return "", "", fault.New(fault.NotFound, "play.segment", "play.no-segment")
	}
	id, rest, _ := strings.Cut(stem, ".")
	return archive.SegmentID(id), rest, nil
}
