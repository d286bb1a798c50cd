package play

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

type probed struct {
	Format  struct{ Duration string }
	Streams []struct {
		CodecType string `json:"codec_type"`
		CodecName string `json:"codec_name"`
		Duration  string
		StartTime string `json:"start_time"`
	}
}

// probe has ffprobe read a file; it must have nothing to complain about.
func probe(t *testing.T, clip []byte) (string, probed) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "clip.mp4")
	if err := os.WriteFile(file, clip, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := run_("ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", file)
	if err != nil {
		t.Fatal(err)
	}
	complaints, _ := run_("ffmpeg", "-v", "warning", "-i", file, "-f", "null", "-")
	if len(complaints) > 0 {
		t.Errorf("ffmpeg complains: %s", complaints)
	}
	var p probed
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatal(err)
	}
	return file, p
}

func near(t *testing.T, what, text string, want, slack float64) {
	t.Helper()
	got, err := strconv.ParseFloat(text, 64)
	if err != nil || got < want-slack || got > want+slack {
		t.Errorf("%s is %s, want %.3f", what, text, want)
	}
}

func TestAClipIsRightToTheFrame(t *testing.T) {
	f := gateFilm(t)
	alaw := cmaf.Track{ID: 2, Codec: cmaf.PCMA, Timescale: 8000, SampleRate: 8000, Channels: 1}
	for _, c := range []struct {
		name        string
		from, to    time.Duration
		first, last int // pictures shown, from 0
		sound       *cmaf.Track
		parts       int
	}{
		{"in the middle of a group, over two segments", 2480 * time.Millisecond, 7 * time.Second, 62, 175, nil, 1},
		{"between two frames", 2500 * time.Millisecond, 2610 * time.Millisecond, 62, 66, nil, 1},
		{"on a key frame", 3 * time.Second, 4 * time.Second, 75, 100, nil, 1},
		{"all of it and more", -time.Hour, time.Hour, 0, 250, nil, 5},
		{"with AAC", 1200 * time.Millisecond, 8400 * time.Millisecond, 30, 210, &f.aac, 1},
		{"with AAC in small chunks", 1200 * time.Millisecond, 8400 * time.Millisecond, 30, 210, &f.aac, 5},
		{"with G.711", 1200 * time.Millisecond, 8400 * time.Millisecond, 30, 210, &alaw, 5},
		{"one frame", 5 * time.Second, 5001 * time.Millisecond, 125, 126, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			house := build(t, tape(f, c.sound, c.parts))
			l := house.look(grant.Export, c.from, c.to)
			resp, clip := house.get(l, "export.mp4")
			if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "video/mp4" {
				t.Fatalf("%s %.300s", resp.Status, clip)
			}
			file, p := probe(t, clip)
			shown, err := pictures(file)
			if err != nil {
				t.Fatal(err)
			}
			if want := f.md5[c.first:c.last]; !slices.Equal(shown, want) {
				at := slices.Index(f.md5, append(shown, "")[0])
				t.Errorf("shows %d pictures from number %d, want %d from %d", len(shown), at, len(want), c.first)
			}
			length := float64(c.last-c.first) / fps
			near(t, "duration", p.Format.Duration, length, 0.07)
			for _, s := range p.Streams {
				near(t, s.CodecType+" duration", s.Duration, length, 0.07)
				near(t, s.CodecType+" start", s.StartTime, 0, 0.065)
			}
			if c.sound != nil && len(p.Streams) != 2 {
				t.Errorf("%d streams", len(p.Streams))
			}
			moov, mdat := bytes.Index(clip, []byte("moov")), bytes.Index(clip, []byte("mdat"))
			if moov < 0 || moov > mdat {
				t.Errorf("moov at %d, mdat at %d", moov, mdat)
			}
		})
	}
}

