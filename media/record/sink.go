package record

import (
	"slices"
	"sync"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/stream"
)

// sink holds one stream's fragments until its disk's writer takes them. Its methods never block on a disk.
type sink struct {
	r     *Recorder
	id    stream.ID
	hash  uint64
	phase time.Duration // where in the length of a segment this stream's segments end, so that not all end at once

	mu     sync.Mutex
	disk   *disk // whose writer takes them; nil = none yet
	home   *disk // where it belongs; it goes there when its segment ends
	queue  []*item
	span   time.Duration // of footage in the queue
	bytes  int64
	ready  bool // stands in its disk's list, or the writer is at it
	parked bool // waits for a segment to be begun
	busy   bool // the writer is at queue[0]
	turn   int  // counts the moves to another disk: a writer that comes back late sees that its turn is over
	lost   int  // fragments lost since the last one that was kept
	noted  bool // it is on record that footage is missing behind what was written last
	why    string
	await  time.Time // after a loss: a key frame is awaited since
	lostAt time.Time

	run       int64  // of the archive
	streamRun uint64 // of the stream
	runItem   *item  // with which the run began
	end       ending
	doubt     bool // Unconfirmed of the last fragment

	dated  uint64 // the stream's run that came last, and
	dating string // by which setting of the clock it was dated
}

// ending is where the footage that was written last ends.
type ending struct {
	at   time.Time // zero: there is none yet
	boot string    // archive.Dating, where its date is in doubt
}

// item is a fragment, or the news that footage ends here.
type item struct {
	refs  int // who still reads f: guarded by sink.mu
	f     *stream.Fragment
	since time.Time // when it came, on the monotonic clock
	boot  string    // archive.Dating of f
	gap   string
	lost  int // fragments that are missing before this one
	why   string
}

// Fragment takes a fragment and its reference.
func (s *sink) Fragment(f *stream.Fragment) {
	if s.r.ended.Load() {
		f.Release()
		return
	}
	now := time.Now()
	s.mu.Lock()
	if s.lost > 0 && !s.resume(f, now) {
		s.drop(f, s.why)
		s.mu.Unlock()
		return
	}
	if s.dating == "" || s.dated != f.Run { // within a run nothing jumps, whatever happens to the clock
		s.dated, s.dating = f.Run, s.r.a.Dating(f.Start.Add(f.Duration))
	}
	s.push(&item{refs: 1, f: f, since: now, boot: s.dating, lost: s.lost, why: s.why})
	s.lost, s.why = 0, ""
	for s.over() && s.dropOldest() {
	}
	if s.disk == nil {
		s.disk = s.r.place(s)
	}
	d := s.enlist()
	s.mu.Unlock()
	if d != nil {
		d.poke()
	}
}

// keyPatience is how long footage after a loss waits for a key frame; a camera may never send one.
const keyPatience = 15 * time.Second

// resume says whether footage may go on after a loss.
func (s *sink) resume(f *stream.Fragment, now time.Time) bool {
	if s.await.IsZero() {
		s.await = now
	}
	if !f.Key && now.Sub(s.await) < keyPatience {
		return false
	}
	s.await = time.Time{}
	return true
}

// Gap says that the source has stopped.
func (s *sink) Gap(reason string) {
	if s.r.ended.Load() {
		return
	}
	s.mu.Lock()
	if n := len(s.queue); n == 0 || s.queue[n-1].f != nil { // else footage has ended there already
		s.queue = append(s.queue, &item{gap: reason, since: time.Now()})
	}
	d := s.enlist()
	s.mu.Unlock()
	if d != nil {
		d.poke()
	}
}

func (s *sink) push(i *item) {
	s.queue = append(s.queue, i)
	s.span += i.f.Duration
	s.bytes += int64(i.f.Size)
	s.r.queued.Add(int64(i.f.Size))
}

// over says whether memory is used up.
func (s *sink) over() bool {
	return s.span > s.r.o.Memory || s.r.queued.Load() > s.r.o.MemoryBytes
}

// dropOldest makes room; the fragment that the writer is at stays, and so does the news of where footage ended: it is small.
// What follows up to the next key frame goes too, as it could not be shown.
func (s *sink) dropOldest() bool {
	first := 0
	if s.busy {
		first = 1
	}
	for first < len(s.queue) && s.queue[first].f == nil {
		first++
	}
	if first >= len(s.queue) {
		return false
	}
	lost := 0
	why := s.reason()
	s.note(s.queue[first], why)
	n := first
	for ; n < len(s.queue) && s.queue[n].f != nil && (n == first || !s.queue[n].f.Key); n++ {
		lost += s.queue[n].lost + 1
		s.unqueue(s.queue[n])
	}
	s.r.count.lost.Add(uint64(n - first))
	s.lostAt = time.Now()
	if s.disk != nil {
		s.disk.lost.Add(uint64(n - first))
	}
	next := n
	for next < len(s.queue) && s.queue[next].f == nil {
		next++
	}
	if next < len(s.queue) {
		s.queue[next].lost, s.queue[next].why = s.queue[next].lost+lost, why
	} else {
		s.lost, s.why = s.lost+lost, why
	}
	if n < len(s.queue) && s.queue[n].f == nil && first > 0 && s.queue[first-1].f == nil {
		n++ // of two ends with nothing left between them the first is where footage ended
	}
	s.queue = slices.Delete(s.queue, first, n)
	return true
}

// drop loses a fragment that never came into the queue.
func (s *sink) drop(f *stream.Fragment, why string) {
	s.note(&item{f: f, boot: s.dating}, why)
	s.lost++
	s.why = why
	s.lostAt = time.Now()
	s.r.count.lost.Add(1)
	if s.disk != nil {
		s.disk.lost.Add(1)
	}
	f.Release()
}

