package record

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/media/archive"
)

type counters struct {
	lost  atomic.Uint64 // fragments that could not be written
	paper atomic.Uint64 // transactions that failed
}

// collector reads the recorder's own counters when somebody asks: writing costs nothing more for being measured.
type collector struct{ r *Recorder }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("linli_record_"+name, help, labels, nil)
}

var descriptions = struct {
	fragments, bytes, syncs, creates, lost, waiting, syncTook, streams, unread, state, free, total, queued, paper *prometheus.Desc
}{
	fragments: describe("fragments_total", "Fragments written.", "disk"),
	bytes:     describe("bytes_total", "Bytes written.", "disk"),
	syncs:     describe("syncs_total", "Group syncs.", "disk"),
	creates:   describe("segments_total", "Segment files made.", "disk"),
	lost:      describe("lost_fragments_total", "Fragments that could not be written.", "disk"),
	waiting:   describe("waiting_seconds", "Age of the oldest fragment that waits for the disk.", "disk"),
	syncTook:  describe("sync_seconds", "Time that the last group sync took.", "disk"),
	streams:   describe("streams", "Streams recorded to the disk.", "disk"),
	unread:    describe("unread_segments", "Segments that were open when a process ended and that the disk does not give; they are kept and tried again.", "disk"),
	state:     describe("disk_state", "1 for the state that the disk is in.", "disk", "state"),
	free:      describe("disk_free_bytes", "Free bytes.", "disk"),
	total:     describe("disk_size_bytes", "Bytes of the file system.", "disk"),
	queued:    describe("queued_bytes", "Bytes that wait in memory for all disks."),
	paper:     describe("index_errors_total", "Transactions of the index that failed."),
}

func (c collector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

func (c collector) Collect(ch chan<- prometheus.Metric) {
	counter := func(d *prometheus.Desc, v uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	x := descriptions
	for _, d := range c.r.disks {
		name := d.conf.Path
		counter(x.fragments, d.writes.Load(), name)
		counter(x.bytes, d.written.Load(), name)
		counter(x.syncs, d.synced.Load(), name)
		counter(x.creates, d.creates.Load(), name)
		counter(x.lost, d.lost.Load(), name)
		waiting, streams := c.r.waiting(d)
		gauge(x.waiting, waiting.Seconds(), name)
		gauge(x.streams, float64(streams), name)
		gauge(x.syncTook, float64(d.syncTook.Load())/1e9, name)
		d.mu.Lock()
		state, space, id := d.state, d.space, d.id
		d.mu.Unlock()
		gauge(x.unread, float64(c.r.a.Unread(id)), name)
		for _, s := range []archive.State{archive.OK, archive.Slow, archive.Full, archive.ReadOnly, archive.Dead} {
			v := 0.0
			if s == state {
				v = 1
			}
			gauge(x.state, v, name, string(s))
		}
		gauge(x.free, float64(space.Free), name)
		gauge(x.total, float64(space.Total), name)
	}
	gauge(x.queued, float64(c.r.queued.Load()))
	counter(x.paper, c.r.count.paper.Load())
}