// Pictures that are decoded in another order than they are shown, and H.265, come out as they were asked for too.
func TestAClipWithBFramesIsRightToTheFrame(t *testing.T) {
	for _, c := range []struct {
		name    string
		codec   cmaf.Codec
		bFrames int
	}{{"H.264 with B-frames", cmaf.H264, 2}, {"H.265", cmaf.H265, 0}, {"H.265 with B-frames", cmaf.H265, 3}} {
		f, err := shoot(c.codec, c.bFrames)
		if errors.Is(err, exec.ErrNotFound) {
			t.Skipf("no film: %v", err)
		} else if err != nil {
			t.Fatal(err)
		}
		if (f.lead > 0) != (c.bFrames > 0) {
			t.Fatalf("%s: decoded %d frames ahead", c.name, f.lead)
		}
		house := build(t, tape(f, &f.aac, 5))
		for _, span := range []struct {
			from, to    time.Duration
			first, last int
		}{
			{2480 * time.Millisecond, 7 * time.Second, 62, 175},
			{2500 * time.Millisecond, 2610 * time.Millisecond, 62, 66},
			{3 * time.Second, 4 * time.Second, 75, 100},
		} {
			l := house.look(grant.Export, span.from, span.to)
			_, clip := house.get(l, "export.mp4")
			file := filepath.Join(t.TempDir(), "clip.mp4")
			if err := os.WriteFile(file, clip, 0o600); err != nil {
				t.Fatal(err)
			}
			shown, err := pictures(file)
			if want := f.md5[span.first:span.last]; err != nil || !slices.Equal(shown, want) {
				at := slices.Index(f.md5, append(shown, "")[0])
				t.Errorf("%s, %v to %v: %v, shows %d pictures from number %d, want %d from %d", c.name, span.from, span.to, err, len(shown), at, len(want), span.first)
			}
			_, raw := house.get(l, "export.json")
			var list struct{ Files []exportFile }
			if err := json.Unmarshal(raw, &list); err != nil || len(list.Files) != 1 || list.Files[0].Frames != span.last-span.first {
				t.Errorf("%s: %v %s", c.name, err, raw)
			}
		}
	}
}

func TestAnExportCanBeTakenInPieces(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := gateFilm(t)
		house := buildOn(t, db, tape(f, &f.aac, 1))
		l := house.look(grant.Export, 1500*time.Millisecond, 9*time.Second)
		resp, whole := house.get(l, "export.mp4")
		tag := resp.Header.Get("ETag")
		if tag == "" || strings.HasPrefix(tag, "W/") || resp.Header.Get("Accept-Ranges") != "bytes" {
			t.Errorf("headers: %v", resp.Header)
		}
		if d := resp.Header.Get("Content-Disposition"); !strings.Contains(d, "filename*=UTF-8''%E4%B8%9C%E9%97%A8-") {
			t.Errorf("file name: %s", d)
		}
		n := len(whole)
		for _, r := range [][2]int{{0, 99}, {90, 5000}, {n / 3, n / 2}, {n - 10, n - 1}} {
			resp, part := house.get(l, "export.mp4", "Range", fmt.Sprintf("bytes=%d-%d", r[0], r[1]), "If-Range", tag)
			if resp.StatusCode != 206 || !bytes.Equal(part, whole[r[0]:r[1]+1]) || resp.Header.Get("ETag") != tag {
				t.Errorf("%v: %s, %d bytes", r, resp.Status, len(part))
			}
		}
		if resp, part := house.get(l, "export.mp4", "Range", "bytes=5-9", "If-Range", `"another"`); resp.StatusCode != 200 || len(part) != n {
			t.Errorf("another file's tag: %s, %d bytes", resp.Status, len(part))
		}
		if resp, _ := house.get(l, "export.mp4", "If-None-Match", tag); resp.StatusCode != 304 {
			t.Errorf("the same file again: %s", resp.Status)
		}
		if resp, _ := house.get(l, "export.mp4", "Range", fmt.Sprintf("bytes=%d-", n)); resp.StatusCode != 416 {
			t.Errorf("behind the end: %s", resp.Status)
		}
	})
}

