package rtsp

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"linli.dev/linli/protocol/rtp"
)

// datagrams are the UDP sockets of a session: a pair for each media.
type datagrams struct {
	s      *Session
	remote netip.Addr // packets of others are left out
	source netip.Addr // what the camera says that it sends from, where it has several addresses
	local  netip.Addr
	room   int
	pairs  []*pair
	now    int64 // arrival of the batch, by the wall, for emit
}

type pair struct {
	media         int
	rtp, rtcp     int // descriptors
	port          int
	toRTP, toRTCP unix.Sockaddr // nil: the camera did not say
	order         *rtp.Reorder
	reportAt      int64
}

const (
	reorderPackets = 256
	reorderHold    = int64(150e6)
)

func newDatagrams(s *Session, nc net.Conn) *datagrams {
	d := &datagrams{s: s, remote: addrOf(nc.RemoteAddr()), local: addrOf(nc.LocalAddr())}
	return d
}

func addrOf(a net.Addr) netip.Addr {
	ap, _ := netip.ParseAddrPort(a.String())
	return ap.Addr().Unmap()
}

// open binds an even port and the one above it, as RTP wants.
func (d *datagrams) open(media int) (port int, err error) {
	for range 50 {
		var a, b int
		a, port, err = d.bind(0)
		if err != nil {
			return 0, err
		}
		if port%2 != 0 {
			unix.Close(a)
			if a, port, err = d.bind(port + 1); err != nil {
				continue
			}
		}
		if b, _, err = d.bind(port + 1); err != nil {
			unix.Close(a)
			continue
		}
		growReceiveBuffer(a, d.s.o.ReceiveBuffer)
		if n, err := unix.GetsockoptInt(a, unix.SOL_SOCKET, unix.SO_RCVBUF); err == nil {
			d.room = n / 3 // a datagram costs the kernel half as much again and more
		}
		p := &pair{media: media, rtp: a, rtcp: b, port: port}
		p.order = rtp.NewReorder(reorderPackets, reorderHold, func(pkt []byte) { d.s.packet(media, d.now, pkt) })
		d.pairs = append(d.pairs, p)
		return port, nil
	}
	return 0, fmt.Errorf("%w: no free UDP ports", ErrUnreachable)
}

// growReceiveBuffer asks for room for n bytes of datagrams; the kernel counts its own overhead too and doubles the number for that.
func growReceiveBuffer(fd, n int) {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, n) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, n)
	}
}

func (d *datagrams) bind(port int) (fd, got int, err error) {
	family := unix.AF_INET
	if d.local.Is6() {
		family = unix.AF_INET6
	}
	fd, err = unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, 0, err
	}
	if err = unix.Bind(fd, sockaddr(d.local, port)); err != nil {
		unix.Close(fd)
		return -1, 0, err
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		unix.Close(fd)
		return -1, 0, err
	}
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		got = sa.Port
	case *unix.SockaddrInet6:
		got = sa.Port
	}
	return fd, got, nil
}

func sockaddr(a netip.Addr, port int) unix.Sockaddr {
	if a.Is6() {
		sa := &unix.SockaddrInet6{Port: port, Addr: a.As16()}
		if z := a.Zone(); z != "" {
			if ifi, err := net.InterfaceByName(z); err == nil {
				sa.ZoneId = uint32(ifi.Index)
			}
		}
		return sa
	}
	if !a.IsValid() {
		a = netip.IPv4Unspecified()
	}
	return &unix.SockaddrInet4{Port: port, Addr: a.As4()}
}

// peer reads where the camera sends from, which is where our reports go.
func (d *datagrams) peer(media int, transport string) {
	if v, ok := parameter(transport, "source"); ok {
		if ip, err := netip.ParseAddr(v); err == nil {
			d.source = ip.Unmap()
		}
	}
	v, _ := parameter(transport, "server_port")
	a, b, both := strings.Cut(v, "-")
	first, err := strconv.ParseUint(strings.TrimSpace(a), 10, 16)
	if err != nil || first == 0 {
		return
	}
	second := first + 1
	if n, err := strconv.ParseUint(strings.TrimSpace(b), 10, 16); both && err == nil {
		second = n
	}
	for _, p := range d.pairs {
		if p.media == media {
			p.toRTP, p.toRTCP = sockaddr(d.remote, int(first)), sockaddr(d.remote, int(second))
		}
	}
}

