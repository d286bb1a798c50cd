package archive

import (
	"maps"
	"path"
	"slices"

	"linli.dev/linli/media/archive/file"
)

// folders remembers in which folders of a disk names have come or gone, until that is made durable. A name that was only
// removed may come back with the power, one that was only made may go with it. So whatever remembers a file (the list of
// open segments, the purge list) forgets it after sync, never before.
type folders struct {
	l       file.Layer
	changed map[string]struct{}
}

func inFolders(l file.Layer) folders { return folders{l: l, changed: map[string]struct{}{}} }

// touch says that the entry of a file has changed, or may have.
func (f folders) touch(name string) { f.changed[path.Dir(name)] = struct{}{} }

// remove takes a file away. One that is not there is removed: an attempt before may not have come as far as its sync.
func (f folders) remove(name string) error {
	if err := f.l.Remove(name); err != nil && file.FaultOf(err) != file.Missing {
		return err
	}
	f.touch(name)
	return nil
}

// removeEmpty takes a folder away if nothing is in it.
func (f folders) removeEmpty(dir string) {
	if f.l.Remove(dir) == nil {
		f.touch(dir)
	}
}

// sync makes it all durable.
func (f folders) sync() error {
	there := map[string]struct{}{}
	for dir := range f.changed {
		_, err := f.l.Stat(dir)
		for file.FaultOf(err) == file.Missing && path.Dir(dir) != dir { // gone itself: what it stood in knows
			dir = path.Dir(dir)
			_, err = f.l.Stat(dir)
		}
		if err != nil {
			return err
		}
		there[dir] = struct{}{}
	}
	if len(there) > 0 {
		if err := f.l.SyncGroup(nil, slices.Sorted(maps.Keys(there))); err != nil {
			return err
		}
	}
	clear(f.changed)
	return nil
}
