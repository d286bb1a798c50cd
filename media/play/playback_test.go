package play

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func index(t *testing.T, c *compound, l *grant.Lease, query string) wireIndex {
	t.Helper()
	resp, raw := c.get(l, "fragments.json"+query)
	var x wireIndex
	if err := json.Unmarshal(raw, &x); err != nil || resp.StatusCode != 200 {
		t.Fatalf("%s %v %.300s", resp.Status, err, raw)
	}
	return x
}

func TestFragmentsArePlayableOneByOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := gateFilm(t)
		s := tape(f, nil, 1)
		c := buildOn(t, db, s)
		l := c.look(grant.Playback, 2500*time.Millisecond, 7*time.Second)
		x := index(t, c, l, "")
		if len(x.Runs) != 1 || len(x.Runs[0].Fragments) != 5 || x.Runs[0].Codec != f.video.MIME() {
			t.Fatalf("%+v", x)
		}
		r := x.Runs[0]
		if first := r.Fragments[0]; first.Start != "2026-11-20T04:00:02.000Z" || first.DurationMS != 1000 || !first.Key {
			t.Errorf("%+v", first)
		}
		resp, init := c.get(l, "segments/"+r.Fragments[0].Segment+".mp4", "Range", fmt.Sprintf("bytes=0-%d", r.Init.Size-1))
		if resp.StatusCode != 206 || !bytes.Contains(init, []byte("moov")) {
			t.Fatalf("%s", resp.Status)
		}
		all := init
		for _, one := range r.Fragments {
			resp, b := c.get(l, "segments/"+one.Segment+".mp4", "Range", fmt.Sprintf("bytes=%d-%d", one.Offset, one.Offset+int64(one.Size)-1))
			if resp.StatusCode != 206 || !bytes.HasPrefix(b[4:], []byte("moof")) || resp.Header.Get("Cache-Control") != "no-store" {
				t.Fatalf("%s %v", resp.Status, resp.Header)
			}
			all = append(all, b...)
		}
		name := filepath.Join(t.TempDir(), "all.mp4")
		if err := os.WriteFile(name, all, 0o600); err != nil {
			t.Fatal(err)
		}
		if shown, err := pictures(name); err != nil || !slices.Equal(shown, f.md5[50:175]) {
			t.Errorf("%v: %d pictures", err, len(shown))
		}

		// What lies outside the span of the look stays closed, whatever its bytes are called.
		last := s.entries["SEG71"][4]
		resp, b := c.get(l, "segments/SEG71.mp4", "Range", fmt.Sprintf("bytes=%d-%d", last.Offset, last.Offset+10))
		c.refused(resp, b, 403, "play.outside-span")
		resp, b = c.get(l, "segments/SEG70.mp4")
		c.refused(resp, b, 403, "play.outside-span")
		before := s.entries["SEG70"][0]
		resp, b = c.get(l, "segments/SEG70.mp4", "Range", fmt.Sprintf("bytes=%d-%d", before.Offset, before.Offset+10))
		c.refused(resp, b, 403, "play.outside-span")
		resp, b = c.get(l, "segments/SEG70.mp4", "Range", fmt.Sprintf("bytes=0-%d", before.Offset+10))
		c.refused(resp, b, 403, "play.outside-span")
		resp, b = c.get(l, "segments/SEG99.mp4", "Range", "bytes=0-10")
		c.refused(resp, b, 404, "play.no-segment")
		resp, b = c.get(l, "segments/SEG70.mp4", "Range", "bytes=99999999-")
		c.refused(resp, b, 422, "play.bad-range")
	})
}

func TestHLSOverAnySpan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := gateFilm(t)
		alaw := cmaf.Track{ID: 2, Codec: cmaf.PCMA, Timescale: 8000, SampleRate: 8000, Channels: 1}
		for _, sound := range []*cmaf.Track{nil, &f.aac, &alaw} {
			s := tape(f, sound, 5)
			s.add(f, sound, 1, 8, noon.Add(12*time.Second), 5_000_000)
			c := buildOn(t, db, s)
			l := c.look(grant.Playback, 7*time.Second, 15*time.Second)
			resp, raw := c.get(l, "vod.m3u8")
			list := string(raw)
			if resp.StatusCode != 200 || strings.Count(list, "#EXTINF") != 6 || strings.Count(list, "#EXT-X-DISCONTINUITY\n") != 1 || !strings.Contains(list, "#EXT-X-PROGRAM-DATE-TIME:2026-11-20T04:00:07.000Z\n") {
				t.Fatalf("%s\n%s", resp.Status, list)
			}
			program, err := exec.LookPath("ffprobe")
			if err != nil {
				t.Skip(err)
			}
			out, err := exec.Command(program, "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", "-headers", "Cookie: linli_session=zhao-pc\r\n",
				c.server.URL+"/media/"+l.ID+"/vod.m3u8").CombinedOutput()
			if text := strings.TrimSpace(strings.ReplaceAll(string(out), ",", "")); err != nil || !strings.HasPrefix(text, "150") {
				t.Errorf("%v: %s", err, out)
			}
		}
	})
}

