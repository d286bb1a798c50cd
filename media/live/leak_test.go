package live

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/store/storetest"
)

// leaving is each way in which a viewer goes.
const (
	byLeave  = iota // says so
	byEnd           // somebody takes the look back
	byVanish        // a browser that is gone, in the middle of whatever it was doing
	ways
)

// A thousand viewers come and go in each way, over WebRTC by UDP and by TCP, and over low-latency HLS on connections that are taken over, and leave neither a goroutine nor a
// file descriptor behind. (Forty-eight in the short form.)
func TestNothingLeaks(t *testing.T) {
	viewers := 48
	if os.Getenv("LINLI_SOAK") != "" {
		viewers = 1000
	}
	c := build(t)
	c.put("gate", start(t, gateClip(t)))
	for _, by := range []struct {
		name string
		once func(t *testing.T, way int)
	}{{"WebRTC", c.comeAndGoOverWebRTC}, {"ICE-TCP", c.comeAndGoOverTCP}, {"HLS", c.comeAndGoOverHLS}} {
		t.Run(by.name, func(t *testing.T) {
			const together = 8
			wave := func(first int) {
				t.Helper()
				done := make(chan struct{})
				for i := range together {
					go func() { defer func() { done <- struct{}{} }(); by.once(t, (first+i)%ways) }()
				}
				for range together {
					<-done
				}
				if t.Failed() {
					t.FailNow()
				}
			}
			settled := func() bool {
				http.DefaultClient.CloseIdleConnections()
				rooms := 0
				c.room.pictures.each(func(stream.ID, *pictures) { rooms++ })
				c.room.playlists.each(func(stream.ID, *playlist) { rooms++ })
				return rooms == 0 && len(c.door.Active()) == 0
			}
			wave(0) // what is made once is made
			waitFor(t, "everybody is gone", settled)
			time.Sleep(200 * time.Millisecond)
			before, routines := storetest.OpenFiles(), goleak.IgnoreCurrent()
			for n := 0; n < viewers; n += together {
				wave(n)
			}
			waitFor(t, "everybody is gone", settled)
			goleak.VerifyNone(t, routines)
			waitFor(t, "all files are closed", func() bool { return storetest.OpenFiles() <= before })
			t.Logf("%d viewers, %d files open before and %d after", viewers, before, storetest.OpenFiles())
		})
	}
}

func (c *compound) comeAndGoOverWebRTC(t *testing.T, way int) {
	c.comeAndGoBy(t, way, nil)
}

// comeAndGoOverTCP is a browser in a network that lets no UDP through.
func (c *compound) comeAndGoOverTCP(t *testing.T, way int) {
	c.comeAndGoBy(t, way, func(se *webrtc.SettingEngine) { se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4}) })
}

func (c *compound) comeAndGoBy(t *testing.T, way int, set func(*webrtc.SettingEngine)) {
	l, err := c.door.Begin(t.Context(), zhao(), grant.Request{Camera: "gate", Kind: grant.Live, Purpose: "duty"})
	if err != nil {
		t.Error(err)
		return
	}
	b, offer := openBrowser(t, false, set)
	defer b.pc.GracefulClose() //nolint:errcheck // it may be closed
	resp, answer := c.do("POST", "/media/"+l.ID+"/whep", "application/sdp", offer)
	if err := b.answered(answer); err != nil {
		t.Errorf("%s: %v", resp.Status, err)
		return
	}
	select {
	case <-b.video:
	case <-time.After(10 * time.Second):
		t.Error("no picture came")
	}
	switch way {
	case byLeave:
		if resp, body := c.do("DELETE", resp.Header.Get("Location"), "", ""); resp.StatusCode != 200 {
			t.Errorf("%s %s", resp.Status, body)
		}
	case byVanish:
		_ = b.pc.GracefulClose()
	}
	if err := c.door.End(t.Context(), l.ID, grant.EndRevoked); err != nil {
		t.Error(err)
	}
}

// comeAndGoOverHLS is a browser with one connection, on which the server has taken over.
func (c *compound) comeAndGoOverHLS(t *testing.T, way int) {
	l, err := c.door.Begin(t.Context(), zhao(), grant.Request{Camera: "gate", Kind: grant.Live, Purpose: "duty"})
	if err != nil {
		t.Error(err)
		return
	}
	defer c.door.End(t.Context(), l.ID, grant.EndDeleted) //nolint:errcheck // it may have ended
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.server.URL, "http://"))
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	r := bufio.NewReader(conn)
	get := func(path string) string {
		fmt.Fprintf(conn, "GET /media/%s/%s HTTP/1.1\r\nHost: x\r\n\r\n", l.ID, path)
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Error(err)
			return ""
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
		}
		return string(b)
	}
	hint := lastPart.FindStringSubmatch(get("live.m3u8"))
	if hint == nil {
		t.Error("no preload hint")
		return
	}
	answers := c.room.express.answers.Load()
	list := get(fmt.Sprintf("live.m3u8?_HLS_msn=%s&_HLS_part=%s", hint[1], hint[2]))
	if c.room.express.answers.Load() == answers || !strings.HasPrefix(list, "#EXTM3U") {
		t.Errorf("the connection was not taken over: %.200q", list)
	}
	msn, _ := strconv.Atoi(hint[1])
	fmt.Fprintf(conn, "GET /media/%s/live.m3u8?_HLS_msn=%d HTTP/1.1\r\nHost: x\r\n\r\n", l.ID, msn+2) // it waits
	switch way {
	case byVanish:
		time.Sleep(20 * time.Millisecond)
		_ = conn.(*net.TCPConn).SetLinger(0) // a reset
	case byEnd:
		time.Sleep(20 * time.Millisecond)
		if err := c.door.End(t.Context(), l.ID, grant.EndRevoked); err != nil {
			t.Error(err)
		}
		if _, err := io.Copy(io.Discard, io.LimitReader(r, 1)); err != nil {
			t.Error(err)
		}
	}
}
