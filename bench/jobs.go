package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

var jobs = []job{
	{"record", benchRecord},
	{"memory", benchMemory},
	{"watched", benchWatched},
	{"pull", benchPull},
	{"rtsp readers", benchReaders},
	{"whep viewers", benchViewers},
	{"hls readers", benchHLS},
	{"latency", benchLatency},
	{"archive", benchArchive},
	{"compound", benchCompound},
	{"city", benchCity},
	{"province", benchProvince},
	{"import", benchSheet},
	{"ledger", benchLedger},
	{"limit", benchLimit},
}

// stand is a simulator and a server with cameras, ready to be measured.
type stand struct {
	sim    *simulator
	server *server
	dir    string
}

type standOptions struct {
	cameras int
	pacing  string // frame, packet
	record  bool
	flags   []string
	tmpfs   bool
	clip    string
}

// scratch is a new folder on the disk that is measured, or in memory.
func (o options) scratch(name string, tmpfs bool) (string, error) {
	base := o.disk
	if tmpfs {
		base = "/dev/shm"
	}
	if err := os.MkdirAll(base, 0o755); err != nil {
		return "", err
	}
	return os.MkdirTemp(base, name)
}

func set(ctx context.Context, o options, so standOptions) (*stand, error) {
	if so.clip == "" {
		clip, err := makeClip(ctx, o.clips, "h264", 1920, 1080, "2M")
		if err != nil {
			return nil, err
		}
		so.clip = clip
	}
	dir, err := o.scratch("linli-bench-", so.tmpfs)
	if err != nil {
		return nil, err
	}
	s := &stand{dir: dir}
	if s.sim, err = startSimulator(ctx, o.bin, so.clip, max(so.cameras, 1), so.pacing); err != nil {
		s.stop()
		return nil, err
	}
	flags := so.flags
	if !so.record {
		flags = append([]string{"--no-record"}, flags...)
	}
	if s.server, err = startServer(ctx, o.bin, filepath.Join(dir, "data"), s.sim, so.cameras, flags...); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *stand) stop() {
	s.server.stop()
	s.sim.stop()
	_ = os.RemoveAll(s.dir)
}

// cost measures the server for a while, once it has settled.
type cost struct {
	server, sim float64 // CPU milliseconds per second of wall time
	rss         int64
	dropped     uint64 // frames that the simulator's send buffers dropped
}

// warmUp is for connecting, first key frames, full buffers.
const warmUp = 6 * time.Second

func (s *stand) measure(ctx context.Context, o options) (cost, error) {
	if err := pause(ctx, warmUp); err != nil {
		return cost{}, err
	}
	before, err := s.sim.stats()
	if err != nil {
		return cost{}, err
	}
	a, err := measure(s.server.cmd.Process.Pid)
	if err != nil {
		return cost{}, err
	}
	sa, err := measure(s.sim.cmd.Process.Pid)
	if err != nil {
		return cost{}, err
	}
	if o.profile != "" {
		err = s.server.profile(ctx, o.profile, o.span)
	} else {
		err = pause(ctx, o.span)
	}
	if err != nil {
		return cost{}, err
	}
	b, err := measure(s.server.cmd.Process.Pid)
	if err != nil {
		return cost{}, err
	}
	sb, err := measure(s.sim.cmd.Process.Pid)
	if err != nil {
		return cost{}, err
	}
	after, err := s.sim.stats()
	if err != nil {
		return cost{}, err
	}
	cpu, wall := spent(a, b)
	simCPU, _ := spent(sa, sb)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 / wall.Seconds() }
	c := cost{server: ms(cpu), sim: ms(simCPU), rss: b.rss, dropped: after.Dropped - before.Dropped}
	if sent := after.Frames - before.Frames; c.dropped*1000 > sent { // fewer: the row says so and reaches nothing
		return c, fmt.Errorf("%d of %d frames were dropped by the cameras' send buffers: nothing is fast by reading too late", c.dropped, sent)
	}
	return c, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// floorCost measures the floor on the same simulator settings: CPU per camera, and what its process keeps in memory.
func floorCost(ctx context.Context, o options, cameras int, pacing, mode, write string) (ms float64, rss int64, err error) {
	clip, err := makeClip(ctx, o.clips, "h264", 1920, 1080, "2M")
	if err != nil {
		return 0, 0, err
	}
	sim, err := startSimulator(ctx, o.bin, clip, cameras, pacing)
	if err != nil {
		return 0, 0, err
	}
	defer sim.stop()
	dir, err := o.scratch("floor-", false)
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(dir)
	cmd, err := startFloor(ctx, sim.addr, dir, fmt.Sprint(cameras), mode, write)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	if err := pause(ctx, 3*time.Second); err != nil {
		return 0, 0, err
	}
	a, err := measure(cmd.Process.Pid)
	if err != nil {
		return 0, 0, err
	}
	if err := pause(ctx, o.span); err != nil {
		return 0, 0, err
	}
	b, err := measure(cmd.Process.Pid)
	if err != nil {
		return 0, 0, err
	}
	cpu, wall := spent(a, b)
	return float64(cpu.Microseconds()) / 1e3 / wall.Seconds() / float64(cameras), b.rss, nil
}

func note(c cost, per int) string {
	return fmt.Sprintf("simulator beside it %.2f, together %.2f", c.sim/float64(per), (c.sim+c.server)/float64(per))
}

// fanNote is for one camera with many readers: its simulator's cost is not theirs.
func fanNote(c cost) string {
	return fmt.Sprintf("simulator beside it %.1f ms a second in all, together %.1f", c.sim, c.sim+c.server)
}

var bare = []string{"--sync-every", "never", "--no-hash"}

