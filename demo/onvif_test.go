package demo

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linli.dev/linli/camera"
	"linli.dev/linli/demo/camsim"
	"linli.dev/linli/role"
)

// Two cameras with a key frame every twelve seconds. The one whose ONVIF service is registered is asked for one and shows a
// picture at once; the other one is waited for.
func TestKeyFrameByOnvif(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("no ffmpeg")
	}
	clip := filepath.Join(t.TempDir(), "clip.mp4")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=10", "-t", "12", "-c:v", "libx264", "-preset", "ultrafast",
		"-g", "120", "-keyint_min", "120", "-sc_threshold", "0", "-bf", "0", "-pix_fmt", "yuv420p", clip).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	begun := time.Now()
	sim, err := camsim.New(camsim.Options{Clip: clip, Count: 1, Listen: "127.0.0.1:0", User: "u", Password: "Sesame1"})
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	other, err := camsim.New(camsim.Options{Clip: clip, Count: 1, Listen: "127.0.0.1:0", User: "u", Password: "Sesame1"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()

	var asked atomic.Int32
	onvif := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		body := string(raw)
		if strings.Contains(body, "Sesame1") {
			t.Error("the password travels in the clear")
		}
		answer := "<x/>"
		switch regexp.MustCompile(`action="[^"]*/(\w+)"`).FindStringSubmatch(r.Header.Get("Content-Type"))[1] {
		case "GetServices":
			answer = `<x><Service><Namespace>http://www.onvif.org/ver10/media/wsdl</Namespace><XAddr>http://10.0.0.9/onvif/media</XAddr></Service></x>`
		case "GetProfiles":
			answer = `<x><Profiles token="main-profile"><VideoSourceConfiguration><SourceToken>v</SourceToken></VideoSourceConfiguration></Profiles></x>`
		case "GetStreamUri":
			answer = `<x><MediaUri><Uri>rtsp://10.0.0.9/cam0000/main</Uri></MediaUri></x>`
		case "SetSynchronizationPoint":
			if strings.Contains(body, "<ProfileToken>main-profile</ProfileToken>") {
				asked.Add(1)
				_ = sim.Key(0)
			}
		}
		fmt.Fprintf(w, `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>%s</s:Body></s:Envelope>`, answer)
	}))
	defer onvif.Close()
	_, portText, _ := net.SplitHostPort(onvif.Listener.Addr().String())
	port, _ := strconv.Atoi(portText)

	ctx, stop := context.WithCancel(t.Context())
	all, err := role.Open(ctx, role.Config{Data: t.TempDir(), Listen: "127.0.0.1:0", AllowLoopbackCameras: true, NoRecord: true}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- all.Run(ctx, func(string) {}) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()

	time.Sleep(max(0, 1500*time.Millisecond-time.Since(begun))) // their first key frames are gone
	add := func(name, url string, more camera.Edit) camera.ID {
		e := more
		e.Name, e.Area, e.AreaKind, e.Angle, e.Reason = ptr(name), ptr("东门"), ptr(camera.AreaGate), ptr("朝向大门内外车道"), ptr("车辆人员进出安全")
		e.Common, e.Basis, e.Main, e.User, e.Password = ptr(true), ptr(camera.BasisOwners), &url, ptr("u"), ptr("Sesame1")
		w, err := all.Register().Add(ctx, "op", e)
		if err != nil {
			t.Fatal(err)
		}
		return w.Value.ID
	}
	plain := add("另一路", other.URL(0, "main"), camera.Edit{})
	quick := add("东门", sim.URL(0, "main"), camera.Edit{OnvifPort: &port, MainProfile: ptr("main-profile")})
	registered := time.Now()
	online := func(id camera.ID) bool { return all.Register().Health(id).State == camera.Online }
	for !online(quick) {
		if time.Since(registered) > 5*time.Second {
			t.Fatalf("no picture after 5 s; asked %d times; %+v", asked.Load(), all.Register().Health(quick))
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("first picture after %v", time.Since(registered).Round(time.Millisecond))
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	// What makes the difference is the question: the twin still waits for its next key frame.
	if since := time.Since(begun); online(plain) && since < 11*time.Second {
		t.Errorf("the camera that is not asked has a picture after %v already", since)
	}
}
