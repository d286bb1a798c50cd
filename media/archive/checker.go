package archive

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// CheckerOptions of a Checker.
type CheckerOptions struct {
	Archive *Archive
	Rate    int64         // bytes read per second and disk at most; 0 = 8 MiB
	Again   time.Duration // between the beginnings of two walks over a disk; 0 = 7 days
	Settle  time.Duration // after a start nothing is read; 0 = 10 min, negative = none
	Save    time.Duration // between two notes of how far a walk has come; 0 = 30 s
	Look    time.Duration // between looks for disks that are due; 0 = 1 min
	Log     *slog.Logger
	Metrics prometheus.Registerer // nil = none
}

// Checker walks over all footage in the background, again and again, each disk for itself: every row, every file, every
// fragment's hash. It only reports. It reads no faster than its rate, and stands back for everybody else: see admit. A
// restart goes on where the last process was.
type Checker struct {
	o CheckerOptions
	a *Archive

	mu     sync.Mutex
	checks map[DiskID]*check
	busy   map[DiskID]bool
	read   int64 // bytes, since start
	wait   sync.WaitGroup
}

// NewChecker reads how far the last process came.
func NewChecker(ctx context.Context, o CheckerOptions) (*Checker, error) {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&o.Again, 7*24*time.Hour)
	def(&o.Settle, 10*time.Minute)
	def(&o.Save, 30*time.Second)
	def(&o.Look, time.Minute)
	if o.Rate == 0 {
		o.Rate = 8 << 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	k := &Checker{o: o, a: o.Archive, busy: map[DiskID]bool{}}
	var err error
	if k.checks, err = k.a.loadChecks(ctx); err != nil {
		return nil, err
	}
	for id, c := range k.checks {
		if c.Differences, err = standing(ctx, k.a.db, id); err != nil {
			return nil, err
		}
	}
	if o.Metrics != nil {
		if err := o.Metrics.Register(checkCollector{k}); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// Run walks until ctx ends.
func (k *Checker) Run(ctx context.Context) error {
	defer k.wait.Wait()
	tick := time.NewTimer(max(k.o.Settle, 0))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			for _, info := range k.a.Disks() {
				k.begin(ctx, info)
			}
			tick.Reset(k.o.Look)
		}
	}
}

// begin starts or goes on with a walk that is due.
func (k *Checker) begin(ctx context.Context, info DiskInfo) {
	d, root, err := k.a.disk(info.ID)
	if err != nil || d.dead.Load() {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.a.now()
	c := k.checks[info.ID]
	if k.busy[info.ID] || c != nil && c.complete() && now.Sub(c.Began) < k.o.Again && !now.Before(c.Began) {
		return
	}
	if c == nil || c.complete() {
		fresh := &check{CheckInfo: CheckInfo{Disk: info.ID, Began: now, Differences: map[Kind]int{}}, at: firstRow}
		if c != nil {
			fresh.before, fresh.Ended, fresh.Differences = c.Ended, c.Ended, c.Differences
			if !fresh.Began.After(fresh.Ended) { // the clock went back
				fresh.before, fresh.Ended = time.Time{}, time.Time{}
			}
		}
		c = fresh
		k.checks[info.ID] = c
	}
	k.busy[info.ID] = true
	k.wait.Go(func() {
		err := k.walk(ctx, c, d, root)
		k.mu.Lock()
		delete(k.busy, info.ID)
		k.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			k.o.Log.Warn("the check of a disk broke off; it goes on later", "path", root, "err", err)
		}
	})
}

// walk goes on with a check until its end, or until the disk is away or ctx ends.
func (k *Checker) walk(ctx context.Context, c *check, d mounted, root string) error {
	k.mu.Lock()
	was := Report{Segments: c.Segments, Fragments: c.Fragments, Bytes: c.Bytes, Differences: map[Kind]int{}}
	at := c.at
	k.mu.Unlock()
	k.o.Log.Info("check", "path", root, "began", c.Began, "segments", was.Segments)
	saved := time.Now()
	w := &walk{a: k.a, r: &was, meter: meter{rate: k.o.Rate}, id: c.Disk, d: d, root: root, at: at}
	var noted error
	w.o.Report = func(x Difference) {
		known, err := k.a.noteDifference(ctx, x)
		if err != nil {
			noted = err
		}
		if !known {
			k.mu.Lock()
			c.Differences = maps.Clone(c.Differences)
			c.Differences[x.Kind]++
			k.mu.Unlock()
		}
	}
	w.pause = func(ctx context.Context) error {
		k.mu.Lock()
		k.read += was.Bytes - c.Bytes
		c.Segments, c.Fragments, c.Bytes, c.at = was.Segments, was.Fragments, was.Bytes, w.at
		now := *c
		k.mu.Unlock()
		if noted != nil || time.Since(saved) < k.o.Save {
			return noted
		}
		saved = time.Now()
		return k.a.saveCheck(ctx, &now)
	}
	err := w.run(ctx)
	if err == nil {
		err = noted
	}
	k.mu.Lock()
	now := *c
	k.mu.Unlock()
	if err != nil {
		save, done := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer done()
		if serr := k.a.saveCheck(save, &now); serr != nil {
			return serr
		}
		return err
	}
	now.Ended = k.a.now()
	if now.Ended.Before(now.Began) { // the clock went back
		now.Ended = now.Began
	}
	if err := k.a.endCheck(ctx, &now, root); err != nil {
		return err
	}
	k.mu.Lock()
	*c = now
	k.mu.Unlock()
	k.o.Log.Info("checked", "path", root, "segments", now.Segments, "bytes", now.Bytes, "differences", now.Differences)
	return nil
}

// Checks tells how far the walks have come, in the order of the disks' ids.
func (k *Checker) Checks() []CheckInfo {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := make([]CheckInfo, 0, len(k.checks))
	for id, c := range k.checks {
		if !k.a.knows(id) { // given up
			continue
		}
		i := c.CheckInfo
		i.Running = k.busy[id]
		list = append(list, i)
	}
	slices.SortFunc(list, func(x, y CheckInfo) int { return strings.Compare(string(x.Disk), string(y.Disk)) })
	return list
}
