package archive

import (
	"context"
	"slices"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// openSegment is one that is being written. Its fields are guarded by Archive.mu; entries only grows, or is replaced as a
// whole, so readers may keep a slice of it.
type openSegment struct {
	Segment
	set     string
	entries []Entry
	kept    int // entries that Checkpoint has stored
	part    int
	moved   time.Duration // it was dated anew while open: what its writer appends still tells the old time
}

func (o *openSegment) end() int64 {
	if n := len(o.entries); n > 0 {
		return after(o.entries[n-1])
	}
	return int64(len(o.Init))
}

// after is where in the file the next fragment begins.
func after(e Entry) int64 { return e.Offset + int64(e.Size) + SealSize }

// Begin puts segments on the list of open ones, in one transaction. Their files may be created after that: a file that
// nobody knows of cannot come to be.
func (a *Archive) Begin(ctx context.Context, segments ...Segment) error {
	sets := make([]string, len(segments))
	raws := make([][]byte, len(segments))
	for i, s := range segments {
		var err error
		if sets[i], raws[i], err = setID(s.Tracks); err != nil {
			return err
		}
	}
	// In memory first: a recovery that runs beside must not take them for somebody else's.
	ids := make([]SegmentID, len(segments))
	for i, s := range segments {
		ids[i] = s.ID
		a.keepSet(sets[i], s.Tracks)
		a.mu.Lock()
		o := &openSegment{Segment: s, set: sets[i]}
		a.open[s.ID] = o
		k := streamKey{s.Camera, s.Which}
		a.stream[k] = append(a.stream[k], o)
		a.mu.Unlock()
	}
	boots := make([]string, len(segments))
	doubt := false
	for i, s := range segments {
		boots[i], doubt = s.Boot, doubt || s.Unconfirmed
	}
	var kept func()
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if kept, err = a.keepSettings(ctx, tx, boots...); err != nil {
			return err
		}
		for i, s := range segments {
			if _, err := tx.ExecContext(ctx, "INSERT INTO track_sets (id, tracks) VALUES (?, ?) ON CONFLICT DO NOTHING", sets[i], raws[i]); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO open_segments (id, camera, which, disk, path, run, start_us, init, tracks, unconfirmed, boot)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				s.ID, s.Camera, s.Which, s.Disk, s.Path, s.Run, store.Micros(s.Start), s.Init, sets[i], s.Unconfirmed, s.Boot); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		a.Forget(ids...)
		return fault.Wrap(err, fault.KindOf(err), "archive.begin", "archive.not-stored")
	}
	kept()
	if doubt {
		a.doubts.Store(true)
	}
	return nil
}

// Append tells readers of fragments that are written. In memory only.
func (a *Archive) Append(id SegmentID, entries ...Entry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	o := a.open[id]
	if o == nil {
		return
	}
	if len(o.entries) == 0 && len(entries) > 0 {
		o.Start = entries[0].Start.Add(o.moved)
		o.entries = make([]Entry, 0, 320)
	}
	for _, e := range entries {
		e.Start = e.Start.Add(o.moved)
		o.entries = append(o.entries, e)
	}
	k := streamKey{o.Camera, o.Which}
	r := a.rates[k]
	if r == nil {
		r = &rate{}
		a.rates[k] = r
	}
	for _, e := range entries {
		r.add(int64(e.Size), e.Duration)
	}
}

// Synced says that the first n fragments of a segment are on disk for good.
type Synced struct {
	ID        SegmentID
	Fragments int
}

