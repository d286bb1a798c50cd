package stream

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"linli.dev/linli/protocol/cmaf"
)

// What a camera sends is in the file to the last picture, in order and in time, and ffprobe has no word of complaint.
func TestRecordedFileIsWhole(t *testing.T) {
	for _, c := range []struct {
		name  string
		clip  clip
		sound string
		b     bool
	}{
		{"H264", encode(t, cmaf.H264, 6, "-g", "50", "-bf", "0"), "", false},
		{"H264 B-frames", encode(t, cmaf.H264, 6, "-g", "50", "-bf", "2"), "PCMA", true},
		{"H264 slices", encode(t, cmaf.H264, 6, "-g", "25", "-bf", "0", "-slices", "4"), "", false},
		{"H265 AAC", encode(t, cmaf.H265, 6, "-bf", "0", "-x265-params", "log-level=error:keyint=50:min-keyint=50:pools=1"), "AAC", false},
		{"H265 B-frames", encode(t, cmaf.H265, 6, "-x265-params", "log-level=error:keyint=50:bframes=3:pools=1"), "PCMU", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := &tape{}
			f := plug(t, New(Options{}), c.clip, c.sound, k)
			f.play(c.clip, 0)
			f.in.finish(ReasonShutdown)
			if len(k.files) != 1 || len(k.gaps) != 1 {
				t.Fatalf("%d runs, gaps %v", len(k.files), k.gaps)
			}
			p := probe(t, k.files[0])
			if n := len(c.clip.units); p.packets[0] != n || p.frames != n {
				t.Errorf("%d packets, %d decoded; %d were sent", p.packets[0], p.frames, n)
			}
			if math.Abs(p.first[0]) > 0.001 || math.Abs(p.end[0]-6) > 0.05 {
				t.Errorf("from %v to %v s", p.first[0], p.end[0])
			}
			if c.sound != "" && (p.packets[1] < 90 || math.Abs(p.end[1]-6) > 0.2) {
				t.Errorf("sound: %d packets to %v s", p.packets[1], p.end[1])
			}
			if got := f.s.Status().BFrames; got != c.b {
				t.Errorf("B-frames %v", got)
			}
			next := time.Time{}
			for i, g := range k.frags {
				if !next.IsZero() && (g.Start.Sub(next) > time.Millisecond || g.Start.Sub(next) < -time.Millisecond) {
					t.Errorf("fragment %d begins at %v, %v after the one before ended", i, g.Start, g.Start.Sub(next))
				}
				next = g.Start.Add(g.Duration)
				if !g.Key {
					t.Errorf("fragment %d begins without a key frame", i)
				}
				if g.Duration < 900*time.Millisecond || g.Duration > 2100*time.Millisecond {
					t.Errorf("fragment %d is %v long", i, g.Duration)
				}
				// It is dated by the picture that is shown first. In an open group pictures shown before the key frame are decoded after it.
				// (In the first fragment the clock is only being settled.)
				if before := g.Chunks[0].Wall.Sub(g.Start); i > 0 && before.Abs() > 2*time.Millisecond && (c.name != "H265 B-frames" || before < 0) {
					t.Errorf("fragment %d is dated %v before its first picture", i, before)
				}
				if i == 0 && g.Start.Sub(time.Unix(0, epoch0)).Abs() > 200*time.Millisecond {
					t.Errorf("dated %v", g.Start)
				}
			}
			// The media bytes are the camera's, without what the init has already.
			var sent, kept []byte
			for _, u := range c.clip.units {
				sent = append(sent, strip(c.clip.codec, u.avcc)...)
			}
			for info, err := range cmaf.ScanChunks(bytes.NewReader(k.files[0]), 0, int64(len(k.files[0]))) {
				if err != nil {
					t.Fatal(err)
				}
				if info.Track == videoTrack {
					kept = append(kept, k.files[0][info.PayloadOffset:info.PayloadOffset+info.Payload]...)
				}
			}
			if !bytes.Equal(sent, kept) {
				t.Errorf("%d bytes sent, %d kept, or others", len(sent), len(kept))
			}
		})
	}
}

