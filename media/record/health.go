package record

import (
	"context"
	"math"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/stream"
)

// failed takes an error of the writer or the syncer for what it says about the disk.
func (d *disk) failed(reason string, err error) {
	switch file.FaultOf(err) {
	case file.Full:
		d.set(archive.Full, fullForAll, err.Error())
	case file.ReadOnly:
		d.set(archive.ReadOnly, "disk.read-only", err.Error())
	default:
		d.set(archive.Dead, reason, err.Error())
	}
}

func (d *disk) set(state archive.State, reason, detail string) {
	d.mu.Lock()
	was := d.state
	d.state, d.reason = state, reason
	if state != archive.OK {
		d.fault = time.Now()
	}
	id := d.id
	d.mu.Unlock()
	if id != "" {
		d.r.desk.state(id, state, reason, detail)
	}
	if was != state {
		if id == "" { // else the archive says so
			d.r.log.Warn("disk", "path", d.conf.Path, "state", state, "was", was, "reason", reason, "detail", detail)
		}
		d.poke()
	}
}

// keepAlive attaches the disk, and brings it back whenever it has failed. It has a goroutine of its own, because a disk
// that hangs hangs it too.
func (d *disk) keepAlive(ctx context.Context) {
	wait := time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = d.r.o.Retry
		switch d.current() {
		case archive.OK, archive.Slow:
			d.look()
			wait = min(wait, time.Second) // what else fills the disk is noticed before footage takes the last of it
			if d.mustRecover() {
				go d.recover(ctx)
			}
		default:
			if d.bringUp(ctx) {
				wait = min(wait, time.Second)
			}
		}
	}
}

// bringUp tries to make a disk usable.
func (d *disk) bringUp(ctx context.Context) bool {
	if write, sync := d.busyFor(d.r.mono()); write > 0 && d.current() == archive.Dead || sync > d.r.o.StallAfter {
		return false // the call that hung has not come back
	}
	id, err := d.r.a.AttachDisk(ctx, archive.DiskConfig{Path: d.conf.Path, Quota: d.conf.Quota, Reserve: d.r.o.Reserve, Layer: d.fs})
	if id != "" {
		d.mu.Lock()
		d.id = id
		d.mu.Unlock()
	}
	if err == nil {
		err = d.probe()
	}
	if err != nil {
		if code := fault.CodeOf(err); code != "" && file.FaultOf(err) == file.Dead {
			d.set(archive.Dead, code, err.Error())
		} else {
			d.failed("disk.unwritable", err)
		}
		if file.FaultOf(err) == file.Full {
			d.look()
			d.r.a.MakeRoom(id)
		}
		return false
	}
	d.mu.Lock()
	if !d.again.IsZero() { // it failed when the disk did
		d.again = time.Now()
	}
	d.mu.Unlock()
	d.look()
	state, reason := d.judge()
	d.set(state, reason, "")
	d.r.settleAll()
	if state == archive.Full {
		d.r.a.MakeRoom(id)
		return false
	}
	go d.recover(ctx)
	return true
}

// mustRecover says whether something waits for recovery: what was left to it, or what it could not do before.
func (d *disk) mustRecover() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.unsure || !d.recovered || !d.again.IsZero() && !time.Now().Before(d.again)
}

// leftAgain is how soon recovery asks for segments that it had to leave: the archive knows which of them are due by then.
const leftAgain = time.Minute

// recover reads again what was open when a process or the disk died. Recording does not wait for it. What fails is tried again ever more
// seldom: each attempt may read a lot.
func (d *disk) recover(ctx context.Context) {
	if !d.recovering.TryLock() {
		return // the keeper asks again
	}
	defer d.recovering.Unlock()
	if !d.mustRecover() {
		return
	}
	d.mu.Lock()
	d.unsure, d.recovered, d.again = false, true, time.Time{}
	id := d.id
	d.mu.Unlock()
	sum, err := d.r.a.Recover(ctx, id)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		d.r.log.Error("recover", "path", d.conf.Path, "err", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err != nil:
		d.again = time.Now().Add(min(d.r.o.Retry<<min(d.failures, 16), leftAgain))
		d.failures++
		return
	case sum.Unread > 0:
		d.again = time.Now().Add(leftAgain)
	}
	d.failures = 0
}

// look measures the free space.
func (d *disk) look() {
	d.mu.Lock()
	id := d.id
	d.mu.Unlock()
	if id != "" {
		if err := d.r.a.Stands(id, d.conf.Path, d.fs); fault.CodeOf(err) != "" {
			d.set(archive.Dead, fault.CodeOf(err), err.Error())
			return
		} else if err != nil {
			d.failed("disk.unreadable", err)
			return
		}
	}
	space, err := d.fs.Space(d.conf.Path)
	if err != nil {
		d.failed("disk.unreadable", err)
		return
	}
	d.mu.Lock()
	d.space = space
	d.mu.Unlock()
	d.r.a.SetSpace(id, space)
}

// How much of the reserve must be free: above the first a full disk is well again, below the second main streams stop so
// that sub streams, which need a tenth of the room, can go on, below the third those stop too.
const (
	roomy = 2
	tight = 4
	spent = 16
)

