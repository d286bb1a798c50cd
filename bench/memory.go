package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// memory is what of a process stands in memory, in bytes. Pages of the program file itself are shared and can be dropped.
type memory struct{ all, own int64 }

func resident(pid int) (m memory, err error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return m, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		kb, _ := strconv.ParseInt(fields[1], 10, 64)
		switch fields[0] {
		case "VmRSS:":
			m.all = kb << 10
		case "RssAnon:":
			m.own = kb << 10
		}
	}
	return m, lines.Err()
}

// benchMemory records 100 cameras as a compound does, with hash and sync, for long enough that pools are full. Beside it
// stands the same process without a camera, signed in to: what a compound pays in any case.
func benchMemory(ctx context.Context, o options) ([]row, error) {
	const n = 100
	var floors [2]int64
	for i, pacing := range []string{"frame", "packet"} {
		var err error
		if _, floors[i], err = floorCost(ctx, o, n, pacing, "lazy", "write"); err != nil {
			return nil, err
		}
	}
	var at [3]memory
	for i, way := range []struct {
		cameras int
		pacing  string
	}{{0, "frame"}, {n, "frame"}, {n, "packet"}} {
		cameras := way.cameras
		s, err := set(ctx, o, standOptions{cameras: cameras, pacing: way.pacing, record: true})
		if err != nil {
			return nil, err
		}
		if cameras > 0 {
			err = s.allOnline(ctx, n)
		}
		if err == nil {
			err = pause(ctx, max(o.span, 20*time.Second)+10*time.Second) // the start's own pages are given back after 20 s
		}
		if err == nil && o.profile != "" {
			err = s.server.profile(ctx, o.profile, time.Second)
		}
		if err == nil {
			at[i], err = resident(s.server.cmd.Process.Pid)
		}
		s.stop()
		if err != nil {
			return nil, err
		}
	}
	mb := func(b int64) float64 { return float64(b) / 1e6 }
	rows := []row{
		{
			job: "resident memory, no camera", unit: "MB", value: mb(at[0].all),
			note: fmt.Sprintf("%.0f MB of it pages of the program file", mb(at[0].all-at[0].own)),
		},
	}
	for i, name := range []string{"resident memory per recorded camera, at 100", "resident memory per recorded camera, at 100, per packet"} {
		all := at[i+1].all
		rows = append(rows, row{
			job: name, unit: "MB", value: mb(all) / n, floor: mb(floors[i]) / n, goal: 0.6, moonshot: 0.4,
			note: fmt.Sprintf("the whole process divided by 100; each camera adds %.2f", mb(all-at[0].all)/n),
		})
	}
	return rows, nil
}
