package record

import (
	"context"
	"sync"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/stream"
)

// desk does the paperwork: what is written into tables, for all disks, a few things per transaction. It stands between the
// writers and the database, so that neither waits for the other.
type desk struct {
	r    *Recorder
	mu   sync.Mutex
	wake chan struct{}
	done bool

	begins []beginning
	ends   []archive.SegmentID
	synced map[archive.SegmentID]int
	gaps   []archive.GapNote
	states []func(context.Context)
}

type beginning struct {
	seg   *segment
	reply func(error)
}

func newDesk(r *Recorder) *desk {
	return &desk{r: r, wake: make(chan struct{}, 1), synced: map[archive.SegmentID]int{}}
}

func (k *desk) add(f func()) {
	k.mu.Lock()
	f()
	k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// begin puts a segment on the list of open ones; reply is called when it stands there, or when it could not be put there.
func (k *desk) begin(seg *segment, reply func(error)) {
	k.add(func() { k.begins = append(k.begins, beginning{seg, reply}) })
}

// finish makes rows of segments that are synced, and takes those without a fragment off the list.
func (k *desk) finish(ids ...archive.SegmentID) {
	if len(ids) > 0 {
		k.add(func() { k.ends = append(k.ends, ids...) })
	}
}

// checkpoint stores the index of what was synced.
func (k *desk) checkpoint(synced map[archive.SegmentID]int) {
	if len(synced) == 0 {
		return
	}
	k.add(func() {
		for id, n := range synced {
			k.synced[id] = n
		}
	})
}

// gap notes why footage of a stream ends where it does.
func (k *desk) gap(id stream.ID, end ending, reason string, lost int) {
	g := archive.GapNote{Camera: id.Camera, Which: archive.Which(id.Which), From: end.at, Reason: reason, Lost: lost, Boot: end.boot}
	k.add(func() { k.gaps = append(k.gaps, g) })
}

// state keeps and journals a disk's state.
func (k *desk) state(id archive.DiskID, state archive.State, reason, detail string) {
	k.add(func() {
		k.states = append(k.states, func(ctx context.Context) { k.r.a.SetDisk(ctx, id, state, reason, detail) })
	})
}

// close lets run end when everything is written.
func (k *desk) close() { k.add(func() { k.done = true }) }

// patience bounds one transaction: a stream whose segment cannot be begun goes on in the one before.
const patience = 3 * time.Second

func (k *desk) run(ctx context.Context) {
	for {
		k.mu.Lock()
		begins, ends, synced, gaps, states, done := k.begins, k.ends, k.synced, k.gaps, k.states, k.done
		k.begins, k.ends, k.synced, k.gaps, k.states = nil, nil, map[archive.SegmentID]int{}, nil, nil
		k.mu.Unlock()
		if len(begins)+len(ends)+len(synced)+len(gaps)+len(states) == 0 {
			if done {
				return
			}
			select {
			case <-k.wake:
			case <-ctx.Done():
				return
			}
			continue
		}
		for _, f := range states {
			_ = k.within(ctx, func(ctx context.Context) error { f(ctx); return nil })
		}
		k.beginAll(ctx, begins)
		failed := k.endAll(ctx, ends)
		untold := k.noteAll(ctx, synced, gaps)
		if len(failed)+len(untold) > 0 { // the database is away: its rows stay on the desk, and on the list of open segments
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return
			}
			k.finish(failed...)
			k.add(func() { k.gaps = append(untold, k.gaps...) })
		}
	}
}

// batch bounds what one transaction holds.
const batch = 64

func (k *desk) beginAll(ctx context.Context, list []beginning) {
	for len(list) > 0 {
		n := min(batch, len(list))
		segs := make([]archive.Segment, n)
		for i, b := range list[:n] {
			segs[i] = b.seg.Segment
		}
		err := k.within(ctx, func(ctx context.Context) error { return k.r.a.Begin(ctx, segs...) })
		if err != nil {
			k.r.count.paper.Add(1)
			k.r.log.Error("begin segments", "count", n, "err", err)
		}
		for _, b := range list[:n] {
			b.reply(err)
		}
		list = list[n:]
	}
}

func (k *desk) endAll(ctx context.Context, ids []archive.SegmentID) (failed []archive.SegmentID) {
	for len(ids) > 0 {
		n := min(batch, len(ids))
		if err := k.within(ctx, func(ctx context.Context) error { return k.r.a.Finish(ctx, ids[:n]...) }); err != nil {
			k.r.count.paper.Add(1)
			k.r.log.Error("finish segments", "count", n, "err", err)
			failed = append(failed, ids[:n]...)
		}
		ids = ids[n:]
	}
	return failed
}

// noteAll gives back the gaps that could not be noted.
func (k *desk) noteAll(ctx context.Context, synced map[archive.SegmentID]int, gaps []archive.GapNote) (untold []archive.GapNote) {
	if len(synced) > 0 {
		list := make([]archive.Synced, 0, len(synced))
		for id, n := range synced {
			list = append(list, archive.Synced{ID: id, Fragments: n})
		}
		if err := k.within(ctx, func(ctx context.Context) error { return k.r.a.Checkpoint(ctx, list...) }); err != nil {
			k.r.log.Error("checkpoint", "err", err) // the next one covers it
		}
	}
	for len(gaps) > 0 {
		n := min(batch, len(gaps))
		if err := k.within(ctx, func(ctx context.Context) error { return k.r.a.AddGap(ctx, gaps[:n]...) }); err != nil {
			k.r.count.paper.Add(1)
			k.r.log.Error("note gaps", "count", len(gaps), "err", err)
			return sumUp(gaps) // the others would fail as well
		}
		gaps = gaps[n:]
	}
	return nil
}

// sumUp makes one note of those about the same end of footage, and keeps the latest of too many.
func sumUp(gaps []archive.GapNote) []archive.GapNote {
	type end struct {
		camera string
		which  archive.Which
		at     time.Time
	}
	at := map[end]int{}
	var out []archive.GapNote
	for _, g := range gaps {
		e := end{g.Camera, g.Which, g.From}
		if i, ok := at[e]; ok {
			out[i].Lost += g.Lost
			out[i].Reason = g.Reason
			continue
		}
		at[e] = len(out)
		out = append(out, g)
	}
	if n := len(out); n > mostUntold {
		out = out[n-mostUntold:]
	}
	return out
}

// mostUntold bounds the notes that wait for a database, some hundred bytes each.
const mostUntold = 20_000

func (k *desk) within(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return f(ctx)
}
