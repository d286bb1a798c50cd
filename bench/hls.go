package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

const hlsReaderCount = 100

// benchHLS compares our way of handing out low-latency HLS with net/http handing out the same bytes from memory.
func benchHLS(ctx context.Context, o options) ([]row, error) {
	const unit = "ms CPU per reader-second"
	c, list, err := hlsCost(ctx, o, "frame")
	if err != nil {
		return nil, err
	}
	floor, err := fanCost(ctx, o, "http", hlsReaderCount, list)
	if err != nil {
		return nil, err
	}
	rows := []row{{
		job: "one camera to 100 LL-HLS readers, 200 ms parts", unit: unit, value: c.server / hlsReaderCount, floor: floor, goal: 0.6, moonshot: 0.4,
		dropped: c.dropped, note: fanNote(c) + "; floor: net/http with the same bytes",
	}}
	r := row{job: "the same over TLS, by HTTP/2", unit: unit, floor: floor, note: "the general server's way: a reader's connection is taken over on plain HTTP only"}
	if c, _, err = hlsCost(ctx, o, "frame", "--tls", "local"); err != nil {
		r.unit, r.note = "", "failed: "+err.Error()
	}
	r.value = c.server / hlsReaderCount
	rows = append(rows, r)
	if c, _, err = hlsCost(ctx, o, "packet"); err != nil {
		return nil, err
	}
	return append(rows, row{
		job: "one camera to 100 LL-HLS readers, 200 ms parts, per packet", unit: unit, value: c.server / hlsReaderCount, floor: floor, goal: 0.6, moonshot: 0.4,
		dropped: c.dropped, note: fanNote(c) + "; floor: the same as per frame",
	}), nil
}

// hlsCost is what a hundred readers cost; list is how long a playlist is that they get.
func hlsCost(ctx context.Context, o options, pacing string, flags ...string) (c cost, list int, err error) {
	s, err := set(ctx, o, standOptions{cameras: 1, pacing: pacing, flags: flags})
	if err != nil {
		return c, 0, err
	}
	defer s.stop()
	if err := pause(ctx, 3*time.Second); err != nil {
		return c, 0, err
	}
	var lists []string
	for range hlsReaderCount {
		_, u, err := s.server.look(0, "live", "main")
		if err != nil {
			return c, 0, err
		}
		lists = append(lists, absolute(s.server.url, u["hls"]))
	}
	got, stop, err := hlsReaders(ctx, func() *http.Client { return readerClient(s.server.guard.Jar) }, lists)
	if err != nil {
		return c, 0, err
	}
	defer stop()
	if err := pause(ctx, 4*time.Second); err != nil { // all have joined: what is sent is counted from here
		return c, 0, err
	}
	text, err := fetchAll(ctx, s.server.guard, lists[0])
	if err != nil {
		return c, 0, fmt.Errorf("playlist: %w", err)
	}
	begin, t0 := got.Load(), time.Now()
	if c, err = s.measure(ctx, o); err != nil {
		return c, 0, err
	}
	return c, len(text), enough(got.Load()-begin, time.Since(t0), hlsReaderCount)
}
