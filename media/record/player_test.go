package record

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/cmaf"
)

// pictures encodes some seconds of a moving picture and cuts them into access units with lengths in front of their NALs.
func pictures(t *testing.T, seconds int) (track cmaf.Track, units [][]byte, keys []bool) {
	t.Helper()
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed")
	}
	raw, err := exec.Command(ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-t", fmt.Sprint(seconds),
		"-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-bf", "0", "-pix_fmt", "yuv420p", "-bsf:v", "h264_metadata=aud=insert", "-f", "h264", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	track = cmaf.Track{ID: 1, Codec: cmaf.H264, Timescale: 90000, Width: 320, Height: 240}
	for _, nal := range bytes.Split(bytes.ReplaceAll(raw, []byte{0, 0, 0, 1}, []byte{0, 0, 1}), []byte{0, 0, 1}) {
		if len(nal) == 0 {
			continue
		}
		switch nal[0] & 31 {
		case 9:
			units, keys = append(units, nil), append(keys, false)
			continue
		case 7:
			track.SPS = nal
			continue
		case 8:
			track.PPS = nal
			continue
		case 5:
			keys[len(keys)-1] = true
		}
		n := len(units) - 1
		units[n] = append(binary.BigEndian.AppendUint32(units[n], uint32(len(nal))), nal...)
	}
	return track, units, keys
}

// Recorded files are plain MP4: a player that nobody here wrote opens each without a word, finds it to begin at 0, and all
// its frames.
func TestPlayersOpenSegments(t *testing.T) {
	ffprobe, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Skip("ffprobe is not installed")
	}
	track, units, keys := pictures(t, 24)
	g := begin(t, sqlite(t), Options{SegmentLength: 8 * time.Second})
	id := stream.ID{Camera: "gate", Which: stream.Main}
	var decode uint64
	at := epoch
	var f *stream.Fragment
	flush := func() {
		if f == nil {
			return
		}
		c := f.Chunks[0]
		c.Head = cmaf.AppendChunkHead(nil, uint32(f.Seq), 1, c.DecodeTime, c.Samples)
		f.Size = c.Size()
		g.Sink(id).Fragment(f)
		f = nil
	}
	for i, u := range units {
		if keys[i] {
			flush()
			c := &stream.Chunk{Track: 1, DecodeTime: decode, Key: true, Last: true}
			f = &stream.Fragment{Run: 1, Tracks: []cmaf.Track{track}, Chunks: []*stream.Chunk{c}, Start: at, Key: true, Seq: uint64(i)}
		}
		c := f.Chunks[0]
		c.Body = append(c.Body, u)
		c.Samples = append(c.Samples, cmaf.Sample{Duration: 3600, Size: uint32(len(u)), Key: keys[i]})
		f.Duration += 40 * time.Millisecond
		decode += 3600
		at = at.Add(40 * time.Millisecond)
	}
	flush()
	until(t, "written", func() bool { return g.disks[0].writes.Load() == 12 })
	g.stop()
	list, err := g.a.Segments(context.Background(), "gate", archive.Main, epoch, epoch.Add(time.Hour))
	if err != nil || len(list) < 3 {
		t.Fatal(len(list), err)
	}
	frames := 0
	for _, s := range list {
		out, err := exec.Command(ffprobe, "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0",
			filepath.Join(g.o.Disks[0].Path, s.Path)).CombinedOutput()
		var n int
		if _, serr := fmt.Sscan(strings.TrimSpace(string(out)), &n); err != nil || serr != nil || strings.Count(strings.TrimSpace(string(out)), "\n") > 0 {
			t.Fatalf("ffprobe: %v\n%s", err, out)
		}
		frames += n
	}
	if frames != len(units) {
		t.Errorf("%d frames in all files, %d were recorded", frames, len(units))
	}
}
