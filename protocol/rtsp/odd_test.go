package rtsp

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/protocol/rtp"
)

// odd is a camera that answers as a test tells it to.
type odd struct {
	addr   string
	mu     sync.Mutex
	asked  []string // "METHOD url", in order
	nc     net.Conn // the last connection
	answer func(m *message) string
}

const oddSDP = "v=0\r\ns=odd\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"

func ok(m *message, lines ...string) string {
	body := ""
	if n := len(lines); n > 0 && strings.HasPrefix(lines[n-1], "v=0") {
		body, lines = lines[n-1], append(lines[:n-1:n-1], fmt.Sprintf("Content-Length: %d", len(lines[n-1])))
	}
	return "RTSP/1.0 200 OK\r\nCSeq: " + m.Header.Get("CSeq") + "\r\n" + strings.Join(append(lines, ""), "\r\n") + "\r\n" + body
}

// usual is what a well-behaved camera would say.
func usual(m *message) string {
	switch m.Method {
	case "OPTIONS":
		return ok(m, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER")
	case "DESCRIBE":
		return ok(m, oddSDP)
	case "SETUP":
		return ok(m, "Transport: "+m.Header.Get("Transport"), "Session: 1234;timeout=60")
	}
	return ok(m)
}

func openOdd(t *testing.T, answer func(m *message) string) *odd {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &odd{addr: ln.Addr().String(), answer: answer}
	var all sync.WaitGroup
	t.Cleanup(func() {
		ln.Close()
		o.mu.Lock()
		if o.nc != nil {
			o.nc.Close()
		}
		o.mu.Unlock()
		all.Wait()
	})
	all.Go(func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			o.mu.Lock()
			o.nc = nc
			o.mu.Unlock()
			all.Go(func() { o.serve(nc) })
		}
	})
	return o
}

func (o *odd) serve(nc net.Conn) {
	defer nc.Close()
	r := bufio.NewReader(nc)
	var b []byte
	for {
		if c, err := r.Peek(1); err != nil {
			return
		} else if len(b) == 0 && c[0] == '$' { // a report of ours
			var head [4]byte
			io.ReadFull(r, head[:])
			r.Discard(int(head[2])<<8 | int(head[3]))
			continue
		}
		line, err := r.ReadBytes('\n')
		if err != nil {
			return
		}
		b = append(b, line...)
		m, n, err := parseMessage(b)
		if err != nil {
			return
		}
		if n == 0 {
			continue
		}
		b = b[:0]
		if m.Method == "" {
			m.Method = "answer"
			m.URL = fmt.Sprint(m.Code)
		}
		o.mu.Lock()
		o.asked = append(o.asked, m.Method+" "+m.URL)
		answer := o.answer
		o.mu.Unlock()
		if m.Method == "answer" {
			continue
		}
		if _, err := io.WriteString(nc, answer(m)); err != nil {
			return
		}
	}
}

func (o *odd) times(prefix string) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, a := range o.asked {
		if strings.HasPrefix(a, prefix) {
			n++
		}
	}
	return n
}

func (o *odd) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(6 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			o.mu.Lock()
			defer o.mu.Unlock()
			t.Fatalf("waiting until %s; asked: %q", what, o.asked)
		}
	}
}

func (o *odd) write(b []byte) {
	o.mu.Lock()
	nc := o.nc
	o.mu.Unlock()
	nc.Write(b)
}

func (o *odd) hangUp() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.nc.Close()
}

// framedUnits are the packets of units from..to-1, framed for channels 0 and 1.
func framedUnits(from, to, size int) []byte {
	p := rtp.Packer{PayloadType: 96, SSRC: 7, Sequence: uint16(from * 100), MTU: 1 << 15}
	var b []byte
	for i := from; i < to; i++ {
		b = p.AppendH264(b, uint32(i*3600), unitBytes(i, size, i%10 == 0))
	}
	return b
}

