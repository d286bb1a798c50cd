package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// house is a compound: a data folder, and linli as a process of its own, which the test may kill and begin again. Its cameras belong to
// the test, so they go on sending meanwhile.
type house struct {
	t        *testing.T
	data     string
	disk     string
	database string // postgres://…; "" = SQLite
	flags    []string

	url             string
	cmd             *exec.Cmd
	log             *spoken
	ended           chan error
	operator, guard *http.Client
	cameras         []string
}

// both runs a story on SQLite and on PostgreSQL, side by side: it waits more than it works.
func both(t *testing.T, f func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, "")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, storetest.PostgresURL(t))
	})
}

func newHouse(t *testing.T, database string, flags ...string) *house {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
	h := &house{t: t, data: t.TempDir(), database: database, flags: flags}
	h.disk = filepath.Join(h.data, "disk")
	t.Cleanup(func() {
		if h.cmd != nil {
			h.kill()
		}
		if t.Failed() && h.log != nil {
			said := h.log.String()
			t.Logf("linli's last words:\n%s", said[max(0, len(said)-6000):])
		}
	})
	return h
}

// args are those of a command on the house's data.
func (h *house) args(command ...string) []string {
	out := append(command, "--data", h.data)
	if h.database != "" {
		out = append(out, "--database", h.database)
	}
	return out
}

// begin starts linli and waits until it is ready. It gives how long that took.
func (h *house) begin() time.Duration {
	h.t.Helper()
	began := time.Now()
	args := append(h.args("serve"), "--listen", "127.0.0.1:0", "--rtsp", "127.0.0.1:0", "--webrtc", "127.0.0.1:0", "--allow-loopback-cameras")
	h.cmd, h.log = linli(context.Background(), h.t, append(args, h.flags...)...)
	if err := h.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.ended = make(chan error, 1)
	go func(cmd *exec.Cmd, ended chan<- error) { ended <- cmd.Wait() }(h.cmd, h.ended)
	h.url = ""
	h.until("linli is ready", 30*time.Second, func() bool {
		h.url = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(h.log.String())
		if h.url == "" {
			return false
		}
		resp, err := http.Get(h.url + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return time.Since(began)
}

// kill is kill -9: nothing of linli runs after it. It gives the moment.
func (h *house) kill() time.Time {
	h.t.Helper()
	at := time.Now()
	_ = h.cmd.Process.Kill()
	<-h.ended
	h.cmd = nil
	return at
}

// interrupt is Ctrl-C. It gives the moment, how long the end took, and what was wrong with it.
func (h *house) interrupt() (at time.Time, took time.Duration, err error) {
	h.t.Helper()
	at = time.Now()
	_ = h.cmd.Process.Signal(syscall.SIGINT)
	select {
	case err = <-h.ended:
		took = time.Since(at)
		h.cmd = nil
	case <-time.After(20 * time.Second):
		h.t.Fatal("linli does not end")
	}
	return at, took, err
}

func (h *house) until(what string, limit time.Duration, ok func() bool) {
	h.t.Helper()
	for end := time.Now().Add(limit); !ok(); time.Sleep(30 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("%s: not within %v", what, limit)
		}
	}
}

// signIn signs the two first accounts in, with passwords of their own.
func (h *house) signIn() {
	h.t.Helper()
	raw, err := os.ReadFile(filepath.Join(h.data, "first-passwords"))
	if err != nil {
		h.t.Fatal(err)
	}
	for name, client := range map[string]**http.Client{"operator": &h.operator, "guard": &h.guard} {
		found := regexp.MustCompile(`(?m)^\s*` + name + `\s+(\S+)\s*$`).FindSubmatch(raw)
		if found == nil {
			h.t.Fatalf("no first password of %s", name)
		}
		jar, _ := cookiejar.New(nil)
		*client = &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{}}
		first := string(found[1])
		h.call(*client, "POST", "/api/session", map[string]any{"name": name, "password": first}, nil)
		h.call(*client, "POST", "/api/session/password", map[string]any{"old": first, "new": "kept-by-" + first}, nil)
	}
}

// call sends JSON and takes JSON; anything but success ends the test.
func (h *house) call(c *http.Client, method, path string, in, out any) {
	h.t.Helper()
	if err := h.try(c, method, path, in, out); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) try(c *http.Client, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, h.url+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s %s", method, path, resp.Status, raw)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}

// register enters a camera at an address; sub may be "".
func (h *house) register(name, main, sub string) (id string) {
	h.t.Helper()
	in := map[string]any{
		"name": name, "area": "东侧公共通道", "area_kind": "road", "angle": "朝南看公共通道", "reason": "防止通道被堵", "common": true, "basis": "owners", "main": main,
	}
	if sub != "" {
		in["sub"] = sub
	}
	var out struct{ ID string }
	h.call(h.operator, "POST", "/api/cameras", in, &out)
	h.cameras = append(h.cameras, out.ID)
	return out.ID
}

// lease is what the door gives.
type lease struct {
	Lease string
	Look  string
	URLs  map[string]string
}

func (h *house) look(camera, kind, stream string, from, to time.Time) (l lease, err error) {
	in := map[string]any{"camera": camera, "purpose": "duty", "kind": kind, "stream": stream}
	if !from.IsZero() {
		in["from"], in["to"] = from, to
	}
	err = h.try(h.guard, "POST", "/api/looks", in, &l)
	return l, err
}

// metrics is what a scrape sees.
func (h *house) metrics() []byte {
	h.t.Helper()
	resp, err := h.operator.Get(h.url + "/metrics")
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		h.t.Fatal(resp.Status, err)
	}
	return raw
}

// fetch gets media.
func (h *house) fetch(ctx context.Context, path string, header ...string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", h.url+path, nil)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := h.guard.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s: %s %.300s", path, resp.Status, b)
	}
	return b, err
}

