package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/cmaf"
)

// clip is a short film drawn by ffmpeg, cut into frames.
type clip struct {
	tracks []cmaf.Track
	frames []clipFrame
	step   time.Duration
}

type clipFrame struct {
	data []byte
	key  bool
}

var (
	clipOnce sync.Once
	theClip  *clip
	clipErr  error
)

// gateClip: 320×240, 25 frames a second, a key frame each second, no B-frames.
func gateClip(t testing.TB) *clip {
	t.Helper()
	clipOnce.Do(func() { theClip, clipErr = drawClip("320x240", "300k") })
	if errors.Is(clipErr, exec.ErrNotFound) {
		t.Skipf("no clip: %v", clipErr)
	} else if clipErr != nil {
		t.Fatal(clipErr)
	}
	return theClip
}

func drawClip(size, rate string) (*clip, error) {
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "clip")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "clip.h264")
	out, err := exec.Command(program, "-v", "error", "-f", "lavfi", "-i", "testsrc2=size="+size+":rate=25:duration=4", "-pix_fmt", "yuv420p",
		"-c:v", "libx264", "-profile:v", "main", "-preset", "ultrafast", "-g", "25", "-keyint_min", "25", "-sc_threshold", "0", "-bf", "0",
		"-b:v", rate, "-maxrate", rate, "-bufsize", rate, "-x264-params", "aud=1:repeat-headers=1:slices=1", file).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c := &clip{step: 40 * time.Millisecond}
	video := cmaf.Track{ID: 1, Codec: cmaf.H264, Timescale: 90000}
	fmt.Sscanf(size, "%dx%d", &video.Width, &video.Height)
	var current *clipFrame
	for _, nal := range bytes.Split(bytes.ReplaceAll(raw, []byte{0, 0, 0, 1}, []byte{0, 0, 1}), []byte{0, 0, 1}) {
		if len(nal) == 0 {
			continue
		}
		switch nal[0] & 31 {
		case 9:
			c.frames = append(c.frames, clipFrame{})
			current = &c.frames[len(c.frames)-1]
		case 7:
			video.SPS = nal
		case 8:
			video.PPS = nal
		case 1, 5:
			current.key = current.key || nal[0]&31 == 5
			current.data = append(current.data, byte(len(nal)>>24), byte(len(nal)>>16), byte(len(nal)>>8), byte(len(nal)))
			current.data = append(current.data, nal...)
		}
	}
	if len(c.frames) != 100 || !c.frames[0].key || video.SPS == nil {
		return nil, fmt.Errorf("the clip has %d frames", len(c.frames))
	}
	c.tracks = []cmaf.Track{video}
	return c, nil
}

// camera is a running stream that plays a clip over and over.
type camera struct {
	clip   *clip
	tracks []cmaf.Track
	mu     sync.Mutex
	frames []stream.Frame // all of them, from the newest key frame but one
	run    uint64
	over   bool
	news   chan struct{}
	status stream.Status
	asked  int
	pts    int64
	stop   chan struct{}
	done   chan struct{}
}

func start(t testing.TB, c *clip, sound ...cmaf.Track) *camera {
	cam := &camera{clip: c, tracks: append(append([]cmaf.Track{}, c.tracks...), sound...), run: 1, news: make(chan struct{}), stop: make(chan struct{}), done: make(chan struct{})}
	cam.status = stream.Status{State: stream.Online}
	go cam.play()
	t.Cleanup(cam.Close)
	return cam
}

func (c *camera) play() {
	defer close(c.done)
	tick := time.NewTicker(c.clip.step)
	defer tick.Stop()
	for i := 0; ; i++ {
		f := c.clip.frames[i%len(c.clip.frames)]
		c.mu.Lock()
		c.push(stream.Frame{Track: 1, Data: f.data, PTS: c.pts, DTS: c.pts, Duration: 3600, Key: f.key, Run: c.run, Wall: time.Now()})
		if len(c.tracks) > 1 {
			c.push(stream.Frame{Track: 2, Data: bytes.Repeat([]byte{0xd5}, 320), PTS: c.pts / 90 * 8, DTS: c.pts / 90 * 8, Duration: 320, Key: true, Run: c.run, Wall: time.Now()})
		}
		c.pts += 3600
		c.mu.Unlock()
		select {
		case <-c.stop:
			return
		case <-tick.C:
		}
	}
}

func (c *camera) push(f stream.Frame) {
	c.frames = append(c.frames, f)
	close(c.news)
	c.news = make(chan struct{})
}

// reboot begins another run, as after a gap.
func (c *camera) reboot() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run++
	c.pts = 900000
}

func (c *camera) Close() {
	c.mu.Lock()
	if !c.over {
		c.over = true
		close(c.stop)
		close(c.news)
		c.news = make(chan struct{})
	}
	c.mu.Unlock()
	<-c.done
}

func (c *camera) Tracks() []cmaf.Track { return c.tracks }
func (c *camera) Status() stream.Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}
func (c *camera) RequestKey() { c.mu.Lock(); c.asked++; c.mu.Unlock() }

type frameReader struct {
	c    *camera
	next int
}

func (c *camera) Frames() Frames {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := &frameReader{c: c, next: len(c.frames)}
	for i := len(c.frames) - 1; i >= 0; i-- {
		if c.frames[i].Key && c.frames[i].Track == 1 {
			r.next = i
			break
		}
	}
	return r
}

func (r *frameReader) Next(ctx context.Context) (stream.Frame, error) {
	for {
		r.c.mu.Lock()
		if r.next < len(r.c.frames) {
			f := r.c.frames[r.next]
			r.next++
			r.c.mu.Unlock()
			return f, nil
		}
		over, news := r.c.over, r.c.news
		r.c.mu.Unlock()
		if over {
			return stream.Frame{}, io.EOF
		}
		select {
		case <-news:
		case <-ctx.Done():
			return stream.Frame{}, ctx.Err()
		}
	}
}

func (r *frameReader) Close() {}

// chunkReader makes parts of five frames, fragments of one key frame each.
type chunkReader struct {
	tracks   []cmaf.Track
	frames   Frames
	seq      uint32
	fragment uint64
	part     int
	held     *stream.Frame
}

func (c *camera) Chunks() Chunks { return &chunkReader{frames: c.Frames(), tracks: c.tracks} }

func (r *chunkReader) Next(ctx context.Context) (*stream.Chunk, error) {
	var list []stream.Frame
	for len(list) < 5 {
		var f stream.Frame
		if r.held != nil {
			f, r.held = *r.held, nil
		} else {
			var err error
			if f, err = r.frames.Next(ctx); err != nil {
				return nil, err
			}
		}
		if f.Track != 1 {
			continue
		}
		if f.Key && len(list) > 0 {
			r.held = &f
			break
		}
		list = append(list, f)
	}
	if list[0].Key {
		r.fragment++
		r.part = 0
	}
	r.seq++
	c := &stream.Chunk{
		Track: 1, DecodeTime: uint64(list[0].DTS), Wall: list[0].Wall, Key: list[0].Key, Run: list[0].Run,
		Fragment: r.fragment, Part: r.part, PartEnd: true, Tracks: r.tracks,
	}
	r.part++
	c.Last = r.part == 5
	for _, f := range list {
		c.Samples = append(c.Samples, cmaf.Sample{Duration: 3600, Size: uint32(len(f.Data)), Key: f.Key})
		c.Body = append(c.Body, f.Data)
		c.Duration += 3600
	}
	c.Head = cmaf.AppendChunkHead(nil, r.seq, 1, c.DecodeTime, c.Samples)
	return c, nil
}

func (r *chunkReader) Close() {}