func TestWrongPasswordIsTriedOnce(t *testing.T) {
	for _, scheme := range []string{`Digest realm="cam", nonce="%d"`, `Digest realm="cam", nonce="%d", algorithm=SHA-256, qop="auth"`, `Basic realm="cam %d"`} {
		tries, nonces := 0, 0
		cam := openOdd(t, func(m *message) string {
			if m.Method == "OPTIONS" {
				return ok(m)
			}
			if m.Header.Get("Authorization") != "" {
				tries++
			}
			nonces++ // a fresh nonce with each answer, as many do
			return "RTSP/1.0 401 Unauthorized\r\nCSeq: " + m.Header.Get("CSeq") + "\r\nWWW-Authenticate: " + fmt.Sprintf(scheme, nonces) + "\r\n\r\n"
		})
		_, err := Dial(t.Context(), Options{URL: "rtsp://" + cam.addr + "/", User: "guard", Password: "wrong"})
		if !errors.Is(err, ErrUnauthorized) {
			t.Errorf("%s: %v", scheme, err)
		}
		if tries != 1 {
			t.Errorf("%s: the password was tried %d times", scheme, tries)
		}
		tries = 0
		if _, err := Dial(t.Context(), Options{URL: "rtsp://" + cam.addr + "/"}); !errors.Is(err, ErrUnauthorized) || tries != 0 {
			t.Errorf("%s: without a password: %v after %d tries", scheme, err, tries)
		}
	}
}

// Nonces that last for one request, and one that has gone stale.
func TestNonceRunsOut(t *testing.T) {
	var mu sync.Mutex // the camera answers on a goroutine of its own
	n, refusals := 0, 0
	good := func(m *message, nonce string) bool {
		ok, _ := verify(m.Header.Get("Authorization"), m.Method, "cam", nonce, Credential{User: "guard", Password: "tea"})
		return ok
	}
	cam := openOdd(t, func(m *message) string {
		mu.Lock()
		defer mu.Unlock()
		if m.Method == "OPTIONS" || good(m, fmt.Sprint("nonce", n)) {
			n++
			return usual(m)
		}
		n++
		refusals++
		stale := ""
		if m.Header.Get("Authorization") != "" {
			stale = ", stale=TRUE"
		}
		return "RTSP/1.0 401 Unauthorized\r\nCSeq: " + m.Header.Get("CSeq") + "\r\nWWW-Authenticate: Digest realm=\"cam\", nonce=\"nonce" + fmt.Sprint(n) + `", opaque="xyz"` + stale + "\r\n\r\n"
	})
	_, e := watch(t, Options{URL: "rtsp://guard:tea@" + cam.addr + "/"}, newLoop(t))
	cam.write(framedUnits(0, 3, 500))
	e.until("it plays", func() bool { return e.count.units == 3 })
	mu.Lock()
	defer mu.Unlock()
	if refusals != 3 {
		t.Errorf("%d refusals, want one each for DESCRIBE, SETUP, PLAY", refusals)
	}
}

func TestControlURLs(t *testing.T) {
	for _, c := range []struct{ path, base, session, media, setup, play string }{
		{"/main", "", "", "track1", "/main/track1", "/main"},
		{"/main/", "", "*", "track1", "/main/track1", "/main/"},
		{"/cam?channel=1&subtype=0", "rtsp://HOST/cam?channel=1&subtype=0/", "*", "trackID=0", "/cam?channel=1&subtype=0/trackID=0", "/cam?channel=1&subtype=0/"},
		{"/cam?channel=1", "", "", "trackID=0", "/cam?channel=1/trackID=0", "/cam?channel=1"},
		{"/Streaming/Channels/101", "rtsp://HOST/Streaming/Channels/101/", "*", "rtsp://HOST/Streaming/Channels/101/trackID=1", "/Streaming/Channels/101/trackID=1", "/Streaming/Channels/101/"},
		{"/a", "rtsp://10.0.0.1:554/inside/", "", "rtsp://user:pw@HOST/a/video", "/a/video", "rtsp://10.0.0.1:554/inside/"},
		{"/a", "/b/", "rtsp://HOST/whole", "video", "/b/video", "/whole"},
		{"/a", "", "*", "*", "/a", "/a"},
		{"/a", "", "*", "", "/a", "/a"},
	} {
		var cam *odd
		fill := func(s string) string { return strings.ReplaceAll(s, "HOST", cam.addr) }
		cam = openOdd(t, func(m *message) string {
			if m.Method != "DESCRIBE" {
				return usual(m)
			}
			sdp := "v=0\r\n"
			if c.session != "" {
				sdp += "a=control:" + fill(c.session) + "\r\n"
			}
			sdp += "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:" + fill(c.media) + "\r\n"
			if c.base != "" {
				return ok(m, "Content-Base: "+fill(c.base), sdp)
			}
			return ok(m, sdp)
		})
		watch(t, Options{URL: "rtsp://u:p@" + cam.addr + c.path}, newLoop(t))
		full := func(s string) string {
			if strings.HasPrefix(s, "/") {
				return "rtsp://" + cam.addr + s
			}
			return s
		}
		if cam.times("SETUP "+full(c.setup)) != 1 || cam.times("PLAY "+full(c.play)) != 1 {
			t.Errorf("%+v: asked %q", c, cam.asked)
		}
	}
}

