package play

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"syscall"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/lockout"
)

//go:embed messages
var messages embed.FS

// longest is how much footage one lease may show or take out.
const longest = 24 * time.Hour

// Door is what this room needs of access/grant.
type Door interface {
	Find(id string, kinds ...grant.Kind) (*grant.Lease, error)
}

// Options of a Room. Door and Footage are needed.
type Options struct {
	Door    Door
	Footage Footage
	Log     *slog.Logger
	Version string         // of the program, for manifests
	Zone    *time.Location // of the times in file names; nil: Asia/Shanghai

	// Session gives the session of a request's cookie, "" when there is none. It must be the lease's own: a URL that
	// left the browser opens nothing, or a lease would be an outlet for machines. nil: not asked.
	Session func(*http.Request) string
	// Clock gives how a camera's clock runs against the node's, for manifests. nil: not known.
	Clock func(camera string, which archive.Which) (Clock, bool)
	// Snapshots says where pictures of what happens now come from.
	Snapshots Snapshots
	// Control is asked with each address that a snapshot is fetched from, as net.Dialer asks; nil: all are allowed.
	Control func(network, address string, c syscall.RawConn) error
	// Lockouts remembers passwords that cameras have refused; nil: of snapshots only.
	Lockouts *lockout.Memory
	// FFmpeg is the path of the program that draws key frames; "" looks for it, "-" does without.
	FFmpeg string
}

// Clock is how a camera's own clock was seen to run.
type Clock struct {
	Offset time.Duration // the camera's minus the node's
	Drift  time.Duration // per hour
}

// Room serves recorded pictures.
type Room struct {
	o       Options
	log     *slog.Logger
	plans   *plans
	players *players
	drawer  *drawer

	manifests sync.Map // leases that one is written for
}

// New makes the room.
func New(o Options) (*Room, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Zone == nil {
		o.Zone = time.FixedZone("Asia/Shanghai", 8*3600)
	}
	if o.Lockouts == nil {
		o.Lockouts, _ = lockout.Open(lockout.Options{}) // without a file there is nothing to fail
	}
	return &Room{
		o: o, log: o.Log.With("room", "play"),
		plans: newPlans(), players: newPlayers(), drawer: newDrawer(o.FFmpeg),
	}, nil
}

// URLs names where a lease's footage is; role hands it to the door for each kind that this room serves.
func (m *Room) URLs(l *grant.Lease) map[string]string {
	base := "/media/" + l.ID + "/"
	switch l.Kind {
	case grant.Playback:
		return map[string]string{"hls": base + "vod.m3u8", "fragments": base + "fragments.json", "keys": base + "keys.mp4"}
	case grant.Export:
		return map[string]string{"export": base + "export.mp4", "files": base + "export.json", "manifest": base + "manifest.json"}
	case grant.Snapshot:
		return map[string]string{"snapshot": base + "snapshot.jpg"}
	}
	return nil
}

func (m *Room) Name() string { return "play" }

func (m *Room) Messages() fs.FS {
	return api.Messages(messages)
}

// Routes are all under a lease, which is the permission.
func (m *Room) Routes(r *api.Router) {
	get := func(path, id, summary string, h func(http.ResponseWriter, *http.Request) error) {
		op := api.Op{ID: id, Permission: "public", Summary: summary, Tag: "Media", Description: "The lease in the path is the permission."}
		r.Raw("GET", path, op, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if err := h(w, req); err != nil {
				api.Fail(w, req, err)
			}
		}))
	}
	get("/media/{lease}/vod.m3u8", "getPlaybackPlaylist", "HLS over recorded footage", m.vod)
	get("/media/{lease}/segments/{file}", "getSegment", "Bytes of a segment, by Range", m.segment)
	get("/media/{lease}/fragments/{file}", "getFragment", "One fragment, with the tracks that HLS can carry", m.fragment)
	get("/media/{lease}/fragments.json", "listFragments", "Index of recorded fragments", m.fragments)
	get("/media/{lease}/keys.mp4", "getKeyFrames", "Key frames only, dated closer together: for fast playback", m.keys)
	get("/media/{lease}/export.json", "listExportFiles", "Files of an export, one per run, with their sizes", m.exportList)
	get("/media/{lease}/export.mp4", "getExport", "A clip as progressive MP4, by Range", m.export)
	get("/media/{lease}/manifest.json", "getExportManifest", "What an export holds and where it comes from", m.manifest)
	get("/media/{lease}/snapshot.jpg", "getSnapshot", "One picture of now", m.snapshot)
}

// lease finds the lease of a request's path.
func (m *Room) lease(r *http.Request, kinds ...grant.Kind) (*grant.Lease, error) {
	l, err := m.o.Door.Find(r.PathValue("lease"), kinds...)
	if err != nil {
		return nil, err
	}
	if m.o.Session != nil && m.o.Session(r) != l.Session {
		return nil, fault.New(fault.Denied, "play.use", "door.lease-required")
	}
	l.Beat()
	return l, nil
}

// asked is the lease of a request's path, and the span of it that the request wants.
func (m *Room) asked(r *http.Request, kind grant.Kind) (l *grant.Lease, from, to time.Time, err error) {
	if l, err = m.lease(r, kind); err != nil {
		return
	}
	from, to, err = span(r, l)
	return
}

// span reads from and to, within what the lease allows; missing ones are the lease's own.
func span(r *http.Request, l *grant.Lease) (from, to time.Time, err error) {
	read := func(name string, missing time.Time) (time.Time, error) {
		text := r.URL.Query().Get(name)
		if text == "" {
			return missing, nil
		}
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			f := fault.Wrap(err, fault.Invalid, "play.span", "play.bad-time", "name", name)
			f.Fields = []fault.Field{fault.At(name, "play.bad-time", "name", name)}
			return t, f
		}
		return t, nil
	}
	if from, err = read("from", l.From); err != nil {
		return
	}
	if to, err = read("to", l.To); err != nil {
		return
	}
	if from.Before(l.From) {
		from = l.From
	}
	if to.After(l.To) {
		to = l.To
	}
	switch {
	case !from.Before(to):
		err = fault.New(fault.Invalid, "play.span", "play.empty-span")
	case to.Sub(from) > longest:
		err = fault.New(fault.TooLarge, "play.span", "play.long-span", "hours", int(longest/time.Hour))
	}
	return
}

// runs lists a lease's footage between from and to.
func (m *Room) runs(ctx context.Context, l *grant.Lease, from, to time.Time) ([]run, error) {
	runs, err := collect(ctx, m.o.Footage, string(l.Camera), archive.Which(l.Stream), from, to)
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, fault.New(fault.NotFound, "play.runs", "play.no-footage")
	}
	return runs, nil
}

func writeJSON(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(v)
}
