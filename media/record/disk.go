package record

import (
	"crypto/sha256"
	"hash"
	"sync"
	"sync/atomic"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
)

// disk is one folder with its writer, its syncer and its keeper. One goroutine writes: the heads of a hard disk can only be
// in one place, and a disk that hangs then holds up nobody but itself.
type disk struct {
	r    *Recorder
	conf Disk
	fs   FS

	mu         sync.Mutex
	id         archive.DiskID // "" until it was attached
	ready      []*sink        // have something to write
	state      archive.State
	space      file.Space
	dirty      map[*segment]struct{} // written since the last group sync
	shut       []*segment            // written to the end, not synced yet
	dirs       map[string]struct{}   // with new files since the last group sync
	posted     []func()              // to be run by the writer
	reason     string
	fault      time.Time  // when it was last seen to fail or to stand still
	passes     int        // of the syncer
	recovering sync.Mutex // one recovery at a time
	syncing    sync.Mutex // one group sync at a time
	unsure     bool       // segments were left to recovery
	recovered  bool
	again      time.Time // when recovery is to be tried again; zero = it has left nothing
	failures   int       // of recovery, one after the other

	// The supervisor's own.
	rate      float64
	rateAt    time.Time
	rateBytes uint64

	wake chan struct{}
	end  atomic.Bool // drain and stop

	began atomic.Int64 // when the system call that the writer is in began, monotonic ns; 0 = in none
	syncs atomic.Int64 // the same of the syncer

	lost, writes, written, creates, synced atomic.Uint64
	syncTook                               atomic.Int64

	// The writer's own.
	lanes map[*sink]*lane
	bufs  [][]byte
	sum   hash.Hash
	seal  []byte
}

// lane is what a disk's writer knows of a stream.
type lane struct {
	s       *sink
	cur     *segment
	next    *segment  // begun: its file is made when the next fragment is written
	retry   time.Time // no attempt to begin one before
	touched time.Time
}

// segment is a file being written; its fields are the writer's, but for those that say otherwise.
type segment struct {
	archive.Segment
	name      string
	f         file.File
	at        int64 // where the next fragment goes
	reserved  int64 // allocated up to here
	sequence  uint32
	streamRun uint64
	end       time.Time
	fragments atomic.Int64 // written; the syncer reads it
	failed    atomic.Bool  // a write or a sync has failed: nothing is known about its last bytes
}

func newDisk(r *Recorder, c Disk) *disk {
	return &disk{
		r: r, conf: c, fs: r.o.FS,
		state: archive.Dead, // until attached
		dirty: map[*segment]struct{}{}, dirs: map[string]struct{}{},
		wake: make(chan struct{}, 1), lanes: map[*sink]*lane{}, sum: sha256.New(),
	}
}

func (d *disk) current() archive.State {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state
}

// usable says whether footage of every kind may be written.
func (d *disk) usable() bool {
	switch d.current() {
	case archive.OK, archive.Slow:
		return true
	}
	return false
}

// enqueue puts a sink on the list; true when the writer may be asleep.
func (d *disk) enqueue(s *sink) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ready = append(d.ready, s)
	return len(d.ready) == 1
}

func (d *disk) poke() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// busyFor is how long the writer or the syncer have been in one system call.
func (d *disk) busyFor(now int64) (write, sync time.Duration) {
	if t := d.began.Load(); t != 0 {
		write = time.Duration(now - t)
	}
	if t := d.syncs.Load(); t != 0 {
		sync = time.Duration(now - t)
	}
	return write, sync
}
