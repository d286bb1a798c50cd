package play

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"image/jpeg"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/protocol/rtsp"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// yard is where pictures of now come from: a camera with a snapshot address, and a running stream.
type yard struct {
	url    string
	pin    string // of its certificate
	film   *film
	frames int
}

func (y *yard) SnapshotAt(context.Context, string) (SnapshotAt, bool) {
	return SnapshotAt{y.url, y.pin, lockout.Secret{Device: "gate:554", User: "admin", Password: "s3cret,\"x"}}, y.url != ""
}

func (y *yard) KeyFrame(context.Context, string, archive.Which) (cmaf.Track, []byte, time.Time, error) {
	if y.film == nil {
		return cmaf.Track{}, nil, time.Time{}, fault.New(fault.Unavailable, "stream", "play.no-picture")
	}
	y.frames++
	return y.film.video, y.film.frames[0], noon, nil
}

var tiny = []byte{0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9}

// jealous answers only who knows the password, by Digest.
func jealous(t *testing.T, algorithm string, sum func() hash.Hash) (*httptest.Server, *int) {
	asked := 0
	h := func(parts ...string) string {
		s := sum()
		io.WriteString(s, strings.Join(parts, ":"))
		return hex.EncodeToString(s.Sum(nil))
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		_, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		p := parameters(rest)
		want := h(h("admin", "IP Camera", "s3cret,\"x"), "n0nce", p["nc"], p["cnonce"], "auth", h("GET", "/snap?channel=1"))
		if p["response"] != want || p["username"] != "admin" {
			w.Header().Add("WWW-Authenticate", `Basic realm="IP Camera"`)
			w.Header().Add("WWW-Authenticate", fmt.Sprintf(`Digest realm="IP Camera", nonce="n0nce", qop="auth,auth-int", algorithm=%s`, algorithm))
			w.WriteHeader(401)
			return
		}
		_, _ = w.Write(tiny)
	}))
	t.Cleanup(s.Close)
	return s, &asked
}

func TestTheCamerasOwnPicture(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for name, sum := range map[string]func() hash.Hash{"MD5": md5.New, "SHA-256": sha256.New} {
			s, asked := jealous(t, name, sum)
			y := &yard{url: s.URL + "/snap?channel=1"}
			c := buildOn(t, db, &shelf{}, func(o *Options) { o.Snapshots = y })
			resp, b := c.get(c.look(grant.Snapshot, 0, 0), "snapshot.jpg")
			if resp.StatusCode != 200 || !bytes.Equal(b, tiny) || resp.Header.Get("Linli-Origin") != "camera" || *asked != 2 {
				t.Errorf("%s: %s after %d requests, %d bytes", name, resp.Status, *asked, len(b))
			}
		}
	})
}

// A password goes only to the certificate that a person has believed, whatever it is asked for with; without one, an authority
// has to vouch for it.
func TestASnapshotsPasswordGoesToNobodyElse(t *testing.T) {
	said := 0
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, ok := r.BasicAuth(); ok && password == "s3cret,\"x" {
			said++
			_, _ = w.Write(tiny)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="gate"`)
		w.WriteHeader(401)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(s.Close)
	own := rtsp.Fingerprint(s.Certificate())
	for _, c := range []struct {
		pin  string
		want int
	}{{"", 0}, {strings.Repeat("AB:", 31) + "AB", 0}, {own, 1}} {
		said = 0
		page := build(t, &shelf{}, func(o *Options) { o.Snapshots, o.FFmpeg = &yard{url: s.URL + "/snap", pin: c.pin}, "-" })
		resp, _ := page.get(page.look(grant.Snapshot, 0, 0), "snapshot.jpg")
		if said != c.want || (resp.StatusCode == 200) != (c.want == 1) {
			t.Errorf("believed %.8q: the password was said %d times, want %d; %s", c.pin, said, c.want, resp.Status)
		}
	}
}

// What a camera has refused is not shown to it again, however often somebody asks for a picture.
func TestASnapshotsWrongPasswordIsShownOnce(t *testing.T) {
	shown := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			shown++
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="gate"`)
		w.WriteHeader(401)
	}))
	t.Cleanup(s.Close)
	c := build(t, &shelf{}, func(o *Options) { o.Snapshots, o.FFmpeg = &yard{url: s.URL + "/snap"}, "-" })
	for range 5 {
		c.get(c.look(grant.Snapshot, 0, 0), "snapshot.jpg")
	}
	if shown != 1 {
		t.Errorf("a wrong password was shown %d times", shown)
	}
}

