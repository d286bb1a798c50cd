package archive

import (
	"context"
	"encoding/hex"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/store"
)

// asideName is where a file goes of which nothing is whole, for a person to look at until its days are over: as it lay, so that its name
// goes on telling whose it is.
func asideName(rel string) string {
	if rest, ok := strings.CutPrefix(rel, footage+"/"); ok && strings.Count(rest, "/") == 3 {
		return path.Join(lostPath, rest)
	}
	return path.Join(lostPath, path.Base(rel))
}

// leftover is a file that was put there.
type leftover struct {
	id    SegmentID
	key   streamKey
	path  string    // below the disk's root
	day   time.Time // on which it begins
	bytes int64
}

// dayless is a day before which no footage was, or one that is to come: the clock that dated it was wrong.
func (f *leftover) dayless(now time.Time) bool {
	return f.day.Before(earliest) || f.day.After(now.Add(asideSlack))
}

const (
	// asideSlack: a day is of some zone, and a file may go on into the next.
	asideSlack = 48 * time.Hour
	asideBatch = 500
)

// asides lists what lies aside on a disk. What is none of ours is left to whoever put it there.
func asides(l file.Layer, root string) (list []leftover, err error) {
	below := func(rel string) []file.Info {
		if err != nil {
			return nil
		}
		var in []file.Info
		if in, err = l.List(path.Join(root, rel)); file.FaultOf(err) == file.Missing {
			err = nil // nothing ever lay aside, or somebody has just cleared it
		}
		return in
	}
	for _, camera := range below(lostPath) {
		if !camera.Dir {
			continue
		}
		for _, which := range below(path.Join(lostPath, camera.Name)) {
			for _, day := range below(path.Join(lostPath, camera.Name, which.Name)) {
				at, bad := time.Parse(time.DateOnly, day.Name)
				if bad != nil || !Which(which.Name).Valid() {
					continue
				}
				in := path.Join(lostPath, camera.Name, which.Name, day.Name)
				for _, x := range below(in) {
					_, id, ok := strings.Cut(strings.TrimSuffix(x.Name, ".mp4"), "-")
					if name, bad := url.PathUnescape(camera.Name); ok && bad == nil && !x.Dir && len(list) < asideBatch {
						list = append(list, leftover{SegmentID(id), streamKey{name, Which(which.Name)}, path.Join(in, x.Name), at, x.Size})
					}
				}
			}
		}
	}
	return list, err
}

// keeps gives the days that a stream is kept.
type keeps = func(ctx context.Context, camera string, which Which) (days int, err error)

// purgeAside deletes what lies aside and is as old as its camera's footage may become, unless a hold may be about it. Nobody waits for
// it: a disk that hangs must not keep the others from being purged.
func (a *Archive) purgeAside(ctx context.Context, keep keeps) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for id, d := range a.disks {
		if d.asides.CompareAndSwap(false, true) {
			go func() {
				defer d.asides.Store(false)
				if err := a.purgeAsideOn(ctx, id, keep); err != nil && ctx.Err() == nil {
					a.log.Error("delete what lies aside", "disk", id, "err", err)
				}
			}()
		}
	}
}

func (a *Archive) purgeAsideOn(ctx context.Context, id DiskID, keep keeps) error {
	d, root, err := a.disk(id)
	if err != nil || d.dead.Load() {
		return nil //nolint:nilerr // its turn comes when it is back
	}
	list, err := asides(d.layer, root)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(f leftover) bool {
		if !f.dayless(a.now()) {
			return false
		}
		// Its days begin anew today; where that fails it is tried again.
		to := path.Join(root, path.Dir(path.Dir(f.path)), a.now().UTC().Format(time.DateOnly), path.Base(f.path))
		if d.layer.MakeDir(path.Dir(to)) == nil && d.layer.Rename(path.Join(root, f.path), to) == nil {
			inFolders(d.layer).removeEmpty(path.Dir(path.Join(root, f.path)))
		}
		return true
	})
	a.holding.Lock() // no hold comes between
	defer a.holding.Unlock()
	var over []leftover
	for _, f := range list {
		ok, err := a.isOver(ctx, &f, keep)
		if err != nil {
			return err
		}
		if ok {
			over = append(over, f)
		}
	}
	return a.deleteAside(ctx, id, over)
}

// isOver says whether a file that lies aside is to go.
func (a *Archive) isOver(ctx context.Context, f *leftover, keep keeps) (bool, error) {
	now := a.now()
	days, err := keep(ctx, f.key.camera, f.key.which)
	if err != nil {
		a.log.Warn("retention is not known; nothing is deleted", "camera", f.key.camera, "stream", f.key.which, "err", err)
		return false, nil
	}
	if now.Before(f.day.Add(time.Duration(days)*24*time.Hour + asideSlack)) {
		return false, nil
	}
	holds, err := a.ListHolds(ctx, HoldFilter{Camera: f.key.camera, From: f.day.Add(-asideSlack), To: f.day.Add(asideSlack)})
	if err != nil {
		return false, err
	}
	for _, h := range holds {
		if h.Stream == "" || h.Stream == f.key.which {
			return false, nil
		}
	}
	var listed int
	if err := a.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM purge_list WHERE segment = ?", f.id).Scan(&listed); err != nil {
		return false, unreadable(err, "archive.purge")
	}
	return listed == 0, nil
}

// deleteAside keeps the proof of what goes: how much it was; there is no fragment whose hash could be in it.
func (a *Archive) deleteAside(ctx context.Context, disk DiskID, list []leftover) error {
	if len(list) == 0 {
		return nil
	}
	root := merkleRoot(nil)
	at := map[streamKey]int{}
	var purges []Purge
	for _, f := range list {
		i, ok := at[f.key]
		if !ok {
			i = len(purges)
			at[f.key] = i
			purges = append(purges, Purge{Camera: f.key.camera, Stream: f.key.which, From: f.day, To: f.day.Add(24 * time.Hour), Root: hex.EncodeToString(root[:])})
		}
		p := &purges[i]
		p.Segments++
		p.Bytes += f.bytes
		if f.day.Before(p.From) {
			p.From = f.day
		}
		if to := f.day.Add(24 * time.Hour); to.After(p.To) {
			p.To = to
		}
	}
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, f := range list {
			if _, err := tx.ExecContext(ctx, "INSERT INTO purge_list (segment, disk, path) VALUES (?, ?, ?)", f.id, disk, f.path); err != nil {
				return err
			}
		}
		return proof(ctx, tx, store.Micros(a.now()), byRetention, purges)
	})
	if err != nil {
		return fault.Wrap(err, fault.KindOf(err), "archive.purge", "archive.not-stored")
	}
	a.sweep(ctx, disk)
	return nil
}
