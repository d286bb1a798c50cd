package live

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// A connection behaves as it did: what does not fit waits, the end is an end, a deadline ends a wait, closing ends both.
func TestSocket(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	plain, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	near := quick(plain)
	if _, ok := near.(*socket); !ok {
		t.Fatalf("a TCP connection became a %T", near)
	}

	// More than the system's queues hold, to a reader that begins late.
	long := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	wrote := make(chan error, 1)
	go func() {
		n, err := near.Write(long)
		if err == nil && n != len(long) {
			err = io.ErrShortWrite
		}
		wrote <- err
	}()
	time.Sleep(50 * time.Millisecond)
	got := make([]byte, len(long))
	if _, err := io.ReadFull(far, got); err != nil || !bytes.Equal(got, long) {
		t.Fatalf("what came differs (%v)", err)
	}
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}

	near.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if _, err := near.Read(make([]byte, 8)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a wait past its deadline ended with %v", err)
	}
	near.SetReadDeadline(time.Time{})
	far.Write([]byte("next"))
	b := make([]byte, 8)
	if n, err := near.Read(b); err != nil || string(b[:n]) != "next" {
		t.Errorf("read %q, %v", b[:n], err)
	}

	go func() { time.Sleep(20 * time.Millisecond); near.Close() }()
	if _, err := near.Write(bytes.Repeat(long, 4)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a write on a closed connection ended with %v", err)
	}
	if _, err := near.Read(b); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a read on a closed connection ended with %v", err)
	}
}

func TestSocketEnds(t *testing.T) {
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	defer l.Close()
	far, _ := net.Dial("tcp", l.Addr().String())
	plain, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	near := quick(plain)
	defer near.Close()
	far.Close()
	if n, err := near.Read(make([]byte, 8)); n != 0 || err != io.EOF {
		t.Errorf("read %d, %v; want the end", n, err)
	}
	for range 100 {
		if _, err = near.Write(make([]byte, 1<<16)); err != nil {
			break
		}
	}
	if err == nil {
		t.Error("writes to nobody go on")
	}
}
