package archive

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/store"
)

// State of a disk.
type State string

const (
	OK       State = "ok"
	Slow     State = "slow"      // writes wait, nothing is lost yet
	Full     State = "full"      // and nothing may be deleted to make room
	ReadOnly State = "read-only" // what is there can be played
	Dead     State = "dead"      // gone, failing, or not the disk that it should be
)

// DiskConfig says where a disk is.
type DiskConfig struct {
	Path    string // absolute folder
	Quota   int64  // bytes of footage at most; 0 = as much as fits
	Reserve int64  // bytes to keep free; 0 = see Reserve
	Layer   file.Layer
}

// DiskInfo is what is known about a disk now.
type DiskInfo struct {
	ID       DiskID    `json:"id"`
	Path     string    `json:"path"`
	State    State     `json:"state" enum:"ok,slow,full,read-only,dead"`
	Reason   string    `json:"reason" doc:"Code of the reason; \"\" when all is well."`
	Sentence string    `json:"sentence" doc:"The reason in words."`
	Detail   string    `json:"detail" doc:"The error's text, for the operator."`
	Since    time.Time `json:"since"`
	Total    int64     `json:"total" doc:"Bytes of the file system."`
	Free     int64     `json:"free" doc:"Bytes free on the file system."`
	Reserve  int64     `json:"reserve" doc:"Bytes of them that no footage takes."`
	Quota    int64     `json:"quota" doc:"Bytes of footage at most; 0 = as much as fits."`
	Used     int64     `json:"used" doc:"Bytes of footage."`
	Segments int64     `json:"segments"`
	Load     Load      `json:"load" doc:"What has to wait, so that recording keeps up: 0 nothing, 1 checks, 2 exports, 3 playback."`
	Writer   Writer    `json:"writer"`
}

// Writer is what the recorder says of its work on a disk.
type Writer struct {
	Streams  int     `json:"streams" doc:"Streams that are recorded to it."`
	Waiting  float64 `json:"waiting" doc:"Seconds that the oldest fragment has been waiting in memory."`
	Bytes    uint64  `json:"bytes" doc:"Bytes written since start."`
	Writes   uint64  `json:"writes"`
	Syncs    uint64  `json:"syncs"`
	Creates  uint64  `json:"creates"`
	Lost     uint64  `json:"lost" doc:"Fragments that found no room in memory while the disk stood still."`
	BitRate  float64 `json:"bit_rate" doc:"Bits per second written, over the last seconds."`
	SyncTime float64 `json:"sync_time" doc:"Seconds that the last group sync took."`
}

type disk struct {
	info    DiskInfo   // guarded by Archive.mu
	layer   file.Layer // guarded by Archive.mu
	reserve int64      // guarded by Archive.mu; 0 = see Reserve
	load    atomic.Int32
	looked  atomic.Int64 // Unix ns: when somebody last read to see or to export
	dead    atomic.Bool
	sweeps  atomic.Int32 // how often sweep was asked for since it began; 0 = it does not run
	asides  atomic.Bool  // what lies aside is being looked through
	stuck   atomic.Bool  // the disk lets no file go
}

// marker is a small file on each disk that names it, so that an empty mount point, or another disk in its place, is not
// taken for it.
type marker struct {
	Disk DiskID    `json:"disk"`
	Made time.Time `json:"made"`
	Note string    `json:"note"`
}

const (
	footage    = "footage"
	markerName = footage + "/disk.json"
)

func (a *Archive) loadDisks(ctx context.Context) error {
	rows, err := a.db.QueryContext(ctx, "SELECT id, path, quota, used, segments FROM disks")
	if err != nil {
		return fault.Wrap(err, fault.Internal, "archive.disks", "archive.index-unreadable")
	}
	defer rows.Close()
	a.mu.Lock()
	defer a.mu.Unlock()
	for rows.Next() {
		d := &disk{layer: a.layer}
		d.dead.Store(true)
		d.info = DiskInfo{State: Dead, Reason: "disk.not-connected", Since: a.now()}
		if err := rows.Scan(&d.info.ID, &d.info.Path, &d.info.Quota, &d.info.Used, &d.info.Segments); err != nil {
			return err
		}
		a.disks[d.info.ID] = d
	}
	return rows.Err()
}

