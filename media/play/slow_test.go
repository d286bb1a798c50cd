package play

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/api"
	"linli.dev/linli/protocol/rtsp/rtsptest"
)

// served has the real server before a room, and says where.
func served(t *testing.T, c *compound, how api.TLS) string {
	house := api.New(api.Options{Auth: c})
	if err := house.Add(c.room); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, over := make(chan string, 1), make(chan error, 1)
	go func() {
		over <- api.Serve(ctx, api.ServeOptions{Listen: "127.0.0.1:0", TLS: how, Dir: t.TempDir(), Ready: func(url string, _ *api.Authority) { ready <- url }}, house.Handler())
	}()
	t.Cleanup(func() { stop(); <-over })
	return <-ready
}

// A viewer on a slow line has megabytes coming when the look ends. None of them may come.
func TestASlowReaderGetsNothingAfterTheEnd(t *testing.T) {
	f := gateFilm(t)
	s := tape(f, nil, 1)
	for i := range 17 {
		s.add(f, nil, 1, 7, noon.Add(time.Duration(i+1)*10*time.Second), 900000+uint64(i+1)*900000)
	}
	s.rename()
	c := build(t, s, func(o *Options) { o.Footage = s.onDisk(t) })
	for name, how := range map[string]api.TLS{"plain": {}, "TLS": {LocalCA: true}} {
		t.Run(name, func(t *testing.T) { c.t = t; c.slow(t, how) })
	}
}

func (c *compound) slow(t *testing.T, how api.TLS) {
	_, address, _ := strings.Cut(served(t, c, how), "://")
	for _, path := range []string{"export.mp4", "segments/S000.mp4", "keys.mp4?speed=8"} {
		kind := grant.Playback
		if path == "export.mp4" {
			kind = grant.Export
		}
		c.afterTheEnd(t, how, address, c.look(kind, 0, 170*time.Second), path)
	}
}

// Stills and single fragments are small as a rule. Those of a large picture are not.
func TestASlowReaderOfALargePictureGetsNothingAfterTheEnd(t *testing.T) {
	camera := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(append([]byte{0xff, 0xd8, 0xff, 0xe0}, make([]byte, maxPicture-100)...))
	}))
	defer camera.Close()
	f := *gateFilm(t)
	large := make([][]byte, len(f.frames))
	for i, b := range f.frames {
		large[i] = append(append([]byte{}, b...), make([]byte, 160<<10)...)
	}
	f.frames = large
	s := tape(&f, nil, 1)
	c := build(t, s, func(o *Options) { o.Footage, o.Snapshots = s.onDisk(t), &yard{url: camera.URL} })
	first := s.entries["SEG70"][0]
	for name, how := range map[string]api.TLS{"plain": {}, "TLS": {LocalCA: true}} {
		t.Run(name, func(t *testing.T) {
			c.t = t
			_, address, _ := strings.Cut(served(t, c, how), "://")
			for path, l := range map[string]*grant.Lease{
				"snapshot.jpg": c.look(grant.Snapshot, 0, 0),
				fmt.Sprintf("fragments/SEG70.%d.mp4", first.Offset): c.look(grant.Playback, 0, 10*time.Second),
			} {
				if n := c.afterTheEnd(t, how, address, l, path); n >= 0 && n < 4<<20 {
					t.Errorf("%s: only %d bytes to come", path, n)
				}
			}
		})
	}
}

// afterTheEnd begins to read slowly, ends the look, and says how long the whole would have been; -1: nobody has said.
func (c *compound) afterTheEnd(t *testing.T, how api.TLS, address string, l *grant.Lease, path string) int64 {
	t.Helper()
	conn := rtsptest.SlowLine(t, address)
	if how.On() { // with HTTP/1.1, as programs speak it
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
	}
	fmt.Fprintf(conn, "GET /media/%s/%s HTTP/1.1\r\nHost: x\r\nCookie: linli_session=zhao-pc\r\n\r\n", l.ID, path)
	r := bufio.NewReaderSize(conn, 4<<10)
	resp, err := http.ReadResponse(r, nil)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%s: %v %v", path, err, resp)
	}
	if path == "export.mp4" && resp.ContentLength < 4<<20 {
		t.Fatalf("only %d bytes to come", resp.ContentLength)
	}
	if _, err := io.CopyN(io.Discard, resp.Body, 20<<10); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond) // all that the way holds is on the way
	if err := c.door.End(t.Context(), l.ID, grant.EndSession); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	left, err := io.Copy(io.Discard, resp.Body)
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		t.Errorf("%s: the connection stays open", path)
	}
	if left > 64<<10 {
		t.Errorf("%s: %d bytes came after the end", path, left)
	}
	t.Logf("%s: %d of %d bytes were already at the viewer's: %v", path, left, resp.ContentLength, err)
	return resp.ContentLength
}

// hung is a connection on which what is flushed goes no further, until it is broken off.
type hung struct {
	header   http.Header
	flushing chan struct{}
	broken   chan struct{}
	once     sync.Once
}