func TestRedirect(t *testing.T) {
	var cam *odd
	cam = openOdd(t, func(m *message) string {
		if m.Method == "DESCRIBE" && strings.HasSuffix(m.URL, "/old") {
			return "RTSP/1.0 302 Moved\r\nCSeq: " + m.Header.Get("CSeq") + "\r\nLocation: rtsp://" + cam.addr + "/new\r\n\r\n"
		}
		if m.Method == "DESCRIBE" && strings.HasSuffix(m.URL, "/away") {
			return "RTSP/1.0 302 Moved\r\nCSeq: " + m.Header.Get("CSeq") + "\r\nLocation: rtsp://localhost:554/new\r\n\r\n"
		}
		return usual(m)
	})
	s, err := Dial(t.Context(), Options{URL: "rtsp://" + cam.addr + "/old"})
	if err != nil || cam.times("DESCRIBE rtsp://"+cam.addr+"/new") != 1 {
		t.Errorf("%v, asked %q", err, cam.asked)
	} else {
		s.Close()
	}
	if _, err := Dial(t.Context(), Options{URL: "rtsp://" + cam.addr + "/away"}); !errors.Is(err, ErrProtocol) {
		t.Errorf("to another host: %v", err)
	}
}

func TestKeepAlive(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ public, want string }{
		{"OPTIONS, GET_PARAMETER", "GET_PARAMETER"}, {"OPTIONS, DESCRIBE, SETUP, PLAY", "OPTIONS"}, {"", "GET_PARAMETER"},
	} {
		t.Run(c.want+" by "+c.public, func(t *testing.T) {
			t.Parallel()
			cam := openOdd(t, func(m *message) string {
				switch m.Method {
				case "OPTIONS":
					return ok(m, "Public: "+c.public)
				case "SETUP":
					return ok(m, "Transport: "+m.Header.Get("Transport"), "Session: 77 ; timeout=2")
				case "GET_PARAMETER":
					if m.Header.Get("Session") != "77" {
						return ""
					}
					if c.public == "" {
						return "RTSP/1.0 501 Not Implemented\r\nCSeq: " + m.Header.Get("CSeq") + "\r\n\r\n"
					}
				}
				return usual(m)
			})
			s, _ := watch(t, Options{URL: "rtsp://" + cam.addr + "/"}, newLoop(t))
			s.SetLazy(200 * time.Millisecond)
			before := cam.times(c.want)
			cam.until(t, "it is kept alive", func() bool { return cam.times(c.want) > before })
			if c.public == "" {
				cam.until(t, "it falls back to OPTIONS", func() bool { return cam.times("OPTIONS") > 1 })
			}
			s.Close()
			cam.until(t, "it is torn down", func() bool { return cam.times("TEARDOWN") == 1 })
		})
	}
}

