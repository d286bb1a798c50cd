package rtsp

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// link is where the bytes of a session come from and go to. Its methods are called on the session's thread and do not block.
type link interface {
	send(b []byte) (int, error) // as much as goes
	close()
}

var errAgain error = unix.EAGAIN

// socket is a raw nonblocking descriptor of our own, unknown to Go's netpoller.
type socket int

// takeSocket duplicates the descriptor of a connection and closes the connection, which takes it out of Go's epoll.
func takeSocket(nc net.Conn) (socket, error) {
	tc, ok := nc.(syscall.Conn)
	if !ok {
		return -1, errors.ErrUnsupported
	}
	rc, err := tc.SyscallConn()
	if err != nil {
		return -1, err
	}
	fd := -1
	if e := rc.Control(func(old uintptr) { fd, err = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) }); e != nil {
		err = e
	}
	if err != nil {
		return -1, err
	}
	nc.Close()
	return socket(fd), nil
}

// The calls below never block, so they go past Go's scheduler (RawSyscall): entering and leaving it would cost more than small reads do.

func (s socket) recv(b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall6(unix.SYS_RECVFROM, uintptr(s), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		if errno == unix.EAGAIN || errno == unix.EINTR {
			return 0, errAgain
		}
		return 0, errno
	}
	if n == 0 {
		return 0, io.EOF
	}
	return int(n), nil
}

func (s socket) send(b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(s), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	switch errno {
	case 0:
		return int(n), nil
	case unix.EAGAIN, unix.EINTR:
		return 0, nil
	}
	return 0, errno
}

// hold lets the kernel keep n bytes before epoll tells of them, and half of its buffer at most; 1: it tells of every byte. It also tells when the
// window is about to close.
//
// This is what lazy reading stands on, and not only for the sake of the wake-ups. Of a socket that nobody reads, Linux puts off its acknowledgements
// by 40 to 200 ms, as the window does not move (tcp_ack_snd_check). What is not acknowledged stays in the camera's send buffer, which is small, and the next
// key frame finds no room there, although we have megabytes. While fewer bytes wait than SO_RCVLOWAT asks for, it acknowledges at once.
//
// The kernel makes its buffer large enough for n, unless SO_RCVBUF was set; for that nobody needs a privilege.
func (s socket) hold(n int) { _ = unix.SetsockoptInt(int(s), unix.SOL_SOCKET, unix.SO_RCVLOWAT, n) }

// pace prepares the socket for being read every d, or at once.
func (s socket) pace(d time.Duration, buffer int) {
	if d > 0 {
		s.hold(buffer) // makes the kernel's buffer that large
		s.hold(buffer / 2)
	} else {
		s.hold(1)
	}
}

// unsent is how many bytes the other side has not got yet.
func (s socket) unsent() int {
	n, _ := unix.IoctlGetInt(int(s), unix.SIOCOUTQ)
	return n
}

// discard has close throw away what is not yet sent, and break the connection.
func (s socket) discard() {
	_ = unix.SetsockoptLinger(int(s), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}

func (s socket) close() { unix.Close(int(s)) }

// pump is the link of a TLS connection: a goroutine reads and decrypts, the thread gets the plain bytes.
type pump struct {
	nc       *tls.Conn
	raw      syscall.RawConn // of what is below it; nil: not to be had
	interval atomic.Int64
	hurry    chan struct{}
	done     chan struct{}
	once     sync.Once
	out      chan []byte
}

func newPump(nc *tls.Conn) *pump {
	p := &pump{nc: nc, hurry: make(chan struct{}, 1), done: make(chan struct{}), out: make(chan []byte, 32)}
	if sc, ok := nc.NetConn().(syscall.Conn); ok {
		p.raw, _ = sc.SyscallConn()
	}
	go p.write()
	return p
}

// read hands what comes to take, which returns when the bytes are used up; false from it ends the pump.
func (p *pump) read(take func(b []byte, err error) bool) {
	buf := make([]byte, 128<<10)
	for {
		d := time.Duration(p.interval.Load())
		if d > 0 { // what is less than the socket holds does not wake us: look in any case
			p.nc.SetReadDeadline(time.Now().Add(d))
		}
		n, err := p.nc.Read(buf)
		d = time.Duration(p.interval.Load())
		for d > 0 && err == nil && n < len(buf) { // a Read gives one TLS record, often one packet: take all that waits
			p.nc.SetReadDeadline(time.Now().Add(time.Millisecond))
			var more int
			more, err = p.nc.Read(buf[n:])
			n += more
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			p.nc.SetReadDeadline(time.Time{})
			err = nil
		} else if d > 0 && err == nil {
			p.nc.SetReadDeadline(time.Time{})
			d = 0 // a full buffer: more waits
		}
		if !take(buf[:n], err) || err != nil {
			return
		}
		if d > 0 {
			select {
			case <-time.After(d):
			case <-p.hurry:
			case <-p.done:
				return
			}
		}
	}
}

func (p *pump) write() {
	for {
		select {
		case b := <-p.out:
			p.nc.SetWriteDeadline(time.Now().Add(10 * time.Second))
			if _, err := p.nc.Write(b); err != nil {
				p.nc.Close()
				return
			}
		case <-p.done:
			for { // what was sent before close still goes: the TEARDOWN
				select {
				case b := <-p.out:
					p.nc.SetWriteDeadline(time.Now().Add(time.Second))
					p.nc.Write(b)
				default:
					p.nc.Close()
					return
				}
			}
		}
	}
}

func (p *pump) send(b []byte) (int, error) {
	select {
	case p.out <- append([]byte(nil), b...):
		return len(b), nil
	default:
		return 0, nil
	}
}

func (p *pump) close() { p.once.Do(func() { close(p.done) }) }

// discard is close without what was sent and has not gone yet. It closes what is below TLS: a goodbye would wait behind the rest.
func (p *pump) discard() {
	if p.raw != nil {
		_ = p.raw.Control(func(fd uintptr) { socket(fd).discard() })
	}
	p.nc.NetConn().Close()
	p.close()
}

// pace reads every d, or at once; buffer is what the kernel is to hold meanwhile.
func (p *pump) pace(d time.Duration, buffer int) {
	p.interval.Store(int64(d))
	if p.raw != nil {
		_ = p.raw.Control(func(fd uintptr) { socket(fd).pace(d, buffer) })
	}
	select {
	case p.hurry <- struct{}{}:
	default:
	}
}
