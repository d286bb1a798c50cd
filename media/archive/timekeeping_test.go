package archive

import (
	"context"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// set is a machine whose clock the test sets.
type set struct{ keep Timekeeping }

func (s *set) Timekeeping() Timekeeping { return s.keep }

// A boot at which the clock was not set yet: footage is in doubt until somebody sets it, or until that has taken so long
// that the date has to do. Nobody's footage stays in doubt for ever, and the page says each time what the clock is worth.
func TestClockIsSetLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		hands := &hands{wall: epoch}
		machine := &set{}
		boot := func(up time.Duration, known, synced bool) *Archive {
			t.Helper()
			machine.keep = Timekeeping{Known: known, Synced: synced, Up: up}
			return timed(t, db, hands, machine)
		}
		expect := func(a *Archive, trusted bool, synced, reason string) {
			t.Helper()
			hands.run(2 * time.Second) // the machine is asked once a second
			if s := a.Clock(); s.Trusted != trusted || s.Synced != synced || s.Reason != reason || (s.Until != nil) != (reason == "clock.not-set-yet") {
				t.Errorf("%+v, want trusted %v, synced %s, reason %q", s, trusted, synced, reason)
			}
			if a.ClockTrusted() != trusted {
				t.Error("ClockTrusted says otherwise")
			}
		}
		up := func(d time.Duration) { machine.keep.Up += d; hands.run(d) }

		// Nobody ever set this machine's clock: after a short wait the date has to do.
		a := boot(20*time.Second, true, false)
		expect(a, false, "no", "clock.not-set-yet")
		up(firstWait)
		expect(a, true, "no", "clock.by-date")
		expect(boot(40*24*time.Hour, true, false), true, "no", "clock.by-date") // a virtual machine that has been up for long
		expect(boot(time.Second, false, false), true, "unknown", "clock.not-told")

		// A time server sets it. From then on it is trusted while the process runs, also when the server is lost.
		a = boot(20*time.Second, true, false)
		expect(a, false, "no", "clock.not-set-yet")
		machine.keep.Synced = true
		expect(a, true, "yes", "")
		machine.keep.Synced = false
		expect(a, true, "no", "")
		if err := a.keepTime(ctx); err != nil {
			t.Fatal(err)
		}

		// At the next boot it is waited for, since it came before; but not for ever.
		a = boot(time.Hour, true, false)
		expect(a, false, "no", "clock.not-set-yet")
		up(laterWait)
		expect(a, true, "no", "clock.by-date")

		// Whatever the machine says: a time that has passed already is wrong.
		hands.set(-48 * time.Hour)
		expect(boot(time.Hour, true, true), false, "yes", "clock.past")
	})
}

func timed(t *testing.T, db *store.DB, c Clock, k Timekeeper) *Archive {
	t.Helper()
	a, err := New(context.Background(), Options{DB: db, Clock: c, Time: k})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The real one answers, or says that it does not know.
func TestKernel(t *testing.T) {
	k := Kernel{}.Timekeeping()
	t.Logf("%+v", k)
	if k.Up <= 0 || k.Synced && !k.Known {
		t.Errorf("%+v", k)
	}
}