func TestRubbishInTheStream(t *testing.T) {
	cam := openOdd(t, usual)
	_, e := watch(t, Options{URL: "rtsp://" + cam.addr + "/"}, newLoop(t))
	var b []byte
	b = append(b, framedUnits(0, 2, 700)...)
	b = append(b, "\r\n$\x40\x00\x02ab some rubbish $$$ RTSP/9 \x00\x01 $\x00"...) // a channel that nobody knows, and noise
	b = append(b, framedUnits(2, 4, 700)...)
	b = append(b, "OPTIONS rtsp://you/ RTSP/1.0\r\nCSeq: 5\r\n\r\n"...)
	b = append(b, framedUnits(4, 6, 700)...)
	b = append(b, "RTSP/1.0 200 OK\r\nCSeq: 99\r\nContent-Length: 4\r\n\r\n$\x00\x00\x00"...)
	b = append(b, framedUnits(6, 8, 700)...)
	b = append(b, bytes.Repeat([]byte("noise"), 999)...)
	b = append(b, framedUnits(8, 10, 700)...)
	for len(b) > 0 { // in pieces that end anywhere
		n := min(len(b), 97)
		cam.write(b[:n])
		b = b[n:]
		time.Sleep(100 * time.Microsecond)
	}
	e.until("all units came", func() bool { return e.count.last == 9 })
	if got := e.seen(); got.units != 10 {
		t.Errorf("%d units, want 10", got.units)
	}
	cam.until(t, "the camera has its answer", func() bool { return cam.times("answer 200") == 1 })
}

// What comes before the answer to PLAY is kept: it holds the first key frame.
func TestPacketsBeforeTheAnswer(t *testing.T) {
	cam := openOdd(t, func(m *message) string {
		if m.Method == "PLAY" {
			return string(framedUnits(0, 5, 3000)) + ok(m) + string(framedUnits(5, 8, 3000)[:5000])
		}
		return usual(m)
	})
	_, e := watch(t, Options{URL: "rtsp://" + cam.addr + "/"}, newLoop(t))
	cam.write(framedUnits(5, 8, 3000)[5000:])
	e.until("the last unit is there", func() bool { return e.count.last == 7 })
	if got := e.seen(); got.units != 8 || got.keys != 1 {
		t.Errorf("%+v", got)
	}
}

func TestSilenceAndHangUp(t *testing.T) {
	t.Parallel()
	cam := openOdd(t, usual)
	_, e := watch(t, Options{URL: "rtsp://" + cam.addr + "/", Timeout: time.Second}, newLoop(t))
	e.until("silence ends it", func() bool { return errors.Is(e.closed, ErrTimeout) })
	_, e = watch(t, Options{URL: "rtsp://" + cam.addr + "/"}, newLoop(t))
	cam.hangUp()
	e.until("the hang-up is noticed", func() bool { return errors.Is(e.closed, ErrUnreachable) })

	if _, err := Dial(t.Context(), Options{URL: "rtsp://127.0.0.1:1/"}); !errors.Is(err, ErrUnreachable) {
		t.Errorf("nobody there: %v", err)
	}
	silent := openOdd(t, func(*message) string { return "" })
	if _, err := Dial(t.Context(), Options{URL: "rtsp://" + silent.addr + "/", Timeout: 200 * time.Millisecond}); !errors.Is(err, ErrTimeout) {
		t.Errorf("says nothing: %v", err)
	}
}

func TestTearDownOfAnEarlierLife(t *testing.T) {
	cam := openOdd(t, func(m *message) string {
		if m.Method == "TEARDOWN" && m.Header.Get("Session") != "4711" {
			return "RTSP/1.0 454 Session Not Found\r\nCSeq: " + m.Header.Get("CSeq") + "\r\n\r\n"
		}
		return ok(m)
	})
	if err := TearDown(t.Context(), Options{URL: "rtsp://" + cam.addr + "/a"}, "4711"); err != nil {
		t.Error(err)
	}
	var se *StatusError
	if err := TearDown(t.Context(), Options{URL: "rtsp://" + cam.addr + "/a"}, "1"); !errors.As(err, &se) || se.Code != 454 {
		t.Error(err)
	}
}

