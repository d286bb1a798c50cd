package record

import (
	"context"
	"errors"
	"net/url"
	"path"
	"strings"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/store"
)

// idleAfter closes the segment of a stream that has said nothing for so long.
const idleAfter = 30 * time.Second

// write is the disk's one writer.
func (d *disk) write(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		d.runPosted()
		d.writeReady(ctx)
		if d.end.Load() && d.drained() {
			d.closeLanes(func(*lane) bool { return true })
			return
		}
		select {
		case <-d.wake:
		case <-tick.C:
			d.tidy()
		case <-ctx.Done():
			return
		}
	}
}

// writeReady writes what all sinks have, a few fragments of each in turn.
func (d *disk) writeReady(ctx context.Context) {
	var batch []*sink
	for {
		d.mu.Lock()
		batch, d.ready = d.ready, batch[:0]
		d.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		for i, s := range batch {
			if ctx.Err() != nil {
				return
			}
			d.runPosted()
			d.writeSome(s)
			batch[i] = nil
		}
	}
}

const turnLength = 8

// writeSome writes a few items of a sink.
func (d *disk) writeSome(s *sink) {
	for range turnLength {
		l, ok := s.take(d)
		if !ok {
			return
		}
		ln := d.lanes[s]
		if ln == nil {
			ln = &lane{s: s}
			d.lanes[s] = ln
		}
		ln.touched = time.Now()
		if l.f == nil {
			d.sourceGap(ln, l)
			continue
		}
		if !d.writeOne(ln, l) {
			return // it is parked, or the disk has failed: nudge brings it back
		}
	}
	d.enqueue(s)
}

func (d *disk) sourceGap(ln *lane, l lent) {
	if !ln.s.done(l) {
		return
	}
	d.closeLane(ln)
	if !l.end.at.IsZero() {
		d.r.desk.gap(ln.s.id, l.end, l.gap, 0)
	}
}

// writeOne writes a fragment, into a new segment where one is due. False: not now.
func (d *disk) writeOne(ln *lane, l lent) bool {
	s, f := ln.s, l.f
	run := s.follow(l)
	if ln.cur != nil && (ln.cur.Run != run || ln.cur.failed.Load()) {
		d.closeLane(ln)
	}
	if ln.cur == nil || s.due(ln.cur, f, d.r.o.SegmentLength) {
		if ln.next != nil && ln.next.Start.Equal(f.Start) && ln.next.Run == run {
			if !d.turn(ln) {
				s.back(l, false)
				return false
			}
		} else {
			if ln.next != nil { // begun for a fragment that is gone
				d.abandon(ln.next)
				ln.next = nil
			}
			if ln.cur != nil && time.Now().Before(ln.retry) {
				goto write // the index does not answer: this segment grows longer than planned
			}
			if home := s.goHome(d); home != nil {
				s.back(l, false)
				d.closeLane(ln)
				s.move(home)
				return false
			}
			d.ask(ln, l, run)
			return false
		}
	}
write:
	return d.append(ln, l)
}

// ask has a segment begun and parks the stream until it is.
func (d *disk) ask(ln *lane, l lent, run int64) {
	s, f := ln.s, l.f
	id := archive.SegmentID(store.NewID())
	start := f.Start.UTC().Truncate(time.Microsecond)
	seg := &segment{streamRun: f.Run}
	seg.Segment = archive.Segment{
		ID: id, Camera: s.id.Camera, Which: archive.Which(s.id.Which), Disk: d.id, Run: run, Start: f.Start,
		Path: path.Join("footage", safe(s.id.Camera), safe(string(s.id.Which)), start.Format(time.DateOnly), start.Format("150405")+"-"+string(id)+".mp4"),
		Init: cmaf.AppendInit(nil, f.Tracks, f.Starts()), Tracks: f.Tracks, Unconfirmed: f.Unconfirmed, Boot: l.boot,
	}
	seg.name = path.Join(d.conf.Path, seg.Path)
	s.back(l, true)
	d.r.desk.begin(seg, func(err error) {
		d.post(func() {
			switch {
			case err == nil && d.lanes[s] != ln: // its stream has gone elsewhere meanwhile
				d.abandon(seg)
			case err == nil:
				if ln.next != nil {
					d.abandon(ln.next)
				}
				ln.next = seg
			default:
				ln.retry = time.Now().Add(10 * time.Second)
				if ln.cur == nil { // nothing to go on in: ask again, but not at once
					time.AfterFunc(time.Second, func() { s.unpark(d) })
					return
				}
			}
			s.unpark(d)
		})
	})
}