// Checkpoint stores the index of what was synced, so that after a crash only what came later has to be read again. Call it
// only after the sync: order is write, sync, row.
func (a *Archive) Checkpoint(ctx context.Context, synced ...Synced) error {
	type part struct {
		o         *openSegment
		n, number int
		frags     []byte
		hashes    []byte
	}
	var parts []part
	a.changing.Lock()
	defer a.changing.Unlock()
	a.mu.RLock()
	for _, s := range synced {
		if o := a.open[s.ID]; o != nil && s.Fragments > o.kept && s.Fragments <= len(o.entries) {
			fresh := o.entries[o.kept:s.Fragments]
			parts = append(parts, part{o, s.Fragments, o.part, appendIndex(nil, o.Start, fresh), appendHashes(nil, fresh)})
		}
	}
	a.mu.RUnlock()
	if len(parts) == 0 {
		return nil
	}
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, p := range parts {
			if p.number == 0 {
				if _, err := tx.ExecContext(ctx, "UPDATE open_segments SET start_us = ? WHERE id = ?", store.Micros(p.o.Start), p.o.ID); err != nil {
					return err
				}
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO open_indexes (segment, part, fragments, hashes) VALUES (?, ?, ?, ?)
				ON CONFLICT (segment, part) DO UPDATE SET fragments = excluded.fragments, hashes = excluded.hashes`, // see insertRows
				p.o.ID, p.number, p.frags, p.hashes); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fault.Wrap(err, fault.KindOf(err), "archive.checkpoint", "archive.not-stored")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range parts {
		p.o.kept, p.o.part = p.n, p.number+1
	}
	return nil
}

// Finish makes rows of segments whose bytes are synced, in one transaction. One without a fragment only leaves the list.
func (a *Archive) Finish(ctx context.Context, ids ...SegmentID) error {
	rows := make([]row, 0, len(ids))
	a.changing.Lock()
	defer a.changing.Unlock()
	a.mu.RLock()
	for _, id := range ids {
		if o := a.open[id]; o != nil {
			rows = append(rows, row{Segment: o.Segment, set: o.set, entries: o.entries, bytes: o.end()})
		}
	}
	a.mu.RUnlock()
	if len(rows) == 0 {
		return nil
	}
	if err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error { return a.insertRows(ctx, tx, rows) }); err != nil {
		return fault.Wrap(err, fault.KindOf(err), "archive.finish", "archive.not-stored")
	}
	for _, r := range rows {
		a.rowAdded(r)
	}
	a.heed(rows)
	a.Forget(ids...)
	return nil
}

// Forget takes segments out of memory without a row: their disk has died. They stay on the list until Recover finds their
// disk alive again.
func (a *Archive) Forget(ids ...SegmentID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range ids {
		o := a.open[id]
		if o == nil {
			continue
		}
		delete(a.open, id)
		k := streamKey{o.Camera, o.Which}
		a.stream[k] = slices.DeleteFunc(a.stream[k], func(x *openSegment) bool { return x == o })
		if len(a.stream[k]) == 0 {
			delete(a.stream, k)
		}
	}
}

// row is a segment on its way into the tables.
type row struct {
	Segment
	set     string
	entries []Entry
	bytes   int64
}

// rowAdded brings what is kept in memory up to date.
func (a *Archive) rowAdded(r row) {
	a.countRow(r.Disk, r.bytes, len(r.entries))
	if len(r.entries) > 0 {
		a.extents.add(streamKey{r.Camera, r.Which}, Span{
			From: r.entries[0].Start, To: r.end(), Run: r.Run, Bytes: r.bytes, Unconfirmed: r.Unconfirmed, Codecs: codecs(r.Tracks),
		})
	}
}

func (r row) end() time.Time { return r.entries[len(r.entries)-1].End() }

// heed remembers that rows that were made are in doubt.
func (a *Archive) heed(rows []row) {
	if slices.ContainsFunc(rows, func(r row) bool { return r.Unconfirmed && r.Boot != "" }) {
		a.doubts.Store(true)
	}
}

// insertRows makes rows of segments, and marks in the list those that are in doubt: see future, and heed. One may be there already: a
// commit whose answer was lost is tried again.
func (a *Archive) insertRows(ctx context.Context, tx *store.Tx, rows []row) error {
	if err := a.keepLongest(ctx, tx, rows); err != nil {
		return err
	}
	a.future(rows)
	for _, r := range rows {
		if err := unlist(ctx, tx, r.ID); err != nil {
			return err
		}
		if len(r.entries) == 0 {
			continue
		}
		start := r.entries[0].Start
		done, err := tx.ExecContext(ctx, `INSERT INTO segments
			(id, camera, which, disk, path, run, start_us, end_us, bytes, init_size, fragments, tracks, unconfirmed, boot, slack_us)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			r.ID, r.Camera, r.Which, r.Disk, r.Path, r.Run, store.Micros(start), store.Micros(r.end()), r.bytes,
			len(r.Init), len(r.entries), r.set, r.Unconfirmed, r.Boot, r.Slack.Microseconds())
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO segment_indexes (segment, fragments, hashes) VALUES (?, ?, ?)",
			r.ID, appendIndex(nil, start, r.entries), appendHashes(nil, r.entries)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE disks SET used = used + ?, segments = segments + 1 WHERE id = ?", r.bytes, r.Disk); err != nil {
			return err
		}
	}
	return nil
}

func unlist(ctx context.Context, tx *store.Tx, id SegmentID) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM open_segments WHERE id = ?", id); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM open_indexes WHERE segment = ?", id)
	return err
}

// rate is a stream's measured bit rate: a mean that forgets over about ten minutes of footage.
type rate struct {
	bytes, seconds float64
}

const rateSpan = 600

func (r *rate) add(bytes int64, d time.Duration) {
	r.bytes += float64(bytes)
	r.seconds += d.Seconds()
	if r.seconds > rateSpan {
		r.bytes *= rateSpan / r.seconds
		r.seconds = rateSpan
	}
}

// perSecond is bytes per second; 0 while there is too little to say.
func (r *rate) perSecond() float64 {
	if r == nil || r.seconds < 5 {
		return 0
	}
	return r.bytes / r.seconds
}
