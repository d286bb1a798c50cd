package archive

import (
	"bytes"
	"context"
	"math/rand/v2"
	"path"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Whatever a dying disk has done to the files that were open, a start finds every fragment that is whole, where and when it was, whether a
// checkpoint knows it or not; what is in the index besides is what a checkpoint vouches for.
func TestRecoverAfterAnyDamage(t *testing.T) {
	type victim struct {
		s       Segment
		entries []Entry
		known   int
		whole   []bool
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		rnd := rand.New(rand.NewPCG(11, 12))
		var all []victim
		for i := range 300 {
			s, entries, b := draft("gate", Main, y.disk, int64(i+1), epoch.Add(time.Duration(i)*time.Minute), 8, time.Second, 600+rnd.IntN(900))
			v := victim{s: s, entries: entries, known: max(0, rnd.IntN(12)-3)}
			v.known = min(v.known, len(entries))
			was := bytes.Clone(b)
			for range 1 + rnd.IntN(4) {
				at := rnd.IntN(len(b))
				switch rnd.IntN(6) {
				case 0: // it lost its end
					if b = b[:at]; len(b) == 0 {
						b = []byte{0}
					}
				case 1: // sectors that nobody wrote
					at &^= 511
					clear(b[at:min(len(b), at+512*(1+rnd.IntN(4)))])
				case 2: // the first ones
					clear(b[:min(len(b), 512*(1+rnd.IntN(2)))])
				default: // rot
					b[at] ^= byte(1 + rnd.IntN(255))
				}
			}
			for _, e := range entries {
				end := after(e)
				v.whole = append(v.whole, end <= int64(len(b)) && bytes.Equal(b[e.Offset:end], was[e.Offset:end]))
			}
			if err := y.Begin(ctx, s); err != nil {
				t.Fatal(err)
			}
			y.write(s.Path, b)
			y.Append(s.ID, entries...)
			if err := y.Checkpoint(ctx, Synced{s.ID, v.known}); err != nil {
				t.Fatal(err)
			}
			all = append(all, v)
		}
		y.open(db)
		sum, err := y.Recover(ctx, y.disk)
		if err != nil || sum.Segments+sum.Aside+sum.Empty != len(all) || sum.Hurt == 0 || sum.Aside == 0 {
			t.Fatalf("%+v, %v", sum, err)
		}
		for i, v := range all {
			at := map[int64]Entry{}
			if info, err := y.Segment(ctx, v.s.ID); err == nil {
				got, err := info.Entries(ctx)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range got {
					at[e.Offset] = e
				}
				if there, err := y.layer.Stat(path.Join(y.cfg.Path, v.s.Path)); err != nil || there.Size != info.Bytes {
					t.Errorf("%d: %+v, %d bytes are in the index, %v", i, there, info.Bytes, err)
				}
			} else if _, err := y.layer.Stat(path.Join(y.cfg.Path, asideName(v.s.Path))); v.known > 0 && err != nil {
				t.Errorf("%d: %d fragments were promised, and the file is gone: %v", i, v.known, err)
			}
			for j, e := range v.entries {
				got, ok := at[e.Offset]
				delete(at, e.Offset)
				switch {
				case v.whole[j] && (!ok || got.Hash != e.Hash || !got.Start.Equal(e.Start)):
					t.Errorf("%d: fragment %d of %d is whole and not there (%v), %d were promised", i, j, len(v.entries), got.Start, v.known)
				case ok && !v.whole[j] && j >= v.known:
					t.Errorf("%d: fragment %d is damaged and there, %d were promised", i, j, v.known)
				}
			}
			if len(at) > 0 {
				t.Errorf("%d: %d fragments are there that never were", i, len(at))
			}
		}
	})
}
