package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/archive/file/filetest"
	"linli.dev/linli/media/record"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/rtsp"
	"linli.dev/linli/store"
)

// benchCompound is a real compound on one hard disk: H.265 main at 4 Mbit/s and H.264 sub at 512 kbit/s, four who play the
// past and one who takes it out as fast as the disk gives. The disk is a layer that charges 10 ms for each movement of the
// arm and 150 MB/s; so the recording rooms run in this process, on streams that come from the simulator over the network.
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

func compound(ctx context.Context, o options, n int, mainClip, subClip string) (_ []row, err error) {
	sim, err := startSimulator(ctx, o.bin, mainClip, n, "frame", "--sub-clip", subClip)
	defer sim.stop()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.disk, 0o755); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(o.disk, "linli-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(dir, "linli.db")})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	a, err := archive.New(ctx, archive.Options{DB: db})
	if err != nil {
		return nil, err
	}
	disk := &filetest.Seek{Layer: file.OS{}, Each: 10 * time.Millisecond, Rate: 150 << 20}
	rec, err := record.New(record.Options{Archive: a, Disks: []record.Disk{{Path: filepath.Join(dir, "disk")}}, FS: disk})
	if err != nil {
		return nil, err
	}
	loop, err := rtsp.NewLoop(rtsp.LoopOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, loop.Close()) }()
	hub := stream.New(stream.Options{Loop: loop, Sink: rec.Sink})
	var sources []stream.Source
	for i := range n {
		for _, w := range []stream.Which{stream.Main, stream.Sub} {
			sources = append(sources, stream.Source{
				ID: stream.ID{Camera: fmt.Sprintf("c%02d", i), Which: w}, URL: fmt.Sprintf("rtsp://%s/cam%04d/%s", sim.addr, i, w), Transport: "tcp",
			})
		}
	}
	hub.Apply(sources)
	// First the cameras end, then the recorder, which writes what it still has.
	recording, endRecording := context.WithCancel(ctx)
	streaming, endStreaming := context.WithCancel(ctx)
	var recorder, streams sync.WaitGroup
	recorder.Go(func() { _ = rec.Run(recording) })
	streams.Go(func() { _ = hub.Run(streaming) })
	defer func() { endStreaming(); streams.Wait(); endRecording(); recorder.Wait() }()

	if err := pause(ctx, 8*time.Second); err != nil {
		return nil, err
	}
	// Twice the usual span: a group sync comes every 5 s only.
	watching, endWatching := context.WithTimeout(ctx, 2*o.span)
	defer endWatching()
	begin, before := time.Now(), a.Disks()[0].Writer
	received, seeks, simBefore := hubBytes(hub), disk.Count.Load(), dropped(sim)
	var late atomic.Int64
	var viewers sync.WaitGroup
	for k := range 5 {
		viewers.Go(func() {
			use, wait := archive.Playback, time.Second
			if k == 4 {
				use, wait = archive.Export, 0
			}
			playBack(archive.For(watching, use), a, fmt.Sprintf("c%02d", k), begin.Add(-6*time.Second), wait, &late)
		})
	}
	worst := 0.0
	for watching.Err() == nil {
		_ = pause(watching, 200*time.Millisecond)
		worst = max(worst, a.Disks()[0].Writer.Waiting)
	}
	viewers.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	after := a.Disks()[0].Writer
	got := hubBytes(hub) - received
	minutes := time.Since(begin).Minutes() * float64(n)
	per := func(after, before uint64) float64 { return float64(after-before) / minutes }
	name := fmt.Sprintf("compound of %d cameras, 10 ms a seek: ", n)
	return []row{
		{
			job: name + "fragments lost", unit: "fragments", value: float64(rec.Lost()),
			note: fmt.Sprintf("%d reads of viewers took over 2 s; longest wait of footage in memory %.1f s; %.0f seeks/s; %d frames dropped by send buffers",
				late.Load(), worst, float64(disk.Count.Load()-seeks)/time.Since(begin).Seconds(), dropped(sim)-simBefore),
		},
		{job: name + "bytes written ÷ received", unit: "×", value: float64(after.Bytes-before.Bytes) / float64(got), note: "received: RTP packets with their headers"},
		{job: name + "writes", unit: "per camera-minute", value: per(after.Writes, before.Writes), note: "two streams a camera, one write per fragment"},
		{job: name + "syncs", unit: "per camera-minute", value: per(after.Syncs, before.Syncs), note: "a sync of the whole group every 5 s"},
		{job: name + "creates", unit: "per camera-minute", value: per(after.Creates, before.Creates), note: "a segment per stream and ten minutes, staggered"},
	}, nil
}

func hubBytes(h *stream.Hub) (sum uint64) {
	for _, s := range h.Streams() {
		sum += s.Status().Received
	}
	return sum
}

func dropped(s *simulator) uint64 {
	st, err := s.stats()
	if err != nil {
		return 0
	}
	return st.Dropped
}

// playBack reads fragments one after the other from a moment on: a second of pause is a player, none is an export.
func playBack(ctx context.Context, a *archive.Archive, camera string, at time.Time, wait time.Duration, late *atomic.Int64) {
	buf := make([]byte, 4<<20)
	for ctx.Err() == nil {
		s, i, err := a.At(ctx, camera, archive.Main, at)
		if err != nil {
			_ = pause(ctx, 200*time.Millisecond)
			at = at.Add(100 * time.Millisecond)
			continue
		}
		r, err := a.Open(ctx, &s)
		if err != nil {
			_ = pause(ctx, 200*time.Millisecond)
			continue
		}
		entries, err := s.Entries(ctx)
		for ; err == nil && i < len(entries) && ctx.Err() == nil; i++ {
			e := entries[i]
			begin := time.Now()
			if _, err = r.ReadAt(buf[:min(int(e.Size), len(buf))], e.Offset); err == nil && time.Since(begin) > 2*time.Second {
				late.Add(1)
			}
			at = e.End().Add(time.Millisecond)
			_ = pause(ctx, wait)
		}
		r.Close()
		_ = pause(ctx, 50*time.Millisecond)
	}
}
