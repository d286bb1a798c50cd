package sheet

import (
	"context"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"linli.dev/linli/store/storetest"
)

// peak watches how large the heap gets.
func peak(ctx context.Context) func() uint64 {
	var most atomic.Uint64
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapAlloc))
			time.Sleep(10 * time.Millisecond)
		}
	}()
	return func() uint64 { stop(); <-done; return most.Load() }
}

// waits writes again and again beside what is done, and says how often, and how long the longest of it took.
func waits(t *testing.T, o *office) func() (times int, longest time.Duration) {
	stop, done := make(chan struct{}), make(chan struct{})
	var times int
	var most time.Duration
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			begin := time.Now()
			if _, err := o.db.ExecContext(o.ctx, "UPDATE journal_head SET seq = seq WHERE id = 1"); err != nil {
				t.Error("another writer was refused:", err)
			}
			times++
			most = max(most, time.Since(begin))
		}
	}()
	return func() (int, time.Duration) { close(stop); <-done; return times, most }
}

// A long list takes little more memory than a short one, read and written, and others write meanwhile: none waits for more than
// a part of the whole, however fast the machine is. With LINLI_SOAK all 100,000 rows.
func TestALongListTakesLittleMemory(t *testing.T) {
	rows, limit := 12_000, uint64(60<<20)
	if os.Getenv("LINLI_SOAK") != "" {
		rows, limit = MaxRows, 600<<20
	}
	for _, kind := range []string{"csv", "xlsx"} {
		o := newOffice(t, storetest.SQLite(t))
		list, _ := longList(rows, true)
		file := asCSV(list)
		if kind == "xlsx" {
			file = asXLSX(t, list)
		}
		list = nil
		above := func(what string, f func()) time.Duration {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			stop, begin := peak(o.ctx), time.Now()
			f()
			took, most := time.Since(begin), stop()
			most -= min(m.HeapAlloc, most)
			t.Logf("%s, %d rows: %s in %v, heap at most %d MiB above what there was", kind, rows, what, took.Round(time.Millisecond), most>>20)
			if most > limit {
				t.Errorf("%s: %s takes %d MiB", kind, what, most>>20)
			}
			return took
		}
		var d *Draft
		above("checked", func() { d = o.upload("long."+kind, file) })
		if d.Report.Bad != rows/10 {
			t.Errorf("%+v", d.Report.Kinds)
		}
		var times int
		var longest time.Duration
		took := above("written", func() {
			waited := waits(t, o)
			d = o.commit(d, true)
			times, longest = waited()
		})
		t.Logf("another wrote %d times meanwhile, and waited %v at most", times, longest.Round(time.Millisecond))
		if d.Report.New != rows*9/10 {
			t.Errorf("%+v", d.Report)
		}
		if times < 5 || longest > took/3 {
			t.Errorf("%s: in %v another wrote %d times and waited %v", kind, took, times, longest)
		}
	}
}

// A city's list is checked and written.
func BenchmarkCity(b *testing.B) {
	list, _ := longList(2366, false)
	file := asXLSX(b, list)
	for b.Loop() {
		b.StopTimer()
		o := newOffice(b, storetest.SQLite(b))
		b.StartTimer()
		if d := o.commit(o.upload("a.xlsx", file), false); d.Report.New != 2366 {
			b.Fatalf("%+v", d.Report)
		}
	}
}
