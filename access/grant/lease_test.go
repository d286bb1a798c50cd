package grant

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// These leases stand outside a database: only their clocks are of interest, and those are bubbles'.
func bareDoor() *Door {
	return &Door{leases: map[string]*Lease{}, byLook: map[LookID]*Lease{}, wake: make(chan struct{}, 1)}
}

func bareLease(d *Door, kind Kind, lasts time.Duration, speed float64) *Lease {
	now := time.Now()
	l := &Lease{ID: newSecret(), Look: LookID(newSecret()), Kind: kind, Begin: now, Until: now.Add(lasts), Speed: speed, door: d, done: make(chan struct{}), committed: true}
	l.pacer = newPacer(l)
	d.leases[l.ID], d.byLook[l.Look] = l, l
	l.arm(15 * time.Second)
	return l
}

func endsAfter(t *testing.T, l *Lease) time.Duration {
	t.Helper()
	<-l.Done()
	return l.ended.Sub(l.Begin)
}

func TestNobodyIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := bareLease(bareDoor(), Live, 12*time.Hour, 1)
		if d := endsAfter(t, l); d != 15*time.Second || l.Why() != EndIdle {
			t.Errorf("ended after %s: %s", d, l.Why())
		}
	})
}

func TestZhaoWatchesForAWhileAndLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bareDoor()
		l := bareLease(d, Live, 12*time.Hour, 1)
		for range 100 {
			time.Sleep(14 * time.Second)
			if _, err := d.Use(l.ID, Live); err != nil {
				t.Fatal(err)
			}
		}
		if got := endsAfter(t, l); got != 1415*time.Second || l.Why() != EndIdle {
			t.Errorf("ended after %s: %s", got, l.Why())
		}
	})
}

func TestHoweverLongHeWatchesItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bareDoor()
		l := bareLease(d, Live, 10*time.Minute, 1)
		go func() {
			for l.Err() == nil {
				_, _ = d.Use(l.ID)
				time.Sleep(time.Second)
			}
		}()
		if got := endsAfter(t, l); got != 10*time.Minute || l.Why() != EndExpired {
			t.Errorf("ended after %s: %s", got, l.Why())
		}
		if _, err := d.Use(l.ID); fault.KindOf(err) != fault.Gone {
			t.Error(err)
		}
		time.Sleep(2 * time.Second) // the viewer goes
	})
}

// A desktop player pulls for ever; that is no sign of a person. The signed-in page is.
func TestADesktopPlayerIsKeptByItsPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := bareDoor()
		l := bareLease(d, RTSP, 30*time.Minute, 1)
		go func() {
			for l.Err() == nil {
				_, _ = d.Use(l.ID, RTSP)
				l.Beat()
				time.Sleep(time.Second)
			}
		}()
		time.Sleep(10 * time.Second)
		l.keep() // the page
		if got := endsAfter(t, l); got != 25*time.Second || l.Why() != EndIdle {
			t.Errorf("ended after %s: %s", got, l.Why())
		}
		time.Sleep(2 * time.Second) // the player goes
	})
}

// A stranger who knows an address is refused, as often as he asks, and none of it is a sign that Zhao is there.
func TestAStrangersRequestsKeepNobodysLook(t *testing.T) {
	for way, ask := range map[string]func(d *Door, l *Lease) error{
		"a media request": func(d *Door, l *Lease) error {
			r := httptest.NewRequest(http.MethodGet, "/media/"+l.ID+"/test", nil)
			r.SetPathValue("lease", l.ID)
			r.AddCookie(&http.Cookie{Name: "linli_session", Value: "sun-pc"})
			_, err := d.Admit(r, Live)
			return err
		},
		"a beat": func(d *Door, l *Lease) error {
			_, err := d.postBeat(api.WithCaller(context.Background(), sun()), &struct {
				Lease string    `path:"lease"`
				Body  *BeatBody `required:"false"`
			}{Lease: l.ID})
			return err
		},
	} {
		t.Run(way, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := bareDoor()
				d.opt.Sessions = newCompound()
				l := bareLease(d, Live, 12*time.Hour, 1)
				l.Session = "zhao-pc"
				go func() {
					for l.Err() == nil {
						if err := ask(d, l); l.Err() == nil && fault.CodeOf(err) != "door.lease-required" {
							t.Errorf("a stranger heard %v", err)
						}
						time.Sleep(4 * time.Second)
					}
				}()
				if got := endsAfter(t, l); got != 15*time.Second || l.Why() != EndIdle {
					t.Errorf("ended after %s: %s", got, l.Why())
				}
				time.Sleep(5 * time.Second) // the stranger goes
			})
		})
	}
}