func (h *hung) Header() http.Header         { return h.header }
func (h *hung) Write(b []byte) (int, error) { return len(b), nil }
func (h *hung) WriteHeader(int)             {}
func (h *hung) FlushError() error {
	h.once.Do(func() { close(h.flushing) })
	<-h.broken
	return os.ErrDeadlineExceeded
}

func (h *hung) SetWriteDeadline(at time.Time) error {
	if !at.IsZero() && time.Until(at) <= 0 {
		close(h.broken)
	}
	return nil
}

// Fast playback is flushed picture by picture. The end of the look finds it in the middle of that, and breaks it off.
func TestTheEndBreaksOffWhatIsBeingFlushed(t *testing.T) {
	c := build(t, tape(gateFilm(t), nil, 1))
	l := c.look(grant.Playback, 0, 10*time.Second)
	w := &hung{header: http.Header{}, flushing: make(chan struct{}), broken: make(chan struct{})}
	r := httptest.NewRequest(http.MethodGet, "/media/"+l.ID+"/keys.mp4", nil)
	r.SetPathValue("lease", l.ID)
	r.Header.Set("Cookie", "linli_session=zhao-pc")
	over := make(chan any, 1)
	go func() {
		defer func() { over <- recover() }()
		panic(c.room.keys(w, r))
	}()
	<-w.flushing
	if err := c.door.End(t.Context(), l.ID, grant.EndSession); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-over:
		if got != http.ErrAbortHandler {
			t.Errorf("it ended with %v", got)
		}
	case <-time.After(5 * time.Second):
		close(w.broken)
		t.Error("the end of the look does not reach what is being flushed")
	}
}

// The last bytes of a still go out while the end of the look can break them off: left to the server, they went when nobody could any more.
func TestTheEndBreaksOffAStillThatIsBeingFlushed(t *testing.T) {
	camera := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(tiny) }))
	defer camera.Close()
	c := build(t, &shelf{}, func(o *Options) { o.Snapshots = &yard{url: camera.URL} })
	l := c.look(grant.Snapshot, 0, 0)
	w := &hung{header: http.Header{}, flushing: make(chan struct{}), broken: make(chan struct{})}
	r := httptest.NewRequest(http.MethodGet, "/media/"+l.ID+"/snapshot.jpg", nil)
	r.SetPathValue("lease", l.ID)
	r.Header.Set("Cookie", "linli_session=zhao-pc")
	over := make(chan error, 1)
	go func() { over <- c.room.snapshot(w, r) }()
	select {
	case <-w.flushing:
	case err := <-over:
		t.Fatalf("it has ended, and its last bytes are still to be sent: %v", err)
	}
	if err := c.door.End(t.Context(), l.ID, grant.EndSession); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-over:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		close(w.broken)
		t.Error("the end of the look does not reach what is being flushed")
	}
}

// Over HTTP/2, as browsers speak it with TLS, a viewer shares his connection with his other requests, and it cannot be closed
// under him. What comes after the end is what he himself said that he would take, and what is on the way.
func TestASlowReaderOverHTTP2GetsNothingAfterTheEnd(t *testing.T) {
	f := gateFilm(t)
	s := tape(f, nil, 1)
	for i := range 17 {
		s.add(f, nil, 1, 7, noon.Add(time.Duration(i+1)*10*time.Second), 900000+uint64(i+1)*900000)
	}
	s.rename()
	c := build(t, s, func(o *Options) { o.Footage = s.onDisk(t) })
	url := served(t, c, api.TLS{LocalCA: true})
	const window = 64 << 10
	viewer := &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		ForceAttemptHTTP2: true,
		HTTP2:             &http.HTTP2Config{MaxReceiveBufferPerStream: window, MaxReceiveBufferPerConnection: 2 * window},
	}}
	defer viewer.CloseIdleConnections()
	for _, kind := range []grant.Kind{grant.Export, grant.Playback} {
		l := c.look(kind, 0, 3*time.Minute)
		path := "export.mp4"
		if kind == grant.Playback {
			path = "segments/S000.mp4"
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/media/"+l.ID+"/"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.AddCookie(&http.Cookie{Name: "linli_session", Value: "zhao-pc"})
		resp, err := viewer.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != 200 || resp.ProtoMajor != 2 {
			t.Fatalf("%s: %s %s", kind, resp.Proto, resp.Status)
		}
		if _, err := io.CopyN(io.Discard, resp.Body, 20<<10); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond) // all that the way holds is on the way
		if err := c.door.End(t.Context(), l.ID, grant.EndSession); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		left, err := io.Copy(io.Discard, resp.Body)
		if err == nil && left+20<<10 < resp.ContentLength {
			t.Errorf("%s: broken off, and said to be whole", kind)
		}
		if left > window+64<<10 {
			t.Errorf("%s: %d bytes came after the end", kind, left)
		}
		t.Logf("%s: %d of %d bytes came, %v", kind, left, resp.ContentLength, err)
	}
}
