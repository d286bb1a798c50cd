package filetest

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"

	"linli.dev/linli/media/archive/file"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// Power is a disk in memory whose power can be cut. What was synced stays. Of the rest, each sector, each change of a size,
// each new name and each name that was taken away is there or not, as chance has it: disks and file systems reorder as they
// like.
type Power struct {
	mu    sync.Mutex
	dirs  map[string]bool
	files map[string]*node
	gone  map[string]*node // removed, but still there after a cut
	cut   bool
	Size  int64 // of the disk; 0 = 1 GiB
}

type node struct {
	live    []byte // as the running system sees it
	durable []byte // as it is after a cut, but for what follows
	dirty   map[int64]bool
	named   bool // its name is durable
}

// NewPower makes an empty disk.
func NewPower() *Power {
	return &Power{dirs: map[string]bool{"/": true}, files: map[string]*node{}, gone: map[string]*node{}, Size: 1 << 30}
}

// Cut cuts the power: every call fails from now on, until Restore.
func (p *Power) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
}

// Restore brings the power back; rnd decides what became of what was not synced.
func (p *Power) Restore(rnd *rand.Rand) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(p.gone)) { // sorted: the same seed, the same disk
		if rnd.IntN(2) == 0 && p.files[name] == nil {
			p.files[name] = p.gone[name]
			for dir := path.Dir(name); dir != "/"; dir = path.Dir(dir) {
				p.dirs[dir] = true
			}
		}
	}
	clear(p.gone)
	for _, name := range slices.Sorted(maps.Keys(p.files)) {
		n := p.files[name]
		if !n.named && rnd.IntN(2) == 0 {
			delete(p.files, name)
			continue
		}
		n.settle(rnd)
		n.named = true
	}
	p.cut = false
}

// settle mixes durable and unsynced sectors.
func (n *node) settle(rnd *rand.Rand) {
	if len(n.dirty) == 0 && len(n.live) == len(n.durable) {
		return
	}
	size := len(n.durable)
	switch rnd.IntN(4) {
	case 0: // the old size
	case 1: // the new one
		size = len(n.live)
	default: // one in between
		if d := len(n.live) - size; d > 0 {
			size += rnd.IntN(d + 1)
		} else if d < 0 {
			size = len(n.live) + rnd.IntN(-d+1)
		}
	}
	out := make([]byte, size)
	copy(out, n.durable)
	dirty := make([]int64, 0, len(n.dirty))
	for s := range n.dirty {
		dirty = append(dirty, s)
	}
	slices.Sort(dirty)
	odds := rnd.IntN(5) // from none to all
	for _, s := range dirty {
		lo, hi := int(s*sector), int(s*sector)+sector
		if lo >= size || rnd.IntN(4) >= odds {
			continue
		}
		hi = min(hi, size, len(n.live))
		if lo < hi {
			copy(out[lo:hi], n.live[lo:hi])
		}
	}
	n.live, n.durable, n.dirty = out, slices.Clone(out), map[int64]bool{}
}

func (p *Power) check(op, name string) error {
	if p.cut {
		return &fs.PathError{Op: op, Path: name, Err: syscall.EIO}
	}
	return nil
}

func missing(op, name string) error { return &fs.PathError{Op: op, Path: name, Err: syscall.ENOENT} }

// Create is file.Layer's, as are the others.
func (p *Power) Create(name string) (file.File, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check("create", name); err != nil {
		return nil, err
	}
	if !p.dirs[path.Dir(name)] {
		return nil, missing("create", name)
	}
	if p.files[name] != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: syscall.EEXIST}
	}
	n := &node{dirty: map[int64]bool{}}
	p.files[name] = n
	return &handle{p: p, n: n, name: name, write: true}, nil
}

func (p *Power) open(name string, write bool) (file.File, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check("open", name); err != nil {
		return nil, err
	}
	n := p.files[name]
	if n == nil {
		return nil, missing("open", name)
	}
	return &handle{p: p, n: n, name: name, write: write}, nil
}

func (p *Power) Open(name string) (file.File, error) { return p.open(name, false) }
func (p *Power) Edit(name string) (file.File, error) { return p.open(name, true) }

func (p *Power) Remove(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check("remove", name); err != nil {
		return err
	}
	if p.dirs[name] {
		for f := range p.files {
			if path.Dir(f) == name {
				return &fs.PathError{Op: "remove", Path: name, Err: syscall.ENOTEMPTY}
			}
		}
		delete(p.dirs, name)
		return nil
	}
	n := p.files[name]
	if n == nil {
		return missing("remove", name)
	}
	delete(p.files, name)
	if n.named {
		p.gone[name] = n
	}
	return nil
}

func (p *Power) Rename(from, to string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check("rename", from); err != nil {
		return err
	}
	n := p.files[from]
	if n == nil {
		return missing("rename", from)
	}
	delete(p.files, from)
	delete(p.gone, from)
	delete(p.gone, to)
	p.files[to] = n
	n.named = true
	return nil
}

