package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	pion "github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"linli.dev/linli/demo/camsim"
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

// decoded is the sums of the pictures that ffmpeg decodes; a word of complaint fails.
func decoded(t *testing.T, args ...string) (sums []string) {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command("ffmpeg", append(append([]string{"-v", "error", "-nostdin"}, args...), "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-")...)
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Errorf("ffmpeg %v: %v\n%s", args, err, &said)
	}
	for line := range bytes.Lines(out) {
		if f := bytes.Split(bytes.TrimSpace(line), []byte{','}); len(f) == 6 && line[0] != '#' {
			sums = append(sums, string(bytes.TrimSpace(f[5])))
		}
	}
	return sums
}

// Real footage goes through every way out of the program, in both codecs and on both databases: WebRTC, low-latency HLS, playback, and an export. What comes out decodes to
// the pictures that went in, bit by bit and in their order.
func TestRealFootageThroughEveryWay(t *testing.T) {
	clip, dir := outdoors(t), t.TempDir()
	films := map[string]string{}
	for name, encoder := range map[string][]string{
		"h264": {"-c:v", "libx264", "-bf", "0", "-g", "10", "-keyint_min", "10", "-sc_threshold", "0"},
		"h265": {"-c:v", "libx265", "-x265-params", "log-level=error:bframes=0:keyint=10:min-keyint=10:scenecut=0:pools=1"},
	} {
		films[name] = filepath.Join(dir, name+".mp4")
		args := append([]string{"-v", "error", "-nostdin", "-i", clip, "-t", "12", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", "1M"}, encoder...)
		if out, err := exec.Command("ffmpeg", append(args, films[name])...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	both(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		h.begin()
		h.signIn()
		began := time.Now()
		cameras, reels := map[string]string{}, map[string]string{}
		for name, film := range films {
			sim, err := camsim.New(camsim.Options{Clip: film, Count: 1, Listen: "127.0.0.1:0"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = sim.Close() })
			cameras[name] = h.register(name, sim.URL(0, "main"), "")
			one := decoded(t, "-i", film)
			reels[name] = strings.Join(append(append(one, one...), one...), " ") // it runs in a loop
		}
		isOf := func(name, way string, got []string, least int) {
			t.Helper()
			if len(got) < least || !strings.Contains(reels[name], strings.Join(got, " ")) {
				t.Errorf("%s over %s: %d pictures that are not the camera's, in its order", name, way, len(got))
			}
			t.Logf("%s over %s: %d pictures, all of them the camera's", name, way, len(got))
		}
		for name, camera := range cameras {
			h.until("eight seconds are recorded", 40*time.Second, func() bool {
				spans, err := h.spans(camera, "main", began.Add(-time.Minute))
				return err == nil && len(spans) > 0 && spans[0].To.Sub(spans[0].From) > 8*time.Second
			})
			if name == "h264" {
				isOf(name, "WebRTC", h.overWebRTC(camera), 10)
			}
			isOf(name, "low-latency HLS", h.overHLS(camera), 10)

			spans, err := h.spans(camera, "main", began.Add(-time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			from := spans[0].From.Add(1500 * time.Millisecond)
			to := from.Add(5 * time.Second)
			l, err := h.look(camera, "playback", "main", from, to)
			if err != nil {
				t.Fatal(err)
			}
			isOf(name, "playback", decoded(t, "-headers", "Cookie: "+h.cookie()+"\r\n", "-i", h.url+l.URLs["hls"]), 50)
			if l, err = h.look(camera, "export", "main", from, to); err != nil {
				t.Fatal(err)
			}
			b, err := h.fetch(t.Context(), l.URLs["export"])
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "export.mp4")
			if err := os.WriteFile(file, b, 0o600); err != nil {
				t.Fatal(err)
			}
			got := decoded(t, "-i", file)
			isOf(name, "export", got, 49)
			if len(got) > 52 {
				t.Errorf("an export of 5 s at 10 pictures a second has %d", len(got))
			}
		}
		if _, took, err := h.interrupt(); err != nil || took > 5*time.Second {
			t.Errorf("stopped in %v: %v", took, err)
		}
		h.fsck()
	})
}

// cookie is the guard's, as a browser would send it.
func (h *house) cookie() string {
	u, _ := url.Parse(h.url)
	var list []string
	for _, c := range h.guard.Jar.Cookies(u) {
		list = append(list, (&http.Cookie{Name: c.Name, Value: c.Value}).String())
	}
	return strings.Join(list, "; ")
}

// overWebRTC decodes what a browser would get, from a key frame to the first packet that the network lost.
func (h *house) overWebRTC(camera string) (sums []string) {
	h.t.Helper()
	for range 3 {
		l, err := h.look(camera, "live", "main", time.Time{}, time.Time{})
		if err != nil {
			h.t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(h.t.Context(), 15*time.Second)
		var film, picture bytes.Buffer
		var next uint16
		pictures, lost := 0, false
		var d codecs.H264Packet
		err = watchOverWebRTC(ctx, h, l, func(p *pion.Packet) {
			if lost = lost || next != 0 && p.SequenceNumber != next; lost || pictures > 25 {
				stop()
				return
			}
			next = p.SequenceNumber + 1
			b, err := d.Unmarshal(p.Payload)
			if err != nil {
				return
			}
			picture.Write(b)
			if p.Marker {
				film.Write(picture.Bytes())
				picture.Reset()
				pictures++
			}
		})
		stop()
		if err != nil && !errors.Is(err, context.Canceled) {
			h.t.Logf("WebRTC: %v", err)
		}
		if pictures < 12 {
			h.t.Logf("%d pictures came before a packet was lost: once more", pictures)
			continue
		}
		file := filepath.Join(h.t.TempDir(), "webrtc.h264")
		if err := os.WriteFile(file, film.Bytes(), 0o600); err != nil {
			h.t.Fatal(err)
		}
		return decoded(h.t, "-f", "h264", "-i", file)
	}
	return nil
}

// overHLS decodes the parts of a low-latency playlist, put together as a player does.
func (h *house) overHLS(camera string) []string {
	h.t.Helper()
	l, err := h.look(camera, "live", "main", time.Time{}, time.Time{})
	if err != nil {
		h.t.Fatal(err)
	}
	ctx := h.t.Context()
	get := func(path string) []byte {
		b, err := h.fetch(ctx, path)
		if err != nil {
			h.t.Fatal(err)
		}
		return b
	}
	var list []byte
	var parts [][][]byte
	h.until("parts of two seconds", 15*time.Second, func() bool { // they begin with the first reader
		list = get(l.URLs["hls"])
		parts = regexp.MustCompile(`#EXT-X-PART:.*URI="([^"]+)"(.*)`).FindAllSubmatch(list, -1)
		for len(parts) > 0 && !bytes.Contains(parts[0][0], []byte("INDEPENDENT=YES")) {
			parts = parts[1:]
		}
		return len(parts) >= 10
	})
	init := regexp.MustCompile(`#EXT-X-MAP:URI="([^"]+)"`).FindSubmatch(list)
	if init == nil {
		h.t.Fatalf("no init:\n%s", list)
	}
	base := "/media/" + l.Lease + "/"
	film := get(base + string(init[1]))
	for _, p := range parts {
		film = append(film, get(base+string(p[1]))...)
	}
	file := filepath.Join(h.t.TempDir(), "parts.mp4")
	if err := os.WriteFile(file, film, 0o600); err != nil {
		h.t.Fatal(err)
	}
	return decoded(h.t, "-i", file)
}
