package live

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
)

const whepPage = `<!doctype html><video id=v muted autoplay playsinline></video><script type=module>
const report = (o) => fetch("/result", { method: "POST", body: JSON.stringify(o) });
try {
  const begun = performance.now();
  const pc = new RTCPeerConnection(), v = document.getElementById("v");
  pc.addTransceiver("video", { direction: "recvonly" });
  pc.addTransceiver("audio", { direction: "recvonly" });
  pc.ontrack = (e) => { if (e.track.kind === "video") v.srcObject = new MediaStream([e.track]); };
  await pc.setLocalDescription(await pc.createOffer());
  const reply = await fetch(new URLSearchParams(location.search).get("url"), { method: "POST", headers: { "Content-Type": "application/sdp" }, body: pc.localDescription.sdp });
  if (reply.status !== 201) throw new Error(reply.status + " " + await reply.text());
  await pc.setRemoteDescription({ type: "answer", sdp: await reply.text() });
  await new Promise((done, fail) => { v.requestVideoFrameCallback(done); setTimeout(() => fail(new Error("no picture: " + pc.connectionState + " " + pc.iceConnectionState)), 10000); });
  const first = performance.now() - begun;
  const frames = () => v.getVideoPlaybackQuality().totalVideoFrames;
  // What comes in at all, before anybody looks whether it can be shown.
  const bytes = async () => { let n = 0; (await pc.getStats()).forEach((s) => { if (s.type === "candidate-pair") n += s.bytesReceived || 0; }); return n; };
  const q0 = frames(), t0 = performance.now(), b0 = await bytes();
  await new Promise((r) => setTimeout(r, 3000));
  const stats = {}; (await pc.getStats()).forEach((s) => { if (s.type === "inbound-rtp" && s.kind === "video") Object.assign(stats, { jitter: s.jitterBufferDelay / s.jitterBufferEmittedCount, lost: s.packetsLost, nack: s.nackCount, decoded: s.framesDecoded, dropped: s.framesDropped, freeze: s.freezeCount }); });
  const dtls = pc.getReceivers()[0].transport;
  const told = new Promise((r) => { dtls.onstatechange = r; setTimeout(r, 8000); });
  report({ first, frames: frames() - q0, bytes: await bytes() - b0, seconds: (performance.now() - t0) / 1000, width: v.videoWidth, stats });
  await told;
  report({ state: dtls.state });
  await new Promise((r) => setTimeout(r, 300)); // what was in the decoder
  const q1 = frames(), b1 = await bytes();
  await new Promise((r) => setTimeout(r, 2000));
  report({ frames: frames() - q1, bytes: await bytes() - b1 });
} catch (e) { report({ error: String(e) }); }
</script>`

const hlsPage = `<!doctype html><video id=v muted autoplay playsinline></video><script type=module>
import Hls from "/hls.mjs";
const report = (o) => fetch("/result", { method: "POST", body: JSON.stringify(o) });
try {
  const begun = performance.now(), v = document.getElementById("v");
  const hls = new Hls({ lowLatencyMode: true, enableWorker: false });
  let fatal; const errors = [];
  hls.on(Hls.Events.ERROR, (_, d) => { errors.push(d.details); if (d.fatal) fatal = d.details; });
  hls.loadSource(new URLSearchParams(location.search).get("url"));
  hls.attachMedia(v);
  await new Promise((done, fail) => { v.requestVideoFrameCallback(done); setTimeout(() => fail(new Error("no picture " + fatal)), 15000); });
  const first = performance.now() - begun;
  await new Promise((r) => setTimeout(r, 2000));
  const q0 = v.getVideoPlaybackQuality().totalVideoFrames, t0 = performance.now();
  await new Promise((r) => setTimeout(r, 4000));
  const frames = () => v.getVideoPlaybackQuality().totalVideoFrames, until = () => v.buffered.length ? v.buffered.end(v.buffered.length - 1) : 0;
  report({ first, frames: frames() - q0, seconds: (performance.now() - t0) / 1000, width: v.videoWidth, latency: hls.latency, errors, error: fatal });
  await new Promise((r) => setTimeout(r, 500));
  const got = until(); // nothing more of it may come; what is here already runs out
  await new Promise((r) => setTimeout(r, 2000));
  const q1 = frames();
  await new Promise((r) => setTimeout(r, 1500));
  report({ frames: frames() - q1, more: until() - got });
} catch (e) { report({ error: String(e) }); }
</script>`

