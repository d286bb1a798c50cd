package camsim

import (
	"bytes"
	"encoding/binary"
	"os/exec"
	"path/filepath"
	"testing"

	"linli.dev/linli/demo/clips"
	"linli.dev/linli/protocol/rtsp"
)

// annexB unpacks a clip's video as a raw stream.
func annexB(t track) []byte {
	var b []byte
	for _, set := range t.media.Params {
		b = append(append(b, 0, 0, 0, 1), set...)
	}
	for _, s := range t.samples {
		for d := s.data; len(d) > 4; {
			n := int(d[0])<<24 | int(d[1])<<16 | int(d[2])<<8 | int(d[3])
			b = append(append(b, 0, 0, 1), d[4:4+n]...)
			d = d[4+n:]
		}
	}
	return b
}

// The same pictures come out of a raw stream as out of the MP4 file.
func TestAnnexBIsCutAsMP4(t *testing.T) {
	for _, scene := range clips.Scenes() {
		tracks, err := parseClip(scene.Main)
		if err != nil {
			t.Fatal(scene.Name, err)
		}
		raw, err := parseClip(annexB(tracks[0]))
		if err != nil {
			t.Fatal(scene.Name, err)
		}
		a, b := tracks[0], raw[0]
		if a.media.Codec != b.media.Codec || len(a.samples) != len(b.samples) || a.length != b.length {
			t.Fatalf("%s: %s %d %d, %s %d %d", scene.Name, a.media.Codec, len(a.samples), a.length, b.media.Codec, len(b.samples), b.length)
		}
		for i := range a.samples {
			if a.samples[i].key != b.samples[i].key || a.samples[i].at != b.samples[i].at {
				t.Fatalf("%s: picture %d differs", scene.Name, i)
			}
		}
		for i, set := range a.media.Params {
			if !bytes.Equal(set, b.media.Params[i]) {
				t.Errorf("%s: parameter set %d differs", scene.Name, i)
			}
		}
	}
}

// The drawn clips are what well-set cameras send: 25 pictures a second, a key frame every 2 s, no B-frames, small.
func TestDrawnClips(t *testing.T) {
	total, sound := 0, 0
	for _, scene := range clips.Scenes() {
		total += len(scene.Main) + len(scene.Sub)
		for which, raw := range map[string][]byte{"main": scene.Main, "sub": scene.Sub} {
			tracks, err := parseClip(raw)
			if err != nil {
				t.Fatal(scene.Name, which, err)
			}
			v := tracks[0]
			for i, s := range v.samples {
				if s.key != (i%50 == 0) || s.cts != v.samples[0].cts || s.at != int64(i)*3600 {
					t.Fatalf("%s %s: picture %d: key %v, cts %d, at %d", scene.Name, which, i, s.key, s.cts, s.at)
				}
			}
			if which == "sub" && v.media.Codec != "H264" {
				t.Errorf("%s: a sub stream in %s is for no browser", scene.Name, v.media.Codec)
			}
			if rate := 8 * len(raw) * 90 / int(v.length/1000); which == "sub" && rate > 600_000 || rate > 2_500_000 {
				t.Errorf("%s %s: %d bit/s", scene.Name, which, rate)
			}
			if len(tracks) > 1 {
				sound++
			}
		}
	}
	if total > 12<<20 {
		t.Errorf("the clips are %d bytes together, 12 MiB are the most", total)
	}
	if sound == 0 {
		t.Error("no clip has sound")
	}
}

func TestFFmpegReadsTheDrawnClips(t *testing.T) {
	probe, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Skip("ffprobe is not installed")
	}
	files, err := filepath.Glob("../clips/*.mp4")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if out, err := exec.Command(probe, "-v", "error", f).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v %s", f, err, out)
		}
	}
}

func FuzzParseClip(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 0x67, 1, 2, 3, 0, 0, 1, 0x68, 1, 2, 0, 0, 1, 0x65, 0x88, 1, 2})
	f.Add([]byte{0, 0, 0, 1, 0x40, 1, 2, 0, 0, 1, 0x42, 1, 2, 0, 0, 1, 0x44, 1, 2, 0, 0, 1, 0x26, 1, 0x80, 3})
	f.Add([]byte{0, 0, 1})
	f.Add([]byte{0, 0, 0, 1, 0, 0, 0, 1, 0x65})
	f.Add([]byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		tracks, err := parseClip(raw)
		if err != nil {
			return
		}
		for i, tr := range tracks {
			c := cutTrack(tr, 2*i)
			if len(c.frames) == 0 || c.length <= 0 {
				t.Fatal("a track that never ends")
			}
			for n := range c.frames {
				c.frames[n].stamp(1, 2, 3)
			}
		}
	})
}

// wav is a file as encoders write it, with a chunk before the sound that nobody asked for.
func wav(format, channels uint16, rate uint32, samples []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), 0)
	b = append(b, "WAVEfmt \x12\x00\x00\x00"...)
	b = binary.LittleEndian.AppendUint16(b, format)
	b = binary.LittleEndian.AppendUint16(b, channels)
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = append(b, make([]byte, 10)...)
	b = append(b, "fact\x03\x00\x00\x00abc\x00data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(samples)))
	return append(b, samples...)
}

func TestSoundIsAsLongAsThePictures(t *testing.T) {
	pictures := track{media: rtsp.Media{ClockRate: 90000}, length: 90000}
	samples := make([]byte, 5000)
	for i := range samples {
		samples[i] = byte(i)
	}
	for format, codec := range map[uint16]string{6: "PCMA", 7: "PCMU"} {
		s, err := parseSound(wav(format, 1, 8000, samples), pictures)
		if err != nil || s.media.Codec != codec || s.length != 8000 || len(s.samples) != 50 {
			t.Fatalf("%v %+v", err, s.media)
		}
		var all []byte
		for _, one := range s.samples {
			if one.at != int64(len(all)) {
				t.Fatalf("a packet at %d, %d samples before it", one.at, len(all))
			}
			all = append(all, one.data...)
		}
		if want := append(append([]byte{}, samples...), samples[:3000]...); !bytes.Equal(all, want) {
			t.Errorf("%s: other samples", codec)
		}
	}
	for what, raw := range map[string][]byte{
		"PCM": wav(1, 1, 8000, samples), "stereo": wav(6, 2, 8000, samples), "44.1 kHz": wav(6, 1, 44100, samples), "empty": wav(6, 1, 8000, nil),
		"no sound": wav(6, 1, 8000, samples)[:38], "nothing": nil, "cut off": []byte("RIFF\x00\x00\x00\x00WAVEfmt \x12\x00\x00\x00\x06"),
	} {
		if _, err := parseSound(raw, pictures); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

func FuzzSound(f *testing.F) {
	f.Add(wav(6, 1, 8000, []byte{1, 2, 3}))
	f.Add(wav(7, 1, 8000, make([]byte, 200)))
	f.Add(wav(6, 1, 8000, []byte{1})[:38])
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		pictures := track{media: rtsp.Media{ClockRate: 90000}, length: 90000}
		s, err := parseSound(raw, pictures)
		if err != nil {
			return
		}
		next := int64(0)
		for _, one := range s.samples {
			if one.at != next || len(one.data) == 0 {
				t.Fatalf("a packet of %d at %d, wanted at %d", len(one.data), one.at, next)
			}
			next += int64(len(one.data))
		}
		if next != s.length || s.length != 8000 {
			t.Fatalf("%d samples for a second of pictures", next)
		}
	})
}