// turn makes the file of the next segment and closes the one before.
func (d *disk) turn(ln *lane) bool {
	seg := ln.next
	d.enter()
	dir := path.Dir(seg.name)
	var err error
	tried := false
	for range 2 { // a purge may have taken the empty folder in between
		if err = d.fs.MakeDir(dir); err == nil {
			tried = true
			seg.f, err = d.fs.Create(seg.name)
		}
		if file.FaultOf(err) != file.Missing {
			break
		}
	}
	if err == nil {
		_, err = seg.f.WriteBuffers([][]byte{seg.Init}, 0)
	}
	d.leave()
	d.creates.Add(1)
	if err != nil {
		ln.next = nil
		if seg.f != nil {
			seg.f.Close()
		}
		if tried {
			d.leaveBehind(seg.ID)
		} else {
			d.abandon(seg)
		}
		d.failed("disk.write-failed", err)
		return false
	}
	d.closeLane(ln)
	seg.at = int64(len(seg.Init))
	ln.cur, ln.next = seg, nil
	d.mu.Lock()
	d.dirs[dir] = struct{}{}
	d.mu.Unlock()
	return true
}

// append writes one fragment with its seal, by one system call.
func (d *disk) append(ln *lane, l lent) bool {
	seg, f := ln.cur, l.f
	seal := archive.Seal{
		Key: f.Key, Unconfirmed: f.Unconfirmed, Hashed: !d.r.o.NoHash, Sequence: seg.sequence,
		Start: f.Start.UTC().Truncate(time.Microsecond), Duration: f.Duration.Truncate(time.Microsecond),
		Decode: decodeTime(f), Run: seg.Run, Size: uint32(f.Size),
	}
	d.bufs = f.Buffers(d.bufs[:0])
	if seal.Hashed {
		d.sum.Reset()
		for _, b := range d.bufs {
			d.sum.Write(b)
		}
		d.sum.Sum(seal.Hash[:0])
	}
	d.seal = archive.AppendSeal(d.seal[:0], seal)
	d.bufs = append(d.bufs, d.seal)
	d.reserve(ln, int64(f.Size))
	want := int64(f.Size + archive.SealSize)
	d.enter()
	n, err := seg.f.WriteBuffers(d.bufs, seg.at)
	d.leave()
	clear(d.bufs)
	if err != nil || n != want {
		if err == nil {
			err = errors.New("short write")
		}
		d.spoiled(ln, err)
		ln.s.back(l, false)
		return false
	}
	e := archive.Entry{Offset: seg.at, Size: seal.Size, Start: seal.Start, Duration: seal.Duration, Decode: seal.Decode, Key: seal.Key, Hash: seal.Hash}
	if !ln.s.done(l) { // it took so long that the stream has moved, this fragment with it
		if seg.f.Truncate(seg.at) != nil {
			seg.failed.Store(true)
		}
		d.closeLane(ln)
		return true
	}
	if l.lost > 0 {
		end := l.end
		if end.at.IsZero() {
			end.at = seal.Start
			if seal.Unconfirmed {
				end.boot = l.boot
			}
		}
		d.r.desk.gap(ln.s.id, end, l.why, l.lost)
	}
	d.r.a.Append(seg.ID, e)
	seg.at += want
	seg.sequence++
	seg.end = e.End()
	seg.fragments.Add(1)
	d.writes.Add(1)
	d.written.Add(uint64(want))
	d.mu.Lock()
	d.dirty[seg] = struct{}{}
	d.mu.Unlock()
	return true
}

// spoiled deals with a failed write. Where the disk is only full, the segment is good up to here and can be closed.
func (d *disk) spoiled(ln *lane, err error) {
	if file.FaultOf(err) == file.Full && ln.cur.f.Truncate(ln.cur.at) == nil {
		d.closeLane(ln)
	} else {
		ln.cur.failed.Store(true)
	}
	d.failed("disk.write-failed", err)
}

