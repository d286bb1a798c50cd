package grant

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// box is a machine whose clock may be in doubt. The tests' own clock is right all the time: what would be shown by a clock that runs
// behind is told by how far the rows are moved.
type box struct {
	mu    sync.Mutex
	doubt string
	known map[string]Correction
}

func (b *box) Doubt() string { b.mu.Lock(); defer b.mu.Unlock(); return b.doubt }

func (b *box) Correction(doubt string) Correction {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.known[doubt]
}

func (b *box) set(doubt string) { b.mu.Lock(); defer b.mu.Unlock(); b.doubt = doubt }

func (d *Door) dated(t *testing.T, b *box) {
	t.Helper()
	b.set("")
	ctx, now := context.Background(), time.Now()
	if err := d.settle(ctx, now); err != nil {
		t.Fatal(err)
	}
	if d.believed.IsZero() {
		t.Fatal("nothing is in doubt")
	}
	if err := d.settle(ctx, now.Add(d.opt.Confirm)); err != nil {
		t.Fatal(err)
	}
}

const eightDays = 8 * 24 * time.Hour

// A gatehouse without the time: Zhao looks while the clock is eight days behind. His looks are on record as what they are, and in
// their place once the clock is set, whether they are over by then or not.
func TestLooksBegunWithoutTheTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := &box{known: map[string]Correction{"boot#1": {By: eightDays, Exact: true, Zero: time.Now().Add(-time.Hour), Start: time.Now().Add(eightDays - time.Hour)}}}
		d := open(t, db, newCompound(), func(o *Options) { o.Clock = b })
		before := begin(t, d, zhao(), duty("gate"))
		d.end(before, EndDeleted)
		b.set("boot#1")
		over := begin(t, d, zhao(), duty("yard"))
		d.end(over, EndDeleted)
		if err := d.writeEnded(ctx); err != nil {
			t.Fatal(err)
		}
		// A playback of what this clock has dated, and of what it has not: nobody knows what is past.
		now := time.Now()
		past := func(from time.Time) Request {
			return Request{Camera: "gate", Kind: Playback, Purpose: "duty", From: from, To: from.Add(time.Minute)}
		}
		own, old := begin(t, d, zhao(), past(now.Add(-10*time.Minute))), begin(t, d, zhao(), past(now.Add(-2*time.Hour)))
		later := begin(t, d, zhao(), past(now.AddDate(3, 0, 0))) // dated by a clock that was right
		own.Played(now.Add(-10*time.Minute), now.Add(-9*time.Minute))
		live := begin(t, d, zhao(), duty("gate"))
		if err := d.writeSeen(ctx); err != nil {
			t.Fatal(err)
		}
		list := record(t, d, Query{})
		for i, l := range []*Lease{live, later, old, own, over, before} {
			if list[i].ID != l.Look || list[i].Unconfirmed != (l != before) {
				t.Errorf("%d: %+v", i, list[i])
			}
		}
		if got := d.Active(); len(got) != 4 || got[0].ID != own.Look || !got[3].Unconfirmed {
			t.Errorf("%+v", got)
		}

		d.dated(t, b)
		near := func(says string, got, want time.Time) {
			t.Helper()
			if got.Sub(want).Abs() > time.Millisecond {
				t.Errorf("%s: %s, want %s", says, got, want)
			}
		}
		list = record(t, d, Query{})
		for i, l := range []*Lease{live, later, old, own, over, before} {
			by := eightDays
			if l == before {
				by = 0
			}
			if list[i].ID != l.Look || list[i].Unconfirmed {
				t.Errorf("%d: %+v", i, list[i])
			}
			near("it begins", list[i].Begin, l.Begin.Add(by))
			near("it ends at the latest", list[i].Until, l.Until.Add(by))
			if l.From.IsZero() {
				continue
			}
			want := l.From
			if l == own {
				want = want.Add(eightDays)
			}
			near("the footage", *list[i].From, want)
		}
		if p := list[3].Played; len(p) != 1 {
			t.Errorf("%+v", p)
		} else {
			near("what was played", p[0].From, now.Add(eightDays-10*time.Minute))
		}
		near("it was over", *list[4].End, over.ended.Add(eightDays))
		near("as it is told while it goes on", d.Active()[3].Begin, live.Begin.Add(eightDays))

		// What was going on then ends by the right time, too, and so does what a new run finds.
		d.end(live, EndDeleted)
		if err := d.writeEnded(ctx); err != nil {
			t.Fatal(err)
		}
		list = record(t, d, Query{})
		near("it ends", *list[0].End, live.ended.Add(eightDays))
		d = open(t, db, newCompound(), func(o *Options) { o.Clock = b })
		for _, l := range record(t, d, Query{})[1:4] {
			if l.Why != EndInterrupted || l.End.Before(l.Begin) || l.End.After(l.Until) {
				t.Errorf("cut off: %+v", l)
			}
		}
		// Pages follow each other in this order.
		var ids []LookID
		q := Query{Limit: 1}
		for {
			page, next, err := d.Looks(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, page[0].ID)
			if q.Before = next; next == "" {
				break
			}
		}
		for i, l := range []*Lease{live, later, old, own, over, before} {
			if i >= len(ids) || ids[i] != l.Look {
				t.Errorf("pages: %v", ids)
				break
			}
		}
		events, err := db.Events(ctx, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range events {
			if e.Kind == "look.redated" {
				n++
				if !strings.Contains(string(e.Data), `"looks":5`) || !strings.Contains(string(e.Data), `"offset_ms":691200000`) {
					t.Errorf("%s", e.Data)
				}
			}
		}
		if n != 1 {
			t.Errorf("%d events of it", n)
		}
	})
}

