package play

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/cmaf"
)

const fps = 25

// film is what a camera recorded: ten seconds drawn by ffmpeg, a key frame each second, with sound.
type film struct {
	video  cmaf.Track
	frames [][]byte // as they are decoded
	order  []int    // the place of each among the pictures that are shown
	lead   int      // by so many frames the first is decoded before it is shown
	aac    cmaf.Track
	sound  [][]byte // AAC frames of 1024 samples
	md5    []string // of each picture, as they are shown
}

var (
	filmOnce sync.Once
	theFilm  *film
	filmErr  error
)

func gateFilm(t testing.TB) *film {
	t.Helper()
	filmOnce.Do(func() { theFilm, filmErr = shoot(cmaf.H264, 0) })
	if errors.Is(filmErr, exec.ErrNotFound) {
		t.Skipf("no film: %v", filmErr)
	} else if filmErr != nil {
		t.Fatal(filmErr)
	}
	return theFilm
}

func run_(name string, args ...string) ([]byte, error) {
	program, err := exec.LookPath(name)
	if err != nil {
		return nil, err
	}
	out, err := exec.Command(program, args...).Output()
	if e, ok := err.(*exec.ExitError); ok {
		err = fmt.Errorf("%w: %s", err, e.Stderr)
	}
	return out, err
}

// shoot draws a film: ten seconds, a key frame each second, and so many B-frames in a row.
func shoot(codec cmaf.Codec, bFrames int) (*film, error) {
	dir, err := os.MkdirTemp("", "film")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	format, encoder := "h264", []string{
		"-c:v", "libx264", "-profile:v", "main", "-preset", "ultrafast", "-g", "25", "-keyint_min", "25", "-sc_threshold", "0",
		"-bf", strconv.Itoa(bFrames), "-x264-params", "aud=1:repeat-headers=1:slices=1:open-gop=0:b-adapt=0",
	}
	if codec == cmaf.H265 {
		format, encoder = "hevc", []string{
			"-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
			"log-level=error:pools=1:keyint=25:min-keyint=25:scenecut=0:open-gop=0:b-adapt=0:aud=1:repeat-headers=1:bframes=" + strconv.Itoa(bFrames),
		}
	}
	file, packets := filepath.Join(dir, "film"), filepath.Join(dir, "packets")
	args := append([]string{"-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=10", "-pix_fmt", "yuv420p"}, encoder...)
	if _, err := run_("ffmpeg", append(args, "-map", "0:v", "-f", "tee", "[f="+format+"]"+file+"|[f=framecrc]"+packets)...); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	f := &film{
		video: cmaf.Track{ID: 1, Codec: codec, Timescale: 90000, Width: 320, Height: 240},
		aac:   cmaf.Track{ID: 2, Codec: cmaf.AAC, Timescale: 16000, SampleRate: 16000, Channels: 1, ASC: []byte{0x14, 0x08}},
	}
	for _, nal := range bytes.Split(bytes.ReplaceAll(raw, []byte{0, 0, 0, 1}, []byte{0, 0, 1}), []byte{0, 0, 1}) {
		if len(nal) == 0 {
			continue
		}
		switch kind := nal[0] & 31; {
		case codec == cmaf.H265:
			f.nal265(nal)
		case kind == 9:
			f.frames = append(f.frames, nil)
		case kind == 7:
			f.video.SPS = nal
		case kind == 8:
			f.video.PPS = nal
		case kind == 1 || kind == 5:
			f.slice(nal)
		}
	}
	if err := f.arrange(packets); err != nil {
		return nil, err
	}
	adts, err := run_("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000:duration=10", "-c:a", "aac", "-b:a", "24k", "-f", "adts", "-")
	if err != nil {
		return nil, err
	}
	for len(adts) > 7 {
		n := int(adts[3]&3)<<11 | int(adts[4])<<3 | int(adts[5])>>5
		f.sound = append(f.sound, adts[7:n])
		adts = adts[n:]
	}
	if f.md5, err = pictures(file); err != nil {
		return nil, err
	}
	if len(f.frames) != 250 || len(f.md5) != 250 || len(f.sound) < 150 {
		return nil, fmt.Errorf("%d frames, %d pictures, %d of sound", len(f.frames), len(f.md5), len(f.sound))
	}
	return f, nil
}

