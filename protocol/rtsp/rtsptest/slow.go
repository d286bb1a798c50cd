package rtsptest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"syscall"
	"testing"
	"time"
)

// held is how many bytes a slow line takes in that nobody has read: the system gives twice as much.
const held = 4 << 10

// SlowLine connects to address, and takes in next to nothing of what is not read. It waits for ten seconds at most, in all.
func SlowLine(t testing.TB, address string) net.Conn {
	t.Helper()
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, held) })
	}}
	conn, err := d.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	return conn
}

// Reader reads from a slow line without taking in much at once.
func Reader(conn net.Conn) *bufio.Reader { return bufio.NewReaderSize(conn, held) }

// Play has the first track of url played over conn itself (interleaved), and returns at the answer to PLAY: what r gives next is frames.
func Play(t testing.TB, conn io.Writer, r *bufio.Reader, url string) {
	t.Helper()
	session := ""
	for i, ask := range []string{
		"DESCRIBE " + url + " RTSP/1.0\r\nAccept: application/sdp\r\n",
		"SETUP " + url + "/trackID=0 RTSP/1.0\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n",
		"PLAY " + url + " RTSP/1.0\r\n",
	} {
		fmt.Fprintf(conn, "%sCSeq: %d\r\n%s\r\n", ask, i+1, session)
		text := textproto.NewReader(r)
		status, err := text.ReadLine()
		if err != nil || status != "RTSP/1.0 200 OK" {
			t.Fatalf("%s%q %v", ask, status, err)
		}
		head, err := text.ReadMIMEHeader()
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		fmt.Sscan(head.Get("Content-Length"), &n)
		if _, err := io.CopyN(io.Discard, r, int64(n)); err != nil {
			t.Fatal(err)
		}
		if id, _, _ := strings.Cut(head.Get("Session"), ";"); id != "" {
			session = "Session: " + id + "\r\n"
		}
	}
}
