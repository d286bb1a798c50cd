package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/store"
)

const (
	archiveStreams = 64
	archiveDays    = 30
	segmentTime    = 10 * time.Minute
	perSegment     = 300 // fragments of two seconds
	fragmentSize   = 500_000
)

// benchArchive fills the index with 30 days of 64 streams, a row and a fragment index per ten minutes as the recorder
// writes them, and asks for them over HTTP as a page does. All rows of the footage name one (sparse) file: what is
// measured is finding the moment, not the disk's arm.
func benchArchive(ctx context.Context, o options) ([]row, error) {
	if err := os.MkdirAll(o.disk, 0o755); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(o.disk, "linli-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := startServer(ctx, o.bin, filepath.Join(dir, "data"), &simulator{addr: freePort()}, archiveStreams, "--no-record")
	defer func() { s.stop() }()
	if err != nil {
		return nil, err
	}
	if err := pause(ctx, 2*time.Second); err != nil { // the disk is known
		return nil, err
	}
	s.stop()
	end := time.Now().Add(-time.Minute).Truncate(time.Second)
	if err := fill(ctx, filepath.Join(dir, "data"), s.cameras, end); err != nil {
		return nil, fmt.Errorf("fill: %w", err)
	}
	begin := end.AddDate(0, 0, -archiveDays)
	rowsAlone, rowAlone, err := indexAlone(ctx, filepath.Join(dir, "data"), s.cameras, begin, end)
	if err != nil {
		return nil, fmt.Errorf("floor: %w", err)
	}
	if err := s.launch(ctx); err != nil {
		return nil, err
	}
	span := func(from, to time.Time) string {
		return url.Values{"from": {from.UTC().Format(time.RFC3339Nano)}, "to": {to.UTC().Format(time.RFC3339Nano)}}.Encode()
	}

	var first, again times
	for range 2 {
		for _, id := range s.cameras {
			var out json.RawMessage
			at := time.Now()
			if err := call(s.guard, "GET", s.url+"/api/cameras/"+id+"/recordings?"+span(begin, end), nil, &out); err != nil {
				return nil, err
			}
			if len(first) < len(s.cameras) {
				first = append(first, time.Since(at))
			} else {
				again = append(again, time.Since(at))
			}
		}
	}

	// Any moment of the 30 days: a look's span is bounded, not how far back it lies.
	var reach times
	for range 200 {
		camera := rand.IntN(len(s.cameras))
		moment := end.Add(-time.Hour - time.Duration(rand.Int64N(int64((archiveDays*24-2)*time.Hour))))
		d, err := s.reach(ctx, camera, moment, span)
		if err != nil {
			return nil, err
		}
		reach = append(reach, d)
	}
	rows := archiveStreams * archiveDays * int(24*time.Hour/segmentTime)
	return []row{
		{job: "list of 30 days of a camera, first time, p50", unit: "ms", value: first.at(0.5), floor: rowsAlone.at(0.5), goal: 50, moonshot: 5, note: fmt.Sprintf("worst of 64 cameras %.1f; %d segments in the index", first.at(1), rows)},
		{job: "list of 30 days of a camera, again, p50", unit: "ms", value: again.at(0.5), floor: rowsAlone.at(0.5), goal: 50, moonshot: 5, note: fmt.Sprintf("worst of 64 cameras %.1f", again.at(1))},
		{job: "first byte of any moment, 64 streams, p50", unit: "ms", value: reach.at(0.5), floor: rowAlone.at(0.5), goal: 100, moonshot: 20, note: "asking for the fragments, then for the first one's bytes"},
		{job: "first byte of any moment, 64 streams, worst of 200", unit: "ms", value: reach.at(1), floor: rowAlone.at(1), goal: 100, moonshot: 20},
	}, nil
}

// indexAlone is the floor of finding footage: the same rows read by their index from the same file by a process that does nothing else. All of
// a camera's 30 days, and the one of a moment.
func indexAlone(ctx context.Context, data string, cameras []string, begin, end time.Time) (days, moment times, err error) {
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(data, "linli.db")})
	if err != nil {
		return nil, nil, err
	}
	defer db.Close()
	for _, camera := range cameras {
		at := time.Now()
		rows, err := db.QueryContext(ctx, "SELECT start_us, end_us, run, unconfirmed FROM segments WHERE camera = ? AND which = ? AND start_us < ? AND end_us > ? ORDER BY start_us",
			camera, archive.Main, end.UnixMicro(), begin.UnixMicro())
		if err != nil {
			return nil, nil, err
		}
		n := 0
		for ; rows.Next(); n++ {
			var from, to, run int64
			var unconfirmed bool
			if err := rows.Scan(&from, &to, &run, &unconfirmed); err != nil {
				return nil, nil, errors.Join(err, rows.Close())
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, nil, err
		}
		if n == 0 {
			return nil, nil, fmt.Errorf("camera %s has no segments", camera)
		}
		days = append(days, time.Since(at))
	}
	for range 200 {
		camera := cameras[rand.IntN(len(cameras))]
		when := begin.Add(time.Hour + time.Duration(rand.Int64N(int64((archiveDays*24-2)*time.Hour))))
		at := time.Now()
		var segment, path string
		err := db.QueryRowContext(ctx, "SELECT id, path FROM segments WHERE camera = ? AND which = ? AND start_us <= ? ORDER BY start_us DESC LIMIT 1",
			camera, archive.Main, when.UnixMicro()).Scan(&segment, &path)
		if err != nil {
			return nil, nil, err
		}
		moment = append(moment, time.Since(at))
	}
	return days, moment, nil
}

