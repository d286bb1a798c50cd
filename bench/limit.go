package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// benchLimit looks for the most cameras that this machine records while it simulates them too, nothing late or lost. The floor is how many
// the plainest recorder holds beside the same simulator.
func benchLimit(ctx context.Context, o options) ([]row, error) {
	var rows []row
	floors := map[string]float64{}
	for _, way := range []struct {
		tmpfs  bool
		pacing string
		flags  []string
		name   string
	}{
		{true, "frame", bare, "tmpfs, no hash, no sync"},
		{true, "packet", bare, "tmpfs, no hash, no sync, per packet"},
		{false, "frame", bare, "disk, no hash, no sync"},
		{false, "frame", nil, "disk, SHA-256 and sync"},
		{false, "packet", nil, "disk, SHA-256 and sync, per packet"},
	} {
		kind := fmt.Sprint(way.tmpfs, way.pacing)
		if _, ok := floors[kind]; !ok {
			most, _, _, err := climb(o.most, "floor, "+way.name, func(n int) (bool, string, error) { return floorHolds(ctx, o, n, way.pacing, way.tmpfs) })
			if err != nil {
				return rows, err
			}
			floors[kind] = float64(most)
		}
		best, held, why, err := climb(o.most, way.name, func(n int) (bool, string, error) { return holds(ctx, o, n, way.pacing, way.tmpfs, way.flags) })
		if err != nil {
			return rows, err
		}
		rows = append(rows, row{
			job: "most cameras recorded on this machine, " + way.name, unit: "cameras", value: float64(best), floor: floors[kind],
			goal: 1000, moonshot: 1200, more: true, note: strings.TrimPrefix(held+"; "+why, "; "),
		})
	}
	return rows, nil
}

// climb goes from the goal up in steps, or down where that does not hold: the most that held and what was said of it, and why no more.
func climb(most int, name string, try func(n int) (bool, string, error)) (best int, held, why string, err error) {
	for n, step := min(1000, most), 200; n >= 200 && n <= most; n += step {
		ok, reason, err := try(n)
		if err != nil {
			return 0, "", "", err
		}
		fmt.Fprintf(os.Stderr, "  %s, %d cameras: %v %s\n", name, n, ok, reason)
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
	return best, held, cmp.Or(why, fmt.Sprintf("more than %d were not tried", most)), nil
}

// limitSpan is how long so many cameras must be held.
const limitSpan = 30 * time.Second

// floorHolds asks of the plainest recorder what can be asked of it: nothing dropped by a send buffer.
func floorHolds(ctx context.Context, o options, n int, pacing string, tmpfs bool) (bool, string, error) {
	clip, err := makeClip(ctx, o.clips, "h264", 1920, 1080, "2M")
	if err != nil {
		return false, "", err
	}
	sim, err := startSimulator(ctx, o.bin, clip, n, pacing)
	if err != nil {
		return false, "", err
	}
	defer sim.stop()
	dir, err := o.scratch("floor-", tmpfs)
	if err != nil {
		return false, "", err
	}
	defer os.RemoveAll(dir)
	cmd, err := startFloor(ctx, sim.addr, dir, fmt.Sprint(n), "lazy", "write")
	if err != nil {
		return false, err.Error(), ctx.Err()
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	if err := pause(ctx, 5*time.Second); err != nil {
		return false, "", err
	}
	before, err := sim.stats()
	if err != nil {
		return false, "", err
	}
	if err := pause(ctx, limitSpan); err != nil {
		return false, "", err
	}
	after, err := sim.stats()
	if err != nil {
		return false, "", err
	}
	return delivered(before, after, n)
}

// delivered asks the simulator whether its cameras got rid of all that they had to send.
func delivered(before, after simStats, n int) (bool, string, error) {
	sent, want := after.Frames-before.Frames, uint64(n)*25*uint64(limitSpan.Seconds())
	switch {
	case after.Dropped > before.Dropped:
		return false, fmt.Sprintf("%d of %d frames lost", after.Dropped-before.Dropped, want), nil
	case sent < want*98/100:
		return false, fmt.Sprintf("the simulator itself sent %d of %d frames", sent, want), nil
	}
	return true, "nothing lost", nil
}

// lateAfter is how long a finished fragment may wait for its write before it counts as late.
const lateAfter = 2.0

// holds records n cameras for a while and asks whether anything was late or lost: frames dropped by a send buffer (the
// server read too late), fragments that were given up, fragments that waited, cameras that did not stay online.
func holds(ctx context.Context, o options, n int, pacing string, tmpfs bool, flags []string) (bool, string, error) {
	s, err := set(ctx, o, standOptions{cameras: n, pacing: pacing, record: true, tmpfs: tmpfs, flags: flags})
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
	for end := time.Now().Add(limitSpan); time.Now().Before(end); {
		if err := pause(ctx, 500*time.Millisecond); err != nil {
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
	writes, fragments := keptAfter.writes-kept.writes, float64(n)*limitSpan.Seconds()/2
	if ok, why, err := delivered(before, after, n); !ok {
		return false, why, err
	}
	switch {
	case keptAfter.lost > kept.lost:
		return false, fmt.Sprintf("%.0f fragments given up", keptAfter.lost-kept.lost), nil
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
