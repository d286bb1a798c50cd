package file

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// OS is the operating system's file system.
type OS struct{}

const flags = os.O_RDWR | unix.O_CLOEXEC | unix.O_NOFOLLOW

func (OS) Create(name string) (File, error) {
	f, err := os.OpenFile(name, flags|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return nil, err
	}
	return &osFile{File: f}, nil
}

func (OS) Open(name string) (File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	return &osFile{File: f}, nil
}

func (OS) Edit(name string) (File, error) {
	f, err := os.OpenFile(name, flags, 0)
	if err != nil {
		return nil, err
	}
	return &osFile{File: f}, nil
}

func (OS) Remove(name string) error { return os.Remove(name) }

func (l OS) Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return errors.Join(syncDir(filepath.Dir(to)), syncDir(filepath.Dir(from)))
}

func (l OS) MakeDir(name string) error {
	if st, err := os.Stat(name); err == nil && st.IsDir() {
		return nil
	}
	parent := filepath.Dir(name)
	if parent != name {
		if err := l.MakeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(name, 0o750); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return syncDir(parent)
}

func (OS) List(dir string) ([]Info, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	list := make([]Info, 0, len(entries))
	for _, e := range entries {
		i := Info{Name: e.Name(), Dir: e.IsDir()}
		if st, err := e.Info(); err == nil {
			i.Size = st.Size()
		}
		list = append(list, i)
	}
	return list, nil
}

func (OS) Stat(name string) (Info, error) {
	st, err := os.Lstat(name)
	if err != nil {
		return Info{}, err
	}
	return Info{Name: st.Name(), Size: st.Size(), Dir: st.IsDir()}, nil
}

func (OS) Space(name string) (Space, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(name, &st); err != nil {
		return Space{}, &os.PathError{Op: "statfs", Path: name, Err: err}
	}
	return Space{Total: int64(st.Blocks) * int64(st.Bsize), Free: int64(st.Bavail) * int64(st.Bsize)}, nil
}

// few is the number of files up to which each is synced by itself. Beyond it one syncfs costs less: each fdatasync of a
// grown file waits for a commit of the file system's own journal.
const few = 8

func (OS) SyncGroup(files []File, dirs []string) error {
	if len(files) > few {
		if f, ok := files[0].(*osFile); ok {
			if err := unix.Syncfs(int(f.Fd())); err != nil {
				return &os.PathError{Op: "syncfs", Path: f.Name(), Err: err}
			}
			return nil
		}
	}
	for _, f := range files {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	for _, d := range dirs {
		if err := syncDir(d); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

type osFile struct {
	*os.File
	iov []unix.Iovec // reused; a file has one writer
	mu  sync.Mutex   // guards iov against a second writer all the same
}

// iovMax is what one pwritev takes (UIO_MAXIOV).
const iovMax = 1024

func (f *osFile) WriteBuffers(bufs [][]byte, off int64) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var done int64
	for len(bufs) > 0 {
		iov := f.iov[:0]
		var want int64
		for _, b := range bufs {
			if len(iov) == iovMax {
				break
			}
			if len(b) == 0 {
				continue
			}
			v := unix.Iovec{Base: &b[0]}
			v.SetLen(len(b))
			iov = append(iov, v)
			want += int64(len(b))
		}
		f.iov = iov
		if want == 0 {
			return done, nil
		}
		n, err := f.pwritev(iov, off+done)
		clear(iov) // no hold on memory that its owner recycles
		done += n
		if err != nil {
			return done, &os.PathError{Op: "pwritev", Path: f.Name(), Err: err}
		}
		bufs = advance(bufs, n)
	}
	return done, nil
}

// pwritev of x/sys makes a slice of vectors for each call; this one does not.
func (f *osFile) pwritev(iov []unix.Iovec, off int64) (int64, error) {
	for {
		n, _, e := syscall.Syscall6(unix.SYS_PWRITEV, f.Fd(), uintptr(unsafe.Pointer(&iov[0])), uintptr(len(iov)), uintptr(off), 0, 0)
		runtime.KeepAlive(iov)
		switch {
		case e == syscall.EINTR:
			continue
		case e != 0:
			return 0, e
		case n == 0:
			return 0, syscall.EIO
		}
		return int64(n), nil
	}
}

// advance drops the first n bytes.
func advance(bufs [][]byte, n int64) [][]byte {
	for len(bufs) > 0 && n >= int64(len(bufs[0])) {
		n -= int64(len(bufs[0]))
		bufs = bufs[1:]
	}
	if len(bufs) > 0 && n > 0 {
		bufs[0] = bufs[0][n:]
	}
	return bufs
}

// Carry tells the system what is wanted before it is sent: one long read, where a hard disk would else be asked for 128 KB
// at a time, with its arm elsewhere in between.
func (f *osFile) Carry(w io.Writer, off, n int64) (int64, error) {
	_ = unix.Fadvise(int(f.Fd()), off, n, unix.FADV_WILLNEED) // advice only
	if _, err := f.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	return io.Copy(w, &io.LimitedReader{R: f.File, N: n}) // sendfile, where w is plain TCP
}

// Allocate keeps a segment in one piece on a disk that many cameras write to.
func (f *osFile) Allocate(off, n int64) error {
	var st unix.Statfs_t
	if unix.Fstatfs(int(f.Fd()), &st) == nil && st.Type == unix.TMPFS_MAGIC {
		return nil // there it takes memory, and has no pieces to keep together
	}
	err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, off, n)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) {
		return nil
	}
	if err != nil {
		return &os.PathError{Op: "fallocate", Path: f.Name(), Err: err}
	}
	return nil
}

func (f *osFile) Sync() error {
	if err := unix.Fdatasync(int(f.Fd())); err != nil {
		return &os.PathError{Op: "fdatasync", Path: f.Name(), Err: err}
	}
	return nil
}

func (f *osFile) Size() (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}