// AttachDisk finds out which disk stands at a path, and makes a new one known. A path that held a disk before and does not
// now is refused with "disk.not-mounted": writing there would fill the folder under the mount point.
func (a *Archive) AttachDisk(ctx context.Context, c DiskConfig) (DiskID, error) {
	const op = "archive.attach"
	layer := c.Layer
	if layer == nil {
		layer = a.layer
	}
	known, segments := a.diskAt(c.Path)
	m, err := readMarker(layer, path.Join(c.Path, markerName))
	switch {
	case err == nil:
		return m.Disk, a.adopt(ctx, m.Disk, c, layer)
	case file.FaultOf(err) != file.Missing:
		return known, fault.Wrap(err, fault.Unavailable, op, "disk.unreadable", "path", c.Path)
	case known != "" && (segments > 0 || a.lists(ctx, known)):
		return known, fault.New(fault.Unavailable, op, "disk.not-mounted", "path", c.Path)
	}
	id := known
	if id == "" {
		id = DiskID(store.NewID())
	}
	if err := writeMarker(layer, c.Path, marker{Disk: id, Made: a.now(), Note: "Linli writes footage here. This file names the disk; leave it where it is."}); err != nil {
		return known, fault.Wrap(err, fault.Unavailable, op, "disk.unwritable", "path", c.Path)
	}
	return id, a.adopt(ctx, id, c, layer)
}

// AttachKnown attaches the disks that were known before, for commands that record nothing. Those that are not there are
// told in the error; the others can be used all the same.
func (a *Archive) AttachKnown(ctx context.Context) error {
	var errs []error
	for _, info := range a.Disks() {
		if info.Path == "" {
			continue
		}
		a.mu.RLock()
		layer := a.disks[info.ID].layer
		a.mu.RUnlock()
		if _, err := a.AttachDisk(ctx, DiskConfig{Path: info.Path, Quota: info.Quota, Layer: layer}); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// lists tells whether segments of a disk are on the list of open ones: one that began to record a minute ago has no closed one yet.
// What cannot be read counts as yes.
func (a *Archive) lists(ctx context.Context, id DiskID) bool {
	var n int
	err := a.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM open_segments WHERE disk = ?", id).Scan(&n)
	return err != nil || n > 0
}

// Stands tells whether a disk is still where it was attached, by its marker: one that was unmounted leaves an empty folder, which looks
// well and belongs to another disk.
func (a *Archive) Stands(id DiskID, root string, layer file.Layer) error {
	m, err := readMarker(layer, path.Join(root, markerName))
	if file.FaultOf(err) == file.Missing || err == nil && m.Disk != id {
		return fault.New(fault.Unavailable, "archive.disk", "disk.not-mounted", "path", root)
	}
	return err
}

func (a *Archive) knows(id DiskID) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.disks[id] != nil
}

func (a *Archive) diskAt(path string) (DiskID, int64) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for id, d := range a.disks {
		if d.info.Path == path {
			return id, d.info.Segments
		}
	}
	return "", 0
}

