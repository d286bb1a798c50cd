package stream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"linli.dev/linli/protocol/cmaf"
)

// A viewer sees a picture at once, from the cached key frame, and then everything in order.
func TestReaderBeginsAtTheCachedKeyFrame(t *testing.T) {
	c := encode(t, cmaf.H264, 6, "-g", "50", "-bf", "0")
	f := plug(t, New(Options{}), c, "PCMA", nil)
	part := c
	part.units = c.units[:70]
	f.play(part, 0)
	r := f.s.Frames(FrameOptions{NoSound: true})
	defer r.Close()
	for i := 50; i < 70; i++ {
		got, err := r.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got.Key != (i == 50) || !bytes.Equal(got.Data, strip(c.codec, c.units[i].avcc)) {
			t.Fatalf("picture %d is another one", i)
		}
	}
	if _, ok, _ := r.take(); ok {
		t.Error("a frame from the future")
	}
}

// A slow viewer loses whole groups of pictures, is told how many frames, and harms nobody.
func TestSlowReaderLosesWholeGroups(t *testing.T) {
	c := encode(t, cmaf.H264, 8, "-g", "25", "-bf", "0")
	f := plug(t, New(Options{}), c, "", nil)
	slow, quick := f.s.Frames(FrameOptions{}), f.s.Frames(FrameOptions{})
	defer slow.Close()
	defer quick.Close()
	seen := 0
	for i := range c.units {
		one := c
		one.units = c.units[i : i+1]
		f.picture(c.units[i], c.units[i].pts, f.begin+int64(i)*40e6)
		for {
			if _, ok, _ := quick.take(); !ok {
				break
			}
			seen++
		}
	}
	if seen != len(c.units) || quick.Dropped() != 0 {
		t.Errorf("the quick one saw %d, lost %d", seen, quick.Dropped())
	}
	first, ok, _ := slow.take()
	if !ok || !first.Key || slow.Dropped() == 0 {
		t.Errorf("the slow one: %v, key %v, lost %d", ok, first.Key, slow.Dropped())
	}
	left := 1
	for {
		if _, ok, _ := slow.take(); !ok {
			break
		}
		left++
	}
	if uint64(left)+slow.Dropped() != uint64(len(c.units)) {
		t.Errorf("%d seen and %d dropped of %d", left, slow.Dropped(), len(c.units))
	}
	if n := f.s.Status().DroppedToReaders; n != slow.Dropped() {
		t.Errorf("the status says %d", n)
	}
}

// What readers saw is never written again, what only the recorder saw is.
func TestBlocksOfReadersStay(t *testing.T) {
	c := encode(t, cmaf.H264, 6, "-g", "25", "-bf", "0", "-b:v", "3M", "-minrate", "3M", "-s", "640x360")
	h := New(Options{})
	f := plug(t, h, c, "", &tape{})
	r := f.s.Frames(FrameOptions{})
	defer r.Close()
	var seen []Frame
	var copies [][]byte
	end := 0.0
	for range 4 {
		end = f.play(c, end)
		for {
			g, ok, _ := r.take()
			if !ok {
				break
			}
			seen, copies = append(seen, g), append(copies, bytes.Clone(g.Data))
		}
	}
	for i, g := range seen {
		if !bytes.Equal(g.Data, copies[i]) {
			t.Fatalf("frame %d changed under the reader", i)
		}
	}
	if h.pool.bytes > 4*plainBlock {
		t.Errorf("%d bytes of blocks that readers saw are free", h.pool.bytes)
	}
	r.Close()
	for range 3 {
		end = f.play(c, end)
	}
	if h.pool.bytes == 0 {
		t.Error("nothing is used again")
	}
}

// Readers come and go at any picture, in the midst of fragments: what they saw stays as it was, and what goes to disk is the same as
// without them.
func TestReadersComeAndGo(t *testing.T) {
	c := encode(t, cmaf.H264, 12, "-g", "50", "-bf", "0", "-b:v", "3M", "-minrate", "3M", "-s", "640x360")
	record := func(seed uint64) (payload []byte) {
		h := New(Options{})
		f := plug(t, h, c, "PCMA", sinkFunc(func(g *Fragment) {
			for _, k := range g.Chunks {
				if k.Track != videoTrack {
					continue
				}
				for _, b := range k.Body {
					payload = append(payload, b...)
				}
			}
			g.Release()
		}))
		var seen, copies [][]byte
		look := func(b []byte) { seen, copies = append(seen, b), append(copies, bytes.Clone(b)) }
		rnd := rand.New(rand.NewPCG(seed, 1))
		var frames *FrameReader
		var chunks *ChunkReader
		for round := range 3 {
			for i, p := range c.units {
				at := f.begin + int64(round*len(c.units)+i)*40e6
				f.noise(int64(round*len(c.units)+i)*320, f.tone[0], at)
				f.picture(p, p.pts+int64(round*len(c.units))*3600, at)
				if seed == 0 {
					continue
				}
				switch {
				case rnd.IntN(15) > 0:
				case frames != nil:
					frames.Close()
					frames = nil
				default:
					frames = f.s.Frames(FrameOptions{})
				}
				switch {
				case rnd.IntN(40) > 0:
				case chunks != nil:
					chunks.Close()
					chunks = nil
				default:
					chunks = f.s.Chunks()
				}
				for frames != nil {
					g, ok, _ := frames.take()
					if !ok {
						break
					}
					look(g.Data)
				}
				for chunks != nil {
					k, _ := chunks.take()
					if k == nil {
						break
					}
					for _, b := range k.Body {
						look(b)
					}
				}
			}
		}
		f.in.finish(ReasonShutdown)
		for i := range seen {
			if !bytes.Equal(seen[i], copies[i]) {
				t.Fatalf("seed %d: what a reader saw at %d of %d was changed", seed, i, len(seen))
			}
		}
		if seed > 0 && len(seen) < 100 {
			t.Errorf("only %d things were seen", len(seen))
		}
		return payload
	}
	alone := record(0)
	for seed := range uint64(8) {
		if got := record(seed + 1); !bytes.Equal(got, alone) {
			t.Errorf("seed %d: %d bytes were recorded, %d without readers, or others", seed+1, len(got), len(alone))
		}
	}
}

