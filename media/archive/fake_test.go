package archive

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"path"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/archive/file/filetest"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/store"
)

var epoch = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// hands is a clock that the test turns: run moves both, set only the wall's.
type hands struct {
	mu   sync.Mutex
	wall time.Time
	mono time.Duration
}

func (h *hands) Wall() time.Time     { h.mu.Lock(); defer h.mu.Unlock(); return h.wall }
func (h *hands) Mono() time.Duration { h.mu.Lock(); defer h.mu.Unlock(); return h.mono }
func (h *hands) run(d time.Duration) {
	h.mu.Lock()
	h.wall, h.mono = h.wall.Add(d), h.mono+d
	h.mu.Unlock()
}
func (h *hands) set(d time.Duration) { h.mu.Lock(); h.wall = h.wall.Add(d); h.mu.Unlock() }

// box is a machine that tells what it knows of its clock.
type box struct {
	*hands
	boot   string
	on     time.Duration // when it was switched on, by the hands
	synced bool
}

func (b *box) Timekeeping() Timekeeping {
	return Timekeeping{Known: true, Synced: b.synced, Up: b.Mono() - b.on, Boot: b.boot}
}

// yard is an archive on a disk in memory, with a clock of its own.
type yard struct {
	*Archive
	t     testing.TB
	disk  DiskID
	layer *filetest.Power
	clock *hands
	time  Timekeeper
	cfg   DiskConfig
}

func newYard(t testing.TB, db *store.DB) *yard {
	t.Helper()
	y := &yard{t: t, layer: filetest.NewPower(), clock: &hands{wall: epoch}, cfg: DiskConfig{Path: "/disk", Reserve: 1}}
	y.open(db)
	return y
}

func (y *yard) open(db *store.DB) {
	y.t.Helper()
	ctx := context.Background()
	var err error
	if y.Archive, err = New(ctx, Options{DB: db, Clock: y.clock, Time: y.time, Layer: y.layer}); err != nil {
		y.t.Fatal(err)
	}
	if y.disk, err = y.AttachDisk(ctx, y.cfg); err != nil {
		y.t.Fatal(err)
	}
}

var someTracks = []cmaf.Track{{
	ID: 1, Codec: cmaf.H264, Timescale: 90000, Width: 640, Height: 360,
	SPS: []byte{0x67, 0x64, 0x00, 0x1e, 0xac, 0xd9, 0x40, 0xa0, 0x2f, 0xf9, 0x70, 0x11}, PPS: []byte{0x68, 0xeb, 0xe3, 0xcb},
}}

// draft is a segment with its file's bytes.
func draft(camera string, which Which, disk DiskID, run int64, start time.Time, n int, each time.Duration, size int) (Segment, []Entry, []byte) {
	s := Segment{
		ID: SegmentID(store.NewID()), Camera: camera, Which: which, Disk: disk, Run: run, Start: start, Tracks: someTracks,
		Init: cmaf.AppendInit(nil, someTracks, []uint64{uint64(start.UnixMicro())}),
	}
	s.Path = path.Join(footage, camera, string(which), start.Format(time.DateOnly), start.Format("150405")+"-"+string(s.ID)+".mp4")
	b := append([]byte(nil), s.Init...)
	var entries []Entry
	at := start
	for i := range n {
		body := make([]byte, size)
		binary.BigEndian.PutUint64(body, uint64(at.UnixNano())^uint64(len(camera)))
		ticks := uint32(each * 90000 / time.Second)
		frag := cmaf.AppendChunkHead(nil, uint32(i), 1, uint64(i)*uint64(ticks), []cmaf.Sample{{Duration: ticks, Size: uint32(size), Key: true}})
		frag = append(frag, body...)
		e := Entry{Offset: int64(len(b)), Size: uint32(len(frag)), Start: at, Duration: each, Decode: uint64(i) * uint64(ticks), Key: true, Hash: sha256.Sum256(frag)}
		b = append(b, frag...)
		b = AppendSeal(b, Seal{Key: true, Hashed: true, Sequence: uint32(i), Start: at, Duration: each, Decode: e.Decode, Run: run, Size: e.Size, Hash: e.Hash})
		entries = append(entries, e)
		at = at.Add(each)
	}
	return s, entries, b
}

// footage writes a segment and closes it.
func (y *yard) footage(camera string, which Which, run int64, start time.Time, n int, each time.Duration, size int) Segment {
	y.t.Helper()
	ctx := context.Background()
	s, entries, b := draft(camera, which, y.disk, run, start, n, each, size)
	if err := y.Begin(ctx, s); err != nil {
		y.t.Fatal(err)
	}
	y.write(s.Path, b)
	y.Append(s.ID, entries...)
	defer y.when(start.Add(time.Duration(n) * each))()
	if err := y.Finish(ctx, s.ID); err != nil {
		y.t.Fatal(err)
	}
	return s
}

// when lets it be a later time until the returned function is called, for tests that write what is to come at once.
func (y *yard) when(t time.Time) (back func()) {
	by := max(0, t.Sub(y.clock.Wall()))
	y.clock.set(by)
	return func() { y.clock.set(-by) }
}

func (y *yard) write(rel string, b []byte) {
	y.t.Helper()
	name := path.Join(y.cfg.Path, rel)
	if err := y.layer.MakeDir(path.Dir(name)); err != nil {
		y.t.Fatal(err)
	}
	f, err := y.layer.Create(name)
	if err != nil {
		y.t.Fatal(err)
	}
	if _, err := f.WriteBuffers([][]byte{b}, 0); err != nil {
		y.t.Fatal(err)
	}
	if err := y.layer.SyncGroup([]file.File{f}, []string{path.Dir(name)}); err != nil {
		y.t.Fatal(err)
	}
}

// hours writes hour after hour of footage in segments of ten minutes of one fragment each: enough for what counts hours.
func (y *yard) hours(camera string, which Which, from time.Time, n int) {
	y.t.Helper()
	ctx := context.Background()
	var segs []Segment
	var ids []SegmentID
	var all [][]Entry
	for i := range n * 6 {
		s, entries, b := draft(camera, which, y.disk, from.UnixMicro(), from.Add(time.Duration(i)*10*time.Minute), 1, 10*time.Minute, 64)
		y.write(s.Path, b)
		segs, ids, all = append(segs, s), append(ids, s.ID), append(all, entries)
	}
	if err := y.Begin(ctx, segs...); err != nil {
		y.t.Fatal(err)
	}
	for i, id := range ids {
		y.Append(id, all[i]...)
	}
	defer y.when(from.Add(time.Duration(n) * time.Hour))()
	if err := y.Finish(ctx, ids...); err != nil {
		y.t.Fatal(err)
	}
}

func (y *yard) events(db *store.DB, kind string) []string {
	y.t.Helper()
	list, err := db.Events(context.Background(), 0, 10_000)
	if err != nil {
		y.t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		if e.Kind == kind {
			out = append(out, fmt.Sprint(string(e.Data)))
		}
	}
	return out
}

func (y *yard) count(camera string, which Which) int {
	y.t.Helper()
	list, err := y.Segments(context.Background(), camera, which, epoch.AddDate(-1, 0, 0), epoch.AddDate(5, 0, 0))
	if err != nil {
		y.t.Fatal(err)
	}
	return len(list)
}

func mustSpace(t *testing.T, y *yard) file.Space {
	t.Helper()
	s, err := y.layer.Space(y.cfg.Path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
