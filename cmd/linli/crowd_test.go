package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	pion "github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"linli.dev/linli/protocol/rtsp"
)

// promises is what linli has said, to whomever: each answer is a promise that outlives the process.
type promises struct {
	mu     sync.Mutex
	looks  map[string]string    // id → kind
	holds  map[string]string    // id → camera
	events map[int64]string     // seq → kind
	spans  map[string][]span    // camera/stream → what the newest answer listed
	pieces map[piece][32]byte   // bytes that were read back
	purges map[string]purgeSaid // by moment, camera and stream
}

type piece struct {
	segment      string
	offset, size int64
}

type purgeSaid struct {
	At       time.Time
	Camera   string
	Stream   string
	Segments int
	Root     string
}

func (p purgeSaid) key() string { return fmt.Sprint(p.At.UnixMicro(), p.Camera, p.Stream) }

func noPromises() *promises {
	return &promises{
		looks: map[string]string{}, holds: map[string]string{}, events: map[int64]string{}, spans: map[string][]span{},
		pieces: map[piece][32]byte{}, purges: map[string]purgeSaid{},
	}
}

// crowd is a house full of people: they watch, look back, take clips, mark moments, and follow the journal, until the server goes.
type crowd struct {
	h    *house
	said *promises
	from time.Time // of the footage that is looked back at
	stop context.CancelFunc
	wg   sync.WaitGroup
	got  map[string]*atomic.Int64
}

func (h *house) crowd(said *promises) *crowd {
	ctx, stop := context.WithCancel(context.Background())
	c := &crowd{h: h, said: said, from: time.Now(), stop: stop, got: map[string]*atomic.Int64{}}
	for name, f := range map[string]func(context.Context, *atomic.Int64) error{
		"events": c.follow, "hls": c.hls, "rtsp": c.rtsp, "whep": c.whep, "playback": c.playBack, "export": c.export, "holds": c.markMoments, "recordings": c.list,
	} {
		n := &atomic.Int64{}
		c.got[name] = n
		c.wg.Go(func() {
			for ctx.Err() == nil {
				_ = f(ctx, n) // the server may go at any moment
				select {
				case <-ctx.Done():
				case <-time.After(100 * time.Millisecond):
				}
			}
		})
	}
	return c
}

// leave ends the crowd, whose server is gone already or about to go.
func (c *crowd) leave() {
	c.stop()
	c.wg.Wait()
	c.h.operator.CloseIdleConnections()
	c.h.guard.CloseIdleConnections()
}

// busy says whether everybody has got something.
func (c *crowd) busy() bool {
	for _, n := range c.got {
		if n.Load() == 0 {
			return false
		}
	}
	return true
}

func (c *crowd) String() string {
	var parts []string
	for _, name := range []string{"hls", "rtsp", "whep", "playback", "export", "events", "holds", "recordings"} {
		parts = append(parts, fmt.Sprintf("%s %d", name, c.got[name].Load()))
	}
	return strings.Join(parts, ", ")
}

func (c *crowd) look(camera, kind string, from, to time.Time) (lease, error) {
	l, err := c.h.look(camera, kind, "main", from, to)
	if err == nil {
		c.said.mu.Lock()
		c.said.looks[l.Look] = kind
		c.said.mu.Unlock()
	}
	return l, err
}

// hls follows a low-latency playlist part by part, over a connection that the server takes over.
func (c *crowd) hls(ctx context.Context, n *atomic.Int64) error {
	l, err := c.look(c.h.cameras[0], "live", time.Time{}, time.Time{})
	if err != nil {
		return err
	}
	list, err := c.h.fetch(ctx, l.URLs["hls"])
	for err == nil {
		hint := regexp.MustCompile(`PRELOAD-HINT:TYPE=PART,URI="live/(\d+)\.(\d+)\.mp4"`).FindSubmatch(list)
		if hint == nil {
			return fmt.Errorf("no hint: %s", list)
		}
		if _, err = c.h.fetch(ctx, fmt.Sprintf("/media/%s/live/%s.%s.mp4", l.Lease, hint[1], hint[2])); err == nil {
			n.Add(1)
			list, err = c.h.fetch(ctx, fmt.Sprintf("%s?_HLS_msn=%s&_HLS_part=%s", l.URLs["hls"], hint[1], hint[2]))
		}
	}
	return err
}

// player counts packets.
type player struct {
	n      *atomic.Int64
	closed chan error
}

func (p player) Packet(int, int64, []byte)               { p.n.Add(1) }
func (p player) SenderReport(int, uint64, uint32, int64) {}
func (p player) Batch()                                  {}
func (p player) Closed(err error)                        { p.closed <- err }

// rtsp is a desktop player, kept by the page of a signed-in person.
func (c *crowd) rtsp(ctx context.Context, n *atomic.Int64) error {
	l, err := c.look(c.h.cameras[1], "rtsp", time.Time{}, time.Time{})
	if err != nil {
		return err
	}
	loop, err := rtsp.NewLoop(rtsp.LoopOptions{Threads: 1})
	if err != nil {
		return err
	}
	defer loop.Close()
	s, err := rtsp.Dial(ctx, rtsp.Options{URL: l.URLs["rtsp"], Transport: "tcp", Timeout: 5 * time.Second})
	if err != nil {
		return err
	}
	defer s.Close()
	p := player{n, make(chan error, 1)}
	if err := s.Play(ctx, []int{0}, loop, p); err != nil {
		return err
	}
	for {
		select {
		case err := <-p.closed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(4 * time.Second):
			_ = c.h.try(c.h.guard, "POST", "/api/looks/"+l.Lease+"/beat", nil, nil)
		}
	}
}