type pageReport struct {
	Error   string
	First   float64
	Frames  int
	Bytes   int     // that came over the network
	More    float64 // seconds that came
	Seconds float64
	Width   int
	Latency float64
	State   string
	Errors  []string
	Stats   map[string]float64
}

// chromium opens a page and passes on what it reports.
func chromium(t *testing.T, page string) (*compound, func(url string) func() pageReport) {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil || testing.Short() {
		t.Skip("no Chromium")
	}
	reports := make(chan pageReport, 8)
	c := build(t, func(mux *http.ServeMux) {
		mux.HandleFunc("GET /page", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(page))
		})
		mux.HandleFunc("GET /hls.mjs", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/javascript")
			http.ServeFile(w, r, hlsScript)
		})
		mux.HandleFunc("POST /result", func(w http.ResponseWriter, r *http.Request) {
			var got pageReport
			_ = json.NewDecoder(r.Body).Decode(&got)
			reports <- got
		})
	})
	return c, func(url string) func() pageReport {
		ctx, cancel := context.WithCancel(context.Background())
		cmd := exec.CommandContext(ctx, program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required",
			"--no-first-run", "--disable-background-networking", "--user-data-dir="+t.TempDir(), c.server.URL+"/page?url="+url)
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cancel(); _ = cmd.Wait(); time.Sleep(200 * time.Millisecond) })
		return func() pageReport {
			t.Helper()
			select {
			case got := <-reports:
				if got.Error != "" {
					t.Fatalf("the page says: %s", got.Error)
				}
				return got
			case <-time.After(40 * time.Second):
				t.Fatal("the page says nothing")
				return pageReport{}
			}
		}
	}
}

const hlsScript = "../../web/node_modules/hls.js/dist/hls.mjs"

func TestChromiumPlaysWHEPAndGoesDarkWithTheLease(t *testing.T) {
	c, open := chromium(t, whepPage)
	c.put("gate", start(t, gateClip(t)))
	l := c.look(grant.Live)
	report := open("/media/" + l.ID + "/whep")
	got := report()
	t.Logf("first picture after %.0f ms; %d frames in %.1f s; %v", got.First, got.Frames, got.Seconds, got.Stats)
	if float64(got.Frames) < got.Seconds*18 || got.Width != 320 {
		t.Errorf("%d frames in %.1f s, %d wide", got.Frames, got.Seconds, got.Width)
	}
	if got.Bytes < 20_000 {
		t.Errorf("%d bytes in %.1f s: what comes is not counted", got.Bytes, got.Seconds)
	}
	ended := time.Now()
	if err := c.door.End(t.Context(), l.ID, grant.EndSession); err != nil {
		t.Fatal(err)
	}
	if got := report(); got.State == "connected" {
		t.Error("the page was not told of the end")
	} else {
		t.Logf("the page knew after %v: %s", time.Since(ended).Round(time.Millisecond), got.State)
	}
	if got := report(); got.Frames != 0 || got.Bytes != 0 {
		t.Errorf("after the end %d frames and %d bytes came", got.Frames, got.Bytes)
	}
}

func TestChromiumPlaysLowLatencyHLSAndGoesDarkWithTheLease(t *testing.T) {
	if _, err := os.Stat(hlsScript); err != nil {
		t.Skip(err)
	}
	c, open := chromium(t, hlsPage)
	c.put("gate", start(t, gateClip(t)))
	l := c.look(grant.Live)
	report := open("/media/" + l.ID + "/live.m3u8")
	got := report()
	t.Logf("first picture after %.0f ms; %d frames in %.1f s; %.2f s behind; errors %v", got.First, got.Frames, got.Seconds, got.Latency, got.Errors)
	if float64(got.Frames) < got.Seconds*18 || got.Latency > 4 {
		t.Errorf("%d frames in %.1f s, %.2f s behind", got.Frames, got.Seconds, got.Latency)
	}
	if err := c.door.End(t.Context(), l.ID, grant.EndSession); err != nil {
		t.Fatal(err)
	}
	if got := report(); got.Frames != 0 || got.More != 0 {
		t.Errorf("half a second after the end came another %.2f s, and two seconds later %d frames were shown", got.More, got.Frames)
	}
}
