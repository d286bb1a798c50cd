package archive

import (
	"container/list"
	"sync"
)

// indexCache keeps the decoded indexes of the segments last asked for, up to a number of fragments (about 100 bytes each).
type indexCache struct {
	mu    sync.Mutex
	limit int
	held  int
	order *list.List // of *cached, the latest in front
	byID  map[SegmentID]*list.Element
}

type cached struct {
	id      SegmentID
	entries []Entry
}

func newIndexCache(limit int) *indexCache {
	return &indexCache{limit: limit, order: list.New(), byID: map[SegmentID]*list.Element{}}
}

func (c *indexCache) get(id SegmentID) ([]Entry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byID[id]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).entries, true
}

func (c *indexCache) put(id SegmentID, entries []Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(id)
	c.byID[id] = c.order.PushFront(&cached{id, entries})
	c.held += len(entries)
	for c.held > c.limit && c.order.Len() > 1 {
		c.drop(c.order.Back().Value.(*cached).id)
	}
}

func (c *indexCache) remove(id SegmentID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(id)
}

func (c *indexCache) drop(id SegmentID) {
	if e, ok := c.byID[id]; ok {
		c.held -= len(e.Value.(*cached).entries)
		c.order.Remove(e)
		delete(c.byID, id)
	}
}
