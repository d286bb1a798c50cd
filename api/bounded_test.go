package api

import (
	"io"
	"net"
	"testing"
	"time"
)

func TestConnectionsAreBounded(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := make(chan struct{}, 100)
	b := bound(l.(*net.TCPListener), func() { refused <- struct{}{} })
	b.max = 3
	defer b.Close()
	inside := make(chan net.Conn, 100)
	go func() {
		for {
			c, err := b.Accept()
			if err != nil {
				return
			}
			inside <- c
		}
	}()
	dial := func() net.Conn {
		t.Helper()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	var held []net.Conn
	for range 3 {
		dial()
		held = append(held, <-inside)
	}
	// The fourth is told at once, be it while it still connects.
	if fourth, err := net.Dial("tcp", l.Addr().String()); err == nil {
		defer fourth.Close()
		_ = fourth.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := fourth.Read(make([]byte, 1)); err == nil {
			t.Error("the fourth is let in")
		} else if ne, ok := err.(net.Error); ok && ne.Timeout() {
			t.Error("the fourth is kept waiting")
		}
	}
	<-refused
	// Who leaves makes room, once.
	held[0].Close()
	held[0].Close()
	dial()
	held = append(held, <-inside)
	if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
		defer c.Close()
	}
	<-refused
	for _, c := range held {
		c.Close()
	}
	if b.all != 0 || len(b.byAddress) != 0 {
		t.Errorf("%d left, %v", b.all, b.byAddress)
	}
	if _, ok := held[1].(io.ReaderFrom); !ok {
		t.Error("no sendfile")
	}
}

func TestOneAddressDoesNotTakeAll(t *testing.T) {
	b := &bounded{max: 100, perAddress: 2, byAddress: map[string]int{}}
	from := func(ip string) bool { return b.take(network(&net.TCPAddr{IP: net.ParseIP(ip), Port: 1})) }
	for _, c := range []struct {
		ip string
		in bool
	}{
		{"192.0.2.1", true},
		{"192.0.2.1", true},
		{"192.0.2.1", false},
		{"192.0.2.2", true},
		{"2001:db8::1", true},
		{"2001:db8::2", true},
		{"2001:db8::3", false},
		{"2001:db8:0:1::1", true},
		{"127.0.0.1", true},
		{"127.0.0.1", true},
		{"127.0.0.1", true},
		{"::1", true},
	} {
		if got := from(c.ip); got != c.in {
			t.Errorf("%s: %v", c.ip, got)
		}
	}
}