// Never more than ten seconds ahead: the bytes that come in the first moment are at most those of ten seconds.
func TestPlaybackIsPaced(t *testing.T) {
	f := gateFilm(t)
	s := tape(f, nil, 1)
	for i := range 5 { // a minute in all
		s.add(f, nil, 1, 7, noon.Add(time.Duration(i+1)*10*time.Second), 900000+uint64(i+1)*900000)
	}
	// Segment names of one run repeat on this shelf: give them their own.
	s.rename()
	c := build(t, s)
	l := c.look(grant.Playback, 0, time.Minute)
	x := index(t, c, l, "")
	if n := len(x.Runs[0].Fragments); n != 60 {
		t.Fatalf("%d fragments", n)
	}
	begun := time.Now()
	sent := 0
	for _, one := range x.Runs[0].Fragments[:13] {
		resp, b := c.get(l, "segments/"+one.Segment+".mp4", "Range", fmt.Sprintf("bytes=%d-%d", one.Offset, one.Offset+int64(one.Size)-1))
		if resp.StatusCode != 206 || len(b) != int(one.Size) {
			t.Fatalf("%s", resp.Status)
		}
		sent++
		ahead := time.Duration(sent)*time.Second - time.Since(begun)
		if ahead > 10*time.Second+50*time.Millisecond {
			t.Fatalf("%v ahead after %d fragments", ahead, sent)
		}
	}
	if took := time.Since(begun); took < 2900*time.Millisecond || took > 5*time.Second {
		t.Errorf("13 s of media came within %v", took)
	}
	// A jump gets a picture soon, and so does dragging along by a few seconds at a time.
	begun = time.Now()
	for _, i := range []int{40, 42, 39, 44, 41, 46, 43, 48} {
		one := x.Runs[0].Fragments[i]
		c.get(l, "segments/"+one.Segment+".mp4", "Range", fmt.Sprintf("bytes=%d-%d", one.Offset, one.Offset+int64(one.Size)-1))
	}
	if took := time.Since(begun); took > 500*time.Millisecond {
		t.Errorf("a jump took %v", took)
	}
}

func TestKeyFramesOnly(t *testing.T) {
	f := gateFilm(t)
	c := build(t, tape(f, &f.aac, 5))
	l := c.look(grant.Playback, 1500*time.Millisecond, 9*time.Second)
	resp, b := c.get(l, "keys.mp4?speed=8")
	if resp.StatusCode != 200 || resp.Header.Get("Linli-Start") != "2026-11-20T04:00:01.000Z" {
		t.Fatalf("%s %v", resp.Status, resp.Header)
	}
	name, p := probe(t, b)
	shown, err := pictures(name)
	var want []string
	for i := 1; i < 9; i++ {
		want = append(want, f.md5[i*25])
	}
	if err != nil || !slices.Equal(shown, want) {
		t.Errorf("%v: %d pictures", err, len(shown))
	}
	near(t, "duration", p.Format.Duration, 1, 0.01)
	resp, b = c.get(l, "keys.mp4?speed=1000")
	c.refused(resp, b, 422, "play.bad-speed")
}

// Smart codecs send a key frame every half minute. A piece of film that has none of its own is the picture before it, and
// lasts as long as the footage goes on: an end after a second would be taken for a gap.
func TestAKeyFrameLastsUntilTheNext(t *testing.T) {
	f := gateFilm(t)
	s := tape(f, nil, 1)
	for id, list := range s.entries {
		for i := range list {
			list[i].Key = i == 0
		}
		s.entries[id] = list
	}
	s.segments = s.segments[:1] // five seconds, one key frame
	c := build(t, s)
	l := c.look(grant.Playback, 0, 10*time.Second)
	for from, length := range map[string]float64{"00": 2, "02": 4, "03": 5} { // two seconds from there on, or to the end
		to := map[string]string{"00": "02", "02": "04", "03": "09"}[from]
		resp, b := c.get(l, "keys.mp4?speed=8&from=2026-11-20T04:00:"+from+"Z&to=2026-11-20T04:00:"+to+"Z")
		if resp.StatusCode != 200 || resp.Header.Get("Linli-Start") != "2026-11-20T04:00:00.000Z" {
			t.Fatalf("from second %s: %s %v", from, resp.Status, resp.Header)
		}
		name, p := probe(t, b)
		shown, err := pictures(name)
		if err != nil || len(shown) != 1 || shown[0] != f.md5[0] {
			t.Errorf("from second %s: %v, %d pictures", from, err, len(shown))
		}
		near(t, "from second "+from, p.Format.Duration, length/8, 0.01)
	}
}

