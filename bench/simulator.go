package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// simulator is a running `linli camsim`, a process of its own so that its cost is not the server's.
type simulator struct {
	cmd  *exec.Cmd
	addr string
	ctl  string
	sub  bool // its cameras have a sub stream too
}

func startSimulator(ctx context.Context, bin, clip string, count int, pacing string, more ...string) (*simulator, error) {
	s := &simulator{addr: freePort(), ctl: freePort()}
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return nil, err
	}
	s.cmd = exec.CommandContext(ctx, bin, append([]string{
		"camsim", "--clip", clip, "--count", fmt.Sprint(count),
		"--listen", "0.0.0.0:" + port, "--ctl", s.ctl, "--pacing", pacing, "--log-level", "warn",
	}, more...)...)
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for range 100 {
		if _, err := s.stats(); err == nil {
			return s, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil, fmt.Errorf("the simulator at %s did not start in 5 s", s.ctl)
}

type simStats struct {
	Frames  uint64 `json:"frames"`
	Bytes   uint64 `json:"bytes"`
	Dropped uint64 `json:"dropped"`
}

func (s *simulator) stats() (simStats, error) {
	var out simStats
	resp, err := http.Get("http://" + s.ctl + "/stats")
	if err != nil {
		return out, err
	}
	defer resp.Body.Close()
	return out, json.NewDecoder(resp.Body).Decode(&out)
}

func (s *simulator) stop() {
	if s == nil || s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// makeClip draws the picture that all jobs use: 1080p, 25 fps, 2 Mbit/s, a key frame every 2 s, no B-frames. FFmpeg's
// test source with noise keeps the encoder at its rate, as a street at dusk does.
func makeClip(ctx context.Context, dir, codec string, width, height int, rate string) (string, error) {
	out := filepath.Join(dir, fmt.Sprintf("%s-%d-%s.mp4", codec, height, rate))
	if _, err := os.Stat(out); err == nil {
		return out, nil
	}
	encoder := []string{"-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-nal-hrd", "cbr"}
	if codec == "h265" {
		encoder = []string{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:bframes=0:keyint=50:min-keyint=50", "-tag:v", "hvc1"}
	}
	args := []string{
		"-v", "error", "-y", "-f", "lavfi", "-i", fmt.Sprintf("testsrc2=size=%dx%d:rate=25,noise=alls=12:allf=t", width, height),
		"-t", "20", "-pix_fmt", "yuv420p", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0",
		"-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate,
	}
	args = append(append(args, encoder...), out+".part.mp4")
	cmd := exec.CommandContext(ctx, "ffmpeg", args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("ffmpeg (scripts/need.sh test installs it): %w", err)
	}
	return out, os.Rename(out+".part.mp4", out)
}

// startFloor runs the floor as a process of its own.
func startFloor(ctx context.Context, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{"floor"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		return nil, fmt.Errorf("the floor did not start: %q %v", line, err)
	}
	return cmd, nil
}

// startFan runs a floor of sending as a process of its own; at is where its readers find it.
func startFan(ctx context.Context, args ...string) (cmd *exec.Cmd, at string, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	cmd = exec.CommandContext(ctx, self, append([]string{"fan"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	at, ok := strings.CutPrefix(strings.TrimSpace(line), "at ")
	if err != nil || !ok {
		_ = cmd.Process.Kill()
		return nil, "", fmt.Errorf("the floor did not start: %q %v", line, err)
	}
	return cmd, at, nil
}
