package archive

import (
	"context"
	"path"
	"slices"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// A file without a row that is taken back ends behind its last fragment, as it would after a start: its torn end stayed in it, and
// players complained. A last fragment that is whole but for its seal stays for a person to look at.
func TestAdoptCutsATornEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		s, entries, b := draft("gate", Main, y.disk, 1, epoch, 6, 10*time.Second, 3000)
		last := entries[5]
		rotten := append([]byte(nil), b...)
		for i := range 20 {
			rotten[last.Offset+int64(last.Size)+30+int64(i)] ^= 0xff
		}
		cases := []struct {
			name  string
			bytes []byte
			ends  int64
			holds int
			code  string
		}{
			{"whole", b, int64(len(b)), 6, "archive.mended.row-made"},
			{"half a fragment", b[:last.Offset+1500], last.Offset, 5, "archive.mended.row-made-cut"},
			{"without its seal", b[:last.Offset+int64(last.Size)], last.Offset, 5, "archive.mended.row-made-cut"},
			{"torn in its second chunk", slices.Concat(b[:last.Offset+int64(last.Size)], b[last.Offset:last.Offset+200]), last.Offset, 5, "archive.mended.row-made-cut"},
			{"half a seal", b[:len(b)-50], last.Offset, 5, "archive.mended.row-made-cut"},
			{"some bytes of a head", append(append([]byte(nil), b...), 0, 0, 2, 0, 'm', 'o', 'o', 'f', 1), int64(len(b)), 6, "archive.mended.row-made-cut"},
			{"five bytes", append(append([]byte(nil), b...), 1, 2, 3, 4, 5), int64(len(b)), 6, "archive.mended.row-made-cut"},
			{"nothing but zeros", append(append([]byte(nil), b...), make([]byte, 70_000)...), int64(len(b)), 6, "archive.mended.row-made-cut"},
			{"a rotten seal", rotten, int64(len(b)), 5, "archive.mended.row-made"},
			{"a rotten seal, and some bytes", append(append([]byte(nil), rotten...), 1, 2, 3), int64(len(b)), 5, "archive.mended.row-made-cut"},
		}
		var made []Segment
		for i, c := range cases {
			x := s
			x.ID = SegmentID(store.NewID())
			x.Path = path.Join(footage, "gate"+string(rune('a'+i)), string(Main), "2026-11-01", "000000-"+string(x.ID)+".mp4")
			y.write(x.Path, c.bytes)
			made = append(made, x)
		}
		did := map[SegmentID]Remark{}
		if _, err := y.Fsck(ctx, FsckOptions{Mend: true, Report: func(d Difference) { did[d.Segment] = d.Did }}); err != nil {
			t.Fatal(err)
		}
		for i, c := range cases {
			x := made[i]
			if did[x.ID].Code != c.code {
				t.Errorf("%s: %v", c.name, did[x.ID])
			}
			there, err := y.layer.Stat(path.Join(y.cfg.Path, x.Path))
			if err != nil || there.Size != c.ends {
				t.Errorf("%s: it ends at %d, want %d; %v", c.name, there.Size, c.ends, err)
			}
			got, err := y.Segment(ctx, x.ID)
			if err != nil || got.Fragments != c.holds || got.Bytes != c.ends {
				t.Errorf("%s: %+v %v", c.name, got, err)
			}
		}
		if r, err := y.Fsck(ctx, FsckOptions{Report: func(d Difference) { t.Errorf("afterwards: %+v", d) }}); err != nil || r.Segments != int64(len(cases)) {
			t.Errorf("%+v %v", r, err)
		}
	})
}
