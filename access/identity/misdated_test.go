package identity

import (
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// The gatehouse's machine wakes up in 1970. Zhao signs in, the cookie stays, and when the clock is set he is not put out; his session
// has its time, and no more.
func TestSignedInWithoutTheTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var mono time.Duration
		trusted := false
		clocks := func(o *Options) {
			o.Mono = func() time.Duration { return mono }
			o.Trusted = func() bool { return trusted }
		}
		h := settled(t, db, clocks)
		pass := func(d time.Duration) { mono += d; h.clock.now = h.clock.now.Add(d) }
		sweep := func() {
			t.Helper()
			if err := h.confirm(h.ctx); err != nil {
				t.Fatal(err)
			}
			h.flush(h.ctx)
			if err := h.expire(h.ctx); err != nil {
				t.Fatal(err)
			}
		}
		is := func(says string, in SignedIn, want string) {
			t.Helper()
			if got := h.is(in.Cookie); got != want {
				t.Errorf("%s: %s, want %s", says, got, want)
			}
		}
		right := h.clock.now
		h.clock.now = time.Unix(60, 0)
		in := h.signIn("zhao", zhaosPassword)
		if c := h.cookie(in.Cookie, in.Until, false); c.MaxAge != int(h.opt.Lasts.Seconds()) || !c.Expires.IsZero() {
			t.Errorf("a browser drops it at once: %+v", c)
		}
		pass(time.Hour)
		is("in 1970", in, "赵师傅")
		h.clock.now = right
		is("the clock was just set", in, "赵师傅")
		sweep()
		trusted = true
		sweep()
		is("and is believed", in, "赵师傅")
		list, err := h.ListSessions(h.ctx, h.zhao.ID)
		if err != nil || len(list) != 1 || !list[0].Begun.Equal(right.Add(-time.Hour)) || !list[0].Until.Equal(list[0].Begun.Add(h.opt.Lasts)) {
			t.Errorf("%+v %v", list, err)
		}
		pass(h.opt.Idle - time.Minute)
		is("used again in time", in, "赵师傅")
		sweep()
		pass(h.opt.Idle + time.Minute)
		is("not used for long", in, "identity.session-ended")
		sweep()

		// A clock of 2031 that was believed: nobody stays signed in for five years.
		h.clock.now = right.AddDate(5, 0, 0)
		in = h.signIn("zhao", zhaosPassword)
		pass(time.Minute)
		is("in 2031", in, "赵师傅")
		h.clock.now = right
		is("back again", in, "identity.session-ended")
		sweep()
		if list, err = h.ListSessions(h.ctx, h.zhao.ID); err != nil || len(list) != 0 {
			t.Errorf("%+v %v", list, err)
		}
		// One of an earlier start stays as long as nobody knows the time.
		in = h.signIn("zhao", zhaosPassword)
		h = open(t, db, clocks)
		trusted, h.clock.now = false, time.Unix(60, 0)
		sweep()
		is("after the power came back", in, "赵师傅")
		trusted, h.clock.now = true, right.Add(8*24*time.Hour)
		is("eight days later", in, "identity.session-ended")
	})
}

// The gatehouse's clock is set five years ahead by mistake, and back some hours later. Zhao's wall stays on: his session has its time, by
// the machine's own.
func TestAJumpAheadSignsNobodyOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var mono time.Duration
		trusted := true
		clocks := func(o *Options) {
			o.Mono = func() time.Duration { return mono }
			o.Trusted = func() bool { return trusted }
		}
		h := settled(t, db, clocks)
		pass := func(d time.Duration) { mono += d; h.clock.now = h.clock.now.Add(d) }
		in := h.signIn("zhao", zhaosPassword)
		is := func(says, want string) {
			t.Helper()
			if err := h.confirm(h.ctx); err != nil {
				t.Fatal(err)
			}
			h.flush(h.ctx)
			if err := h.expire(h.ctx); err != nil {
				t.Fatal(err)
			}
			if got := h.is(in.Cookie); got != want {
				t.Errorf("%s: %s, want %s", says, got, want)
			}
		}
		const five = 5 * 365 * 24 * time.Hour
		pass(time.Minute)
		is("before", "赵师傅")
		h.clock.now = h.clock.now.Add(five)
		is("set ahead, and not noticed yet", "赵师傅")
		is("swept once more", "赵师傅")
		trusted = false
		for range 3 {
			pass(7 * time.Hour)
			is("while a person is waited for", "赵师傅")
		}
		h.clock.now = h.clock.now.Add(-five)
		is("set back", "赵师傅")
		trusted = true
		is("and believed", "赵师傅")
		now := h.clock.now
		h = open(t, db, clocks)
		h.clock.now = now
		if list, err := h.ListSessions(h.ctx, h.zhao.ID); err != nil || len(list) != 1 || now.Sub(list[0].Seen).Abs() > time.Minute {
			t.Errorf("%+v, %v", list, err)
		}
		is("after a restart", "赵师傅")
		for h.clock.now.Before(in.Until.Add(-7 * time.Hour)) {
			pass(7 * time.Hour)
			is("used every day", "赵师傅")
		}
		pass(7 * time.Hour)
		is("its week is over", "identity.session-ended")

		in = h.signIn("zhao", zhaosPassword)
		trusted = false
		pass(h.opt.Idle + time.Minute)
		is("not used for long, whatever the clock says", "identity.session-ended")
	})
}
