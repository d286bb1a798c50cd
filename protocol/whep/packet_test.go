package whep

import (
	"bytes"
	"testing"
	"time"

	"github.com/pion/rtp/codecs"
)

// What we cut as H.265, a depacketiser that is not ours must put together again.
func TestH265ComesTogetherAgain(t *testing.T) {
	vps, sps, pps := []byte{32 << 1, 1, 9}, []byte{33 << 1, 1, 8, 8}, []byte{34 << 1, 1, 7}
	small, large := append([]byte{39 << 1, 1}, 1, 2, 3), append([]byte{19 << 1, 1}, bytes.Repeat([]byte{5, 6, 7}, 2000)...)
	f := &frame{key: true}
	cutH265(f, avcc([]byte{35 << 1, 1, 0}, vps, sps, pps, small, large), [][]byte{vps, sps, pps})
	var d codecs.H265Depacketizer
	var got []byte
	for i, p := range f.packets {
		b, err := d.Unmarshal(f.buf[p.from:p.to])
		if err != nil {
			t.Fatalf("packet %d: %v", i, err)
		}
		got = append(got, b...)
		if p.marker != (i == len(f.packets)-1) {
			t.Errorf("packet %d: marker %v", i, p.marker)
		}
	}
	var want []byte
	for _, n := range [][]byte{vps, sps, pps, small, large} {
		want = append(append(want, 0, 0, 0, 1), n...)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes came out, %d went in", len(got), len(want))
	}
}

// Segmentation offload wants packets of one size with at most a shorter last one.
func TestFragmentsAreEven(t *testing.T) {
	f := &frame{}
	cutH264(f, avcc(picture(1, false, 20000)), nil)
	for i, p := range f.packets[:len(f.packets)-1] {
		if p.to-p.from != maxPayload {
			t.Errorf("packet %d has %d bytes", i, p.to-p.from)
		}
	}
}

func TestTheHistoryStaysBounded(t *testing.T) {
	f := NewFeed(FeedOptions{Video: "H264"})
	defer f.Close()
	big := avcc(picture(1, false, 60000))
	for i := range 400 { // one key frame, then 24 MB of others: a camera with an endless group of pictures
		f.Video(big, int64(i)*3600, i == 0, time.Unix(0, 0))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.bytes > maxHistory+len(big) || f.keyAt != -1 {
		t.Errorf("%d bytes kept, key frame at %d", f.bytes, f.keyAt)
	}
}