func (p *Power) MakeDir(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check("mkdir", name); err != nil {
		return err
	}
	for ; name != "/" && name != "."; name = path.Dir(name) {
		p.dirs[name] = true
	}
	return nil
}

func (p *Power) List(dir string) ([]file.Info, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check("list", dir); err != nil {
		return nil, err
	}
	if !p.dirs[dir] {
		return nil, missing("list", dir)
	}
	var list []file.Info
	for d := range p.dirs {
		if d != dir && path.Dir(d) == dir {
			list = append(list, file.Info{Name: path.Base(d), Dir: true})
		}
	}
	for f, n := range p.files {
		if path.Dir(f) == dir {
			list = append(list, file.Info{Name: path.Base(f), Size: int64(len(n.live))})
		}
	}
	slices.SortFunc(list, func(a, b file.Info) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

func (p *Power) Stat(name string) (file.Info, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check("stat", name); err != nil {
		return file.Info{}, err
	}
	if p.dirs[name] {
		return file.Info{Name: path.Base(name), Dir: true}, nil
	}
	n := p.files[name]
	if n == nil {
		return file.Info{}, missing("stat", name)
	}
	return file.Info{Name: path.Base(name), Size: int64(len(n.live))}, nil
}

func (p *Power) Space(name string) (file.Space, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check("statfs", name); err != nil {
		return file.Space{}, err
	}
	free := p.Size
	for _, n := range p.files {
		free -= int64(len(n.live))
	}
	return file.Space{Total: p.Size, Free: free}, nil
}

func (p *Power) SyncGroup(files []file.File, dirs []string) error {
	for _, f := range files {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check("sync", ""); err != nil {
		return err
	}
	for _, dir := range dirs {
		if !p.dirs[dir] {
			return missing("sync", dir)
		}
	}
	for name, n := range p.files {
		if slices.Contains(dirs, path.Dir(name)) {
			n.named = true
		}
	}
	for name := range p.gone {
		// A folder that is gone itself went after what was in it: its own folder's entries say so.
		dir := path.Dir(name)
		for !p.dirs[dir] {
			dir = path.Dir(dir)
		}
		if slices.Contains(dirs, dir) {
			delete(p.gone, name)
		}
	}
	return nil
}

// Durable gives, for each file whose name and bytes are safe now, how many bytes that is.
func (p *Power) Durable() map[string]int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[string]int64{}
	for name, n := range p.files {
		if n.named && len(n.durable) > 0 {
			all[name] = int64(len(n.durable))
		}
	}
	return all
}

type handle struct {
	p     *Power
	n     *node
	name  string
	write bool
}

func (h *handle) ReadAt(b []byte, off int64) (int, error) {
	h.p.mu.Lock()
	defer h.p.mu.Unlock()
	if err := h.p.check("read", h.name); err != nil {
		return 0, err
	}
	if off >= int64(len(h.n.live)) {
		return 0, io.EOF
	}
	n := copy(b, h.n.live[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (h *handle) WriteBuffers(bufs [][]byte, off int64) (int64, error) {
	h.p.mu.Lock()
	defer h.p.mu.Unlock()
	if err := h.p.check("write", h.name); err != nil {
		return 0, err
	}
	if !h.write {
		return 0, &fs.PathError{Op: "write", Path: h.name, Err: syscall.EBADF}
	}
	at := off
	for _, b := range bufs {
		if end := at + int64(len(b)); end > int64(len(h.n.live)) {
			h.n.live = append(h.n.live, make([]byte, end-int64(len(h.n.live)))...)
		}
		copy(h.n.live[at:], b)
		for s := at / sector; s*sector < at+int64(len(b)); s++ {
			h.n.dirty[s] = true
		}
		at += int64(len(b))
	}
	return at - off, nil
}

func (h *handle) Allocate(int64, int64) error { return nil }

func (h *handle) Truncate(size int64) error {
	h.p.mu.Lock()
	defer h.p.mu.Unlock()
	if err := h.p.check("truncate", h.name); err != nil {
		return err
	}
	if size > int64(len(h.n.live)) {
		return fmt.Errorf("truncate %s to a larger size", h.name)
	}
	h.n.live = slices.Clone(h.n.live[:size])
	return nil
}

func (h *handle) Sync() error {
	h.p.mu.Lock()
	defer h.p.mu.Unlock()
	if err := h.p.check("sync", h.name); err != nil {
		return err
	}
	h.n.durable, h.n.dirty = slices.Clone(h.n.live), map[int64]bool{}
	return nil
}

func (h *handle) Size() (int64, error) {
	h.p.mu.Lock()
	defer h.p.mu.Unlock()
	return int64(len(h.n.live)), h.p.check("stat", h.name)
}

func (h *handle) Close() error { return nil }
