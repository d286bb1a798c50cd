package live

import (
	"io"
	"net"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socket reads and writes a connection without telling Go's scheduler of each call. None of them waits: Go's poller does.
// A write of 50 KB takes longer than the scheduler's monitor has patience, and with a hundred readers at once it hands the
// processor to another thread and back for nearly every one.
type socket struct {
	net.Conn
	raw syscall.RawConn
}

// quick is conn itself where the system's socket cannot be had.
func quick(conn net.Conn) net.Conn {
	if s, ok := conn.(syscall.Conn); ok {
		if raw, err := s.SyscallConn(); err == nil {
			return &socket{Conn: conn, raw: raw}
		}
	}
	return conn
}

// NetConn is the connection itself.
func (s *socket) NetConn() net.Conn { return s.Conn }

// queued is how many bytes the reader has not got yet; 0 where that is not known.
func queued(conn net.Conn) (n int) {
	if s, ok := conn.(*socket); ok {
		_ = s.raw.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) })
	}
	return n
}

func (s *socket) Read(b []byte) (n int, err error) {
	if len(b) == 0 {
		return 0, nil
	}
	var errno syscall.Errno
	err = s.raw.Read(func(fd uintptr) bool {
		n, errno = transfer(unix.SYS_READ, fd, b)
		return errno != unix.EAGAIN
	})
	switch {
	case err != nil:
		return 0, err
	case errno != 0:
		return 0, errno
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

func (s *socket) Write(b []byte) (n int, err error) {
	var errno syscall.Errno
	err = s.raw.Write(func(fd uintptr) bool {
		for n < len(b) {
			var k int
			if k, errno = transfer(unix.SYS_WRITE, fd, b[n:]); errno != 0 {
				return errno != unix.EAGAIN
			}
			n += k
		}
		return true
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return n, err
}

func transfer(call, fd uintptr, b []byte) (int, syscall.Errno) {
	for {
		n, _, errno := unix.RawSyscall(call, fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
		if errno == 0 {
			return int(n), 0
		}
		if errno != unix.EINTR {
			return 0, errno
		}
	}
}
