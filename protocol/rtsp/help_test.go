package rtsp

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli.dev/linli/protocol/rtp"
)

// gate is a compound's gate camera: it serves one path with frames that it counts up.
type gate struct {
	t           testing.TB
	srv         *Server
	addr        string
	group       *Group
	d           *Description
	credentials []Credential
	mu          sync.Mutex
	asked       map[string]int // requests by method
	refuse      func(r *Request) error
	now         bool
	closed      chan error
	wishes      chan int // for key frames, by media
}

func (g *gate) KeyAsked(_ *Out, media int) { g.wishes <- media }

func (g *gate) Describe(r *Request) (*Description, error) {
	g.count(r)
	if g.refuse != nil {
		if err := g.refuse(r); err != nil {
			return nil, err
		}
	}
	if r.Path != "gate/main" {
		return nil, &StatusError{Code: 404, Reason: "Not Found"}
	}
	return g.d, nil
}

func (g *gate) Credentials(r *Request) []Credential {
	if r.Header.Get("Authorization") != "" {
		g.mu.Lock()
		g.asked["with password"]++
		g.mu.Unlock()
	}
	return g.credentials
}

func (g *gate) Play(r *Request, o *Out) error {
	g.count(r)
	g.group.Add(o, g.now)
	return nil
}

func (g *gate) Closed(o *Out, err error) {
	g.group.Remove(o)
	select {
	case g.closed <- err:
	default:
	}
}

func (g *gate) count(r *Request) {
	g.mu.Lock()
	g.asked[r.Method]++
	g.mu.Unlock()
}

var (
	testSPS = []byte{0x67, 0x42, 0xc0, 0x1f, 0xda, 0x01, 0x40, 0x16, 0xe8, 0x06, 0xd0, 0xa1, 0x35}
	testPPS = []byte{0x68, 0xce, 0x06, 0xe2}
)

func videoAndSound() *Description {
	return &Description{Name: "gate", Medias: []Media{
		{Kind: "video", Codec: "H264", PayloadType: 96, ClockRate: 90000, Params: [][]byte{testSPS, testPPS}},
		{Kind: "audio", Codec: "PCMA", PayloadType: 8, ClockRate: 8000, Channels: 1},
	}}
}

func newLoop(t testing.TB) *Loop {
	t.Helper()
	l, err := NewLoop(LoopOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// openGate starts a camera; change may alter the server before it serves.
func openGate(t testing.TB, change func(g *gate)) *gate {
	t.Helper()
	g := &gate{t: t, d: videoAndSound(), asked: map[string]int{}, closed: make(chan error, 64), wishes: make(chan int, 64)}
	g.srv = &Server{Handler: g, Loop: newLoop(t)}
	if change != nil {
		change(g)
	}
	g.group = NewGroup(g.d.Medias, 0)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g.addr = ln.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := g.srv.Serve(ctx, ln); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return g
}

func (g *gate) url() string { return "rtsp://" + g.addr + "/gate/main" }

// unitBytes is a recognisable access unit: parameter sets on key frames, and a slice of n bytes that names its number.
func unitBytes(number, n int, key bool) []byte {
	var b []byte
	add := func(nal []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(nal)))
		b = append(b, nal...)
	}
	slice := make([]byte, n)
	slice[0] = 0x41
	if key {
		add(testSPS)
		add(testPPS)
		slice[0] = 0x65
	}
	for i := range 4 { // seven bits a byte: no start code may come up
		slice[1+i] = 0x80 | byte(number>>(21-7*i))
	}
	for i := 5; i < n; i++ {
		slice[i] = byte(i*7+number) | 1
	}
	add(slice)
	return b
}

// send writes frames number from..to-1, a key frame every ten.
func (g *gate) send(from, to, size int) {
	for i := from; i < to; i++ {
		g.group.WriteUnit(0, uint32(i*3600), time.Now().UnixNano(), unitBytes(i, size, i%10 == 0), i%10 == 0)
		g.group.WriteUnit(1, uint32(i*320), 0, make([]byte, 320), false)
	}
}

// eye is a viewer: a Handler that puts units together again and checks them.
type eye struct {
	t      testing.TB
	s      *Session
	depack []rtp.Depacketiser
	mu     sync.Mutex
	cond   *sync.Cond
	count  seen
	nal    []byte
	slice  []byte
	closed error
	wrong  error
}

func newEye(t testing.TB, medias []Media) *eye {
	e := &eye{t: t, count: seen{last: -1}}
	e.cond = sync.NewCond(&e.mu)
	for _, m := range medias {
		var d rtp.Depacketiser
		switch m.Codec {
		case "H264":
			d = rtp.NewH264(e)
		case "H265":
			d = rtp.NewH265(e)
		case "AAC":
			d = rtp.NewAAC(e, m.Fmtp)
		default:
			d = rtp.NewG711(e)
		}
		e.depack = append(e.depack, d)
	}
	return e
}

