package stream

import "testing"

// What a storm of connections left on the free list goes; what is used again and again stays.
func TestBlocksTrim(t *testing.T) {
	p := newBlocks(64 << 20)
	var all []*block
	for range 100 {
		all = append(all, p.get(plainBlock, false))
	}
	p.dropAll(all)
	if p.bytes != 100*plainBlock {
		t.Fatalf("%d bytes are free, want %d", p.bytes, 100*plainBlock)
	}
	p.trim() // the first one only begins to look
	use := func(n int) {
		var some []*block
		for range n {
			some = append(some, p.get(plainBlock, false))
		}
		p.dropAll(some)
	}
	for range 5 {
		use(10)
	}
	p.trim()
	if p.bytes != 10*plainBlock {
		t.Fatalf("%d blocks are kept, want the 10 that were in use", p.bytes/plainBlock)
	}
	use(10)
	p.trim()
	if p.bytes != 10*plainBlock {
		t.Fatalf("%d blocks are kept after use, want 10", p.bytes/plainBlock)
	}
	p.trim()
	if p.bytes != 0 || len(p.free[class(plainBlock)]) != 0 {
		t.Fatalf("%d bytes are kept though nobody used them", p.bytes)
	}
}
