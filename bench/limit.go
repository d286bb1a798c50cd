package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// benchLimit looks for the most cameras that this machine records while it simulates them too, nothing late or lost.
func benchLimit(ctx context.Context, o options) ([]row, error) {
	var rows []row
	for _, way := range []struct {
		tmpfs bool
		flags []string
		name  string
	}{
		{true, bare, "tmpfs, no hash, no sync"},
		{false, bare, "disk, no hash, no sync"},
		{false, nil, "disk, SHA-256 and sync"},
	} {
		best, why, held := 0, "", ""
		// From the goal up in steps, or down where that does not hold.
		for n, step := min(1000, o.most), 200; n >= 200 && n <= o.most; n += step {
			ok, reason, err := holds(ctx, o, n, way.tmpfs, way.flags)
			if err != nil {
				return rows, err
			}
			fmt.Fprintf(os.Stderr, "  %d cameras: %v %s\n", n, ok, reason)
			switch {
			case ok:
				best, held = n, reason
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
		rows = append(rows, row{
			job: "most cameras recorded on this machine, " + way.name, unit: "cameras", value: float64(best),
			goal: 1000, moonshot: 1200, more: true, note: strings.TrimPrefix(held+"; "+cmp.Or(why, fmt.Sprintf("more than %d were not tried", o.most)), "; "),
		})
	}
	return rows, nil
}

// lateAfter is how long a finished fragment may wait for its write before it counts as late.
const lateAfter = 2.0

// holds records n cameras for 30 s and asks whether anything was late or lost: frames dropped by a send buffer (the
// server read too late), fragments that were given up, fragments that waited, cameras that did not stay online.
func holds(ctx context.Context, o options, n int, tmpfs bool, flags []string) (bool, string, error) {
	s, err := set(ctx, o, standOptions{cameras: n, pacing: "frame", record: true, tmpfs: tmpfs, flags: flags})
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
	kept, err := s.server.recorded()
	if err != nil {
		return false, "", err
	}
	worst := 0.0
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		if err := pause(ctx, 3*time.Second); err != nil {
			return false, "", err
		}
		w, err := s.server.waiting()
		if err != nil {
			return false, "", err
		}
		worst = max(worst, w)
	}
	after, err := s.sim.stats()
	if err != nil {
		return false, "", err
	}
	keptAfter, err := s.server.recorded()
	if err != nil {
		return false, "", err
	}
	sent, want := after.Frames-before.Frames, uint64(n*25*30)
	writes, fragments := keptAfter.writes-kept.writes, float64(n*30/2)
	switch {
	case after.Dropped > before.Dropped:
		return false, fmt.Sprintf("%d of %d frames lost", after.Dropped-before.Dropped, want), nil
	case keptAfter.lost > kept.lost:
		return false, fmt.Sprintf("%.0f fragments given up", keptAfter.lost-kept.lost), nil
	case sent < want*98/100:
		return false, fmt.Sprintf("the simulator itself sent %d of %d frames", sent, want), nil
	case writes < fragments*0.95:
		return false, fmt.Sprintf("%.0f of %.0f fragments written", writes, fragments), nil
	case worst > lateAfter:
		return false, fmt.Sprintf("footage waited %.1f s for its write", worst), nil
	}
	if err := s.allOnline(ctx, n); err != nil {
		return false, "afterwards " + err.Error(), ctx.Err()
	}
	return true, fmt.Sprintf("nothing lost; footage waited %.1f s at most", worst), nil
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
