package archive

import (
	"context"
	"path"
	"syscall"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/archive/file/filetest"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// swept waits until the files of purged segments are gone.
func (y *yard) swept(id DiskID) {
	y.t.Helper()
	d, _, err := y.Archive.disk(id)
	if err != nil {
		y.t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); d.sweeps.Load() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			y.t.Fatal("files are deleted for 10 s")
		}
	}
}

// One disk hangs. What the other holds still goes when its days are over, or when its share is used up, the purger still listens to
// people, and the hanging disk's files go when it answers again.
func TestOneDiskHangs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		hanging := &filetest.Broken{Layer: filetest.NewPower()}
		well := y.disk
		other, err := y.AttachDisk(ctx, DiskConfig{Path: "/other", Reserve: 1, Layer: hanging})
		if err != nil {
			t.Fatal(err)
		}
		y.clock.run(4 * time.Hour)
		for i := range 4 {
			y.disk = well
			y.footage("gate", Main, 1, epoch.Add(time.Duration(i)*time.Hour), 6, 10*time.Minute, 1000)
			s, entries, b := draft("yard", Main, other, 1, epoch.Add(time.Duration(i)*time.Hour), 6, 10*time.Minute, 1000)
			if err := y.Begin(ctx, s); err != nil {
				t.Fatal(err)
			}
			f, err := create(hanging, "/other/"+s.Path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteBuffers([][]byte{b}, 0); err != nil {
				t.Fatal(err)
			}
			y.Append(s.ID, entries...)
			if err := y.Finish(ctx, s.ID); err != nil {
				t.Fatal(err)
			}
		}
		p := y.purger(map[Which]int{Main: 7})
		y.clock.run(7*24*time.Hour - 2*time.Hour)
		release := hanging.Hang()
		defer release()
		step := func(what string) {
			t.Helper()
			done := make(chan error, 1)
			go func() { done <- p.Step(ctx) }()
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("the purger hangs: %s", what)
			}
		}
		step("two hours' days are over, on both disks")
		y.SetDisk(ctx, other, Dead, "disk.stalled", "") // the recorder has seen it
		if g, h := y.count("gate", Main), y.count("yard", Main); g != 2 || h != 2 {
			t.Errorf("%d and %d segments are left of 4 each", g, h)
		}
		y.swept(well)
		y.cfg.Quota = y.Disks()[0].Used / 2
		y.disk = well
		if _, err := y.AttachDisk(ctx, y.cfg); err != nil {
			t.Fatal(err)
		}
		y.clock.run(time.Minute)
		step("and a share is used up")
		if g := y.count("gate", Main); g != 1 {
			t.Errorf("%d are left, one fits", g)
		}
		if err := p.Resume(ctx, "operator"); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		release()
		y.SetDisk(ctx, other, OK, "", "")
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			y.clock.run(time.Minute)
			step("it answers again")
			var n int
			if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM purge_list").Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%d files are still to go", n)
			}
		}
		r, err := y.Fsck(ctx, FsckOptions{Report: func(d Difference) { t.Errorf("%+v", d) }})
		if err != nil || r.Segments != 3 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func create(l file.Layer, name string) (file.File, error) {
	if err := l.MakeDir(path.Dir(name)); err != nil {
		return nil, err
	}
	return l.Create(name)
}

// A full disk is slow to let files go: no more goes than makes room, however often it is looked at meanwhile. One that lets none go gets
// nothing more to delete.
func TestDeletingTakesItsTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		b := &filetest.Broken{Layer: y.layer}
		y.cfg.Layer = b
		for i := range 10 {
			y.footage("gate", Main, 1, epoch.Add(time.Duration(i)*10*time.Minute), 10, time.Minute, 10_000)
		}
		y.clock.run(4 * time.Hour)
		y.cfg.Reserve = mustSpace(t, y).Free + 1 // one has to go
		if _, err := y.AttachDisk(ctx, y.cfg); err != nil {
			t.Fatal(err)
		}
		p := y.purger(map[Which]int{Main: 30})
		steps := func() {
			t.Helper()
			for range 5 {
				y.clock.run(10 * time.Second)
				if err := p.Step(ctx); err != nil {
					t.Fatal(err)
				}
			}
		}
		b.Slow(300 * time.Millisecond)
		steps()
		b.Slow(0)
		y.swept(y.disk)
		steps()
		if n := y.count("gate", Main); n != 9 {
			t.Errorf("%d segments are left, nine fit", n)
		}
		b.Break(syscall.EIO, false)
		y.cfg.Reserve = mustSpace(t, y).Free + 1
		if _, err := y.AttachDisk(ctx, y.cfg); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			steps()
			y.swept(y.disk)
		}
		if n := y.count("gate", Main); n != 8 {
			t.Errorf("%d segments are left of a disk that lets none go, want 8", n)
		}
	})
}

// An administrator protects two files that keep evidence: they stay, and the disk goes on to let go of others, after a restart too.
func TestSomeFilesCannotBeDeleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		b := &filetest.Broken{Layer: y.layer}
		y.cfg.Layer = b
		y.clock.run(4 * time.Hour)
		for i := range 10 {
			s := y.footage("gate", Main, 1, epoch.Add(time.Duration(i)*10*time.Minute), 10, time.Minute, 10_000)
			if i < 2 {
				b.Protect(path.Join(y.cfg.Path, s.Path))
			}
		}
		for left := 7; left > 4; left-- { // and each time the disk fills up again
			y.cfg.Reserve = mustSpace(t, y).Free + 1
			y.open(db)
			if _, err := y.Recover(ctx, y.disk); err != nil {
				t.Fatal(err)
			}
			p := y.purger(map[Which]int{Main: 30})
			for range 20 {
				y.clock.run(10 * time.Second)
				if err := p.Step(ctx); err != nil {
					t.Fatal(err)
				}
				y.swept(y.disk)
			}
			if n := y.count("gate", Main); n != left {
				t.Errorf("%d segments are left, want %d", n, left)
			}
		}
		var n int
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM purge_list").Scan(&n); err != nil || n != 2 {
			t.Errorf("%d files are still to go, %v", n, err)
		}
	})
}
