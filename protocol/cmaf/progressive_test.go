package cmaf_test

import (
	"bytes"
	"math"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/Eyevinn/mp4ff/mp4"

	"linli.dev/linli/protocol/cmaf"
)

// export lays the media bytes of two clips out as segments do and puts a moov in front.
func export(video, sound clip, edit func(v, a *cmaf.Table), payload int64) []byte {
	var v, a cmaf.Table
	var body []byte
	for i := 0; i < len(video.samples); i += 25 {
		end := min(i+25, len(video.samples))
		v.Add(int64(len(body)), video.samples[i:end])
		for _, d := range video.data[i:end] {
			body = append(body, d...)
		}
		at := i * len(sound.samples) / len(video.samples)
		to := end * len(sound.samples) / len(video.samples)
		a.Add(int64(len(body)), sound.samples[at:to])
		for _, d := range sound.data[at:to] {
			body = append(body, d...)
		}
	}
	if edit != nil {
		edit(&v, &a)
	}
	b := cmaf.AppendProgressive(nil, []cmaf.Track{video.track, sound.track}, []*cmaf.Table{&v, &a}, max(payload, int64(len(body))))
	return append(b, body...)
}

func TestProgressiveIsAcceptedByOthers(t *testing.T) {
	for _, c := range []struct {
		name         string
		video, sound clip
	}{
		{"H264 B-frames AAC", encode(t, cmaf.H264, "-bf", "2"), encodeAAC(t)},
		{"H265 PCMA", encode(t, cmaf.H265, "-bf", "0"), g711(cmaf.PCMA)},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := export(c.video, c.sound, nil, 0)
			file := write(t, b)
			var n [2]int
			for _, p := range probe(t, file) {
				if p.stream == 0 && p.size != int(c.video.samples[n[0]].Size) {
					t.Errorf("packet %d has %d bytes, want %d", n[0], p.size, c.video.samples[n[0]].Size)
				}
				n[p.stream]++
			}
			if n[0] != len(c.video.samples) || n[1] != len(c.sound.samples) {
				t.Errorf("%v packets", n)
			}
			if out, err := exec.Command("ffmpeg", "-v", "error", "-xerror", "-i", file, "-f", "null", "-").CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("ffmpeg decodes with complaints: %v\n%s", err, out)
			}
			f, err := mp4.DecodeFile(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			var again bytes.Buffer
			if err := f.Encode(&again); err != nil || !bytes.Equal(again.Bytes(), b) {
				t.Errorf("mp4ff writes other bytes than it read: %v", err)
			}
		})
	}
}

// A clip that begins between key frames shows its first picture exactly there, and ends to the frame.
func TestProgressiveCutsToTheFrame(t *testing.T) {
	for _, bf := range []string{"0", "2"} {
		video := encode(t, cmaf.H264, "-bf", bf)
		lead := uint64(video.samples[0].CTS)
		b := export(video, encodeAAC(t), func(v, a *cmaf.Table) {
			v.Edit(0, lead+7*3600, 30*3600) // from the 8th picture, 30 pictures
			a.Edit(0, 7*3600*16000/90000, 30*3600*16000/90000)
		}, 0)
		file := write(t, b)
		probe(t, file)
		out, err := exec.Command("ffprobe", "-v", "error", "-count_frames", "-select_streams", "v",
			"-show_entries", "stream=nb_read_frames:frame=pts_time:format=duration", "-of", "csv=p=0", file).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		frames, firstPTS, duration := 0, math.NaN(), 0.0
		for line := range strings.Lines(string(out)) {
			v, err := strconv.ParseFloat(strings.Trim(strings.TrimSpace(line), ","), 64)
			if err != nil {
				continue
			}
			switch {
			case math.IsNaN(firstPTS):
				firstPTS = v
			}
			duration = v
		}
		frames = strings.Count(string(out), "\n") - 2
		if frames != 30 || firstPTS != 0 || math.Abs(duration-1.2) > 0.001 {
			t.Errorf("B-frames %s: %d frames from %v for %v s, want 30 from 0 for 1.2\n%s", bf, frames, firstPTS, duration, out)
		}
	}
}

// Above 2 GiB the chunk offsets have 64 bits, above 4 GiB the mdat too; the header's length does not depend on the body.
func TestProgressiveOfManyGigabytes(t *testing.T) {
	c := g711(cmaf.PCMA)
	var table cmaf.Table
	const gap = 3 << 30
	for i := range 4 {
		table.Add(int64(i)*gap, c.samples[i*25:(i+1)*25])
	}
	b := cmaf.AppendProgressive(nil, []cmaf.Track{c.track}, []*cmaf.Table{&table}, 4*gap)
	f, err := mp4.DecodeFile(bytes.NewReader(b), mp4.WithDecodeMode(mp4.DecModeLazyMdat))
	if err != nil {
		t.Fatal(err)
	}
	stbl := f.Moov.Trak.Mdia.Minf.Stbl
	if stbl.Co64 == nil || len(stbl.Co64.ChunkOffset) != 4 {
		t.Fatalf("%+v", stbl.Co64)
	}
	if got, want := stbl.Co64.ChunkOffset[3], uint64(3*gap)+uint64(len(b)); got != want {
		t.Errorf("offset %d, want %d", got, want)
	}
	if table.Samples() != 100 || table.Duration() != 16000 {
		t.Errorf("%d samples, %d ticks", table.Samples(), table.Duration())
	}
}
