package rtsp

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"linli.dev/linli/protocol/rtsp/rtsptest"
)

// doorman shows the readers that play.
type doorman struct {
	*gate
	outs chan *Out
}

func (d *doorman) Play(r *Request, o *Out) error {
	d.outs <- o
	return d.gate.Play(r, o)
}

// slowReader plays the gate's pictures over a connection that takes in next to nothing.
func slowReader(t *testing.T, g *gate) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn := rtsptest.SlowLine(t, g.addr)
	line := conn
	if g.srv.TLS != nil {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	r := rtsptest.Reader(conn)
	rtsptest.Play(t, conn, r, g.url())
	return line, r
}

// A reader stops reading; megabytes wait for him in the system. However his playing ends, the system does not go on for us when he reads again.
func TestASlowReaderGetsNothingAfterHisEnd(t *testing.T) {
	for _, c := range []struct {
		how    string
		secure bool
		end    func(o *Out, line net.Conn)
	}{
		{"taken back", false, func(o *Out, _ net.Conn) { o.Cut() }},
		{"taken back, over TLS", true, func(o *Out, _ net.Conn) { o.Cut() }},
		{"the stream is over", false, func(o *Out, _ net.Conn) { o.Close() }},
		{"he hangs up", false, func(_ *Out, line net.Conn) { _ = line.(*net.TCPConn).CloseWrite() }},
	} {
		t.Run(c.how, func(t *testing.T) {
			d := &doorman{outs: make(chan *Out, 1)}
			g := openGate(t, func(g *gate) {
				d.gate, g.srv.Handler = g, d
				if c.secure {
					cert, _ := localhost(t)
					g.srv.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
				}
			})
			line, r := slowReader(t, g)
			o := <-d.outs
			for i := 0; o.Dropped() == 0 || o.Sent() < 2<<20; i++ { // until neither the system nor we hold more
				if i > 4000 {
					t.Fatal("there is room without end")
				}
				g.send(i, i+1, 20_000)
				time.Sleep(100 * time.Microsecond)
			}
			if _, err := io.CopyN(io.Discard, r, 8<<10); err != nil {
				t.Fatal(err)
			}
			took := o.Sent()
			c.end(o, line)
			select {
			case <-g.closed:
			case <-time.After(5 * time.Second):
				t.Fatal("it goes on")
			}
			left, err := io.Copy(io.Discard, r)
			if e, ok := err.(net.Error); ok && e.Timeout() {
				t.Error("the connection stays open")
			}
			if took < 1<<20 {
				t.Errorf("only %d bytes were on the way", took)
			}
			if left > 64<<10 {
				t.Errorf("%d bytes came after the end", left)
			}
			t.Logf("%d of %d bytes came after the end: %v", left, took, err)
		})
	}
}

// Who has taken in all that was sent hears the answer to his goodbye.
func TestWhoSaysTeardownIsAnswered(t *testing.T) {
	g := openGate(t, nil)
	conn, r := slowReader(t, g)
	fmt.Fprintf(conn, "TEARDOWN %s RTSP/1.0\r\nCSeq: 9\r\n\r\n", g.url())
	answer, err := io.ReadAll(r)
	if err != nil || string(answer[:min(len(answer), 15)]) != "RTSP/1.0 200 OK" {
		t.Errorf("%v %.200q", err, answer)
	}
}