// safety says what of hash and sync a server with these flags does.
func safety(flags []string) string {
	if flags == nil {
		return "SHA-256 and sync"
	}
	return "no hash, no sync"
}

const perCamera = "ms CPU per camera-second"

func benchRecord(ctx context.Context, o options) ([]row, error) {
	const n = 100
	var rows []row
	for _, pacing := range []string{"frame", "packet"} {
		floor, _, err := floorCost(ctx, o, n, pacing, "lazy", "write")
		if err != nil {
			return nil, err
		}
		for _, flags := range [][]string{bare, nil} {
			s, err := set(ctx, o, standOptions{cameras: n, pacing: pacing, record: true, flags: flags})
			if err != nil {
				return nil, err
			}
			c, err := s.measure(ctx, o)
			s.stop()
			if err != nil {
				return nil, err
			}
			rows = append(rows, row{
				job: fmt.Sprintf("record, nobody watching, %d cameras, per %s, %s", n, pacing, safety(flags)), unit: perCamera,
				value: c.server / n, floor: floor, goal: 0.85, moonshot: 0.55, dropped: c.dropped, note: note(c, n),
			})
		}
	}
	return rows, nil
}

// benchWatched opens one RTSP reader per camera, so that every camera is read at once.
func benchWatched(ctx context.Context, o options) ([]row, error) {
	const n = 100
	var rows []row
	for _, pacing := range []string{"frame", "packet"} {
		floor, _, err := floorCost(ctx, o, n, pacing, "immediate", "write")
		if err != nil {
			return nil, err
		}
		for _, flags := range [][]string{bare, nil} {
			s, err := set(ctx, o, standOptions{cameras: n, pacing: pacing, record: true, flags: flags})
			if err != nil {
				return nil, err
			}
			c, err := s.read(ctx, o, n, 1)
			s.stop()
			if err != nil {
				return nil, err
			}
			rows = append(rows, row{
				job: fmt.Sprintf("record while somebody watches each, %d, per %s, %s", n, pacing, safety(flags)), unit: perCamera,
				value: c.server / n, floor: floor, goal: 2.2, moonshot: 1.7, dropped: c.dropped, note: note(c, n) + "; one RTSP reader each included",
			})
		}
	}
	return rows, nil
}

func benchPull(ctx context.Context, o options) ([]row, error) {
	var rows []row
	for _, way := range []struct {
		n      int
		pacing string
	}{{50, "frame"}, {50, "packet"}, {200, "frame"}, {200, "packet"}} {
		n := way.n
		floor, _, err := floorCost(ctx, o, n, way.pacing, "lazy", "no")
		if err != nil {
			return nil, err
		}
		s, err := set(ctx, o, standOptions{cameras: n, pacing: way.pacing})
		if err != nil {
			return nil, err
		}
		c, err := s.measure(ctx, o)
		s.stop()
		if err != nil {
			return nil, err
		}
		r := row{
			job: fmt.Sprintf("pull only, %d, per %s", n, way.pacing), unit: perCamera, value: c.server / float64(n), floor: floor,
			goal: 0.9, moonshot: 0.5, dropped: c.dropped, note: note(c, n),
		}
		if n == 200 {
			r.goal, r.moonshot = 0.6, 0.3
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// read opens readers on the first cameras and measures while they read; it fails when they got too little.
func (s *stand) read(ctx context.Context, o options, cameras, each int) (cost, error) {
	if err := pause(ctx, 3*time.Second); err != nil {
		return cost{}, err
	}
	var urls, leases []string
	for i := range cameras {
		for range each {
			lease, u, err := s.server.look(i, "rtsp", "main")
			if err != nil {
				return cost{}, err
			}
			urls, leases = append(urls, u["rtsp"]), append(leases, lease)
		}
	}
	kept, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.server.keep(kept, leases)
	got, stop, err := rtspReaders(ctx, urls)
	if err != nil {
		return cost{}, err
	}
	defer stop()
	begin, t0 := got.Load(), time.Now()
	c, err := s.measure(ctx, o)
	if err != nil {
		return c, err
	}
	return c, enough(got.Load()-begin, time.Since(t0), cameras*each)
}

// enough refuses a measurement in which readers starved: 2 Mbit/s were sent, 85 % of it must have come.
func enough(bytes int64, over time.Duration, readers int) error {
	rate := float64(bytes) * 8 / over.Seconds() / float64(readers)
	if rate < 1.7e6 {
		return fmt.Errorf("the readers got %.2f Mbit/s each instead of 2", rate/1e6)
	}
	return nil
}

func benchReaders(ctx context.Context, o options) ([]row, error) {
	var rows []row
	var floor float64
	for _, way := range []struct {
		readers int
		pacing  string
	}{{50, "frame"}, {50, "packet"}, {200, "frame"}, {200, "packet"}, {500, "frame"}, {500, "packet"}} {
		n, name := way.readers, fmt.Sprintf("one camera to %d RTSP readers", way.readers)
		if way.pacing == "packet" {
			name += ", per packet" // the floor is the same: one write per frame
		} else {
			var err error
			if floor, err = fanCost(ctx, o, "tcp", n, 0); err != nil {
				return nil, err
			}
		}
		s, err := set(ctx, o, standOptions{cameras: 1, pacing: way.pacing})
		if err != nil {
			return nil, err
		}
		c, err := s.read(ctx, o, 1, n)
		s.stop()
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{
			job: name, unit: "ms CPU per reader-second",
			value: c.server / float64(n), floor: floor, goal: 0.45, moonshot: 0.36, dropped: c.dropped, note: fanNote(c),
		})
	}
	return rows, nil
}
