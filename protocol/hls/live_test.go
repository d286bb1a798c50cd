package hls

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("", 8*3600))

// feed adds n segments of five parts each.
func feed(l *Live, from, n int) {
	for s := from; s < from+n; s++ {
		for p := range 5 {
			l.Add(part(s, p))
		}
		l.End()
	}
}

func part(s, p int) Part {
	at := noon.Add(time.Duration(s)*time.Second + time.Duration(p)*200*time.Millisecond)
	return Part{Data: fmt.Appendf(nil, "part %d.%d;", s, p), Duration: 200 * time.Millisecond, Independent: p == 0, Wall: at}
}

func TestPlaylist(t *testing.T) {
	l := NewLive(Options{Segments: 8, Target: time.Second})
	l.next = 100
	l.Init([]byte("init"))
	feed(l, 0, 8)
	l.Add(part(8, 0))
	l.Add(part(8, 1))
	got, err := l.Playlist(context.Background(), nil, 0, -1, false)
	if err != nil {
		t.Fatal(err)
	}
	text := string(got)
	for _, want := range []string{
		"#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:1\n",
		"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.639,CAN-SKIP-UNTIL=6\n",
		"#EXT-X-PART-INF:PART-TARGET=0.213\n#EXT-X-MEDIA-SEQUENCE:100\n#EXT-X-MAP:URI=\"live/init.mp4?v=1\"\n",
		"#EXT-X-PROGRAM-DATE-TIME:2026-11-23T12:00:07.000+08:00\n#EXT-X-PART:DURATION=0.2,URI=\"live/107.0.mp4\",INDEPENDENT=YES\n#EXT-X-PART:DURATION=0.2,URI=\"live/107.1.mp4\"\n",
		"#EXTINF:1,\nlive/107.mp4\n",
		"#EXT-X-PART:DURATION=0.2,URI=\"live/108.1.mp4\"\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"live/108.2.mp4\"\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %q in\n%s", want, text)
		}
	}
	if n := strings.Count(text, "#EXT-X-PART:"); n != partsListed*5+2 {
		t.Errorf("%d parts listed", n)
	}
	short, _ := l.Playlist(context.Background(), nil, 0, -1, true)
	if s := string(short); !strings.Contains(s, "#EXT-X-SKIP:SKIPPED-SEGMENTS=2\n") || strings.Contains(s, "live/101.mp4") || !strings.Contains(s, "live/102.mp4") || strings.Contains(s, "EXT-X-MAP") {
		t.Errorf("delta update:\n%s", s)
	}
	again, _ := l.Playlist(context.Background(), nil, 0, -1, false)
	if &again[0] != &got[0] {
		t.Error("the same state was rendered twice")
	}
}

// A delta update leaves out only what lies behind the boundary that the playlist names, however short the segments are.
func TestADeltaKeepsSixTargetDurations(t *testing.T) {
	l := NewLive(Options{Segments: 30}) // a target of 2 s, segments of 1 s
	l.next = 100
	l.Init([]byte("init"))
	feed(l, 0, 12)
	short, _ := l.Playlist(context.Background(), nil, 0, -1, true)
	if strings.Contains(string(short), "EXT-X-SKIP") {
		t.Errorf("12 s of 12 s:\n%s", short)
	}
	feed(l, 12, 3)
	short, _ = l.Playlist(context.Background(), nil, 0, -1, true)
	if s := string(short); !strings.Contains(s, "#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n") || strings.Contains(s, "live/102.mp4") || !strings.Contains(s, "live/103.mp4") {
		t.Errorf("15 s:\n%s", s)
	}
}

// The target is that of the longest part there was: a camera with 12 pictures a second has parts of 167 ms, and players
// wait for three of those, not of the length that was announced before.
func TestPartTargetIsTheCameras(t *testing.T) {
	l := NewLive(Options{Part: 400 * time.Millisecond})
	l.Init([]byte("init"))
	bulk := part(0, 0)
	bulk.Bulk, bulk.Duration = true, 600*time.Millisecond
	l.Add(bulk)
	l.End()
	for i := range 3 {
		p := part(1, i)
		p.Duration = 167 * time.Millisecond
		l.Add(p)
	}
	l.End()
	got, _ := l.Playlist(context.Background(), nil, 0, -1, false)
	if !strings.Contains(string(got), "PART-TARGET=0.177\n") {
		t.Errorf("playlist:\n%s", got)
	}
}

