package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

func absolute(base, u string) string {
	if strings.Contains(u, "://") {
		return u
	}
	return base + u
}

// viewer is one WHEP session of a browser-like peer: it decrypts and throws away.
type viewer struct{ pc *webrtc.PeerConnection }

func openViewer(ctx context.Context, client *http.Client, url string, got *atomic.Int64, packet func([]byte)) (*viewer, error) {
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	api := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(settings), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		return nil, err
	}
	pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		buf := make([]byte, 2048)
		for {
			n, _, err := t.Read(buf)
			if err != nil {
				return
			}
			got.Add(int64(n))
			if packet != nil {
				packet(buf[:n])
			}
		}
	})
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return nil, err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		return nil, err
	}
	select {
	case <-gathered:
	case <-time.After(5 * time.Second):
		return nil, fmt.Errorf("no candidates in 5 s")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader([]byte(pc.LocalDescription().SDP)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/sdp")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusCreated {
		return nil, fmt.Errorf("WHEP: %s: %s", resp.Status, answer)
	}
	err = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer)})
	return &viewer{pc: pc}, err
}

func benchViewers(ctx context.Context, o options) ([]row, error) {
	const n = 50
	plain, err := fanCost(ctx, o, "udp", n, 0)
	if err != nil {
		return nil, err
	}
	floor, err := fanCost(ctx, o, "gso", n, 0)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, pacing := range []string{"frame", "packet"} {
		c, grown, err := viewersCost(ctx, o, n, pacing)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("one camera to %d WHEP viewers", n)
		if pacing == "packet" {
			name += ", per packet" // the floors are the same: they send each frame at once
		}
		rows = append(rows, row{
			job: name, unit: "ms CPU per viewer-second", value: c.server / n, floor: floor, goal: 1.4, moonshot: 0.9, dropped: c.dropped,
			note: fmt.Sprintf("%s; floor with a call per packet %.2f", fanNote(c), plain),
		})
		if pacing == "frame" {
			rows = append(rows, row{
				job: "resident memory per WHEP viewer", unit: "MB", value: float64(grown) / 1e6 / n, goal: 0.6, moonshot: 0.3,
				note: fmt.Sprintf("growth of the whole process with %d viewers", n),
			})
		}
	}
	return rows, nil
}

// viewersCost is what n viewers of one camera cost, and by how much the process grows with them.
func viewersCost(ctx context.Context, o options, n int, pacing string) (c cost, grown int64, err error) {
	s, err := set(ctx, o, standOptions{cameras: 1, pacing: pacing})
	if err != nil {
		return c, 0, err
	}
	defer s.stop()
	if err := pause(ctx, 25*time.Second); err != nil { // what the start and the sign-ins took is given back
		return c, 0, err
	}
	empty, err := measure(s.server.cmd.Process.Pid)
	if err != nil {
		return c, 0, err
	}
	var got atomic.Int64
	var leases []string
	for range n {
		lease, u, err := s.server.look(0, "live", "main")
		if err != nil {
			return c, 0, err
		}
		leases = append(leases, lease)
		v, err := openViewer(ctx, s.server.guard, absolute(s.server.url, u["whep"]), &got, nil)
		if err != nil {
			return c, 0, err
		}
		defer v.pc.Close()
	}
	kept, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.server.keep(kept, leases)
	begin, t0 := got.Load(), time.Now()
	if c, err = s.measure(ctx, o); err != nil {
		return c, 0, err
	}
	return c, c.rss - empty.rss, enough(got.Load()-begin, time.Since(t0), n)
}
