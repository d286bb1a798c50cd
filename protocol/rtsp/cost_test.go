package rtsp

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The benchmarks of this file measure CPU milliseconds of this process per camera-second or reader-second; the other side of
// the connections runs in a process of its own, so that its cost is told apart:
//
//	go test -run '^$' -bench Cost -benchtime 1x ./protocol/rtsp

// The stream of the issue: 1080p, 25 frames a second, 2 Mbit/s, a key frame every two seconds.
const (
	costRate = 25
	costGOP  = 50
)

func costUnit(i int) []byte {
	if i%costGOP == 0 {
		return unitBytes(i, 50000, true)
	}
	return unitBytes(i, 9180, false)
}

func TestMain(m *testing.M) {
	switch role := os.Getenv("LINLI_COST_ROLE"); role {
	case "":
		os.Exit(m.Run())
	case "cameras":
		costCameras()
	case "readers":
		costReaders()
	}
}

// other starts the other side and returns its first line, and a stop that tells its CPU time from start to stop.
func other(b *testing.B, role string, args ...string) (line string, cpu func() time.Duration) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LINLI_COST_ROLE="+role, "LINLI_COST_ARGS="+strings.Join(args, ","))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); cmd.Wait() })
	r := bufio.NewReader(out)
	line, _ = r.ReadString('\n')
	return strings.TrimSpace(line), func() time.Duration {
		fmt.Fprintln(in, "cpu")
		s, _ := r.ReadString('\n')
		n, _ := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
		return time.Duration(n)
	}
}

