package whep

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
)

// townClock is the clock of a node: it can be set, and time can be made to pass.
type townClock struct{ by, passed atomic.Int64 }

// now is time.Now with its wall clock set, and only that: a Time carries both readings, the wall's seconds from bit 30 on.
func (c *townClock) now() time.Time {
	t := time.Now().Add(time.Duration(c.passed.Load()))
	was, by := t, time.Duration(c.by.Load())
	*(*uint64)(unsafe.Pointer(&t)) += uint64(by/time.Second) << 30
	if t.Round(0).Sub(was.Round(0)) != by || t.Sub(was) != 0 {
		panic("a Time is laid out in another way")
	}
	return t
}

func (c *townClock) pass(d time.Duration) { c.passed.Add(int64(d)) }

// The node's clock is set while somebody watches: who shows life is not ended for silence, and its look is kept alive as before; who leaves is
// still found to have left.
func TestClockIsSetWhileWatched(t *testing.T) {
	for _, by := range []time.Duration{-8 * time.Hour, time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			t.Parallel()
			clock := &townClock{}
			p, err := Listen(Options{Listen: "127.0.0.1:0", clock: clock.now})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			f := NewFeed(FeedOptions{Video: "H264"})
			defer f.Close()
			beats := 0
			v := newPeer(p, f, Viewer{Beat: func() { beats++ }})
			p.mu.Lock()
			p.byUfrag["guard"] = v
			p.mu.Unlock()
			defer v.end(ErrLeft)
			v.alive()
			if beats != 1 {
				t.Errorf("%d beats at the first sign of life", beats)
			}
			clock.by.Store(int64(by))
			time.Sleep(2500 * time.Millisecond) // the port looks every two seconds
			for range 10 {
				clock.pass(600 * time.Millisecond)
				v.alive()
			}
			if err := v.Err(); err != nil || beats < 5 || beats > 7 {
				t.Errorf("in some six seconds: %d beats, ended: %v", beats, err)
			}
			clock.pass(silence + time.Second)
			waitFor(t, "silence ends it", func() bool { return v.Err() != nil })
			if err := v.Err(); !errors.Is(err, ErrSilent) {
				t.Error(err)
			}
		})
	}
}
