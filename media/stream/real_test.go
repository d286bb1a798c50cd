package stream

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/rtsp"
)

// outdoors is the real clip: people cross a square, 10 pictures a second.
func outdoors(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("../../scripts/real-clip.sh").CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	file := lines[len(lines)-1]
	if _, e := os.Stat(file); err != nil || e != nil {
		t.Skipf("no real footage: %v %s", err, out)
	}
	return file
}

// Real footage from cameras that nobody here wrote (GStreamer's RTSP server) is recorded so that nobody complains about the file, picture for picture, with its sound.
func TestRealFootage(t *testing.T) {
	const python = "/usr/bin/python3" // Debian's, that has gi
	if err := exec.Command(python, "-c", "import gi; gi.require_version('GstRtspServer', '1.0')").Run(); err != nil {
		t.Skip("GStreamer's RTSP server is not installed for Python")
	}
	clip := outdoors(t)
	for _, c := range []struct {
		name, picture, sound string
		encoder              []string
		transport            string
		bFrames              bool
	}{
		{"H264 AAC", "h264", "aac", []string{"-c:v", "libx264", "-bf", "0", "-g", "20"}, "tcp", false},
		{"H264 with B-frames, A-law, UDP", "h264", "alaw", []string{"-c:v", "libx264", "-bf", "2", "-g", "20"}, "udp", true},
		{"H264 with intra refresh, A-law", "h264", "alaw", []string{"-c:v", "libx264", "-bf", "0", "-x264-params", "intra-refresh=1:keyint=30"}, "tcp", false},
		{"H265 AAC", "h265", "aac", []string{"-c:v", "libx265", "-x265-params", "log-level=error:bframes=0:keyint=20:pools=1"}, "tcp", false},
		{"H265 µ-law", "h265", "mulaw", []string{"-c:v", "libx265", "-x265-params", "log-level=error:bframes=0:keyint=20:pools=1"}, "tcp", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			film := filepath.Join(t.TempDir(), "film.mov")
			sound := map[string][]string{"aac": {"-c:a", "aac", "-ar", "16000"}, "alaw": {"-c:a", "pcm_alaw", "-ar", "8000"}, "mulaw": {"-c:a", "pcm_mulaw", "-ar", "8000"}}[c.sound]
			args := append([]string{"-i", clip, "-f", "lavfi", "-i", "sine=frequency=440", "-t", "30", "-preset", "ultrafast", "-pix_fmt", "yuv420p"}, c.encoder...)
			run(t, append(append(append(args, sound...), "-ac", "1"), film)...)
			cmd := exec.Command(python, "testdata/film.py", film, c.picture, c.sound)
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
			line, err := bufio.NewReader(out).ReadString('\n')
			port, _ := strconv.Atoi(strings.TrimSpace(line))
			if err != nil || port == 0 {
				t.Fatalf("GStreamer did not start: %q %v", line, err)
			}

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
			h.Apply([]Source{{ID: id, URL: "rtsp://127.0.0.1:" + strconv.Itoa(port) + "/camera", Transport: c.transport, Sound: true}})
			until(t, "ten seconds recorded", 40*time.Second, func() bool { return k.length() >= 10*time.Second })
			s, _ := h.Get(id)
			st := s.Status()
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if st.Damaged > 0 || st.Lost > 0 || st.BFrames != c.bFrames || len(k.files) != 1 {
				t.Errorf("damaged %d, lost %d, B-frames %v, %d files, gaps %q", st.Damaged, st.Lost, st.BFrames, len(k.files), k.gaps)
			}
			var codecs []cmaf.Codec
			for _, tr := range st.Tracks {
				codecs = append(codecs, tr.Codec)
			}
			want := map[string]cmaf.Codec{"h264": cmaf.H264, "h265": cmaf.H265, "aac": cmaf.AAC, "alaw": cmaf.PCMA, "mulaw": cmaf.PCMU}
			if len(codecs) != 2 || codecs[0] != want[c.picture] || codecs[1] != want[c.sound] || st.Tracks[0].Width != 768 || st.Tracks[0].Height != 576 {
				t.Errorf("tracks %+v", st.Tracks)
			}
			p := probe(t, k.files[0]) // decodes every picture; a word of complaint fails
			seconds := p.end[0] - p.first[0]
			missing := seconds*10 - float64(p.frames) // of ten a second
			most := 0.1
			if c.bFrames {
				most = 2.1 // it was stopped between a picture and those that are shown before it
			}
			if p.frames != p.packets[0] || p.frames < 100 || missing < -0.1 || missing > most {
				t.Errorf("%d pictures decoded of %d, %.2f s", p.frames, p.packets[0], seconds)
			}
			if off := (p.end[1] - p.first[1]) - seconds; off < -1 || off > 1 {
				t.Errorf("%.2f s of sound with %.2f s of pictures", p.end[1]-p.first[1], seconds)
			}
		})
	}
}

// length is how much footage came.
func (k *tape) length() (d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, f := range k.frags {
		d += f.Duration
	}
	return d
}