func TestOneFilePerRunAndAManifest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := gateFilm(t)
		s := tape(f, nil, 1)
		s.add(f, nil, 1, 8, noon.Add(time.Minute), 77777777) // after a gap, with other decode times
		house := buildOn(t, db, s)
		l := house.look(grant.Export, 4500*time.Millisecond, 65*time.Second)
		resp, raw := house.get(l, "export.json")
		var list struct {
			Files []exportFile
			Size  int64
		}
		if err := json.Unmarshal(raw, &list); err != nil || resp.StatusCode != 200 || len(list.Files) != 2 {
			t.Fatalf("%s %v %s", resp.Status, err, raw)
		}
		var total int64
		for i, file := range list.Files {
			resp, clip := house.get(l, strings.TrimPrefix(file.URL, "/media/"+l.ID+"/"))
			if int64(len(clip)) != file.Size || resp.Header.Get("ETag") != file.ETag || resp.Header.Get("Linli-Runs") != "2" {
				t.Errorf("run %d: %d bytes, said %d", i, len(clip), file.Size)
			}
			name, _ := probe(t, clip)
			if shown, _ := pictures(name); len(shown) != file.Frames {
				t.Errorf("run %d shows %d frames, said %d", i, len(shown), file.Frames)
			}
			total += file.Size
		}
		if total != list.Size || list.Files[0].Frames != 250-112 || list.Files[1].Frames != 125 {
			t.Errorf("%+v", list)
		}
		if resp, body := house.get(l, "export.mp4?run=2"); resp.StatusCode != 404 {
			house.refused(resp, body, 404, "play.no-run")
		}

		_, raw = house.get(l, "manifest.json")
		var m manifest
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		if m.Camera.Name != "东门/出入口" || m.By != "赵师傅" || m.Purpose != "duty" || m.Look != string(l.Look) || m.Software != "Linli 1.2.3" ||
			m.Clock == nil || m.Clock.DriftMSPerHour != 20 || len(m.Runs) != 2 {
			t.Errorf("manifest: %.600s", raw)
		}
		if bytes.Contains(raw, []byte(l.ID)) {
			t.Error("the manifest gives the lease's secret away")
		}
		for _, r := range m.Runs {
			for _, x := range r.Fragments {
				sum := sha256.Sum256(s.files[archive.SegmentID(x.Segment)][x.Offset : x.Offset+int64(x.Size)])
				if hex.EncodeToString(sum[:]) != x.SHA256 {
					t.Errorf("sum of %s@%d", x.Segment, x.Offset)
				}
			}
		}
	})
}

