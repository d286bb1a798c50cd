package rtsp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// need skips a test where a program of other people is not installed.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed", program)
	}
}

// clip draws a short H.264 or H.265 clip with FFmpeg and returns its access units, length-prefixed, and its parameter sets.
func clip(t *testing.T, encoder string, isKey func(nal []byte) bool, isSet func(nal []byte) bool) (units [][]byte, keys []bool, params [][]byte) {
	need(t, "ffmpeg")
	raw, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-t", "2", "-c:v", encoder, "-preset", "ultrafast", "-g", "25", "-bf", "0",
		"-x265-params", "log-level=error:aud=1:annexb=1", "-x264-params", "aud=1", "-f", map[string]string{"libx264": "h264", "libx265": "hevc"}[encoder], "-").Output()
	if err != nil {
		t.Skipf("ffmpeg has no %s: %v", encoder, err)
	}
	var unit []byte
	key := false
	for i, nal := range bytes.Split(raw, []byte{0, 0, 1}) {
		if i == 0 {
			continue
		}
		nal = bytes.TrimRight(nal, "\x00")
		aud := encoder == "libx264" && nal[0]&0x1f == 9 || encoder == "libx265" && nal[0]>>1 == 35
		if aud {
			if len(unit) > 0 {
				units, keys = append(units, unit), append(keys, key)
			}
			unit, key = nil, false
			continue
		}
		if isSet(nal) && len(keys) == 0 {
			params = append(params, nal)
		}
		key = key || isKey(nal)
		unit = binary.BigEndian.AppendUint32(unit, uint32(len(nal)))
		unit = append(unit, nal...)
	}
	return append(units, unit), append(keys, key), params
}

// Players that nobody of us wrote accept what we serve without a word.
func TestPlayerByFFmpeg(t *testing.T) {
	t.Parallel()
	need(t, "ffprobe")
	for _, c := range []struct{ codec, encoder, way string }{{"H264", "libx264", "tcp"}, {"H264", "libx264", "udp"}, {"H265", "libx265", "tcp"}} {
		t.Run(c.codec+" "+c.way, func(t *testing.T) {
			isKey, isSet := func(n []byte) bool { return n[0]&0x1f == 5 }, func(n []byte) bool { return n[0]&0x1f == 7 || n[0]&0x1f == 8 }
			if c.codec == "H265" {
				isKey, isSet = func(n []byte) bool { return n[0]>>1 >= 16 && n[0]>>1 <= 21 }, func(n []byte) bool { return n[0]>>1 >= 32 && n[0]>>1 <= 34 }
			}
			units, keys, params := clip(t, c.encoder, isKey, isSet)
			g := openGate(t, func(g *gate) {
				g.now, g.srv.UDP = true, true
				g.d.Medias[0].Codec, g.d.Medias[0].Params = c.codec, params
				g.credentials = []Credential{{User: "guard", Password: "tea"}}
			})
			stop, done := make(chan bool), make(chan bool)
			defer func() { close(stop); <-done }()
			go func() {
				defer close(done)
				start := time.Now()
				for i := 0; ; i++ {
					g.group.WriteUnit(0, uint32(i*3600), time.Now().UnixNano(), units[i%len(units)], keys[i%len(units)])
					g.group.WriteUnit(1, uint32(i*320), time.Now().UnixNano(), bytes.Repeat([]byte{0xd5}, 320), true)
					select {
					case <-stop:
						return
					case <-time.After(time.Until(start.Add(time.Duration(i+1) * 40 * time.Millisecond))):
					}
				}
			}()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, "ffprobe", "-v", "error", "-rtsp_transport", c.way, "-analyzeduration", "1000000", "-count_frames", "-read_intervals", "%+1.5",
				"-show_entries", "stream=codec_name,width,nb_read_frames", "-of", "compact=p=0", "rtsp://guard:tea@"+g.addr+"/gate/main")
			var complaints bytes.Buffer
			cmd.Stderr = &complaints
			out, err := cmd.Output()
			if err != nil || complaints.Len() > 0 {
				t.Errorf("ffprobe: %v\n%s", err, complaints.Bytes())
			}
			want := map[string]string{"H264": "codec_name=h264|width=640", "H265": "codec_name=hevc|width=640"}[c.codec]
			if !strings.Contains(string(out), want) || !strings.Contains(string(out), "pcm_alaw") {
				t.Errorf("ffprobe says:\n%s", out)
			}
		})
	}
}

// A camera by GStreamer: digest, parameter sets in band only, a key frame every 300 frames, H.265, UDP.
func TestCameraByGStreamer(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3" // Debian's, that has gi
	if err := exec.Command(python, "-c", "import gi; gi.require_version('GstRtspServer', '1.0')").Run(); err != nil {
		t.Skip("GStreamer's RTSP server is not installed for Python")
	}
	for _, c := range []struct{ codec, user, way string }{{"h264", "guard", "tcp"}, {"h264", "", "udp"}, {"h265", "guard", "tcp"}} {
		t.Run(c.codec+" "+c.way, func(t *testing.T) {
			cmd := exec.Command(python, "testdata/camera.py", c.codec, c.user, "secret")
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
			line, err := bufio.NewReader(out).ReadString('\n')
			port, _ := strconv.Atoi(strings.TrimSpace(line))
			if err != nil || port == 0 {
				t.Fatalf("GStreamer did not start: %q %v", line, err)
			}
			url := "rtsp://127.0.0.1:" + strconv.Itoa(port) + "/camera"
			o := Options{URL: url, Transport: c.way, Timeout: 10 * time.Second}
			if c.user != "" {
				o.User, o.Password = c.user, "secret"
			}
			s, err := Dial(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			st := newStranger(s.Medias)
			if err := s.Play(t.Context(), []int{0, 1}, newLoop(t), st); err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for end := time.Now().Add(15 * time.Second); !st.happy(); time.Sleep(20 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("units %d, damaged %d, sets %d, sound %d, reports %d", st.units.Load(), st.damaged.Load(), st.sets.Load(), st.sound.Load(), st.reports.Load())
				}
			}
			if c.codec != "h264" {
				return
			}
			keys := st.sets.Load() // one with each key frame, and the next would come after 300 frames
			s.RequestKey()
			for end := time.Now().Add(4 * time.Second); st.sets.Load() == keys; time.Sleep(20 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("asked for a key frame, it made none")
				}
			}
		})
	}
}
