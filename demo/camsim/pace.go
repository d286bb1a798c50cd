package camsim

import (
	"container/heap"
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// due is the next frame of one track of one feed.
type due struct {
	at    time.Duration // since the simulator's start
	feed  *feed
	track int
}

type queue []due

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].at < q[j].at }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(due)) }
func (q *queue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// pacer is one thread with its cameras and its own copy of the packets.
type pacer struct {
	clips  [][]*cut // by clip and track
	feeds  []*feed
	start  time.Time
	packet bool
	late   *atomic.Int64 // the latest so far, of all pacers
}

// run sends each frame when it is due. Frames that are due within a millisecond go together.
func (p *pacer) run(ctx context.Context) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	q := make(queue, 0, 2*len(p.feeds))
	for _, f := range p.feeds {
		for track, c := range p.clips[f.clip] {
			f.begin(track, c)
			q = append(q, due{at: f.when(track, c), feed: f, track: track})
		}
	}
	heap.Init(&q)
	for len(q) > 0 {
		now := time.Now()
		if wait := q[0].at - now.Sub(p.start); wait > 0 {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait + time.Millisecond/2):
			}
			now = time.Now()
		} else if ctx.Err() != nil {
			return
		}
		if late := int64(now.Sub(p.start) - q[0].at); late > p.late.Load() {
			p.late.Store(late)
		}
		for q[0].at <= now.Sub(p.start) {
			d := q[0]
			clip := d.feed.clip
			if d.feed.cam.faulty() && d.feed.cam.has("resize", now) && d.feed.other >= 0 {
				clip = d.feed.other
			}
			c := p.clips[d.feed.clip][d.track]
			d.feed.step(d.track, c, p.clips[clip], now, p.packet)
			q[0].at = d.feed.when(d.track, c)
			heap.Fix(&q, 0)
		}
	}
}

// begin puts a track at the camera's phase of the clip.
func (f *feed) begin(track int, c *cut) {
	shift := f.shift * c.rate / 90000
	for f.next[track] < len(c.frames)-1 && c.frames[f.next[track]].at < shift {
		f.next[track]++
	}
}

// ticks is the running decode time of the next frame of a track, from the camera's start on.
func (f *feed) ticks(track int, c *cut) int64 {
	return f.turns[track]*c.length + c.frames[f.next[track]].at - f.shift*c.rate/90000 - f.jumped[track]
}

func (f *feed) when(track int, c *cut) time.Duration {
	return time.Duration(f.ticks(track, c)) * time.Second / time.Duration(c.rate)
}

// leap goes on with the clip's next key frame. Its time runs on: what a viewer sees is that the picture jumps.
func (f *feed) leap(c *cut) {
	was := f.ticks(0, c)
	for range len(c.frames) {
		if c.frames[f.next[0]].key {
			break
		}
		if f.next[0]++; f.next[0] == len(c.frames) {
			f.next[0] = 0
			f.turns[0]++
		}
	}
	f.jumped[0] += f.ticks(0, c) - was
}

// step sends the frame that is due, taken from another clip while the resize fault is on, and moves on.
func (f *feed) step(track int, c *cut, from []*cut, now time.Time, perPacket bool) {
	if track == 0 && f.wanted.Swap(false) {
		f.leap(c)
	}
	fr := &c.frames[f.next[track]]
	timestamp := f.base + uint32(f.ticks(track, c)) + uint32(fr.cts)
	if track < len(from) && from[track] != c {
		other := from[track]
		fr = &other.frames[f.next[track]%len(other.frames)]
	}
	f.send(track, fr, timestamp, now, perPacket, c.rate)
	if f.next[track]++; f.next[track] == len(c.frames) {
		f.next[track] = 0
		f.turns[track]++
	}
}