func (e *eye) Packet(media int, arrival int64, pkt []byte) {
	h, payload, err := rtp.Parse(pkt)
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil {
		e.wrong = err
		return
	}
	e.count.packets++
	e.depack[media].Push(h, payload)
}

func (e *eye) SenderReport(media int, ntp uint64, ts uint32, arrival int64) {
	e.mu.Lock()
	e.count.reports++
	e.mu.Unlock()
}

func (e *eye) Batch() {
	e.mu.Lock()
	e.count.batches++
	e.cond.Broadcast()
	e.mu.Unlock()
}

func (e *eye) Closed(err error) {
	e.mu.Lock()
	e.closed = err
	e.cond.Broadcast()
	e.mu.Unlock()
}

func (e *eye) NAL(part []byte, start, end bool) {
	if start {
		e.nal = e.nal[:0]
	}
	e.nal = append(e.nal, part...)
	if end && (e.nal[0]&0x1f == 1 || e.nal[0]&0x1f == 5) {
		e.slice = append(e.slice[:0], e.nal...)
	}
}

func (e *eye) EndUnit(ts uint32, damaged bool) {
	e.count.units++
	if damaged {
		e.count.damaged++
	}
	if len(e.slice) > 5 {
		if e.slice[0] == 0x65 {
			e.count.keys++
		}
		number := 0
		for _, b := range e.slice[1:5] {
			number = number<<7 | int(b&0x7f)
		}
		for i := 5; i < len(e.slice); i++ {
			if e.slice[i] != byte(i*7+number)|1 && e.wrong == nil && !damaged {
				e.wrong = fmt.Errorf("unit %d: byte %d of %d is wrong", number, i, len(e.slice))
				break
			}
		}
		if uint32(number*3600) != ts && e.wrong == nil {
			e.wrong = fmt.Errorf("unit %d has timestamp %d", number, ts)
		}
		e.count.last = number
	}
	e.slice = e.slice[:0]
}

func (e *eye) Sound(ts uint32, frame []byte) { e.count.sound++ }

// seen is what an eye has counted.
type seen struct{ units, keys, last, damaged, sound, reports, batches, packets int }

func (e *eye) seen() seen {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.count
}

// until waits for something to become true.
func (e *eye) until(what string, ok func() bool) {
	e.t.Helper()
	timer := time.AfterFunc(10*time.Second, func() {
		e.mu.Lock()
		e.wrong = errors.Join(e.wrong, errors.New("timeout"))
		e.cond.Broadcast()
		e.mu.Unlock()
	})
	defer timer.Stop()
	e.mu.Lock()
	defer e.mu.Unlock()
	for !ok() {
		if e.wrong != nil {
			e.t.Fatalf("waiting until %s: %v (units %d, last %d, damaged %d, packets %d, sound %d, closed %v)", what, e.wrong, e.count.units, e.count.last, e.count.damaged, e.count.packets, e.count.sound, e.closed)
		}
		e.cond.Wait()
	}
}

// watch dials and plays everything.
func watch(t testing.TB, o Options, loop *Loop) (*Session, *eye) {
	t.Helper()
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	s, err := Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var all []int
	for i := range s.Medias {
		all = append(all, i)
	}
	e := newEye(t, s.Medias)
	e.s = s
	if err := s.Play(t.Context(), all, loop, e); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, e
}

// stranger is a viewer of a camera whose frames we have not made: it only counts.
type stranger struct {
	depack                               []rtp.Depacketiser
	codec                                string
	units, damaged, sets, sound, reports atomic.Int64
}

func newStranger(medias []Media) *stranger {
	s := &stranger{}
	for _, m := range medias {
		switch m.Codec {
		case "H264":
			s.codec = m.Codec
			s.depack = append(s.depack, rtp.NewH264(s))
		case "H265":
			s.codec = m.Codec
			s.depack = append(s.depack, rtp.NewH265(s))
		default:
			s.depack = append(s.depack, rtp.NewG711(s))
		}
	}
	return s
}

func (s *stranger) happy() bool {
	return s.units.Load() > 20 && s.damaged.Load() == 0 && s.sets.Load() > 0 && s.sound.Load() > 5 && s.reports.Load() > 0
}

func (s *stranger) Packet(media int, _ int64, pkt []byte) {
	if h, p, err := rtp.Parse(pkt); err == nil {
		s.depack[media].Push(h, p)
	}
}
func (s *stranger) SenderReport(int, uint64, uint32, int64) { s.reports.Add(1) }
func (s *stranger) Batch()                                  {}
func (s *stranger) Closed(error)                            {}
func (s *stranger) Sound(uint32, []byte)                    { s.sound.Add(1) }
func (s *stranger) EndUnit(_ uint32, damaged bool) {
	s.units.Add(1)
	if damaged {
		s.damaged.Add(1)
	}
}

func (s *stranger) NAL(part []byte, start, _ bool) {
	if start && (s.codec == "H264" && part[0]&0x1f == 7 || s.codec == "H265" && part[0]>>1 == 33) {
		s.sets.Add(1)
	}
}
