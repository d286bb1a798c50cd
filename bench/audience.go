package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// audience are people who look at what was recorded between from and to, as pages do.
type audience struct {
	s        *server
	from, to time.Time

	mu              sync.Mutex
	played, dragged times
	late, failed    int
	taken           int64 // bytes
}

// keep counts what failed, and says it.
func (a *audience) keep(ctx context.Context, f func() error) {
	if err := f(); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "  a viewer:", err)
		a.mu.Lock()
		a.failed++
		a.mu.Unlock()
		_ = pause(ctx, time.Second)
	}
}

// look asks the door for the past of a camera; leave ends it.
func (a *audience) look(camera int, kind, stream string) (base string, leave func(), err error) {
	var out struct {
		Lease string `json:"lease"`
	}
	err = call(a.s.guard, "POST", a.s.url+"/api/looks", map[string]any{
		"camera": a.s.cameras[camera], "purpose": "duty", "kind": kind, "stream": stream, "from": a.from.UTC(), "to": a.to.UTC(),
	}, &out)
	leave = func() { _ = call(a.s.guard, "DELETE", a.s.url+"/api/looks/"+out.Lease, nil, nil) }
	return a.s.url + "/media/" + out.Lease + "/", leave, err
}

// hlsPiece is a line of a playlist of the past.
type hlsPiece struct {
	url    string
	offset int64
	size   int64
	length time.Duration
}

// inHand is how much a player of the bench has before it asks for more.
const inHand = 6 * time.Second

// play plays a camera's span by HLS again and again. A fragment is late when it should have been shown before it is there.
func (a *audience) play(ctx context.Context, camera int) error {
	base, leave, err := a.look(camera, "playback", "main")
	if err != nil {
		return err
	}
	defer leave()
	for ctx.Err() == nil {
		list, err := a.playlist(ctx, base)
		if err != nil {
			return err
		}
		due := time.Time{} // when the next fragment is shown
		for _, p := range list {
			if !due.IsZero() {
				_ = pause(ctx, time.Until(due)-inHand)
			}
			began := time.Now()
			if err := a.fetch(ctx, p.url, p.offset, p.size); err != nil {
				return err
			}
			a.mu.Lock()
			a.played = append(a.played, time.Since(began))
			if !due.IsZero() && time.Now().After(due) {
				a.late++
			}
			a.mu.Unlock()
			if due.IsZero() || time.Now().After(due) {
				due = time.Now()
			}
			due = due.Add(p.length)
		}
	}
	return nil
}

func (a *audience) playlist(ctx context.Context, base string) (list []hlsPiece, err error) {
	text, err := fetchAll(ctx, a.s.guard, base+"vod.m3u8")
	if err != nil {
		return nil, err
	}
	var p hlsPiece
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "#EXTINF:"):
			var s float64
			_, err = fmt.Sscanf(line, "#EXTINF:%f", &s)
			p.length = time.Duration(s * float64(time.Second))
		case strings.HasPrefix(line, "#EXT-X-BYTERANGE:"):
			_, err = fmt.Sscanf(line, "#EXT-X-BYTERANGE:%d@%d", &p.size, &p.offset)
		case line != "" && line[0] != '#':
			p.url = base + line
			list = append(list, p)
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
	}
	return list, nil
}

// drag jumps twice a second to another moment of the sub stream, whose picture a page shows on its timeline.
func (a *audience) drag(ctx context.Context, camera int) error {
	base, leave, err := a.look(camera, "playback", "sub")
	if err != nil {
		return err
	}
	defer leave()
	text, err := fetchAll(ctx, a.s.guard, base+"fragments.json")
	if err != nil {
		return err
	}
	var index struct {
		Runs []struct {
			Fragments []struct {
				Segment string `json:"segment"`
				Offset  int64  `json:"offset"`
				Size    int64  `json:"size"`
			} `json:"fragments"`
		} `json:"runs"`
	}
	if err := json.Unmarshal([]byte(text), &index); err != nil {
		return err
	}
	if len(index.Runs) == 0 {
		return fmt.Errorf("camera %d: no footage to drag along", camera)
	}
	list := index.Runs[0].Fragments
	for ctx.Err() == nil {
		f := list[rand.IntN(len(list))]
		began := time.Now()
		if err := a.fetch(ctx, base+"segments/"+f.Segment+".mp4", f.Offset, f.Size); err != nil {
			return err
		}
		a.mu.Lock()
		a.dragged = append(a.dragged, time.Since(began))
		a.mu.Unlock()
		_ = pause(ctx, 500*time.Millisecond-time.Since(began))
	}
	return nil
}

// takeOut downloads a camera's whole span.
func (a *audience) takeOut(ctx context.Context, camera int) error {
	base, leave, err := a.look(camera, "export", "main")
	if err != nil {
		return err
	}
	defer leave()
	return a.fetch(ctx, base+"export.mp4", 0, 0)
}

// fetch reads a range of a file, or all of it, and throws it away.
func (a *audience) fetch(ctx context.Context, u string, offset, size int64) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return err
	}
	want := http.StatusOK
	if size > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", offset, offset+size-1))
		want = http.StatusPartialContent
	}
	resp, err := a.s.guard.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != want {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
		parsed, _ := url.Parse(u)
		return fmt.Errorf("%s: %s: %s", parsed.Path, resp.Status, text)
	}
	n, err := io.Copy(io.Discard, resp.Body)
	if size == 0 {
		a.mu.Lock()
		a.taken += n
		a.mu.Unlock()
	}
	return err
}

// footage is what the server says of its recording.
type footage struct{ received, bytes, writes, syncs, creates, lost, moves float64 }

// recorded reads it from the server's metrics.
func (s *server) recorded() (f footage, err error) {
	text, err := fetchAll(context.Background(), s.operator, s.url+"/metrics")
	if err != nil {
		return f, err
	}
	into := map[string]*float64{
		"linli_stream_received_bytes_total": &f.received, "linli_record_bytes_total": &f.bytes, "linli_record_fragments_total": &f.writes,
		"linli_record_syncs_total": &f.syncs, "linli_record_segments_total": &f.creates, "linli_record_lost_fragments_total": &f.lost,
		"linli_arm_movements_total": &f.moves,
	}
	seen := map[string]bool{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), "{")
		if name == lines.Text() {
			name, rest, _ = strings.Cut(name, " ")
		}
		if at := into[name]; at != nil {
			var v float64
			if _, err := fmt.Sscan(rest[strings.LastIndexByte(rest, ' ')+1:], &v); err != nil {
				return f, fmt.Errorf("%s: %w", name, err)
			}
			*at += v
			seen[name] = true
		}
	}
	for name := range into {
		if !seen[name] && name != "linli_arm_movements_total" { // only a server with --arm has one
			return f, fmt.Errorf("the server has no metric %s", name)
		}
	}
	return f, nil
}

// waiting is for how many seconds the oldest fragment has been waiting to be written.
func (s *server) waiting() (float64, error) {
	var out struct {
		Disks []struct {
			Writer struct {
				Waiting float64 `json:"waiting"`
			} `json:"writer"`
		} `json:"disks"`
	}
	if err := call(s.operator, "GET", s.url+"/api/disks", nil, &out); err != nil {
		return 0, err
	}
	worst := 0.0
	for _, d := range out.Disks {
		worst = max(worst, d.Writer.Waiting)
	}
	return worst, nil
}
