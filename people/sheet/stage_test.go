package sheet

import (
	"context"
	"testing"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// beside is places that have something done beside a list while it is written.
type beside struct {
	*place.Service
	call int
	do   func(call int)
}

func (b *beside) Count(ctx context.Context, by string, list []place.Count) error {
	b.call++
	b.do(b.call)
	return b.Service.Count(ctx, by, list)
}

// While a long list is taken in, others write: a list is never one transaction from its first row to its last.
func TestOthersWriteWhileAListIsTaken(t *testing.T) {
	each(t, func(o *office) {
		rows, _ := longList(2000, false)
		d := o.upload("a.csv", asCSV(rows))
		wrote := make(chan error, 1)
		b := &beside{Service: o.places}
		b.do = func(call int) {
			switch call {
			case 2: // somebody comes while a part of the list is being written
				go func() {
					wrote <- o.db.Change(o.ctx, func(_ context.Context, tx *store.Tx) error { return tx.Emit("test", "test.written", "x", nil) })
				}()
			case 4: // and is done before two parts more are
				select {
				case err := <-wrote:
					o.must(err)
				case <-time.After(20 * time.Second):
					t.Error("another writer waits for the whole list")
				}
			}
		}
		o.s.o.Places = b
		if d = o.commit(d, false); d.Report.New != 2000 || b.call < 5 {
			t.Errorf("%+v, in %d parts", d.Report, b.call)
		}
		seq := int64(0)
		events, err := o.db.Events(o.ctx, 0, 100)
		o.must(err)
		for len(events) > 0 {
			for _, e := range events {
				if seq++; e.Seq != seq {
					t.Fatalf("event %d stands where %d should", e.Seq, seq)
				}
			}
			events, err = o.db.Events(o.ctx, seq, 500)
			o.must(err)
		}
		for name := range map[string]bool{"丽景00000号院": true, "丽景01999号院": true} { // a tree that grows by the journal has them
			if r, ok := o.record(name); !ok || len(r.Numbers) != 2 {
				t.Errorf("%s: %+v", name, r)
			}
		}
	})
}

// What others wait for is one transaction with as many statements for a long list as for a short one; the many before it
// have a few each.
func TestTheLastTransactionIsShort(t *testing.T) {
	land := map[int]int{}
	for _, n := range []int{500, 3000} {
		o := newOffice(t, storetest.SQLite(t))
		o.s.o.Programme = nil
		o.s.landed = func(st *store.Stage) {
			if land[n] = st.Last; st.Most > 8 {
				t.Errorf("%d statements in a transaction of %d rows", st.Most, rowsAtOnce)
			}
		}
		rows, _ := longList(n, false)
		o.commit(o.upload("a.csv", asCSV(rows)), false)
	}
	if land[500] == 0 || land[500] != land[3000] || land[500] > 8 {
		t.Errorf("%v statements for 500 and 3000 rows", land)
	}
}

// Who says something while a list is being written is not written over unseen: the list is compared again, and its undo
// knows what they said.
func TestAListIsComparedAgainWhenSomebodySpeaks(t *testing.T) {
	each(t, func(o *office) {
		rows, _ := longList(1300, false)
		o.commit(o.upload("a.csv", asCSV(rows)), false)
		tree, err := o.places.Tree(o.ctx)
		o.must(err)
		var id place.ID
		for _, v := range tree.Of(o.s.today(), place.Compound) {
			if v.Name == "丽景00001号院" {
				id = v.Place
			}
		}
		for i := range rows[2:] {
			rows[2+i][9] = "9" // guards
		}
		d := o.upload("b.csv", asCSV(rows))
		b := &beside{Service: o.places}
		wrote := make(chan error, 1)
		b.do = func(call int) {
			if call == 2 && !o.db.Postgres() { // there the others wait for the stamp
				go func() {
					wrote <- o.places.Count(o.ctx, "zhao", []place.Count{{Compound: id, Sort: "guard", Number: 4, Moment: place.Moment{About: place.Date(2017, 9, 20)}}})
				}()
			}
			if call == 4 && !o.db.Postgres() {
				o.must(<-wrote)
			}
		}
		o.s.o.Places = b
		d = o.commit(d, false)
		if d.Report.Changed != 1300 {
			t.Errorf("%+v", d.Report)
		}
		guards := func() (n int) {
			counts, err := o.places.Counts(o.ctx, id)
			o.must(err)
			for _, a := range place.Assets(o.s.today(), o.s.today().Day, counts) {
				if a.Sort == "guard" {
					n = a.Number
				}
			}
			return n
		}
		if got := guards(); got != 9 {
			t.Errorf("%d guards", got)
		}
		o.now = o.now.Add(time.Minute)
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.must(err)
		want := 4
		if o.db.Postgres() {
			want = 1
		}
		if got := guards(); got != want {
			t.Errorf("%d guards after the undo, want %d", got, want)
		}
		var left int
		o.must(o.db.QueryRowContext(o.ctx, "SELECT count(*) FROM sheet_rows WHERE import NOT IN (SELECT id FROM sheet_imports)").Scan(&left))
		if left != 0 {
			t.Errorf("%d rows of an import that is not", left)
		}
	})
}
