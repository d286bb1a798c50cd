package identity

import (
	"errors"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestARestartForgivesNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		const stranger = "198.51.100.4:1"
		for range freeTries {
			_, _ = h.SignIn(h.ctx, "zhao", "guess guess guess", stranger, firefox, "")
		}
		again := func() *house {
			next := open(t, db)
			next.clock.now = h.clock.now
			return next
		}
		if _, err := again().SignIn(h.ctx, "zhao", zhaosPassword, stranger, firefox, ""); fault.CodeOf(err) != "identity.locked-out" {
			t.Errorf("after a restart: %v", err)
		}
		var names []string
		if err := db.NewSelect().Table("sign_in_tries").Column("name").Where("name LIKE ?", "%zhao%").Scan(h.ctx, &names); err != nil || len(names) > 0 {
			t.Errorf("what was typed is written down: %q, %v", names, err)
		}
		// The next wrong one after the wait is the sixth, not the first.
		h.clock.now = h.clock.now.Add(firstWait + time.Second)
		next := again()
		_, err := next.SignIn(h.ctx, "zhao", "guess guess guess", stranger, firefox, "")
		var f *fault.Error
		if !errors.As(err, &f) || f.RetryAfter < 2*firstWait {
			t.Errorf("the sixth: %v", err)
		}
		// The right password starts afresh, after a restart too.
		h.clock.now = h.clock.now.Add(2*firstWait + time.Second)
		next = again()
		if _, err := next.SignIn(h.ctx, "zhao", zhaosPassword, stranger, firefox, ""); err != nil {
			t.Fatal(err)
		}
		if wait := again().lockout.waits("zhao", stranger); wait > 0 {
			t.Errorf("waits %s", wait)
		}
		var left int64
		if left, err = db.NewSelect().Table("sign_in_tries").Where("name <> ?", "").Count(h.ctx); err != nil || left != 0 {
			t.Errorf("%d names left, %v", left, err)
		}
		// A day later nothing of it is left.
		h.clock.now = h.clock.now.Add(forgetAfter + time.Second)
		if err := again().forgetTries(h.ctx); err != nil {
			t.Fatal(err)
		}
		if left, err = db.NewSelect().Table("sign_in_tries").Count(h.ctx); err != nil || left != 0 {
			t.Errorf("%d rows left, %v", left, err)
		}
	})
}

// A new password from Sun forgives, after a restart too.
func TestANewPasswordForgivesForGood(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		for range freeTries {
			_, _ = h.SignIn(h.ctx, "zhao", "guess guess guess", gatehouse, firefox, "")
		}
		made, err := h.ResetPassword(h.ctx, "zhao")
		if err != nil {
			t.Fatal(err)
		}
		next := open(t, db)
		next.clock.now = h.clock.now
		if _, err := next.SignIn(h.ctx, "zhao", made, gatehouse, firefox, ""); err != nil {
			t.Error(err)
		}
	})
}
