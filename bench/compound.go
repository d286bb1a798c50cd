package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// compoundArm is what a movement of the disk's arm costs.
	compoundArm = 10 * time.Millisecond
	// compoundPast is how much was recorded before anybody looks: what they look at.
	compoundPast = 40 * time.Second
)

// benchCompound is a real compound on one hard disk: H.265 main at 4 Mbit/s and H.264 sub at 512 kbit/s, and people who
// look at the past over HTTP: three play it at its own pace, one drags along the timeline, one takes it out as fast as
// it comes. The server's footage lies under a layer that charges what the arm of a hard disk costs.
func benchCompound(ctx context.Context, o options) ([]row, error) {
	main, err := makeClip(ctx, o.clips, "h265", 1920, 1080, "4M")
	if err != nil {
		return nil, err
	}
	sub, err := makeClip(ctx, o.clips, "h264", 640, 360, "512k")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, n := range []int{18, 64} {
		r, err := compound(ctx, o, n, main, sub)
		if err != nil {
			return rows, err
		}
		rows = append(rows, r...)
	}
	return rows, nil
}

func compound(ctx context.Context, o options, n int, mainClip, subClip string) ([]row, error) {
	sim, err := startSimulator(ctx, o.bin, mainClip, n, "frame", "--sub-clip", subClip)
	defer sim.stop()
	if err != nil {
		return nil, err
	}
	sim.sub = true
	if err := os.MkdirAll(o.disk, 0o755); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(o.disk, "linli-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := startServer(ctx, o.bin, filepath.Join(dir, "data"), sim, n, "--arm", compoundArm.String())
	defer func() { s.stop() }()
	if err != nil {
		return nil, err
	}
	if err := pause(ctx, 8*time.Second); err != nil { // all cameras are connected
		return nil, err
	}
	from := time.Now()
	if err := pause(ctx, compoundPast); err != nil {
		return nil, err
	}
	to := time.Now().Add(-4 * time.Second)

	before, err := s.recorded()
	if err != nil {
		return nil, err
	}
	simBefore, err := sim.stats()
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	watching, end := context.WithTimeout(ctx, 6*o.span) // a group sync comes every 5 s, a new segment every ten minutes
	defer end()
	a := &audience{s: s, from: from, to: to}
	var people sync.WaitGroup
	for k := range 3 {
		people.Go(func() { a.keep(watching, func() error { return a.play(watching, k) }) })
	}
	people.Go(func() { a.keep(watching, func() error { return a.drag(watching, 3%n) }) })
	people.Go(func() {
		for k := 4; watching.Err() == nil; k++ {
			a.keep(watching, func() error { return a.takeOut(watching, k%n) })
		}
	})
	worst, waits := 0.0, time.NewTicker(500*time.Millisecond)
	defer waits.Stop()
	for watching.Err() == nil {
		select {
		case <-watching.Done():
		case <-waits.C:
			if w, err := s.waiting(); err == nil {
				worst = max(worst, w)
			}
		}
	}
	people.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	after, err := s.recorded()
	if err != nil {
		return nil, err
	}
	simAfter, err := sim.stats()
	if err != nil {
		return nil, err
	}
	seconds := time.Since(begin).Seconds()
	per := func(of func(footage) float64) float64 { return (of(after) - of(before)) / (seconds / 60 * float64(n)) }
	name := fmt.Sprintf("compound of %d cameras, 10 ms a seek: ", n)
	return []row{
		{
			job: name + "fragments lost", unit: "fragments", value: after.lost - before.lost,
			note: fmt.Sprintf("longest wait of footage in memory %.1f s; %.0f movements of the arm a second; %d frames dropped by send buffers",
				worst, (after.moves-before.moves)/seconds, simAfter.Dropped-simBefore.Dropped),
		},
		{
			job: name + "played too late", unit: "fragments", value: float64(a.late),
			note: fmt.Sprintf("of %d; %d failed; asked for 6 s before they are shown, there after p50 %.0f ms, p99 %.0f ms, worst %.0f ms", len(a.played), a.failed, a.played.at(0.5), a.played.at(0.99), a.played.at(1)),
		},
		{job: name + "a picture while dragging, p99", unit: "ms", value: a.dragged.at(0.99), note: fmt.Sprintf("%d jumps; p50 %.0f ms, worst %.0f ms", len(a.dragged), a.dragged.at(0.5), a.dragged.at(1))},
		{job: name + "taken out", unit: "MB/s", more: true, value: float64(a.taken) / 1e6 / seconds, note: "an export, beside all that"},
		{job: name + "bytes written ÷ received", unit: "×", value: (after.bytes - before.bytes) / (after.received - before.received), note: "received: RTP packets with their headers"},
		{job: name + "writes", unit: "per camera-minute", value: per(func(f footage) float64 { return f.writes }), note: "two streams a camera, one write per fragment"},
		{job: name + "syncs", unit: "per camera-minute", value: per(func(f footage) float64 { return f.syncs }), note: "a sync of the whole group every 5 s"},
		{job: name + "creates", unit: "per camera-minute", value: per(func(f footage) float64 { return f.creates }), note: "a segment per stream and ten minutes, staggered"},
	}, nil
}