// span is footage without a gap.
type span struct{ From, To time.Time }

func (h *house) spans(camera, stream string, from time.Time) ([]span, error) {
	var out struct{ Spans []span }
	err := h.try(h.guard, "GET", "/api/cameras/"+camera+"/recordings?stream="+stream+"&from="+from.UTC().Format(time.RFC3339), nil, &out)
	return out.Spans, err
}

// archive hands f the house's archive, as fsck opens it: beside a server, or alone.
func (h *house) archive(f func(ctx context.Context, a *archive.Archive, db *store.DB)) {
	h.t.Helper()
	ctx := context.Background()
	cfg := role.Config{Data: h.data, Database: h.database}
	quiet, _ := hushed(newLogger("error", false))
	db, err := role.OpenDB(ctx, cfg, quiet)
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	a, err := archive.New(ctx, archive.Options{DB: db})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := a.AttachKnown(ctx); err != nil {
		h.t.Fatal(err)
	}
	f(ctx, a, db)
}

// pictures are the numbers of a witness's pictures in what was recorded between two moments, compared with what it sent, and the fragments with their hashes.
func (h *house) pictures(ctx context.Context, a *archive.Archive, camera string, w *witness, from, to time.Time) (numbers []int) {
	t := h.t
	t.Helper()
	list, err := a.Segments(ctx, camera, archive.Main, from, to)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		entries, err := s.Entries(ctx)
		if err != nil {
			t.Fatal(err)
		}
		r, err := a.Open(ctx, &s)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Start.Before(from) || e.Start.After(to) {
				continue
			}
			b := make([]byte, e.Size)
			if _, err := r.ReadAt(b, e.Offset); err != nil || sha256.Sum256(b) != e.Hash {
				t.Errorf("%s: the fragment at %d is not what its hash says: %v", s.Path, e.Offset, err)
			}
			some, err := w.pictures(b)
			if err != nil {
				t.Errorf("%s: %v", s.Path, err)
			}
			numbers = append(numbers, some...)
		}
		r.Close()
	}
	return numbers
}

// fsck is the command, beside a server or alone. It must find no difference.
func (h *house) fsck() {
	h.t.Helper()
	h.checked(append(h.args("fsck"), "--rate", "1000")...)
	h.checked(h.args("ledger", "verify")...)
}

// checked runs a command that says whether all is well, beside the server if one runs.
func (h *house) checked(args ...string) {
	h.t.Helper()
	ctx, stop := context.WithTimeout(h.t.Context(), time.Minute)
	defer stop()
	cmd, said := linli(ctx, h.t, args...)
	if err := cmd.Run(); err != nil {
		h.t.Errorf("%s: %v\n%s", args[0], err, said)
	}
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	h.t.Logf("%s: %s", args[0], lines[0])
}
