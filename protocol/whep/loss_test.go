package whep

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
)

// lossy passes datagrams between a viewer and the port, and loses every n-th that carries media.
func lossy(t *testing.T, to int, n int) (port int, lost func() int) {
	t.Helper()
	front, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	back, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: to})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var viewer netip.AddrPort
	seen, gone := 0, 0
	var all sync.WaitGroup
	all.Go(func() {
		b := make([]byte, 2048)
		for {
			k, from, err := front.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			mu.Lock()
			viewer = from
			mu.Unlock()
			_, _ = back.Write(b[:k])
		}
	})
	all.Go(func() {
		b := make([]byte, 2048)
		for {
			k, err := back.Read(b)
			if err != nil {
				return
			}
			mu.Lock()
			drop := false
			if k > 300 && b[0]>>6 == 2 {
				if seen++; seen%n == 0 {
					drop = true
					gone++
				}
			}
			to := viewer
			mu.Unlock()
			if !drop {
				_, _ = front.WriteToUDPAddrPort(b[:k], to)
			}
		}
	})
	t.Cleanup(func() { front.Close(); back.Close(); all.Wait() })
	return front.LocalAddr().(*net.UDPAddr).Port, func() int { mu.Lock(); defer mu.Unlock(); return gone }
}

func TestWhatALossyNetworkSwallowsComesAgain(t *testing.T) {
	p, err := Listen(Options{Listen: "127.0.0.1:0", NoTCP: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	relay, lost := lossy(t, p.Number(), 12)
	f := NewFeed(FeedOptions{Video: "H264"})
	defer f.Close()
	v := watchBy(t, p, f, Content{Video: "H264"}, func(se *webrtc.SettingEngine) {
		se.SetSRTPReplayProtectionWindow(1024) // its 64 packets are fewer than this test sends between two NACKs
	}, func(answer string) string {
		return strings.ReplaceAll(answer, fmt.Sprintf("127.0.0.1 %d typ", p.Number()), fmt.Sprintf("127.0.0.1 %d typ", relay))
	})
	waitFor(t, "join", func() bool { return f.Viewers() == 1 })
	const pictures = 60
	for i := range pictures {
		f.Video(avcc(picture(i, i == 0, 9000)), int64(i)*3600, i == 0, time.Now())
		time.Sleep(10 * time.Millisecond)
	}
	sent := f.Stats().Packets - f.Stats().Resent
	got := map[uint16]bool{}
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end) && len(got) < int(sent); {
		select {
		case pkt := <-v.rtp:
			got[pkt.SequenceNumber] = true
		case <-time.After(100 * time.Millisecond):
		}
	}
	// The very last ones cannot be missed by a viewer that sees nothing behind them.
	if len(got) < int(sent)-3 || lost() < 20 {
		t.Errorf("%d of %d packets arrived, %d were lost, %d sent again", len(got), sent, lost(), f.Stats().Resent)
	}
	if v.pc.ConnectionState() != webrtc.PeerConnectionStateConnected {
		t.Error("the connection went")
	}
}