// reach opens a look and takes the time from asking what there is at a moment to its first byte.
func (s *server) reach(ctx context.Context, camera int, moment time.Time, span func(from, to time.Time) string) (time.Duration, error) {
	var look struct {
		Lease string `json:"lease"`
	}
	err := call(s.guard, "POST", s.url+"/api/looks", map[string]any{
		"camera": s.cameras[camera], "purpose": "duty", "kind": "playback", "stream": "main",
		"from": moment.UTC(), "to": moment.Add(time.Minute).UTC(),
	}, &look)
	if err != nil {
		return 0, err
	}
	defer func() { _ = call(s.guard, "DELETE", s.url+"/api/looks/"+look.Lease, nil, nil) }()
	base := s.url + "/media/" + look.Lease
	begin := time.Now()
	var index struct {
		Runs []struct {
			Fragments []struct {
				Segment string `json:"segment"`
				Offset  int64  `json:"offset"`
				Size    int64  `json:"size"`
			} `json:"fragments"`
		} `json:"runs"`
	}
	if err := call(s.guard, "GET", base+"/fragments.json?"+span(moment, moment.Add(10*time.Second)), nil, &index); err != nil {
		return 0, err
	}
	if len(index.Runs) == 0 || len(index.Runs[0].Fragments) == 0 {
		return 0, fmt.Errorf("no footage at %s", moment)
	}
	f := index.Runs[0].Fragments[0]
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/segments/"+f.Segment+".mp4", nil)
	if err != nil {
		return 0, err
	}
	// Its first tenth: two hundred moments one after another are more footage than the server gives one person at once.
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", f.Offset, f.Offset+f.Size/10))
	resp, err := s.guard.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusPartialContent {
		return 0, fmt.Errorf("segment: %s", resp.Status)
	}
	_, err = resp.Body.Read(make([]byte, 1))
	return time.Since(begin), err
}

// fill writes the rows. One segment goes through the archive itself; the others are its copies.
func fill(ctx context.Context, data string, cameras []string, end time.Time) error {
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(data, "linli.db")})
	if err != nil {
		return err
	}
	defer db.Close()
	a, err := archive.New(ctx, archive.Options{DB: db})
	if err != nil {
		return err
	}
	if err := a.AttachKnown(ctx); err != nil {
		return err
	}
	disks := a.Disks()
	if len(disks) != 1 {
		return fmt.Errorf("%d disks are known", len(disks))
	}
	each := archiveDays * int(24*time.Hour/segmentTime)
	start := end.Add(-time.Duration(each) * segmentTime)
	tracks := []cmaf.Track{benchTrack()}
	seg := archive.Segment{
		ID: archive.SegmentID(store.NewID()), Camera: cameras[0], Which: archive.Main, Disk: disks[0].ID, Path: "footage/bench.mp4", Run: 1,
		Start: start, Init: cmaf.AppendInit(nil, tracks, nil), Tracks: tracks, Boot: "bench",
	}
	file := filepath.Join(disks[0].Path, seg.Path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file, seg.Init, 0o600); err != nil {
		return err
	}
	at := int64(len(seg.Init))
	entries := make([]archive.Entry, perSegment)
	for i := range entries {
		entries[i] = archive.Entry{
			Offset: at, Size: fragmentSize + uint32(rand.IntN(20_000)), Start: start.Add(time.Duration(i) * 2 * time.Second), Duration: 2 * time.Second,
			Decode: uint64(i) * 180_000, Key: true,
		}
		at += int64(entries[i].Size) + archive.SealSize
	}
	if err := os.Truncate(file, at); err != nil {
		return err
	}
	if err := a.Begin(ctx, seg); err != nil {
		return err
	}
	a.Append(seg.ID, entries...)
	if err := a.Finish(ctx, seg.ID); err != nil {
		return err
	}
	const series = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)"
	return db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for k, camera := range cameras {
			from := 0
			if k == 0 {
				from = 1 // the pattern itself
			}
			name := fmt.Sprintf("bench%04d", k)
			step := segmentTime.Microseconds()
			_, err := tx.ExecContext(ctx, series+` INSERT INTO segments (id, camera, which, disk, path, run, start_us, end_us, bytes, init_size, fragments, tracks, unconfirmed, boot)
				SELECT ? || printf('%06d', i), ?, which, disk, path, 1 + i / 1000, start_us + i * ?, end_us + i * ?, bytes, init_size, fragments, tracks, unconfirmed, boot
				FROM n, segments s WHERE s.id = ? AND i >= ?`, each, name, camera, step, step, string(seg.ID), from)
			if err != nil {
				return err
			}
			// The fragments' index is kept relative to the segment's start, so one serves all; hashes are not asked for here.
			_, err = tx.ExecContext(ctx, series+` INSERT INTO segment_indexes (segment, fragments, hashes)
				SELECT ? || printf('%06d', i), fragments, x'' FROM n, segment_indexes x WHERE x.segment = ? AND i >= ?`, each, name, string(seg.ID), from)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func benchTrack() cmaf.Track {
	return cmaf.Track{
		ID: 1, Codec: cmaf.H264, Timescale: 90000, Width: 1920, Height: 1080,
		SPS: []byte("\x67\x64\x00\x28\xac\xd9\x40\x78\x02\x27\xe5\xc0\x5a\x80\x80\x80\xa0\x00\x00\x03\x00\x20\x00\x00\x07\x81\xe3\x06\x32\xc0"), PPS: []byte("\x68\xeb\xe3\xcb\x22\xc0"),
	}
}

// times are sorted by at.
type times []time.Duration

func (t times) at(share float64) float64 {
	if len(t) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(t))
	return float64(sorted[min(int(share*float64(len(sorted))), len(sorted)-1)].Microseconds()) / 1e3
}