// untilEOF answers "cpu" lines with what this process has used.
func untilEOF() {
	sc := bufio.NewScanner(os.Stdin)
	for sc.Scan() {
		fmt.Println(int64(cpuTime()))
	}
	os.Exit(0)
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// costCamera is one of many: same frames, own numbers.
type costFarm struct {
	d    *Description
	outs chan *Out
}

func (f *costFarm) Describe(*Request) (*Description, error) { return f.d, nil }
func (f *costFarm) Credentials(*Request) []Credential       { return nil }
func (f *costFarm) Play(_ *Request, o *Out) error           { f.outs <- o; return nil }
func (f *costFarm) Closed(*Out, error)                      {}

// costCameras serves any number of cameras, staggered, writing once per frame or once per packet.
func costCameras() {
	perPacket := os.Getenv("LINLI_COST_ARGS") == "packet"
	loop, _ := NewLoop(LoopOptions{Threads: 1})
	f := &costFarm{d: &Description{Medias: videoAndSound().Medias[:1]}, outs: make(chan *Out, 4096)}
	srv := &Server{Handler: f, Loop: loop, SendBuffer: 64 << 10, Queue: 64 << 10}
	ln, _ := net.Listen("tcp", "127.0.0.1:0")
	go srv.Serve(context.Background(), ln)
	fmt.Println(ln.Addr())
	frames := make([][]byte, costGOP)
	g := NewGroup(f.d.Medias, 0)
	for i := range frames {
		g.WriteUnit(0, uint32(i*3600), 0, costUnit(i), true)
		frames[i] = append([]byte(nil), g.gop...)
	}
	go func() {
		var outs []*Out
		const slots = 40 // of a millisecond each: 40 ms
		begin := time.Now()
		for tick := 0; ; tick++ {
			if d := time.Until(begin.Add(time.Duration(tick) * time.Millisecond)); d > 0 {
				time.Sleep(d)
			}
			for more := true; more; {
				select {
				case o := <-f.outs:
					outs = append(outs, o)
				default:
					more = false
				}
			}
			for i := tick % slots; i < len(outs); i += slots {
				frame := frames[(tick/slots+i)%costGOP]
				if !perPacket {
					outs[i].WriteFrame(0, frame, true)
					continue
				}
				for len(frame) > 4 {
					n := 4 + int(frame[2])<<8 + int(frame[3])
					outs[i].WriteFrame(0, frame[:n], true)
					frame = frame[n:]
				}
			}
		}
	}()
	untilEOF()
}

type costHandler struct{ packets, bytes, batches atomic.Int64 }

func (h *costHandler) Packet(_ int, _ int64, pkt []byte) {
	h.packets.Add(1)
	h.bytes.Add(int64(len(pkt)))
}
func (h *costHandler) SenderReport(int, uint64, uint32, int64) {}
func (h *costHandler) Batch()                                  { h.batches.Add(1) }
func (h *costHandler) Closed(error)                            {}

func costSeconds() time.Duration {
	if os.Getenv("LINLI_SOAK") != "" {
		return 10 * time.Second
	}
	return 3 * time.Second
}

func BenchmarkCostPull(b *testing.B) {
	for _, c := range []struct {
		pacing  string
		lazy    time.Duration
		cameras int
	}{
		{"frame", 500 * time.Millisecond, 100},
		{"packet", 500 * time.Millisecond, 100},
		{"frame", 0, 100},
		{"packet", 0, 100},
		{"frame", 0, 50},
		{"frame", 0, 200},
		{"frame", 500 * time.Millisecond, 200},
	} {
		b.Run(fmt.Sprintf("%s/lazy=%v/%d", c.pacing, c.lazy, c.cameras), func(b *testing.B) {
			addr, otherCPU := other(b, "cameras", c.pacing)
			threads, _ := strconv.Atoi(os.Getenv("LINLI_COST_THREADS"))
			loop, err := NewLoop(LoopOptions{Threads: threads})
			if err != nil {
				b.Fatal(err)
			}
			defer loop.Close()
			h := &costHandler{}
			for i := range c.cameras {
				s, err := Dial(b.Context(), Options{URL: fmt.Sprintf("rtsp://%s/cam%04d/main", addr, i)})
				if err != nil {
					b.Fatal(err)
				}
				s.SetLazy(c.lazy)
				if err := s.Play(b.Context(), []int{0}, loop, h); err != nil {
					b.Fatal(err)
				}
			}
			time.Sleep(1500 * time.Millisecond)
			for b.Loop() {
				packets, bytes, batches := h.packets.Load(), h.bytes.Load(), h.batches.Load()
				start, cpu, theirs := time.Now(), cpuTime(), otherCPU()
				time.Sleep(costSeconds())
				cpu, theirs = cpuTime()-cpu, otherCPU()-theirs
				n := float64(c.cameras) * time.Since(start).Seconds()
				b.ReportMetric(float64(cpu.Microseconds())/1e3/n, "ms/camera-s")
				b.ReportMetric(float64(theirs.Microseconds())/1e3/n, "camera-ms/camera-s")
				b.ReportMetric(float64(h.packets.Load()-packets)/n, "packets/camera-s")
				b.ReportMetric(float64(h.bytes.Load()-bytes)*8/1e6/n, "Mbit/camera-s")
				b.ReportMetric(float64(h.batches.Load()-batches)/n, "reads/camera-s")
			}
		})
	}
}

// costReaders plays one path n times and throws everything away.
func costReaders() {
	args := strings.Split(os.Getenv("LINLI_COST_ARGS"), ",")
	n, _ := strconv.Atoi(args[1])
	loop, _ := NewLoop(LoopOptions{Threads: 1})
	h := &costHandler{}
	for range n {
		s, err := Dial(context.Background(), Options{URL: args[0], Transport: args[2], ReceiveBuffer: 1 << 20})
		if err == nil {
			err = s.Play(context.Background(), []int{0}, loop, h)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	fmt.Println("ready")
	untilEOF()
}

func BenchmarkCostReaders(b *testing.B) {
	for _, c := range []struct {
		way     string
		readers int
	}{{"tcp", 50}, {"tcp", 200}, {"tcp", 500}, {"udp", 200}} {
		b.Run(fmt.Sprintf("%s/%d", c.way, c.readers), func(b *testing.B) {
			g := openGate(b, func(g *gate) { g.srv.UDP = true; g.d.Medias = g.d.Medias[:1] })
			_, otherCPU := other(b, "readers", g.url(), strconv.Itoa(c.readers), c.way)
			stop := make(chan struct{})
			done := make(chan struct{})
			go func() {
				defer close(done)
				tick := time.NewTicker(time.Second / costRate)
				for i := 0; ; i++ {
					select {
					case <-tick.C:
						g.group.WriteUnit(0, uint32(i*3600), time.Now().UnixNano(), costUnit(i), i%costGOP == 0)
					case <-stop:
						return
					}
				}
			}()
			time.Sleep(2500 * time.Millisecond)
			for b.Loop() {
				start, cpu, theirs := time.Now(), cpuTime(), otherCPU()
				var dropped, frames uint64
				g.srv.mu.Lock()
				for o := range g.srv.outs {
					dropped -= o.Dropped()
					frames -= o.Frames()
				}
				g.srv.mu.Unlock()
				time.Sleep(costSeconds())
				cpu, theirs = cpuTime()-cpu, otherCPU()-theirs
				g.srv.mu.Lock()
				for o := range g.srv.outs {
					dropped += o.Dropped()
					frames += o.Frames()
				}
				g.srv.mu.Unlock()
				n := float64(c.readers) * time.Since(start).Seconds()
				b.ReportMetric(float64(cpu.Microseconds())/1e3/n, "ms/reader-s")
				b.ReportMetric(float64(theirs.Microseconds())/1e3/n, "reader-ms/reader-s")
				b.ReportMetric(float64(frames)/n, "frames/reader-s")
				b.ReportMetric(float64(dropped), "dropped")
			}
			close(stop)
			<-done
		})
	}
}

type lagHandler struct {
	costHandler
	sent *atomic.Int64
	lags []time.Duration
}

func (h *lagHandler) Batch() {
	h.lags = append(h.lags, time.Duration(time.Now().UnixNano()-h.sent.Load()))
}

// From WriteUnit to the reader's Batch: two loops, one socket between them.
func BenchmarkCostLatency(b *testing.B) {
	g := openGate(b, func(g *gate) { g.d.Medias = g.d.Medias[:1] })
	loop := newLoop(b)
	s, err := Dial(b.Context(), Options{URL: g.url()})
	if err != nil {
		b.Fatal(err)
	}
	var sent atomic.Int64
	h := &lagHandler{sent: &sent}
	if err := s.Play(b.Context(), []int{0}, loop, h); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for i := range 200 {
			time.Sleep(10 * time.Millisecond)
			sent.Store(time.Now().UnixNano())
			g.group.WriteUnit(0, uint32(i*3600), 0, costUnit(i), i%costGOP == 0)
		}
		time.Sleep(20 * time.Millisecond)
		done := make(chan bool)
		loop.Do(s, func() { close(done) })
		<-done
		slices.Sort(h.lags)
		b.ReportMetric(float64(h.lags[len(h.lags)/2].Microseconds()), "µs-p50")
		b.ReportMetric(float64(h.lags[len(h.lags)*99/100].Microseconds()), "µs-p99")
		h.lags = h.lags[:0]
	}
}
