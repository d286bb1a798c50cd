package stream

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	rtspbase "github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	pion "github.com/pion/rtp"

	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/rtsp"
)

// relay hands on what FFmpeg announces and records: FFmpeg can send RTSP but not serve it, so the description and each packet that
// Linli gets are FFmpeg's own, and only the door is gortsplib's.
type relay struct {
	server *gortsplib.Server
	addr   string

	mu     sync.Mutex
	stream *gortsplib.ServerStream
}

func openRelay(t *testing.T) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{addr: l.Addr().String()}
	l.Close()
	r.server = &gortsplib.Server{Handler: r, RTSPAddress: r.addr}
	if err := r.server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s := r.announced(); s != nil {
			s.Close()
		}
		r.server.Close()
	})
	return r
}

func (r *relay) announced() *gortsplib.ServerStream {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stream
}

func (r *relay) OnAnnounce(c *gortsplib.ServerHandlerOnAnnounceCtx) (*rtspbase.Response, error) {
	s := &gortsplib.ServerStream{Server: r.server, Desc: c.Description}
	if err := s.Initialize(); err != nil {
		return &rtspbase.Response{StatusCode: rtspbase.StatusBadRequest}, err
	}
	r.mu.Lock()
	r.stream = s
	r.mu.Unlock()
	return &rtspbase.Response{StatusCode: rtspbase.StatusOK}, nil
}

func (r *relay) OnDescribe(*gortsplib.ServerHandlerOnDescribeCtx) (*rtspbase.Response, *gortsplib.ServerStream, error) {
	s := r.announced()
	if s == nil {
		return &rtspbase.Response{StatusCode: rtspbase.StatusNotFound}, nil, nil
	}
	return &rtspbase.Response{StatusCode: rtspbase.StatusOK}, s, nil
}

func (r *relay) OnSetup(c *gortsplib.ServerHandlerOnSetupCtx) (*rtspbase.Response, *gortsplib.ServerStream, error) {
	if c.Session.State() == gortsplib.ServerSessionStatePreRecord {
		return &rtspbase.Response{StatusCode: rtspbase.StatusOK}, nil, nil
	}
	return &rtspbase.Response{StatusCode: rtspbase.StatusOK}, r.announced(), nil
}

func (r *relay) OnPlay(*gortsplib.ServerHandlerOnPlayCtx) (*rtspbase.Response, error) {
	return &rtspbase.Response{StatusCode: rtspbase.StatusOK}, nil
}

func (r *relay) OnRecord(c *gortsplib.ServerHandlerOnRecordCtx) (*rtspbase.Response, error) {
	s := r.announced()
	c.Session.OnPacketRTPAny(func(m *description.Media, _ format.Format, p *pion.Packet) { _ = s.WritePacketRTP(m, p) })
	return &rtspbase.Response{StatusCode: rtspbase.StatusOK}, nil
}

// sums are those of the decoded pictures of a film.
func sums(t testing.TB, file string) (list []string) {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "error", "-i", file, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(out) {
		if f := bytes.Split(bytes.TrimSpace(line), []byte{','}); len(f) == 6 && line[0] != '#' {
			list = append(list, string(bytes.TrimSpace(f[5])))
		}
	}
	return list
}

// FFmpeg is the camera: its packets, in each of the codecs, become files whose every picture is the film's, in the film's order.
func TestFFmpegAsACamera(t *testing.T) {
	clip := outdoors(t)
	for _, c := range []struct {
		name           string
		picture, sound cmaf.Codec
		encoder        []string
		bFrames        bool
	}{
		{"H264 AAC", cmaf.H264, cmaf.AAC, []string{"-c:v", "libx264", "-bf", "0", "-g", "10"}, false},
		{"H264 with B-frames and slices, A-law", cmaf.H264, cmaf.PCMA, []string{"-c:v", "libx264", "-bf", "2", "-g", "10", "-slices", "3"}, true},
		{"H265 µ-law", cmaf.H265, cmaf.PCMU, []string{"-c:v", "libx265", "-x265-params", "log-level=error:bframes=0:keyint=10:pools=1"}, false},
		{"H265 AAC", cmaf.H265, cmaf.AAC, []string{"-c:v", "libx265", "-x265-params", "log-level=error:bframes=0:keyint=10:pools=1"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			film := filepath.Join(t.TempDir(), "film.mov")
			sound := map[cmaf.Codec][]string{cmaf.AAC: {"-c:a", "aac", "-ar", "16000"}, cmaf.PCMA: {"-c:a", "pcm_alaw", "-ar", "8000"}, cmaf.PCMU: {"-c:a", "pcm_mulaw", "-ar", "8000"}}[c.sound]
			args := append([]string{"-i", clip, "-f", "lavfi", "-i", "sine=frequency=440", "-t", "12", "-vf", "scale=384:288", "-preset", "ultrafast", "-pix_fmt", "yuv420p"}, c.encoder...)
			run(t, append(append(append(args, sound...), "-ac", "1"), film)...)

			door := openRelay(t)
			var words bytes.Buffer
			camera := exec.Command("ffmpeg", "-v", "error", "-nostdin", "-re", "-i", film, "-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", "rtsp://"+door.addr+"/camera")
			camera.Stderr = &words
			if err := camera.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = camera.Process.Kill(); _ = camera.Wait() }()
			until(t, "FFmpeg announces", 10*time.Second, func() bool { return door.announced() != nil })

			loop, err := rtsp.NewLoop(rtsp.LoopOptions{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer loop.Close()
			k := &tape{}
			h := New(Options{Loop: loop, Sink: func(ID) Sink { return k }})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- h.Run(ctx) }()
			id := ID{"square", Main}
			h.Apply([]Source{{ID: id, URL: "rtsp://" + door.addr + "/camera", Transport: "tcp", Sound: true}})
			until(t, "five seconds recorded", 18*time.Second, func() bool { return k.length() >= 5*time.Second })
			s, _ := h.Get(id)
			st := s.Status()
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			// FFmpeg was sending before this reader came, so the first thing that it sees may be the rest of a picture.
			if st.Damaged > 1 || st.Lost > 0 || st.BFrames != c.bFrames || len(k.files) != 1 {
				t.Errorf("damaged %d, lost %d, B-frames %v, %d files, gaps %q; ffmpeg says %s", st.Damaged, st.Lost, st.BFrames, len(k.files), k.gaps, &words)
			}
			if len(st.Tracks) != 2 || st.Tracks[0].Codec != c.picture || st.Tracks[1].Codec != c.sound {
				t.Errorf("tracks %+v", st.Tracks)
			}
			p := probe(t, k.files[0]) // a word of complaint fails
			if seconds := p.end[0] - p.first[0]; p.frames != p.packets[0] || seconds < 4.5 || p.packets[1] == 0 || p.end[1]-p.first[1] < seconds-1 {
				t.Errorf("%d pictures decoded of %d in %.2f s, %d packets of sound over %.2f s", p.frames, p.packets[0], seconds, p.packets[1], p.end[1]-p.first[1])
			}
			file := filepath.Join(t.TempDir(), "recorded.mp4")
			if err := os.WriteFile(file, k.files[0], 0o600); err != nil {
				t.Fatal(err)
			}
			got := sums(t, file)
			if c.bFrames {
				got = got[:len(got)-2] // it was stopped between a picture and those that are shown before it
			}
			if !strings.Contains(strings.Join(sums(t, film), " "), strings.Join(got, " ")) {
				t.Errorf("the %d pictures are not the film's, in its order", len(got))
			}
		})
	}
}