// adopt writes down that this disk is at that path now.
func (a *Archive) adopt(ctx context.Context, id DiskID, c DiskConfig, layer file.Layer) error {
	a.mu.RLock()
	d := a.disks[id]
	same := d != nil && d.info.Path == c.Path && d.info.Quota == c.Quota
	a.mu.RUnlock()
	if !same {
		err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
			if _, err := tx.ExecContext(ctx, "UPDATE disks SET path = '' WHERE path = ? AND id <> ?", c.Path, id); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO disks (id, path, quota, added_us) VALUES (?, ?, ?, ?)
				ON CONFLICT (id) DO UPDATE SET path = excluded.path, quota = excluded.quota`, id, c.Path, c.Quota, store.Micros(a.now())); err != nil {
				return err
			}
			return tx.Emit("archive", "disk.attached", string(id), map[string]any{"path": c.Path, "quota": c.Quota})
		})
		if err != nil {
			return fault.Wrap(err, fault.KindOf(err), "archive.attach", "archive.not-stored")
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for other, o := range a.disks {
		if other != id && o.info.Path == c.Path {
			o.info.Path = ""
		}
	}
	if d == nil {
		d = &disk{}
		d.info = DiskInfo{ID: id, State: OK, Since: a.now()}
		a.disks[id] = d
	}
	d.info.Path, d.info.Quota, d.layer, d.reserve = c.Path, c.Quota, layer, c.Reserve
	d.dead.Store(false)
	if d.info.State == Dead && d.info.Reason == "disk.not-connected" {
		d.info.State, d.info.Reason, d.info.Since = OK, "", a.now()
	}
	a.MakeRoom(id) // the purger may have looked before the disk was there
	return nil
}

func readMarker(l file.Layer, name string) (marker, error) {
	f, err := l.Open(name)
	if err != nil {
		return marker{}, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return marker{}, err
	}
	raw := make([]byte, min(size, 4096))
	if _, err := f.ReadAt(raw, 0); err != nil {
		return marker{}, err
	}
	var m marker
	if err := json.Unmarshal(raw, &m); err != nil {
		return marker{}, err
	}
	if m.Disk == "" {
		return marker{}, errors.New("the marker names no disk")
	}
	return m, nil
}

func writeMarker(l file.Layer, root string, m marker) error {
	if err := l.MakeDir(path.Join(root, footage)); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	name := path.Join(root, markerName)
	fresh := name + ".new"
	_ = l.Remove(fresh) // of a crash before
	f, err := l.Create(fresh)
	if err != nil {
		return err
	}
	_, err = f.WriteBuffers([][]byte{raw, []byte("\n")}, 0)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return l.Rename(fresh, name)
}

// SetDisk says in what state a disk is; a change goes into the journal.
func (a *Archive) SetDisk(ctx context.Context, id DiskID, state State, reason, detail string) {
	a.mu.Lock()
	d := a.disks[id]
	if d == nil {
		a.mu.Unlock()
		return
	}
	was := d.info
	d.info.State, d.info.Reason, d.info.Detail = state, reason, detail
	changed := was.State != state || was.Reason != reason
	if changed {
		d.info.Since = a.now()
	}
	d.dead.Store(state == Dead)
	path := d.info.Path
	a.mu.Unlock()
	if !changed {
		return
	}
	level := slog.LevelWarn
	if state == OK {
		level = slog.LevelInfo
	}
	a.log.Log(ctx, level, "disk", "disk", id, "path", path, "state", state, "was", was.State, "reason", reason, "detail", detail)
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Emit("archive", "disk.state", string(id), map[string]any{"path": path, "state": state, "was": was.State, "reason": reason})
	})
	if err != nil {
		a.log.Error("journal", "kind", "disk.state", "err", err)
	}
}

// SetSpace and SetWriter keep what Disks shows.
func (a *Archive) SetSpace(id DiskID, s file.Space) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d := a.disks[id]; d != nil {
		d.info.Total, d.info.Free = s.Total, s.Free
	}
}

func (a *Archive) SetWriter(id DiskID, w Writer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d := a.disks[id]; d != nil {
		d.info.Writer = w
	}
}

// Disks lists all that are or were connected.
func (a *Archive) Disks() []DiskInfo {
	a.mu.RLock()
	defer a.mu.RUnlock()
	list := make([]DiskInfo, 0, len(a.disks))
	for id, d := range a.disks {
		i := d.info
		if i.Reserve = d.reserve; i.Reserve == 0 {
			i.Reserve = Reserve(i.Total)
		}
		i.Used += a.openBytes(id)
		i.Load = Load(d.load.Load())
		list = append(list, i)
	}
	slices.SortFunc(list, func(x, y DiskInfo) int {
		return strings.Compare(x.Path+string(x.ID), y.Path+string(y.ID))
	})
	return list
}

// openBytes is what open segments hold; call with mu held.
func (a *Archive) openBytes(id DiskID) int64 {
	var n int64
	for _, o := range a.open {
		if o.Disk == id {
			n += o.end()
		}
	}
	return n
}

func (a *Archive) countRow(id DiskID, bytes int64, fragments int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d := a.disks[id]; d != nil {
		d.info.Used += bytes
		if fragments > 0 {
			d.info.Segments++
		}
	}
}

func (a *Archive) countGone(id DiskID, bytes int64, segments int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d := a.disks[id]; d != nil {
		d.info.Used -= bytes
		d.info.Segments -= segments
	}
}

// mounted is a disk with where it is now. Its layer is a copy: the disk may be attached anew meanwhile.
type mounted struct {
	*disk
	layer file.Layer
}

// disk finds one with the root of its files.
func (a *Archive) disk(id DiskID) (mounted, string, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	d := a.disks[id]
	if d == nil || d.info.Path == "" {
		return mounted{}, "", fault.New(fault.Unavailable, "archive.disk", "disk.not-connected")
	}
	return mounted{d, d.layer}, d.info.Path, nil
}

// ForgetDisk gives up a disk that is gone for good: the rows of its footage become a purge with the reason "lost".
func (a *Archive) ForgetDisk(ctx context.Context, id DiskID) error {
	const op = "archive.forget-disk"
	a.mu.RLock()
	d := a.disks[id]
	a.mu.RUnlock()
	if d == nil {
		return fault.New(fault.NotFound, op, "disk.unknown")
	}
	if !d.dead.Load() {
		return fault.New(fault.Conflict, op, "disk.still-there")
	}
	for {
		n, err := a.purgeLost(ctx, id, 500)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, q := range []string{
			"DELETE FROM open_indexes WHERE segment IN (SELECT id FROM open_segments WHERE disk = ?)",
			"DELETE FROM open_segments WHERE disk = ?", "DELETE FROM purge_list WHERE disk = ?",
			"DELETE FROM footage_checks WHERE disk = ?", "DELETE FROM footage_differences WHERE disk = ?", "DELETE FROM disks WHERE id = ?",
		} {
			if _, err := tx.ExecContext(ctx, q, id); err != nil {
				return err
			}
		}
		return tx.Emit("archive", "disk.forgotten", string(id), map[string]any{"path": d.info.Path})
	})
	if err != nil {
		return fault.Wrap(err, fault.KindOf(err), op, "archive.not-stored")
	}
	a.mu.Lock()
	delete(a.disks, id)
	a.mu.Unlock()
	a.forgetTrialsOf(id)
	return nil
}
