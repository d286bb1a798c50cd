package store

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	batch    = 500
	kept     = 1024        // newest events in memory, shared by all followers
	interval = time.Second // how late a change of another process is seen at most
)

// tail reads the end of the journal once for all followers: a hundred open pages cost one query per change, not a
// hundred. It works only while somebody follows.
type tail struct {
	db     *DB
	kicks  chan struct{}
	closed chan struct{}

	mu        sync.Mutex
	followers int
	stop      context.CancelFunc
	done      chan struct{}
	shut      bool

	ready  bool    // events are all those in (from, to]
	from   int64   //
	to     int64   //
	events []Event //
	more   chan struct{}
}

func newTail(db *DB) *tail {
	return &tail{db: db, kicks: make(chan struct{}, 1), closed: make(chan struct{}), more: make(chan struct{})}
}

// kick says that there is something new.
func (t *tail) kick() {
	select {
	case t.kicks <- struct{}{}:
	default:
	}
}

func (t *tail) join() (leave func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.followers++
	if t.followers == 1 && !t.shut {
		ctx, stop := context.WithCancel(context.Background())
		t.stop, t.done = stop, make(chan struct{})
		go t.run(ctx, t.done)
	}
	return sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.followers--
		if t.followers == 0 && t.stop != nil {
			t.stop()
			t.stop = nil
			t.ready, t.events = false, nil
		}
	})
}

func (t *tail) close() {
	t.mu.Lock()
	if t.shut {
		t.mu.Unlock()
		return
	}
	t.shut = true
	stop, done := t.stop, t.done
	t.stop = nil
	close(t.closed)
	t.mu.Unlock()
	if stop != nil {
		stop()
		<-done
	}
}

// since gives the events after a number, or a channel that is closed when there are more. When the memory does not
// reach back that far, known is false.
func (t *tail) since(after int64) (events []Event, more <-chan struct{}, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ready || after < t.from {
		return nil, t.more, false
	}
	i, _ := slices.BinarySearchFunc(t.events, after+1, func(e Event, seq int64) int { return int(e.Seq - seq) })
	return slices.Clone(t.events[i:]), t.more, true
}

// pause waits a little after an error.
func (t *tail) pause(ctx context.Context) error {
	select {
	case <-time.After(interval):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-t.closed:
		return errClosed
	}
}

func (t *tail) run(ctx context.Context, done chan struct{}) {
	defer close(done)
	tick := time.NewTicker(interval)
	defer tick.Stop()
	seq, started, failing := int64(0), false, false
	for {
		var events []Event
		var err error
		if !started {
			seq, err = t.db.LastSeq(ctx)
			started = err == nil
		} else {
			events, err = t.db.Events(ctx, seq, batch)
		}
		if err != nil && ctx.Err() == nil && !failing {
			t.db.log.Warn("the journal cannot be read; trying on", "err", err)
		}
		failing = err != nil
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			if len(events) > 0 {
				seq = events[len(events)-1].Seq
			}
			t.add(ctx, seq, events)
			if len(events) == batch {
				continue
			}
		} else {
			started = false // trimmed past us, or a restored database: begin anew
		}
		select {
		case <-t.kicks:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (t *tail) add(ctx context.Context, to int64, events []Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ctx.Err() != nil { // another tail has taken over
		return
	}
	changed := !t.ready || t.to != to
	if !t.ready || t.to+int64(len(events)) != to {
		t.ready, t.from, t.events = true, to-int64(len(events)), nil
	}
	t.events, t.to = append(t.events, events...), to
	if over := len(t.events) - kept; over > 0 {
		t.from = t.events[over-1].Seq
		t.events = slices.Clone(t.events[over:])
	}
	if changed {
		close(t.more)
		t.more = make(chan struct{})
	}
}
