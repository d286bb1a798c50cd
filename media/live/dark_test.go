package live

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/api"
	"linli.dev/linli/protocol/rtsp/rtsptest"
	"linli.dev/linli/store/storetest"
)

// What a lease's end means in bytes, for those who take theirs slowly: what the system holds for them then is not sent on.

// mayCome is what a slow reader has in his own buffer already.
const mayCome = 64 << 10

// heavy is a clip of large frames that come fast.
func heavy(t *testing.T) *clip {
	c := *gateClip(t)
	c.step = 4 * time.Millisecond
	filler := append([]byte{0, 0, 40_000 >> 8, 40_000 & 0xff, 12}, slices.Repeat([]byte{0xff}, 39_999)...)
	c.frames = slices.Clone(c.frames)
	for i := range c.frames {
		c.frames[i].data = append(slices.Clip(c.frames[i].data), filler...)
	}
	return &c
}

// served has the real server before a house, and says where.
func (c *compound) served() (address string) {
	house := api.New(api.Options{Auth: c})
	if err := house.Add(c.room); err != nil {
		c.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, over := make(chan string, 1), make(chan error, 1)
	go func() {
		over <- api.Serve(ctx, api.ServeOptions{Listen: "127.0.0.1:0", Ready: func(url string, _ *api.Authority) { ready <- url }}, house.Handler())
	}()
	c.t.Cleanup(func() { stop(); <-over })
	return strings.TrimPrefix(<-ready, "http://")
}

// slowLine takes in next to nothing of what it does not read.
func slowLine(t *testing.T, address string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn := rtsptest.SlowLine(t, address)
	return conn, rtsptest.Reader(conn)
}

// dark ends a look and counts what still comes.
func (c *compound) dark(l *grant.Lease, r io.Reader) {
	c.t.Helper()
	if err := c.door.End(context.Background(), l.ID, grant.EndSession); err != nil {
		c.t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	left, err := io.Copy(io.Discard, r)
	if e, ok := err.(net.Error); ok && e.Timeout() {
		c.t.Error("the connection stays open")
	}
	if left > mayCome {
		c.t.Errorf("%d bytes came after the end", left)
	}
	c.t.Logf("%d bytes came after the end: %v", left, err)
}

func TestASlowDesktopPlayerGetsNothingAfterTheEnd(t *testing.T) {
	c := build(t)
	c.put("gate", start(t, heavy(t)))
	address, _ := serveRTSP(t, c)
	l := c.look(grant.RTSP)
	conn, r := slowLine(t, address)
	rtsptest.Play(t, conn, r, "rtsp://"+address+"/"+l.ID)
	if _, err := io.CopyN(io.Discard, r, 20<<10); err != nil {
		t.Fatal(err)
	}
	sent := func() (n uint64) {
		c.room.players.mu.Lock()
		defer c.room.players.mu.Unlock()
		for o := range c.room.players.shows {
			n += o.Sent()
		}
		return n
	}
	waitFor(t, "much of it is on the way", func() bool { return sent() > 1<<20 })
	c.dark(l, r)
}

// The short way of low-latency HLS: in the middle of an answer that hangs, and between two answers, when all is with the system.
func TestASlowRiderGetsNothingAfterTheEnd(t *testing.T) {
	for _, asked := range []int{12, 120} {
		t.Run(fmt.Sprint(asked, " parts"), func(t *testing.T) {
			c := build(t)
			c.put("gate", start(t, gateClip(t)))
			address := c.served()
			l := c.look(grant.Live)
			conn, r := slowLine(t, address)
			get := func(path string) {
				fmt.Fprintf(conn, "GET /media/%s/%s HTTP/1.1\r\nHost: x\r\n\r\n", l.ID, path)
			}
			read := func() string {
				resp, err := http.ReadResponse(r, nil)
				if err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(resp.Body)
				if err != nil || resp.StatusCode != 200 {
					t.Fatal(resp.Status, err, string(b))
				}
				return string(b)
			}
			get("live.m3u8")
			hint := lastPart.FindStringSubmatch(read())
			if hint == nil {
				t.Fatal("no hint")
			}
			get("live.m3u8?_HLS_msn=" + hint[1] + "&_HLS_part=" + hint[2])
			read()
			before := c.room.express.answers.Load()
			for range asked {
				get("live/" + hint[1] + "." + hint[2] + ".mp4")
			}
			count := func() int { return int(c.room.express.answers.Load() - before) }
			if asked < 50 {
				waitFor(t, "all of it is with the system", func() bool { return count() == asked })
				time.Sleep(50 * time.Millisecond)
			} else {
				last := 0
				waitFor(t, "an answer hangs", func() bool {
					n := count()
					same := n == last && n > 0
					last = n
					time.Sleep(100 * time.Millisecond)
					return same
				})
				if last == asked {
					t.Fatal("nothing hangs")
				}
			}
			c.dark(l, r)
		})
	}
}

// A stranger who got hold of an address, and has a look of his own for the short way, is refused as often as he asks; and
// none of it keeps the look going.
func TestAStrangerKeepsNobodysLook(t *testing.T) {
	c := build(t)
	c.put("gate", start(t, gateClip(t)))
	c.do("GET", "/media/"+c.look(grant.Live).ID+"/live.m3u8", "", "") // somebody watches already: nobody waits for a beginning
	door, err := grant.New(t.Context(), grant.Options{DB: storetest.SQLite(t), Facts: c, Sessions: c, Idle: 800 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer door.Close()
	c.room.o.Door = door
	c.room.o.Session = func(r *http.Request) string {
		if cookie, err := r.Cookie("linli_session"); err == nil {
			return cookie.Value
		}
		return ""
	}
	wu := zhao()
	wu.Account, wu.Session = "wu", "wu-pc"
	q := grant.Request{Camera: "gate", Kind: grant.Live, Purpose: "duty"}
	l, err := door.Begin(t.Context(), zhao(), q)
	if err != nil {
		t.Fatal(err)
	}
	own, err := door.Begin(t.Context(), wu, q)
	if err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); l.Err() == nil; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > 5*time.Second {
			t.Fatal("a stranger's requests keep it going")
		}
		resp, body := c.do("GET", "/media/"+own.ID+"/live.m3u8", "", "", "Cookie", "linli_session=wu-pc")
		hint := lastPart.FindStringSubmatch(body)
		if hint == nil {
			t.Fatalf("no hint: %s\n%s", resp.Status, body)
		}
		resp, body = c.do("GET", "/media/"+own.ID+"/live.m3u8?_HLS_msn="+hint[1]+"&_HLS_part="+hint[2], "", "", "Cookie", "linli_session=wu-pc")
		if resp.StatusCode != 200 {
			t.Fatal(resp.Status, body)
		}
		for _, path := range []string{"/live.m3u8?_HLS_msn=" + hint[1] + "&_HLS_part=" + hint[2], "/live.m3u8"} {
			if resp, body := c.do("GET", "/media/"+l.ID+path, "", "", "Cookie", "linli_session=wu-pc"); resp.StatusCode != 410 {
				c.problem(resp, body, 403, "door.lease-required")
			}
		}
	}
	if l.Why() != grant.EndIdle || own.Err() != nil {
		t.Error(l.Why(), own.Err())
	}
	if c.room.express.answers.Load() == 0 {
		t.Error("nothing went the short way")
	}
}