func TestAnotherInitIsADiscontinuity(t *testing.T) {
	l := NewLive(Options{Segments: 3})
	l.next = 1
	l.Init([]byte("one"))
	feed(l, 0, 2)
	l.Init([]byte("two"))
	feed(l, 2, 1)
	got, _ := l.Playlist(context.Background(), nil, 0, -1, false)
	if !strings.Contains(string(got), "live/2.mp4\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"live/init.mp4?v=2\"\n") {
		t.Errorf("playlist:\n%s", got)
	}
	feed(l, 3, 4)
	got, _ = l.Playlist(context.Background(), nil, 0, -1, false)
	if s := string(got); !strings.Contains(s, "#EXT-X-DISCONTINUITY-SEQUENCE:1\n") || strings.Contains(s, "#EXT-X-DISCONTINUITY\n") {
		t.Errorf("playlist:\n%s", s)
	}
	if _, err := l.initBytes(context.Background(), nil, 1); !errors.Is(err, ErrGone) {
		t.Errorf("an init that nobody needs is kept: %v", err)
	}
}

// A long chunk from before anybody watched is no part, and the segment it is in lists none.
func TestBulkIsServedAsAWholeSegmentOnly(t *testing.T) {
	l := NewLive(Options{})
	l.next = 1
	l.Init([]byte("one"))
	feed(l, 0, 1)
	bulk := part(1, 0)
	bulk.Bulk, bulk.Duration = true, time.Second
	l.Add(bulk)
	l.Add(part(1, 1))
	got, _ := l.Playlist(context.Background(), nil, 0, -1, false)
	if s := string(got); strings.Contains(s, "live/2.") || strings.Contains(s, "PRELOAD") {
		t.Errorf("playlist:\n%s", s)
	}
	l.End()
	got, _ = l.Playlist(context.Background(), nil, 2, -1, false)
	if s := string(got); strings.Contains(s, "live/2.0") || !strings.Contains(s, "live/2.mp4") || !strings.Contains(s, "live/3.0.mp4") {
		t.Errorf("playlist:\n%s", s)
	}
}

func TestReadersWaitAndWakeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLive(Options{})
		l.next = 1
		l.Init([]byte("one"))
		feed(l, 0, 1)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				b, err := l.Playlist(t.Context(), nil, 2, 1, false)
				if err != nil || !strings.Contains(string(b), "live/2.1.mp4") {
					t.Errorf("%v\n%s", err, b)
				}
			})
			all.Go(func() {
				b, err := l.part(t.Context(), nil, 2, 1, false)
				if err != nil || string(b) != "part 1.1;" {
					t.Errorf("%v %q", err, b)
				}
			})
		}
		synctest.Wait()
		l.Add(part(1, 0))
		synctest.Wait()
		l.Add(part(1, 1))
		all.Wait()

		if _, err := l.Playlist(t.Context(), nil, 9, 0, false); !errors.Is(err, ErrFuture) {
			t.Errorf("far ahead: %v", err)
		}
		if _, err := l.Playlist(t.Context(), nil, 3, 0, false); !errors.Is(err, ErrBusy) {
			t.Errorf("nothing comes: %v", err)
		}
		ended := make(chan struct{})
		all.Go(func() {
			if _, err := l.part(t.Context(), ended, 2, 2, false); !errors.Is(err, ErrClosed) {
				t.Errorf("the lease ended: %v", err)
			}
		})
		synctest.Wait()
		close(ended)
		all.Wait()
		l.End()
		if _, err := l.part(t.Context(), nil, 2, 7, false); !errors.Is(err, ErrGone) {
			t.Errorf("a part that never came: %v", err)
		}
	})
}

// A player that has all five parts of a segment asks for a sixth. When the segment has ended instead, that is a request for
// the first part of the next one (RFC 8216bis 6.2.5.2): an answer at once would have nothing new in it, and it would ask again.
func TestAPartBeyondTheLastIsTheNextSegmentsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLive(Options{})
		l.next = 1
		l.Init([]byte("one"))
		feed(l, 0, 1)
		for p := range 5 {
			l.Add(part(1, p))
		}
		answers := make(chan string, 4)
		ask := func(n int) {
			go func() {
				b, err := l.Playlist(t.Context(), nil, 2, n, false)
				answers <- fmt.Sprint(err, string(b))
			}()
			synctest.Wait()
		}
		ask(5)
		ask(7)
		l.End()
		ask(5)
		ask(7)
		if n := len(answers); n > 0 {
			t.Errorf("%d answers with nothing new", n)
		}
		l.Add(part(2, 0))
		for range 4 {
			if got := <-answers; !strings.HasPrefix(got, "<nil>") || !strings.Contains(got, `live/3.0.mp4",INDEPENDENT=YES`) {
				t.Errorf("answered %s", got)
			}
		}
		// Of what lies further back the playlist has the next part already.
		ask(5)
		if len(answers) != 1 {
			t.Error("waits for what is there")
		}
	})
}

