package stream

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Media bytes live in blocks: an access unit is copied once, from the socket's scratch buffer to its place in a block,
// and from there it goes to disk and to every reader. A block is counted by who holds it (the writer, the cached group of
// pictures, the fragments on their way to disk). When the count falls to zero it is used again.
//
// Readers keep no count: what they are shown is the garbage collector's. So while somebody watches a stream, its blocks are
// on Go's heap and are left to the collector. While nobody does, which is most of the time for most cameras, they are outside: the
// heap stays small, and no room for garbage is kept beside pictures that never become garbage. When the first reader comes,
// [Stream.surface] copies the little that is cached.
type block struct {
	buf  []byte
	used int  // writer only
	heap bool // readers may see it
	refs atomic.Int32
}

const (
	smallBlock = 16 << 10 // sound
	plainBlock = 64 << 10 // pictures of an ordinary camera
	largeBlock = 16 << 20 // more than the largest access unit
	maxUnit    = 8 << 20  // bytes of one access unit
	classes    = 11
)

// blocks is the free list of a hub, by powers of two: blocks outside the heap only.
type blocks struct {
	mu    sync.Mutex
	free  [classes][]*block
	bare  [classes][]*block // address space whose memory was given back
	bytes int               // in free
	limit int
	least int // of bytes since the last trim
}

func newBlocks(limit int) *blocks { return &blocks{limit: limit} }

// keep sets how many bytes of free blocks are kept.
func (p *blocks) keep(limit int) {
	p.mu.Lock()
	p.limit = limit
	p.mu.Unlock()
}

func class(size int) int {
	if size <= smallBlock {
		return 0
	}
	return bits.Len(uint(size-1)) - bits.Len(uint(smallBlock-1))
}

// get returns a block with room for size, held once. heap: readers will see it.
func (p *blocks) get(size int, heap bool) *block {
	c := class(min(size, largeBlock))
	if heap {
		return heapBlock(smallBlock << c)
	}
	p.mu.Lock()
	b := pop(&p.free[c])
	if b != nil {
		p.bytes -= len(b.buf)
		p.least = min(p.least, p.bytes)
	} else {
		b = pop(&p.bare[c])
	}
	p.mu.Unlock()
	if b == nil {
		buf, err := unix.Mmap(-1, 0, smallBlock<<c, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
		if err != nil { // the kernel's limit of mappings; the heap will do
			return heapBlock(smallBlock << c)
		}
		b = &block{buf: buf}
	}
	b.used = 0
	b.refs.Store(1)
	return b
}

func heapBlock(size int) *block {
	b := &block{buf: make([]byte, size), heap: true}
	b.refs.Store(1)
	return b
}

func pop(list *[]*block) *block {
	n := len(*list)
	if n == 0 {
		return nil
	}
	b := (*list)[n-1]
	(*list)[n-1] = nil
	*list = (*list)[:n-1]
	return b
}

func (b *block) hold() { b.refs.Add(1) }

// drop gives up one hold.
func (p *blocks) drop(b *block) {
	if b.refs.Add(-1) > 0 || b.heap {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bytes+len(b.buf) > p.limit {
		p.strip(b)
		return
	}
	c := class(len(b.buf))
	p.free[c] = append(p.free[c], b)
	p.bytes += len(b.buf)
}

// strip gives a block's memory back and keeps its addresses: should anybody still read there against the rules, he reads zeros, and
// the program lives.
func (p *blocks) strip(b *block) {
	_ = unix.Madvise(b.buf, unix.MADV_DONTNEED)
	c := class(len(b.buf))
	p.bare[c] = append(p.bare[c], b)
}

// trimEvery is how often the free list gives up what it did not need: the cameras of a compound that all came back at once
// leave more blocks than they use from then on.
const trimEvery = 15 * time.Second

// trim strips what has lain on the free list untouched since the last trim, the largest blocks first.
func (p *blocks) trim() {
	p.mu.Lock()
	defer p.mu.Unlock()
	left := p.least
	for c := len(p.free) - 1; c >= 0; c-- {
		for n := len(p.free[c]); n > 0 && len(p.free[c][n-1].buf) <= left; n-- {
			b := pop(&p.free[c])
			left -= len(b.buf)
			p.bytes -= len(b.buf)
			p.strip(b)
		}
	}
	p.least = p.bytes
}

// close unmaps what is free; what is still held stays.
func (p *blocks) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.free {
		for _, list := range [2]*[]*block{&p.free[c], &p.bare[c]} {
			for b := pop(list); b != nil; b = pop(list) {
				_ = unix.Munmap(b.buf)
			}
		}
	}
	p.bytes, p.least = 0, 0
}

// left is the room behind what is used.
func (b *block) left() int { return len(b.buf) - b.used }
