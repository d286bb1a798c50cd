package stream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"

	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/rtp"
	"linli.dev/linli/protocol/rtsp"
)

// clip is what FFmpeg encoded: access units in decode order, as a camera would send them.
type clip struct {
	codec cmaf.Codec
	sets  [][]byte // as a description has them
	units []picture
}

type picture struct {
	avcc []byte // parameter sets and delimiters included
	pts  int64  // 90 kHz, from 0
	key  bool
}

var clips struct {
	sync.Mutex
	made map[string]clip
}

// record makes a clip of some seconds at 25 pictures per second. args go to the encoder.
func encode(t testing.TB, codec cmaf.Codec, seconds int, args ...string) clip {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
	key := fmt.Sprint(codec, seconds, args)
	clips.Lock()
	defer clips.Unlock()
	if c, ok := clips.made[key]; ok {
		return c
	}
	dir := t.TempDir()
	file, raw := filepath.Join(dir, "clip.mp4"), filepath.Join(dir, "clip.bin")
	lib, bsf, form := "libx264", "h264_mp4toannexb", "h264"
	size := "320x180"
	if codec == cmaf.H265 {
		lib, bsf, form = "libx265", "hevc_mp4toannexb", "hevc"
	}
	for i, a := range args {
		if a == "-s" {
			size = args[i+1]
			args = append(append([]string{}, args[:i]...), args[i+2:]...)
			break
		}
	}
	run(t, append([]string{
		"-f", "lavfi", "-i", fmt.Sprintf("testsrc=size=%s:rate=25:duration=%d", size, seconds), "-c:v", lib, "-pix_fmt", "yuv420p", "-preset", "ultrafast",
	}, append(args, file)...)...)
	run(t, "-i", file, "-c", "copy", "-bsf:v", bsf, "-f", form, raw)
	all, err := os.ReadFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	c := clip{codec: codec}
	pts := presentation(t, file)
	var au []byte
	isKey, begun := false, false
	flush := func() {
		if begun {
			c.units = append(c.units, picture{avcc: au, pts: pts[len(c.units)], key: isKey})
			au, isKey, begun = nil, false, false
		}
	}
	u := unit{codec: codec}
	for _, n := range bytes.Split(all, []byte{0, 0, 1}) {
		if n = bytes.TrimRight(n, "\x00"); len(n) < 3 {
			continue
		}
		kind := u.kind(n[0])
		slice := kind < 32 && codec == cmaf.H265 || kind >= 1 && kind <= 5 && codec == cmaf.H264
		first := slice && (codec == cmaf.H264 && n[1]&0x80 != 0 || codec == cmaf.H265 && n[2]&0x80 != 0)
		if begun && (first || !slice) {
			flush()
		}
		if u.set(kind) >= 0 && len(c.units) == 0 {
			c.sets = append(c.sets, n)
		}
		au = append(append(au, byte(len(n)>>24), byte(len(n)>>16), byte(len(n)>>8), byte(len(n))), n...)
		isKey, begun = isKey || slice && u.starts(kind), begun || slice
	}
	flush()
	if len(c.units) != len(pts) {
		t.Fatalf("%d access units, %d packets", len(c.units), len(pts))
	}
	if clips.made == nil {
		clips.made = map[string]clip{}
	}
	clips.made[key] = c
	return c
}

