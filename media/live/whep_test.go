package live

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// browser is a WebRTC viewer that counts what it gets.
type browser struct {
	pc    *webrtc.PeerConnection
	video chan *rtp.Packet
	sound chan *rtp.Packet
}

func openBrowser(t testing.TB, sound bool, set ...func(*webrtc.SettingEngine)) (*browser, string) {
	t.Helper()
	se := webrtc.SettingEngine{}
	for _, f := range set {
		if f != nil {
			f(&se)
		}
	}
	se.SetIncludeLoopbackCandidate(true)
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	me := &webrtc.MediaEngine{}
	if err := me.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(se), webrtc.WithMediaEngine(me)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.GracefulClose() })
	b := &browser{pc: pc, video: make(chan *rtp.Packet, 1<<14), sound: make(chan *rtp.Packet, 1<<14)}
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		out := b.video
		if track.Kind() == webrtc.RTPCodecTypeAudio {
			out = b.sound
		}
		for {
			p, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			out <- p
		}
	})
	kinds := []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo}
	if sound {
		kinds = append(kinds, webrtc.RTPCodecTypeAudio)
	}
	for _, k := range kinds {
		if _, err := pc.AddTransceiverFromKind(k, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			t.Fatal(err)
		}
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	return b, offer.SDP
}

// watch opens a WHEP session over HTTP.
func (c *compound) watch(l *grant.Lease, sound bool) (*browser, *http.Response) {
	c.t.Helper()
	b, offer := openBrowser(c.t, sound)
	resp, answer := c.do("POST", "/media/"+l.ID+"/whep", "application/sdp", offer)
	if resp.StatusCode != http.StatusCreated {
		c.t.Fatalf("%s\n%s", resp.Status, answer)
	}
	if err := b.answered(answer); err != nil {
		c.t.Fatal(err)
	}
	return b, resp
}

func (b *browser) answered(sdp string) error {
	return b.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp})
}

func (b *browser) frame(t testing.TB) (last *rtp.Packet) {
	t.Helper()
	for {
		select {
		case p := <-b.video:
			if p.Marker {
				return p
			}
		case <-time.After(10 * time.Second):
			t.Fatal("no picture came")
		}
	}
}

func TestZhaoWatchesTheGate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := buildOn(t, db)
		cam := start(t, gateClip(t))
		c.put("gate", cam)
		l := c.look(grant.Live)
		time.Sleep(300 * time.Millisecond) // some pictures are cached
		begun := time.Now()
		b, resp := c.watch(l, false)
		b.frame(t)
		t.Logf("first picture after %v", time.Since(begun).Round(time.Millisecond))
		if resp.Header.Get("ETag") == "" || resp.Header.Get("Content-Type") != "application/sdp" || !strings.HasPrefix(resp.Header.Get("Location"), "/media/"+l.ID+"/whep/") {
			t.Errorf("headers: %v", resp.Header)
		}
		for range 20 {
			b.frame(t)
		}
		// The camera reboots: the picture goes on, and so does its time.
		before := b.frame(t)
		cam.reboot()
		waitFor(t, "the new run", func() bool {
			p := b.frame(t)
			return p.Timestamp-before.Timestamp < 90000*3 && p.Timestamp > before.Timestamp
		})

		resource := resp.Header.Get("Location")
		for _, p := range []struct {
			name, kind, match, body string
			status                  int
		}{
			{"no media type", "text/plain", "*", "", 422},
			{"rubbish", "application/trickle-ice-sdpfrag", "*", "hello", 422},
			{"no If-Match", "application/trickle-ice-sdpfrag", "", "a=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\n", 428},
			{"old ETag", "application/trickle-ice-sdpfrag", `"old"`, "a=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\n", 412},
			{"a candidate", "application/trickle-ice-sdpfrag", resp.Header.Get("ETag"), "a=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\n", 204},
			{"a restart", "application/trickle-ice-sdpfrag", "*", "a=ice-ufrag:anew\r\na=ice-pwd:0123456789012345678901\r\n", 200},
		} {
			got, body := c.do("PATCH", resource, p.kind, p.body, "If-Match", p.match)
			if got.StatusCode != p.status {
				t.Errorf("PATCH %s: %s, want %d\n%s", p.name, got.Status, p.status, body)
			}
			if p.status >= 400 {
				c.sentence(got, body)
			}
			if p.status == 200 && (got.Header.Get("ETag") == resp.Header.Get("ETag") || !strings.Contains(body, "a=ice-ufrag:")) {
				t.Errorf("PATCH %s: %v\n%s", p.name, got.Header, body)
			}
		}
		if got, _ := c.do("DELETE", resource, "", ""); got.StatusCode != 200 {
			t.Errorf("DELETE: %s", got.Status)
		}
		got, body := c.do("DELETE", resource, "", "")
		c.problem(got, body, 404, "live.no-session")
		waitFor(t, "the sender lets go", func() bool { return c.viewers() == 0 })
	})
}

