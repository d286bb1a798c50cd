package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store/storetest"
)

// What the city's page is measured with: the demo city at the end of its story, 2,400 compounds with 15 months behind them.
const cityClock = "2018-06-30"

func benchCity(ctx context.Context, o options) ([]row, error) {
	rows, err := cityOn(ctx, o, "SQLite")
	if err != nil {
		return rows, err
	}
	url, drop, err := storetest.Database()
	if err != nil {
		return rows, err
	}
	defer func() { _ = drop() }()
	more, err := cityOn(ctx, o, "PostgreSQL", "--database", url)
	return append(rows, more...), err
}

// cityServer is the real program with the demo city, not started yet.
func cityServer(o options, data string, extra ...string) *server {
	listen := freePort()
	s := &server{dir: data, rtsp: freePort(), url: "http://" + listen, patience: 10 * time.Minute}
	s.args = append([]string{
		o.bin, "demo", "--data", s.dir, "--listen", listen, "--rtsp", s.rtsp, "--webrtc", freePort(),
		"--log-level", "warn", "--city", "--as-of", cityClock, "--cameras", "1",
	}, extra...)
	return s
}

// cityPage asks for what the city's page shows, of a day or of now.
func (s *server) cityPage(at string) (time.Duration, error) {
	begin := time.Now()
	for _, path := range []string{"/api/programme/city", "/api/programme/deadlines"} {
		var out json.RawMessage
		if err := call(s.operator, "GET", s.url+path+at, nil, &out); err != nil {
			return 0, err
		}
	}
	return time.Since(begin), nil
}

// cityTimes asks for the page of now and of past days, and changes compounds meanwhile.
func (s *server) cityTimes(ctx context.Context) (now, past, heard times, err error) {
	for range 300 {
		d, err := s.cityPage("")
		if err != nil {
			return nil, nil, nil, err
		}
		now = append(now, d)
	}
	for range 300 {
		day := place.Date(2017, 4, 15) + place.Day(rand.IntN(440))
		d, err := s.cityPage("?at=" + day.String())
		if err != nil {
			return nil, nil, nil, err
		}
		past = append(past, d)
	}
	heard, err = s.changes(ctx, 40, s.cityPage)
	return now, past, heard, err
}

// cityOn asks the real program over HTTP, as the city's page does.
func cityOn(ctx context.Context, o options, engine string, extra ...string) ([]row, error) {
	dir, err := os.MkdirTemp("", "linli-bench-city-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s := cityServer(o, filepath.Join(dir, "data"), extra...)
	defer s.stop()
	if err := s.launch(ctx); err != nil {
		return nil, err
	}
	if s.operator, err = s.signIn("operator"); err != nil {
		return nil, err
	}
	now, past, heard, err := s.cityTimes(ctx)
	if err != nil {
		return nil, err
	}
	return []row{
		{job: "the city's page, " + engine + ", p99", unit: "ms", value: now.at(0.99), goal: 50, note: fmt.Sprintf("its figures, trend, ranking and deadlines over HTTP; p50 %.1f", now.at(0.5))},
		{job: "the same of any past day, " + engine + ", p99", unit: "ms", value: past.at(0.99), goal: 200, note: fmt.Sprintf("p50 %.1f", past.at(0.5))},
		{job: "a compound changed → an open page has it, " + engine + ", worst of 40", unit: "ms", value: heard.at(1), goal: 1000, note: fmt.Sprintf("the edit, the event, the page's data anew; p50 %.1f", heard.at(0.5))},
	}, nil
}

// changes edits compounds one after the other, and waits each time until a page that listens has read anew.
func (s *server) changes(ctx context.Context, n int, page func(string) (time.Duration, error)) (times, error) {
	var list struct {
		Compounds []struct {
			Compound string `json:"compound"`
		} `json:"compounds"`
	}
	if err := call(s.operator, "GET", fmt.Sprintf("%s/api/programme/compounds?limit=%d", s.url, n), nil, &list); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	heard, err := s.listen(ctx)
	if err != nil {
		return nil, err
	}
	var took times
	for i, c := range list.Compounds {
		path := s.url + "/api/compounds/" + c.Compound
		tag, err := s.tag(ctx, path)
		if err != nil {
			return nil, err
		}
		begin := time.Now()
		if err := s.edit(ctx, path, tag, i+1); err != nil {
			return nil, err
		}
		select {
		case <-heard:
		case <-time.After(10 * time.Second):
			return nil, fmt.Errorf("no event of compound %s within 10 s", c.Compound)
		}
		if _, err := page(""); err != nil {
			return nil, err
		}
		took = append(took, time.Since(begin))
		for len(heard) > 0 { // an edit may say more than one thing
			<-heard
		}
	}
	if len(took) == 0 {
		return nil, fmt.Errorf("the demo city has no compound")
	}
	return took, nil
}

func (s *server) tag(ctx context.Context, path string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	if err != nil {
		return "", err
	}
	resp, err := s.operator.Do(req)
	if err != nil {
		return "", err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", path, resp.Status)
	}
	return resp.Header.Get("ETag"), nil
}

func (s *server) edit(ctx context.Context, path, tag string, lights int) error {
	body := fmt.Sprintf(`{"from":%q,"numbers":{"light":%d}}`, cityClock, 1000+lights)
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, path, bytes.NewBufferString(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("If-Match", tag)
	resp, err := s.operator.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s", path, resp.Status)
	}
	return nil
}

// listen tells of each count of what a compound has.
func (s *server) listen(ctx context.Context) (chan string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/api/events", nil)
	if err != nil {
		return nil, err
	}
	resp, err := (&http.Client{Jar: s.operator.Jar}).Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fmt.Errorf("events: %s", resp.Status)
	}
	heard := make(chan string, 1000)
	go func() {
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			data, is := strings.CutPrefix(lines.Text(), "data: ")
			var event struct {
				Kind string `json:"kind"`
			}
			if is && json.Unmarshal([]byte(data), &event) == nil && event.Kind == "asset.counted" {
				heard <- event.Kind
			}
		}
	}()
	return heard, nil
}
