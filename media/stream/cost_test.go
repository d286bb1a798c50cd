package stream

import (
	"testing"
	"time"

	"linli.dev/linli/protocol/cmaf"
)

// discard is a recorder that is done at once.
type discard struct{ bytes int }

func (d *discard) Fragment(f *Fragment) { d.bytes += f.Size; f.Release() }
func (d *discard) Gap(string)           {}

// captured is a clip as the packets of an endless camera: 1080p, 25 pictures a second, about 2 Mbit/s.
type captured struct {
	pkts  [][]byte
	heads [][4]byte // the first bytes of each payload: depacketising may change them
	ts    []uint32  // of each packet, within the clip
	whole uint32    // ticks of the clip
	bytes int
}

func capture(t testing.TB) (c captured, f *feeder) {
	clip := encode(t, cmaf.H264, 4, "-g", "50", "-bf", "0", "-s", "1920x1080", "-b:v", "2M", "-minrate", "2M", "-maxrate", "2M", "-bufsize", "1M", "-x264-params", "nal-hrd=cbr")
	f = plug(t, New(Options{}), clip, "", &discard{})
	for _, p := range clip.units {
		f.buf = f.video.AppendH264(f.buf[:0], uint32(p.pts), p.avcc)
		for b := f.buf; len(b) > 0; {
			n := int(b[0])<<8 | int(b[1])
			c.pkts = append(c.pkts, append([]byte{}, b[2:2+n]...))
			c.heads = append(c.heads, [4]byte(b[2+12:]))
			c.ts = append(c.ts, uint32(p.pts))
			c.bytes += n
			b = b[2+n:]
		}
	}
	c.whole = uint32(len(clip.units)) * 3600
	return c, f
}

// play hands the clip over for the nth time: a gulp of packets each 400 ms, as a lazy session reads.
func (c *captured) play(f *feeder, n uint32) {
	gulp := uint32(0)
	for i, p := range c.pkts {
		ts := c.ts[i] + n*c.whole
		p[4], p[5], p[6], p[7] = byte(ts>>24), byte(ts>>16), byte(ts>>8), byte(ts)
		seq := uint16(i) + uint16(n)*uint16(len(c.pkts))
		p[2], p[3] = byte(seq>>8), byte(seq)
		copy(p[12:], c.heads[i][:])
		if g := ts / 36000; g != gulp {
			f.in.Batch()
			gulp = g
		}
		f.in.Packet(0, f.begin+int64(gulp+1)*int64(400*time.Millisecond), p)
	}
	f.in.Batch()
}

// The hot path: nothing is allocated per packet, little per fragment.
func TestRecordingHardlyAllocates(t *testing.T) {
	c, f := capture(t)
	n := uint32(0)
	for ; n < 5; n++ { // the free list fills
		c.play(f, n)
	}
	per := testing.AllocsPerRun(10, func() { c.play(f, n); n++ })
	fragments := float64(c.whole) / 90000 / 2
	if perFragment := per / fragments; perFragment > 12 {
		t.Errorf("%.1f allocations per fragment (%.0f packets)", perFragment, float64(len(c.pkts))/fragments)
	}
	if st := f.s.Status(); st.Damaged != 0 || st.Lost != 0 {
		t.Errorf("damaged %d, lost %d", st.Damaged, st.Lost)
	}
}

// What a camera holds in memory while nobody watches: the group that is being filled, and little else.
func TestMemoryPerCamera(t *testing.T) {
	c, f := capture(t)
	most := 0
	for n := range uint32(10) {
		c.play(f, n)
		held := 0
		seen := map[*block]bool{}
		for _, fr := range f.s.ring.frames[f.s.ring.head:] {
			if !seen[fr.block] {
				seen[fr.block] = true
				held += len(fr.block.buf)
			}
		}
		most = max(most, held+f.s.pool.bytes)
	}
	if most > 900<<10 {
		t.Errorf("%d KiB at the most, of 500 KiB a group", most>>10)
	}
	t.Logf("%d KiB at the most", most>>10)
}

// BenchmarkRecord is the cost of depacketising, assembling and chunking a camera-second; the floor is one copy of its bytes.
func BenchmarkRecord(b *testing.B) {
	c, f := capture(b)
	b.ReportAllocs()
	n := uint32(0)
	for b.Loop() {
		c.play(f, n)
		n++
	}
	seconds := float64(n) * float64(c.whole) / 90000
	b.ReportMetric(float64(b.Elapsed().Microseconds())/seconds, "µs/camera-second")
	b.ReportMetric(float64(len(c.pkts))*90000/float64(c.whole), "packets/s")
	b.ReportMetric(float64(c.bytes)*8*90000/float64(c.whole)/1e6, "Mbit/s")
}

func BenchmarkFloor(b *testing.B) {
	c, _ := capture(b)
	dst := make([]byte, c.bytes)
	n := 0
	for b.Loop() {
		at := 0
		for _, p := range c.pkts {
			at += copy(dst[at:], p)
		}
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/(float64(n)*float64(c.whole)/90000), "µs/camera-second")
}
