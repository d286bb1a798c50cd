package live

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

var lastPart = regexp.MustCompile(`PRELOAD-HINT:TYPE=PART,URI="live/(\d+)\.(\d+)\.mp4"`)

func TestPartsComeAsTheyAreMade(t *testing.T) {
	c := build(t)
	c.put("gate", start(t, gateClip(t)))
	l := c.look(grant.Live)
	base := "/media/" + l.ID + "/"
	resp, list := c.do("GET", base+"live.m3u8", "", "")
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/vnd.apple.mpegurl" {
		t.Fatalf("%s\n%s", resp.Status, list)
	}
	resp, init := c.do("GET", base+"live/init.mp4", "", "")
	if resp.StatusCode != 200 || !strings.Contains(init, "moov") || !strings.Contains(init, "avc1") {
		t.Fatalf("%s, %d bytes", resp.Status, len(init))
	}
	hint := lastPart.FindStringSubmatch(list)
	if hint == nil {
		t.Fatalf("no preload hint:\n%s", list)
	}
	// A player asks for the hinted part and for the playlist with it, and both come when it is made.
	msn, _ := strconv.Atoi(hint[1])
	part, _ := strconv.Atoi(hint[2])
	for range 12 {
		var all sync.WaitGroup
		var body, next string
		all.Go(func() { _, body = c.do("GET", fmt.Sprintf("%slive/%d.%d.mp4", base, msn, part), "", "") })
		all.Go(func() {
			_, next = c.do("GET", fmt.Sprintf("%slive.m3u8?_HLS_msn=%d&_HLS_part=%d", base, msn, part), "", "")
		})
		all.Wait()
		if len(body) < 100 || body[4:8] != "moof" {
			t.Fatalf("part %d.%d: %q", msn, part, body[:min(len(body), 200)])
		}
		if !strings.Contains(next, fmt.Sprintf("live/%d.%d.mp4", msn, part)) {
			t.Fatalf("the playlist came without part %d.%d:\n%s", msn, part, next)
		}
		hint = lastPart.FindStringSubmatch(next)
		if hint == nil {
			t.Fatalf("no hint:\n%s", next)
		}
		msn, _ = strconv.Atoi(hint[1])
		part, _ = strconv.Atoi(hint[2])
	}
	resp, body := c.do("GET", base+"live/1.mp4", "", "")
	c.problem(resp, body, 404, "live.part-gone")
	resp, body = c.do("GET", base+"live.m3u8?_HLS_msn=99999999999", "", "")
	c.problem(resp, body, 422, "live.part-future")
}

func TestWaitingRequestsEndWithTheLease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := buildOn(t, db)
		cam := start(t, gateClip(t))
		c.put("gate", cam)
		l := c.look(grant.Live)
		_, list := c.do("GET", "/media/"+l.ID+"/live.m3u8", "", "")
		hint := lastPart.FindStringSubmatch(list)
		msn, _ := strconv.Atoi(hint[1])
		done := make(chan string)
		go func() {
			resp, body := c.do("GET", fmt.Sprintf("/media/%s/live.m3u8?_HLS_msn=%d", l.ID, msn+1), "", "")
			done <- fmt.Sprint(resp.StatusCode, body)
		}()
		time.Sleep(50 * time.Millisecond)
		if err := c.door.End(t.Context(), l.ID, grant.EndRevoked); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-done:
			if !strings.HasPrefix(got, "410") {
				t.Errorf("answered %s", got)
			}
		case <-time.After(time.Second):
			t.Error("a request still waits after the end of its lease")
		}
		waitFor(t, "the sender stops", func() bool {
			n := 0
			c.room.playlists.each(func(stream.ID, *playlist) { n++ })
			return n == 0
		})
	})
}

// A reader that takes its bytes slowly gets none after the end, however much of an answer is still owed: over the real
// server, whose queue for one reader is short.
func TestNoMediaByteAfterTheEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := buildOn(t, db)
		c.put("gate", start(t, heavy(t)))
		l := c.look(grant.Live)
		_, list := c.do("GET", "/media/"+l.ID+"/live.m3u8", "", "")
		names := regexp.MustCompile(`(?m)^live/(\d+)\.mp4$`).FindAllStringSubmatch(list, -1)
		if names == nil {
			t.Fatalf("no segment:\n%s", list)
		}
		conn, r := slowLine(t, c.served())
		for range 40 { // far more than the buffers on the way hold
			fmt.Fprintf(conn, "GET /media/%s/live/%s.mp4 HTTP/1.1\r\nHost: x\r\n\r\n", l.ID, names[len(names)-1][1])
		}
		if _, err := io.CopyN(io.Discard, r, 4<<10); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
		c.dark(l, r)
	})
}

// ffprobe reads the live playlist as any player would.
func TestFFprobeReadsIt(t *testing.T) {
	program, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Skip(err)
	}
	c := build(t)
	c.put("gate", start(t, gateClip(t)))
	l := c.look(grant.Live)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, "-v", "error", "-read_intervals", "%+#40", "-select_streams", "v", "-show_entries", "frame=pict_type",
		"-of", "csv=p=0", c.server.URL+"/media/"+l.ID+"/live.m3u8").CombinedOutput()
	text := strings.ReplaceAll(string(out), "\r", "")
	if n := strings.Count(text, "P") + strings.Count(text, "I"); err != nil || n < 30 {
		t.Errorf("%v: %d frames\n%s", err, n, out)
	}
}

func BenchmarkPlaylistRequest(b *testing.B) {
	c := build(b)
	c.put("gate", start(b, gateClip(b)))
	l := c.look(grant.Live)
	url := c.server.URL + "/media/" + l.ID + "/live.m3u8"
	b.ReportAllocs()
	for b.Loop() {
		resp, err := http.Get(url)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}