// Who was given a clip and its manifest can tell that the clip is what was recorded, to the bit, and where it is not: with the
// recipe of the documents too.
func TestAClipIsCheckedByItsManifest(t *testing.T) {
	f := gateFilm(t)
	s := tape(f, &f.aac, 2)
	s.add(f, nil, 1, 8, noon.Add(time.Minute), 77777777)
	house := build(t, s)
	l := house.look(grant.Export, 2500*time.Millisecond, 65*time.Second)
	_, raw := house.get(l, "manifest.json")
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil || len(m.Runs) != 2 {
		t.Fatalf("%v %.300s", err, raw)
	}
	dir := t.TempDir()
	manifestFile := filepath.Join(dir, "manifest.json")
	write := func(name string, b []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	write("manifest.json", raw)
	guide, err := os.ReadFile("../../docs/ref/export.md")
	if err != nil {
		t.Fatal(err)
	}
	_, recipe, _ := strings.Cut(string(guide), "```python\n")
	recipe, _, ok := strings.Cut(recipe, "```")
	if !ok {
		t.Fatal("no recipe in the documents")
	}
	script := write("check.py", []byte(recipe))
	for i, r := range m.Runs {
		_, clip := house.get(l, "export.mp4?run="+strconv.Itoa(i))
		covered := int64(0)
		for _, x := range r.Fragments {
			if !intact(clip, x) {
				t.Errorf("run %d: fragment at %s is not what was recorded", i, x.Start)
			}
			for _, p := range x.Parts {
				covered += p.Size
			}
		}
		if mdat := int64(bytes.Index(clip, []byte("mdat"))) + 4; int64(len(clip))-covered > mdat+8 {
			t.Errorf("run %d: %d of %d bytes are under a sum, the media begins at %d", i, covered, len(clip), mdat)
		}
		name := write(fmt.Sprintf("clip%d.mp4", i), clip)
		if out, err := run_("python3", script, manifestFile, strconv.Itoa(i), name); err != nil || !strings.Contains(string(out), fmt.Sprintf("%d of %d", len(r.Fragments), len(r.Fragments))) {
			t.Errorf("run %d: %v %s", i, err, out)
		}
		last := r.Fragments[len(r.Fragments)-1]
		bad := slices.Clone(clip)
		bad[last.Parts[0].Offset+last.Parts[0].Size/2] ^= 1
		if intact(bad, last) || !intact(bad, r.Fragments[0]) {
			t.Errorf("run %d: one bit is another, and the sums do not tell where", i)
		}
		write(fmt.Sprintf("clip%d.mp4", i), bad)
		if out, err := run_("python3", script, manifestFile, strconv.Itoa(i), name); err == nil || !strings.Contains(string(out), last.Start) {
			t.Errorf("run %d: the recipe does not find the changed bit: %s", i, out)
		}
	}
}

// intact puts a fragment together from an exported file.
func intact(clip []byte, f manifestFragment) bool {
	sum := sha256.New()
	for _, p := range f.Parts {
		sum.Write(p.Head)
		sum.Write(clip[p.Offset : p.Offset+p.Size])
	}
	sum.Write(f.Tail)
	return hex.EncodeToString(sum.Sum(nil)) == f.SHA256
}

func TestWhatAnExportMayNot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := gateFilm(t)
		house := buildOn(t, db, tape(f, nil, 1))
		l := house.look(grant.Export, 2*time.Second, 4*time.Second)
		// Asking for more gives what the lease allows, and no more.
		_, clip := house.get(l, "export.mp4?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z")
		name, _ := probe(t, clip)
		if shown, _ := pictures(name); len(shown) != 50 {
			t.Errorf("%d frames", len(shown))
		}
		resp, body := house.get(l, "export.mp4?from=2026-11-20T03:00:00Z&to=2026-11-20T03:30:00Z")
		house.refused(resp, body, 422, "play.empty-span")
		resp, body = house.get(l, "export.mp4?from=yesterday")
		house.refused(resp, body, 422, "play.bad-time")
		resp, body = house.get(l, "vod.m3u8")
		house.refused(resp, body, 403, "door.lease-required")
		long := house.look(grant.Export, -20*time.Hour, 3*time.Hour)
		_ = long
		none := house.look(grant.Export, time.Hour, 2*time.Hour)
		resp, body = house.get(none, "export.mp4")
		house.refused(resp, body, 404, "play.no-footage")
		resp, body = house.get(l, "export.mp4", "Cookie", "linli_session=another-pc")
		house.refused(resp, body, 403, "door.lease-required")
		if err := house.door.End(t.Context(), l.ID, grant.EndRevoked); err != nil {
			t.Fatal(err)
		}
		resp, body = house.get(l, "export.mp4")
		house.refused(resp, body, 410, "door.lease-ended")
	})
}

// A frame that was lost on the way must not shift what comes after it.
func TestALostFrameKeepsItsTime(t *testing.T) {
	var video track
	video.Track = cmaf.Track{ID: 1, Codec: cmaf.H264, Timescale: 90000}
	one := []cmaf.Sample{{Duration: 3600, Size: 10, Key: true}, {Duration: 3600, Size: 10}}
	video.add(0, cmaf.ChunkInfo{DecodeTime: 1000, Duration: 7200, Payload: 20, Samples: one})
	video.add(20, cmaf.ChunkInfo{DecodeTime: 1000 + 7200 + 3600, Duration: 7200, Payload: 20, Samples: one})
	video.flush()
	if d := video.table.Duration(); d != 7200+3600+7200 {
		t.Errorf("duration %d", d)
	}
}
