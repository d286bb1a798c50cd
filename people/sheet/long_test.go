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

// waits writes again and again beside what is done, and says how long the longest of it took.
func waits(t *testing.T, o *office) func() time.Duration {
	stop, longest := make(chan struct{}), make(chan time.Duration)
	go func() {
		var most time.Duration
		for {
			select {
			case <-stop:
				longest <- most
				return
			case <-time.After(5 * time.Millisecond):
			}
			begin := time.Now()
			if _, err := o.db.ExecContext(o.ctx, "UPDATE journal_head SET seq = seq WHERE id = 1"); err != nil {
				t.Log("another writer was refused:", err)
			}
			most = max(most, time.Since(begin))
		}
	}()
	return func() time.Duration { close(stop); return <-longest }
}

// A long list takes little more memory than a short one. With LINLI_SOAK all 100,000 rows, written too.
func TestALongListTakesLittleMemory(t *testing.T) {
	rows, limit := 12_000, uint64(100<<20)
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
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		stop := peak(o.ctx)
		begin := time.Now()
		d := o.upload("long."+kind, file)
		checked := time.Since(begin)
		most := stop()
		most -= min(m.HeapAlloc, most)
		t.Logf("%s, %d rows: checked in %v, heap at most %d MiB above what there was", kind, rows, checked.Round(time.Millisecond), most>>20)
		if most > limit || d.Report.Bad != rows/10 {
			t.Errorf("%d MiB, %+v", most>>20, d.Report.Kinds)
		}
		if os.Getenv("LINLI_SOAK") == "" {
			continue
		}
		stop, begin = peak(o.ctx), time.Now()
		waited := waits(t, o)
		d = o.commit(d, true)
		took := time.Since(begin).Round(time.Millisecond)
		t.Logf("written in %v, heap at most %d MiB; another writer waited %v", took, stop()>>20, waited().Round(time.Millisecond))
		if d.Report.New != rows*9/10 {
			t.Errorf("%+v", d.Report)
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
