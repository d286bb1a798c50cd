package camsim

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Faults are the kinds that Fault knows.
var Faults = []string{
	"drop",       // connections are closed and refused
	"stall",      // connections stay, nothing comes
	"corrupt",    // bytes flip, framing included
	"clock-jump", // the camera's clock jumps an hour ahead, and stays there until it is set right by 0 seconds
	"resize",     // the main stream sends the sub stream's pictures, and the other way round
	"refuse-tcp", // SETUP over TCP is answered with 461; connections are closed once
	"no-key",     // no key frame comes
}

// Stats is what the simulator did and what it cost.
type Stats struct {
	Cameras int           `json:"cameras"`
	Readers int           `json:"readers"`
	Frames  uint64        `json:"frames"`  // sent, counted per reader
	Dropped uint64        `json:"dropped"` // that found no room in the send buffer
	Bytes   uint64        `json:"bytes"`
	Asked   uint64        `json:"asked"`   // how often readers asked for a key frame
	Late    time.Duration `json:"late_ns"` // the latest that a frame was after its time: above a few ms the simulator is the bottleneck
	CPU     time.Duration `json:"cpu_ns"`  // of the whole process
}

// Fault puts a camera into trouble for a while; 0 seconds ends it.
func (s *Simulator) Fault(number int, kind string, d time.Duration) error {
	if number < 0 || number >= len(s.cameras) {
		return fmt.Errorf("camera %d: there are %d, from 0", number, len(s.cameras))
	}
	if !slices.Contains(Faults, kind) {
		return fmt.Errorf("fault %q: one of %s", kind, strings.Join(Faults, ", "))
	}
	c := s.cameras[number]
	if kind == "resize" && !c.resizes() {
		return fmt.Errorf("fault %q: camera %d has no second stream of the same codec to take other pictures from", kind, number)
	}
	if d <= 0 {
		c.clear(kind)
		return nil
	}
	if kind == "clock-jump" {
		c.jumps.Add(1)
		return nil
	}
	c.mu.Lock()
	c.fault[kind] = time.Now().Add(d)
	c.troubles.Store(int32(len(c.fault)))
	c.mu.Unlock()
	time.AfterFunc(d, func() {
		c.mu.Lock()
		if until, ok := c.fault[kind]; ok && !time.Now().Before(until) {
			delete(c.fault, kind)
			c.troubles.Store(int32(len(c.fault)))
		}
		c.mu.Unlock()
	})
	if kind == "drop" || kind == "refuse-tcp" {
		for _, f := range c.streams {
			if f != nil {
				f.hangUp()
			}
		}
	}
	return nil
}

// forEver is how long a stopped camera stays away.
const forEver = 100 * 365 * 24 * time.Hour

// Stop takes a camera away, as when its power fails; Start brings it back.
func (s *Simulator) Stop(number int) error { return s.Fault(number, "drop", forEver) }

// Start ends Stop, or a drop fault.
func (s *Simulator) Start(number int) error { return s.Fault(number, "drop", 0) }

// Key lets the camera's streams go on with a key frame, as a real encoder does when it is asked for one and heeds it.
// Asking by RTCP does not bring one: a clip has its key frames where it has them, like the many cameras that only count the question.
func (s *Simulator) Key(number int) error {
	if number < 0 || number >= len(s.cameras) {
		return fmt.Errorf("camera %d: there are %d, from 0", number, len(s.cameras))
	}
	for _, f := range s.cameras[number].streams {
		if f != nil {
			f.wanted.Store(true)
		}
	}
	return nil
}

// Stats adds up all cameras.
func (s *Simulator) Stats() Stats {
	out := Stats{Cameras: len(s.cameras), Late: time.Duration(s.late.Load())}
	for _, c := range s.cameras {
		out.add(c)
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err == nil {
		out.CPU = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return out
}

// CameraStats are those of one camera; what is of the whole process is left out.
func (s *Simulator) CameraStats(number int) (Stats, error) {
	if number < 0 || number >= len(s.cameras) {
		return Stats{}, fmt.Errorf("camera %d: there are %d, from 0", number, len(s.cameras))
	}
	out := Stats{Cameras: 1}
	out.add(s.cameras[number])
	return out, nil
}

func (out *Stats) add(c *camera) {
	for _, f := range c.streams {
		if f == nil {
			continue
		}
		out.Frames += f.sent.Load()
		out.Dropped += f.dropped.Load()
		out.Bytes += f.bytes.Load()
		out.Asked += f.asked.Load()
		f.mu.Lock()
		out.Readers += len(f.outs)
		f.mu.Unlock()
	}
}

// control serves faults and figures over HTTP, for tests in other processes.
func (s *Simulator) control(ctx context.Context) error {
	if s.o.Ctl == "" {
		return nil
	}
	ln, err := net.Listen("tcp", s.o.Ctl)
	if err != nil {
		return err
	}
	s.ctl = ln
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.Stats())
	})
	mux.HandleFunc("GET /cam/{number}/stats", func(w http.ResponseWriter, r *http.Request) {
		number, err := strconv.Atoi(r.PathValue("number"))
		var stats Stats
		if err == nil {
			stats, err = s.CameraStats(number)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(stats)
	})
	mux.HandleFunc("POST /cam/{number}/fault", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Kind    string  `json:"kind"`
			Seconds float64 `json:"seconds"`
		}
		number, err := strconv.Atoi(r.PathValue("number"))
		if err == nil {
			err = json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&in)
		}
		if err == nil {
			err = s.Fault(number, in.Kind, time.Duration(min(in.Seconds, forEver.Seconds())*float64(time.Second)))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /cam/{number}/key", func(w http.ResponseWriter, r *http.Request) {
		number, err := strconv.Atoi(r.PathValue("number"))
		if err == nil {
			err = s.Key(number)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	s.running.Go(func() { _ = server.Serve(ln) })
	return nil
}