func (c *compound) viewers() int {
	n := 0
	c.room.pictures.each(func(_ stream.ID, p *pictures) { n += p.feed.Viewers() })
	return n
}

func TestSoundOnlyWhereItHasAPurpose(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := buildOn(t, db)
		c.put("gate", start(t, gateClip(t), cmaf.Track{ID: 2, Codec: cmaf.PCMA, Timescale: 8000, SampleRate: 8000, Channels: 1}))
		quiet, _ := c.watch(c.look(grant.Live), true)
		quiet.frame(t)
		c.sound = true
		loud, _ := c.watch(c.look(grant.Live), true)
		loud.frame(t)
		select {
		case p := <-loud.sound:
			if len(p.Payload) != 320 {
				t.Errorf("sound of %d bytes", len(p.Payload))
			}
		case <-time.After(5 * time.Second):
			t.Error("no sound came")
		}
		if n := len(quiet.sound); n > 0 {
			t.Errorf("%d sound packets were sent without a purpose", n)
		}
	})
}

// The red line in bytes: nothing leaves after the end of a lease.
func TestTheEndOfALeaseIsTheEndOfThePicture(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := buildOn(t, db)
		c.put("gate", start(t, gateClip(t)))
		keep, end := c.look(grant.Live), c.look(grant.Live)
		stays, _ := c.watch(keep, false)
		goes, _ := c.watch(end, false)
		for range 5 {
			stays.frame(t)
			goes.frame(t)
		}
		if err := c.door.End(t.Context(), end.ID, grant.EndSession); err != nil {
			t.Fatal(err)
		}
		if n := c.viewers(); n != 1 {
			t.Fatalf("%d viewers right after the end", n)
		}
		time.Sleep(50 * time.Millisecond) // what the network still held
		for len(goes.video) > 0 {
			<-goes.video
		}
		for range 15 {
			stays.frame(t)
		}
		if n := len(goes.video); n != 0 {
			t.Errorf("%d packets came after the end", n)
		}
		b, offer := openBrowser(t, false)
		_ = b
		resp, body := c.do("POST", "/media/"+end.ID+"/whep", "application/sdp", offer)
		c.problem(resp, body, 410, "door.lease-ended")
		resp, body = c.do("POST", "/media/nonsense/whep", "application/sdp", offer)
		c.problem(resp, body, 403, "door.lease-required")
	})
}

func TestWatchingKeepsTheLeaseAlive(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 20 s")
	}
	t.Parallel()
	c := build(t)
	c.put("gate", start(t, gateClip(t)))
	l := c.look(grant.Live)
	b, _ := c.watch(l, false)
	for range 18 * 25 {
		b.frame(t)
	}
	if err := l.Err(); err != nil {
		t.Errorf("ended while somebody was watching: %v", err)
	}
}

func TestWhatCannotGoOverWebRTCIsSaid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := buildOn(t, db)
		cam := start(t, gateClip(t))
		l := c.look(grant.Live)
		_, offer := openBrowser(t, false)
		path := "/media/" + l.ID + "/whep"
		resp, body := c.do("POST", path, "application/sdp", offer)
		c.problem(resp, body, 503, "live.no-stream")
		c.sentence(resp, body)
		deaf := start(t, &clip{frames: gateClip(t).frames, step: time.Second}) // nothing is known of its picture
		deaf.mu.Lock()
		deaf.status.State = stream.Stalled
		deaf.mu.Unlock()
		c.put("gate", deaf)
		for _, way := range [][2]string{{"POST", path}, {"GET", "/media/" + l.ID + "/live.m3u8"}} {
			resp, body = c.do(way[0], way[1], "application/sdp", offer)
			c.problem(resp, body, 503, "live.no-picture")
			c.sentence(resp, body)
		}
		c.put("gate", cam)
		cam.mu.Lock()
		cam.status.BFrames = true
		cam.mu.Unlock()
		resp, body = c.do("POST", path, "application/sdp", offer)
		c.problem(resp, body, http.StatusNotImplemented, "live.b-frames")
		resp, body = c.do("POST", path, "application/json", offer)
		c.problem(resp, body, 422, "live.want-sdp")
		resp, body = c.do("POST", path, "application/sdp", "v=0\r\n")
		c.problem(resp, body, 422, "live.bad-offer")
		c.sentence(resp, body)
		resp, body = c.do("POST", path, "application/sdp", strings.Repeat("v", 70<<10))
		c.problem(resp, body, 413, "live.bad-offer")
		c.sentence(resp, body)
	})
}
