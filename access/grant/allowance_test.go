package grant

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"linli.dev/linli/fault"
)

// pull takes footage as fast as it is given until the lease ends, ctx does, or the account has had too much. It gives how much.
func pull(ctx context.Context, take func(context.Context, time.Duration) error) (got time.Duration, err error) {
	for {
		if err = take(ctx, 2*time.Second); err != nil {
			return got, err
		}
		got += 2 * time.Second
	}
}

// One guard's cookie and a program: it begins looks at eight times the speed and ends them as soon as they have given what
// was ahead, twenty at a time. All of it together is what the pages could have shown: eight cameras, at twice the speed.
func TestLookAfterLookCarriesNoMoreThanThePagesShow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bareDoor()
		var doors sync.Mutex
		begun := time.Now()
		var sent, refused atomic.Int64
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				for range 10 {
					doors.Lock()
					l := bareLease(d, Playback, time.Hour, 8)
					doors.Unlock()
					ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
					for ctx.Err() == nil {
						got, err := pull(ctx, l.Pacer().Take)
						sent.Add(int64(got))
						if fault.KindOf(err) != fault.TooMany {
							break
						}
						refused.Add(1)
						time.Sleep(100 * time.Millisecond)
					}
					cancel()
					doors.Lock()
					d.end(l, EndDeleted)
					doors.Unlock()
				}
			})
		}
		over := make(chan struct{})
		go func() { all.Wait(); close(over) }()
		for running := true; running; {
			select {
			case <-over:
				running = false
			case <-time.After(time.Second):
			}
			may := 160*time.Second + 16*time.Since(begun)
			if got := time.Duration(sent.Load()); got > may {
				t.Fatalf("after %s it has %s of footage, %s at most are right", time.Since(begun), got, may)
			}
		}
		if got, least := time.Duration(sent.Load()), 160*time.Second+14*time.Since(begun); got < least {
			t.Errorf("in %s it got only %s", time.Since(begun), got)
		}
		t.Logf("%s of footage in %s from 200 looks; told %d times that it was too much", time.Duration(sent.Load()), time.Since(begun), refused.Load())
	})
}

// What pages do is never held up: eight cameras in step at every speed, and another account beside them.
func TestEightCamerasInStepHaveWhatTheyNeed(t *testing.T) {
	for _, c := range []struct {
		speed float64
		keys  bool
		each  time.Duration // in a minute
	}{{1, false, 70 * time.Second}, {2, false, 140 * time.Second}, {4, true, 280 * time.Second}, {8, true, 560 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			d := bareDoor()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var all sync.WaitGroup
			for range inStep {
				l := bareLease(d, Playback, time.Hour, c.speed)
				take := l.Pacer().Take
				if c.keys {
					take = l.Pacer().TakeKeys
				}
				all.Go(func() {
					if got, err := pull(ctx, take); got < c.each-4*time.Second || got > c.each || fault.KindOf(err) == fault.TooMany {
						t.Errorf("at %v×: %s in a minute, want %s; %v", c.speed, got, c.each, err)
					}
				})
			}
			all.Wait()
			for _, l := range d.living() {
				d.end(l, EndDeleted)
			}
		})
	}
}

// Who comes when others of the account have everything is told when to come again, has lost nothing by it, and finds then
// what he came for. Nobody else's account hears of it.
func TestWhoComesTooOftenIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bareDoor()
		mine := bareLease(d, Playback, time.Hour, 8)
		var all sync.WaitGroup
		var told atomic.Int32
		for range 300 {
			l := bareLease(d, Playback, time.Hour, 8)
			all.Go(func() {
				if err := l.Pacer().Take(t.Context(), 2*time.Second); fault.CodeOf(err) == "door.account-pace" {
					told.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		// 80 pieces at once, and 80 more within ten seconds.
		if n := told.Load(); n != 300-160 {
			t.Errorf("%d of 300 were told", n)
		}
		err := mine.Pacer().Take(t.Context(), 2*time.Second)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.TooMany || f.RetryAfter < 5*time.Second || f.RetryAfter > 15*time.Second {
			t.Fatalf("%v %+v", err, f)
		}
		other := &Lease{Account: "wu", Kind: Playback, Begin: time.Now(), Until: time.Now().Add(time.Hour), Speed: 1, door: d, done: make(chan struct{})}
		other.pacer = newPacer(other)
		at := time.Now()
		if err := other.Pacer().Take(t.Context(), 10*time.Second); err != nil || time.Since(at) != 0 {
			t.Errorf("another account: %v after %s", err, time.Since(at))
		}
		time.Sleep(f.RetryAfter)
		at = time.Now()
		for range 40 { // all that was ahead of this one is there still
			if err := mine.Pacer().Take(t.Context(), 2*time.Second); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(at); d > 6*time.Second {
			t.Errorf("then it waited %s", d)
		}
		all.Wait()
		for _, l := range d.living() {
			d.end(l, EndDeleted)
		}
	})
}

// A look that ends while it waits for its account's turn takes nothing away from the others.
func TestWhoLeavesTheQueueLeavesHisPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bareDoor()
		full := bareLease(d, Playback, time.Hour, 8)
		full.pacer.account.have = 0
		done := make(chan error)
		go func() { done <- full.Pacer().Take(t.Context(), 80*time.Second) }() // five seconds' worth
		time.Sleep(time.Second)
		d.end(full, EndDeleted)
		if err := <-done; fault.KindOf(err) != fault.Gone {
			t.Error(err)
		}
		next := bareLease(d, Playback, time.Hour, 1)
		at := time.Now()
		if err := next.Pacer().Take(t.Context(), 10*time.Second); err != nil || time.Since(at) != 0 {
			t.Errorf("%v after %s", err, time.Since(at))
		}
		d.end(next, EndDeleted)
	})
}