func TestServe(t *testing.T) {
	l := NewLive(Options{})
	l.next = 1
	l.Init([]byte("init bytes"))
	feed(l, 0, 2)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		if name, ok := strings.CutPrefix(r.URL.Path, "/live/"); ok {
			err = l.ServeMedia(w, r, name, nil)
		} else {
			err = l.ServePlaylist(w, r, nil)
		}
		if err != nil {
			http.Error(w, err.Error(), Status(err))
		}
	}))
	defer s.Close()
	defer http.DefaultClient.CloseIdleConnections()
	for path, want := range map[string]string{
		"/live/init.mp4":                "init bytes",
		"/live/init.mp4?v=1":            "init bytes",
		"/live/2.mp4":                   "part 1.0;part 1.1;part 1.2;part 1.3;part 1.4;",
		"/live/2.3.mp4":                 "part 1.3;",
		"/live/0.mp4":                   "404",
		"/live/9.mp4":                   "400",
		"/live/x":                       "404",
		"/live.m3u8?_HLS_part=1":        "400",
		"/live.m3u8?_HLS_msn=-1":        "400",
		"/live.m3u8?_HLS_msn=77":        "400",
		"/live.m3u8?_HLS_msn=2&other=1": "#EXTM3U",
	} {
		resp, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if got := fmt.Sprint(resp.StatusCode); got != want && !strings.HasPrefix(string(body), want) {
			t.Errorf("%s: %s %q, want %q", path, got, body, want)
		}
		if resp.StatusCode == 200 && resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached", path)
		}
	}
}

func TestVOD(t *testing.T) {
	got := string(AppendVOD(nil, []Run{
		{Init: Range{"segments/a.mp4", 0, 700}, Pieces: []Piece{{Range{"segments/a.mp4", 700, 5000}, noon, 2 * time.Second}}},
		{Init: Range{"segments/b.mp4", 0, 710}, Pieces: []Piece{{Range{"segments/b.mp4", 9000, 6000}, noon.Add(time.Hour), 2600 * time.Millisecond}}},
	}))
	want := "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-TARGETDURATION:3\n#EXT-X-MEDIA-SEQUENCE:0\n" +
		"#EXT-X-MAP:URI=\"segments/a.mp4\",BYTERANGE=\"700@0\"\n#EXT-X-PROGRAM-DATE-TIME:2026-11-23T12:00:00.000+08:00\n" +
		"#EXTINF:2,\n#EXT-X-BYTERANGE:5000@700\nsegments/a.mp4\n#EXT-X-DISCONTINUITY\n" +
		"#EXT-X-MAP:URI=\"segments/b.mp4\",BYTERANGE=\"710@0\"\n#EXT-X-PROGRAM-DATE-TIME:2026-11-23T13:00:00.000+08:00\n" +
		"#EXTINF:2.6,\n#EXT-X-BYTERANGE:6000@9000\nsegments/b.mp4\n#EXT-X-ENDLIST\n"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestWireIsAWholeAnswerMadeOnce(t *testing.T) {
	l := NewLive(Options{Header: []string{"X-Content-Type-Options: nosniff"}})
	l.next = 1
	l.Init([]byte("init"))
	feed(l, 0, 2)
	for _, c := range []struct{ name, query, want string }{
		{"", "", "#EXTM3U"}, {"", "_HLS_msn=2&_HLS_part=1", "#EXTM3U"}, {"2.3.mp4", "", "part 1.3;"},
	} {
		b, ok, err := l.Wire(t.Context(), nil, c.name, c.query)
		if !ok || err != nil {
			t.Fatal(c, ok, err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(b)), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != 200 || !strings.HasPrefix(string(body), c.want) || resp.Header.Get("X-Content-Type-Options") != "nosniff" || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v: %v %v %s", c, err, resp.Header, body)
		}
		again, _, _ := l.Wire(t.Context(), nil, c.name, c.query)
		if &again[0] != &b[0] {
			t.Errorf("%v: made twice", c)
		}
	}
	if b, _ := l.part(t.Context(), nil, 2, 3, false); string(b) != "part 1.3;" {
		t.Errorf("the part itself changed: %q", b)
	}
	for _, name := range []string{"init.mp4", "2.mp4", "x.mp4", "2.1.mp3"} {
		if _, ok, _ := l.Wire(t.Context(), nil, name, ""); ok {
			t.Errorf("%s is not for this way", name)
		}
	}
}

func FuzzRequest(f *testing.F) {
	f.Add("_HLS_msn=2&_HLS_part=1&_HLS_skip=YES", "2.1")
	f.Fuzz(func(t *testing.T, query, stem string) {
		if msn, part, _, err := parseQuery(query); err == nil && (part < -1 || part >= 0 && msn == 0) {
			t.Errorf("msn %d, part %d", msn, part)
		}
		if _, part, _, err := parseName(stem); err == nil && part < 0 {
			t.Errorf("part %d", part)
		}
	})
}
