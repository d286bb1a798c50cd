package file

import (
	"errors"
	"io"
	"io/fs"
	"syscall"
)

// Layer is what the archive and its writers ask of a file system. Names are absolute paths. Methods may be called from any
// goroutine. Errors wrap the operating system's.
type Layer interface {
	Create(name string) (File, error) // for reading and writing; the file must not exist
	Open(name string) (File, error)   // for reading
	Edit(name string) (File, error)   // for reading and writing; the file must exist
	Remove(name string) error         // a file or an empty folder; it may come back with the power until its folder is synced
	Rename(from, to string) error
	MakeDir(name string) error // with its parents; what it made is durable when it returns
	List(dir string) ([]Info, error)
	Stat(name string) (Info, error)
	Space(name string) (Space, error)
	// SyncGroup makes the bytes of these files and the entries of these folders durable. All files stand on one file
	// system. After an error nothing is known about any of them.
	SyncGroup(files []File, dirs []string) error
}

// File is an open file.
type File interface {
	io.ReaderAt
	// WriteBuffers writes the buffers one behind the other at off, by one system call where that can be. It may leave the
	// slice's elements changed.
	WriteBuffers(bufs [][]byte, off int64) (int64, error)
	// Allocate reserves space without changing the size. Not being able to is no error.
	Allocate(off, n int64) error
	Truncate(size int64) error // also gives back what was reserved behind size
	Sync() error
	Size() (int64, error)
	Close() error
}

// Carrier is a File that sends its bytes to a socket without a way through this program's memory, where the system can.
type Carrier interface {
	// Carry writes the n bytes at off to w. Fewer without an error: the file ends there. Not for two goroutines at a time.
	Carry(w io.Writer, off, n int64) (int64, error)
}

// Carry is f's own way where it has one, else it reads and writes in pieces.
func Carry(w io.Writer, f File, off, n int64) (int64, error) {
	if c, ok := f.(Carrier); ok {
		return c.Carry(w, off, n)
	}
	return io.Copy(w, io.NewSectionReader(f, off, n))
}

// Info describes an entry of a folder.
type Info struct {
	Name string
	Size int64
	Dir  bool
}

// Space of a file system, in bytes.
type Space struct{ Total, Free int64 }

// Fault sorts an error of a layer by what has to be done about it.
type Fault string

const (
	Fine     Fault = ""
	Full     Fault = "full"
	ReadOnly Fault = "read-only"
	Missing  Fault = "missing" // the file is not there; the disk may be fine
	Dead     Fault = "dead"
)

// FaultOf sorts an error.
func FaultOf(err error) Fault {
	switch {
	case err == nil:
		return Fine
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return Full
	case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return ReadOnly
	case errors.Is(err, fs.ErrNotExist):
		return Missing
	default:
		return Dead
	}
}
