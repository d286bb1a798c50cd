package camsim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"linli.dev/linli/demo/clips"
	"linli.dev/linli/protocol/rtsp"
)

// Options of a simulator.
type Options struct {
	Clip     string // file of the main streams; "" = this project's drawn scenes, one after the other
	SubClip  string // file of the sub streams; "" = none with Clip
	Sound    string // WAV file in G.711, the sound of all streams in place of the clips' own; "" = the clips' own
	Count    int    // cameras; 0 = 1
	Listen   string // RTSP address; port 0 takes a free one
	Ctl      string // HTTP address of faults and figures; "" = none
	User     string // "" = no password is asked for
	Password string
	Pacing   string // "frame" (default): one write per frame; "packet": one per packet
	Threads  int    // pacing threads; 0 = 1
	Log      *slog.Logger
}

// Simulator is a running set of cameras.
type Simulator struct {
	o       Options
	log     *slog.Logger
	clips   [][]track
	cameras []*camera
	loop    *rtsp.Loop
	ln, ctl net.Listener
	cancel  context.CancelFunc
	running sync.WaitGroup
	late    atomic.Int64
}

// New starts the cameras; Close ends them.
func New(o Options) (_ *Simulator, err error) {
	if o.Count <= 0 {
		o.Count = 1
	}
	if o.Threads <= 0 {
		o.Threads = 1
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Pacing != "" && o.Pacing != "frame" && o.Pacing != "packet" {
		return nil, fmt.Errorf("pacing %q: frame or packet", o.Pacing)
	}
	s := &Simulator{o: o, log: o.Log}
	if err := s.load(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	defer func() {
		if err != nil {
			_ = s.Close()
		}
	}()
	if s.loop, err = rtsp.NewLoop(rtsp.LoopOptions{Threads: 1, Log: o.Log}); err != nil {
		return nil, err
	}
	if s.ln, err = net.Listen("tcp", o.Listen); err != nil {
		return nil, err
	}
	server := &rtsp.Server{
		Handler: handler{s}, Loop: s.loop, Log: o.Log, Name: "camsim", Realm: "camsim", UDP: true,
		SendBuffer: 64 << 10, Queue: -1, MaxConns: 1 << 16,
	}
	s.running.Go(func() {
		if err := server.Serve(ctx, s.ln); err != nil {
			s.log.Error("simulator ended", "err", err)
		}
	})
	start := time.Now()
	for n := range o.Threads {
		p := &pacer{start: start, packet: o.Pacing == "packet", late: &s.late}
		for _, tracks := range s.clips {
			var cuts []*cut
			for i, t := range tracks {
				t.length = tracks[0].length * int64(t.media.ClockRate) / int64(tracks[0].media.ClockRate)
				cuts = append(cuts, cutTrack(t, 2*i))
			}
			p.clips = append(p.clips, cuts)
		}
		for _, c := range s.cameras {
			if c.number%o.Threads != n {
				continue
			}
			for _, f := range c.streams {
				if f != nil {
					p.feeds = append(p.feeds, f)
				}
			}
		}
		s.running.Go(func() { p.run(ctx) })
	}
	return s, s.control(ctx)
}

// load reads the clips and makes the cameras. Cameras are spread over the clip, so that their key frames do not come
// at the same time.
func (s *Simulator) load() error {
	var pairs [][2]int // indices of main and sub; -1: none
	var wav []byte
	if s.o.Sound != "" {
		var err error
		if wav, err = os.ReadFile(s.o.Sound); err != nil {
			return err
		}
	}
	add := func(name string, raw []byte) (int, error) {
		tracks, err := parseClip(raw)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		if len(tracks) > 2 {
			tracks = tracks[:2]
		}
		if wav != nil {
			sound, err := parseSound(wav, tracks[0])
			if err != nil {
				return 0, fmt.Errorf("%s: %w", s.o.Sound, err)
			}
			tracks = append(tracks[:1], sound)
		}
		s.clips = append(s.clips, tracks)
		return len(s.clips) - 1, nil
	}
	if s.o.Clip != "" {
		pair := [2]int{-1, -1}
		for i, name := range []string{s.o.Clip, s.o.SubClip} {
			if name == "" {
				continue
			}
			raw, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			if pair[i], err = add(name, raw); err != nil {
				return err
			}
		}
		pairs = append(pairs, pair)
	} else {
		for _, scene := range clips.Scenes() {
			m, err := add(scene.Name+" main", scene.Main)
			if err != nil {
				return err
			}
			sub, err := add(scene.Name+" sub", scene.Sub)
			if err != nil {
				return err
			}
			pairs = append(pairs, [2]int{m, sub})
		}
	}
	for i := range s.o.Count {
		c := &camera{number: i, fault: map[string]time.Time{}}
		pair := pairs[i%len(pairs)]
		for n, clip := range pair {
			if clip < 0 {
				continue
			}
			c.streams[n] = &feed{
				cam: c, clip: clip, other: pair[1-n], ssrc: uint32(i)<<8 | uint32(n)<<4 | 1, base: uint32(i) * 7919,
				shift: s.clips[clip][0].length * int64(i*618%1000) / 1000,
			}
			if o := pair[1-n]; o >= 0 && s.clips[o][0].media.Codec != s.clips[clip][0].media.Codec {
				c.streams[n].other = -1 // a change of codec needs a new description, not only new pictures
			}
		}
		s.cameras = append(s.cameras, c)
	}
	return nil
}

// Addr is the RTSP address.
func (s *Simulator) Addr() string { return s.ln.Addr().String() }

// ControlURL is where faults are posted; "" without Options.Ctl.
func (s *Simulator) ControlURL() string {
	if s.ctl == nil {
		return ""
	}
	return "http://" + s.ctl.Addr().String()
}

// URL of a stream.
func (s *Simulator) URL(camera int, which string) string {
	return fmt.Sprintf("rtsp://%s/cam%04d/%s", s.Addr(), camera, which)
}

// Close ends all connections and threads.
func (s *Simulator) Close() error {
	s.cancel()
	var errs []error
	if s.ln != nil {
		if err := s.ln.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if s.ctl != nil {
		_ = s.ctl.Close()
	}
	s.running.Wait()
	if s.loop != nil {
		errs = append(errs, s.loop.Close())
	}
	return errors.Join(errs...)
}

// Run simulates until ctx ends.
func Run(ctx context.Context, o Options) error {
	s, err := New(o)
	if err != nil {
		return err
	}
	s.log.Info("cameras are there", "count", len(s.cameras), "first", s.URL(0, "main"), "control", s.ControlURL())
	<-ctx.Done()
	return s.Close()
}

// handler answers the players.
type handler struct{ s *Simulator }

var errNotFound = &rtsp.StatusError{Code: http.StatusNotFound, Reason: "Not Found"}

// find takes "cam0012/sub" apart.
func (h handler) find(path string) *feed {
	name, which, ok := strings.Cut(path, "/")
	digits, named := strings.CutPrefix(name, "cam")
	n, err := strconv.Atoi(digits)
	if !ok || !named || err != nil || n < 0 || n >= len(h.s.cameras) {
		return nil
	}
	switch which {
	case "main":
		return h.s.cameras[n].streams[0]
	case "sub":
		return h.s.cameras[n].streams[1]
	}
	return nil
}

// feedAt is the stream of a path, unless its camera is away.
func (h handler) feedAt(path string) (*feed, error) {
	f := h.find(path)
	if f == nil {
		return nil, errNotFound
	}
	if f.cam.has("drop", time.Now()) {
		return nil, &rtsp.StatusError{Code: http.StatusServiceUnavailable, Reason: "Service Unavailable"}
	}
	return f, nil
}

func (h handler) Describe(r *rtsp.Request) (*rtsp.Description, error) {
	f, err := h.feedAt(r.Path)
	if err != nil {
		return nil, err
	}
	d := &rtsp.Description{Name: "camsim", NoTCP: f.cam.has("refuse-tcp", time.Now())}
	for _, t := range h.s.clips[f.clip] {
		d.Medias = append(d.Medias, t.media)
	}
	return d, nil
}

func (h handler) Credentials(*rtsp.Request) []rtsp.Credential {
	if h.s.o.User == "" {
		return nil
	}
	return []rtsp.Credential{{User: h.s.o.User, Password: h.s.o.Password}}
}

func (h handler) Play(r *rtsp.Request, o *rtsp.Out) error {
	f, err := h.feedAt(r.Path)
	if err != nil {
		return err
	}
	f.add(o)
	return nil
}

// KeyAsked counts: a clip has its key frames where it has them.
func (h handler) KeyAsked(o *rtsp.Out, _ int) {
	if f := h.find(o.Path()); f != nil {
		f.asked.Add(1)
	}
}

func (h handler) Closed(o *rtsp.Out, _ error) {
	if f := h.find(o.Path()); f != nil {
		f.remove(o)
	}
}
