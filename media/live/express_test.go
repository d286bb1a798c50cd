package live

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// One connection, as a browser uses it: live parts, something else in between, and live parts again.
func TestAConnectionIsTakenOverAndGivenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := buildOn(t, db)
		c.put("gate", start(t, gateClip(t)))
		l := c.look(grant.Live)
		base := "/media/" + l.ID + "/"
		_, list := c.do("GET", base+"live.m3u8", "", "")
		msn, _ := strconv.Atoi(lastPart.FindStringSubmatch(list)[1])
		conn, err := net.Dial("tcp", strings.TrimPrefix(c.server.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		r := bufio.NewReader(conn)
		read := func(status int, want string) {
			t.Helper()
			resp, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != status || !strings.Contains(string(body), want) {
				t.Fatalf("%s %v %.200q, want %d %q", resp.Status, err, body, status, want)
			}
			if resp.Header.Get("X-Content-Type-Options") != "nosniff" || resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("headers: %v", resp.Header)
			}
		}
		get := func(path string, more ...string) {
			t.Helper()
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", path, strings.Join(more, ""))
		}
		for round := range 2 {
			before := c.room.express.answers.Load()
			msn += 2
			get(base + fmt.Sprintf("live.m3u8?_HLS_msn=%d&_HLS_part=0", msn-1))
			read(200, fmt.Sprintf("live/%d.0.mp4", msn-1))
			get(base+fmt.Sprintf("live/%d.0.mp4", msn-1), "Accept: */*\r\nConnection: keep-alive\r\n")
			read(200, "moof")
			// Two at once, the second before the first is answered.
			get(base + fmt.Sprintf("live.m3u8?_HLS_msn=%d&_HLS_part=1", msn-1))
			get(base + fmt.Sprintf("live/%d.1.mp4", msn-1))
			read(200, "#EXTM3U")
			read(200, "mdat")
			if n := c.room.express.answers.Load() - before; n != 4 {
				t.Fatalf("round %d: %d answers went the short way", round, n)
			}
			switch round {
			case 0: // what is not for the short way is answered as ever, on the same connection
				get(base + "live/init.mp4?v=1")
				read(200, "moov")
				get(base + "live/1.0.mp4")
				read(404, "part-gone")
				fmt.Fprintf(conn, "PATCH %swhep/none HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", base)
				read(404, "no-session")
			case 1: // and so is the end of a lease
				other := c.look(grant.Live)
				get("/media/" + other.ID + "/live.m3u8?_HLS_msn=" + strconv.Itoa(msn))
				read(200, "#EXTM3U")
				_ = c.door.End(t.Context(), l.ID, grant.EndSession)
				get(base + fmt.Sprintf("live/%d.0.mp4", msn))
				read(410, "lease-ended")
				get("/media/nonsense/live.m3u8")
				read(403, "lease-required")
			}
		}
	})
}

func TestOnlyItsOwnBrowserRidesAlong(t *testing.T) {
	c := build(t)
	c.put("gate", start(t, gateClip(t)))
	c.room.o.Session = func(r *http.Request) string {
		cookie, err := r.Cookie("linli_session")
		if err != nil {
			return ""
		}
		return cookie.Value
	}
	l := c.look(grant.Live)
	path := "/media/" + l.ID + "/live.m3u8"
	mine := []string{"Cookie", "other=1; linli_session=zhao-pc"}
	_, list := c.do("GET", path, "", "", mine...)
	msn := lastPart.FindStringSubmatch(list)[1]
	for range 2 {
		resp, _ := c.do("GET", path+"?_HLS_msn="+msn+"&_HLS_part=0", "", "", mine...)
		if resp.StatusCode != 200 {
			t.Fatal(resp.Status)
		}
		resp, body := c.do("GET", path+"?_HLS_msn="+msn+"&_HLS_part=0", "", "", "Cookie", "linli_session=another")
		c.problem(resp, body, 403, "door.lease-required")
	}
	if c.room.express.answers.Load() == 0 {
		t.Error("nothing went the short way")
	}
}

func TestHeadsThatAreNotForTheShortWay(t *testing.T) {
	const good = "GET /media/L/live.m3u8?_HLS_msn=1 HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n\r\n"
	if h, ok := parseHead([]byte(good)); !ok || h.lease != "L" || h.query != "_HLS_msn=1" || h.name != "" || h.cookie != "a=b" {
		t.Fatalf("%+v %v", h, ok)
	}
	for _, change := range [][2]string{
		{"GET", "HEAD"},
		{"HTTP/1.1", "HTTP/1.0"},
		{"/media/L", "/media/%4c"},
		{"live.m3u8", "live/"},
		{"live.m3u8", "live/a/b"},
		{"live.m3u8", "vod.m3u8"},
		{"Host: x\r\n", ""},
		{"Cookie", "Range"},
		{"Cookie: a=b", "Content-Length: 3"},
		{"Cookie: a=b", "Connection: close"},
		{"Cookie: a=b", "Transfer-Encoding: chunked"},
		{"Cookie: a=b\r\n", "Cookie: a=b\r\nCookie: c=d\r\n"},
		{"Cookie: a=b", " folded"},
		{"Cookie:", "Cookie :"},
		{"Cookie: a=b", "Upgrade: x"},
		{"Cookie: a=b", "Expect: x"},
	} {
		b := strings.Replace(good, change[0], change[1], 1)
		if h, ok := parseHead([]byte(b)); ok {
			t.Errorf("%q was taken: %+v", b, h)
		}
	}
}

func FuzzHead(f *testing.F) {
	f.Add([]byte("GET /media/L/live/12.3.mp4 HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, ok := parseHead(b)
		if !ok {
			return
		}
		// What is taken must mean the same to the general server.
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(b)))
		if err != nil {
			t.Skip() // it would have refused; there is nothing to gain by being stricter here
		}
		want := "/media/" + h.lease + "/live.m3u8"
		if h.name != "" {
			want = "/media/" + h.lease + "/live/" + h.name
		}
		if r.Method != "GET" || r.URL.Path != want || r.URL.RawQuery != h.query || r.ContentLength != 0 {
			t.Errorf("%q: %+v against %s %s", b, h, r.URL.Path, r.URL.RawQuery)
		}
	})
}
