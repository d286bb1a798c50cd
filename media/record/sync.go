package record

import (
	"context"
	"maps"
	"path"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
)

// checkpointEvery is how many group syncs pass between two checkpoints of the index: what start-up may have to read again.
const checkpointEvery = 6

// keepSyncing runs the group sync: every few seconds everything that was written to the disk becomes durable at once, then
// what it belongs to becomes rows.
func (d *disk) keepSyncing(ctx, work context.Context) {
	every := d.r.o.SyncEvery
	if every < 0 {
		every = 5 * time.Second // rows are wanted all the same
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			d.syncOnce(work)
		}
	}
}

// syncOnce makes durable what was written until now.
func (d *disk) syncOnce(ctx context.Context) {
	d.syncing.Lock()
	defer d.syncing.Unlock()
	d.mu.Lock()
	if len(d.dirty)+len(d.shut) == 0 { // a new file without a fragment has time; so has its folder
		d.mu.Unlock()
		return
	}
	dirty, shut, dirs := d.dirty, d.shut, d.dirs
	d.dirty, d.shut, d.dirs = map[*segment]struct{}{}, nil, map[string]struct{}{}
	d.passes++
	checkpoint := d.passes%checkpointEvery == 0
	d.mu.Unlock()
	for _, s := range shut {
		dirty[s] = struct{}{}
	}
	files := make([]file.File, 0, len(dirty))
	counts := make(map[archive.SegmentID]int, len(dirty))
	for s := range dirty {
		if s.failed.Load() {
			continue
		}
		files = append(files, s.f)
		counts[s.ID] = int(s.fragments.Load()) // before the sync: what is written from now on is not promised
	}
	var err error
	if d.r.o.SyncEvery > 0 && len(files)+len(dirs) > 0 {
		list := make([]string, 0, len(dirs))
		for dir := range dirs {
			list = append(list, dir)
		}
		began := time.Now()
		d.syncs.Store(d.r.mono())
		err = d.fs.SyncGroup(files, list)
		d.syncs.Store(0)
		d.syncTook.Store(int64(time.Since(began)))
		d.synced.Add(1)
	}
	if err != nil {
		// After a failed sync the kernel has forgotten what it could not write. None of these files is trusted any
		// more; they stay on the list and are read again when the disk is well.
		for s := range dirty {
			s.failed.Store(true)
		}
		d.mu.Lock()
		maps.Copy(d.dirs, dirs) // of a file that was made meanwhile
		d.mu.Unlock()
		d.failed("disk.sync-failed", err)
	} else if checkpoint {
		d.r.desk.checkpoint(counts)
	}
	d.settle(shut)
}

// settle makes rows of segments that are written and synced. What has failed, or holds nothing, is left to recovery.
func (d *disk) settle(shut []*segment) {
	var good, bad []archive.SegmentID
	for _, s := range shut {
		if err := s.f.Close(); err != nil || s.failed.Load() || s.fragments.Load() == 0 {
			bad = append(bad, s.ID)
		} else {
			good = append(good, s.ID)
		}
	}
	d.leaveBehind(bad...)
	d.r.desk.finish(good...)
}

// leaveBehind gives segments whose files may be there up to recovery. They stay on the list until it has made rows of them, or
// has removed them for good: one that left the list because a removal was tried could come back, and nobody would know of it.
func (d *disk) leaveBehind(ids ...archive.SegmentID) {
	if len(ids) == 0 {
		return
	}
	d.r.a.Forget(ids...)
	d.mu.Lock()
	d.unsure = true
	d.mu.Unlock()
}

// probe writes, syncs and removes a small file: the one proof that a disk takes footage again.
func (d *disk) probe() error {
	name := path.Join(d.conf.Path, "footage", ".probe")
	_ = d.fs.Remove(name)
	f, err := d.fs.Create(name)
	if err != nil {
		return err
	}
	defer d.fs.Remove(name) //nolint:errcheck // the next probe tries again
	_, err = f.WriteBuffers([][]byte{make([]byte, 64<<10)}, 0)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
