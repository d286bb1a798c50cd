package record

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/stream"
)

// Disk is a folder to record to, on a file system of its own at best.
type Disk struct {
	Path  string // absolute
	Quota int64  // bytes of footage at most; 0 = as much as fits
}

// Options of a Recorder.
type Options struct {
	Archive       *archive.Archive
	Disks         []Disk
	SyncEvery     time.Duration // of the group sync per disk; 0 = 5 s, negative = never (bench)
	SegmentLength time.Duration // 0 = 10 min
	NoHash        bool          // bench: fragments go unhashed
	Log           *slog.Logger
	Metrics       prometheus.Registerer // nil = none
}

// Recorder takes fragments and puts them on disk.
type Recorder struct{ o Options }

func New(o Options) (*Recorder, error) { return &Recorder{o: o}, nil }

// Sink takes one stream's fragments. The same id gets the same sink.
func (r *Recorder) Sink(id stream.ID) stream.Sink { return nil }

// Run writes until ctx ends, then drains, syncs and closes what is open, within 4 s.
func (r *Recorder) Run(ctx context.Context) error { <-ctx.Done(); return nil }
