package archive

import (
	"context"
	"slices"
	"sync"
)

// extentCache keeps, for the streams that somebody looks at, the spans of all their closed footage: a few values even for
// a month. A list of 30 days is then cut out of memory, while rows come and go beneath it.
type extentCache struct {
	mu    sync.Mutex
	spans map[streamKey][]Span
	turn  map[streamKey]int // counts changes: what was read before a change is not kept after it
	all   int               // the same for all streams at once
}

const cachedStreams = 1024

func newExtentCache() *extentCache {
	return &extentCache{spans: map[streamKey][]Span{}, turn: map[streamKey]int{}}
}

// of gives a stream's spans. The slice is shared: do not change it.
func (c *extentCache) of(ctx context.Context, k streamKey, load func(context.Context, streamKey) ([]Span, error)) ([]Span, error) {
	c.mu.Lock()
	spans, ok := c.spans[k]
	turn, all := c.turn[k], c.all
	c.mu.Unlock()
	if ok {
		return spans, nil
	}
	spans, err := load(ctx, k)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turn[k] == turn && c.all == all {
		for other := range c.spans {
			if len(c.spans) < cachedStreams {
				break
			}
			delete(c.spans, other)
		}
		c.spans[k] = spans
	}
	return spans, nil
}

// add puts a segment that has closed to its stream's spans.
func (c *extentCache) add(k streamKey, s Span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn[k]++
	if spans, ok := c.spans[k]; ok {
		c.spans[k] = join(append(slices.Clone(spans), s))
	}
}

// drop forgets what is known of a stream.
func (c *extentCache) drop(k streamKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn[k]++
	delete(c.spans, k)
}

// clear forgets everything.
func (c *extentCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all++
	clear(c.spans)
}