// note puts on record that footage is lost, with the first that is: nobody knows when there will be some again, and the process may end
// before. How much is told with the footage that comes after it, or at the end (tell).
func (s *sink) note(first *item, why string) {
	if s.noted {
		return
	}
	s.noted = true
	s.r.desk.gap(s.id, s.ends(first), why, 0)
}

// ends is where the footage before something that is lost ends: what the writer is at counts.
func (s *sink) ends(lost *item) ending {
	last := s.end
	if s.busy && s.queue[0].f != nil {
		last = s.queue[0].ends()
	}
	if last.at.IsZero() { // none was written since the start
		last = ending{at: lost.f.Start}
		if lost.f.Unconfirmed {
			last.boot = lost.boot
		}
	}
	return last
}

func (i *item) ends() ending {
	e := ending{at: i.f.Start.Add(i.f.Duration)}
	if i.f.Unconfirmed {
		e.boot = i.boot
	}
	return e
}

// tell puts on record, at the end of the process, what will not be written any more: what was lost, and what waits.
func (s *sink) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost, stopped := s.lost, ""
	var first *item
	for _, i := range s.queue {
		switch {
		case i.f != nil:
			lost += i.lost + 1
			s.r.count.lost.Add(1)
			if first == nil {
				first = i
			}
		case lost == 0 && stopped == "":
			stopped = i.gap
		}
	}
	switch {
	case s.end.at.IsZero() && first == nil:
	case lost > 0:
		end := s.end
		if end.at.IsZero() {
			end = ending{at: first.f.Start}
			if first.f.Unconfirmed {
				end.boot = first.boot
			}
		}
		s.r.desk.gap(s.id, end, s.reason(), lost)
	case stopped != "":
		s.r.desk.gap(s.id, s.end, stopped, 0)
	}
}

// reason is why this stream's footage is lost now.
func (s *sink) reason() string {
	if s.disk == nil {
		return "gap.no-disk"
	}
	switch s.disk.current() {
	case archive.Full:
		return "gap.disk-full"
	case archive.ReadOnly:
		return "gap.disk-read-only"
	case archive.Dead:
		return "gap.disk-dead"
	}
	return "gap.disk-slow"
}

// unqueue takes an item off the books; the fragment goes back when nobody reads it any more.
func (s *sink) unqueue(i *item) {
	s.span -= i.f.Duration
	s.bytes -= int64(i.f.Size)
	s.r.queued.Add(-int64(i.f.Size))
	s.unref(i)
}

func (s *sink) unref(i *item) {
	if i.refs--; i.refs == 0 {
		i.f.Release()
	}
}

// enlist puts the sink on its disk's list when it has something to write; call with mu held, then poke the disk.
func (s *sink) enlist() *disk {
	if s.disk == nil || s.ready || s.parked || len(s.queue) == 0 {
		return nil
	}
	s.ready = true
	if s.disk.enqueue(s) {
		return s.disk
	}
	return nil
}

// lent is an item in a writer's hands.
type lent struct {
	*item
	turn int
	end  ending // of the footage before it
}

// take lends the writer of d the first item. It stays in the queue until done.
func (s *sink) take(d *disk) (lent, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.disk != d {
		return lent{}, false
	}
	if len(s.queue) == 0 || s.parked || !d.takes(s.id.Which) {
		s.ready = false
		return lent{}, false
	}
	s.busy = true
	return lent{s.queue[0], s.turn, s.end}, true
}

// done takes the first item out. False: the stream has moved on to another disk meanwhile, and the item with it; what the
// writer has written of it is to be undone.
func (s *sink) done(l lent) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turn != l.turn {
		if l.f != nil {
			s.unref(l.item)
		}
		return false
	}
	s.busy = false
	if l.f != nil {
		s.end, s.noted = l.ends(), false
		s.unqueue(l.item)
	}
	s.queue[0] = nil
	s.queue = s.queue[1:]
	if len(s.queue) == 0 {
		s.queue = nil // the space in front comes back with the next append
	}
	return true
}

// back leaves the first item where it is: for a later attempt, for another disk, or until a segment is begun (park).
func (s *sink) back(l lent, park bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turn != l.turn {
		if l.f != nil {
			s.unref(l.item)
		}
		return
	}
	s.busy, s.ready, s.parked = false, false, park
}

// unpark lets the writer go on.
func (s *sink) unpark(from *disk) {
	s.mu.Lock()
	if s.disk == from {
		s.parked = false
	}
	s.mu.Unlock()
	s.nudge()
}

// nudge puts what waits on the disk's list again.
func (s *sink) nudge() {
	s.mu.Lock()
	var d *disk
	if s.disk != nil && s.disk.takes(s.id.Which) {
		d = s.enlist()
	}
	s.mu.Unlock()
	if d != nil {
		d.poke()
	}
}

// move gives the stream to another disk, with all that waits, and with what a writer that does not come back has in hand.
func (s *sink) move(to *disk) {
	s.mu.Lock()
	if s.disk == to {
		s.mu.Unlock()
		return
	}
	if s.busy && s.queue[0].f != nil {
		s.queue[0].refs++
	}
	s.disk, s.busy, s.ready, s.parked = to, false, false, false
	s.turn++
	d := s.enlist()
	s.mu.Unlock()
	if d != nil {
		d.poke()
	}
}

// waiting is how long the oldest fragment has been in memory.
func (s *sink) waiting(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return 0
	}
	return now.Sub(s.queue[0].since)
}
