package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
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

// cityRequest is one request of the city's page for its data; shown: the page stands with it, the others come below it.
type cityRequest struct {
	name, path string
	shown      bool
}

// cityRequests are all that CityPage, ScreenPage and what stands in them ask for of a day.
var cityRequests = []cityRequest{
	{"programme", "/api/programme", true},
	{"tiles", "/api/tiles", true},
	{"figures", "/api/programme/city", true},
	{"deadlines", "/api/programme/deadlines", true},
	{"outlines", "/api/outlines", false},
	{"points", "/api/points", false},
	{"lights", "/api/programme/lights", false},
	{"late", "/api/programme/late?limit=8", false},
	{"forecast built", "/api/programme/forecast?what=built", false},
	{"forecast networked", "/api/programme/forecast?what=networked", false},
	{"forecast funds", "/api/programme/forecast?what=funds", false},
	{"forecast tasks", "/api/programme/forecast?what=tasks", false},
	{"forecast accepted", "/api/programme/forecast?what=accepted", false},
	{"names in English", "/api/place-names", false},
}

// of is the address of a request of a day; "": of now.
func (r cityRequest) of(day string) string {
	switch {
	case day == "":
		return r.path
	case strings.Contains(r.path, "?"):
		return r.path + "&at=" + day
	case r.name == "programme" || r.name == "tiles" || r.name == "outlines" || r.name == "names in English": // of no day
		return r.path
	}
	return r.path + "?at=" + day
}

// cityPage asks for what the city's page stands with, of a day or of now, one after the other.
func (s *server) cityPage(day string) (time.Duration, error) {
	begin := time.Now()
	for _, r := range cityRequests {
		if !r.shown {
			continue
		}
		if err := s.fetch(r.of(day)); err != nil {
			return 0, err
		}
	}
	return time.Since(begin), nil
}

// fetch reads an answer to its end, as a page does before it parses it.
func (s *server) fetch(path string) error {
	resp, err := s.operator.Get(s.url + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK || n < 2:
		return fmt.Errorf("%s: %s, %d bytes", path, resp.Status, n)
	}
	return nil
}

// cityTimes are how long the page's data took.
type cityTimes struct {
	now, past times // what the page stands with, of now and of past days
	heard     times // a change, until that was read anew
	rest      map[string]*[2]times
}

// cityTimes asks for the page of now and of past days, then for each of the requests below it, and changes compounds meanwhile.
func (s *server) cityTimes(ctx context.Context) (t cityTimes, err error) {
	const n = 300
	pastDay := func() string { return (place.Date(2017, 4, 15) + place.Day(rand.IntN(440))).String() }
	for range n {
		d, err := s.cityPage("")
		if err != nil {
			return t, err
		}
		t.now = append(t.now, d)
	}
	for range n {
		d, err := s.cityPage(pastDay())
		if err != nil {
			return t, err
		}
		t.past = append(t.past, d)
	}
	t.rest = map[string]*[2]times{}
	for _, r := range cityRequests {
		if r.shown {
			continue
		}
		both := &[2]times{}
		t.rest[r.name] = both
		for range n {
			for i, day := range []string{"", pastDay()} {
				begin := time.Now()
				if err := s.fetch(r.of(day)); err != nil {
					return t, err
				}
				both[i] = append(both[i], time.Since(begin))
			}
		}
	}
	t.heard, err = s.changes(ctx, 40, s.cityPage)
	return t, err
}

// rows are the table's: of is whose page it is.
func (t *cityTimes) rows(of, note string, goal float64) []row {
	out := []row{
		{job: of + ", p99", unit: "ms", value: t.now.at(0.99), goal: goal, note: fmt.Sprintf("%sclock, figures, trend, ranking, tiles and deadlines over HTTP, one after the other; p50 %.1f", note, t.now.at(0.5))},
		{job: of + ", of any past day, p99", unit: "ms", value: t.past.at(0.99), goal: 200, note: fmt.Sprintf("p50 %.1f", t.past.at(0.5))},
	}
	slowest, names := [2]string{}, []string{}
	for name, both := range t.rest {
		names = append(names, name)
		for i := range both {
			if slowest[i] == "" || both[i].at(0.99) > t.rest[slowest[i]][i].at(0.99) {
				slowest[i] = name
			}
		}
	}
	slices.Sort(names)
	for i, when := range []string{"", ", of any past day"} {
		var each []string
		for _, name := range names {
			each = append(each, fmt.Sprintf("%s %.1f", name, t.rest[name][i].at(0.99)))
		}
		limit := goal
		if i > 0 {
			limit = 200
		}
		out = append(out, row{
			job: of + ", the slowest request below the map" + when + ", p99", unit: "ms", value: t.rest[slowest[i]][i].at(0.99), goal: limit,
			note: "p99 of each: " + strings.Join(each, ", "),
		})
	}
	return append(out, row{
		job: of + ", a compound changed → an open page has it, worst of 40", unit: "ms", value: t.heard.at(1), goal: 1000,
		note: fmt.Sprintf("the edit, the event, the page's data anew; p50 %.1f", t.heard.at(0.5)),
	})
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
	t, err := s.cityTimes(ctx)
	if err != nil {
		return nil, err
	}
	return t.rows("the city's page, "+engine, "", 50), nil
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