// The address that a snapshot's name means now is looked at before it is called.
func TestSnapshotOfAForbiddenAddress(t *testing.T) {
	s, asked := jealous(t, "MD5", md5.New)
	c := build(t, &shelf{}, func(o *Options) {
		o.Snapshots = &yard{url: s.URL + "/snap?channel=1"}
		o.Control = func(_, to string, _ syscall.RawConn) error { return errors.New(to + " is no camera's") }
	})
	if resp, _ := c.get(c.look(grant.Snapshot, 0, 0), "snapshot.jpg"); resp.StatusCode == 200 || *asked != 0 {
		t.Errorf("%s after %d requests", resp.Status, *asked)
	}
}

func TestAKeyFrameIsDrawn(t *testing.T) {
	f := gateFilm(t)
	y := &yard{url: "http://127.0.0.1:1/none", film: f}
	c := build(t, tape(f, nil, 1), func(o *Options) { o.Snapshots = y })
	for _, origin := range []string{"stream", "archive"} {
		resp, b := c.get(c.look(grant.Snapshot, 0, 0), "snapshot.jpg")
		if origin == "archive" { // noon is long ago
			c.refused(resp, b, 503, "play.no-picture")
			continue
		}
		picture, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil || picture.Bounds().Dx() != 320 || resp.Header.Get("Linli-Origin") != "key-frame" {
			t.Errorf("%s %v %.200s", resp.Status, err, b)
		}
		y.film = nil
	}
}

// What ffmpeg complains of is for the log: the answer is a sentence for a person.
func TestAFrameThatCannotBeDrawnIsSaidPlainly(t *testing.T) {
	f := gateFilm(t)
	torn := &film{video: f.video, frames: [][]byte{{0, 0, 0, 2, 0x65, 1}}}
	c := build(t, &shelf{}, func(o *Options) { o.Snapshots = &yard{film: torn} })
	resp, b := c.get(c.look(grant.Snapshot, 0, 0), "snapshot.jpg")
	c.refused(resp, b, 503, "play.not-drawn")
	var p struct{ Detail string }
	if err := json.Unmarshal(b, &p); err != nil || regexp.MustCompile(`[A-Za-z?{}]`).MatchString(strings.ReplaceAll(p.Detail, "ffmpeg", "")) {
		t.Errorf("%v %q", err, p.Detail)
	}
	if got := complained(errors.New("exit status 1"), "no frame!\nmore").Error(); got != "exit status 1: no frame!" {
		t.Errorf("in the log: %q", got)
	}
}

func TestNoFFmpegIsSaidPlainly(t *testing.T) {
	f := gateFilm(t)
	c := build(t, &shelf{}, func(o *Options) { o.Snapshots, o.FFmpeg = &yard{film: f}, "-" })
	resp, b := c.get(c.look(grant.Snapshot, 0, 0), "snapshot.jpg")
	c.refused(resp, b, 501, "play.no-ffmpeg")
}

func TestStartCodes(t *testing.T) {
	avcc := binary.BigEndian.AppendUint32(nil, 3)
	avcc = append(avcc, 0x65, 1, 2, 0, 0, 0, 99) // a torn one behind
	want := []byte{0, 0, 0, 1, 0x67, 0, 0, 0, 1, 0x65, 1, 2}
	if got := annexB([][]byte{{0x67}, nil}, avcc); !bytes.Equal(got, want) {
		t.Errorf("%x", got)
	}
}
