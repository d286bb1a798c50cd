package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/archive/file/filetest"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// byPath gives each disk its own layer.
type byPath map[string]file.Layer

func (m byPath) of(name string) file.Layer {
	for root, l := range m {
		if name == root || strings.HasPrefix(name, root+"/") {
			return l
		}
	}
	panic("no layer for " + name)
}

func (m byPath) Create(n string) (file.File, error) { return m.of(n).Create(n) }
func (m byPath) Open(n string) (file.File, error)   { return m.of(n).Open(n) }
func (m byPath) Edit(n string) (file.File, error)   { return m.of(n).Edit(n) }
func (m byPath) Remove(n string) error              { return m.of(n).Remove(n) }
func (m byPath) Rename(a, b string) error           { return m.of(a).Rename(a, b) }
func (m byPath) MakeDir(n string) error             { return m.of(n).MakeDir(n) }
func (m byPath) List(n string) ([]file.Info, error) { return m.of(n).List(n) }
func (m byPath) Stat(n string) (file.Info, error)   { return m.of(n).Stat(n) }
func (m byPath) Space(n string) (file.Space, error) { return m.of(n).Space(n) }
func (m byPath) SyncGroup(f []file.File, d []string) error {
	if len(d) > 0 {
		return m.of(d[0]).SyncGroup(f, d)
	}
	for _, x := range f {
		if err := x.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// feed sends fragments of some streams, one each step, as a camera would but faster.
type feed struct {
	g     *rig
	reels []*reel
	sent  int
}

func newFeed(g *rig, n int) *feed {
	f := &feed{g: g}
	for i := range n {
		f.reels = append(f.reels, newReel(stream.ID{Camera: fmt.Sprint("c", i), Which: stream.Main}, epoch, time.Second, 4000))
	}
	return f
}

func (f *feed) send(n int) {
	for range n {
		for _, r := range f.reels {
			f.g.Sink(r.id).Fragment(r.next())
			f.sent++
		}
		time.Sleep(time.Millisecond)
	}
}

// there counts the fragments that the archive knows, each moment of each stream once.
func (f *feed) there(t *testing.T) int {
	t.Helper()
	n := 0
	for _, r := range f.reels {
		list, err := f.g.a.Segments(context.Background(), r.id.Camera, archive.Main, epoch, epoch.Add(24*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[time.Time]bool{}
		for _, s := range list {
			entries, err := s.Entries(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if seen[e.Start] {
					t.Errorf("%s: %v is there twice", r.id, e.Start)
				}
				seen[e.Start] = true
			}
		}
		n += len(seen)
	}
	return n
}

func (g *rig) state(path string) archive.DiskInfo {
	for _, d := range g.a.Disks() {
		if d.Path == path {
			return d
		}
	}
	return archive.DiskInfo{}
}

func (g *rig) untilState(t *testing.T, path string, want ...archive.State) {
	t.Helper()
	until(t, fmt.Sprint(path, " is ", want), func() bool {
		for _, w := range want {
			if g.state(path).State == w {
				return true
			}
		}
		return false
	})
}

func twoDisks(t *testing.T, o Options) (*rig, *filetest.Broken, *filetest.Broken, *store.DB) {
	t.Helper()
	db := sqlite(t)
	g, a, b := twoDisksOf(t, db, o)
	return g, a, b, db
}

func twoDisksOf(t *testing.T, db *store.DB, o Options) (*rig, *filetest.Broken, *filetest.Broken) {
	t.Helper()
	a, b := &filetest.Broken{Layer: file.OS{}}, &filetest.Broken{Layer: file.OS{}}
	pa, pb := t.TempDir(), t.TempDir()
	o.FS = byPath{pa: a, pb: b}
	o.Disks = []Disk{{Path: pa}, {Path: pb}}
	g := begin(t, db, o)
	g.untilState(t, pa, archive.OK)
	g.untilState(t, pb, archive.OK)
	for _, d := range g.disks { // the archive knows a disk before it is proven: streams that come then go to the other
		until(t, "the recorder takes "+d.conf.Path, func() bool { return d.current() == archive.OK })
	}
	return g, a, b
}

// A disk that fails loses its cameras to the other, and little footage; when it is well again it gets them back, and what
// it held is there.
func TestDiskDiesAndComesBack(t *testing.T) {
	for _, c := range []struct {
		state    archive.State
		errno    syscall.Errno
		on       string
		database func(testing.TB) *store.DB
	}{{archive.Dead, syscall.EIO, "sqlite", sqlite}, {archive.ReadOnly, syscall.EROFS, "sqlite", sqlite}, {archive.Dead, syscall.EIO, "postgres", storetest.Postgres}} {
		name, errno := string(c.state), c.errno
		t.Run(name+" on "+c.on, func(t *testing.T) {
			db := c.database(t)
			g, a, _ := twoDisksOf(t, db, Options{SegmentLength: 40 * time.Second})
			first := g.o.Disks[0].Path
			f := newFeed(g, 6)
			f.send(30)
			until(t, "all is written", func() bool { return f.there(t) == f.sent })
			a.Break(errno, errno == syscall.EIO)
			f.send(30)
			g.untilState(t, first, archive.State(name))
			g.untilTold(t, first, archive.State(name))
			g.untilTold(t, g.o.Disks[1].Path, archive.OK)
			until(t, "all streams write to the other disk", func() bool { return g.state(g.o.Disks[1].Path).Writer.Streams == 6 })
			f.send(30)
			a.Break(0, false)
			g.untilState(t, first, archive.OK)
			g.untilTold(t, first, archive.OK)
			for range 20 {
				f.send(5)
			}
			until(t, "some have gone home", func() bool { return g.state(first).Writer.Streams > 0 })
			until(t, "everything is there", func() bool { return f.there(t) == f.sent })
			g.stop()
			if n := f.there(t); n != f.sent {
				t.Errorf("%d of %d fragments after the end", n, f.sent)
			}
			r, err := g.a.Fsck(context.Background(), archive.FsckOptions{Report: func(d archive.Difference) { t.Errorf("%+v", d) }})
			if err != nil || !r.Clean() {
				t.Errorf("fsck %+v %v", r, err)
			}
			wantEvents(t, db, "disk.state", `"state":"`+name+`"`, `"state":"ok"`)
		})
	}
}

// A recorder that ends while a disk is slow leaves it to others: a check of the archive waits for who records, and for nobody else.
func TestAnEndedRecorderHoldsUpNoCheck(t *testing.T) {
	g, _, _, _ := twoDisks(t, Options{})
	f := newFeed(g, 2)
	f.send(5)
	until(t, "all is written", func() bool { return f.there(t) == f.sent })
	for _, d := range g.a.Disks() {
		g.a.SetLoad(d.ID, archive.Drowning)
	}
	g.stop()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if r, err := g.a.Fsck(ctx, archive.FsckOptions{}); err != nil || !r.Clean() {
		t.Errorf("%+v %v", r, err)
	}
}

func wantEvents(t *testing.T, db *store.DB, kind string, parts ...string) {
	t.Helper()
	events, err := db.Events(context.Background(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		found := false
		for _, e := range events {
			found = found || e.Kind == kind && strings.Contains(string(e.Data), p)
		}
		if !found {
			raw, _ := json.Marshal(events) //nolint:errcheck // for the message only
			t.Errorf("no event %s with %s among %s", kind, p, raw)
		}
	}
}

// hangs is far more than the real disk below takes on a busy machine: else that is called dead too, again and again.
const hangs = 500 * time.Millisecond

// A disk that hangs is noticed from outside. Its cameras go on elsewhere with what waited in memory: nothing is lost, and
// nothing is there twice when the disk answers after all.
func TestDiskHangs(t *testing.T) {
	g, a, _, _ := twoDisks(t, Options{StallAfter: hangs})
	first := g.o.Disks[0].Path
	f := newFeed(g, 6)
	f.send(20)
	until(t, "all is written", func() bool { return f.there(t) == f.sent })
	release := a.Hang()
	t.Cleanup(release)
	for range 10 {
		f.send(5)
		time.Sleep(10 * time.Millisecond)
	}
	g.untilState(t, first, archive.Dead)
	until(t, "everything is on the other disk", func() bool { return f.there(t) == f.sent })
	release()
	g.untilState(t, first, archive.OK, archive.Slow)
	f.send(20)
	g.stop()
	if n := f.there(t); n != f.sent {
		t.Errorf("%d of %d fragments", n, f.sent)
	}
	if g.Lost() != 0 {
		t.Errorf("%d lost", g.Lost())
	}
}

// onlyDiskHangs is a recorder whose only disk takes nothing while each of some cameras sends 31 fragments of a second; 10 s are kept.
func onlyDiskHangs(t *testing.T, db *store.DB, cameras int) (g *rig, f *feed, path string, release func()) {
	t.Helper()
	b := &filetest.Broken{Layer: file.OS{}}
	g = begin(t, db, Options{FS: b, StallAfter: hangs, Memory: 10 * time.Second})
	path = g.o.Disks[0].Path
	g.untilState(t, path, archive.OK)
	f = newFeed(g, cameras)
	f.send(5)
	until(t, "all is written", func() bool { return f.there(t) == f.sent })
	release = b.Hang()
	t.Cleanup(release)
	f.send(1)
	g.untilState(t, path, archive.Dead)
	f.send(30)
	return g, f, path, release
}

// The only disk hangs for longer than memory lasts: the oldest footage goes, counted, and the gap says why.
func TestOnlyDiskHangs(t *testing.T) {
	g, f, path, release := onlyDiskHangs(t, sqlite(t), 1)
	if got := g.queued.Load(); got > 12*5000 {
		t.Errorf("%d bytes in memory", got)
	}
	g.untilTold(t, path, archive.Dead)
	if s := g.figure(t, "waiting_seconds", path, ""); s < hangs.Seconds()/2 {
		t.Errorf("/metrics tells that footage waits for %.1f s", s)
	}
	if lost := g.figure(t, "lost_fragments_total", path, ""); lost < 15 {
		t.Errorf("/metrics tells of %.0f lost fragments while they are being lost", lost)
	}
	release()
	g.untilState(t, path, archive.OK, archive.Slow)
	f.send(3)
	until(t, "what was kept is written", func() bool { return f.there(t) == f.sent-int(g.Lost()) })
	if lost := g.Lost(); lost < 18 || lost > 24 { // 31 came while it hung, 10 s are kept; some more while it came back
		t.Errorf("%d lost", lost)
	}
	if told := g.figure(t, "lost_fragments_total", path, ""); told != float64(g.Lost()) {
		t.Errorf("/metrics tells of %.0f lost fragments, there are %d", told, g.Lost())
	}
	until(t, "/metrics tells that nothing waits", func() bool { return g.figure(t, "waiting_seconds", path, "") == 0 })
	g.stop()
	gaps, err := g.a.Gaps(context.Background(), "c0", archive.Main, epoch, epoch.Add(39*time.Second))
	lost := 0
	for _, gap := range gaps { // one; another where the first fragment after the disk's return still found no room
		if lost += gap.Lost; !strings.HasPrefix(gap.Reason, "gap.disk") {
			t.Errorf("%+v", gap)
		}
	}
	if err != nil || len(gaps) == 0 || len(gaps) > 2 || lost != int(g.Lost()) {
		t.Errorf("gaps %+v, %v; %d lost", gaps, err, g.Lost())
	}
}

// A slow disk is called slow; who reads has to wait, recording goes on.
func TestSlowDisk(t *testing.T) {
	b := &filetest.Broken{Layer: file.OS{}}
	g := begin(t, sqlite(t), Options{FS: b, SyncEvery: time.Hour})
	path := g.o.Disks[0].Path
	g.untilState(t, path, archive.OK)
	f := newFeed(g, 1)
	f.send(3)
	until(t, "all is written", func() bool { return f.there(t) == f.sent })
	b.Slow(900 * time.Millisecond)
	f.send(6)
	g.untilState(t, path, archive.Slow)
	g.untilTold(t, path, archive.Slow)
	ctx, cancel := context.WithTimeout(archive.For(context.Background(), archive.Check), 10*time.Millisecond)
	defer cancel()
	list, err := g.a.Segments(ctx, "c0", archive.Main, epoch, epoch.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.a.Open(ctx, &list[0]); err == nil {
		t.Error("a check reads from a disk that cannot keep up")
	}
	if r, err := g.a.Open(context.Background(), &list[0]); err != nil {
		t.Errorf("playback: %v", err)
	} else {
		r.Close()
	}
	b.Slow(0)
	until(t, "all is written", func() bool { return f.there(t) == f.sent })
}

// On a real full disk: the oldest footage makes room; where all of it is held, recording stops and says so, and goes on by
// itself when there is room.
func TestFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small tmpfs")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("no tmpfs: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) }) //nolint:errcheck // the test's own
	db := sqlite(t)
	g := begin(t, db, Options{Disks: []Disk{{Path: dir}}, Reserve: 1 << 20, SegmentLength: 20 * time.Second})
	g.untilState(t, dir, archive.OK)
	ctx := context.Background()
	p, err := archive.NewPurger(ctx, archive.PurgerOptions{
		Archive: g.a, Every: 5 * time.Millisecond, Settle: -1,
		Retention: func(context.Context, string, archive.Which) (int, error) { return 3650, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	run, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- p.Run(run) }()
	t.Cleanup(func() { stop(); <-done })
	main := newReel(stream.ID{Camera: "gate", Which: stream.Main}, time.Now().Add(-20*time.Hour), time.Second, 50_000)
	for range 400 { // 20 MB through 8
		g.Sink(main.id).Fragment(main.next())
		time.Sleep(2 * time.Millisecond)
	}
	until(t, "all written", func() bool { return g.queued.Load() == 0 })
	if g.Lost() != 0 || g.state(dir).State != archive.OK {
		t.Errorf("%d lost, %+v", g.Lost(), g.state(dir))
	}
	wantEvents(t, db, "footage.purged", `"why":"space"`)

	if _, err := g.a.AddHold(ctx, archive.Hold{Camera: "gate", From: time.Now().Add(-21 * time.Hour), To: time.Now().Add(-time.Hour), Reason: "a case", Owner: "x", Until: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for range 400 {
		g.Sink(main.id).Fragment(main.next())
		if time.Sleep(2 * time.Millisecond); g.state(dir).State == archive.Full {
			break
		}
	}
	g.untilState(t, dir, archive.Full)
	g.untilTold(t, dir, archive.Full)
	holds, err := g.a.ListHolds(ctx, archive.HoldFilter{})
	if err != nil || len(holds) != 1 {
		t.Fatal(holds, err)
	}
	if err := g.a.EndHold(ctx, holds[0].ID, "x"); err != nil {
		t.Fatal(err)
	}
	g.untilState(t, dir, archive.OK)
	g.untilTold(t, dir, archive.OK)
	before := g.disks[0].writes.Load()
	for range 20 {
		g.Sink(main.id).Fragment(main.next())
	}
	until(t, "recording goes on", func() bool { return g.disks[0].writes.Load() >= before+10 })
	g.stop()
	wantEvents(t, db, "disk.state", `"state":"full"`, `"state":"ok"`)
}

// The disk's folder is there and the disk is not: nothing is written into the folder under the mount point.
func TestDiskNotMounted(t *testing.T) {
	db := sqlite(t)
	dir := t.TempDir()
	g := begin(t, db, Options{Disks: []Disk{{Path: dir}}})
	f := newFeed(g, 1)
	f.send(5)
	until(t, "written", func() bool { return f.there(t) == 5 })
	g.stop()
	if err := os.Rename(dir+"/footage", dir+"/elsewhere"); err != nil {
		t.Fatal(err)
	}
	g = begin(t, db, Options{Disks: []Disk{{Path: dir}}})
	g.untilState(t, dir, archive.Dead)
	until(t, "it says why", func() bool { return g.state(dir).Reason == "disk.not-mounted" })
	if _, err := os.Stat(dir + "/footage"); err == nil {
		t.Error("something was written under the mount point")
	}
	if err := os.Rename(dir+"/elsewhere", dir+"/footage"); err != nil {
		t.Fatal(err)
	}
	g.untilState(t, dir, archive.OK)
}

// A disk is taken away while it records, as by umount -l or a pulled plug, before any of its segments was closed: its folder
// is still there, empty, and another disk's. Its cameras go on elsewhere, nothing is written under the mount point, and all is
// well again when the disk is back.
func TestDiskIsUnmounted(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	real, dir := t.TempDir(), t.TempDir()
	mount := func() {
		t.Helper()
		if err := syscall.Mount(real, dir, "", syscall.MS_BIND, ""); err != nil {
			t.Skipf("no mount: %v", err)
		}
	}
	mount()
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) }) //nolint:errcheck // the test's own
	other := t.TempDir()
	g := begin(t, sqlite(t), Options{Disks: []Disk{{Path: dir}, {Path: other}}})
	g.untilState(t, dir, archive.OK)
	g.untilState(t, other, archive.OK)
	for _, d := range g.disks {
		until(t, "the recorder takes "+d.conf.Path, func() bool { return d.current() == archive.OK })
	}
	f := newFeed(g, 6)
	f.send(10)
	until(t, "both disks record", func() bool {
		return f.there(t) == f.sent && g.state(dir).Writer.Streams > 0 && g.state(other).Writer.Streams > 0
	})
	if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	g.untilState(t, dir, archive.Dead)
	if s := g.state(dir); s.Reason != "disk.not-mounted" {
		t.Errorf("%s %s", s.Reason, s.Detail)
	}
	until(t, "all streams write to the other disk", func() bool { return g.state(other).Writer.Streams == 6 })
	f.send(10)
	until(t, "the other has them", func() bool { return g.state(other).Writer.Streams == 6 && g.disks[1].writes.Load() > 0 })
	if list, err := os.ReadDir(dir); err != nil || len(list) != 0 {
		t.Errorf("under the mount point: %v %v", list, err)
	}
	mount()
	g.untilState(t, dir, archive.OK)
	f.send(10)
	until(t, "everything is there", func() bool { return f.there(t) == f.sent })
	g.stop()
	r, err := g.a.Fsck(context.Background(), archive.FsckOptions{Report: func(d archive.Difference) { t.Errorf("%+v", d) }})
	if err != nil || !r.Clean() {
		t.Errorf("fsck %+v %v", r, err)
	}
}

// The only disk fails: the server lets go of it, so that it can be unmounted and mended while the server runs, and goes on where
// it is mounted again.
func TestFailedDiskCanBeTakenAway(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	real, dir := t.TempDir(), t.TempDir()
	mount := func() {
		t.Helper()
		if err := syscall.Mount(real, dir, "", syscall.MS_BIND, ""); err != nil {
			t.Skipf("no mount: %v", err)
		}
	}
	mount()
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) }) //nolint:errcheck // the test's own
	b := &filetest.Broken{Layer: file.OS{}}
	g := begin(t, sqlite(t), Options{FS: b, Disks: []Disk{{Path: dir}}})
	g.untilState(t, dir, archive.OK)
	f := newFeed(g, 2)
	f.send(10)
	until(t, "all is written", func() bool { return f.there(t) == f.sent })
	if err := syscall.Unmount(dir, 0); !errors.Is(err, syscall.EBUSY) {
		t.Fatalf("it was not in use: %v", err)
	}
	b.Break(syscall.EROFS, false)
	f.send(5)
	g.untilState(t, dir, archive.ReadOnly)
	until(t, "it can be unmounted", func() bool { return syscall.Unmount(dir, 0) == nil })
	b.Break(0, false)
	until(t, "it is missed", func() bool { return g.state(dir).Reason == "disk.not-mounted" })
	mount()
	g.untilState(t, dir, archive.OK)
	f.send(10)
	until(t, "everything is there", func() bool { return f.there(t) == f.sent })
}
