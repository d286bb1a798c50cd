package filetest

import (
	"io/fs"
	"sync"
	"syscall"
	"time"

	"linli.dev/linli/media/archive/file"
)

// Broken is a layer over another that fails or hangs as it is told.
type Broken struct {
	file.Layer

	mu    sync.Mutex
	err   syscall.Errno
	reads bool // reads fail too
	hang  chan struct{}
	delay time.Duration
	keeps map[string]bool
	bad   map[string]bool
}

// Break lets everything that writes fail with an error; reads too, where dead is set. 0 mends it.
func (b *Broken) Break(err syscall.Errno, dead bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err, b.reads = err, dead
}

// Hang lets every call wait until the returned function is called.
func (b *Broken) Hang() (release func()) {
	c := make(chan struct{})
	b.mu.Lock()
	b.hang = c
	b.mu.Unlock()
	var once sync.Once
	return func() {
		once.Do(func() {
			b.mu.Lock()
			b.hang = nil
			b.mu.Unlock()
			close(c)
		})
	}
}

// Protect keeps a file from being deleted, as chattr +i does.
func (b *Broken) Protect(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.keeps == nil {
		b.keeps = map[string]bool{}
	}
	b.keeps[name] = true
}

// Rot gives a file sectors that cannot be read: its bytes are an error from now on, as are no others. Heal takes all of them back.
func (b *Broken) Rot(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bad == nil {
		b.bad = map[string]bool{}
	}
	b.bad[name] = true
}

// Heal lets every file be read again.
func (b *Broken) Heal() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.bad)
}

// Slow lets every write take so long.
func (b *Broken) Slow(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.delay = d
}

func (b *Broken) before(op, name string, write bool) error {
	b.mu.Lock()
	hang, delay := b.hang, b.delay
	b.mu.Unlock()
	if hang != nil {
		<-hang
	}
	if write && delay > 0 {
		time.Sleep(delay)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != 0 && (write || b.reads) {
		return &fs.PathError{Op: op, Path: name, Err: b.err}
	}
	if op == "read" && b.bad[name] {
		return &fs.PathError{Op: op, Path: name, Err: syscall.EIO}
	}
	return nil
}

func (b *Broken) wrap(f file.File, name string, err error) (file.File, error) {
	if err != nil {
		return nil, err
	}
	return &brokenFile{File: f, b: b, name: name}, nil
}

func (b *Broken) Create(name string) (file.File, error) {
	if err := b.before("create", name, true); err != nil {
		return nil, err
	}
	f, err := b.Layer.Create(name)
	return b.wrap(f, name, err)
}

func (b *Broken) Open(name string) (file.File, error) {
	if err := b.before("open", name, false); err != nil {
		return nil, err
	}
	f, err := b.Layer.Open(name)
	return b.wrap(f, name, err)
}

func (b *Broken) Edit(name string) (file.File, error) {
	if err := b.before("open", name, true); err != nil {
		return nil, err
	}
	f, err := b.Layer.Edit(name)
	return b.wrap(f, name, err)
}

func (b *Broken) Remove(name string) error {
	if err := b.before("remove", name, true); err != nil {
		return err
	}
	b.mu.Lock()
	kept := b.keeps[name]
	b.mu.Unlock()
	if kept {
		return &fs.PathError{Op: "remove", Path: name, Err: syscall.EPERM}
	}
	return b.Layer.Remove(name)
}

func (b *Broken) Rename(from, to string) error {
	if err := b.before("rename", from, true); err != nil {
		return err
	}
	return b.Layer.Rename(from, to)
}

func (b *Broken) MakeDir(name string) error {
	if _, err := b.Layer.Stat(name); err == nil {
		return b.before("mkdir", name, false)
	}
	if err := b.before("mkdir", name, true); err != nil {
		return err
	}
	return b.Layer.MakeDir(name)
}

func (b *Broken) Space(name string) (file.Space, error) {
	if err := b.before("statfs", name, false); err != nil {
		return file.Space{}, err
	}
	return b.Layer.Space(name)
}

func (b *Broken) SyncGroup(files []file.File, dirs []string) error {
	if err := b.before("sync", "", true); err != nil {
		return err
	}
	plain := make([]file.File, len(files))
	for i, f := range files {
		plain[i] = f
		if w, ok := f.(*brokenFile); ok {
			plain[i] = w.File
		}
	}
	return b.Layer.SyncGroup(plain, dirs)
}

type brokenFile struct {
	file.File
	b    *Broken
	name string
}

func (f *brokenFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.b.before("read", f.name, false); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}

func (f *brokenFile) WriteBuffers(bufs [][]byte, off int64) (int64, error) {
	if err := f.b.before("write", f.name, true); err != nil {
		return 0, err
	}
	return f.File.WriteBuffers(bufs, off)
}

func (f *brokenFile) Truncate(size int64) error {
	if err := f.b.before("truncate", f.name, true); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (f *brokenFile) Sync() error {
	if err := f.b.before("sync", f.name, true); err != nil {
		return err
	}
	return f.File.Sync()
}