func (f *film) slice(nal []byte) {
	last := &f.frames[len(f.frames)-1]
	*last = append(*last, byte(len(nal)>>24), byte(len(nal)>>16), byte(len(nal)>>8), byte(len(nal)))
	*last = append(*last, nal...)
}

func (f *film) nal265(nal []byte) {
	switch kind := nal[0] >> 1 & 63; {
	case kind == 35:
		f.frames = append(f.frames, nil)
	case kind == 32:
		f.video.VPS = nal
	case kind == 33:
		f.video.SPS = nal
	case kind == 34:
		f.video.PPS = nal
	case kind < 32:
		f.slice(nal)
	}
}

// arrange reads when each frame is shown: "stream, dts, pts, …" for each, in the order of decoding.
func (f *film) arrange(packets string) error {
	raw, err := os.ReadFile(packets)
	if err != nil {
		return err
	}
	var shown []int
	for line := range strings.Lines(string(raw)) {
		if fields := strings.Split(line, ","); len(fields) > 3 && line[0] != '#' {
			pts, err := strconv.Atoi(strings.TrimSpace(fields[2]))
			if err != nil {
				return err
			}
			shown = append(shown, pts)
		}
	}
	inOrder := slices.Sorted(slices.Values(shown))
	for i, pts := range shown {
		at, _ := slices.BinarySearch(inOrder, pts)
		f.order = append(f.order, at)
		f.lead = max(f.lead, i-at)
	}
	if len(f.order) != len(f.frames) {
		return fmt.Errorf("%d packets of %d frames", len(f.order), len(f.frames))
	}
	return nil
}

// pictures decodes a file and gives the sums of the pictures that a player shows.
func pictures(file string) ([]string, error) {
	out, err := run_("ffmpeg", "-v", "error", "-i", file, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-")
	if err != nil {
		return nil, err
	}
	var sums []string
	for line := range bytes.Lines(out) {
		if fields := bytes.Split(bytes.TrimSpace(line), []byte{','}); len(fields) == 6 && line[0] != '#' {
			sums = append(sums, string(bytes.TrimSpace(fields[5])))
		}
	}
	return sums, nil
}

// shelf is an archive made of files in memory.
type shelf struct {
	mu       sync.Mutex
	segments []archive.SegmentInfo
	entries  map[archive.SegmentID][]archive.Entry
	files    map[archive.SegmentID][]byte
	opened   int
}

var noon = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)

// tape puts a film on the shelf: segments of five seconds, fragments of one with its seal behind it, as the recorder
// writes them, decode times that do not begin at 0. A fragment is dated by the first picture of it that is shown.
func tape(f *film, sound *cmaf.Track, parts int) *shelf {
	s := &shelf{entries: map[archive.SegmentID][]archive.Entry{}, files: map[archive.SegmentID][]byte{}}
	s.add(f, sound, parts, 7, noon, 900000)
	return s
}

