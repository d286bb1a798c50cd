package live

import (
	"bufio"
	"os/exec"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/media/stream"
)

// python is Debian's own, whose packages GStreamer's bindings belong to: another one may come first in the path.
const python = "/usr/bin/python3"

// gstreamer runs testdata/viewer.py and gives its lines.
func gstreamer(t *testing.T, url string) <-chan string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a process")
	}
	if err := exec.Command("gst-inspect-1.0", "nicesrc").Run(); err != nil {
		t.Skip("GStreamer's webrtcbin and libnice: scripts/need.sh test installs them")
	}
	if out, err := exec.Command(python, "-c", "import gi; gi.require_version('GstWebRTC', '1.0')").CombinedOutput(); err != nil {
		t.Skipf("no GstWebRTC for Python: %s", out)
	}
	cmd := exec.Command(python, "testdata/viewer.py", url)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, read := make(chan string, 1<<12), make(chan struct{})
	go func() {
		defer close(read)
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-read
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the viewer complains:\n%s", complaints.String())
		}
	})
	return lines
}

// GStreamer's own WebRTC (libnice, OpenSSL's DTLS, libsrtp) takes our answer, decodes the picture, and gets nothing after
// the end of the lease.
func TestGStreamerWatchesByWHEPAndGoesDark(t *testing.T) {
	c := build(t)
	c.put("gate", start(t, gateClip(t)))
	l := c.look(grant.Live)
	lines := gstreamer(t, c.server.URL+"/media/"+l.ID+"/whep")
	frames, created, connected := 0, false, false
	late := time.After(30 * time.Second)
	for frames < 50 {
		select {
		case line, ok := <-lines:
			switch {
			case !ok:
				t.Fatal("the viewer ended")
			case strings.HasPrefix(line, "error"):
				t.Fatal(line)
			case strings.HasPrefix(line, "status 201 /media/"+l.ID+"/whep/"):
				created = true
			case line == "state connected":
				connected = true
			case line == "frame 320 240":
				frames++
			case strings.HasPrefix(line, "frame"):
				t.Fatalf("a picture of another size: %s", line)
			}
		case <-late:
			t.Fatalf("%d pictures in 30 s; created %v, connected %v", frames, created, connected)
		}
	}
	if !created || !connected {
		t.Errorf("created %v, connected %v", created, connected)
	}
	if err := c.door.End(t.Context(), l.ID, grant.EndSession); err != nil {
		t.Fatal(err)
	}
	sent := func() (n uint64) {
		c.room.pictures.each(func(_ stream.ID, p *pictures) { n += uint64(p.feed.Stats().Packets) })
		return n
	}
	before := sent()
	time.Sleep(time.Second) // what was on its way is decoded
	if after := sent(); after > before {
		t.Errorf("%d packets were sent in the second after the end", after-before)
	}
	for len(lines) > 0 {
		<-lines
	}
	quiet := time.After(3 * time.Second)
	for {
		select {
		case line := <-lines:
			if strings.HasPrefix(line, "frame") {
				t.Fatal("a picture after the end of the lease")
			}
		case <-quiet:
			return
		}
	}
}