func TestOnEnd(t *testing.T) {
	l := bareLease(bareDoor(), Live, time.Hour, 1)
	told := 0
	l.OnEnd(func() { told++ })
	stop := l.OnEnd(func() { told += 100 })
	if !stop() || stop() {
		t.Error("stop")
	}
	l.finish(EndRevoked)
	if l.finish(EndIdle) {
		t.Error("ended twice")
	}
	if told != 1 || l.Why() != EndRevoked {
		t.Error(told, l.Why())
	}
	if stop := l.OnEnd(func() { told++ }); told != 2 || stop() {
		t.Error("one who comes late is told at once")
	}
}

// However fast a program pulls, it gets ten seconds more than a viewer would have seen.
func TestPlaybackIsNotSentFarAhead(t *testing.T) {
	for _, c := range []struct {
		speed float64
		ahead time.Duration
		in    time.Duration // media sent in a minute
	}{
		{1, 10 * time.Second, 70 * time.Second},
		{2, 20 * time.Second, 140 * time.Second},
		{8, 80 * time.Second, 560 * time.Second},
		{100, 80 * time.Second, 560 * time.Second}, // cut at 8
		{0.25, 10 * time.Second, 70 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := bareLease(bareDoor(), Playback, time.Minute, c.speed)
			var sent, atOnce time.Duration
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			for {
				if err := l.Pacer().Take(ctx, 2*time.Second); err != nil {
					break
				}
				sent += 2 * time.Second
				if time.Since(l.Begin) == 0 {
					atOnce = sent
				}
			}
			if atOnce != c.ahead || sent < c.in-4*time.Second || sent > c.in {
				t.Errorf("at %v×: %s at once, %s in a minute", c.speed, atOnce, sent)
			}
		})
	}
}

func TestAJumpShowsAPictureAtOnceButManyDoNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := bareLease(bareDoor(), Playback, time.Hour, 1)
		ctx := context.Background()
		take := func(d time.Duration) time.Duration {
			t.Helper()
			begun := time.Now()
			if err := l.Pacer().Take(ctx, d); err != nil {
				t.Fatal(err)
			}
			return time.Since(begun)
		}
		take(10 * time.Second)
		if d := take(2 * time.Second); d < 1900*time.Millisecond {
			t.Errorf("after ten seconds ahead the next waited %s", d)
		}
		if err := l.Pacer().Seek(ctx); err != nil {
			t.Fatal(err)
		}
		if d := take(2 * time.Second); d != 0 {
			t.Errorf("after a jump the picture waited %s", d)
		}
		// Nor does it stop for breath behind the picture: nothing was ahead at the new place.
		for i := range 4 {
			if d := take(2 * time.Second); d != 0 {
				t.Errorf("%d s after the jump it waited %s", 2*(i+1), d)
			}
		}
		// Jumping along the archive is no way to copy it: 64 jumps take their time.
		begun := time.Now()
		for range 64 {
			if err := l.Pacer().Seek(ctx); err != nil {
				t.Fatal(err)
			}
			take(2 * time.Second)
		}
		if d := time.Since(begun); d < 11*time.Second {
			t.Errorf("64 jumps in %s", d)
		}
	})
}

func TestWhoWaitsForMediaHearsTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := bareLease(bareDoor(), Playback, time.Hour, 1)
		go func() { time.Sleep(3 * time.Second); l.door.end(l, EndRevoked) }()
		err := l.Pacer().Take(context.Background(), 10*time.Second)
		if err == nil {
			err = l.Pacer().Take(context.Background(), 10*time.Second)
		}
		if fault.KindOf(err) != fault.Gone || time.Since(l.Begin) != 3*time.Second {
			t.Errorf("%v after %s", err, time.Since(l.Begin))
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		other := bareLease(bareDoor(), Playback, time.Hour, 1)
		_ = other.Pacer().Take(context.Background(), 10*time.Second)
		if err := other.Pacer().Take(ctx, time.Second); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestASlowerSpeedKeepsWhatIsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := bareLease(bareDoor(), Playback, time.Hour, 8)
		ctx := context.Background()
		if err := l.Pacer().Take(ctx, 80*time.Second); err != nil {
			t.Fatal(err)
		}
		l.Pacer().SetSpeed(1)
		begun := time.Now()
		for range 10 {
			if err := l.Pacer().Take(ctx, time.Second); err != nil {
				t.Fatal(err)
			}
		}
		// 80 s were ahead; at 1× that is seventy too many, watched before anything more is sent.
		if d := time.Since(begun); d < 79*time.Second {
			t.Errorf("sent on after %s", d)
		}
	})
}
