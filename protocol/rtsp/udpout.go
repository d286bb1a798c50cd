package rtsp

import (
	"net"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// udpSender is the pair of sockets from which a server sends to all its UDP readers.
type udpSender struct {
	rtp, rtcp int
	port      int
}

// udpTarget is where one media of a reader goes.
type udpTarget struct {
	v6        bool
	rtp, rtcp unix.RawSockaddrInet6 // holds either family
}

func newUDPTarget(a netip.Addr, port int) udpTarget {
	t := udpTarget{v6: a.Is6()}
	fill := func(into *unix.RawSockaddrInet6, port int) {
		be := uint16(port)<<8 | uint16(port)>>8
		if t.v6 {
			*into = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: be, Addr: a.As16()}
			return
		}
		*(*unix.RawSockaddrInet4)(unsafe.Pointer(into)) = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: be, Addr: a.As4()}
	}
	fill(&t.rtp, port)
	fill(&t.rtcp, port+1)
	return t
}

func newUDPSender(listening net.Addr) (*udpSender, error) {
	// the pair is found by the code that finds the client's pairs
	d := &datagrams{local: addrOf(listening), s: &Session{}}
	port, err := d.open(0)
	if err != nil {
		return nil, err
	}
	p := d.pairs[0]
	unix.SetsockoptInt(p.rtp, unix.SOL_SOCKET, unix.SO_SNDBUF, 4<<20)
	return &udpSender{rtp: p.rtp, rtcp: p.rtcp, port: port}, nil
}

func (u *udpSender) close() {
	if u != nil {
		unix.Close(u.rtp)
		unix.Close(u.rtcp)
	}
}

const (
	udpAtOnce   = 64    // packets per system call
	maxSegments = 61440 // bytes per segmented send; the kernel takes 64 of them and 64 KiB at most
)

// sendRun sends a framed run as datagrams with few system calls: runs of equal size as one segmented send (UDP_SEGMENT),
// and one by one where the kernel knows no such thing. What does not go is lost, as datagrams are.
func (u *udpSender) sendRun(to *udpTarget, run []byte) (sent int) {
	var iov [udpAtOnce]unix.Iovec
	n, size, total := 0, 0, 0
	flush := func() {
		if n > 0 {
			u.sendSegments(u.rtp, &to.rtp, to.v6, iov[:n], size)
			sent += total
		}
		n, size, total = 0, 0, 0
	}
	for len(run) >= 4 {
		length := int(run[2])<<8 + int(run[3])
		if len(run) < 4+length {
			break
		}
		pkt := run[4 : 4+length]
		channel := run[1]
		run = run[4+length:]
		if length == 0 {
			continue
		}
		if channel&1 == 1 { // a report
			var one [1]unix.Iovec
			one[0].Base = &pkt[0]
			one[0].SetLen(length)
			u.sendSegments(u.rtcp, &to.rtcp, to.v6, one[:], length)
			continue
		}
		if n > 0 && (length > size || total+length > maxSegments) {
			flush()
		}
		if n == 0 {
			size = length
		}
		iov[n].Base = &pkt[0]
		iov[n].SetLen(length)
		n++
		total += length
		if length < size || n == udpAtOnce { // a shorter one must be the last
			flush()
		}
	}
	flush()
	return sent
}

func (u *udpSender) sendSegments(fd int, to *unix.RawSockaddrInet6, v6 bool, iov []unix.Iovec, size int) {
	var h unix.Msghdr
	h.Name = (*byte)(unsafe.Pointer(to))
	h.Namelen = unix.SizeofSockaddrInet4
	if v6 {
		h.Namelen = unix.SizeofSockaddrInet6
	}
	h.Iov = &iov[0]
	h.SetIovlen(len(iov))
	var control struct {
		unix.Cmsghdr
		size uint16
		_    [6]byte
	}
	if len(iov) > 1 {
		control.Level, control.Type = unix.IPPROTO_UDP, unix.UDP_SEGMENT
		control.SetLen(unix.CmsgLen(2))
		control.size = uint16(size)
		h.Control = (*byte)(unsafe.Pointer(&control))
		h.SetControllen(unix.CmsgSpace(2))
	}
	_, _, errno := syscall.RawSyscall6(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&h)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0, 0)
	if errno == 0 || errno == unix.EAGAIN || len(iov) == 1 {
		return
	}
	for i := range iov { // no segmentation on this way
		u.sendSegments(fd, to, v6, iov[i:i+1], size)
	}
}
