package record

import (
	"fmt"
	"testing"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/stream"
)

// Streams spread over disks by size; when one goes, only its own move, and they go back to it.
func TestPlace(t *testing.T) {
	r, err := New(Options{Archive: &archive.Archive{}, Disks: []Disk{{Path: "/a"}, {Path: "/b"}, {Path: "/c"}}})
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range r.disks {
		d.state, d.space = archive.OK, file.Space{Total: int64(i+1) << 40, Free: int64(i+1) << 40}
	}
	before := map[string]*disk{}
	count := map[*disk]int{}
	for i := range 600 {
		s := r.sink(stream.ID{Camera: fmt.Sprint("c", i), Which: stream.Main})
		d := r.place(s)
		before[s.id.Camera] = d
		count[d]++
	}
	for i, want := range []int{100, 200, 300} {
		if n := count[r.disks[i]]; n < want*7/10 || n > want*13/10 {
			t.Errorf("disk %d has %d streams of 600, want about %d", i, n, want)
		}
	}
	r.disks[1].state = archive.Dead
	for id, s := range r.sinks {
		d := r.place(s)
		if d == r.disks[1] || before[id.Camera] != r.disks[1] && d != before[id.Camera] {
			t.Fatal("a stream has moved for no reason, or is on the dead disk")
		}
	}
	r.disks[1].state = archive.OK
	for id, s := range r.sinks {
		if r.place(s) != before[id.Camera] {
			t.Fatal("a stream does not go home")
		}
	}
}

// A disk that fills up and may not be purged degrades in order: main streams stop first, sub streams last, and both come
// back with some room to spare.
func TestFullDiskDegradesInOrder(t *testing.T) {
	r, err := New(Options{Archive: &archive.Archive{}, Disks: []Disk{{Path: "/a"}}, Reserve: 1600})
	if err != nil {
		t.Fatal(err)
	}
	d := r.disks[0]
	d.state = archive.OK
	for _, c := range []struct {
		free      int64
		main, sub bool
	}{
		{1600, true, true}, {500, true, true}, {390, false, true}, {500, false, true}, {90, false, false}, {150, false, true}, {700, false, true}, {900, true, true},
	} {
		d.space = file.Space{Total: 1 << 20, Free: c.free}
		d.state, d.reason = d.judge()
		if m, s := d.takes(stream.Main), d.takes(stream.Sub); m != c.main || s != c.sub {
			t.Errorf("%d free: main %v, sub %v; want %v, %v", c.free, m, s, c.main, c.sub)
		}
	}
}
