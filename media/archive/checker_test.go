package archive

import (
	"context"
	"path"
	"testing"
	"time"

	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// check runs a checker until ok.
func (y *yard) check(o CheckerOptions, what string, ok func(*Checker) bool) *Checker {
	y.t.Helper()
	o.Archive, o.Settle = y.Archive, -1
	if o.Look == 0 {
		o.Look = time.Millisecond
	}
	if o.Save == 0 {
		o.Save = time.Nanosecond
	}
	k, err := NewChecker(context.Background(), o)
	if err != nil {
		y.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	for end := time.Now().Add(10 * time.Second); !ok(k); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			y.t.Fatalf("not within 10 s: %s; %+v", what, k.Checks())
		}
	}
	cancel()
	if err := <-done; err != nil {
		y.t.Fatal(err)
	}
	return k
}

func (y *yard) spoil(rel string, at int64) {
	y.t.Helper()
	f, err := y.layer.Edit(path.Join(y.cfg.Path, rel))
	if err != nil {
		y.t.Fatal(err)
	}
	if _, err := f.WriteBuffers([][]byte{{1, 2, 3}}, at); err != nil {
		y.t.Fatal(err)
	}
}

func complete(k *Checker) bool {
	c := k.Checks()
	return len(c) == 1 && !c[0].Running && !c[0].Ended.IsZero() && !c[0].Ended.Before(c[0].Began)
}

// Rot is found in the background, told once, and stands until a later walk finds it gone. A walk that is due again begins
// again; one that is not does not.
func TestChecker(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		var segs []Segment
		for i := range 5 {
			segs = append(segs, y.footage("gate", Main, 1, epoch.Add(time.Duration(i)*time.Minute), 6, 10*time.Second, 3000))
		}
		y.clock.run(time.Hour)
		y.spoil(segs[2].Path, 5000)
		k := y.check(CheckerOptions{}, "a whole walk", complete)
		c := k.Checks()[0]
		if c.Segments != 5 || c.Fragments != 30 || c.Differences[HashMismatch] != 1 || len(c.Differences) != 1 {
			t.Errorf("%+v", c)
		}
		list, err := y.Differences(ctx, 10)
		if err != nil || len(list) != 1 || list[0].Segment != segs[2].ID || list[0].Kind != HashMismatch {
			t.Errorf("%+v %v", list, err)
		}
		if n := len(y.events(db, "footage.differs")); n != 1 {
			t.Errorf("%d events", n)
		}

		y.clock.run(time.Hour)
		k = y.check(CheckerOptions{}, "nothing to begin", func(*Checker) bool { time.Sleep(20 * time.Millisecond); return true })
		if got := k.Checks()[0]; got.Began != c.Began || got.Differences[HashMismatch] != 1 {
			t.Errorf("a walk began an hour after the last: %+v", got)
		}

		y.clock.run(8 * 24 * time.Hour)
		again := func(k *Checker) bool { return complete(k) && k.Checks()[0].Began.After(c.Began) }
		y.check(CheckerOptions{}, "a walk a week later", again)
		if n := len(y.events(db, "footage.differs")); n != 1 {
			t.Errorf("told %d times", n)
		}
		if _, err := y.Fsck(ctx, FsckOptions{Mend: true}); err != nil {
			t.Fatal(err)
		}
		if list, err := y.Differences(ctx, 10); err != nil || len(list) != 0 {
			t.Errorf("mended, and still told: %+v %v", list, err)
		}
	})
}

// A restart goes on where the last process was.
func TestCheckerGoesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		for i := range 40 {
			y.footage("gate", Main, 1, epoch.Add(time.Duration(i)*time.Minute), 2, 30*time.Second, 30_000)
		}
		slow := CheckerOptions{Rate: 2_000_000}
		k := y.check(slow, "some segments", func(k *Checker) bool { c := k.Checks(); return len(c) == 1 && c[0].Segments >= 5 })
		first := k.Checks()[0]
		if complete(k) || first.Segments > 30 {
			t.Fatalf("%+v", first)
		}
		k = y.check(CheckerOptions{}, "the rest", complete)
		if c := k.Checks()[0]; c.Segments != 40 || !c.Began.Equal(first.Began) || c.Bytes >= 42*61_000 {
			t.Errorf("%+v after %+v", c, first)
		}
	})
}

// A check waits while the recorder or a viewer needs the disk, and goes on afterwards.
func TestCheckerStandsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		for i := range 3 {
			y.footage("gate", Main, 1, epoch.Add(time.Duration(i)*time.Minute), 2, 30*time.Second, 3000)
		}
		y.SetLoad(y.disk, Busy)
		y.check(CheckerOptions{}, "nothing", func(k *Checker) bool {
			time.Sleep(100 * time.Millisecond)
			if c := k.Checks(); len(c) != 1 || c[0].Segments != 0 {
				t.Errorf("checked while the recorder could not keep up: %+v", c)
			}
			return true
		})
		y.SetLoad(y.disk, Light)

		list, err := y.Segments(ctx, "gate", Main, epoch, epoch.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		r, err := y.Open(For(ctx, Export), &list[0])
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		read := func() {
			if _, err := r.ReadAt(make([]byte, 100), 0); err != nil {
				t.Fatal(err)
			}
		}
		read()
		begin := time.Now()
		y.check(CheckerOptions{}, "a whole walk", func(k *Checker) bool {
			if time.Since(begin) < aside {
				read()
				if k.Checks() != nil && complete(k) {
					t.Error("a check did not wait for an export")
					return true
				}
			}
			return complete(k)
		})
	})
}

// A disk that is pulled out is a matter of the disk: its rows are not called wrong, and nothing is mended for it.
func TestFsckOfADiskThatIsGone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		s := y.footage("gate", Main, 1, epoch, 2, 30*time.Second, 3000)
		for _, name := range []string{markerName, s.Path} {
			if err := y.layer.Remove(path.Join(y.cfg.Path, name)); err != nil {
				t.Fatal(err)
			}
		}
		r, err := y.Fsck(ctx, FsckOptions{Mend: true})
		if err == nil || !r.Clean() || y.count("gate", Main) != 1 {
			t.Errorf("%+v, %v, %d segments", r, err, y.count("gate", Main))
		}
		if file.FaultOf(err) != file.Missing {
			t.Errorf("%v", err)
		}
	})
}
