package grant

import (
	"context"
	"fmt"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Who looked is told for three years, that somebody looked for ever. A clock that is years ahead takes two days' worth of names at most.
func TestNamesOfOldLooksGo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := &box{}
		d := open(t, db, newCompound(), func(o *Options) { o.Clock = b })
		now := time.Now()
		ages := map[LookID]int{}
		for _, days := range []int{1110, 1109, 1096, 1094, 0} {
			q := duty("gate")
			q.Reason = "巡查"
			l := begin(t, d, zhao(), q)
			d.end(l, EndDeleted)
			if err := d.writeEnded(ctx); err != nil {
				t.Fatal(err)
			}
			ages[l.Look] = days
			if _, err := db.ExecContext(ctx, "UPDATE looks SET end_us = ? WHERE id = ?", micros(now.Add(-time.Duration(days)*24*time.Hour)), string(l.Look)); err != nil {
				t.Fatal(err)
			}
		}
		begin(t, d, zhao(), duty("gate")) // goes on

		named := func() string {
			t.Helper()
			out := ""
			for _, l := range record(t, d, Query{}) {
				if l.CameraName == "" || l.Role == "" {
					t.Errorf("what is public of it has gone: %+v", l)
				}
				if (l.Name == "") != (l.Account == "") || l.Name == "" && l.Reason != "" {
					t.Errorf("half of it has gone: %+v", l)
				}
				if l.Name != "" && l.End != nil {
					out = fmt.Sprint(ages[l.ID], " ", out)
				}
			}
			return out
		}
		for _, doubt := range []string{"", "boot#1"} { // there may be looks that are to be dated anew; nobody knows the time
			b.set(doubt)
			if n, err := d.forget(ctx, now); n != 0 || err != nil {
				t.Errorf("%d in doubt, %v", n, err)
			}
			d.doubts.Store(false)
		}
		b.set("")
		for _, want := range []string{"1096 1094 0 ", "1094 0 ", "1094 0 "} {
			if _, err := d.forget(ctx, now); err != nil {
				t.Fatal(err)
			}
			if got := named(); got != want {
				t.Errorf("named are %q, want %q", got, want)
			}
		}
		if _, err := d.forget(ctx, now.AddDate(20, 0, 0)); err != nil || named() != "0 " {
			t.Errorf("20 years ahead: named are %q, %v", named(), err)
		}
		if l := d.living(); len(l) != 1 || l[0].Name == "" {
			t.Error("one that goes on has lost its name")
		}
	})
}
