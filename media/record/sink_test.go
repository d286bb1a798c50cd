package record

import (
	"testing"
	"time"

	"linli.dev/linli/media/stream"
)

// idle is a recorder that does not run: none of its disks is ever usable, what comes waits in memory.
func idle(t *testing.T, o Options) *Recorder {
	t.Helper()
	o.Archive, o.Disks = newArchive(t, sqlite(t), nil), []Disk{{Path: t.TempDir()}}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The only disk is dead, and the camera comes and goes meanwhile. What waits in memory stays within its bounds all the same,
// and what was lost is counted where footage goes on.
func TestMemoryIsBoundedWhileCamerasComeAndGo(t *testing.T) {
	r := idle(t, Options{Memory: 10 * time.Second})
	id := stream.ID{Camera: "gate", Which: stream.Main}
	reel, s := newReel(id, epoch, time.Second, 1000), r.sink(id)
	sent := 0
	send := func(n int) {
		t.Helper()
		for range n {
			s.Fragment(reel.next())
			sent++
			if s.span > 10*time.Second || s.bytes > 11*1100 || r.queued.Load() != s.bytes {
				t.Fatalf("after %d fragments %v of footage wait, %d bytes, %d in all", sent, s.span, s.bytes, r.queued.Load())
			}
		}
	}
	for range 50 {
		send(7)
		s.Gap("stream.stopped")
		s.Gap("stream.stopped") // it did not even begin
		reel.skip(time.Minute)
	}
	send(30)
	kept, lost, gaps := 0, s.lost, 0
	for i, x := range s.queue {
		if x.f == nil {
			gaps++
			if i > 0 && s.queue[i-1].f == nil {
				t.Error("two ends of footage with nothing between them")
			}
			continue
		}
		kept, lost = kept+1, lost+x.lost
	}
	if kept+lost != sent || lost != int(r.Lost()) {
		t.Errorf("%d sent, %d wait, %d are missing before them, %d lost", sent, kept, lost, r.Lost())
	}
	if gaps != 1 || s.queue[0].f != nil || s.queue[1].lost != lost || s.queue[1].why != "gap.no-disk" {
		t.Errorf("%d ends; the first to wait: %+v, %+v", gaps, s.queue[0], s.queue[1])
	}
}

// A loss before a reconnection is told of with the footage after it, not of what comes later, and takes nothing else along.
func TestLossBeforeAGap(t *testing.T) {
	r := idle(t, Options{Memory: 10 * time.Second})
	id := stream.ID{Camera: "gate", Which: stream.Main}
	reel, s := newReel(id, epoch, time.Second, 1000), r.sink(id)
	for range 3 {
		s.Fragment(reel.next())
	}
	s.Gap("stream.stopped")
	reel.skip(time.Minute)
	for range 8 {
		s.Fragment(reel.next())
	}
	if s.span != 10*time.Second || s.lost != 0 { // one went
		t.Fatalf("%v wait, %d lost are to be told of", s.span, s.lost)
	}
	for range 2 {
		f := reel.next()
		f.Key = false
		s.Fragment(f)
	}
	if s.span != 10*time.Second || r.Lost() != 3 || s.queue[1].lost != 3 {
		t.Errorf("%v wait, %d lost, the first after the end of footage has %+v", s.span, r.Lost(), s.queue[1])
	}
}
