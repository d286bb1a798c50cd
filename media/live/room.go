package live

import (
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/rtsp"
	"linli.dev/linli/protocol/whep"
)

//go:embed messages
var messages embed.FS

var errClosing = fault.New(fault.Unavailable, "live.use", "live.closing")

// Door is what this room needs of access/grant.
type Door interface {
	Use(id string, kinds ...grant.Kind) (*grant.Lease, error)
	Find(id string, kinds ...grant.Kind) (*grant.Lease, error)
}

// Options of a Room. Door and Sources are needed.
type Options struct {
	Door    Door
	Sources Sources
	Port    *whep.Port // nil: no WebRTC
	Log     *slog.Logger
	Metrics prometheus.Registerer // nil: none are kept

	// Session gives the session of a request's cookie, "" when there is none. It must be the lease's own: a URL that
	// left the browser opens nothing, or a lease would be an outlet for machines. nil: not asked.
	Session func(*http.Request) string
	// Linger is how long a sender goes on after its last viewer; 0: 5 s for WebRTC and RTSP, 10 s for HLS.
	Linger time.Duration
}

// Room serves live pictures.
type Room struct {
	o         Options
	log       *slog.Logger
	pictures  *share[*pictures]
	playlists *share[*playlist]
	desktops  *share[*desktop]
	sessions  sessions
	readers   readers
	players   *players
	express   *express
}

// New makes the room; Close ends all viewers.
func New(o Options) (*Room, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	m := &Room{o: o, log: o.Log.With("room", "live")}
	linger := func(d time.Duration) time.Duration {
		if o.Linger > 0 {
			return o.Linger
		}
		return d
	}
	m.pictures = newShare(linger(5*time.Second), withSource(o.Sources, newPictures))
	m.playlists = newShare(linger(10*time.Second), withSource(o.Sources, newPlaylist))
	m.desktops = newShare(linger(desktopLinger), withSource(o.Sources, newDesktop))
	m.sessions.byLease = map[string][]*session{}
	m.readers.byLease = map[string]*reader{}
	m.players = &players{room: m, active: map[*rtsp.Out]func(){}, shows: map[*rtsp.Out]*desktop{}, count: map[string]int{}}
	m.express = newExpress(m)
	return m, m.register(o.Metrics)
}

func withSource[S sender](all Sources, make func(Source) (S, error)) func(stream.ID) (S, error) {
	return func(id stream.ID) (none S, err error) {
		src, ok := all.Source(id)
		if !ok {
			return none, fault.New(fault.Unavailable, "live.start", "live.no-stream")
		}
		return make(src)
	}
}

// Close ends all viewers and waits for the senders.
func (m *Room) Close() error {
	m.express.close()
	m.pictures.close()
	m.playlists.close()
	m.desktops.close()
	m.express.wait()
	return nil
}

// URLs names where a lease's pictures are; role hands it to the door for live leases.
func (m *Room) URLs(l *grant.Lease) map[string]string {
	urls := map[string]string{"hls": "/media/" + l.ID + "/live.m3u8"}
	if m.o.Port != nil {
		urls["whep"] = "/media/" + l.ID + "/whep"
	}
	return urls
}

// lease finds the lease of a request's path.
func (m *Room) lease(r *http.Request, kinds ...grant.Kind) (*grant.Lease, error) {
	l, err := m.o.Door.Find(r.PathValue("lease"), kinds...)
	if err != nil {
		return nil, err
	}
	if m.o.Session != nil && m.o.Session(r) != l.Session {
		return nil, fault.New(fault.Denied, "live.use", "door.lease-required")
	}
	l.Beat()
	return l, nil
}

// mayUse asks the same of a request of which only the cookie is known.
func (m *Room) mayUse(l *grant.Lease, cookie string) bool {
	if m.o.Session == nil {
		return true
	}
	r := &http.Request{Header: http.Header{}}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	return m.o.Session(r) == l.Session
}

func (m *Room) Name() string { return "live" }

func (m *Room) Messages() fs.FS {
	return api.Messages(messages)
}

// Routes are all under a lease, which is the permission.
func (m *Room) Routes(r *api.Router) {
	raw := func(method, path, id, summary string, h func(http.ResponseWriter, *http.Request) error) {
		op := api.Op{ID: id, Permission: "public", Summary: summary, Tag: "Media", Description: "The lease in the path is the permission."}
		r.Raw(method, path, op, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if err := h(w, req); err != nil {
				api.Fail(w, req, err)
			}
		}))
	}
	raw("POST", "/media/{lease}/whep", "startWhep", "Watch live over WebRTC (WHEP): SDP offer in, SDP answer out", m.offer)
	raw("PATCH", "/media/{lease}/whep/{id}", "changeWhep", "ICE candidates or restart of a WHEP session", m.change)
	raw("DELETE", "/media/{lease}/whep/{id}", "endWhep", "End a WHEP session", m.leave)
	raw("GET", "/media/{lease}/live.m3u8", "getLivePlaylist", "Low-latency HLS playlist, with blocking reload", m.playlist)
	raw("GET", "/media/{lease}/live/{name}", "getLiveMedia", "Init, segment or part of the live playlist", m.media)
}

// Watchable says how a stream can be watched live, for pages that choose.
type Watchable struct {
	WebRTC      bool   // pictures have an order that WebRTC can carry
	Video       string // codec
	SoundWebRTC bool   // G.711
	SoundHLS    bool   // AAC
}

// Watchable of a running stream.
func (m *Room) Watchable(id stream.ID) (Watchable, bool) {
	src, ok := m.o.Sources.Source(id)
	if !ok {
		return Watchable{}, false
	}
	video, audio, ok := pick(src.Tracks(), cmaf.AAC, cmaf.PCMA, cmaf.PCMU)
	return Watchable{
		WebRTC: m.o.Port != nil && !src.Status().BFrames, Video: string(video.Codec),
		SoundWebRTC: audio.Codec == cmaf.PCMA || audio.Codec == cmaf.PCMU, SoundHLS: audio.Codec == cmaf.AAC,
	}, ok
}
