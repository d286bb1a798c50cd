package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	pion "github.com/pion/rtp"

	"linli.dev/linli/protocol/rtp"
)

// witness is a camera by somebody else (gortsplib's server) that remembers when it sent each picture, and writes the picture's number
// into it: in a message of the picture's own, which every player steps over. So it is known of any footage which pictures are in it,
// and of any moment which had been sent by then.
type witness struct {
	t      *testing.T
	udp    bool // refuses TCP
	film   *film
	server *gortsplib.Server
	stream *gortsplib.ServerStream
	end    chan struct{}
	done   sync.WaitGroup

	mu       sync.Mutex
	sent     []time.Time
	sessions map[*gortsplib.ServerSession]bool
	played   time.Time // when it was last asked to play
}

// film is a clip in access units, without what stands in its description.
type film struct {
	sps, pps []byte
	units    [][]byte // slices of a picture, each behind its length in four bytes
	keys     []bool
}

var theFilm struct {
	sync.Once
	*film
	err error
}

// someFilm is drawn by ffmpeg: 4 s, 25 pictures a second, a key frame each second, no B-frames.
func someFilm(t *testing.T) *film {
	t.Helper()
	theFilm.Do(func() { theFilm.film, theFilm.err = shootFilm() })
	if theFilm.err != nil {
		t.Fatal(theFilm.err)
	}
	return theFilm.film
}

func shootFilm() (*film, error) {
	dir, err := os.MkdirTemp("", "film")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "film.h264")
	out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=4", "-pix_fmt", "yuv420p",
		"-c:v", "libx264", "-profile:v", "main", "-preset", "ultrafast", "-g", "25", "-keyint_min", "25", "-sc_threshold", "0", "-bf", "0",
		"-x264-params", "aud=1:repeat-headers=1:slices=1", file).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	f := &film{}
	for _, nal := range bytes.Split(bytes.ReplaceAll(raw, []byte{0, 0, 0, 1}, []byte{0, 0, 1}), []byte{0, 0, 1}) {
		if len(nal) == 0 {
			continue
		}
		switch nal[0] & 31 {
		case 7:
			f.sps = nal
		case 8:
			f.pps = nal
		case 1, 5:
			f.units = append(f.units, prefixed(nal))
			f.keys = append(f.keys, nal[0]&31 == 5)
		}
	}
	if len(f.units) != 100 || f.sps == nil {
		return nil, fmt.Errorf("the film has %d pictures", len(f.units))
	}
	return f, nil
}

func prefixed(nal []byte) []byte {
	return append([]byte{byte(len(nal) >> 24), byte(len(nal) >> 16), byte(len(nal) >> 8), byte(len(nal))}, nal...)
}

// mark is the message that numbers a picture: user data (ITU-T H.264, D.1.7) under a UUID drawn for this test, then the number in sixteen digits,
// in which no byte pattern needs an escape.
const mark = "\x9a\x1e\x4c\x77\xd2\x05\x4b\x31\xa6\x88\x5f\x13\xe0\x42\x6d\xb9"

func numbered(n int) []byte {
	text := mark + fmt.Sprintf("%016d", n)
	return prefixed(append(append([]byte{6, 5, byte(len(text))}, text...), 0x80))
}

// pictures reads the numbers of the pictures in some footage, in order, and compares each picture with what was sent.
func (w *witness) pictures(footage []byte) (numbers []int, err error) {
	for {
		i := bytes.Index(footage, []byte(mark))
		if i < 0 {
			return numbers, nil
		}
		footage = footage[i+len(mark):]
		if len(footage) < 17 {
			return numbers, errors.New("a picture's number is cut off")
		}
		n, err := strconv.Atoi(string(footage[:16]))
		if err != nil {
			return numbers, err
		}
		footage = footage[17:]
		if !bytes.HasPrefix(footage, w.film.units[n%len(w.film.units)]) {
			return numbers, fmt.Errorf("picture %d is not what was sent", n)
		}
		numbers = append(numbers, n)
	}
}