func run(t testing.TB, args ...string) {
	t.Helper()
	if out, err := exec.Command("ffmpeg", append([]string{"-v", "error", "-nostdin", "-y"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func presentation(t testing.TB, file string) (out []int64) {
	t.Helper()
	b, err := exec.Command("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Fields(string(b)) {
		var s float64
		fmt.Sscanf(line, "%f", &s)
		out = append(out, int64(s*90000+0.5))
	}
	return out
}

// probed is what ffprobe says of a file.
type probed struct {
	packets [2]int
	first   [2]float64
	end     [2]float64
	frames  int
}

// probe has ffprobe read and decode a file; a word of complaint fails the test.
func probe(t testing.TB, b []byte) probed {
	t.Helper()
	file := filepath.Join(t.TempDir(), "out.mp4")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("ffprobe", "-v", "error", "-count_frames", "-show_packets", "-show_streams", "-of", "json", file)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || stderr.Len() > 0 {
		t.Fatalf("ffprobe: %v\n%s", err, stderr.String())
	}
	var r struct {
		Packets []struct {
			Stream   int    `json:"stream_index"`
			PTS      string `json:"pts_time"`
			Duration string `json:"duration_time"`
		}
		Streams []struct {
			Frames string `json:"nb_read_frames"`
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	var p probed
	for _, k := range r.Packets {
		var at, d float64
		fmt.Sscanf(k.PTS, "%f", &at)
		fmt.Sscanf(k.Duration, "%f", &d)
		if p.packets[k.Stream] == 0 {
			p.first[k.Stream] = at
		}
		p.first[k.Stream] = min(p.first[k.Stream], at)
		p.end[k.Stream] = max(p.end[k.Stream], at+d)
		p.packets[k.Stream]++
	}
	fmt.Sscanf(r.Streams[0].Frames, "%d", &p.frames)
	return p
}

// aac makes some sound frames of one channel, 16000 Hz.
func aac(t testing.TB) (out [][]byte) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tone.aac")
	run(t, "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000:duration=8", "-c:a", "aac", "-f", "adts", file)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var p mpeg4audio.ADTSPackets
	if err := p.Unmarshal(raw); err != nil {
		t.Fatal(err)
	}
	for _, f := range p {
		out = append(out, f.AU)
	}
	return out
}

// feeder is a camera without a network: it hands packets to an intake, and says when they arrived.
type feeder struct {
	s      *Stream
	in     *intake
	medias []rtsp.Media
	video  rtp.Packer
	sound  rtp.Packer
	codec  cmaf.Codec
	begin  int64 // arrival of timestamp 0
	vbase  uint32
	abase  uint32
	buf    []byte
	lose   func() bool // drop this packet
	cut    int         // bytes of MTU
	tone   [][]byte    // sound frames
	noised int64       // ticks of sound that noisy has sent
}

const epoch0 = 1_800_000_000_000_000_000

// camera describes what a camera with this clip offers.
func (c clip) medias(sound string, sets bool) []rtsp.Media {
	m := rtsp.Media{Kind: "video", Codec: string(c.codec), PayloadType: 96, ClockRate: 90000}
	if sets {
		m.Params = c.sets
	}
	out := []rtsp.Media{m}
	switch sound {
	case "AAC":
		out = append(out, rtsp.Media{
			Kind: "audio", Codec: "AAC", PayloadType: 97, ClockRate: 16000, Channels: 1, Params: [][]byte{{0x14, 0x08}},
			Fmtp: map[string]string{"mode": "AAC-hbr", "sizelength": "13", "indexlength": "3", "indexdeltalength": "3"},
		})
	case "PCMA", "PCMU":
		out = append(out, rtsp.Media{Kind: "audio", Codec: sound, PayloadType: 8, ClockRate: 8000, Channels: 1})
	}
	return out
}

// plug makes a stream fed by hand.
func plug(t testing.TB, h *Hub, c clip, sound string, sink Sink) *feeder {
	f := &feeder{codec: c.codec, medias: c.medias(sound, true), begin: epoch0, vbase: 0xffff0000, abase: 0xffffff00}
	f.tone = [][]byte{bytes.Repeat([]byte{0x55}, 160)}
	if sound == "AAC" {
		f.tone = aac(t)
	}
	f.s = newStream(h, Source{ID: ID{"cam", Main}}, sink)
	f.connect()
	return f
}

func (f *feeder) connect() {
	sound := -1
	if len(f.medias) > 1 {
		sound = 1
	}
	f.in = newIntake(f.s, f.medias, 0, sound)
	f.s.attach(f.in, nil)
	f.video = rtp.Packer{PayloadType: 96, SSRC: 1, Sequence: 65500, Channel: -1, MTU: f.cut}
	f.sound = rtp.Packer{PayloadType: 97, SSRC: 2, Sequence: 10, Channel: -1}
}

// send hands the packets in buf over.
func (f *feeder) send(media int, arrival int64) {
	for b := f.buf; len(b) > 0; {
		n := int(b[0])<<8 | int(b[1])
		if f.lose == nil || !f.lose() {
			f.in.Packet(media, arrival, b[2:2+n])
		}
		b = b[2+n:]
	}
	f.in.Batch()
}

// picture sends one access unit with timestamp pts; it arrives late after its time.
func (f *feeder) picture(p picture, pts int64, at int64) {
	f.buf = f.buf[:0]
	if f.codec == cmaf.H265 {
		f.buf = f.video.AppendH265(f.buf, f.vbase+uint32(pts), p.avcc)
	} else {
		f.buf = f.video.AppendH264(f.buf, f.vbase+uint32(pts), p.avcc)
	}
	f.send(0, at)
}

// bytes of sound, a frame at a time.
func (f *feeder) noise(ts int64, frame []byte, at int64) {
	f.buf = f.buf[:0]
	if f.medias[1].Codec == "AAC" {
		f.buf = f.sound.AppendAAC(f.buf, f.abase+uint32(ts), frame)
	} else {
		f.buf = f.sound.AppendG711(f.buf, f.abase+uint32(ts), frame)
	}
	f.send(1, at)
}

// play sends a clip from a moment of media time, in seconds, as it would arrive, with sound between the pictures.
func (f *feeder) play(c clip, from float64) (end float64) {
	step := int64(3600)
	var noise int64
	rate := int64(8000)
	size := int64(160)
	if len(f.medias) > 1 && f.medias[1].Codec == "AAC" {
		rate, size = 16000, 1024
	}
	noise = int64(from*float64(rate)) / size * size
	for i, p := range c.units {
		at := f.begin + int64((from+float64(i)/25)*1e9)
		f.picture(p, int64(from*90000+0.5)+p.pts, at)
		if len(f.medias) > 1 {
			for float64(noise+size)/float64(rate) <= from+float64(int64(i)*step)/90000 {
				f.noise(noise, f.tone[int(noise/size)%len(f.tone)], at)
				noise += size
			}
		}
	}
	return from + float64(len(c.units))/25
}

// tape is a sink that keeps everything.
type tape struct {
	mu    sync.Mutex
	frags []*Fragment
	gaps  []string
	files [][]byte // one per run, closed or open
	run   uint64
	keep  bool // do not release
}

func (k *tape) Fragment(f *Fragment) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if f.Run != k.run || len(k.files) == 0 {
		k.run = f.Run
		k.files = append(k.files, cmaf.AppendInit(nil, f.Tracks, f.Starts()))
	}
	last := len(k.files) - 1
	for _, b := range f.Buffers(nil) {
		k.files[last] = append(k.files[last], b...)
	}
	k.frags = append(k.frags, f)
	if !k.keep {
		f.Release()
	}
}

func (k *tape) Gap(reason string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gaps = append(k.gaps, reason)
}
