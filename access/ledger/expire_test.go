package ledger

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// still has nobody follow the journal any more: the test does what is to be done.
func (c *compound) still() {
	c.t.Helper()
	c.stop()
	c.stop = func() {}
}

// refused puts a refusal with a private part.
func (c *compound) refused(camera string, at time.Time, unconfirmed bool) {
	c.t.Helper()
	err := c.Put(context.Background(), Entry{
		Kind: "look.refused", At: at, Unconfirmed: unconfirmed,
		Row:     Row{"camera": camera, "way": "live", "purpose": "duty", "grant": "", "policy": "no-permit", "role": "guard", "unit": ""},
		Private: Row{"account": "a", "name": "王芳", "case": ""},
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// kept are the cameras of entries whose private part is there.
func (c *compound) kept() string {
	c.t.Helper()
	var list []string
	for _, r := range c.rows() {
		if r.Private != "" {
			list = append(list, r.Subject)
		}
	}
	return strings.Join(list, " ")
}

// The private part goes when its time is over; the leaf stays as it was.
func TestPrivatePartsExpire(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		c := newCompound(t, db)
		c.emit("look.refused", "gate", "王芳")
		c.sync()
		c.still()
		was := c.rows()[1]
		if n, err := expire(ctx, c.db, time.Now().AddDate(0, 0, 1094)); err != nil || n != 0 {
			t.Errorf("%d expired a day early, %v", n, err)
		}
		if n, err := expire(ctx, c.db, time.Now().AddDate(0, 0, 1096)); err != nil || n != 1 {
			t.Errorf("%d expired, %v", n, err)
		}
		now := c.rows()[1]
		if now.Private != "" || now.Salt != "" || now.Leaf != was.Leaf {
			t.Errorf("%+v", now)
		}
	})
}

// A clock in doubt takes nothing away, and one that is years ahead and believed two days' worth: names that went cannot be had again.
func TestNothingExpiresByAWrongClock(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.still()
	now := time.Now().UTC()
	for days, camera := range []string{"gate", "yard", "road", "shed"} {
		c.refused(camera, now.AddDate(0, 0, days), false)
	}
	c.opt.Now = func() time.Time { return time.Now().AddDate(9, 0, 0) }
	c.doubt.Store(true)
	c.expire(context.Background())
	if got := c.kept(); got != "gate yard road shed" {
		t.Errorf("in doubt: %s", got)
	}
	c.doubt.Store(false)
	for _, want := range []string{"shed", ""} {
		c.expire(context.Background())
		if got := c.kept(); got != want {
			t.Errorf("%q is kept, not %q", got, want)
		}
	}
}

// Of an entry whose time nobody knew its place tells how old it is: by a clock of 1970 its names would go at once.
func TestUndatedPartsGoWithLaterOnes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		c := newCompound(t, db)
		c.still()
		c.refused("undated-early", time.Unix(7, 0), true)
		if n, err := expire(ctx, db, time.Now()); err != nil || n != 0 {
			t.Errorf("%d went, %v", n, err)
		}
		c.refused("old", time.Now().AddDate(0, 0, -1096), false)
		c.refused("undated-late", time.Unix(8, 0), true)
		c.refused("new", time.Now(), false)
		if n, err := expire(ctx, db, time.Now()); err != nil || n != 2 || c.kept() != "undated-late new" {
			t.Errorf("%d went, %s is kept, %v", n, c.kept(), err)
		}
		c.close()
		if report := c.holds(map[string]int{"look.refused": 4}); report.Lost != 0 {
			t.Errorf("%d are told lost", report.Lost)
		}
		c.sql("UPDATE ledger_entries SET salt = '', private = '' WHERE subject = 'undated-late'")
		var d *Damage
		if _, err := c.verifyAll(); !errors.As(err, &d) || err.Error() != "entry 3: its private part was taken away before its time" {
			t.Errorf("%v", err)
		}
	})
}

// What the ledger enters of its own says so when nobody knows what time it is.
func TestOwnEntriesInDoubt(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.still()
	put := func() string {
		t.Helper()
		if err := c.Put(context.Background(), Entry{Kind: "program.started", At: c.opt.Now(), Row: Row{"version": "1", "hash": ""}}); err != nil {
			t.Fatal(err)
		}
		rows := c.rows()
		last := rows[len(rows)-1]
		listed, err := last.listed()
		if err != nil || listed.Unconfirmed != strings.Contains(last.Leaf, "unconfirmed") {
			t.Errorf("%s is listed as %+v, %v", last.Leaf, listed, err)
		}
		return last.Leaf
	}
	unconfirmed := func(leaf string) bool { return strings.HasSuffix(leaf, `,"unconfirmed":true}`) }
	if leaf := put(); unconfirmed(leaf) {
		t.Error(leaf)
	}
	c.doubt.Store(true)
	if leaf := put(); !unconfirmed(leaf) {
		t.Error(leaf)
	}
	c.doubt.Store(false)
	c.opt.Now = func() time.Time { return time.Unix(7, 0) } // believed or not
	if leaf := put(); !unconfirmed(leaf) {
		t.Error(leaf)
	}
	c.close()
	c.holds(map[string]int{"program.started": 3})
}
