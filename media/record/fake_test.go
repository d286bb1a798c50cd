package record

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// reel makes fragments as a stream would, of random bytes.
type reel struct {
	id     stream.ID
	rnd    *rand.Rand
	tracks []cmaf.Track
	run    uint64
	seq    uint64
	decode uint64
	at     time.Time
	each   time.Duration
	size   int
	doubt  bool
}

func newReel(id stream.ID, at time.Time, each time.Duration, size int) *reel {
	return &reel{id: id, rnd: rand.New(rand.NewPCG(1, uint64(len(id.Camera)))), at: at, each: each, size: size, run: 1, tracks: []cmaf.Track{{
		ID: 1, Codec: cmaf.H264, Timescale: 90000, Width: 640, Height: 360,
		SPS: []byte{0x67, 0x64, 0x00, 0x1e, 0xac, 0xd9, 0x40, 0xa0, 0x2f, 0xf9, 0x70, 0x11}, PPS: []byte{0x68, 0xeb, 0xe3, 0xcb},
	}}}
}

// next is the fragment that follows. It begins with a key frame.
func (r *reel) next() *stream.Fragment {
	ticks := uint32(r.each * 90000 / time.Second)
	body := make([]byte, r.size)
	for i := 0; i+8 <= len(body); i += 512 {
		x := r.rnd.Uint64()
		for j := range 8 {
			body[i+j] = byte(x >> (8 * j))
		}
	}
	samples := []cmaf.Sample{{Duration: ticks, Size: uint32(len(body)), Key: true}}
	r.seq++
	head := cmaf.AppendChunkHead(nil, uint32(r.seq), 1, r.decode, samples)
	half := len(body) / 2
	c := &stream.Chunk{Track: 1, Head: head, Body: [][]byte{body[:half], body[half:]}, Samples: samples, DecodeTime: r.decode, Duration: ticks, Key: true, Last: true}
	f := &stream.Fragment{
		Run: r.run, Tracks: r.tracks, Chunks: []*stream.Chunk{c}, Start: r.at, Duration: r.each, Key: true,
		Size: c.Size(), Seq: r.seq, Unconfirmed: r.doubt,
	}
	r.decode += uint64(ticks)
	r.at = r.at.Add(r.each)
	return f
}

// skip leaves a gap.
func (r *reel) skip(d time.Duration) { r.at = r.at.Add(d); r.run++ }

// rig is a recorder that runs.
type rig struct {
	*Recorder
	a    *archive.Archive
	db   *store.DB
	stop func()

	metrics *prometheus.Registry
}

// figure is what /metrics tells of a disk; state is for those that have one.
func (g *rig) figure(t testing.TB, name, disk, state string) float64 {
	t.Helper()
	families, err := g.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if f.GetName() == "linli_record_"+name && labels["disk"] == disk && labels["state"] == state {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	t.Fatalf("/metrics has no linli_record_%s of %s %s", name, disk, state)
	return 0
}

// untilTold waits until /metrics tells that a disk is in a state, and in no other.
func (g *rig) untilTold(t testing.TB, disk string, want archive.State) {
	t.Helper()
	until(t, "/metrics tells that the disk is "+string(want), func() bool {
		sum := 0.0
		for _, s := range []archive.State{archive.OK, archive.Slow, archive.Full, archive.ReadOnly, archive.Dead} {
			sum += g.figure(t, "disk_state", disk, string(s))
		}
		return sum == 1 && g.figure(t, "disk_state", disk, string(want)) == 1
	})
}

func newArchive(t testing.TB, db *store.DB, layer file.Layer) *archive.Archive {
	t.Helper()
	return archiveWith(t, archive.Options{DB: db, Layer: layer})
}

func archiveWith(t testing.TB, o archive.Options) *archive.Archive {
	t.Helper()
	a, err := archive.New(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// begin starts a recorder with quick settings; those that o sets stand.
func begin(t testing.TB, db *store.DB, o Options) *rig {
	t.Helper()
	if o.Archive == nil {
		o.Archive = newArchive(t, db, o.FS)
	}
	if o.SyncEvery == 0 {
		o.SyncEvery = 20 * time.Millisecond
	}
	if o.Retry == 0 {
		o.Retry = 20 * time.Millisecond
	}
	if o.Memory == 0 {
		o.Memory = time.Hour // tests send faster than cameras do
	}
	if o.Reserve == 0 {
		o.Reserve = 1
	}
	if o.Disks == nil {
		o.Disks = []Disk{{Path: t.TempDir()}}
	}
	metrics := prometheus.NewRegistry()
	if o.Metrics == nil {
		o.Metrics = metrics
	}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	var once sync.Once
	g := &rig{Recorder: r, a: o.Archive, db: db, metrics: metrics, stop: func() { once.Do(func() { cancel(); <-done }) }}
	t.Cleanup(g.stop)
	return g
}

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("not within 10 s: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// sqlite is a database for tests in which its kind does not matter.
func sqlite(t testing.TB) *store.DB { return storetest.SQLite(t) }

var epoch = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