func (s *shelf) add(f *film, sound *cmaf.Track, parts int, number int64, start time.Time, base uint64) {
	tracks := []cmaf.Track{f.video}
	if sound != nil {
		tracks = append(tracks, *sound)
	}
	seq := uint32(0)
	const group = fps
	played := 0 // sound samples
	for seg := range 2 {
		id := archive.SegmentID(fmt.Sprintf("SEG%d%d", number, seg))
		at := start.Add(time.Duration(seg) * 5 * time.Second)
		first := base + uint64(seg*5*90000)
		starts := []uint64{first}
		if sound != nil {
			starts = append(starts, first*uint64(sound.Timescale)/90000)
		}
		b := cmaf.AppendInit(nil, tracks, starts)
		info := archive.SegmentInfo{
			ID: id, Camera: "gate", Which: archive.Main, Run: number, Start: at, End: at.Add(5 * time.Second), InitSize: int64(len(b)), Tracks: tracks, Fragments: 5,
		}
		for frag := range 5 {
			n := (seg*5 + frag) * group
			e := archive.Entry{Offset: int64(len(b)), Start: at.Add(time.Duration(frag) * time.Second), Duration: time.Second, Key: true, Decode: base + uint64(n)*3600}
			for part := range parts {
				lo, hi := n+part*group/parts, n+(part+1)*group/parts
				var samples []cmaf.Sample
				var body []byte
				for i := lo; i < hi; i++ {
					samples = append(samples, cmaf.Sample{
						Duration: 3600, CTS: int32(f.order[i]+f.lead-i) * 3600, Size: uint32(len(f.frames[i])), Key: i%group == 0,
					})
					body = append(body, f.frames[i]...)
				}
				seq++
				b = append(cmaf.AppendChunkHead(b, seq, 1, base+uint64(lo)*3600, samples), body...)
				if sound == nil {
					continue
				}
				samples, body = nil, nil
				size, data := uint32(1024), func(i int) []byte { return f.sound[i/1024%len(f.sound)] }
				if sound.Codec != cmaf.AAC {
					size, data = 320, func(int) []byte { return bytes.Repeat([]byte{0xd5}, 320) }
				}
				from := played
				for uint64(played)*uint64(fps) < uint64(hi)*uint64(sound.Timescale) {
					d := data(played)
					samples = append(samples, cmaf.Sample{Duration: size, Size: uint32(len(d)), Key: true})
					body = append(body, d...)
					played += int(size)
				}
				if len(samples) > 0 {
					seq++
					b = append(cmaf.AppendChunkHead(b, seq, 2, base*uint64(sound.Timescale)/90000+uint64(from), samples), body...)
				}
			}
			e.Size = uint32(int64(len(b)) - e.Offset)
			e.Hash = sha256.Sum256(b[e.Offset:])
			b = archive.AppendSeal(b, archive.Seal{
				Key: true, Hashed: true, Sequence: seq, Start: e.Start, Duration: e.Duration, Decode: e.Decode, Run: number, Size: e.Size, Hash: e.Hash,
			})
			s.entries[id] = append(s.entries[id], e)
		}
		info.Bytes = int64(len(b))
		s.files[id] = b
		s.segments = append(s.segments, info)
	}
}

func (s *shelf) Segments(_ context.Context, camera string, which archive.Which, from, to time.Time) ([]archive.SegmentInfo, error) {
	var out []archive.SegmentInfo
	for _, i := range s.segments {
		if i.Camera == camera && i.Which == which && i.End.After(from) && i.Start.Before(to) {
			out = append(out, i)
		}
	}
	return out, nil
}

func (s *shelf) Segment(_ context.Context, id archive.SegmentID) (archive.SegmentInfo, error) {
	for _, i := range s.segments {
		if i.ID == id {
			return i, nil
		}
	}
	return archive.SegmentInfo{}, fault.New(fault.NotFound, "archive.segment", "play.no-segment")
}

func (s *shelf) Entries(_ context.Context, i *archive.SegmentInfo) ([]archive.Entry, error) {
	return s.entries[i.ID], nil
}

type book struct {
	*bytes.Reader
	s *shelf
}

func (b book) Size() int64 { return b.Reader.Size() }
func (b book) Close() error {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	b.s.opened--
	return nil
}

func (s *shelf) OpenSegment(_ context.Context, id archive.SegmentID) (archive.Reader, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	return book{bytes.NewReader(s.files[id]), s}, nil
}

// rename gives every segment a name of its own.
func (s *shelf) rename() {
	entries, files := map[archive.SegmentID][]archive.Entry{}, map[archive.SegmentID][]byte{}
	// Films of one run that are put on twice differ in their decode times, so each is built again under its own name.
	for i := range s.segments {
		old := s.segments[i].ID
		fresh := archive.SegmentID(fmt.Sprintf("S%03d", i))
		list := append([]archive.Entry{}, s.entries[old][i/2*5:i/2*5+5]...)
		for j := range list {
			list[j].Start = s.segments[i].Start.Add(time.Duration(j) * time.Second)
		}
		entries[fresh], files[fresh] = list, s.files[old]
		s.segments[i].ID = fresh
	}
	s.entries, s.files = entries, files
}