// strip takes parameter sets and delimiters out of an access unit.
func strip(codec cmaf.Codec, avcc []byte) (out []byte) {
	u := unit{codec: codec}
	for len(avcc) > 0 {
		n := int(be32(avcc)) + 4
		if kind := u.kind(avcc[4]); u.set(kind) < 0 && !u.dispensable(kind) {
			out = append(out, avcc[:n]...)
		}
		avcc = avcc[n:]
	}
	return out
}

func be32(b []byte) uint32 {
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// A camera with a key frame every twelve seconds is cut into equal fragments, and a late viewer still begins at once.
func TestLongGroups(t *testing.T) {
	c := encode(t, cmaf.H264, 24, "-g", "300", "-keyint_min", "300", "-sc_threshold", "0", "-bf", "0")
	k := &tape{}
	f := plug(t, New(Options{}), c, "PCMA", k)
	f.play(c, 0)
	r := f.s.Frames(FrameOptions{})
	if fr, ok, _ := r.take(); !ok || !fr.Key {
		t.Errorf("no key frame from the cache")
	}
	f.in.finish(ReasonShutdown)
	if p := probe(t, k.files[0]); p.frames != 600 {
		t.Errorf("%d frames", p.frames)
	}
	keys := 0
	for i, g := range k.frags {
		if g.Key {
			keys++
		}
		if g.Duration > 2100*time.Millisecond || g.Duration < 900*time.Millisecond && i < len(k.frags)-1 {
			t.Errorf("fragment %d: %v", i, g.Duration)
		}
	}
	if keys != 2 {
		t.Errorf("%d fragments begin with a key frame", keys)
	}
}

// Intra-refresh has one key frame at the very start, if at all; the encoder's recovery points do.
func TestIntraRefresh(t *testing.T) {
	c := encode(t, cmaf.H264, 8, "-g", "50", "-bf", "0", "-intra-refresh", "1")
	c.units = c.units[10:] // the camera was running long before
	k := &tape{}
	f := plug(t, New(Options{}), c, "", k)
	f.play(c, 0)
	f.in.finish(ReasonShutdown)
	if len(k.files) != 1 || len(k.frags) < 2 {
		t.Fatalf("%d files, %d fragments", len(k.files), len(k.frags))
	}
}

// A lost packet costs the pictures up to the next key frame, and they are counted; the file stays clean.
func TestDamagedPicturesAreDropped(t *testing.T) {
	c := encode(t, cmaf.H264, 6, "-g", "50", "-bf", "0")
	k := &tape{}
	f := plug(t, New(Options{}), c, "", k)
	f.cut = 300
	f.connect()
	n := 0
	f.lose = func() bool { n++; return n == 200 }
	f.play(c, 0)
	f.in.finish(ReasonShutdown)
	st := f.s.Status()
	if st.Lost != 1 || st.Damaged == 0 {
		t.Errorf("lost %d, damaged %d", st.Lost, st.Damaged)
	}
	if len(k.files) != 1 {
		t.Fatalf("%d runs", len(k.files))
	}
	p := probe(t, k.files[0])
	if p.frames+int(st.Damaged) != len(c.units) {
		t.Errorf("%d kept + %d dropped, %d sent", p.frames, st.Damaged, len(c.units))
	}
	if math.Abs(p.end[0]-6) > 0.05 {
		t.Errorf("the file ends at %v: time went lost with the pictures", p.end[0])
	}
}

// With a key frame every twelve seconds a lost packet must not cost twelve seconds.
func TestLongGroupComesBackAfterLoss(t *testing.T) {
	c := encode(t, cmaf.H264, 24, "-g", "300", "-keyint_min", "300", "-sc_threshold", "0", "-bf", "0")
	k := &tape{}
	f := plug(t, New(Options{}), c, "", k)
	n := 0
	f.lose = func() bool { n++; return n == 40 }
	f.play(c, 0)
	f.in.finish(ReasonShutdown)
	if d := f.s.Status().Damaged; d > 80 {
		t.Errorf("%d pictures dropped for one packet", d)
	}
}

// Other parameters begin another run with an init of its own.
func TestChangedParameters(t *testing.T) {
	a := encode(t, cmaf.H264, 4, "-g", "25", "-bf", "0")
	b := encode(t, cmaf.H264, 4, "-g", "25", "-bf", "0", "-s", "640x360")
	k := &tape{}
	f := plug(t, New(Options{}), a, "PCMA", k)
	end := f.play(a, 0)
	f.play(b, end)
	f.in.finish(ReasonShutdown)
	if len(k.files) != 2 || k.gaps[0] != ReasonParametersChanged {
		t.Fatalf("%d runs, gaps %v", len(k.files), k.gaps)
	}
	for i, want := range []int{180, 360} {
		tracks, _, err := cmaf.ParseInit(k.files[i][:bytes.Index(k.files[i], []byte("moof"))-4])
		if err != nil || tracks[0].Height != want {
			t.Errorf("run %d: %v, %d lines", i, err, tracks[0].Height)
		}
		if p := probe(t, k.files[i]); p.frames != 100 {
			t.Errorf("run %d: %d frames", i, p.frames)
		}
	}
	var at time.Time
	for _, g := range k.frags { // no time is lost between the runs
		if !at.IsZero() && g.Start.Sub(at).Abs() > 2*time.Millisecond {
			t.Errorf("a hole of %v", g.Start.Sub(at))
		}
		at = g.Start.Add(g.Duration)
	}
}

// Timestamps that jump end the run; the date does not jump with them.
func TestTimestampsJump(t *testing.T) {
	c := encode(t, cmaf.H264, 4, "-g", "25", "-bf", "0")
	for _, by := range []uint32{90000 * 3600, 1<<32 - 90000*3600, 90000 * 7} {
		t.Run(fmt.Sprint(int32(by)), func(t *testing.T) {
			k := &tape{}
			f := plug(t, New(Options{}), c, "", k)
			end := f.play(c, 0)
			f.vbase += by
			f.play(c, end)
			f.in.finish(ReasonShutdown)
			if len(k.files) != 2 || k.gaps[0] != ReasonTimeJump {
				t.Fatalf("%d runs, %v", len(k.files), k.gaps)
			}
			last := k.frags[len(k.frags)-1]
			if d := last.Start.Add(last.Duration).Sub(time.Unix(0, epoch0+8e9)).Abs(); d > 100*time.Millisecond {
				t.Errorf("dated off by %v", d)
			}
		})
	}
}

// One wrong timestamp, on any picture, ends the run, and neither it nor what comes after it is dated wrong. Nor does the camera's clock
// seem wrong from then on.
func TestOneTimestampIsWrong(t *testing.T) {
	c := encode(t, cmaf.H264, 4, "-g", "25", "-bf", "0")
	for _, by := range []int64{3600, -3600, 86000, 20, -20} {
		for _, at := range []int{0, 1, 24, 25, 26, 40} { // 0 and 25 are key frames; the run begins with the first
			t.Run(fmt.Sprintf("%d s at %d", by, at), func(t *testing.T) {
				k := &tape{}
				f := plug(t, New(Options{}), c, "", k)
				wrong := clip{codec: c.codec, sets: c.sets, units: slices.Clone(c.units)}
				wrong.units[at].pts += by * 90000
				f.in.lines = f.in.lines[:1]
				for i, p := range wrong.units {
					f.picture(p, p.pts, f.begin+int64(i)*40e6)
				}
				f.play(c, 4)
				now := epoch0 + int64(8e9)
				f.in.SenderReport(0, uint64(now/1e9+2208988800)<<32, f.vbase+8*90000, now)
				if d := f.s.Status().ClockOffset.Abs(); d > time.Second {
					t.Errorf("the camera's clock seems %v off", d)
				}
				f.in.finish(ReasonShutdown)
				for _, g := range k.frags {
					if g.Start.Before(time.Unix(0, epoch0-1e9)) || g.Start.Add(g.Duration).After(time.Unix(0, epoch0+9e9)) {
						t.Errorf("fragment %d is dated %v, for %v", g.Seq, g.Start, g.Duration)
					}
				}
				last := k.frags[len(k.frags)-1]
				if d := last.Start.Add(last.Duration).Sub(time.Unix(0, epoch0+8e9)).Abs(); d > 100*time.Millisecond {
					t.Errorf("the last is off by %v", d)
				}
			})
		}
	}
}

// A pause of the camera is a gap in the footage, with the reason.
func TestPause(t *testing.T) {
	c := encode(t, cmaf.H264, 4, "-g", "25", "-bf", "0")
	k := &tape{}
	f := plug(t, New(Options{}), c, "", k)
	end := f.play(c, 0)
	f.play(c, end+8)
	f.in.finish(ReasonShutdown)
	if len(k.files) != 2 || k.gaps[0] != ReasonPause {
		t.Fatalf("%d runs, %v", len(k.files), k.gaps)
	}
	if d := k.frags[3].Start.Add(k.frags[3].Duration).Sub(time.Unix(0, epoch0+4e9)).Abs(); d > 100*time.Millisecond {
		t.Errorf("the first run ends %v off", d)
	}
	if d := k.frags[4].Start.Sub(time.Unix(0, epoch0+12e9)).Abs(); d > 100*time.Millisecond {
		t.Errorf("the second run begins %v off", d)
	}
}

// H.264 without any IDR picture and without recovery points: an intra picture will do after a while, and without even
// those the reason is named.
func TestNoKeyFrame(t *testing.T) {
	c := encode(t, cmaf.H264, 24, "-g", "300", "-keyint_min", "300", "-sc_threshold", "0", "-bf", "0")
	c.units = c.units[1:290]
	f := plug(t, New(Options{}), c, "", &tape{})
	f.play(c, 0)
	f.in.begun = time.Now().Add(-noPicture - time.Second)
	f.s.check(time.Now())
	if st := f.s.Status(); st.State != NoPicture || st.Reason != ReasonNoKey {
		t.Errorf("%s, %s", st.State, st.Reason)
	}
}

// Parameter sets that come in band only.
func TestParametersInBand(t *testing.T) {
	c := encode(t, cmaf.H264, 4, "-g", "25", "-bf", "0")
	k := &tape{}
	f := plug(t, New(Options{}), c, "", k)
	f.medias = c.medias("", false)
	f.connect()
	if len(f.in.video.unit.sets[1]) != 0 {
		t.Fatal("the test is pointless")
	}
	f.play(c, 0)
	f.in.finish(ReasonShutdown)
	if p := probe(t, k.files[0]); p.frames != 100 {
		t.Errorf("%d frames", p.frames)
	}
}

// An access unit beyond all measure is dropped, and costs the others nothing.
func TestTooLargeUnit(t *testing.T) {
	c := encode(t, cmaf.H264, 2, "-g", "25", "-bf", "0")
	k := &tape{}
	f := plug(t, New(Options{}), c, "", k)
	for range maxUnit/1400 + 100 {
		f.in.NAL(make([]byte, 1400), false, false)
	}
	f.in.NAL([]byte{0x65, 0x88}, true, false)
	for range maxUnit/1400 + 100 {
		f.in.NAL(make([]byte, 1400), false, false)
	}
	f.in.NAL(nil, false, true)
	if n := f.in.video.unit.size; n > maxUnit {
		t.Errorf("%d bytes kept", n)
	}
	f.in.EndUnit(f.vbase, false)
	f.play(c, 0.04)
	f.in.finish(ReasonShutdown)
	if f.s.Status().Damaged == 0 {
		t.Error("not counted")
	}
	if p := probe(t, k.files[0]); p.frames < 25 {
		t.Errorf("%d frames after it", p.frames)
	}
}

// Sound is laid on the pictures by sender reports, however late it arrives.
func TestSoundBySenderReports(t *testing.T) {
	c := encode(t, cmaf.H264, 24, "-g", "50", "-bf", "0")
	k := &tape{}
	f := plug(t, New(Options{}), c, "PCMA", k)
	f.in.lines = f.in.lines[:2]
	const late = 300e6 // the sound of a moment arrives 300 ms after its picture
	ntp := func(ns int64) uint64 {
		return uint64(ns/1e9+2208988800)<<32 | uint64(ns%1e9<<32/1e9)
	}
	noise := int64(0)
	for i, p := range c.units {
		at := f.begin + int64(i)*40e6
		f.picture(p, p.pts, at)
		for noise*125000 <= int64(i)*40e6-late {
			f.noise(noise, bytes.Repeat([]byte{1}, 160), at)
			noise += 160
		}
		if i == 20 {
			f.in.SenderReport(0, ntp(epoch0+5e9), f.vbase, at) // the camera's clock is 5 s fast
			f.in.SenderReport(1, ntp(epoch0+5e9), f.abase, at)
		}
	}
	v := f.in.video
	if e := f.in.sound.want() - f.in.sound.shift; e < -400 || e > 400 {
		t.Errorf("the sound is still %d ms off", e/8)
	}
	if got := time.Duration(f.in.sound.offset() + v.ns(0)); got.Abs() > time.Millisecond {
		t.Errorf("offset %v, want none", got)
	}
	if d := f.s.Status().ClockOffset - 5*time.Second; d.Abs() > 100*time.Millisecond {
		t.Errorf("the camera's clock is %v off", f.s.Status().ClockOffset)
	}
	f.in.finish(ReasonShutdown)
	probe(t, k.files[0])
}

// When the node's clock is set, the footage after it is another run, dated by the new clock; what was dated before stays.
// Until the clock is trusted, footage says so.
func TestNodeClockIsSet(t *testing.T) {
	c := encode(t, cmaf.H264, 4, "-g", "25", "-bf", "0")
	k := &tape{}
	trusted := false
	h := New(Options{ClockTrusted: func() bool { return trusted }})
	f := plug(t, h, c, "PCMA", k)
	end := f.play(c, 0)
	h.epoch.Add(1)
	trusted = true
	f.begin += 3600e9
	end = f.play(c, end)
	f.play(c, end)
	f.in.finish(ReasonShutdown)
	if len(k.files) != 2 || k.gaps[0] != ReasonClockStep {
		t.Fatalf("%d runs, %v", len(k.files), k.gaps)
	}
	for _, g := range k.frags {
		late := g.Run != k.frags[0].Run
		if g.Unconfirmed == late {
			t.Errorf("fragment %d: unconfirmed %v", g.Seq, g.Unconfirmed)
		}
	}
	last := k.frags[len(k.frags)-1]
	if d := last.Start.Add(last.Duration).Sub(time.Unix(0, epoch0+3600e9+12e9)).Abs(); d > 100*time.Millisecond {
		t.Errorf("dated off by %v", d)
	}
	if d := k.frags[2].Start.Sub(time.Unix(0, epoch0+2e9)).Abs(); d > 100*time.Millisecond {
		t.Errorf("the old footage is off by %v", d)
	}
}

// Parameter sets that do not say whether pictures are reordered: it is found out, and from the next key frame on all is
// as if it had been said.
func TestReorderingIsFoundOut(t *testing.T) {
	c := encode(t, cmaf.H264, 6, "-g", "25", "-bf", "2")
	c.sets = [][]byte{withoutVUI(c.sets[0]), c.sets[1]}
	pic, err := cmaf.Probe(cmaf.H264, c.sets[0])
	if err != nil || pic.Reorder != -1 || pic.Width != 320 {
		t.Fatalf("%+v, %v", pic, err)
	}
	units := make([]picture, len(c.units))
	for i, u := range c.units { // the description alone has them
		units[i] = picture{avcc: strip(c.codec, u.avcc), pts: u.pts, key: u.key}
	}
	c.units = units
	k := &tape{}
	f := plug(t, New(Options{}), c, "", k)
	f.play(c, 0)
	f.in.finish(ReasonShutdown)
	if !f.s.Status().BFrames {
		t.Error("not seen")
	}
	if len(k.files) != 2 {
		t.Fatalf("%d runs, gaps %v", len(k.files), k.gaps)
	}
	n := 0
	for _, b := range k.files {
		n += probe(t, b).packets[0]
	}
	if n != len(c.units) {
		t.Errorf("%d pictures of %d", n, len(c.units))
	}
	for info := range cmaf.ScanChunks(bytes.NewReader(k.files[1]), 0, int64(len(k.files[1]))) {
		for _, s := range info.Samples {
			if s.CTS < 0 {
				t.Fatalf("a composition offset of %d in the second run", s.CTS)
			}
		}
	}
}

// withoutVUI ends an SPS of main profile before its usability information.
func withoutVUI(sps []byte) []byte {
	b := bytes.ReplaceAll(sps, []byte{0, 0, 3}, []byte{0, 0})
	at := 4 * 8
	ue := func() (v int) { v, at = golomb(b, at); return v }
	ue() // id
	ue() // frame number
	if ue() == 0 {
		ue()
	}
	ue()    // reference frames
	at++    // gaps
	ue()    // width
	ue()    // height
	at += 2 // frames only, direct 8x8
	crop := b[at/8]>>(7-at%8)&1 == 1
	if at++; crop {
		for range 4 {
			ue()
		}
	}
	out := bytes.Clone(b[:at/8+1])
	out[at/8] &= 0xff << (8 - at%8) // the flag that usability information follows, and all behind it
	at++
	if at%8 == 0 {
		return append(out, 0x80)
	}
	out[at/8] |= 1 << (7 - at%8)
	return out
}

// A camera whose pictures mostly arrive broken is not called online because a few get through; one lost packet is no outage.
func TestMostlyDamaged(t *testing.T) {
	c := encode(t, cmaf.H264, 4, "-g", "50", "-bf", "0", "-b:v", "2M", "-minrate", "2M", "-s", "640x360")
	f := plug(t, New(Options{}), c, "", nil)
	now := time.Now()
	end := 0.0
	n, every := 0, 0
	f.lose = func() bool { n++; return every > 0 && n%every == 0 }
	watch := func(rounds int) (states []State) {
		for range rounds {
			part := c
			for i := 0; i < len(c.units); i += 25 {
				part.units = c.units[i : i+25]
				for j, p := range part.units {
					f.picture(p, p.pts+int64(end*90000), f.begin+int64(end*1e9)+int64(i+j)*40e6)
				}
				now = now.Add(time.Second)
				f.in.heard, f.s.pictured = now, now // the wall clock stands still here
				f.s.check(now)
				states = append(states, f.s.Status().State)
			}
			end += 4
		}
		return states
	}
	for i, st := range watch(2) {
		if st != Online {
			t.Fatalf("second %d: %s", i, st)
		}
	}
	every = 1000 // a packet now and then
	for i, st := range watch(8) {
		if st != Online {
			t.Fatalf("a lost packet, second %d: %s", i, st)
		}
	}
	every = 9
	states := watch(6)
	if last := states[len(states)-1]; last != NoPicture || f.s.Status().Reason != ReasonDamaged {
		t.Errorf("most are damaged: %s %s", last, f.s.Status().Reason)
	}
	every = 0
	states = watch(4)
	if last := states[len(states)-1]; last != Online {
		t.Errorf("mended: %s", last)
	}
}
