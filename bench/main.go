package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "floor" {
		fmt.Fprintln(os.Stderr, "floor:", runFloor(os.Args[2:])) // it runs until it is killed
		os.Exit(1)
	}
	if len(os.Args) > 1 && os.Args[1] == "fan" {
		fmt.Fprintln(os.Stderr, "floor:", runFan(os.Args[2:])) // it runs until it is killed
		os.Exit(1)
	}
	var o options
	only := flag.String("only", "", "run only jobs whose name contains this")
	flag.DurationVar(&o.span, "span", 20*time.Second, "how long each job is measured")
	flag.StringVar(&o.bin, "bin", "bin/linli-bench", "the program under test: linli, but for the cap on leases of an account")
	flag.StringVar(&o.disk, "disk", "", "folder on a real disk for footage; default: a temporary one")
	flag.StringVar(&o.out, "out", "docs/ref/performance.md", "where the table goes; - for the terminal only")
	flag.IntVar(&o.most, "most", 1600, "most cameras to try in the search for the limit")
	flag.StringVar(&o.profile, "profile", "", "folder for CPU and heap profiles of the server, one pair per measurement")
	update := flag.Bool("update", false, "with -only: put the rows of these jobs into the table that is there")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := bench(ctx, o, *only, *update); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	span           time.Duration
	bin, disk, out string
	most           int
	clips          string
	profile        string
}

// job is one row of the table or several.
type job struct {
	name string
	run  func(ctx context.Context, o options) ([]row, error)
}

// row is one measured figure beside its goals.
type row struct {
	job, unit      string
	value          float64
	floor          float64 // 0 = none
	goal, moonshot float64 // 0 = none
	more           bool    // more is better
	dropped        uint64  // frames that the cameras' send buffers dropped: a row with any reaches nothing
	note           string
}

func bench(ctx context.Context, o options, only string, update bool) error {
	bin, err := filepath.Abs(o.bin)
	if err != nil {
		return err
	}
	o.bin = bin
	if o.clips, err = os.MkdirTemp("", "linli-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(o.clips)
	if o.disk == "" {
		o.disk = filepath.Join(o.clips, "disk")
	}
	var rows []row
	for _, j := range jobs {
		if !strings.Contains(j.name, only) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s …\n", j.name)
		begin := time.Now()
		got, err := j.run(ctx, o)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "  failed: %v\n", err)
			rows = append(rows, row{job: j.name, note: "failed: " + err.Error()})
			continue
		}
		for _, r := range got {
			fmt.Fprintf(os.Stderr, "  %-58s %s\n", r.job, r.String())
		}
		fmt.Fprintf(os.Stderr, "  (%s)\n", time.Since(begin).Round(time.Second))
		rows = append(rows, got...)
	}
	if o.out == "-" || only != "" && !update {
		return nil
	}
	return write(o.out, rows, o, only)
}
