package cmaf_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"

	"linli.dev/linli/protocol/cmaf"
)

// clip is what FFmpeg encoded, cut into samples with the times FFmpeg gave them.
type clip struct {
	track   cmaf.Track
	samples []cmaf.Sample
	data    [][]byte
}

func need(t testing.TB, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
}

func ffmpeg(t testing.TB, args ...string) {
	t.Helper()
	out, err := exec.Command("ffmpeg", append([]string{"-v", "error", "-nostdin", "-y"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg %v: %v\n%s", args, err, out)
	}
}

// encode makes a two-second picture clip. B-frames and all: the times come from a Matroska file of the same packets.
func encode(t testing.TB, codec cmaf.Codec, extra ...string) clip {
	t.Helper()
	need(t, "ffmpeg", "ffprobe")
	dir := t.TempDir()
	file := filepath.Join(dir, "clip.mp4")
	lib := "libx264"
	if codec == cmaf.H265 {
		lib = "libx265"
		extra = append(extra, "-x265-params", "log-level=error:keyint=25:pools=1")
	}
	ffmpeg(t, append([]string{"-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=2", "-c:v", lib, "-g", "25", "-pix_fmt", "yuv420p"}, append(extra, file)...)...)
	raw := filepath.Join(dir, "clip.bin")
	bsf, form := "h264_mp4toannexb", "h264"
	if codec == cmaf.H265 {
		bsf, form = "hevc_mp4toannexb", "hevc"
	}
	ffmpeg(t, "-i", file, "-c", "copy", "-bsf:v", bsf, "-f", form, raw)
	c := clip{track: cmaf.Track{ID: 1, Codec: codec, Timescale: 90000}}
	all, err := os.ReadFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	var au []byte
	key, begun := false, false
	flush := func() {
		if begun {
			c.data = append(c.data, au)
			c.samples = append(c.samples, cmaf.Sample{Duration: 3600, Size: uint32(len(au)), Key: key})
		}
		au, key, begun = nil, false, false
	}
	for _, nal := range split(all) {
		var slice, first, isKey bool
		if codec == cmaf.H264 {
			kind := nal[0] & 0x1f
			slice, isKey = kind == 1 || kind == 5, kind == 5
			first = slice && nal[1]&0x80 != 0
			switch kind {
			case 7:
				c.track.SPS = nal
				continue
			case 8:
				c.track.PPS = nal
				continue
			}
		} else {
			kind := nal[0] >> 1 & 0x3f
			slice, isKey = kind < 32, kind >= 16 && kind < 24
			first = slice && nal[2]&0x80 != 0
			switch kind {
			case 32:
				c.track.VPS = nal
				continue
			case 33:
				c.track.SPS = nal
				continue
			case 34:
				c.track.PPS = nal
				continue
			}
		}
		if begun && (first || !slice) {
			flush()
		}
		au = append(append(au, byte(len(nal)>>24), byte(len(nal)>>16), byte(len(nal)>>8), byte(len(nal))), nal...)
		key, begun = key || isKey, begun || slice
	}
	flush()
	pic, err := cmaf.Probe(codec, c.track.SPS)
	if err != nil {
		t.Fatal(err)
	}
	c.track.Width, c.track.Height = pic.Width, pic.Height
	packets := probe(t, file)
	if len(packets) != len(c.samples) {
		t.Fatalf("%d packets, %d access units", len(packets), len(c.samples))
	}
	for i, p := range packets {
		c.samples[i].CTS = int32((p.pts-p.dts)*90000/p.scale + 0.5)
	}
	return c
}

func split(b []byte) (nals [][]byte) {
	for _, n := range bytes.Split(b, []byte{0, 0, 1}) {
		if n = bytes.TrimRight(n, "\x00"); len(n) > 2 {
			nals = append(nals, n)
		}
	}
	return nals
}

func encodeAAC(t testing.TB) clip {
	t.Helper()
	need(t, "ffmpeg", "ffprobe")
	file := filepath.Join(t.TempDir(), "clip.aac")
	ffmpeg(t, "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000:duration=2", "-c:a", "aac", "-f", "adts", file)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var p mpeg4audio.ADTSPackets
	if err := p.Unmarshal(raw); err != nil {
		t.Fatal(err)
	}
	conf := mpeg4audio.AudioSpecificConfig{Type: mpeg4audio.ObjectTypeAACLC, SampleRate: 16000, ChannelConfig: 1}
	asc, err := conf.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	c := clip{track: cmaf.Track{ID: 2, Codec: cmaf.AAC, Timescale: 16000, SampleRate: 16000, Channels: 1, ASC: asc}}
	for _, au := range p {
		c.data = append(c.data, au.AU)
		c.samples = append(c.samples, cmaf.Sample{Duration: 1024, Size: uint32(len(au.AU)), Key: true})
	}
	return c
}

func g711(codec cmaf.Codec) clip {
	c := clip{track: cmaf.Track{ID: 2, Codec: codec, Timescale: 8000, SampleRate: 8000, Channels: 1}}
	for i := range 100 {
		c.data = append(c.data, bytes.Repeat([]byte{byte(0x55 + i)}, 160))
		c.samples = append(c.samples, cmaf.Sample{Duration: 160, Size: 160, Key: true})
	}
	return c
}

// chunks appends the clip as chunks of n samples from decode time at.
func (c clip) chunks(b []byte, at uint64, n int) []byte {
	seq := uint32(1)
	for i := 0; i < len(c.samples); i += n {
		end := min(i+n, len(c.samples))
		b = cmaf.AppendChunkHead(b, seq, c.track.ID, at, c.samples[i:end])
		for _, d := range c.data[i:end] {
			b = append(b, d...)
		}
		for _, s := range c.samples[i:end] {
			at += uint64(s.Duration)
		}
		seq++
	}
	return b
}

type packet struct {
	stream          int
	pts, dts, scale float64
	duration        float64
	size            int
	key             bool
}

// probe lists a file's packets, and fails when ffprobe has a word of complaint.
func probe(t testing.TB, file string) (out []packet) {
	t.Helper()
	cmd := exec.Command("ffprobe", "-v", "error", "-show_packets", "-show_streams", "-of", "json", file)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || stderr.Len() > 0 {
		t.Fatalf("ffprobe: %v\n%s", err, stderr.String())
	}
	var r struct {
		Packets []struct {
			Stream   int    `json:"stream_index"`
			PTS      int64  `json:"pts"`
			DTS      int64  `json:"dts"`
			Duration int64  `json:"duration"`
			Size     string `json:"size"`
			Flags    string `json:"flags"`
		}
		Streams []struct {
			TimeBase string `json:"time_base"`
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Packets {
		var scale float64
		fmt.Sscanf(r.Streams[p.Stream].TimeBase, "1/%f", &scale)
		size, _ := strconv.Atoi(p.Size)
		out = append(out, packet{p.Stream, float64(p.PTS), float64(p.DTS), scale, float64(p.Duration), size, p.Flags[0] == 'K'})
	}
	return out
}

// span is what ffprobe takes for a file's start and length, in seconds.
func span(t testing.TB, file string) (start, length float64) {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "error", "-show_entries", "format=start_time,duration", "-of", "csv=p=0", file).CombinedOutput()
	if err != nil {
		t.Fatalf("ffprobe: %v\n%s", err, out)
	}
	if _, err := fmt.Sscanf(string(out), "%f,%f", &start, &length); err != nil {
		t.Fatalf("ffprobe says %q", out)
	}
	return start, length
}

func write(t testing.TB, b []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "out.mp4")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