// whep is a browser's WebRTC, by Pion.
func (c *crowd) whep(ctx context.Context, n *atomic.Int64) error {
	l, err := c.look(c.h.cameras[2], "live", time.Time{}, time.Time{})
	if err != nil {
		return err
	}
	return watchOverWebRTC(ctx, c.h, l, func(*pion.Packet) { n.Add(1) })
}

// watchOverWebRTC hands each packet of the picture to f until ctx or the connection ends.
func watchOverWebRTC(ctx context.Context, h *house, l lease, f func(*pion.Packet)) error {
	se := webrtc.SettingEngine{}
	se.SetIncludeLoopbackCandidate(true)
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	me := &webrtc.MediaEngine{}
	if err := me.RegisterDefaultCodecs(); err != nil {
		return err
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(se), webrtc.WithMediaEngine(me)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return err
	}
	defer pc.GracefulClose() //nolint:errcheck // its server is gone
	over := make(chan error, 4)
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateDisconnected {
			over <- fmt.Errorf("connection %s", s)
		}
	})
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			f(p)
		}
	})
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		return err
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, "POST", h.url+l.URLs["whep"], strings.NewReader(offer.SDP))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/sdp")
	resp, err := h.guard.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("whep: %s %w", resp.Status, err)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer)}); err != nil {
		return err
	}
	select {
	case err := <-over:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// playBack looks at the newest footage, fragment by fragment, and keeps what it was given.
func (c *crowd) playBack(ctx context.Context, n *atomic.Int64) error {
	camera := c.h.cameras[int(n.Load())%len(c.h.cameras)]
	to := time.Now()
	l, err := c.look(camera, "playback", to.Add(-8*time.Second), to)
	if err != nil {
		return err
	}
	raw, err := c.h.fetch(ctx, l.URLs["fragments"])
	if err != nil {
		return err
	}
	var index struct {
		Runs []struct {
			Fragments []struct {
				Segment      string
				Offset, Size int64
			}
		}
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		return err
	}
	for _, r := range index.Runs {
		for _, f := range r.Fragments {
			at := piece{f.Segment, f.Offset, f.Size}
			b, err := c.h.fetch(ctx, "/media/"+l.Lease+"/segments/"+f.Segment+".mp4", "Range", fmt.Sprintf("bytes=%d-%d", f.Offset, f.Offset+f.Size-1))
			if err != nil {
				return err
			}
			sum := sha256.Sum256(b)
			c.said.mu.Lock()
			if before, ok := c.said.pieces[at]; ok && before != sum {
				c.h.t.Errorf("%+v was read twice, and differs", at)
			}
			c.said.pieces[at] = sum
			c.said.mu.Unlock()
			n.Add(1)
		}
	}
	// The look stays open, as a page does that stands still.
	select {
	case <-ctx.Done():
	case <-time.After(700 * time.Millisecond):
	}
	return nil
}

// export takes a clip, over and over.
func (c *crowd) export(ctx context.Context, n *atomic.Int64) error {
	to := time.Now()
	l, err := c.look(c.h.cameras[0], "export", to.Add(-5*time.Second), to)
	if err != nil {
		return err
	}
	b, err := c.h.fetch(ctx, l.URLs["export"])
	if err != nil {
		return err
	}
	if !bytes.Contains(b[:min(len(b), 64)], []byte("ftyp")) {
		c.h.t.Errorf("an export of %d bytes that is no film", len(b))
	}
	n.Add(1)
	return nil
}

func (c *crowd) markMoments(_ context.Context, n *atomic.Int64) error {
	camera := c.h.cameras[0]
	var out struct{ ID string }
	if err := c.h.try(c.h.guard, "POST", "/api/holds", map[string]any{"camera": camera, "at": time.Now()}, &out); err != nil {
		return err
	}
	c.said.mu.Lock()
	c.said.holds[out.ID] = camera
	c.said.mu.Unlock()
	n.Add(1)
	return nil
}

// list asks what footage there is, and what was deleted.
func (c *crowd) list(_ context.Context, n *atomic.Int64) error {
	for _, camera := range c.h.cameras {
		spans, err := c.h.spans(camera, "main", c.from.Add(-time.Hour))
		if err != nil {
			return err
		}
		c.said.mu.Lock()
		c.said.spans[camera+"/main"] = spans
		c.said.mu.Unlock()
		if len(spans) > 0 {
			n.Add(1)
		}
	}
	var out struct{ Purges []purgeSaid }
	if err := c.h.try(c.h.operator, "GET", "/api/purges", nil, &out); err != nil {
		return err
	}
	c.said.mu.Lock()
	defer c.said.mu.Unlock()
	for _, p := range out.Purges {
		c.said.purges[p.key()] = p
	}
	return nil
}

// follow reads the journal as it grows.
func (c *crowd) follow(ctx context.Context, n *atomic.Int64) error {
	req, err := http.NewRequestWithContext(ctx, "GET", c.h.url+"/api/events?after=0", nil)
	if err != nil {
		return err
	}
	whole := *c.h.operator
	whole.Timeout = 0
	resp, err := whole.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		text, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var e struct {
			Seq  int64
			Kind string
		}
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			return err
		}
		c.said.mu.Lock()
		if before, ok := c.said.events[e.Seq]; ok && before != e.Kind {
			c.h.t.Errorf("event %d was %s and is %s", e.Seq, before, e.Kind)
		}
		c.said.events[e.Seq] = e.Kind
		c.said.mu.Unlock()
		n.Add(1)
	}
	return lines.Err()
}

// purgesSeen counts the events of deletions.
func (p *promises) purgesSeen() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, kind := range p.events {
		if kind == "footage.purged" {
			n++
		}
	}
	return n
}