type sinkFunc func(*Fragment)

func (f sinkFunc) Fragment(g *Fragment) { f(g) }
func (f sinkFunc) Gap(string)           {}

// The chunks of a low-latency viewer are the bytes on disk, short while somebody is there, and begin at the cached key frame.
func TestChunkReader(t *testing.T) {
	c := encode(t, cmaf.H264, 12, "-g", "100", "-keyint_min", "100", "-sc_threshold", "0", "-bf", "0")
	k := &tape{keep: true}
	f := plug(t, New(Options{}), c, "PCMA", k)
	var r *ChunkReader
	var got []*Chunk
	noise := int64(0)
	for i, p := range c.units {
		at := f.begin + int64(i)*40e6
		f.picture(p, p.pts, at)
		for noise*9/100 < int64(i)*40e6/1e6/1000*8000*9/100 || noise < int64(i)*320 {
			f.noise(noise, f.tone[0], at)
			noise += 160
		}
		if i == 160 { // 2.4 s into the second group: one fragment of it is over, the next is open
			r = f.s.Chunks()
			defer r.Close()
		}
		for r != nil {
			c, _ := r.take()
			if c == nil {
				break
			}
			got = append(got, c)
		}
	}
	f.in.finish(ReasonShutdown)
	for {
		c, _ := r.take()
		if c == nil {
			break
		}
		got = append(got, c)
	}
	if len(got) == 0 || !got[0].Key || got[0].Part != 0 {
		t.Fatal("it does not begin with a key frame")
	}
	// On one time line without hole or overlap, per track.
	next := map[uint32]uint64{}
	for i, c := range got {
		if at, ok := next[c.Track]; ok && c.DecodeTime != at {
			t.Errorf("chunk %d of track %d begins at %d, want %d", i, c.Track, c.DecodeTime, at)
		}
		next[c.Track] = c.DecodeTime + uint64(c.Duration)
	}
	if want := uint64(300*3600 + base*90000); next[videoTrack] != want {
		t.Errorf("ends at %d, want %d", next[videoTrack], want)
	}
	// Short parts once the reader was there; and the same bytes in the file.
	file := bytes.Join(k.files, nil)
	for i, c := range got {
		if c.Fragment <= got[0].Fragment+1 {
			continue
		}
		if c.Track == videoTrack && (c.Duration > 90000/2 || c.Duration < 90000/10) {
			t.Errorf("part %d of fragment %d is %v s long", c.Part, c.Fragment, float64(c.Duration)/90000)
		}
		if !bytes.Contains(file, bytes.Join(append([][]byte{c.Head}, c.Body...), nil)) {
			t.Errorf("chunk %d is not in the file", i)
		}
	}
	// A player takes what the reader got.
	init, _ := f.s.Init()
	for _, c := range got {
		init = append(init, bytes.Join(append([][]byte{c.Head}, c.Body...), nil)...)
	}
	if p := probe(t, init); p.frames != 200 {
		t.Errorf("%d frames, want the group and what followed: 200", p.frames)
	}
	if p := probe(t, k.files[0]); p.frames != 300 {
		t.Errorf("%d frames on disk", p.frames)
	}
	lasts := 0
	for _, c := range got {
		if c.Last {
			lasts++
		}
	}
	if frags := int(got[len(got)-1].Fragment-got[0].Fragment) + 1; lasts != frags {
		t.Errorf("%d chunks call themselves the last, of %d fragments", lasts, frags)
	}
}

// The cached group has a limit; beyond it a viewer waits for the next key frame.
func TestCacheIsCapped(t *testing.T) {
	c := encode(t, cmaf.H264, 12, "-g", "300", "-keyint_min", "300", "-sc_threshold", "0", "-bf", "0", "-s", "640x360")
	h := New(Options{CacheLimit: 32 << 10})
	f := plug(t, h, c, "", nil)
	f.play(c, 0)
	if n := f.s.ring.bytes; n > 32<<10 {
		t.Errorf("%d bytes are kept", n)
	}
	r := f.s.Frames(FrameOptions{})
	defer r.Close()
	if _, ok, _ := r.take(); ok {
		t.Error("a frame without its key frame")
	}
}

func TestReadersEnd(t *testing.T) {
	c := encode(t, cmaf.H264, 2, "-g", "25", "-bf", "0")
	f := plug(t, New(Options{}), c, "", nil)
	r, k := f.s.Frames(FrameOptions{Live: true}), f.s.Chunks()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := r.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	done := make(chan error, 2)
	go func() { _, err := r.Next(context.Background()); done <- err }()
	go func() { _, err := k.Next(context.Background()); done <- err }()
	time.Sleep(5 * time.Millisecond)
	r.Close()
	f.s.end()
	for range 2 {
		if err := <-done; err != io.EOF {
			t.Error(err)
		}
	}
}
