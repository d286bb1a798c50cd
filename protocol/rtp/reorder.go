package rtp

import "encoding/binary"

// Reorder puts datagrams back into the order of their sequence numbers. Those that come in order pass without a copy;
// a hole is waited for until the window is full or the hold time is over.
type Reorder struct {
	emit    func(pkt []byte)
	hold    int64
	next    uint16
	started bool
	waiting int
	slots   []slot
}

type slot struct {
	used bool
	at   int64
	pkt  []byte
}

// NewReorder makes a buffer of a power of two of packets (rounded up, 32768 at most) that waits hold nanoseconds for a hole.
func NewReorder(size int, hold int64, emit func(pkt []byte)) *Reorder {
	n := 1
	for n < size && n < 1<<15 {
		n <<= 1
	}
	return &Reorder{emit: emit, hold: hold, slots: make([]slot, n)}
}

// Push takes a packet as it came; now is in nanoseconds. Packets that are no RTP are left out.
func (r *Reorder) Push(now int64, pkt []byte) {
	if len(pkt) < HeaderSize || pkt[0]>>6 != 2 {
		return
	}
	seq := binary.BigEndian.Uint16(pkt[2:])
	if !r.started {
		r.started = true
		r.next = seq
	}
	ahead := int(int16(seq - r.next))
	switch {
	case ahead == 0:
		r.next++
		r.emit(pkt)
		r.drain()
		return
	case ahead < 0 && ahead > -len(r.slots):
		return // a duplicate, or too late
	case ahead < 0 || ahead >= 4*len(r.slots): // counts anew
		r.flushAll()
		r.next = seq + 1
		r.emit(pkt)
		return
	}
	for ahead >= len(r.slots) { // make room: give up the hole in front
		r.skip()
		ahead = int(int16(seq - r.next))
	}
	if ahead == 0 {
		r.next++
		r.emit(pkt)
		r.drain()
		return
	}
	s := &r.slots[int(seq)&(len(r.slots)-1)]
	if s.used {
		return
	}
	s.used, s.at = true, now
	s.pkt = append(s.pkt[:0], pkt...)
	r.waiting++
	r.Expire(now)
}

// Expire gives up holes that have been waited for long enough.
func (r *Reorder) Expire(now int64) {
	for r.waiting > 0 {
		oldest := now
		for i := range r.slots {
			if s := &r.slots[i]; s.used && s.at < oldest {
				oldest = s.at
			}
		}
		if now-oldest < r.hold {
			return
		}
		r.skip()
	}
}

// Waiting is the number of packets that wait behind a hole.
func (r *Reorder) Waiting() int { return r.waiting }

// skip gives up the hole in front and emits what stands behind it.
func (r *Reorder) skip() {
	if r.waiting == 0 {
		r.next++
		return
	}
	for !r.slots[int(r.next)&(len(r.slots)-1)].used {
		r.next++
	}
	r.drain()
}

func (r *Reorder) drain() {
	for r.waiting > 0 {
		s := &r.slots[int(r.next)&(len(r.slots)-1)]
		if !s.used {
			return
		}
		s.used = false
		r.waiting--
		r.next++
		r.emit(s.pkt)
	}
}

func (r *Reorder) flushAll() {
	for r.waiting > 0 {
		r.skip()
	}
}
