package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// The floors of sending: the least that handing one camera's pictures to n readers costs. The camera is read at once;
// nobody is asked who he is, nobody can join or leave, nothing is kept for whoever comes later or has lost something.

// runFan serves the readers of one camera and returns only when something goes wrong. kind: tcp, one write per frame and reader;
// udp, each packet encrypted and sent; gso, the same with one call per frame where the packets' sizes allow it; http,
// net/http with the same bytes in parts of 200 ms, and list bytes of a playlist before each.
func runFan(args []string) error {
	addr, kind := args[0], args[1]
	n, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	list, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	var send func(run []byte, packets [][]byte) error
	switch kind {
	case "tcp":
		send, err = fanTCP(n)
	case "udp", "gso":
		send, err = fanUDP(n, kind == "gso")
	case "http":
		send, err = fanHTTP(list)
	default:
		err = fmt.Errorf("no floor is called %q", kind)
	}
	if err != nil {
		return err
	}
	fd, carry, err := floorDial(addr, fmt.Sprintf("rtsp://%s/cam0000/main", addr))
	if err != nil {
		return err
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		return err
	}
	buf := make([]byte, 1<<20)
	fill := copy(buf, carry)
	for {
		got, err := unix.Read(fd, buf[fill:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || got == 0 {
			return fmt.Errorf("the camera is gone: %v", err)
		}
		fill += got
		used, begin := 0, 0
		var packets [][]byte
		for at := 0; fill-at >= 4; {
			size := 4 + int(binary.BigEndian.Uint16(buf[at+2:]))
			if fill-at < size {
				break
			}
			packet := buf[at+4 : at+size]
			at += size
			packets = append(packets, packet)
			if buf[at-size+1] == 0 && packet[1]&0x80 != 0 { // the marker: a picture ends
				if err := send(buf[begin:at], packets); err != nil {
					return err
				}
				packets, begin, used = packets[:0], at, at
			}
		}
		fill = copy(buf, buf[used:fill])
	}
}

func fanTCP(n int) (func([]byte, [][]byte) error, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	fmt.Println("at", l.Addr())
	fds := make([]int, n)
	for i := range fds {
		conn, err := l.Accept()
		if err != nil {
			return nil, err
		}
		file, err := conn.(*net.TCPConn).File() // a blocking socket outside Go's poller
		if err != nil {
			return nil, err
		}
		if fds[i], err = unix.Dup(int(file.Fd())); err != nil {
			return nil, err
		}
		file.Close()
		conn.Close()
	}
	return func(run []byte, _ [][]byte) error {
		for _, fd := range fds {
			for rest := run; len(rest) > 0; {
				k, err := unix.Write(fd, rest)
				if err != nil {
					return err
				}
				rest = rest[k:]
			}
		}
		return nil
	}, nil
}

func fanUDP(n int, offload bool) (func([]byte, [][]byte) error, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		return nil, err
	}
	fmt.Println("at", conn.LocalAddr())
	to := make([]unix.Sockaddr, n)
	for i := range to {
		_, from, err := conn.ReadFromUDPAddrPort(make([]byte, 16)) // each reader says where it is
		if err != nil {
			return nil, err
		}
		to[i] = &unix.SockaddrInet4{Port: int(from.Port()), Addr: from.Addr().Unmap().As4()}
	}
	file, err := conn.File()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	fd, err := unix.Dup(int(file.Fd()))
	if err != nil {
		return nil, err
	}
	seals := make([]cipher.AEAD, n)
	for i := range seals {
		block, err := aes.NewCipher(bytes.Repeat([]byte{byte(i)}, 16))
		if err != nil {
			return nil, err
		}
		if seals[i], err = cipher.NewGCM(block); err != nil {
			return nil, err
		}
	}
	nonce := make([]byte, 12)
	out := make([]byte, 0, 1<<20)
	return func(_ []byte, packets [][]byte) error {
		binary.BigEndian.PutUint64(nonce, binary.BigEndian.Uint64(nonce)+1)
		for i, seal := range seals {
			out = out[:0]
			from, size := 0, 0 // what of out waits for one call, in packets of this size
			flush := func() error {
				if len(out) == from {
					return nil
				}
				var oob []byte
				if len(out)-from > size {
					oob = segmented(size)
				}
				err := unix.Sendmsg(fd, out[from:], oob, to[i], 0)
				from, size = len(out), 0
				return err
			}
			for k, p := range packets {
				length := len(p) + seal.Overhead()
				if size != 0 && (!offload || length > size || len(out)-from+length > 60_000) {
					if err := flush(); err != nil {
						return err
					}
				}
				binary.BigEndian.PutUint32(nonce[8:], uint32(k))
				out = seal.Seal(append(out, p[:12]...), nonce, p[12:], p[:12])
				if size == 0 {
					size = length
				} else if length < size { // a shorter one ends a call
					if err := flush(); err != nil {
						return err
					}
				}
			}
			if err := flush(); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// segmented asks the system to cut one call into datagrams of a size.
func segmented(size int) []byte {
	oob := make([]byte, unix.CmsgSpace(2))
	h := (*unix.Cmsghdr)(cmsgAt(oob))
	h.Level, h.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	h.SetLen(unix.CmsgLen(2))
	binary.NativeEndian.PutUint16(oob[unix.CmsgLen(0):], uint16(size))
	return oob
}

// fanHTTP answers /list?n=K when part K is there, and /part?n=K with the newest part.
func fanHTTP(list int) (func([]byte, [][]byte) error, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var (
		mu   sync.Mutex
		came = sync.NewCond(&mu)
		at   int
		part []byte
		next []byte
		due  = time.Now()
	)
	playlist := bytes.Repeat([]byte{'#'}, list)
	mux := http.NewServeMux()
	mux.HandleFunc("/list", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.FormValue("n"))
		mu.Lock()
		for at < n {
			came.Wait()
		}
		number := at
		mu.Unlock()
		w.Header().Set("Content-Type", "application/vnd.apple.mpegurl")
		w.Header().Set("Part", strconv.Itoa(number))
		_, _ = w.Write(playlist)
	})
	mux.HandleFunc("/part", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		body := part
		mu.Unlock()
		w.Header().Set("Content-Type", "video/mp4")
		_, _ = w.Write(body)
	})
	go func() { fmt.Fprintln(os.Stderr, "floor:", http.Serve(l, mux)) }()
	fmt.Println("at", l.Addr())
	return func(_ []byte, packets [][]byte) error {
		for _, p := range packets {
			next = append(next, p[12:]...)
		}
		if now := time.Now(); now.Sub(due) >= 200*time.Millisecond {
			due = now
			mu.Lock()
			at++
			part, next = next, nil
			mu.Unlock()
			came.Broadcast()
		}
		return nil
	}, nil
}
