package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// benchLimit looks for the most cameras that this machine records while it simulates them too, nothing late or lost.
func benchLimit(ctx context.Context, o options) ([]row, error) {
	var rows []row
	for _, tmpfs := range []bool{true, false} {
		best, why := 0, ""
		// From the goal up in steps, or down where that does not hold.
		for n, step := min(1000, o.most), 200; n >= 200 && n <= o.most; n += step {
			ok, reason, err := holds(ctx, o, n, tmpfs)
			if err != nil {
				return rows, err
			}
			fmt.Fprintf(os.Stderr, "  %d cameras: %v %s\n", n, ok, reason)
			switch {
			case ok:
				best = n
			case why == "":
				why = fmt.Sprintf("%d did not hold: %s", n, reason)
			}
			if ok && step < 0 || !ok && best > 0 {
				break
			}
			if !ok {
				step = -200
			}
		}
		where := "disk"
		if tmpfs {
			where = "tmpfs"
		}
		rows = append(rows, row{
			job: "most cameras recorded on this machine, " + where, unit: "cameras", value: float64(best),
			goal: 1000, moonshot: 1200, more: true, note: why,
		})
	}
	return rows, nil
}

// holds records n cameras for 30 s and asks whether anything was late or lost: frames dropped by a send buffer (the
// server read too late), or a camera that did not stay online.
func holds(ctx context.Context, o options, n int, tmpfs bool) (bool, string, error) {
	s, err := set(ctx, o, standOptions{cameras: n, pacing: "frame", record: true, tmpfs: tmpfs, flags: bare})
	if err != nil {
		return false, "", err
	}
	defer s.stop()
	if err := s.allOnline(ctx, n); err != nil {
		return false, err.Error(), ctx.Err()
	}
	if err := pause(ctx, 5*time.Second); err != nil {
		return false, "", err
	}
	before, err := s.sim.stats()
	if err != nil {
		return false, "", err
	}
	if err := pause(ctx, 30*time.Second); err != nil {
		return false, "", err
	}
	after, err := s.sim.stats()
	if err != nil {
		return false, "", err
	}
	sent, want := after.Frames-before.Frames, uint64(n*25*30)
	if lost := after.Dropped - before.Dropped; lost > 0 {
		return false, fmt.Sprintf("%d of %d frames lost", lost, want), nil
	}
	if sent < want*98/100 {
		return false, fmt.Sprintf("the simulator itself sent %d of %d frames", sent, want), nil
	}
	return true, "", nil
}

func (s *stand) allOnline(ctx context.Context, n int) error {
	var online int
	for range 60 {
		var list struct {
			Cameras []struct {
				Health struct {
					State string `json:"state"`
				} `json:"health"`
			} `json:"cameras"`
		}
		if err := call(s.server.guard, "GET", s.server.url+"/api/cameras", nil, &list); err != nil {
			return err
		}
		online = 0
		for _, c := range list.Cameras {
			if c.Health.State == "online" {
				online++
			}
		}
		if online == n {
			return nil
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
	return fmt.Errorf("only %d of %d cameras came online in 60 s", online, n)
}