// sentAt is when a picture was sent.
func (w *witness) sentAt(n int) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent[n]
}

// playedBy tells for how long, at a moment, it had been asked to play before, by who was started at begun: a session may be open that has
// not come to that yet.
func (w *witness) playedBy(at, begun time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.played.Before(begun) {
		return 0
	}
	return at.Sub(w.played)
}

// open is how many sessions the camera holds.
func (w *witness) open() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.sessions)
}

func newWitness(t *testing.T, udp bool) *witness {
	t.Helper()
	w := &witness{t: t, udp: udp, film: someFilm(t), end: make(chan struct{}), sessions: map[*gortsplib.ServerSession]bool{}}
	var err error
	for range 20 { // gortsplib wants its ports named
		var l net.Listener
		if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port &^ 1
		l.Close()
		w.server = &gortsplib.Server{
			Handler: w, RTSPAddress: fmt.Sprintf("127.0.0.1:%d", port),
			UDPRTPAddress: fmt.Sprintf("127.0.0.1:%d", port), UDPRTCPAddress: fmt.Sprintf("127.0.0.1:%d", port+1),
		}
		if err = w.server.Start(); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	w.stream = &gortsplib.ServerStream{Server: w.server, Desc: &description.Session{Medias: []*description.Media{{
		Type: description.MediaTypeVideo, Formats: []format.Format{&format.H264{PayloadTyp: 96, SPS: w.film.sps, PPS: w.film.pps, PacketizationMode: 1}},
	}}}}
	if err := w.stream.Initialize(); err != nil {
		t.Fatal(err)
	}
	w.done.Go(w.send)
	t.Cleanup(func() {
		close(w.end)
		w.done.Wait()
		w.stream.Close()
		w.server.Close()
	})
	return w
}

func (w *witness) address() string { return "rtsp://" + w.server.RTSPAddress + "/main" }

func (w *witness) send() {
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	p := rtp.Packer{PayloadType: 96, SSRC: 7, Channel: -1}
	media := w.stream.Desc.Medias[0]
	var buf, picture []byte
	for n := 0; ; n++ {
		select {
		case <-w.end:
			return
		case <-tick.C:
		}
		i := n % len(w.film.units)
		picture = picture[:0]
		if w.film.keys[i] {
			picture = append(append(picture, prefixed(w.film.sps)...), prefixed(w.film.pps)...)
		}
		picture = append(append(picture, numbered(n)...), w.film.units[i]...)
		w.mu.Lock()
		w.sent = append(w.sent, time.Now())
		w.mu.Unlock()
		buf = p.AppendH264(buf[:0], uint32(n*3600), picture)
		for b := buf; len(b) > 0; {
			size := int(b[0])<<8 | int(b[1])
			var k pion.Packet
			if err := k.Unmarshal(append([]byte{}, b[2:2+size]...)); err != nil {
				panic(err)
			}
			_ = w.stream.WritePacketRTP(media, &k)
			b = b[2+size:]
		}
	}
}

func (w *witness) OnSessionOpen(c *gortsplib.ServerHandlerOnSessionOpenCtx) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sessions[c.Session] = true
}

func (w *witness) OnSessionClose(c *gortsplib.ServerHandlerOnSessionCloseCtx) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.sessions, c.Session)
}

func (w *witness) OnDescribe(*gortsplib.ServerHandlerOnDescribeCtx) (*base.Response, *gortsplib.ServerStream, error) {
	return &base.Response{StatusCode: base.StatusOK}, w.stream, nil
}

func (w *witness) OnSetup(c *gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if w.udp && c.Transport.Protocol == gortsplib.ProtocolTCP {
		return &base.Response{StatusCode: base.StatusUnsupportedTransport}, nil, nil
	}
	return &base.Response{StatusCode: base.StatusOK}, w.stream, nil
}

func (w *witness) OnPlay(*gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.played = time.Now()
	return &base.Response{StatusCode: base.StatusOK}, nil
}
