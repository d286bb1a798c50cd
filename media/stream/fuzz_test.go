package stream

import (
	"testing"

	"linli.dev/linli/protocol/cmaf"
)

// ordered is a sink that holds the stream to its word.
type ordered struct {
	t   *testing.T
	run uint64
	at  map[uint32]uint64
}

func (o *ordered) Gap(string) { o.at = map[uint32]uint64{} }

func (o *ordered) Fragment(f *Fragment) {
	defer f.Release()
	if f.Run < o.run {
		o.t.Fatalf("run %d after %d", f.Run, o.run)
	}
	if f.Run != o.run {
		o.run, o.at = f.Run, map[uint32]uint64{}
	}
	if len(f.Chunks) == 0 || !f.Chunks[len(f.Chunks)-1].Last || len(f.Starts()) != len(f.Tracks) {
		o.t.Fatalf("%+v", f)
	}
	for _, c := range f.Chunks {
		if next, ok := o.at[c.Track]; ok && c.DecodeTime != next && c.Track == videoTrack {
			o.t.Fatalf("track %d goes on at %d, want %d", c.Track, c.DecodeTime, next)
		}
		o.at[c.Track] = c.DecodeTime + uint64(c.Duration)
		info, err := cmaf.ParseChunkHead(c.Head, nil)
		if err != nil || info.Duration != uint64(c.Duration) || info.Payload+int64(len(c.Head)) != int64(c.Size()) {
			o.t.Fatalf("%v, %+v", err, info)
		}
	}
}

// FuzzIntake lets a camera send whatever it likes, in whatever order, while people come and go.
func FuzzIntake(f *testing.F) {
	avc := clip{codec: cmaf.H264, sets: [][]byte{
		{0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x47, 0xfe, 0xc8}, {0x68, 0xce, 0x3c, 0x80},
	}}
	hevc := clip{codec: cmaf.H265}
	f.Add(true, []byte("\x00\x05\x65\x88\x84\x00\x33\x10\x00\x00\x05\x41\x9a\x01\x02\x03\x11\x10\x20\x00\x03abc"))
	f.Add(true, []byte("\x00\x02\x65\x88\x10\x05\x01\x61\x00\x03\x65\x88\x84\x12\xff\x30\x00\x41\x01"))
	f.Add(false, []byte("\x00\x03\x26\x01\xaf\x10\x10\x40\x05\x50\x07"))
	f.Fuzz(func(t *testing.T, isAVC bool, script []byte) {
		c := hevc
		if isAVC {
			c = avc
		}
		k := &ordered{t: t, at: map[uint32]uint64{}}
		p := plug(t, New(Options{CacheLimit: 4 << 10}), c, "PCMA", k)
		var r *FrameReader
		var ch *ChunkReader
		var ts uint32
		now := p.begin
		for len(script) >= 2 {
			op, n := script[0], int(script[1])
			script = script[2:]
			data := script[:min(n, len(script))]
			switch op >> 4 {
			case 0: // a NAL unit, or a part of one
				script = script[len(data):]
				p.in.s.mu.Lock()
				p.in.NAL(data, op&1 == 0, op&2 == 0)
				p.in.s.mu.Unlock()
			case 1:
				ts += uint32(n) * 360
				now += int64(n) * 4e6
				p.in.s.mu.Lock()
				p.in.now = now
				p.in.EndUnit(ts, op&1 == 1)
				p.in.post()
			case 2:
				script = script[len(data):]
				p.in.s.mu.Lock()
				p.in.Sound(ts/11+uint32(op&15), data)
				p.in.post()
			case 3:
				script = script[len(data):]
				p.in.Packet(int(op&3), now, append([]byte{}, data...))
				p.in.Batch()
			case 4:
				p.in.SenderReport(int(op&1), uint64(n)<<50|uint64(op)<<40, ts+uint32(n), now)
			case 5:
				if r != nil {
					r.Close()
				}
				r = p.s.Frames(FrameOptions{})
			case 6:
				if ch != nil {
					ch.Close()
				}
				ch = p.s.Chunks()
			case 7:
				for r != nil {
					if _, ok, _ := r.take(); !ok {
						break
					}
				}
				for ch != nil {
					if c, _ := ch.take(); c == nil {
						break
					}
				}
			case 8:
				ts += uint32(n) << 24
			case 9:
				now += int64(int8(n)) * 1e9
			}
		}
		p.in.finish(ReasonShutdown)
		p.s.end()
		if p.s.ring.bytes != 0 || p.s.ring.first != p.s.ring.end() {
			t.Fatalf("%d bytes are left", p.s.ring.bytes)
		}
	})
}
