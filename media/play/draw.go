package play

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/protocol/cmaf"
)

// drawer turns key frames into JPEGs by a child process that may do nothing else: no files, no network, little memory
// and time, an empty environment, and limits that hold before it is given the first byte of a camera.
type drawer struct {
	want string

	once sync.Once
	path string
	busy chan struct{} // pictures drawn at a time
}

const drawTime = 6 * time.Second

func newDrawer(want string) *drawer { return &drawer{want: want, busy: make(chan struct{}, 2)} }

func (d *drawer) program() string {
	d.once.Do(func() {
		switch d.want {
		case "-":
		case "":
			d.path, _ = exec.LookPath("ffmpeg")
		default:
			d.path = d.want
		}
	})
	return d.path
}

// draw gives the JPEG of a key frame, in the size of the stream.
func (d *drawer) draw(ctx context.Context, t cmaf.Track, avcc []byte) ([]byte, error) {
	program := d.program()
	if program == "" {
		return nil, fault.New(fault.Unsupported, "play.snapshot", "play.no-ffmpeg")
	}
	select {
	case d.busy <- struct{}{}:
		defer func() { <-d.busy }()
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Unavailable, "play.snapshot", "play.no-picture")
	}
	format := "h264"
	params := [][]byte{t.SPS, t.PPS}
	if t.Codec == cmaf.H265 {
		format, params = "hevc", [][]byte{t.VPS, t.SPS, t.PPS}
	}
	input := annexB(params, avcc)
	ctx, cancel := context.WithTimeout(ctx, drawTime)
	defer cancel()
	var out limited
	out.left = maxPicture
	var complaint limited
	complaint.left = 4 << 10
	err := sandboxed(ctx, program, []string{
		"-hide_banner", "-loglevel", "error", "-threads", "1", "-protocol_whitelist", "pipe",
		"-f", format, "-i", "pipe:0", "-frames:v", "1", "-an", "-f", "mjpeg", "-q:v", "4", "-threads", "1", "pipe:1",
	}, input, &out, &complaint)
	var without noSandbox
	if errors.As(err, &without) {
		return nil, fault.Wrap(err, fault.Unsupported, "play.snapshot", "play.no-sandbox")
	}
	b := out.Bytes()
	if err != nil || !bytes.HasPrefix(b, []byte{0xff, 0xd8}) {
		return nil, fault.Wrap(complained(err, complaint.String()), fault.Unavailable, "play.snapshot", "play.not-drawn")
	}
	return b, nil
}

// annexB puts start codes where the lengths are.
func annexB(params [][]byte, avcc []byte) []byte {
	out := make([]byte, 0, len(avcc)+512)
	for _, p := range params {
		if len(p) > 0 {
			out = append(append(out, 0, 0, 0, 1), p...)
		}
	}
	for len(avcc) >= 4 {
		n := binary.BigEndian.Uint32(avcc)
		if uint64(n) > uint64(len(avcc)-4) {
			break
		}
		out = append(append(out, 0, 0, 0, 1), avcc[4:4+n]...)
		avcc = avcc[4+n:]
	}
	return out
}

// limited keeps what fits and swallows the rest.
type limited struct {
	bytes.Buffer
	left int
}

func (l *limited) Write(b []byte) (int, error) {
	n := min(len(b), l.left)
	l.left -= n
	l.Buffer.Write(b[:n])
	return len(b), nil
}

// complained is what is to stand in the log: how the program ended, and the first line of what it said.
func complained(err error, said string) error {
	line, _, _ := strings.Cut(said, "\n")
	switch {
	case err == nil:
		return fmt.Errorf("no picture came: %s", line)
	case line == "":
		return err
	}
	return fmt.Errorf("%w: %s", err, line)
}
