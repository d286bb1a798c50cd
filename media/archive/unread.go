package archive

import (
	"context"
	"maps"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Open segments that a disk does not give, as where a sector has gone bad, stay on the list: they are named among the differences, counted,
// and tried again ever more seldom, since each attempt may take the disk half a minute in which it does nothing else.

// readAgain is how long to wait after each attempt; the last one is for good. After that many, what is known of a segment is taken in
// without the rest.
var readAgain = [...]time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute}

// trial remembers the attempts to read one.
type trial struct {
	disk  DiskID
	times int
	next  time.Duration // not before this moment of the monotonic clock
}

// leaveUnread leaves a segment on the list, unless it is the disk as a whole that gives nothing.
func (a *Archive) leaveUnread(ctx context.Context, s *Segment, err error) error {
	d, root, derr := a.disk(s.Disk)
	if derr != nil {
		return derr
	}
	if err := a.Stands(s.Disk, root, d.layer); err != nil {
		return fault.Wrap(err, fault.Unavailable, "archive.recover", "disk.unreadable", "path", root)
	}
	a.mu.Lock()
	t := a.unread[s.ID]
	t.disk, t.next = s.Disk, a.clock.Mono()+readAgain[min(t.times, len(readAgain)-1)]
	t.times++
	a.unread[s.ID] = t
	a.mu.Unlock()
	known, nerr := a.tellUnreadable(ctx, s, err)
	if nerr != nil {
		return nerr
	}
	if !known || t.times == 1 {
		a.log.Error("a segment cannot be read; it is kept and tried again", "disk", s.Disk, "path", root+"/"+s.Path, "segment", s.ID, "err", err)
	}
	return nil
}

// dueAgain leaves out what is to be tried later.
func (a *Archive) dueAgain(list []row) (due []row, later int) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	now := a.clock.Mono()
	for _, r := range list {
		if t, ok := a.unread[r.ID]; ok && now < t.next {
			later++
			continue
		}
		due = append(due, r)
	}
	return due, later
}

// trials tells how often a segment was tried in vain.
func (a *Archive) trials(id SegmentID) int {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.unread[id].times
}

func (a *Archive) forgetTrials(ids ...SegmentID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range ids {
		delete(a.unread, id)
	}
}

func (a *Archive) forgetTrialsOf(id DiskID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.unread, func(_ SegmentID, t trial) bool { return t.disk == id })
}

// Unread counts the segments of a disk that were open when a process ended and that it does not give.
func (a *Archive) Unread(id DiskID) int {
	a.mu.RLock()
	defer a.mu.RUnlock()
	n := 0
	for _, t := range a.unread {
		if t.disk == id {
			n++
		}
	}
	return n
}

// readAtLast takes back that a segment cannot be read.
func readAtLast(ctx context.Context, tx *store.Tx, id SegmentID) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM footage_differences WHERE segment = ? AND kind = ?", id, Unreadable)
	return err
}