// punch opens the way through a firewall between us and the camera: an empty packet to each of its ports.
func (d *datagrams) punch() {
	empty := []byte{0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	for _, p := range d.pairs {
		if p.toRTP != nil {
			unix.Sendto(p.rtp, empty, unix.MSG_DONTWAIT, p.toRTP)
			unix.Sendto(p.rtcp, rtp.ReceiverReport{}.Append(nil, "linli"), unix.MSG_DONTWAIT, p.toRTCP)
		}
	}
}

func (d *datagrams) each(f func(fd int)) {
	if d == nil {
		return
	}
	for _, p := range d.pairs {
		f(p.rtp)
		f(p.rtcp)
	}
}

func (d *datagrams) close() {
	if d == nil {
		return
	}
	d.each(func(fd int) { unix.Close(fd) })
	d.pairs = nil
}

func (d *datagrams) drainAll(t *thread) {
	for _, p := range d.pairs {
		d.drain(t, p.rtp)
		d.drain(t, p.rtcp)
	}
}

// drain reads the datagrams that wait, several with one call.
func (d *datagrams) drain(t *thread, fd int) {
	for _, p := range d.pairs {
		if p.rtp != fd && p.rtcp != fd {
			continue
		}
		if t.batch == nil {
			t.batch = newDatagramBatch()
		}
		s := d.s
		got := false
		for range maxReads * 8 {
			n := t.batch.recv(fd)
			now := t.loop.moment()
			d.now = now.wall
			for i := range n {
				pkt, from, whole := t.batch.get(i)
				if !whole || from != d.remote && from != d.source {
					continue
				}
				s.state.heard = now.since
				s.state.turn += len(pkt)
				got = true
				if fd == p.rtp {
					p.order.Push(now.since, pkt)
				} else {
					s.report(p.media, d.now, pkt)
				}
			}
			if n < datagramsAtOnce || s.state.ended {
				break
			}
		}
		if got && !s.state.ended {
			s.state.h.Batch()
		}
		return
	}
}

// report sends an RTCP packet about a media to the camera.
func (d *datagrams) report(media int, pkt []byte) {
	for _, p := range d.pairs {
		if p.media == media && p.toRTCP != nil {
			unix.Sendto(p.rtcp, pkt, unix.MSG_DONTWAIT, p.toRTCP)
		}
	}
}

// second expires holes and sends what reports are due.
func (d *datagrams) second(now int64) {
	for _, p := range d.pairs {
		p.order.Expire(now)
		if now < p.reportAt {
			continue
		}
		p.reportAt = now + 5e9
		rx := &d.s.state.rx[p.media]
		if r, ok := rx.Report(rx.ssrc, now); ok && p.toRTCP != nil {
			unix.Sendto(p.rtcp, r.Append(nil, "linli"), unix.MSG_DONTWAIT, p.toRTCP)
		}
	}
}

// datagramBatch is what one recvmmsg fills.
type datagramBatch struct {
	head  [datagramsAtOnce]mmsghdr
	iov   [datagramsAtOnce]unix.Iovec
	from  [datagramsAtOnce]unix.RawSockaddrInet6
	bytes [datagramsAtOnce][datagramSize]byte
}

const (
	datagramsAtOnce = 32
	datagramSize    = 9216 // a jumbo frame; cameras keep below 1500
)

type mmsghdr struct {
	unix.Msghdr
	n uint32
}

func newDatagramBatch() *datagramBatch {
	b := &datagramBatch{}
	for i := range b.head {
		b.iov[i].Base = &b.bytes[i][0]
		b.iov[i].SetLen(datagramSize)
		h := &b.head[i].Msghdr
		h.Iov = &b.iov[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&b.from[i]))
	}
	return b
}

func (b *datagramBatch) recv(fd int) int {
	for i := range b.head {
		b.head[i].Namelen = unix.SizeofSockaddrInet6
	}
	n, _, errno := syscall.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.head)), datagramsAtOnce, unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

func (b *datagramBatch) get(i int) (pkt []byte, from netip.Addr, whole bool) {
	switch sa := &b.from[i]; sa.Family {
	case unix.AF_INET:
		from = netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(sa)).Addr)
	case unix.AF_INET6:
		from = netip.AddrFrom16(sa.Addr).Unmap()
	}
	n := int(b.head[i].n)
	return b.bytes[i][:min(n, datagramSize)], from, n <= datagramSize && b.head[i].Flags&unix.MSG_TRUNC == 0
}
