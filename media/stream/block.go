package stream

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"time"
)

// Media bytes live in blocks: an access unit is copied once, from the socket's scratch buffer to its place in a block,
// and from there it goes to disk and to every reader. A block is counted by who holds it without showing it to readers
// (the writer, the cached group of pictures, the fragments on their way to disk). When the count falls to zero the block
// is used again, unless a reader ever saw it: readers keep no count, their blocks are the garbage collector's.
type block struct {
	buf    []byte
	used   int // writer only
	refs   atomic.Int32
	shared atomic.Bool
}

const (
	smallBlock = 16 << 10 // sound
	plainBlock = 64 << 10 // pictures of an ordinary camera
	largeBlock = 16 << 20 // more than the largest access unit
	maxUnit    = 8 << 20  // bytes of one access unit
)

// blocks is the free list of a hub, by powers of two.
type blocks struct {
	mu    sync.Mutex
	free  [11][]*block
	bytes int // in free
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

// get returns a block with room for size, held once.
func (p *blocks) get(size int) *block {
	c := class(min(size, largeBlock))
	p.mu.Lock()
	var b *block
	if n := len(p.free[c]); n > 0 {
		b = p.free[c][n-1]
		p.free[c][n-1] = nil
		p.free[c] = p.free[c][:n-1]
		p.bytes -= len(b.buf)
		p.least = min(p.least, p.bytes)
	}
	p.mu.Unlock()
	if b == nil {
		b = &block{buf: make([]byte, smallBlock<<c)}
	}
	b.used = 0
	b.refs.Store(1)
	return b
}

func (b *block) hold() { b.refs.Add(1) }

// drop gives up one hold.
func (p *blocks) drop(b *block) {
	if b.refs.Add(-1) > 0 || b.shared.Load() {
		return
	}
	p.mu.Lock()
	if p.bytes+len(b.buf) <= p.limit {
		c := class(len(b.buf))
		p.free[c] = append(p.free[c], b)
		p.bytes += len(b.buf)
	}
	p.mu.Unlock()
}

// trimEvery is how often the free list gives up what it did not need: the cameras of a compound that all came back at once
// leave more blocks than they use from then on.
const trimEvery = 15 * time.Second

// trim drops what has lain on the free list untouched since the last trim, the largest blocks first.
func (p *blocks) trim() {
	p.mu.Lock()
	defer p.mu.Unlock()
	drop := p.least
	for c := len(p.free) - 1; c >= 0; c-- {
		list := p.free[c]
		for n := len(list); n > 0 && len(list[n-1].buf) <= drop; n-- {
			drop -= len(list[n-1].buf)
			p.bytes -= len(list[n-1].buf)
			list[n-1] = nil
			p.free[c] = list[:n-1]
			list = p.free[c]
		}
	}
	p.least = p.bytes
}

// left is the room behind what is used.
func (b *block) left() int { return len(b.buf) - b.used }

// show marks the block as seen by a reader.
func (b *block) show() {
	if !b.shared.Load() {
		b.shared.Store(true)
	}
}
