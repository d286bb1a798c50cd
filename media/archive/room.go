package archive

import (
	"context"
	"errors"
	"fmt"
	"time"

	"linli.dev/linli/media/archive/file"
)

// Reserve is what stays free on a disk of a size: one part in a hundred, between 256 MiB and 10 GiB, and a tenth at most.
func Reserve(total int64) int64 {
	return min(max(total/100, 256<<20), 10<<30, total/10)
}

// MakeRoom tells the purger that a disk is full, without waiting for it.
func (a *Archive) MakeRoom(id DiskID) {
	select {
	case a.crowded <- id:
	default: // it has been told
	}
}

// makeRoom deletes the oldest footage of disks that hold more than their share or have too little left.
func (p *Purger) makeRoom(ctx context.Context) error {
	for _, info := range p.a.Disks() {
		if info.State == Dead || info.State == ReadOnly || info.Path == "" {
			continue
		}
		need, why := p.excess(info)
		after := time.UnixMicro(0)
		for need > 0 {
			done, err := p.purge(ctx, why, func() ([]victim, error) {
				list, err := p.a.oldest(ctx, info.ID, after, purgeBatch)
				var sum int64
				for i, v := range list {
					if sum += v.bytes; sum >= need {
						return list[:i+1], err
					}
				}
				return list, err
			})
			if err != nil {
				return fmt.Errorf("disk %s: %w", info.Path, err)
			}
			need -= done.bytes
			if !done.found {
				break // all that is left is held, or beyond this hour's allowance
			}
			after = done.last
		}
	}
	return nil
}

// excess is how many bytes are too many on a disk, and why.
func (p *Purger) excess(info DiskInfo) (int64, string) {
	var need int64
	why := byQuota
	if info.Quota > 0 {
		need = info.Used - info.Quota
	}
	p.a.mu.RLock()
	d := p.a.disks[info.ID]
	layer, reserve := d.layer, d.reserve
	p.a.mu.RUnlock()
	if d.sweeps.Load() > 0 || d.stuck.Load() { // what is to go already makes room, too; how much is seen when it is gone
		return need, why
	}
	space, err := spaceOf(layer, info.Path)
	if err != nil {
		if file.FaultOf(err) != file.Missing {
			p.o.Log.Warn("free space is not known", "path", info.Path, "err", err)
		}
		return need, why
	}
	if reserve == 0 {
		reserve = Reserve(space.Total)
	}
	if short := reserve - space.Free; short > need {
		need, why = short, bySpace
	}
	return need, why
}

// spaceOf asks a disk for its free space, but not for ever: one that hangs must not keep the others from being purged.
func spaceOf(l file.Layer, path string) (file.Space, error) {
	type answer struct {
		space file.Space
		err   error
	}
	c := make(chan answer, 1)
	go func() {
		s, err := l.Space(path)
		c <- answer{s, err}
	}()
	select {
	case a := <-c:
		return a.space, a.err
	case <-time.After(3 * time.Second):
		return file.Space{}, errHangs
	}
}

var errHangs = errors.New("the disk does not answer")
