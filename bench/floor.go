package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The floor is the least that any recorder must do: read the socket, undo RTP, put a box in front, write.
// It has no clocks, no index, no hash, no error handling, no readers. It runs as a process of its own.

type floorCamera struct {
	fd    int
	carry []byte // an unfinished interleaved frame
	unit  []byte // payload of the fragment being built
	file  *os.File
	since time.Time
}

// runFloor returns only when something goes wrong.
func runFloor(args []string) error {
	addr, dir := args[0], args[1]
	count, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	immediate := args[3] == "immediate"
	write := args[4] == "write"
	cams := make([]*floorCamera, count)
	for i := range cams {
		fd, rest, err := floorDial(addr, fmt.Sprintf("rtsp://%s/cam%04d/main", addr, i))
		if err != nil {
			return fmt.Errorf("camera %d: %w", i, err)
		}
		cams[i] = &floorCamera{fd: fd, carry: rest, since: time.Now()}
		if write {
			if cams[i].file, err = os.Create(filepath.Join(dir, fmt.Sprintf("%04d.mp4", i))); err != nil {
				return err
			}
		}
	}
	fmt.Println("ready")
	buf := make([]byte, 1<<20)
	if !immediate {
		for {
			time.Sleep(400 * time.Millisecond) // as often as Linli reads such a camera
			now := time.Now()
			for _, c := range cams {
				if err := c.read(buf, now); err != nil {
					return err
				}
			}
		}
	}
	ep, err := unix.EpollCreate1(0)
	if err != nil {
		return err
	}
	for i, c := range cams {
		ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}
		if err := unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, c.fd, &ev); err != nil {
			return err
		}
	}
	events := make([]unix.EpollEvent, 256)
	for {
		n, err := unix.EpollWait(ep, events, -1)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		now := time.Now()
		for _, ev := range events[:n] {
			if err := cams[ev.Fd].read(buf, now); err != nil {
				return err
			}
		}
	}
}

// read drains the socket once and puts what came into the fragment.
func (c *floorCamera) read(buf []byte, now time.Time) error {
	for {
		n := copy(buf, c.carry)
		got, err := unix.Read(c.fd, buf[n:])
		if err == unix.EAGAIN {
			break
		}
		if err != nil {
			return err
		}
		if got == 0 {
			return io.EOF
		}
		full := n+got == len(buf)
		b := buf[:n+got]
		for len(b) >= 4 {
			size := int(binary.BigEndian.Uint16(b[2:]))
			if len(b) < 4+size {
				break
			}
			if b[1] == 0 && size > 14 {
				c.packet(b[4 : 4+size])
			}
			b = b[4+size:]
		}
		c.carry = append(c.carry[:0], b...)
		if !full {
			break
		}
	}
	if now.Sub(c.since) >= 2*time.Second {
		c.since = now
		if c.file != nil {
			head := make([]byte, 800) // a moof of 50 samples with its trun
			if _, err := unix.Writev(int(c.file.Fd()), [][]byte{head, c.unit}); err != nil {
				return err
			}
		}
		c.unit = c.unit[:0]
	}
	return nil
}

// packet undoes single NAL units and FU-A / FU; aggregation is rare enough to be copied as it is.
func (c *floorCamera) packet(p []byte) {
	payload := p[12:]
	if payload[0]&0x1f == 28 {
		if payload[1]&0x80 != 0 {
			c.unit = append(c.unit, 0, 0, 0, 0, payload[0]&0xe0|payload[1]&0x1f)
		}
		c.unit = append(c.unit, payload[2:]...)
		return
	}
	c.unit = binary.BigEndian.AppendUint32(c.unit, uint32(len(payload)))
	c.unit = append(c.unit, payload...)
}

// floorDial asks for the first track over TCP with the fewest words, and takes the socket out of Go's poller.
func floorDial(addr, url string) (int, []byte, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return 0, nil, err
	}
	r := bufio.NewReader(conn)
	session, control, seq := "", "", 0
	ask := func(method, target, extra string) (textproto.MIMEHeader, []byte, error) {
		seq++
		if session != "" {
			extra += "Session: " + session + "\r\n"
		}
		if _, err := fmt.Fprintf(conn, "%s %s RTSP/1.0\r\nCSeq: %d\r\n%s\r\n", method, target, seq, extra); err != nil {
			return nil, nil, err
		}
		tp := textproto.NewReader(r)
		line, err := tp.ReadLine()
		if err != nil {
			return nil, nil, err
		}
		if !strings.Contains(line, " 200 ") {
			return nil, nil, fmt.Errorf("%s: %s", method, line)
		}
		h, err := tp.ReadMIMEHeader()
		if err != nil {
			return nil, nil, err
		}
		n, _ := strconv.Atoi(h.Get("Content-Length"))
		body := make([]byte, n)
		_, err = io.ReadFull(r, body)
		return h, body, err
	}
	h, sdp, err := ask("DESCRIBE", url, "Accept: application/sdp\r\n")
	if err != nil {
		return 0, nil, err
	}
	base := url + "/"
	if b := h.Get("Content-Base"); b != "" {
		base = b
	}
	media := false
	for line := range strings.Lines(string(sdp)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "m=video") {
			media = true
		}
		if v, ok := strings.CutPrefix(line, "a=control:"); ok && media && control == "" {
			control = v
		}
	}
	if !strings.HasPrefix(control, "rtsp://") {
		control = strings.TrimSuffix(base, "/") + "/" + control
	}
	if h, _, err = ask("SETUP", control, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"); err != nil {
		return 0, nil, err
	}
	session, _, _ = strings.Cut(h.Get("Session"), ";")
	if _, _, err = ask("PLAY", url, "Range: npt=0-\r\n"); err != nil {
		return 0, nil, err
	}
	rest := make([]byte, r.Buffered())
	if _, err := io.ReadFull(r, rest); err != nil {
		return 0, nil, err
	}
	file, err := conn.(*net.TCPConn).File()
	if err != nil {
		return 0, nil, err
	}
	fd, err := syscall.Dup(int(file.Fd()))
	if err != nil {
		return 0, nil, err
	}
	file.Close()
	conn.Close()
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 2<<20)
	return fd, rest, unix.SetNonblock(fd, true)
}