// reserveStep is how much is allocated ahead: enough for a hard disk to read a segment in few pieces, little enough for a
// small disk.
const reserveStep = 32 << 20

func (d *disk) reserve(ln *lane, need int64) {
	seg := ln.cur
	if seg.at+need <= seg.reserved || seg.reserved < 0 {
		return
	}
	step := int64(reserveStep)
	d.mu.Lock()
	if room := d.space.Free / 4 / int64(len(d.lanes)); room < step {
		step = room
	}
	d.mu.Unlock()
	if step < need || step < 1<<20 {
		seg.reserved = -1
		return
	}
	d.enter()
	err := seg.f.Allocate(seg.at, step)
	d.leave()
	seg.reserved = seg.at + step
	if err != nil {
		seg.reserved = -1 // the write itself will tell what is wrong
	}
}

// closeLane ends a stream's segment; the syncer makes a row of it.
func (d *disk) closeLane(ln *lane) {
	seg := ln.cur
	ln.cur = nil
	if seg == nil {
		return
	}
	if !seg.failed.Load() {
		d.enter()
		if err := seg.f.Truncate(seg.at); err != nil { // gives back what was reserved
			seg.failed.Store(true)
		}
		d.leave()
	}
	d.mu.Lock()
	d.shut = append(d.shut, seg)
	d.mu.Unlock()
}

func (d *disk) closeLanes(which func(*lane) bool) {
	for s, ln := range d.lanes {
		if !which(ln) {
			continue
		}
		d.closeLane(ln)
		if ln.next != nil {
			d.abandon(ln.next)
		}
		delete(d.lanes, s)
	}
}

// tidy closes what nobody writes to any more. Of a disk that has failed it lets go altogether, though its streams may have nowhere
// else to go: with a file of it open it could be neither unmounted nor checked while the server runs.
func (d *disk) tidy() {
	now := time.Now()
	d.mu.Lock()
	failed := d.state == archive.ReadOnly || d.state == archive.Dead && d.reason != "disk.stalled"
	d.mu.Unlock()
	d.closeLanes(func(ln *lane) bool {
		ln.s.mu.Lock()
		elsewhere := ln.s.disk != d
		waits := len(ln.s.queue) > 0
		ln.s.mu.Unlock()
		return failed || elsewhere || !waits && now.Sub(ln.touched) > idleAfter
	})
}

// abandon takes a segment whose file was never made off the list.
func (d *disk) abandon(seg *segment) { d.r.desk.finish(seg.ID) }

// post runs f on the writer's goroutine.
func (d *disk) post(f func()) {
	d.mu.Lock()
	d.posted = append(d.posted, f)
	d.mu.Unlock()
	d.poke()
}

func (d *disk) runPosted() {
	d.mu.Lock()
	list := d.posted
	d.posted = nil
	d.mu.Unlock()
	for _, f := range list {
		f()
	}
}

// drained says that nothing waits for this disk, or that waiting makes no sense.
func (d *disk) drained() bool {
	d.mu.Lock()
	usable := d.state == archive.OK || d.state == archive.Slow || d.state == archive.Full && d.reason == fullForMain
	waits := len(d.ready) > 0 || len(d.posted) > 0
	d.mu.Unlock()
	if !usable {
		return true
	}
	for s := range d.lanes {
		s.mu.Lock()
		waits = waits || s.disk == d && len(s.queue) > 0 && d.takes(s.id.Which)
		s.mu.Unlock()
	}
	return !waits
}

// finish has the writer drain and stop.
func (d *disk) finish() {
	d.end.Store(true)
	d.poke()
}

func (d *disk) enter() { d.began.Store(d.r.mono()) }
func (d *disk) leave() { d.began.Store(0) }

// decodeTime is the first track's at the fragment's start.
func decodeTime(f *stream.Fragment) uint64 {
	for _, c := range f.Chunks {
		if len(f.Tracks) > 0 && c.Track == f.Tracks[0].ID {
			return c.DecodeTime
		}
	}
	return 0
}

// safe makes a name that stays in its folder, whatever the id looks like.
func safe(id string) string {
	s := url.PathEscape(id)
	if s == "" || strings.HasPrefix(s, ".") {
		s = "_" + s
	}
	return s
}
