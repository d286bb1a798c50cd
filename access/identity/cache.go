package identity

import (
	"sync"
	"time"
)

// cache keeps what was read from a table for a moment: a wall of sixteen cameras asks who is asking
// many times a second. A change made by this process or heard in the journal drops entries at once;
// the short life is for the rest.
type cache[E any] struct {
	life time.Duration
	mu   sync.Mutex
	held map[string]cached[E]
	gen  uint64 // counts drops: what was being read meanwhile is not kept
}

type cached[E any] struct {
	entry E
	at    time.Time
}

const cacheSize = 4096

func newCache[E any](life time.Duration) *cache[E] {
	return &cache[E]{life: life, held: map[string]cached[E]{}}
}

// get reads through the cache; an error is not kept.
func (c *cache[E]) get(key string, read func() (E, error)) (E, error) {
	c.mu.Lock()
	if h, ok := c.held[key]; ok && time.Since(h.at) < c.life {
		c.mu.Unlock()
		return h.entry, nil
	}
	gen := c.gen
	c.mu.Unlock()

	at := time.Now()
	e, err := read()
	if err != nil {
		return e, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gen == gen {
		if len(c.held) >= cacheSize {
			clear(c.held)
		}
		c.held[key] = cached[E]{e, at}
	}
	return e, nil
}

// drop forgets the entries that match; nil matches all.
func (c *cache[E]) drop(match func(E) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gen++
	for k, h := range c.held {
		if match == nil || match(h.entry) {
			delete(c.held, k)
		}
	}
}