func TestPlaybackEndsWithTheLease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := gateFilm(t)
		c := buildOn(t, db, tape(f, nil, 1))
		l := c.look(grant.Playback, 0, 10*time.Second)
		if resp, _ := c.get(l, "fragments.json"); resp.StatusCode != 200 {
			t.Fatal(resp.Status)
		}
		if err := c.door.End(t.Context(), l.ID, grant.EndSession); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"fragments.json", "vod.m3u8", "keys.mp4", "segments/SEG70.mp4", "fragments/SEG70.init.mp4"} {
			resp, b := c.get(l, path)
			c.refused(resp, b, 410, "door.lease-ended")
		}
	})
}

// On record is not the day that a page was offered, but what of it was sent.
func TestWhatWasPlayedIsOnRecord(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := gateFilm(t)
		s := tape(f, nil, 1)
		c := buildOn(t, db, s)
		l := c.look(grant.Playback, 0, 10*time.Second)
		fetch := func(i int) {
			id := archive.SegmentID(fmt.Sprintf("SEG7%d", i/5))
			e := s.entries[id][i%5]
			if resp, _ := c.get(l, "segments/"+string(id)+".mp4", "Range", fmt.Sprintf("bytes=%d-%d", e.Offset, e.Offset+int64(e.Size)-1)); resp.StatusCode != 206 {
				t.Fatalf("fragment %d: %s", i, resp.Status)
			}
		}
		played := func() (spans []string) {
			looks, _, err := c.door.Looks(t.Context(), grant.Query{})
			if err != nil || len(looks) != 1 {
				t.Fatalf("%v %v", looks, err)
			}
			for _, s := range looks[0].Played {
				spans = append(spans, fmt.Sprint(s.From.Sub(noon).Round(time.Millisecond), "–", s.To.Sub(noon).Round(time.Millisecond)))
			}
			return spans
		}
		if got := played(); len(got) != 0 {
			t.Fatalf("nothing was sent, on record is %v", got)
		}
		for _, i := range []int{2, 3, 4, 8} {
			fetch(i)
		}
		want := []string{"2s–5s", "8s–9s"}
		if got := played(); !slices.Equal(got, want) {
			t.Errorf("while it goes on: %v", got)
		}
		if err := c.door.End(t.Context(), l.ID, grant.EndDeleted); err != nil {
			t.Fatal(err)
		}
		if err := c.door.Close(); err != nil { // writes the ending down
			t.Fatal(err)
		}
		if got := played(); !slices.Equal(got, want) {
			t.Errorf("at its end: %v", got)
		}
	})
}

func FuzzByteRange(f *testing.F) {
	f.Add("bytes=0-10", int64(100))
	f.Add("bytes=-5", int64(3))
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size <= 0 {
			return
		}
		from, to, _, err := byteRange(header, size)
		if err == nil && (from < 0 || to > size || from >= to) {
			t.Errorf("%d–%d of %d", from, to, size)
		}
	})
}

func FuzzChallenge(f *testing.F) {
	f.Add(`Digest realm="IP Camera", nonce="abc", qop="auth,auth-int", algorithm=SHA-256, opaque="x"`)
	f.Add(`Basic realm="x"`)
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = authorize([]string{s}, "/", "u", "p")
	})
}

// Who drags back along the timeline by small steps sees a picture for each: what was sent before is thrown away.
func TestDraggingBackIsNotHeldUp(t *testing.T) {
	f := gateFilm(t)
	s := tape(f, nil, 1)
	c := build(t, s)
	l := c.look(grant.Playback, 0, 10*time.Second)
	fetch := func(i int) {
		id := archive.SegmentID(fmt.Sprintf("SEG7%d", i/5))
		e := s.entries[id][i%5]
		resp, _ := c.get(l, "segments/"+string(id)+".mp4", "Range", fmt.Sprintf("bytes=%d-%d", e.Offset, e.Offset+int64(e.Size)-1))
		if resp.StatusCode != 206 {
			t.Fatalf("fragment %d: %s", i, resp.Status)
		}
	}
	for i := range 10 {
		fetch(i) // all that may be ahead
	}
	begin := time.Now()
	for i := 8; i >= 1; i-- {
		fetch(i)
	}
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("eight steps back took %v: each waits as if it went on", took)
	}
}