// judge sorts a disk by its free space.
func (d *disk) judge() (archive.State, string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	free, reserve := d.space.Free, d.r.o.Reserve
	if reserve <= 0 {
		reserve = archive.Reserve(d.space.Total)
	}
	full := d.state == archive.Full
	switch {
	case d.space.Total == 0 || free >= reserve/roomy || !full && free >= reserve/tight:
		return archive.OK, ""
	case free >= reserve/spent:
		return archive.Full, fullForMain
	}
	return archive.Full, fullForAll
}

const (
	fullForMain = "disk.full-main-stopped"
	fullForAll  = "disk.full"
)

// takes says whether footage of a stream may be written.
func (d *disk) takes(w stream.Which) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch d.state {
	case archive.OK, archive.Slow:
		return true
	case archive.Full:
		return d.reason == fullForMain && w == stream.Sub
	}
	return false
}

// slowAfter is how long footage waits before the disk is called slow.
const slowAfter = 2 * time.Second

// supervise watches all disks from outside until ctx ends: what hangs cannot report itself.
func (r *Recorder) supervise(ctx context.Context) {
	tick := time.NewTicker(min(time.Second, r.o.StallAfter/4))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			for _, d := range r.disks {
				r.watch(d)
			}
			r.settleAll()
		}
	}
}

// watch judges one disk.
func (r *Recorder) watch(d *disk) {
	waiting, streams := r.waiting(d)
	write, sync := d.busyFor(r.mono())
	d.mu.Lock()
	state, reason, id, since := d.state, d.reason, d.id, d.fault
	d.mu.Unlock()
	full, why := d.judge()
	load := archive.Light
	switch worst := max(waiting, write, sync/4); {
	case worst > 10*time.Second:
		load = archive.Drowning
	case worst > 2*time.Second:
		load = archive.Strained
	case worst > 500*time.Millisecond:
		load = archive.Busy
	}
	switch {
	case (state == archive.OK || state == archive.Slow) && (write > r.o.StallAfter || sync > 2*r.o.StallAfter):
		d.set(archive.Dead, "disk.stalled", "")
	case (state == archive.OK || state == archive.Slow) && full == archive.Full:
		d.set(archive.Full, why, "")
		r.a.MakeRoom(id)
	case state == archive.Dead && reason == "disk.stalled" && write == 0 && sync == 0:
		d.set(archive.Slow, "disk.slow", "") // it has answered after all; had it failed, it would say so
	case state == archive.OK && load >= archive.Strained:
		d.set(archive.Slow, "disk.slow", "")
	case state == archive.Slow && load == archive.Light && time.Since(since) > 5*slowAfter:
		d.set(archive.OK, "", "")
	case state == archive.Slow && load > archive.Light:
		d.mu.Lock()
		d.fault = time.Now()
		d.mu.Unlock()
	}
	if id == "" {
		return
	}
	r.a.SetLoad(id, load)
	took := time.Duration(d.syncTook.Load())
	now, bytes := time.Now(), d.written.Load()
	if span := now.Sub(d.rateAt).Seconds(); span > 4 || d.rateAt.IsZero() {
		if !d.rateAt.IsZero() {
			d.rate = float64(bytes-d.rateBytes) * 8 / span
		}
		d.rateAt, d.rateBytes = now, bytes
	}
	r.a.SetWriter(id, archive.Writer{
		Streams: streams, Waiting: waiting.Seconds(), Bytes: bytes, Writes: d.writes.Load(), Syncs: d.synced.Load(),
		Creates: d.creates.Load(), Lost: d.lost.Load(), BitRate: d.rate, SyncTime: took.Seconds(),
	})
}

// waiting is the age of the oldest fragment that waits for a disk, and the number of its streams.
func (r *Recorder) waiting(d *disk) (oldest time.Duration, streams int) {
	now := time.Now()
	for _, s := range r.all() {
		s.mu.Lock()
		mine := s.disk == d
		s.mu.Unlock()
		if mine {
			streams++
			oldest = max(oldest, s.waiting(now))
		}
	}
	return oldest, streams
}

func (r *Recorder) all() []*sink {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]*sink, 0, len(r.sinks))
	for _, s := range r.sinks {
		list = append(list, s)
	}
	return list
}

// settleAll sends streams from disks that cannot take them to others, and tells those that could go home.
func (r *Recorder) settleAll() {
	for _, s := range r.all() {
		best := r.place(s)
		s.mu.Lock()
		s.home = best
		now := s.disk
		s.mu.Unlock()
		if best != nil && best != now && (now == nil || !now.takes(s.id.Which)) {
			s.move(best)
		}
		s.nudge()
	}
}

// place picks a stream's disk among those that are well: the highest weighted hash. When a disk goes, only its own streams
// move, and they come back to it; larger disks get more.
func (r *Recorder) place(s *sink) *disk {
	var best *disk
	high := math.Inf(-1)
	for i, d := range r.disks {
		if !d.takes(s.id.Which) {
			continue
		}
		d.mu.Lock()
		weight := float64(d.space.Total)
		if q := d.conf.Quota; q > 0 && float64(q) < weight {
			weight = float64(q)
		}
		d.mu.Unlock()
		u := (float64(mix(s.hash+uint64(i)*0x9e3779b97f4a7c15)>>11) + 0.5) / (1 << 53)
		if score := max(weight, 1) / -math.Log(u); score > high {
			best, high = d, score
		}
	}
	return best
}
