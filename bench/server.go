package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// server is a running `linli serve` with a signed-in guard.
type server struct {
	cmd             *exec.Cmd
	ended           chan error // the program's end
	dir             string
	args            []string
	pprof           string // address of its profiler
	url             string
	rtsp            string
	patience        time.Duration // how long a start may take; 0 = 10 s
	guard, operator *http.Client
	cameras         []string
}

func freePort() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// startServer runs the real program and registers cameras through the real API, as an operator would.
func startServer(ctx context.Context, bin, dir string, sim *simulator, count int, extra ...string) (*server, error) {
	s := &server{dir: dir, rtsp: freePort(), pprof: freePort()}
	listen := freePort()
	s.url = "http://" + listen
	if slices.Contains(extra, "--tls") {
		s.url = "https://" + listen
	}
	args := append([]string{
		"serve", "--data", dir, "--listen", listen, "--rtsp", s.rtsp, "--webrtc", freePort(),
		"--allow-loopback-cameras", "--log-level", "warn",
		"--pprof-listen", s.pprof,
	}, extra...)
	s.args = append([]string{bin}, args...)
	if err := s.launch(ctx); err != nil {
		return s, err
	}
	var err error
	if s.operator, err = s.signIn("operator"); err != nil {
		return s, err
	}
	if s.guard, err = s.signIn("guard"); err != nil {
		return s, err
	}
	device := ""
	for i := range count {
		if i%channels == 0 {
			if device, err = s.addRecorder(s.operator, sim, i/channels); err != nil {
				return s, fmt.Errorf("recorder: %w", err)
			}
		}
		id, err := s.addCamera(s.operator, device, i, sim.sub)
		if err != nil {
			return s, fmt.Errorf("camera %d: %w", i, err)
		}
		s.cameras = append(s.cameras, id)
	}
	return s, nil
}

// launch starts the program, also for another time on the same data.
func (s *server) launch(ctx context.Context) error {
	s.cmd = exec.CommandContext(ctx, s.args[0], s.args[1:]...)
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.ended = make(chan error, 1)
	go func(cmd *exec.Cmd, ended chan<- error) { ended <- cmd.Wait() }(s.cmd, s.ended)
	return s.ready(ctx)
}

func (s *server) ready(ctx context.Context) error {
	client := readerClient(nil)
	patience := cmp.Or(s.patience, 10*time.Second)
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if resp, err := client.Get(s.url + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("the server ended by itself: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
	return fmt.Errorf("the server at %s did not become ready in %s", s.url, patience)
}

func (s *server) signIn(name string) (*http.Client, error) {
	password, err := firstPassword(filepath.Join(s.dir, "first-passwords"), name)
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	c := readerClient(jar)
	c.Timeout = 30 * time.Second
	if err := call(c, "POST", s.url+"/api/session", map[string]any{"name": name, "password": password}, nil); err != nil {
		return nil, err
	}
	// The first password must be changed before anything else is allowed.
	next := "bench-" + password
	err = call(c, "POST", s.url+"/api/session/password", map[string]any{"old": password, "new": next}, nil)
	return c, err
}

// firstPassword finds "name password" in the file of the first start.
func firstPassword(file, name string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 2 && fields[0] == name {
			return fields[1], nil
		}
	}
	return "", fmt.Errorf("%s: no first password of %s", file, name)
}

// look asks the door.
func (s *server) look(camera int, kind, stream string) (lease string, urls map[string]string, err error) {
	var out struct {
		Lease string            `json:"lease"`
		URLs  map[string]string `json:"urls"`
	}
	err = call(s.guard, "POST", s.url+"/api/looks", map[string]any{
		"camera": s.cameras[camera], "purpose": "duty", "kind": kind, "stream": stream,
	}, &out)
	return out.Lease, out.URLs, err
}

// keep beats for leases until ctx ends, as the page of a signed-in person does.
func (s *server) keep(ctx context.Context, leases []string) {
	for ctx.Err() == nil {
		for _, l := range leases {
			_ = call(s.guard, "POST", s.url+"/api/looks/"+l+"/beat", nil, nil)
		}
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Second):
		}
	}
}

func (s *server) stop() {
	if s == nil || s.ended == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	s.ended <- <-s.ended // whoever asks again is told again
}

func call(c *http.Client, method, url string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept-Language", "en")
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
		return fmt.Errorf("%s %s: %s: %s", method, url, resp.Status, raw)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}
