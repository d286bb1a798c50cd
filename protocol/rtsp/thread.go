package rtsp

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	scratchHead = 4 + 1<<16 // room for what was carried over: less than one interleaved packet
	scratchSize = 256 << 10 // one read at most
	maxReads    = 4         // per turn: a camera that floods does not starve the others
)

// watched is what a thread calls about a socket.
type watched interface {
	ready(t *thread, fd int, events uint32)
	second(t *thread, now int64) // about once a second
	drop(t *thread)              // the loop closes
}

// thread is one epoll with everything that hangs on it. Its fields belong to run, but for those that say otherwise.
type thread struct {
	loop     *Loop
	ep       int
	file     *os.File // of ep, for Go's poller
	conn     syscall.RawConn
	wake     int // eventfd, for post
	scratch  []byte
	batch    *datagramBatch // when a UDP session needs it
	table    []watched      // by fd
	members  map[watched]struct{}
	wheel    wheel
	deadline time.Time // of file
	events   [256]unix.EpollEvent

	wakes       int64 // since countedFrom
	countedFrom int64
	busy        bool // there were too many in the last window

	load atomic.Int32 // sockets, for Loop.pick; anybody

	mu      sync.Mutex // guards the fields below; anybody
	queue   []func()
	spare   []func()
	rung    bool
	stopped bool
}

func newThread(l *Loop) (*thread, error) {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(ep, true); err != nil {
		unix.Close(ep)
		return nil, err
	}
	file := os.NewFile(uintptr(ep), "epoll")
	conn, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return nil, err
	}
	if err := file.SetReadDeadline(time.Time{}); err != nil { // the system's poller did not take it
		file.Close()
		return nil, err
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		file.Close()
		return nil, err
	}
	t := &thread{loop: l, ep: ep, file: file, conn: conn, wake: wake, scratch: make([]byte, scratchHead+scratchSize), members: map[watched]struct{}{}}
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(wake)}
	if err := unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, wake, &ev); err != nil {
		file.Close()
		unix.Close(wake)
		return nil, err
	}
	return t, nil
}

// post hands f to the thread; false: the thread has ended.
func (t *thread) post(f func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return false
	}
	t.queue = append(t.queue, f)
	if !t.rung {
		t.rung = true
		t.ring()
	}
	return true
}

func (t *thread) ring() {
	one := uint64(1)
	unix.Write(t.wake, (*[8]byte)(unsafe.Pointer(&one))[:])
}

func (t *thread) stop() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.stopped {
		t.stopped = true
		t.ring()
	}
	return nil
}

// run is the thread's life.
func (t *thread) run() {
	now := t.now()
	nextSecond := now + 1e9
	for {
		timeout := -1
		if len(t.members) > 0 {
			timeout = t.wheel.wait(now, nextSecond)
		}
		if timeout != 0 {
			t.gather(now)
		}
		n, err := t.wait(timeout)
		if err != nil {
			t.loop.log.Error("rtsp: epoll", "err", err)
			time.Sleep(10 * time.Millisecond)
		}
		rung := false
		for i := range max(n, 0) {
			fd := int(t.events[i].Fd)
			if fd == t.wake {
				rung = true
				continue
			}
			if w := t.table[fd]; w != nil {
				w.ready(t, fd, t.events[i].Events)
			}
		}
		if rung && t.runQueue() {
			return
		}
		now = t.now()
		t.wheel.turn(now, t)
		if now >= nextSecond {
			nextSecond = now + 1e9
			for w := range t.members {
				w.second(t, now)
			}
		}
	}
}

// wait is epoll_wait. It never blocks in the system call: Go's poller watches the epoll, the sockets hang on ours. A call that
// blocks keeps its place in the scheduler until the scheduler's monitor takes it away, and the monitor, woken at each return,
// then looks every 20 µs: with 25 frames a second that was more than a third of everything that sending to 50 readers cost.
func (t *thread) wait(timeout int) (n int, err error) {
	if timeout == 0 {
		return t.poll()
	}
	deadline := time.Time{}
	if timeout > 0 {
		deadline = time.Now().Add(time.Duration(timeout) * time.Millisecond)
	}
	if deadline != t.deadline {
		if err := t.file.SetReadDeadline(deadline); err != nil {
			return 0, err
		}
		t.deadline = deadline
	}
	waited := t.conn.Read(func(uintptr) bool {
		n, err = t.poll()
		return n > 0 || err != nil
	})
	if waited != nil && !errors.Is(waited, os.ErrDeadlineExceeded) {
		return 0, waited
	}
	return n, err
}

func (t *thread) poll() (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(t.ep), uintptr(unsafe.Pointer(&t.events[0])), uintptr(len(t.events)), 0, 0, 0)
	if errno != 0 && errno != unix.EINTR {
		return 0, errno
	}
	if errno != 0 {
		return 0, nil
	}
	return int(n), nil
}

// gather lets wake-ups come together when there are many: what costs is being woken, not reading. Below a thousand a second, and
// so for a handful of cameras, nothing waits.
func (t *thread) gather(now int64) {
	t.wakes++
	if now-t.countedFrom >= window {
		t.busy = t.wakes > maxWakes*window/1e9
		t.wakes, t.countedFrom = 0, now
	}
	if t.busy {
		time.Sleep(spacing)
	}
}

const (
	window   = int64(200 * time.Millisecond)
	maxWakes = 600 // a second
	spacing  = 700 * time.Microsecond
)

// runQueue does what others have posted; true: the thread is to end.
func (t *thread) runQueue() (end bool) {
	var buf [8]byte
	unix.Read(t.wake, buf[:])
	t.mu.Lock()
	work := t.queue
	t.queue, t.spare = t.spare[:0], nil
	t.rung = false
	stopped := t.stopped
	t.mu.Unlock()
	for i, f := range work {
		f()
		work[i] = nil
	}
	if !stopped {
		t.mu.Lock()
		t.spare = work[:0]
		t.mu.Unlock()
		return false
	}
	for w := range t.members {
		w.drop(t)
	}
	t.file.Close()
	unix.Close(t.wake)
	return true
}

// join and leave are a member's first and last act here.
func (t *thread) join(w watched) { t.members[w] = struct{}{} }

func (t *thread) leave(w watched) {
	delete(t.members, w)
	t.load.Add(-1)
}

// watch puts a socket into epoll (level-triggered), or changes what it waits for.
func (t *thread) watch(fd int, w watched, events uint32) error {
	op := unix.EPOLL_CTL_MOD
	for fd >= len(t.table) {
		t.table = append(t.table, make([]watched, 64+len(t.table))...)
	}
	if t.table[fd] == nil {
		op = unix.EPOLL_CTL_ADD
	}
	ev := unix.EpollEvent{Events: events, Fd: int32(fd)}
	if err := unix.EpollCtl(t.ep, op, fd, &ev); err != nil {
		return err
	}
	t.table[fd] = w
	return nil
}

func (t *thread) unwatch(fd int) {
	if fd < len(t.table) && t.table[fd] != nil {
		t.table[fd] = nil
		unix.EpollCtl(t.ep, unix.EPOLL_CTL_DEL, fd, nil)
	}
}