// What an earlier start of the machine has dated, nobody knows: it lies as late as it can have been, in its order, and says so. So
// does what a clock of 2031 has dated.
func TestLooksOfAnEarlierStart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		start := time.Now().Add(-time.Minute)
		b := &box{known: map[string]Correction{
			"one#1": {Zero: time.Unix(1, 0), Start: start}, "two#1": {Zero: time.Unix(1, 0), Start: start}, "": {Start: start},
		}}
		d := open(t, db, newCompound(), func(o *Options) { o.Clock = b })
		var all []*Lease
		for _, doubt := range []string{"", "one#1", "one#1", "two#1"} {
			b.set(doubt)
			l := begin(t, d, zhao(), duty("gate"))
			d.end(l, EndDeleted)
			all = append(all, l)
		}
		if err := d.writeEnded(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(ctx, "UPDATE looks SET begin_us = begin_us - ?, until_us = until_us - ?, end_us = end_us - ? WHERE doubt <> ''",
			time.Now().UnixMicro(), time.Now().UnixMicro(), time.Now().UnixMicro()); err != nil { // 1970
			t.Fatal(err)
		}
		if _, err := db.ExecContext(ctx, "UPDATE looks SET begin_us = begin_us + ?, until_us = until_us + ?, end_us = end_us + ? WHERE doubt = ''",
			5*365*24*time.Hour.Microseconds(), 5*365*24*time.Hour.Microseconds(), 5*365*24*time.Hour.Microseconds()); err != nil { // 2031
			t.Fatal(err)
		}
		b.set("")
		d = open(t, db, newCompound(), func(o *Options) { o.Clock = b })
		d.dated(t, b)
		list := record(t, d, Query{})
		end := start
		for i, l := range list {
			if l.ID != all[len(all)-1-i].Look || !l.Unconfirmed || l.End.After(end.Add(time.Microsecond)) || end.Sub(*l.End) > time.Second {
				t.Errorf("%d, to be over by %s: %+v", i, end, l)
			}
			if i != 1 { // the two of one start keep what lies between them
				end = l.Begin
			} else {
				end = *l.End
			}
		}
	})
}

// The clock is believed in 2031, people look, and it is put right under the running server: nobody looks just then, and what was looked at
// is dated anew all the same.
func TestLooksOfABelievedFuture(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		start := time.Now().Add(-30 * time.Hour)
		b := &box{known: map[string]Correction{"": {Start: start}}}
		d := open(t, db, newCompound(), func(o *Options) { o.Clock = b })
		d.dated(t, b) // of a run before
		l := begin(t, d, zhao(), Request{Camera: "gate", Kind: Export, Purpose: "evidence", From: start, To: start.Add(20 * time.Hour)})
		d.end(l, EndDeleted)
		if err := d.writeEnded(ctx); err != nil {
			t.Fatal(err)
		}
		ahead := 5 * 365 * 24 * time.Hour.Microseconds()
		if _, err := db.ExecContext(ctx, "UPDATE looks SET begin_us = begin_us + ?, until_us = until_us + ?, end_us = end_us + ?", ahead, ahead, ahead); err != nil {
			t.Fatal(err)
		}
		b.set("boot#2")
		if err := d.settle(ctx, time.Now()); err != nil {
			t.Fatal(err)
		}
		d.dated(t, b)
		if list := record(t, d, Query{}); len(list) != 1 || !list[0].Unconfirmed || list[0].End.Sub(start).Abs() > time.Millisecond {
			t.Errorf("%+v", list)
		}
		if was, err := d.exported(ctx, zhao().Account); err != nil || was != 0 {
			t.Errorf("%s were exported in the last 24 hours, %v", was, err)
		}
	})
}

// Two days of footage in a day, and no more because the clock is not set.
func TestExportsWithoutTheTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		now := time.Now()
		b := &box{known: map[string]Correction{"boot#1": {By: eightDays, Exact: true, Zero: now.Add(-time.Hour), Start: now}}}
		d := open(t, db, newCompound(), func(o *Options) { o.Clock = b })
		export := func(hours int) error {
			l, err := d.Begin(ctx, zhao(), Request{Camera: "gate", Kind: Export, Purpose: "evidence", From: now.Add(-time.Duration(hours) * time.Hour), To: now})
			if err == nil {
				d.end(l, EndDeleted)
			}
			return err
		}
		if err := export(20); err != nil {
			t.Fatal(err)
		}
		b.set("boot#1")
		if err := export(20); err != nil {
			t.Error(err)
		}
		if err := export(20); fault.KindOf(err) != fault.Denied {
			t.Errorf("60 hours: %v", err)
		}
		// However far behind the clock is.
		if err := d.writeEnded(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(ctx, "UPDATE looks SET begin_us = 60000000 WHERE doubt <> ''"); err != nil {
			t.Fatal(err)
		}
		if err := export(20); fault.KindOf(err) != fault.Denied {
			t.Errorf("60 hours: %v", err)
		}
	})
}
