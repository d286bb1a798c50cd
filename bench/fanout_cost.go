package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

func cmsgAt(b []byte) unsafe.Pointer { return unsafe.Pointer(&b[0]) }

// fanCost measures a floor of sending, in milliseconds of CPU per reader and second. list: how long the playlists are, for http.
func fanCost(ctx context.Context, o options, kind string, n, list int) (float64, error) {
	clip, err := makeClip(ctx, o.clips, "h264", 1920, 1080, "2M")
	if err != nil {
		return 0, err
	}
	sim, err := startSimulator(ctx, o.bin, clip, 1, "frame")
	defer sim.stop()
	if err != nil {
		return 0, err
	}
	cmd, at, err := startFan(ctx, sim.addr, kind, strconv.Itoa(n), strconv.Itoa(list))
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var got atomic.Int64
	var readers sync.WaitGroup
	defer func() { // the floor first: it takes a reader that goes for a fault
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		cancel()
		readers.Wait()
	}()
	for range n {
		switch kind {
		case "http":
			readers.Go(func() { followFan(ctx, at, &got) })
		default:
			fd, err := fanReader(kind, at)
			if err != nil {
				return 0, err
			}
			readers.Go(func() { drain(ctx, fd, &got) })
		}
	}
	if err := pause(ctx, warmUp); err != nil {
		return 0, err
	}
	begin := got.Load()
	a, err := measure(cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	if err := pause(ctx, o.span); err != nil {
		return 0, err
	}
	b, err := measure(cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	cpu, wall := spent(a, b)
	return float64(cpu.Microseconds()) / 1e3 / wall.Seconds() / float64(n), enough(got.Load()-begin, wall, n)
}

// fanReader is a socket that takes what the floor sends, outside Go's poller.
func fanReader(kind, at string) (int, error) {
	network := "tcp"
	if kind != "tcp" {
		network = "udp"
	}
	conn, err := net.Dial(network, at)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if network == "udp" {
		if _, err := conn.Write([]byte("here")); err != nil {
			return 0, err
		}
	}
	file, err := conn.(interface{ File() (*os.File, error) }).File()
	if err != nil {
		return 0, err
	}
	defer file.Close()
	fd, err := unix.Dup(int(file.Fd()))
	if err != nil {
		return 0, err
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 2<<20)
	return fd, unix.SetNonblock(fd, true)
}

// followFan asks for the playlist that names the next part, then for the part.
func followFan(ctx context.Context, at string, got *atomic.Int64) {
	client := readerClient(nil)
	get := func(u string) (n int64, part int, err error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
		if err != nil {
			return 0, 0, err
		}
		resp, err := client.Do(req)
		if err != nil {
			return 0, 0, err
		}
		defer resp.Body.Close()
		n, err = io.Copy(io.Discard, resp.Body)
		part, _ = strconv.Atoi(resp.Header.Get("Part"))
		return n, part, err
	}
	for next := 1; ctx.Err() == nil; {
		_, part, err := get(fmt.Sprintf("http://%s/list?n=%d", at, next))
		if err != nil {
			return
		}
		n, _, err := get(fmt.Sprintf("http://%s/part?n=%d", at, part))
		if err != nil {
			return
		}
		got.Add(n)
		next = part + 1
	}
}