func TestOddDescriptions(t *testing.T) {
	sps, pps := base64.StdEncoding.EncodeToString(testSPS), base64.StdEncoding.EncodeToString(testPPS)
	for _, c := range []struct{ sdp, want string }{
		{"m=video 0 RTP/AVP 96\na=rtpmap:96 h264/90000\na=fmtp:96 packetization-mode=1; sprop-parameter-sets= " + sps + " , " + pps + " ; x\n", "video H264 96 90000 0 2"},
		{"m=video 0 RTP/AVP 96\r\na=fmtp:96 sprop-parameter-sets=" + sps + "," + pps + "\r\n", "video H264 96 90000 0 2"},
		{"m=audio 0 RTP/AVP 0\r\n", "audio PCMU 0 8000 1 0"},
		{"m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000/1\r\n", "audio PCMA 8 8000 1 0"},
		{"m=audio 0 RTP/AVP 104\r\na=rtpmap:104 mpeg4-generic/16000/1\r\na=fmtp:104 config=1408; mode=AAC-hbr; SizeLength=13\r\n", "audio AAC 104 16000 1 1"},
		{"m=video 0 RTP/AVP 98\r\na=rtpmap:98 HEVC/90000\r\na=fmtp:98 sprop-vps=QAEMAf//;sprop-sps=QgEBAWAA;sprop-pps=RAHA8w==\r\n", "video H265 98 90000 0 3"},
		{"m=video 0 RTP/AVP\r\na=rtpmap:96 H264/90000\r\n", "video H264 96 90000 0 0"},
		{"m=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\n", "application VND.ONVIF.METADATA 107 90000 0 0"},
		{"m=video 0 RTP/AVP 26\r\n", "video JPEG 26 90000 0 0"},
	} {
		medias, _, _ := parseSDP([]byte("v=0\r\n" + c.sdp))
		if len(medias) != 1 {
			t.Errorf("%q: %d medias", c.sdp, len(medias))
			continue
		}
		m := medias[0]
		if got := fmt.Sprint(m.Kind, " ", m.Codec, " ", m.PayloadType, " ", m.ClockRate, " ", m.Channels, " ", len(m.Params)); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.sdp, got, c.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ in, out, user, password string }{
		{"rtsp://10.0.0.1", "rtsp://10.0.0.1", "", ""},
		{"rtsp://10.0.0.1:554/a", "rtsp://10.0.0.1/a", "", ""},
		{"rtsp://admin:p@ss:w%23rd@cam:8554/a?x=1&y=@", "rtsp://cam:8554/a?x=1&y=@", "admin", "p@ss:w#rd"},
		{"rtsp://[fe80::1]/a", "rtsp://[fe80::1]/a", "", ""},
		{"RTSPS://cam/a", "rtsps://cam/a", "", ""},
		{" rtsp://u@cam/a ", "rtsp://cam/a", "u", ""},
	} {
		a, err := parseAddress(c.in)
		if err != nil || a.String() != c.out || a.User != c.user || a.Password != c.password {
			t.Errorf("%q: %v %v", c.in, a, err)
		}
	}
	for _, bad := range []string{"", "http://cam/", "rtsp://", "rtsp:///a", "rtsp://cam/a b", "rtsp://cam/\r\nX: y"} {
		if a, err := parseAddress(bad); err == nil {
			t.Errorf("%q: %v", bad, a)
		} else if bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("the error repeats the address: %v", err)
		}
	}
}

// A camera whose nonces last for one request is kept alive all the same, and a wrong answer to that is no endless quarrel.
func TestKeepAliveWithFreshNonces(t *testing.T) {
	t.Parallel()
	n, alive := 0, 0
	var mu sync.Mutex
	cam := openOdd(t, func(m *message) string {
		mu.Lock()
		defer mu.Unlock()
		good, _ := verify(m.Header.Get("Authorization"), m.Method, "cam", fmt.Sprint("nonce", n), Credential{User: "guard", Password: "tea"})
		n++
		if m.Method == "OPTIONS" || good {
			if m.Method == "GET_PARAMETER" {
				alive++
			}
			if m.Method == "SETUP" {
				return ok(m, "Transport: "+m.Header.Get("Transport"), "Session: 1;timeout=2")
			}
			return usual(m)
		}
		return "RTSP/1.0 401 Unauthorized\r\nCSeq: " + m.Header.Get("CSeq") + "\r\nWWW-Authenticate: Digest realm=\"cam\", nonce=\"nonce" + fmt.Sprint(n) + "\"\r\n\r\n"
	})
	watch(t, Options{URL: "rtsp://guard:tea@" + cam.addr + "/"}, newLoop(t))
	cam.until(t, "it is kept alive twice", func() bool { mu.Lock(); defer mu.Unlock(); return alive >= 2 })
	if asked := cam.times("GET_PARAMETER"); asked > 6 {
		t.Errorf("%d requests for two signs of life", asked)
	}
}
