package whep

import (
	"net"
	"net/netip"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// rawSocket sends without telling the scheduler. A send to a datagram socket never blocks and is over in microseconds;
// announcing each one as a system call that may block costs more than the announcement is worth: with fifty viewers
// the runtime's watcher alone took a fifth of the time.
type rawSocket struct {
	mu sync.RWMutex // held shared by senders: the number may not be given to another file under them
	fd int
	v6 bool
	up bool
}

// rawName is a socket address as the kernel wants it, made once per path.
type rawName struct {
	bytes [unix.SizeofSockaddrInet6]byte
	size  uint32
}

func (s *rawSocket) open(conn *net.UDPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		family, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN)
		s.fd, s.v6, s.up = int(fd), family == unix.AF_INET6, err == nil
	})
}

func (s *rawSocket) close() {
	s.mu.Lock()
	s.up = false
	s.mu.Unlock()
}

func (s *rawSocket) name(to netip.AddrPort) (n rawName) {
	port := to.Port()
	if !s.v6 {
		sa := (*unix.RawSockaddrInet4)(unsafe.Pointer(&n.bytes))
		sa.Family, sa.Addr = unix.AF_INET, to.Addr().Unmap().As4()
		*(*[2]byte)(unsafe.Pointer(&sa.Port)) = [2]byte{byte(port >> 8), byte(port)}
		n.size = unix.SizeofSockaddrInet4
		return n
	}
	sa := (*unix.RawSockaddrInet6)(unsafe.Pointer(&n.bytes))
	sa.Family, sa.Addr = unix.AF_INET6, to.Addr().As16()
	*(*[2]byte)(unsafe.Pointer(&sa.Port)) = [2]byte{byte(port >> 8), byte(port)}
	if zone := to.Addr().Zone(); zone != "" {
		if i, err := net.InterfaceByName(zone); err == nil {
			sa.Scope_id = uint32(i.Index)
		}
	}
	n.size = unix.SizeofSockaddrInet6
	return n
}

// send sends one message, or one run of segments. errWouldBlock: try the way that waits.
func (s *rawSocket) send(b, oob []byte, to *rawName) error {
	if len(b) == 0 {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !s.up || to.size == 0 {
		return errWouldBlock
	}
	iov := unix.Iovec{Base: &b[0]}
	iov.SetLen(len(b))
	msg := unix.Msghdr{Name: &to.bytes[0], Namelen: to.size, Iov: &iov}
	msg.SetIovlen(1)
	if len(oob) > 0 {
		msg.Control = &oob[0]
		msg.SetControllen(len(oob))
	}
	_, _, errno := syscall.RawSyscall(unix.SYS_SENDMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&msg)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	switch errno {
	case 0:
		return nil
	case unix.EAGAIN, unix.EINTR, unix.ENOBUFS:
		return errWouldBlock
	}
	return errno
}
