package archive

import (
	"testing"
	"time"

	"linli.dev/linli/protocol/cmaf"
)

// The first fragment of an open segment is lost, and no checkpoint knows the others: they stay where they are, or go with their segment where
// that was dated anew.
func TestMovedSinceBegun(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, c := range []struct {
		name        string
		unconfirmed bool
		row, seal   time.Duration // when the row says that the segment began, and the seal that its third fragment, 20 s later, did
		starts      uint64
		want        time.Duration
	}{
		{"as it was", false, 0, 20 * time.Second, 90000, 0},
		{"by a clock that could be believed, whatever the decode times are", false, 0, 20 * time.Second, 0, 0},
		{"by a clock in doubt, that was right", true, 0, 20 * time.Second, 90000, 0},
		{"the clock drifts", true, 0, 21 * time.Second, 90000, 0},
		{"dated anew", true, 2 * year, 20 * time.Second, 90000, 2 * year},
		{"dated back", true, -time.Hour, 20 * time.Second, 90000, -time.Hour},
	} {
		s := salvaged{good: []scanned{{
			Entry: Entry{Offset: 5000, Start: epoch.Add(c.seal), Decode: 90000 * 21},
			seal:  Seal{Unconfirmed: c.unconfirmed},
		}}}
		r := row{Segment: Segment{Start: epoch.Add(c.row), Init: cmaf.AppendInit(nil, someTracks, []uint64{c.starts})}}
		if got := s.movedSinceBegun(&r); got != c.want {
			t.Errorf("%s: moved by %v, want %v", c.name, got, c.want)
		}
	}
}
