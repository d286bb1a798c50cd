package record

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/stream"
)

// FS is the file layer that tests replace.
type FS = file.Layer

// Disk is a folder to record to, on a file system of its own at best.
type Disk struct {
	Path  string // absolute
	Quota int64  // bytes of footage at most; 0 = as much as fits
}

// Options of a Recorder.
type Options struct {
	Archive       *archive.Archive
	Disks         []Disk
	SyncEvery     time.Duration // of the group sync per disk; 0 = 5 s, negative = never (for measuring only)
	SegmentLength time.Duration // 0 = 10 min
	NoHash        bool          // for measuring only: fragments go unhashed
	Memory        time.Duration // footage that is kept in memory per stream while its disk stands still; 0 = 30 s
	MemoryBytes   int64         // the same for all streams together; 0 = 1 GiB
	StallAfter    time.Duration // a disk that has not answered for so long loses its cameras to another; 0 = 12 s
	Reserve       int64         // bytes to keep free on each disk; 0 = see archive.Reserve
	Retry         time.Duration // between attempts to bring a disk back; 0 = 5 s
	FS            FS            // nil = the operating system
	Log           *slog.Logger
	Metrics       prometheus.Registerer // nil = none
}

// Recorder takes fragments and puts them on disk.
type Recorder struct {
	o     Options
	a     *archive.Archive
	log   *slog.Logger
	disks []*disk
	desk  *desk

	mu    sync.Mutex
	sinks map[stream.ID]*sink

	start  time.Time
	queued atomic.Int64 // bytes that wait in memory
	ended  atomic.Bool  // nothing more is taken
	count  counters
}

// New makes a recorder; nothing runs before Run, but fragments are taken already.
func New(o Options) (*Recorder, error) {
	if o.Archive == nil || len(o.Disks) == 0 {
		return nil, fmt.Errorf("record: an archive and a disk are needed")
	}
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&o.SyncEvery, 5*time.Second)
	def(&o.SegmentLength, 10*time.Minute)
	def(&o.Memory, 30*time.Second)
	def(&o.StallAfter, 12*time.Second)
	def(&o.Retry, 5*time.Second)
	if o.SegmentLength > archive.MaxSegment/2 {
		return nil, fmt.Errorf("record: segments of %v are too long, %v are the most", o.SegmentLength, archive.MaxSegment/2)
	}
	if o.MemoryBytes == 0 {
		o.MemoryBytes = 1 << 30
	}
	if o.FS == nil {
		o.FS = file.OS{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	r := &Recorder{o: o, a: o.Archive, log: o.Log, sinks: map[stream.ID]*sink{}, start: time.Now()}
	r.desk = newDesk(r)
	for _, c := range o.Disks {
		r.disks = append(r.disks, newDisk(r, c))
	}
	if o.Metrics != nil {
		if err := o.Metrics.Register(collector{r}); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Sink takes one stream's fragments. The same id gets the same sink.
func (r *Recorder) Sink(id stream.ID) stream.Sink { return r.sink(id) }

func (r *Recorder) sink(id stream.ID) *sink {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sinks[id]
	if s == nil {
		s = &sink{r: r, id: id}
		h := fnv.New64a()
		h.Write([]byte(id.String())) //nolint:errcheck // a hash takes everything
		s.hash = mix(h.Sum64())
		s.phase = time.Duration(s.hash % uint64(r.o.SegmentLength))
		r.sinks[id] = s
	}
	return s
}

// mix spreads similar names over the whole range (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// drainTime bounds a shutdown, writeTime the part of it that disks may take.
const (
	drainTime = 4 * time.Second
	writeTime = 3 * time.Second
)

// Run writes until ctx ends; then it writes what waits, syncs, and closes what is open, within 4 s.
func (r *Recorder) Run(ctx context.Context) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var disks sync.WaitGroup
	deskDone := make(chan struct{})
	go func() { defer close(deskDone); r.desk.run(work) }()
	for _, d := range r.disks {
		disks.Go(func() { // each by itself: one that hangs must not keep the others from ending in order
			var parts sync.WaitGroup
			parts.Go(func() { d.write(work) })
			parts.Go(func() { d.keepSyncing(ctx, work) })
			parts.Go(func() { d.keepAlive(ctx) })
			parts.Wait()
			d.syncOnce(work)
		})
	}
	r.supervise(ctx)

	r.ended.Store(true)
	for _, d := range r.disks {
		d.finish()
	}
	written := make(chan struct{})
	go func() { disks.Wait(); close(written) }()
	late := time.After(drainTime)
	select {
	case <-written:
	case <-time.After(writeTime):
		r.log.Warn("a disk does not answer; its open segments are left for the next start")
	}
	for _, d := range r.disks { // who records no more needs no disk: a check would wait for that without end
		d.mu.Lock()
		id := d.id
		d.mu.Unlock()
		r.a.SetLoad(id, archive.Light)
	}
	for _, s := range r.all() {
		s.tell()
	}
	r.desk.close()
	all := make(chan struct{})
	go func() {
		<-deskDone
		if r.a.ClockTrusted() { // while it is known by how much it was wrong; the next boot could only guess
			if _, err := r.a.ConfirmDates(work); err != nil {
				r.log.Error("date footage anew", "err", err)
			}
		}
		close(all)
	}()
	select {
	case <-all:
	case <-late:
		r.log.Warn("the database does not answer; open segments are left for the next start")
	}
	return nil // the next start finds them on the list
}

// Disks tells how the disks are.
func (r *Recorder) Disks() []archive.DiskInfo { return r.a.Disks() }

// Lost counts the fragments that could not be written, since start.
func (r *Recorder) Lost() uint64 { return r.count.lost.Load() }

// mono is a reading of the monotonic clock, never 0.
func (r *Recorder) mono() int64 { return int64(time.Since(r.start)) + 1 }
